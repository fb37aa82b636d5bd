# SPDX-License-Identifier: Apache-2.0
# What single media servers do that the others do not: ZLMediaKit asks again after a status, Red5 Pro
# tells at the same address, OvenMediaEngine signs and takes another address for an answer.
import base64
import hashlib
import hmac
import json

import pytest

from avc import tokens
from avc.peers import MEDIA, STRANGER

pytestmark = pytest.mark.json
PASSWORD = tokens.PASSWORD
CONFIG = """
AvcKeyFile "@keys@"
AvcMediaServer 127.0.0.2
""" + "".join("""
<Location "/%s">
    SetHandler avcsec-admission
    AvcAdmission %s
</Location>
""" % (name, name) for name in ("ovenmediaengine", "red5pro", "zlmediakit-play", "oryx")) + """
<Location "/signed">
    SetHandler avcsec-admission
    AvcAdmission ovenmediaengine
    AvcMediaServerProof address ome
</Location>
<Location "/signed/small">
    AvcBodyLimit 10
</Location>
<Location "/signed/alone">
    AvcMediaServerProof ome
</Location>
<Location "/signed/any">
    AvcMediaServerProof any ome address
</Location>
<Location "/signed/log">
    AvcEnforce Log
</Location>
"""


@pytest.fixture(scope="module")
def web(serve):
    return serve(CONFIG)


def session(**how):
    return tokens.token("/", purpose="session", expires=3600, **how)


room = tokens.text_claim


def post(web, path, body, source=MEDIA, headers=()):
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return web.ask(path, "POST", [("Content-Type", "application/json"), *headers], text,
                   source=source)


def ome(url, direction="incoming"):
    return {"client": {"address": "192.0.2.7", "port": 29291},
            "request": {"direction": direction, "protocol": "rtmp", "status": "opening", "url": url,
                        "time": "2026-11-28T15:00:00.000+0000"}}


def test_a_refusal_of_zlmediakit_is_no_other_status(web):
    """After one it asks again, three seconds later."""
    body = {"app": "live", "stream": "room7", "ip": "192.0.2.7", "params": ""}
    for changed in ({}, {"params": "avc=" + tokens.tampered(session())}, {"ip": 7}):
        answer = post(web, "/zlmediakit-play", dict(body, **changed))
        assert answer.status == 200 and json.loads(answer.text)["code"] < 0
    web.log.claim(r"AVC0001: no-token: ")
    web.log.claim(r"AVC0005: signature: ")
    web.log.claim(r"AVC0024: form: .*no question of zlmediakit-play: ip is no text")


def test_oryx_tells_no_address(web):
    body = {"action": "on_publish", "app": "live", "stream": "room7",
            "param": "?avc=" + session(act="publish", ip4="192.0.2.7")}
    assert post(web, "/oryx", body).status == 403
    web.log.claim(r"AVC0010: address: ")


def test_a_stream_of_oryx_is_named_without_its_ending(web):
    body = {"action": "on_publish", "app": "live", "stream": "room7.x",
            "param": "?avc=" + session(act="publish", room=room("room7.x"))}
    assert post(web, "/oryx", body).status == 403, "SRS would file it as room7"
    web.log.claim(r"AVC0022: room: ")


def test_the_end_of_a_stream_of_red5_pro_is_noted_and_spends_nothing(web):
    token = session(act="publish", id="red5-ends-its-stream-1", max=1)
    body = {"username": "u", "password": "p", "token": token, "streamID": "room7"}
    for _ in range(2):
        answer = post(web, "/red5pro", body)
        assert (answer.status, json.loads(answer.text)) == (200, {"result": True})
    answer = post(web, "/red5pro", dict(body, type="publisher"))
    assert json.loads(answer.text) == {"result": True}
    answer = post(web, "/red5pro", dict(body, type="publisher"))
    assert json.loads(answer.text) == {"result": False}
    web.log.claim(r"AVC0013: used-up: ")
    for changed in (dict(body, type=""), dict(body, type=None, streamID=None), {}):
        assert json.loads(post(web, "/red5pro", changed).text) == {"result": False}
        web.log.claim(r"AVC0024: form: ")


# -- OvenMediaEngine: a key alone

@pytest.mark.parametrize("url, leads_to", [
    ("rtmp://h:1935/live/%s", "rtmp://h:1935/live/room7"),
    ("rtmp://h:1935/live/%s?a=\"b\\c", "rtmp://h:1935/live/room7?a=\"b\\c"),
    ("https://h:3334/live/%s/master.m3u8", "https://h:3334/live/room7/master.m3u8"),
    ("srt://[::1]:9999/live/%s", "srt://[::1]:9999/live/room7"),
])
def test_a_key_alone_gets_the_address_of_its_room(web, url, leads_to):
    token = session(act="publish", room=room("room7"))
    answer = post(web, "/ovenmediaengine", ome(url % token))
    assert json.loads(answer.text) == {"allowed": True, "new_url": leads_to}
    assert "no-store" in answer.words("Cache-Control") and token not in answer.text


@pytest.mark.parametrize("token, reason", [
    (session(act="publish"), "room"), (session(act="publish", room=room("a b")), "room"),
    (session(act="publish", room=room("a/b")), "room"),
    (tokens.tampered(session(act="publish", room=room("room7"))), "signature"),
    (session(act="play", room=room("room7")), "act"),
])
def test_a_key_alone_that_names_no_room_is_refused(web, token, reason):
    answer = post(web, "/ovenmediaengine", ome("rtmp://h:1935/live/" + token))
    assert json.loads(answer.text)["allowed"] is False and "new_url" not in answer.text
    web.log.claim(r"AVC\d{4}: %s: " % reason)


# -- OvenMediaEngine: its signature

def sign(text, secret=PASSWORD, padding=True):
    mac = base64.urlsafe_b64encode(hmac.new(secret.encode(), text, hashlib.sha1).digest()).decode()
    return ("X-OME-Signature", mac if padding else mac.rstrip("="))


def question():
    return json.dumps(ome("rtmp://h/live/room7?avc=" + session(act="publish"))).encode()


@pytest.mark.parametrize("padding", [True, False])
@pytest.mark.parametrize("path, source", [("/signed", MEDIA), ("/signed/alone", STRANGER)])
def test_what_ovenmediaengine_signed_is_answered(web, path, source, padding):
    text = question()
    answer = post(web, path, text, source, [sign(text, padding=padding)])
    assert (answer.status, json.loads(answer.text)) == (200, {"allowed": True})


def wrong_signatures():
    right = sign(b"x")[1]
    return [("none", None), ("empty", ""), ("of another body", right), ("cut", right[:-2]),
            ("longer", right + "A"), ("of the other base64", "+/" + right[2:]), ("twice", "both"),
            ("by another secret", "other"), ("of SHA-256", "sha256")]


@pytest.mark.parametrize("name, value", wrong_signatures())
@pytest.mark.parametrize("path", ["/signed", "/signed/alone", "/signed/log"])
def test_what_it_did_not_sign_is_refused(web, path, name, value):
    text = question()
    headers = {None: [], "other": [sign(text, "x" * 20)], "both": [sign(text), sign(text)],
               "sha256": [("X-OME-Signature", base64.urlsafe_b64encode(
                   hmac.new(PASSWORD.encode(), text, hashlib.sha256).digest()).decode())]}.get(
                       value, [("X-OME-Signature", value)])
    assert post(web, path, text, headers=headers).status == 403
    web.log.claim(r"AVC0027: webhook: .*(X-OME-Signature|password of the key file)")


def test_the_address_is_asked_for_beside_it_where_it_is_written(web):
    text = question()
    assert post(web, "/signed", text, STRANGER, [sign(text)]).status == 403
    web.log.claim(r"AVC0010: address: ")
    assert post(web, "/signed/any", text, STRANGER, [sign(text)]).status == 200
    assert post(web, "/signed/any", text, MEDIA).status == 200


def test_a_longer_body_than_is_read_is_refused(web):
    text = question()
    assert post(web, "/signed/small", text, headers=[sign(text)]).status == 413
    web.log.claim(r"AVC0028: too-large: ")


def test_no_line_of_the_log_has_the_signature_or_the_password(web):
    text = question()
    post(web, "/signed", text + b" ", headers=[sign(text)])
    web.log.claim(r"AVC0027: webhook: ")
    log = web.error_log() + web.access_log()
    assert sign(text)[1] not in log and PASSWORD not in log


def test_a_key_file_without_a_password_is_told(serve_once):
    config = 'AvcKeyFile "@keys@"\nAvcMediaServer 127.0.0.1\nAvcMediaServerProof address ome\n'
    keys = "k1 hs256 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
    status, printed = serve_once(config, keys=keys, begin=False).configtest()
    assert status == 0 and "signature of OvenMediaEngine" in printed, printed
    assert "no key of kind password" in printed
