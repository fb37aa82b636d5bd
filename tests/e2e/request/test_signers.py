# SPDX-License-Identifier: Apache-2.0
# Links made by everything that the project ships for making links (the command, the PHP,
# JavaScript and Python signers with a page key) are opened by the real server, and only they are.
import base64
import json
import os
import shutil
import subprocess

import pytest

from avc import settings, tokens

PAGE = os.path.join(settings.REPOSITORY, "scripts", "page")
PATHS = ["/files/a.txt", "/files/caf\u00e9 (1)[x] 100%.txt", "/files/room7/\u65e5\u672c\u8a9e.txt"]
CONFIG = """
AvcKeyFile "@keys@"
AvcRealm site-a
<Location "/files">
    AvcFiles "@private@"
</Location>
<Location "/signed">
    AvcSignedURL On
</Location>
"""


@pytest.fixture(scope="module")
def web(serve):
    return serve(CONFIG, private={path[7:]: "private" for path in PATHS},
                 docroot={"signed/show.txt": "content"})


def run(command, page_key):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
                          env=dict(os.environ, AVC_PAGE_KEY=page_key))
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()


def by_command(path, options, page_key):
    words = [word for name, value in options.items() for word in ("--" + name, str(value))]
    return run([settings.tool(), "sign"] + words + [path], page_key)


def by_php(path, options, page_key):
    script = ("require %s; echo Avcsec::sign(%s, json_decode(%s, true));" % tuple(
        "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
        for text in (os.path.join(PAGE, "avcsec.php"), path, json.dumps(options))))
    return run(["php", "-n", "-r", script], page_key)


def by_javascript(path, options, page_key):
    script = "import {sign} from %s; console.log(await sign(%s, %s));" % (
        json.dumps(os.path.join(PAGE, "avcsec.mjs")), json.dumps(path), json.dumps(options))
    return run(["node", "--input-type=module", "-e", script], page_key)


def by_python(path, options, page_key):
    script = "import sys, json; sys.path.insert(0, %r); import avcsec; print(avcsec.sign(%r, **%r))" % (
        PAGE, path, options)
    return run(["/usr/bin/python3", "-c", script], page_key)


SIGNERS = {"command": by_command, "PHP": by_php, "JavaScript": by_javascript, "Python": by_python}


@pytest.mark.parametrize("signer", SIGNERS)
@pytest.mark.parametrize("carrier", ["query", "path"])
def test_a_shipped_signers_link_opens_the_file(web, signer, carrier):
    key = tokens.page_key("k2", "file", "site-a")
    for path in PATHS:
        given = tokens.canonical(path) if signer == "command" else path
        link = SIGNERS[signer](given, {"expires": "1h", "carrier": carrier}, key)
        web.allowed(link, shows="private")
        web.refused(link.replace("/files/", "/files/x/", 1), "signature")


# A name as an old archive or a Latin-1 system left it, and one that looks like an address.
BYTES = {b"/files/caf\xe9 \xdcber.txt": {}, b"/files/what?#%41.txt": {"literal": True}}
BY_BYTES = {
    "PHP": ["php", "-n", "-r", """require '%(page)s/avcsec.php';
        echo Avcsec::sign(base64_decode('%(path)s'), json_decode('%(options)s', true));"""],
    "JavaScript": ["node", "--input-type=module", "-e", """import { sign } from '%(page)s/avcsec.mjs'
        console.log(await sign(Buffer.from('%(path)s', 'base64'), %(options)s))"""],
    "Python": ["/usr/bin/python3", "-c", """import sys, json, base64; sys.path.insert(0, '%(page)s'); import avcsec
print(avcsec.sign(base64.b64decode('%(path)s'), **json.loads('%(options)s')))"""],
}


@pytest.mark.parametrize("signer", BY_BYTES)
@pytest.mark.parametrize("path", BYTES, ids=repr)
def test_names_are_bytes_to_the_signers_and_the_server(web, signer, path):
    for name in BYTES:
        file = os.path.join(os.fsencode(web.private), os.path.basename(name))
        with open(file, "wb") as out:
            out.write(b"of that name")
        os.chmod(file, 0o644)
    *command, script = BY_BYTES[signer]
    for carrier in ("query", "path"):
        options = dict(BYTES[path], expires="1h", carrier=carrier)
        link = run(command + [script % {"page": PAGE, "path": base64.b64encode(path).decode(),
                                        "options": json.dumps(options)}], tokens.page_key("k2", "file", "site-a"))
        web.allowed(link, shows="of that name")


@pytest.mark.parametrize("signer", SIGNERS)
def test_arguments_are_signed_as_the_server_reads_them(web, signer):
    key = tokens.page_key("k1", "file", "site-a")
    if signer == "command":
        link = by_command("/signed/show.txt?size=small&id=7", {"expires": "1h"}, key)
    else:
        link = SIGNERS[signer]("/signed/show.txt", {
            "expires": "1h", "args": {"size": "small", "id": "7"}}, key)
    web.allowed(link, shows="content")
    web.refused(link.replace("small", "large"), "signature")


@pytest.mark.parametrize("signer", SIGNERS)
def test_a_page_key_of_another_purpose_opens_no_file(web, signer):
    for purpose in ("call", "upload", "session"):
        key = tokens.page_key("k1", purpose, "site-a")
        try:
            link = SIGNERS[signer]("/files/a.txt", {"expires": "1h"}, key)
        except AssertionError:
            continue                                     # it said so itself
        answer = web.ask(link)
        assert answer.status == 403, (purpose, link)
        web.log.claim(r"AVC\d{4}: (purpose|signature): ")


def test_links_of_the_command_from_the_key_file(web, home):
    """What the owner of the key file types on the server itself."""
    copy = shutil.copy(settings.tool(), os.path.join(home, "avcsec"))
    os.chmod(copy, 0o755)

    def typed(*words):
        command = settings.as_user([copy, words[0], "--key-file", web.keys, "--realm", "site-a"])
        return subprocess.run(command + list(words[1:]), stdout=subprocess.PIPE,
                              check=True).stdout.decode().strip()

    web.allowed(typed("sign", "--expires", "5m", "/files/a.txt"), shows="private")
    assert typed("pagekey", "--kid", "k1", "--purpose", "file") == \
        tokens.page_key("k1", "file", "site-a")
