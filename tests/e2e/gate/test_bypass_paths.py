# SPDX-License-Identifier: Apache-2.0
# Spellings of the path and path tokens, forged and right, at every place; shadows over private
# files; malformed requests that carry a token.
import re

import pytest

from avc import httpd
from avc.peers import MEDIA
from avc.protected import MANY, PROTECT, SECRET, SITE, comes_out
from avc.tokens import signed, tampered, token


# -- encoded slashes

# SPEC [token-9]
@pytest.mark.parametrize("mode", ["Off", "On", "NoDecode"])
def test_encoded_slashes(serve_once, mode):
    config = PROTECT + "AllowEncodedSlashes %s\n" % mode + """
    <Location "/files">
        AvcFiles "@private@"
    </Location>
    """
    server = serve_once(config, docroot=SITE, private={"d/a.txt": SECRET, "a.txt": SECRET})
    for target in ("/chat%2fwriteuserslist.php", "/chat%2Fwriteuserslist.php", "/x%2f..%2fchat/writeuserslist.php",
                   "/chat/x%2f..%2fwriteuserslist.php", "/chat/.%2fwriteuserslist.php",
                   "/signed%2fa.txt", "/x/..%2fsigned/a.txt", "/signed/..%2fsigned/a.txt",
                   "/signed%2f/a.txt", "/%2fsigned/a.txt", "/bydir%2fa.txt", "/bydir/x%2f..%2fa.txt",
                   "/files/d%2fa.txt", "/files%2fa.txt", "/x%2f..%2ffiles/a.txt", "/chat%2favc_settings.xml"):
        assert not comes_out(server, target), target
        for tok in (token("/files/", dir=1), token("/signed/", dir=1), token(target)):
            answer = server.ask(target + "?avc=" + tok)
            assert SECRET not in answer.text, (target, answer)
            server.log.disregard(r"AVC\d{4}: ")
    server.allowed(signed("/files/d/a.txt"), shows=SECRET)


# -- path tokens, forged and right, everywhere

PIECES = ["", ".", "..", "%2e", "%2E%2e", "..;", ".;x", "%2e%2e%3b", "x/..", "%5c", "%0a"]


def variants():
    """(path with holes for the token at every place, whether the form is canonical)."""
    for segments in (["signed", "a.txt"], ["signed", "dir", ""], ["chat", "writeuserslist.php"],
                     ["bydir", "a.txt"], ["chat", "avc_settings.xml"]):
        for piece in [None] + PIECES:
            for at in range(len(segments) + 1):
                mixed = list(segments) if piece is None else segments[:at] + [piece] + segments[at:]
                for place in range(len(mixed) + (mixed[-1] != "")):
                    yield "/" + "/".join(mixed[:place] + ["@"] + mixed[place:]), piece is None
                if piece is None:
                    break


def keep_alive(server, targets):
    """Many requests, few connections; yields (target, status, body)."""
    for start in range(0, len(targets), 80):
        batch = targets[start:start + 80]
        with httpd.client.connect(server.port) as sock:
            stream = sock.makefile("rb")
            for target in batch:
                sock.sendall(httpd.client.compose(target, headers=[("Connection", "keep-alive")]))
                status = stream.readline().split()
                headers = {}
                while True:
                    line = stream.readline().strip()
                    if not line:
                        break
                    name, _, value = line.partition(b":")
                    headers[name.lower()] = value.strip()
                body = stream.read(int(headers.get(b"content-length", b"0")))
                yield target, int(status[1]), body
                if headers.get(b"connection") == b"close":
                    sock.close()
                    sock = httpd.client.connect(server.port)
                    stream = sock.makefile("rb")


@pytest.fixture(scope="module")
def plain_site(serve):
    return serve(PROTECT, docroot=SITE, outside="MaxKeepAliveRequests 1000")


@pytest.mark.smoke
def test_a_forged_path_token_at_any_place_of_any_form_opens_nothing(plain_site):
    forged = ["~" + tampered(token("/signed/", dir=1)), "~" + tampered(token("/signed/a.txt")),
              "%7Eavc1~x", "~avc1~"]
    targets = [form.replace("@", tok) for form, _ in variants() for tok in forged]
    for target, status, body in keep_alive(plain_site, targets):
        assert status in (400, 403, 404) and SECRET.encode() not in body, (target, status)
        if ".." not in target.lower().replace("%2e", "."):
            assert status == 403, (target, status)      # with dots, httpd's own 400 may come first
    plain_site.log.disregard(r"AVC\d{4}: (signature|malformed|address|hidden): |AH10244")


@pytest.mark.smoke
def test_a_right_path_token_opens_its_own_path_in_canonical_form_only(plain_site):
    rights = {"/signed/a.txt": token("/signed/a.txt"), "dir": token("/signed/", dir=1)}
    for name, tok in rights.items():
        for form, canonical in variants():
            target = form.replace("@", "~" + tok)
            answer = plain_site.ask(target)
            path = form.replace("/@", "")
            opens = canonical and (path == "/signed/a.txt" if name != "dir"
                                   else path.startswith("/signed/"))
            if opens:
                assert answer.status == 200 and SECRET in answer.text, (target, answer)
            else:
                assert answer.status in (400, 403, 404) and SECRET not in answer.text, (target, answer)
                plain_site.log.disregard(r"AVC\d{4}: (signature|malformed|address|hidden): |AH10244")


# SPEC [path-1]
@pytest.mark.parametrize("target", [
    "/x/~@/../signed/a.txt", "/~@/x/../signed/a.txt", "/~@/./signed/a.txt", "/~@//signed/a.txt",
    "/signed/../~@/signed/a.txt", "/~@/signed/%2e/a.txt", "/signed/~@/..;/signed/a.txt",
])
def test_cutting_the_token_never_switches_normalisation_off(plain_site, target):
    for tok in (token("/signed/", dir=1), tampered(token("/signed/", dir=1)), token("/signed/a.txt")):
        plain_site.refused(target.replace("@", tok), "(malformed|signature)")


# SPEC [carrier-3]
def test_more_than_four_tokens_in_the_path(plain_site):
    tok = "~" + token("/signed/", dir=1)
    for count in (5, 6, 20):
        plain_site.refused("/signed/" + "/".join([tok] * count) + "/a.txt", "malformed")


# SPEC [path-4]
def test_a_path_token_must_not_cross_a_protection_it_is_not_for(plain_site):
    """A right file token for the chat folder opens neither its scripts nor its hidden files."""
    tok = "~" + token("/chat/", dir=1)
    plain_site.allowed("/chat/%s/index.html" % tok, shows="home")
    plain_site.refused("/chat/%s/writeuserslist.php" % tok, "address")
    plain_site.refused("/chat/%s/avc_settings.xml" % tok, "hidden")
    plain_site.allowed("/chat/%s/writeuserslist.php" % tok, source=MEDIA, shows=SECRET)


def test_without_a_key_file_path_tokens_are_just_names(serve_once):
    server = serve_once("AvcMediaServer 127.0.0.2\nAvcMediaServerScripts avchat\n", keys=None,
                        docroot=SITE)
    assert server.ask("/~avc1~for.file~x/open.txt").status == 404
    server.refused("/~avc1~for.file~x/chat/writeuserslist.php", "address")


# -- shadows over private files

FILES = """
AvcKeyFile "@keys@"
<Location "/files">
    AvcFiles "@private@"
</Location>
"""


# SPEC [place-7]
@pytest.mark.parametrize("shadow", [
    'Alias "/files" "@docroot@/public"', 'AliasMatch "^/files/(.*)" "@docroot@/public/$1"',
    'ScriptAlias "/files/" "@docroot@/public/"', 'ProxyPass "/files" "http://127.0.0.1:1/"',
    'ProxyPassMatch "^/files/(.*)$" "http://127.0.0.1:1/$1"',
    'RewriteEngine On\nRewriteRule "^/files/(.*)$" "http://127.0.0.1:1/$1" [P]',
    'RewriteEngine On\nRewriteRule "^/files/(.*)$" "@docroot@/public/$1" [L]',
])
def test_a_shadow_over_private_files_gives_nobody_elses_file(serve_once, shadow):
    server = serve_once(FILES + shadow, modules=MANY, private={"a.txt": "private"},
                        docroot={"public/a.txt": SECRET, "files/a.txt": SECRET})
    answer = server.ask(signed("/files/a.txt"))
    server.is_refusal(answer, "shadowed")
    answer = server.ask("/files/a.txt")
    assert answer.status == 403
    server.log.claim(r"AVC\d{4}: (shadowed|no-token): ")


def test_rewrite_rules_and_redirects_come_first(serve_once):
    config = FILES + """
    RewriteEngine On
    RewriteRule "^/files/forbidden" "-" [F]
    RewriteRule "^/files/gone" "-" [G]
    RewriteRule "^/files/moved" "/elsewhere" [R=302]
    Redirect "/files/old" "/new"
    FallbackResource /index.txt
    """
    server = serve_once(config, modules=MANY, private={
        n: SECRET for n in ("forbidden", "gone", "moved", "old", "a.txt")},
        docroot={"index.txt": "fallback"})
    for name, status in (("forbidden", 403), ("gone", 410), ("moved", 302), ("old", 302)):
        answer = server.ask(signed("/files/" + name))
        assert answer.status == status and SECRET not in answer.text, answer
        server.log.disregard(r"AVC\d{4}: shadowed: ")
    server.allowed(signed("/files/a.txt"), shows=SECRET)
    server.refused(signed("/files/none"), "not-found", status=404)
    server.allowed("/other", shows="fallback")


# -- malformed requests that carry a token

# SPEC [behind-3]
@pytest.mark.smoke
def test_malformed_requests_leave_no_mac_in_any_log(serve_once):
    server = serve_once(PROTECT + """
    ExtendedStatus On
    <Location "/server-status">
        SetHandler server-status
    </Location>
    KeepAlive Off
    LimitRequestLine 4000
    LimitRequestFieldSize 4000
    """, docroot=SITE)
    for target in (signed("/signed/a.txt"), signed("/signed/a.txt", "path")):
        head = "GET %s HTTP/1.1\r\n" % target
        for data in (head + "\r\n",                                             # no Host
                     head + "Host: a\r\nHost: b\r\n\r\n", head + "Host: a b\r\n\r\n",
                     head + "Host: x\r\nno colon here\r\n\r\n", head + "Host: x\r\n : y\r\n\r\n",
                     head + "Host: x\r\nBig: %s\r\n\r\n" % ("y" * 5000),
                     head + "Host: x\r\nExpect: foo\r\nConnection: close\r\n\r\n",
                     head + "Host: x\r\nTransfer-Encoding: nonsense\r\n\r\n",
                     head + "Host: x\r\nContent-Length: -1\r\n\r\n",
                     "GET %s%s HTTP/1.1\r\nHost: x\r\n\r\n" % (target, "z" * 5000),      # 414
                     "GET %s HTTP/3.9\r\nHost: x\r\n\r\n" % target,
                     "GET %s FTP/1.1\r\nHost: x\r\n\r\n" % target,
                     "get\t%s HTTP/1.1\r\nHost: x\r\n\r\n" % target,
                     "GET  %s HTTP/1.1\r\nHost: x\r\n\r\n" % target,
                     "GET %s extra HTTP/1.1\r\nHost: x\r\n\r\n" % target,
                     "GET %s%%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % target,
                     "GET %s%%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % target,
                     "GET http://[%s HTTP/1.1\r\nHost: x\r\n\r\n" % target,
                     "GET %s HTTP/1.1\r\nHost: x\r\nReferer: http://x%s\r\nbad line\r\n\r\n" % (
                         "/", target),
                     "%s / HTTP/1.1\r\nHost: x\r\n\r\n" % target):
            seen = server.raw(data)
            assert SECRET.encode() not in seen or b" 200 " in seen[:20], data
    server.log.disregard(r"AVC\d{4}: |AH10244|AH00\d+|AH0\d+")
    status = server.ask("/server-status")
    assert status.status == 200
    assert not re.search(
        r"mac(\.|%2e)[A-Za-z0-9_-]{43}", status.text, re.I)
    assert re.search(r"mac\.\*", server.access_log()), server.access_log()[:2000]
