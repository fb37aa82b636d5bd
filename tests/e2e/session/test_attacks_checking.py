# SPDX-License-Identifier: Apache-2.0
# Attacks on the checking of sessions, by clients of media servers and of servers in front, each
# of which worked once or might have.
import itertools
import json
import re
import socket
import subprocess

import pytest

from avc import fronts, php, rtmp, settings, tokens
from avc.peers import MEDIA, STRANGER

CONFIG = """
AvcKeyFile "@keys@"
AvcMediaServer 127.0.0.1 127.0.0.2
AvcAdmin 192.0.2.0/24
<Location "/token_verify">
    SetHandler avcsec-token-verify
</Location>
<Location "/nginx-rtmp">
    SetHandler avcsec-admission
    AvcAdmission nginx-rtmp
</Location>
<Location "/check/nginx">
    SetHandler avcsec-check
    AvcCheck nginx session
</Location>
<Location "/check/traefik">
    SetHandler avcsec-check
    AvcCheck traefik session
</Location>
<Location "/check/upload">
    SetHandler avcsec-check
    AvcCheck nginx upload
</Location>
<Location "/proven">
    SetHandler avcsec-check
    AvcCheck envoy session
    AvcMediaServerProof token
</Location>
<Location "/internal">
    AvcMediaServerOnly On
</Location>
<Location "/check/haproxy">
    SetHandler avcsec-check
    AvcCheck haproxy
</Location>
<Location "/page">
    AvcSessionFor connect
</Location>
""" + php.WIRINGS["SetHandler"]
if settings.reads_json():
    CONFIG += """
<Location "/mediamtx">
    SetHandler avcsec-admission
    AvcAdmission mediamtx
</Location>
<Location "/ovenmediaengine">
    SetHandler avcsec-admission
    AvcAdmission ovenmediaengine
</Location>
"""
FORM = ("Content-Type", "application/x-www-form-urlencoded")
serial = itertools.count(1)
room = tokens.text_claim


@pytest.fixture(scope="module")
def web(serve, fpm):
    files = {"internal/a.txt": "for the media server alone", "ws": "opened",
             "page/open.php": "<?php echo file_get_contents('php://input');"}
    server = serve(CONFIG, docroot=files, **fpm.names())
    server.log.claim("AVC0102: .*AvcCheck envoy is asked by the path", count=None)
    return server


def session(**how):
    how.setdefault("expires", 60)
    return tokens.token("/", purpose="session", **how)


def once(**how):
    return session(id="attack-number-%05d" % next(serial), max=1, **how)


# -- what a media server is made to send

def answers_to(web, sent, source=MEDIA):
    """All that comes back on one connection for these bytes."""
    with socket.create_connection(("127.0.0.1", web.port), timeout=5,
                                  source_address=(source, 0)) as sock:
        sock.sendall(sent)
        return b"".join(iter(lambda: sock.recv(65536), b"")).decode("latin-1")


@pytest.mark.parametrize("path", ["/nginx-rtmp?app=live&addr=192.0.2.7&call=play&name=r&avc=",
                                  "/token_verify?token="])
def test_a_question_does_not_carry_a_second_request(web, path):
    """A media server that asks by GET and escapes nothing can be made to send its client's own
    requests behind the question, from an address that opens more."""
    more = " HTTP/1.1\r\nHost: chat.example\r\n\r\nGET /internal/a.txt"
    got = answers_to(web, ("GET %s%s%s HTTP/1.1\r\nHost: chat.example\r\nConnection: close\r\n\r\n"
                           % (path, session(), more)).encode())
    assert got.count("HTTP/1.1 ") == 1
    assert "for the media server alone" not in got


@pytest.mark.smoke
def test_a_long_argument_beside_a_short_form_is_only_looked_at(web):
    """Its value was decoded into the room of the form: thousands of bytes beyond it."""
    for form in (b"", b"token=" + session().encode()):
        answer = web.ask("/token_verify?fms=" + "A" * 8000, "POST", [FORM], form, source=MEDIA)
        assert (answer.status, answer.text) == (200, "&res=true" if form else "&res=false")
    web.log.claim(r"AVC0001: no-token: ")
    assert web.ask("/token_verify?token=" + session(), source=MEDIA).text == "true"


@pytest.mark.json
@pytest.mark.parametrize("path, reason", [
    ("live/room7", None), ("live/private/room7", "room"), ("live//room7", "room"),
    ("live/room7/", "room"), ("live/../room7", "room"), ("/live/room7", "app"), ("room7", "app"),
    ("livex/room7", "app"), ("live", "app"), ("live/", "room"), ("", "app"),
])
def test_a_path_of_mediamtx_is_one_application_and_one_room(web, path, reason):
    """What was before the last slash was the application, and any folder in it was an instance."""
    body = {"ip": "192.0.2.7", "user": "", "password": "", "token": "", "action": "read",
            "path": path, "protocol": "rtmp", "id": "x",
            "query": "avc=" + session(app="live", room=room("room7"))}
    answer = web.ask("/mediamtx", "POST", [("Content-Type", "application/json")],
                     json.dumps(body).encode(), source=MEDIA)
    assert answer.status == (403 if reason else 200)
    if reason:
        web.log.claim(r"AVC\d{4}: %s: " % reason)



@pytest.mark.json
@pytest.mark.parametrize("more, opens", [
    ("", True), ("&x=1", True), ("&x=://h:1/live/room8", False), ("&x=:y@h/live/room8", False),
    ("&x=https://h/", False),
])
def test_a_url_of_ovenmediaengine_is_one_url(web, more, opens):
    """It looks for the last "://" and the last "@" of all that its client sent: one in an argument
    made it open another room than the one that was asked about."""
    body = {"client": {"address": "192.0.2.7", "port": 1},
            "request": {"direction": "outgoing", "protocol": "rtmp", "status": "opening",
                        "url": "rtmp://h:1935/live/room7?avc=%s%s"
                               % (session(app="live", room=room("room7")), more)}}
    answer = web.ask("/ovenmediaengine", "POST", [("Content-Type", "application/json")],
                     json.dumps(body).encode(), source=MEDIA)
    assert (answer.status, json.loads(answer.text)["allowed"]) == (200, opens)
    if not opens:
        web.log.claim(r"AVC0024: form: ")


@pytest.fixture(scope="module")
def asking_by_get(web):
    hook = "http://127.0.0.1:@web@/nginx-rtmp;"
    with rtmp.MediaServer(web, server="notify_method get; on_connect " + hook) as media:
        yield media


def test_nginx_rtmp_that_asks_by_get_sends_no_clients_request(web, asking_by_get):
    """Anybody read what is for the media server alone, without a token."""
    smuggled = "a=1 HTTP/1.1\r\nHost: h\r\n\r\nGET /internal/a.txt?s"
    size, printed = rtmp.dump(asking_by_get.url(query=smuggled), "x", patience=2)
    assert size == 0 and "ERROR" in printed
    web.log.claim(r"AVC0024: form: ")
    assert "GET /internal" not in web.access_log().split("call=connect")[-1]


def test_a_connection_is_not_renamed(web, asking_by_get):
    """A name that the client appended, the token itself, made nginx-rtmp enter the application
    that is called like the token's room."""
    token = session(act="connect", app="live", room=room("other"))
    rtmp.dump(asking_by_get.url(query="name=" + token), "x", patience=2)
    assert "redirect" not in asking_by_get.log()
    assert "application not found" not in asking_by_get.log()
    assert not re.search(r'name=avc1~\S* HTTP/1\.0" 302', web.access_log())


# -- servers in front

def ask_front(web, name, target, method="GET", headers=(), address="192.0.2.7"):
    sets = {"nginx": ("X-Original-URI", "X-Original-Method", "X-Real-IP"),
            "traefik": ("X-Forwarded-Uri", "X-Forwarded-Method", "X-Forwarded-For")}[name]
    if name == "traefik":
        headers = [("X-Forwarded-Host", "chat.example"), ("X-Forwarded-Proto", "https"), *headers]
    answer = web.ask("/check/" + name, headers=list(zip(sets, (target, method, address))) +
                     list(headers), host="chat.example")
    return answer.status, answer.get("X-Avc-Reason")


@pytest.mark.parametrize("name", ["nginx", "traefik"])
@pytest.mark.parametrize("told", [("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
                                  ("Sec-WebSocket-Version", "13"), ("Upgrade", "websocket")])
def test_another_sites_page_opens_no_websocket_with_the_cookie(web, name, told):
    """Servers in front leave Upgrade out of their question, so the cookie of a page that visits
    another site counted there."""
    headers = [("Cookie", "__Host-avc=" + session()), told]
    for origin in ([], [("Origin", "https://evil.example")], [("Origin", "null")]):
        assert ask_front(web, name, "/ws", headers=headers + origin) == (401, "no-token")
        web.log.claim(r"AVC0001: no-token: ")
    assert ask_front(web, name, "/ws", headers=headers + [("Origin", "https://chat.example")]) \
        == (200, "ok")


def test_nginx_asks_for_a_websocket_and_does_not_say_so(web):
    with fronts.nginx(web) as front:
        def opened(*headers):
            with socket.create_connection(("127.0.0.1", front.port), timeout=5) as sock:
                sock.sendall(("GET /ws HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\n"
                              "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nCookie: __Host-avc=%s"
                              "\r\n%s\r\n" % (front.port, session(), "".join(
                                  name + ": " + value + "\r\n" for name, value in headers))).encode())
                return sock.recv(65536).split(b" ")[1] == b"200"
        assert not opened(("Origin", "https://evil.example"))
        web.log.claim(r"AVC0001: no-token: ")
        assert opened(("Origin", "https://evil.example"), ("Sec-Fetch-Site", "same-origin"))


def test_a_page_without_encryption_is_not_the_sites_own(web):
    """nginx does not say how its client came; the cookie comes by https alone."""
    cookie = ("Cookie", "__Host-avc=" + session())
    assert ask_front(web, "nginx", "/call", "POST", [cookie, ("Origin", "http://chat.example")]) \
        == (401, "no-token")
    web.log.claim(r"AVC0001: no-token: ")
    assert ask_front(web, "nginx", "/call", "POST", [cookie, ("Origin", "https://chat.example")]) \
        == (200, "ok")


@pytest.mark.parametrize("name", ["nginx", "traefik"])
def test_what_follows_on_a_session_is_free(web, name):
    """A WHIP client behind a server in front lost its session with its first PATCH."""
    target = "/whip/room7?avc=" + once()
    assert ask_front(web, name, target, "POST") == (200, "ok")
    for method in ("PATCH", "PATCH", "DELETE"):
        assert ask_front(web, name, target, method) == (200, "ok")
    for method in ("POST", "GET"):
        assert ask_front(web, name, target, method) == (403, "used-up")
        web.log.claim(r"AVC0013: used-up: ")


def test_an_administrator_passes_from_his_address(web):
    token = session(role="admin")
    assert ask_front(web, "nginx", "/ws?avc=" + token, address="192.0.2.9") == (200, "ok")
    assert ask_front(web, "nginx", "/ws?avc=" + token, address="198.51.100.9") == (403, "role")
    web.log.claim(r"AVC0023: role: ")


@pytest.mark.parametrize("limit", [{"len": "10"}, {"typ": "image"}])
def test_a_limit_of_an_upload_that_nobody_sees_refuses(web, limit):
    """The question comes without the upload, which then might be of any size and kind."""
    for how, status in (({}, 200), (limit, 403)):
        target = tokens.signed("/up/a.jpg", purpose="upload", **how)
        answer = web.ask("/check/upload", headers=[
            ("X-Original-URI", target), ("X-Original-Method", "POST"), ("X-Real-IP", "192.0.2.7")])
        assert answer.status == status
    web.log.claim(r"AVC0024: form: .*upload")


# SPEC [preflight-3]
@pytest.mark.parametrize("proven", [True, False])
def test_a_preflight_is_no_yes(web, proven):
    """Whoever is to prove himself by a token was answered 204, whatever he asked."""
    path = "/proven/ws"
    if proven:
        path = tokens.signed(path, carrier="path", purpose="call", expires=None, issued=None)
    answer = web.ask(path, "OPTIONS", [("Access-Control-Request-Method", "POST"),
                                       ("Origin", "https://evil.example")])
    assert answer.status in (401, 403)
    web.log.claim(r"AVC\d{4}: %s: " % ("purpose" if proven else "no-token"))


def test_clients_of_haproxy_speak_http_2_too(web):
    """There `url` is the whole address, which is no target: the documented way is pathq."""
    with fronts.haproxy(web) as front:
        for version in ("--http1.1", "--http2-prior-knowledge"):
            printed = subprocess.run(
                ["curl", "-s", "-w", " %{http_code} %{http_version}", version,
                 "http://127.0.0.1:%d%s" % (front.port, tokens.signed("/media/a.txt"))],
                stdout=subprocess.PIPE, timeout=20).stdout.decode()
            assert printed.startswith("content 200 "), printed


# -- the page's own calls

def test_a_post_in_another_case_is_a_use_as_well(web):
    """PHP runs a script for any method, and some of what is proxied knows no case."""
    headers = [("Authorization", "Bearer " + once()), FORM]
    assert web.ask("/page/open.php", "post", headers, b"opened").text == "opened"
    for method in ("post", "POST"):
        web.refused("/page/open.php", "used-up", method, headers, b"again")
