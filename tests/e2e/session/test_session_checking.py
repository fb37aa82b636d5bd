# SPDX-License-Identifier: Apache-2.0
# SetHandler avcsec-token-verify: the media server of AVChat asks whether a token is right, in the
# form of its own token_verify script, and others ask in the form of RFC 7662.
import itertools
import json
import socket

import pytest

from avc import tokens
from avc.peers import MEDIA, STRANGER

CONFIG = """
AvcKeyFile "@keys@"
AvcMediaServer 127.0.0.2
<Location "/chat/token_verify.php">
    SetHandler avcsec-token-verify
</Location>
<Location "/log/token_verify.php">
    SetHandler avcsec-token-verify
    AvcEnforce Log
</Location>
<Location "/proven/token_verify.php">
    SetHandler avcsec-token-verify
    AvcMediaServerProof token
</Location>
"""
PATH = "/chat/token_verify.php"
serial = itertools.count(1)


@pytest.fixture(scope="module")
def web(serve):
    return serve(CONFIG)


def session(**how):
    how.setdefault("expires", 3600)
    return tokens.token("/", purpose="session", **how)


def once(**how):
    """A token for one use."""
    return session(id="session-number-%04d" % next(serial), max=1, **how)


def verify(web, token, query="", source=MEDIA, **how):
    answer = web.ask(PATH + "?token=" + token + query, source=source, **how)
    assert answer.status == 200, answer
    assert "no-store" in answer.words("Cache-Control")
    return answer.text


def turned_away(web, token, reason, query="", says="false"):
    assert verify(web, token, query) == says
    web.log.claim(r"AVC\d{4}: %s: " % reason)


@pytest.mark.smoke
def test_a_right_token_is_true_once(web):
    token = once()
    assert verify(web, token) == "true"
    turned_away(web, token, "used-up")


def test_a_token_without_a_limit_is_true_as_long_as_it_lives(web):
    token = session()
    assert [verify(web, token) for _ in range(3)] == ["true"] * 3


def test_the_media_server_of_flash_gets_its_own_form(web):
    token = once()
    assert verify(web, token, "&fms") == "&res=true"
    turned_away(web, token, "used-up", "&fms", says="&res=false")
    assert verify(web, once(), "&fms=1") == "&res=true"


def test_a_client_like_the_one_in_red5_reads_one_line(web):
    """A plain GET as java.net.URL makes it, the token put behind "?token=" as it is."""
    def ask(token):
        with socket.create_connection(("127.0.0.1", web.port), source_address=(MEDIA, 0)) as sock:
            sock.sendall(("GET %s?token=%s HTTP/1.1\r\nUser-Agent: Java/1.8.0_392\r\nHost: chat.example"
                          "\r\nAccept: text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2\r\n"
                          "Connection: keep-alive\r\n\r\n" % (PATH, token)).encode())
            lines = sock.makefile("r", newline="\n")
            assert lines.readline().startswith("HTTP/1.1 200 ")
            length = 0
            for line in iter(lines.readline, "\r\n"):
                name, _, value = line.partition(":")
                length = int(value) if name.lower() == "content-length" else length
            return lines.read(length).split("\n")[0]
    token = once()
    assert ask(token) == "true"
    assert ask(token) == "false"
    web.log.claim(r"AVC0013: used-up: ")


def wrong():
    good = session()
    return [
        ("none", "", "no-token"),
        ("cut", good[:-1], "malformed"),
        ("junk", "0123456789abcdef0123456789abcdef", "malformed"),
        ("tampered", tokens.tampered(good), "signature"),
        ("other realm", session(realm="elsewhere"), "signature"),
        ("over", session(expires=-1, issued=-60), "expired"),
        ("not begun", session(nbf=9999999999), "not-yet-valid"),
        ("for a file", tokens.token("/", expires=3600), "purpose"),
        ("for a call", tokens.token(PATH, purpose="call"), "purpose"),
        ("unknown key", session(kid="k9"), "unknown-key"),
        ("password as key", session(kid="pw"), "unknown-key"),
        ("to publish only", session(act="publish"), "act"),
        ("of a client that the media server does not name", session(ip4="127.0.0.1"), "address"),
        ("of an IPv6 client", session(ip6="2001_db8__-48"), "address"),
        ("for one room", session(room=tokens.text_claim("room7")), "room"),
        ("for one application", session(app="avchat30"), "app"),
        ("of an administrator from anywhere", session(role="admin"), "role"),
        ("from a page", session(org="chat.example"), "origin"),
        ("for one method", session(mth="GET"), "method"),
        ("with signed arguments", session(args=[("a", "1")]), "signature"),
    ]


@pytest.mark.parametrize("name, token, reason", wrong())
def test_a_token_that_is_wrong_or_limited_to_what_cannot_be_seen_is_false(web, name, token, reason):
    turned_away(web, token, reason)


def test_what_a_client_appends_to_its_token_is_not_believed(web):
    """The media server does not escape the token that its client gives it."""
    turned_away(web, session(app="avchat30") + "&app=avchat30", "app")
    turned_away(web, session(ip4="192.0.2.1") + "&ip=192.0.2.1&addr=192.0.2.1", "address")
    good = session()
    turned_away(web, tokens.tampered(good) + "&token=" + good, "signature")
    assert verify(web, good + "&token=junk") == "true"
    turned_away(web, good + "%00", "malformed")
    turned_away(web, good + "%0d%0aX:%20y", "malformed")


def test_a_token_may_come_escaped(web):
    assert verify(web, session().replace("~", "%7E").replace(".", "%2e")) == "true"


@pytest.mark.smoke
def test_only_the_media_server_is_answered(web):
    token = once()
    web.refused(PATH + "?token=" + token, "address", source=STRANGER)
    web.refused("/log/token_verify.php?token=" + token, "address", source=STRANGER)
    web.refused(PATH + "?token=" + token, "address", source=MEDIA,
                headers=[("X-Forwarded-For", "192.0.2.1")])
    assert verify(web, token) == "true", "whoever is refused spends nothing"


def test_the_media_server_may_prove_itself_by_a_token_of_its_own(web):
    path = "/proven/token_verify.php"
    call = tokens.signed(path, carrier="path", purpose="call", expires=None, issued=None)
    token = once()
    web.refused(path + "?token=" + token, "no-token", source=MEDIA)
    web.allowed(call + "?token=" + token, source=STRANGER, shows="true")
    assert web.ask(call + "?token=" + token, source=STRANGER).text == "false"
    web.log.claim(r"AVC0013: used-up: ")


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "PATCH"])
def test_other_methods_spend_nothing(web, method):
    token = once()
    assert web.ask(PATH + "?token=" + token, method, source=MEDIA).status == 405
    assert verify(web, token) == "true"


# -- RFC 7662

FORM = ("Content-Type", "application/x-www-form-urlencoded")
WANTS_JSON = ("Accept", "application/json")


def introspect(web, token, method="POST"):
    if method == "POST":
        answer = web.ask(PATH, "POST", [FORM, WANTS_JSON], ("token=" + token).encode(), source=MEDIA)
    else:
        answer = web.ask(PATH + "?token=" + token, headers=[WANTS_JSON], source=MEDIA)
    assert answer.status == 200
    assert answer.get("Content-Type") == "application/json"
    assert "no-store" in answer.words("Cache-Control")
    return json.loads(answer.text)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_token_is_introspected(web, method):
    name = 'Zoë "the \\ cat"'
    token = session(sub=tokens.text_claim(name), role="publisher", act="connect.publish",
                    id="session-introspected")
    told = introspect(web, token, method)
    assert told.pop("exp") - told.pop("iat") == 3600
    assert told == {"active": True, "scope": "connect publish", "sub": name, "role": "publisher",
                    "jti": "session-introspected"}


def test_a_wrong_token_is_inactive_and_nothing_else(web):
    assert introspect(web, session(expires=-1, issued=-60)) == {"active": False}
    web.log.claim(r"AVC0007: expired: ")
    token = once()
    assert introspect(web, token)["active"] is True
    assert introspect(web, token) == {"active": False}
    web.log.claim(r"AVC0013: used-up: ")
    assert introspect(web, "") == {"active": False}
    web.log.claim(r"AVC0001: no-token: ")


def test_a_body_that_is_too_long_is_refused(web):
    answer = web.ask(PATH, "POST", [FORM], b"token=" + b"a" * 70000, source=MEDIA)
    assert answer.status == 413
    web.log.disregard(r"AH00\d+")


def test_no_log_holds_a_whole_token(web):
    token = once()
    verify(web, token)
    assert token not in web.access_log() and token not in web.error_log()
    assert web.logged("token=avc1~for.session")


def test_a_token_that_was_taken_back_is_false(serve_once):
    web = serve_once('AvcRevocations "@root@/conf/revoked"\n' + CONFIG, begin=False)
    token = session(id="session-taken-back")
    web.write_secret("conf/revoked", "")
    web.start()
    assert verify(web, token) == "true"
    web.write_secret("conf/revoked", "id session-taken-back until=2099-01-01T00:00:00Z\n")
    web.graceful()
    web.log.disregard("AVC0109: ")  # where the monitor saw the file first
    turned_away(web, token, "revoked")
