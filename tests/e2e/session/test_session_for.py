# SPDX-License-Identifier: Apache-2.0
# AvcSessionFor: what is here needs a session that may do that: what is behind a proxy, the page's
# own calls, upgrades. (WHIP and WHEP as their clients speak them: test_whip.py.)
import base64
import itertools
import os
import socket

import pytest

from avc import tokens
from avc.httpd import USUAL
from avc.peers import ADMIN, STRANGER
from avc.whip import WhipServer

serial = itertools.count(1)
room = tokens.text_claim

CONFIG = """
AvcKeyFile "@keys@"
AvcAdmin 127.0.0.3
ProxyPass "/whip/" "http://127.0.0.1:@media@/whip/"
ProxyPass "/whep/" "http://127.0.0.1:@media@/whep/"
ProxyPass "/ws/" "http://127.0.0.1:@media@/ws/" upgrade=websocket
<LocationMatch "^/whip(/(?<room>[^/]*))?">
    AvcSessionFor publish room=%{env:MATCH_ROOM}
</LocationMatch>
<LocationMatch "^/whep/(?<room>[^/]+)">
    AvcSessionFor play room=%{env:MATCH_ROOM} app=live
</LocationMatch>
<Location "/ws">
    AvcSessionFor connect
</Location>
<Location "/page">
    AvcSessionFor connect
</Location>
<Location "/page/open">
    AvcSessionFor Off
</Location>
<Location "/page/upload">
    AvcSessionFor upload
</Location>
<Location "/trial">
    AvcSessionFor connect
    AvcEnforce Log
</Location>
<Location "/both">
    AvcSessionFor connect
    AvcSignedURL On
</Location>
<Directory "@docroot@/page">
    DirectoryIndex index.txt
</Directory>
"""
FILES = {name + "/index.txt": name for name in ("page", "page/open", "page/upload", "trial", "both")}
FILES["page/.htaccess"] = "Satisfy Any\nRequire all granted\nErrorDocument 403 /page/index.txt\n"


@pytest.fixture(scope="module")
def media():
    server = WhipServer()
    yield server
    server.close()


@pytest.fixture(scope="module")
def web(serve, media):
    return serve(CONFIG, modules=USUAL + ["proxy_wstunnel"], docroot=FILES, media=media.port)


def session(**how):
    return tokens.token("/", purpose="session", **how)


def once(**how):
    return session(id="session-for-number-%04d" % next(serial), max=1, **how)


def bearer(token):
    return ("Authorization", "Bearer " + token)


# SPEC [token-4]
@pytest.mark.parametrize("carrier", ["query", "path", "header", "cookie"])
def test_every_carrier_opens(web, carrier):
    token = session()
    target, headers = {
        "query": ("/page/index.txt?avc=" + token, []),
        "path": ("/~%s/page/index.txt" % token, []),
        "header": ("/page/index.txt", [bearer(token)]),
        "cookie": ("/page/index.txt", [("Cookie", "__Host-avc=" + token)])}[carrier]
    web.allowed(target, headers=headers, shows="page")


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "PROPFIND"])
@pytest.mark.parametrize("name, token, reason, status", [
    ("none", None, "no-token", 403),
    ("to play", session(act="play"), "act", 403),
    ("that says nothing", session(), "act", 403),
    ("another room's", session(act="publish", room=room("room8")), "room", 403),
    ("over", session(act="publish", expires=-1, issued=-60), "expired", 410),
    ("tampered", tokens.tampered(session(act="publish")), "signature", 403),
    ("a file's", tokens.token("/whip/room7"), "purpose", 403),
    ("an administrator's", session(act="publish", role="admin"), "role", 403),
    ("another address's", session(act="publish", ip4="192.0.2.1"), "address", 403),
])
def test_no_method_gets_by_without_a_right_session(web, media, method, name, token, reason, status):
    media.seen.clear()
    web.refused("/whip/room7", reason, method, [bearer(token)] if token else [], status=status)
    web.refused("/whip/room7/session1", reason, method, [bearer(token)] if token else [],
                status=status)
    assert not media.seen


@pytest.mark.parametrize("path", ["/whip/", "/whip//", "/whip/?x=1"])
def test_where_no_room_is_named_a_token_for_one_opens_nothing(web, media, path):
    media.seen.clear()
    web.refused(path, "no-token", "POST")
    web.refused(path, "room", "POST", [bearer(session(act="publish", room=room("room7")))])
    assert not media.seen


def test_the_role_admin_comes_from_an_administrators_address(web):
    token = session(role="admin")
    web.allowed("/page/index.txt?avc=" + token, source=ADMIN, shows="page")
    web.refused("/page/index.txt?avc=" + token, "role", source=STRANGER)


def test_room_and_application_are_those_of_the_place(web):
    for good in (session(), session(room=room("room7")), session(app="live"),
                 session(app="live", room=room("room7"))):
        web.allowed("/whep/room7?avc=" + good, shows="status")
    web.refused("/whep/room8?avc=" + session(room=room("room7")), "room")
    web.refused("/whep/room7?avc=" + session(app="other"), "app")
    web.refused("/page/index.txt?avc=" + session(room=room("room7")), "room")
    web.refused("/page/index.txt?avc=" + session(app="live"), "app")
    web.allowed("/whep/Zo%C3%AB?avc=" + session(room=room("Zoë")), shows="status")


def test_a_websocket_spends_its_token_when_it_opens(web, media):
    token = once()

    def upgrade(headers=()):
        key = base64.b64encode(os.urandom(16)).decode()
        with socket.create_connection(("127.0.0.1", web.port), timeout=10) as sock:
            sock.sendall(("GET /ws/chat?avc=%s HTTP/1.1\r\nHost: chat.example\r\nUpgrade: websocket\r\n"
                          "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s"
                          "\r\n\r\n" % (token, key)).encode())
            return int(sock.recv(4096).split(b" ")[1])
    assert upgrade() == 101
    assert upgrade() == 403
    web.log.claim(r"AVC0013: used-up: ")
    assert not any("avc=" in path for _, path, *_ in media.seen)


def test_reading_spends_nothing(web):
    token = once()
    for _ in range(3):
        web.allowed("/page/index.txt?avc=" + token, shows="page")
        web.allowed("/page/index.txt?avc=" + token, "HEAD")


def test_what_httpd_makes_of_a_request_inherits_its_verdict(web):
    web.allowed("/page/?avc=" + session(), shows="page")
    web.refused("/page/", "no-token")


def test_sections_and_htaccess_files(web):
    web.refused("/page/index.txt", "no-token")
    web.allowed("/page/open/index.txt", shows="page/open")
    web.refused("/page/upload/index.txt?avc=" + session(), "act")
    web.allowed("/page/upload/index.txt?avc=" + session(act="upload.play"), shows="page/upload")


def test_a_signed_place_may_ask_for_a_session_as_well(web):
    path = "/both/index.txt"
    signed = tokens.signed(path)
    web.allowed(signed, headers=[bearer(session())], shows="both")
    web.refused(signed, "purpose")
    web.refused(path, "purpose", headers=[bearer(session())])


def test_a_trial_of_others_opens_no_session(web):
    """AvcEnforce Log is for media server, admin and AvcSignedURL."""
    web.refused("/trial/index.txt", "no-token")
    spent = once()
    assert web.ask("/trial/index.txt", "POST", [bearer(spent)]).status in (200, 405)
    web.refused("/trial/index.txt", "used-up", "POST", [bearer(spent)])


@pytest.mark.parametrize("line, error", [
    ("AvcSessionFor Play", "takes an act in a-z"),
    ("AvcSessionFor play stream=x", "takes room= and app= behind the act"),
    ("AvcSessionFor play room=a room=b", "once each"),
    ("AvcSessionFor play room=%{nonsense:x}", "cannot read"),
    ("AvcSessionFor Off room=a", 'takes nothing behind "Off"'),
])
def test_a_wrong_configuration_says_what_is_wrong(serve_once, line, error):
    web = serve_once('AvcKeyFile "@keys@"\n' + line, begin=False)
    status, printed = web.configtest()
    assert status != 0 and error in printed
