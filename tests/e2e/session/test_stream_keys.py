# SPDX-License-Identifier: Apache-2.0
# Stream keys as `avcsec token` writes them and broadcasters paste them: ffmpeg sends server and key
# as OBS does to nginx-rtmp, a WHIP client sends it as Bearer. They live for weeks, survive every
# reconnection, and are taken back by their id.
import json
import os
import subprocess
import time

import pytest

from avc import rtmp, settings, tokens
from avc.whip import WhipServer

CONFIG = """
AvcKeyFile "@keys@"
AvcRevocations "@root@/conf/revoked"
AvcMediaServer 127.0.0.1
<Location "/rtmp">
    SetHandler avcsec-admission
    AvcAdmission nginx-rtmp
</Location>
ProxyPass "/whip/" "http://127.0.0.1:@media@/whip/"
<LocationMatch "^/whip(/(?<room>[^/]*))?">
    AvcSessionFor publish "room=%{env:MATCH_ROOM}"
</LocationMatch>
"""
DAY = 86400
SDP = ("Content-Type", "application/sdp")


@pytest.fixture
def web(serve_once):
    whip = WhipServer()
    server = serve_once(CONFIG, media=whip.port, clock=time.time(), begin=False)
    path = server.root + "/conf/revoked"
    with open(path, "w"):
        os.chmod(path, 0o600)
    settings.give(path)
    server.start().set_clock(None)
    yield server
    whip.close()


@pytest.fixture
def media(web):
    with rtmp.MediaServer(web, application="on_publish http://127.0.0.1:@web@/rtmp;") as server:
        yield server


def avcsec(*words):
    done = subprocess.run(settings.as_user([settings.tool(), *words]), stdout=subprocess.PIPE,
                          check=True, timeout=60)
    return done.stdout.decode()


def stream_key(web, *more, room="room7"):
    """(token, id) that a site's owner gives to a broadcaster."""
    told = json.loads(avcsec("token", "--key-file", web.keys, "--purpose", "session", "--act",
                             "publish", "--room", room, "--expires", "90d", "--json", *more))
    return told["token"], told["id"]


def publishes(media, key, room="room7"):
    """An encoder with this key is on the air: a player sees its picture."""
    with rtmp.Broadcast(media.url(), key) as broadcast:
        for _ in range(10):
            if rtmp.play(media.url() + "/" + room, 0.3)[0]:
                return broadcast.process.poll() is None
    return False


def is_refused(web, media, key, reason):
    with rtmp.Broadcast(media.url(), key) as broadcast:
        assert broadcast.is_refused(), "the encoder went on"
    web.log.claim(r"AVC\d{4}: %s: " % reason)


def whip(web, token, room="room7"):
    return web.ask("/whip/" + room, "POST", [SDP, ("Authorization", "Bearer " + token)], b"v=0")


@pytest.mark.parametrize("form", ["room7?avc=%s", "%s"])
def test_a_key_is_not_spent_by_coming_back(web, media, form):
    token, _ = stream_key(web)
    for _ in range(3):
        assert publishes(media, form % token)
    is_refused(web, media, "room8?avc=" + token, "room")


def test_a_whip_client_comes_back_with_the_same_bearer(web):
    token, _ = stream_key(web)
    for _ in range(3):
        assert whip(web, token).status == 201
    web.is_refusal(whip(web, token, "room8"), "room")
    player = tokens.token("/", purpose="session", room=tokens.text_claim("room7"))
    web.is_refusal(whip(web, player), "act")


def test_a_key_may_be_for_so_many_connections(web, media):
    token, _ = stream_key(web, "--max", "2")
    assert publishes(media, token)
    assert whip(web, token).status == 201
    is_refused(web, media, token, "used-up")
    web.is_refusal(whip(web, token), "used-up")


def ask(web, token):
    """nginx-rtmp's question, by hand."""
    return web.ask("/rtmp", "POST", [("Content-Type", rtmp.FORM)],
                   rtmp.form("publish", more="&avc=" + token).encode(), version="1.0")


def test_a_key_lives_for_weeks_and_no_longer(web):
    token, _ = stream_key(web)
    web.set_clock(time.time() + 89 * DAY)
    assert ask(web, token).status == 200 and whip(web, token).status == 201
    web.set_clock(time.time() + 91 * DAY)
    assert ask(web, token).status == 403 and whip(web, token).status == 410
    web.log.claim(r"AVC0007: expired: ", count=2)


def test_a_key_is_taken_back_by_its_id_and_no_other_with_it(web, media):
    lost, number = stream_key(web)
    other, _ = stream_key(web)
    assert publishes(media, lost) and whip(web, lost).status == 201
    avcsec("revoke", "--file", web.root + "/conf/revoked", "--id", number)
    web.looked()
    assert ask(web, lost).status == 403
    web.log.disregard(r"AVC\d{4}: revoked: |AVC0109: ")
    is_refused(web, media, lost, "revoked")
    is_refused(web, media, "room7?avc=" + lost, "revoked")
    web.is_refusal(whip(web, lost), "revoked")
    assert publishes(media, other) and whip(web, other).status == 201
