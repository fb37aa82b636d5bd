# SPDX-License-Identifier: Apache-2.0
# Private files open to file tokens only: every carrier, scope and claim, and what is never
# served even with a right token.
import os
import socket
import stat
import threading
import time

import pytest

from avc import httpd, tokens
from avc.tokens import signed, tampered, token

CONFIG = """
AvcKeyFile "@keys@"
AvcClockSkew 30
<Location "/files">
    AvcFiles "@private@"
</Location>
"""
PRIVATE = {
    "a.txt": "content of a", "room7/photo.txt": "content of photo", "room7/b.txt": "content of b",
    "room7/seg1.ts": "segment", "room8/c.txt": "content of c", "room77/d.txt": "content of d",
    ".hidden": "dot", ".htaccess": "dot", "room7/.secret/e.txt": "dot", "..f": "dot",
    "inside.txt": ("link", "a.txt"), "outside.txt": ("link", "/etc/hostname"),
    "linked": ("link", "room7"), "up": ("link", ".."), "dangling": ("link", "nowhere"),
    "unreadable.txt": ("mode", 0o000, "locked"), "closed/f.txt": "closed",
}


@pytest.fixture(scope="module")
def web(serve):
    server = httpd.Httpd(CONFIG, docroot={"files/a.txt": "the public copy", "open.txt": "open"},
                         private=PRIVATE)
    os.mkfifo(os.path.join(server.private, "fifo"))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.join(server.private, "socket"))
    httpd.settings.give(server.private)
    os.chmod(os.path.join(server.private, "closed"), 0o000)
    server.start()
    yield server
    os.chmod(os.path.join(server.private, "closed"), 0o755)
    server.stop()


# SPEC [conf-13]
@pytest.mark.smoke
@pytest.mark.parametrize("carrier", ["query", "path"])
def test_a_signed_link_opens_the_private_file_not_a_public_copy(web, carrier):
    web.allowed(signed("/files/a.txt", carrier), shows="content of a")
    web.allowed(signed("/files/a.txt", carrier, kid="k2"), shows="content of a")


# SPEC [carrier-1]
def test_header_and_cookie_carry_too(web):
    tok = token("/files/a.txt")
    web.allowed("/files/a.txt", headers=[("Authorization", "Bearer " + tok)], shows="content of a")
    web.allowed("/files/a.txt", headers=[("Cookie", "x=1; __Host-avc=" + tok + "; y=2")],
                shows="content of a")
    web.allowed("/files/a.txt", "HEAD", headers=[("Cookie", "__Host-avc=" + tok)])


# SPEC [claim-1] [answer-1]
@pytest.mark.smoke
@pytest.mark.parametrize("name, target, reason, status", [
    ("none", "/files/a.txt", "no-token", 403),
    ("none and no such file", "/files/nothing.txt", "no-token", 403),
    ("none on the location itself", "/files", "no-token", 403),
    ("none on a directory", "/files/room7/", "no-token", 403),
    ("tampered", "/files/a.txt?avc=" + tampered(token("/files/a.txt")), "signature", 403),
    ("tampered and over", "/files/a.txt?avc=" + tampered(token("/files/a.txt", expires=-9)),
     "signature", 403),
    ("another file's", "/files/room7/b.txt?avc=" + token("/files/a.txt"), "signature", 403),
    ("over", signed("/files/a.txt", expires=-1, issued=-60), "expired", 410),
    ("over and no such file", signed("/files/nothing.txt", expires=-1, issued=-60), "expired", 410),
    ("issued in the future", signed("/files/a.txt", issued=6000), "not-yet-valid", 403),
    ("not yet", signed("/files/a.txt", nbf=9999999999), "not-yet-valid", 403),
    ("for an upload", signed("/files/a.txt", purpose="upload"), "purpose", 403),
    ("for a call", signed("/files/a.txt", purpose="call"), "purpose", 403),
    ("for a session", signed("/files/a.txt", purpose="session"), "purpose", 403),
    ("unknown key", signed("/files/a.txt", kid="nokey"), "unknown-key", 403),
    ("of another realm", signed("/files/a.txt", realm="site-a"), "signature", 403),
    ("counted", signed("/files/a.txt", id="0123456789abcdef", max=1), "used-up", 403),
    ("other network", signed("/files/a.txt", ip4="192.0.2.0-24"), "address", 403),
    ("other family", signed("/files/a.txt", ip6="2001_db8__-48"), "address", 403),
    ("no origin", signed("/files/a.txt", org="chat.example"), "origin", 403),
    ("only for POST", signed("/files/a.txt", mth="POST"), "method", 403),
    ("cut", signed("/files/a.txt")[:-1], "malformed", 403),
    ("twice", signed("/files/a.txt") + "&avc=" + token("/files/a.txt"), "malformed", 403),
    ("without end", signed("/files/a.txt", expires=None), "malformed", 403),
    ("empty", "/files/a.txt?avc=", "malformed", 403),
    ("junk in the path", "/files/~avc1~junk/a.txt", "malformed", 403),
    ("backslash", "/files/a%5Ctxt?avc=" + token("/files/a\\txt"), "malformed", 403),
    ("control character", "/files/a%0Atxt?avc=" + token("/files/a\ntxt"), "malformed", 403),
    ("dots and semicolon", "/files/..;/a.txt?avc=" + token("/files/..;/a.txt"), "malformed", 403),
])
def test_a_wrong_link_is_refused_for_its_reason(web, name, target, reason, status):
    answer = web.refused(target, reason, status=status)
    assert reason not in answer.text and "avc" not in answer.text.lower()


# SPEC [answer-4]
def test_what_a_stranger_sees_does_not_tell_which_files_exist(web):
    there, not_there = web.refused("/files/a.txt", "no-token"), web.refused("/files/z.txt", "no-token")
    assert there.body.replace(b"a.txt", b"") == not_there.body.replace(b"z.txt", b"")
    assert [n for n, _ in there.headers] == [n for n, _ in not_there.headers]


def test_the_refusal_is_noted_with_its_key(web):
    web.refused(signed("/files/a.txt", expires=-5, kid="k2") + "&mark=over", "expired", status=410)
    assert "reason=expired kid=k2" in web.logged("mark=over")[0]


# SPEC [claim-2]
def test_the_page_clock_may_run_ahead_by_the_skew(web):
    web.allowed(signed("/files/a.txt", issued=20), shows="content of a")
    web.allowed(signed("/files/a.txt", issued=20, nbf=int(time.time()) + 20),
                shows="content of a")


# SPEC [token-5]
def test_a_realm_keeps_the_tokens_of_other_sites_out(serve_once):
    server = serve_once(CONFIG + "AvcRealm site-a\n", private=PRIVATE)
    server.allowed(signed("/files/a.txt", realm="site-a"), shows="content of a")
    server.allowed(signed("/files/a.txt", "path", realm="site-a"), shows="content of a")
    server.refused(signed("/files/a.txt"), "signature")
    server.refused(signed("/files/a.txt", realm="site-b"), "signature")
    server.refused(signed("/files/a.txt", realm="SITE-A"), "signature")


# SPEC [claim-12]
def test_other_claims_that_fit(web):
    web.allowed(signed("/files/a.txt", ip4="127.0.0.0-8", ip6="2001_db8__-48"), shows="content of a")
    web.allowed(signed("/files/a.txt", ip4="127.0.0.1", xown="any.thing-1"), shows="content of a")
    web.refused(signed("/files/a.txt", ip4="127.0.0.1"), "address", source="127.0.0.2")
    web.allowed(signed("/files/a.txt", org="chat.example_www.chat.example"),
                headers=[("Referer", "https://www.chat.example:8443/page")], shows="content of a")
    web.refused(signed("/files/a.txt", org="chat.example"), "origin",
                headers=[("Origin", "null"), ("Referer", "https://chat.example/")])
    web.allowed(signed("/files/a.txt", mth="GET"), "HEAD")


# -- directories

# SPEC [claim-3]
@pytest.mark.smoke
def test_a_directory_token_opens_what_lies_below(web):
    tok = "/files/room7/~" + token("/files/room7/x", dir=2)
    web.allowed(tok + "/photo.txt", shows="content of photo")
    web.allowed(tok + "/b.txt", shows="content of b")
    web.allowed(tok + "/seg1.ts?_HLS_msn=7", shows="segment")
    web.allowed("/files/room7/b.txt?avc=" + token("/files/room7/", dir=2), shows="content of b")
    web.allowed("/files/~" + token("/files/", dir=1) + "/room8/c.txt", shows="content of c")


# SPEC [claim-3]
@pytest.mark.parametrize("path", ["/files/room8/c.txt", "/files/a.txt", "/files/room77/d.txt",
                                  "/files/room7"])
def test_a_directory_token_opens_nothing_beside(web, path):
    web.refused(path + "?avc=" + token("/files/room7/", dir=2), "signature")


def test_two_path_tokens_for_two_purposes(web):
    both = "/files/~%s/~%s/room7/b.txt" % (token("/files/", purpose="upload", dir=1),
                                           token("/files/", dir=1))
    web.allowed(both, shows="content of b")
    web.refused(both.replace("room7/b.txt", "room7/nothing"), "not-found", status=404)
    wrong = "/files/~%s/~%s/room7/b.txt" % (token("/files/other", purpose="upload"),
                                            token("/files/", dir=1))
    web.refused(wrong, "signature")


# -- what is never served

@pytest.mark.parametrize("path", [
    "/files/nothing.txt", "/files/", "/files/room7", "/files/room7/", "/files/a.txt/",
    "/files/a.txt/x", "/files/.hidden", "/files/.htaccess", "/files/room7/.secret/e.txt",
    "/files/..f", "/files/inside.txt", "/files/outside.txt", "/files/linked/b.txt",
    "/files/up/conf/avcsec.keys", "/files/dangling", "/files/fifo", "/files/socket",
    "/files/unreadable.txt", "/files/closed/f.txt", "/files/A.TXT", "/files/a.txt ",
    "/files/" + "x" * 300, "/files/" + "d/" * 200 + "e",
])
def test_not_served_even_with_a_right_token(web, path):
    answer = web.ask(signed(path))
    assert answer.status == 404, answer
    assert "no-store" in answer.words("Cache-Control")
    web.log.claim(r"AVC\d{4}: not-found: ")
    for secret in ("content", "dot", "locked", "closed", tokens.SECRETS["k1"]):
        assert secret not in answer.text


# SPEC [carrier-1]
@pytest.mark.parametrize("target", ["/files/x/../a.txt", "/files//a.txt", "/files/./a.txt",
                                    "/files/%61.txt", "//files/a.txt"])
def test_a_link_may_be_spelt_otherwise(web, target):
    web.allowed(target + "?avc=" + token("/files/a.txt"), shows="content of a")


# SPEC [token-8]
@pytest.mark.parametrize("target", ["/files/../private/a.txt", "/files/%2e%2e/files/../../etc/hostname",
                                    "/files/..%2f..%2fetc/hostname", "/files/%252e%252e/a.txt",
                                    "/files/room7/..%5c..%5ca.txt"])
def test_no_way_out_of_the_directory(web, target):
    answer = web.ask(target + "?avc=" + token("/files/", dir=1))
    assert answer.status in (400, 403, 404), answer
    web.log.disregard(r"AVC\d{4}: (malformed|signature|not-found): |AH10244: ")


@pytest.mark.root
def test_a_device_file_is_not_served(web):
    path = os.path.join(web.private, "device")
    os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 5))
    try:
        os.chmod(path, 0o666)
        web.refused(signed("/files/device"), "not-found", status=404)
    finally:
        os.unlink(path)


# SPEC [conf-13]
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "PROPFIND", "FOO"])
def test_other_methods(web, method):
    web.refused(signed("/files/a.txt"), "method", method, body=b"x")
    web.refused("/files/a.txt", "no-token", method, body=b"x")
    if method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = web.ask(signed("/files/a.txt", mth=method), method, body=b"x")
        assert answer.status == 405 and {"get", "head"} <= set(answer.words("Allow")), answer
    with open(os.path.join(web.private, "a.txt")) as kept:
        assert kept.read() == "content of a"


def test_old_http(web):
    web.allowed(signed("/files/a.txt"), version="1.0", host=None, shows="content of a")
    assert web.raw(b"GET " + signed("/files/a.txt").encode() + b"\r\n") == b"content of a"
    seen = web.raw(b"GET /files/a.txt\r\n")
    assert b"content of a" not in seen
    web.log.claim(r"AVC\d{4}: no-token: ")


def test_many_links_on_one_connection(web):
    """A verdict is one request's; the next one on the connection is judged anew."""
    with httpd.client.connect(web.port) as sock:
        pipelined = b"".join(httpd.client.compose(target, headers=[("Connection", "keep-alive")])
                             for target in (signed("/files/a.txt"), "/files/a.txt"))
        sock.sendall(pipelined + httpd.client.compose(signed("/files/room7/b.txt")))
        seen = httpd.client.read_all(sock)
    assert seen.count(b"HTTP/1.1 200 ") == 2 and seen.count(b"HTTP/1.1 403 ") == 1
    assert b"content of a" in seen and b"content of b" in seen
    web.log.claim(r"AVC\d{4}: no-token: ")


# -- forms of tokens and carriers

# SPEC [token-2]
def test_a_token_of_more_than_1024_characters(web):
    for size, good in ((200, True), (256, True)):
        web.allowed(signed("/files/a.txt", xa="a" * size), shows="content of a")
    long = {"x" + c: c * 250 for c in "abcd"}
    web.refused(signed("/files/a.txt", **long), "malformed")
    web.refused(signed("/files/a.txt", xa="a" * 257), "malformed")


# SPEC [carrier-3]
def test_two_tokens_in_one_carrier(web):
    tok = token("/files/a.txt")
    bearer = ("Authorization", "Bearer " + tok)
    web.refused("/files/a.txt", "malformed", headers=[bearer, bearer])
    web.refused("/files/a.txt", "malformed", headers=[("Authorization", "Bearer %s, Bearer %s" % (tok, tok))])
    web.refused("/files/a.txt", "malformed", headers=[
        ("Cookie", "__Host-avc=%s" % tok), ("Cookie", "__Host-avc=%s" % tok)])


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer"])
def test_the_scheme_is_read_in_any_case(web, scheme):
    web.allowed("/files/a.txt", headers=[("Authorization", scheme + " " + token("/files/a.txt"))],
                shows="content of a")


@pytest.mark.parametrize("header", [
    ("Authorization", "Token %s"), ("Authorization", "%s"), ("X-Avc", "%s"), ("Cookie", "avc=%s"),
    ("Cookie", "__host-avc=%s"), ("Proxy-Authorization", "Bearer %s"), ("Cookie", "x=__Host-avc=%s"),
    ("Cookie", "__Host-avc2=%s"), ("Cookie", "y__Host-avc=%s"),
])
def test_what_is_no_carrier(web, header):
    value = header[1] % token("/files/a.txt")
    web.refused("/files/a.txt", "no-token", headers=[(header[0], value)])


def test_the_query_argument_is_spelt_exactly(web):
    tok = token("/files/a.txt")
    for name in ("AVC", "avc[]", "avc.", "+avc", "xavc", "avc%00"):
        web.refused("/files/a.txt?%s=%s" % (name, tok), "no-token")
    web.refused("/files/a.txt?avc", "malformed")


# -- where a location begins and ends

PLACES = """
AvcKeyFile "@keys@"
<Location "/files">
    AvcFiles "@private@"
</Location>
<Location "/files/deep">
    AvcFiles "@root@/deeper"
</Location>
<Location "/slash/">
    AvcFiles "@private@"
</Location>
<Location "/with space/caf\u00e9">
    AvcFiles "@private@"
</Location>
<Location "/">
    SetHandler server-status
    ForceType text/html
</Location>
"""


@pytest.fixture(scope="module")
def places(serve):
    server = httpd.Httpd(PLACES, private=dict(PRIVATE, **{"deep/x.txt": "wrong one"}), docroot={
        "filesystem/a.txt": "public", "FILES/a.txt": "public"})
    httpd.plant(os.path.join(server.root, "deeper"), {"x.txt": "deeper x", "a.txt": "deeper a"})
    httpd.settings.give(server.root + "/deeper")
    server.start()
    yield server
    server.stop()


def test_a_handler_set_for_everything_is_not_run(places):
    places.allowed(signed("/files/a.txt"), shows="content of a")
    assert places.ask(signed("/files/a.txt")).get("Content-Type").startswith("text/plain")


def test_the_inner_of_two_locations_counts(places):
    places.allowed(signed("/files/deep/x.txt"), shows="deeper x")
    places.allowed(signed("/files/deep/a.txt"), shows="deeper a")
    places.refused(signed("/files/deep/room7/b.txt"), "not-found", status=404)


@pytest.mark.parametrize("path", ["/filesystem/a.txt", "/FILES/a.txt", "/filesa.txt", "/slasha.txt",
                                  "/x/files/a.txt"])
def test_what_only_begins_alike_is_not_private(places, path):
    answer = places.ask(signed(path))
    assert "content of a" not in answer.text and answer.status in (200, 404), answer


def test_locations_with_a_slash_or_other_characters(places):
    places.allowed(signed("/slash/a.txt"), shows="content of a")
    places.refused("/slash/a.txt", "no-token")
    places.allowed(signed("/with space/caf\u00e9/a.txt"), shows="content of a")
    places.allowed("/with%20space/caf%C3%A9/%61.txt?avc=" + token("/with space/caf\u00e9/a.txt"),
                   shows="content of a")
    places.refused("/with%20space/caf%C3%A9/a.txt", "no-token")


@pytest.mark.parametrize("order", ["first", "last"])
def test_the_order_in_which_modules_load_does_not_matter(serve_once, order):
    server = serve_once(CONFIG, private=PRIVATE, docroot={"files/a.txt": "the public copy"},
                        avcsec=order, modules=httpd.USUAL + ["speling", "lua", "dav", "cache"])
    server.allowed(signed("/files/a.txt"), shows="content of a")
    server.allowed(signed("/files/room7/b.txt", "path", dir=2), shows="content of b")
    server.refused("/files/a.txt", "no-token")
    server.refused(signed("/files/nothing"), "not-found", status=404)


def test_a_virtual_host_inherits_the_location(serve_once):
    config = CONFIG + """
    <VirtualHost 127.0.0.1:@port@>
        ServerName chat.example
        DocumentRoot "@docroot@"
    </VirtualHost>
    """
    server = serve_once(config, private=PRIVATE, docroot={"files/a.txt": "the public copy"})
    server.allowed(signed("/files/a.txt"), shows="content of a")
    server.refused("/files/a.txt", "no-token")


@pytest.mark.smoke
def test_verdicts_do_not_mix_between_threads(web):
    """Right and forged links for two keys at once, on many threads: each gets its own verdict."""
    wanted = {"/files/a.txt": b"content of a", "/files/room7/b.txt": b"content of b",
              "/files/room8/c.txt": b"content of c"}
    wrong = []

    def visit(number):
        for turn in range(30):
            path = sorted(wanted)[(number + turn) % 3]
            kid = "k1" if (number + turn) % 2 else "k2"
            forged = (number * turn) % 3 == 0
            tok = token(path, kid=kid)
            answer = web.ask(path + "?avc=" + (tampered(tok) if forged else tok))
            if (answer.status, answer.body == wanted[path]) != ((403, False) if forged else (200, True)):
                wrong.append((path, kid, forged, answer))

    threads = [threading.Thread(target=visit, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong, wrong[0]
    web.log.claim(r"AVC\d{4}: signature: ", count=None)
