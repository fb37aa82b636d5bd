# SPDX-License-Identifier: Apache-2.0
# Files that are served and prepared lists of requests for them: no two signed ones are equal.
import base64
import hashlib
import hmac
import importlib.util
import json
import os
import subprocess
import time

from avc import settings

SIZES = {"1 KiB": 1024, "100 KiB": 100 * 1024, "10 MiB": 10 * 1024 * 1024}
FILES = {"1 KiB": 100, "100 KiB": 20, "10 MiB": 2}
COUNT = {"1 KiB": 40000, "100 KiB": 10000, "10 MiB": 500}
SECRET = "a secret of the bench, 40 characters long"


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def hmac256(text):
    return hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).digest()


def read_request(line):
    """(method, target, headers, body) of "target[TAB header: value[TAB body]]"."""
    target, header, body = (line.rstrip("\n").split("\t") + ["", ""])[:3]
    return ("POST" if body else "GET", target, dict([header.split(": ", 1)] if header else []),
            body or None)


class Links:
    """Lists of requests, each written once: .file(kind, size) is the path of one."""

    def __init__(self, where):
        self.where = where
        self.until = int(time.time()) + 86400
        self.keys = where.write("avcsec.keys", subprocess.run(
            [where.tool, "keygen", "--kid", "bench"], check=True, stdout=subprocess.PIPE).stdout,
            0o600)
        settings.give(self.keys)
        self.page_key, self.session_key = (subprocess.run(
            settings.as_user([where.tool, "pagekey", "--key-file", self.keys, "--purpose", purpose]),
            check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
            for purpose in ("file", "session"))
        spec = importlib.util.spec_from_file_location(
            "page_signer", os.path.join(settings.REPOSITORY, "scripts", "page", "avcsec.py"))
        self.signer = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.signer)
        self.plant()

    def plant(self):
        """The same files three times: open to all, in the private directory, for scripts."""
        for size, length in SIZES.items():
            for i in range(FILES[size]):
                content = hashlib.shake_128(b"%d" % i).digest(length)
                for tree in ("htdocs/plain", "htdocs/signed", "private"):
                    self.where.write(tree + self.name(size, i), content)
        settings.give(self.where.path)

    @staticmethod
    def name(size, i):
        return "/%s/%03d.jpg" % (size.split()[0] + size.split()[1][0].lower(), i % FILES[size])

    def content(self, size, i=0):
        with open(self.where.path + "/private" + self.name(size, i), "rb") as file:
            return file.read()

    def file(self, kind, size):
        path = os.path.join(self.where.path, "requests", kind + self.name(size, 0).split("/")[1])
        if not os.path.exists(path):
            make = getattr(self, "make_" + kind)
            self.where.write(path, "".join(make(self.name(size, i), i) + "\n"
                                           for i in range(COUNT[size])))
        return path

    # -- one request each; i makes it distinct

    def make_plain(self, name, i):
        return "/plain" + name

    def make_long(self, name, i):
        """Plain, with a query as long as a signed one's."""
        return "/plain%s?avx=%s%08d" % (name, "q" * 86, i)

    def make_signed(self, name, i):
        return self.signer.sign("/files" + name, key=self.page_key, until=self.until + i)

    def make_inpath(self, name, i):
        return self.signer.sign("/files" + name, key=self.page_key, until=self.until + i,
                                carrier="path")

    def make_url(self, name, i):
        """For AvcSignedURL: a file of the document root, served by httpd itself."""
        return self.signer.sign("/signed" + name, key=self.page_key, until=self.until + i)

    def make_refused(self, name, i):
        head, mac = self.make_signed(name, i).rsplit("~mac.", 1)
        return head + "~mac." + ("A" if mac[0] != "A" else "B") + mac[1:]

    def make_md5(self, name, i):
        """nginx's secure_link_md5 "$secure_link_expires$uri secret"."""
        until = self.until + i
        md5 = hashlib.md5(("%d/md5%s %s" % (until, name, SECRET)).encode()).digest()
        return "/md5%s?md5=%s&expires=%d" % (name, encode(md5), until)

    def signed_by_hmac(self, place_of, name, i):
        path, until = "/" + place_of + name, self.until + i
        return "%s?exp=%d&mac=%s" % (path, until, encode(hmac256("%s\n%d" % (path, until))))

    def make_njs(self, name, i):
        return self.signed_by_hmac("njs", name, i)

    def make_lua(self, name, i):
        return self.signed_by_hmac("lua", name, i)

    def make_magnet(self, name, i):
        path, until = "/magnet" + name, self.until + i
        return "%s?exp=%d&mac=%s" % (path, until, hmac256("%s\n%d" % (path, until)).hex())

    def make_readfile(self, name, i):
        return self.signed_by_hmac("readfile", name, i)

    def make_sendfile(self, name, i):
        return self.signed_by_hmac("sendfile", name, i)

    # -- what a media server asks: nginx-rtmp's form, about a token for many uses

    def asked(self, place_of, token):
        return ("/%s\tContent-Type: application/x-www-form-urlencoded\tapp=live&flashver="
                "LNX%%209,0,124,2&swfurl=&tcurl=rtmp://127.0.0.1:1935/live&pageurl=&addr=192.0.2.7"
                "&clientid=1&call=play&name=room7&start=4294966296&duration=0&reset=0&avc=%s"
                % (place_of, token))

    def make_check(self, name, i):
        return self.asked("check", self.signer.token(
            None, key=self.session_key, purpose="session", until=self.until + i, room="room7",
            act="play", id="%016d" % i, max=1000000))

    def make_floor(self, name, i):
        return self.make_check(name, i).replace("/check", "/floor", 1)

    def make_phpcheck(self, name, i):
        token = encode(hmac256("token %d" % i)[:16])
        self.where.write("tokens/" + token, "%d room7 1000000\n" % self.until, 0o666)
        return self.asked("phpcheck", token)

    def make_jwt(self, name, i):
        head = encode(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
        body = encode(json.dumps({"sub": "bench", "exp": self.until + i}).encode())
        mac = encode(hmac256(head + "." + body))
        return "/jwt%s\tAuthorization: Bearer %s.%s.%s" % (name, head, body, mac)
