# SPDX-License-Identifier: Apache-2.0
# SetHandler avcsec-admission: media servers ask whether a client may connect, play or publish.
# nginx-rtmp as Debian has it asks itself, with real encoders and players; the messages of the
# others are written from their documentation.
import itertools
import json
import os
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from avc import rtmp, settings, tokens
from avc.peers import MEDIA, STRANGER

DIALECTS = ("nginx-rtmp", "srs", "mediamtx", "ovenmediaengine", "ant-media", "red5pro")
# A build without jansson answers the one that sends no JSON.
ANSWERED = DIALECTS if settings.reads_json() else DIALECTS[:1]
CONFIG = """
AvcKeyFile "@keys@"
AvcMediaServer 127.0.0.1 127.0.0.2
AvcAdmin 192.0.2.0/24
""" + "".join("""
<Location "/%s">
    SetHandler avcsec-admission
    AvcAdmission %s
</Location>
""" % (name, name) for name in ANSWERED) + ("""
<Location "/srs-behind-a-proxy">
    SetHandler avcsec-admission
    AvcAdmission srs address
</Location>
""" if settings.reads_json() else "") + """
<LocationMatch "^/unnamed$">
    SetHandler avcsec-admission
</LocationMatch>
<Location "/media">
    SetHandler avcsec-admission
    AvcAdmission nginx-rtmp
    AvcMediaServer 127.0.0.2
</Location>
"""
FORM = ("Content-Type", rtmp.FORM)
JSON = ("Content-Type", "application/json")
# nginx-rtmp turns away by hanging up; this is what ffmpeg then shows.
GONE = "Input/output error"
serial = itertools.count(1)
room = tokens.text_claim


@pytest.fixture(scope="module")
def web(serve):
    return serve(CONFIG)


def read(path):
    with open(os.path.join(settings.REPOSITORY, path), encoding="utf-8") as file:
        return file.read()


def session(**how):
    how.setdefault("expires", 3600)
    return tokens.token("/", purpose="session", **how)


def once(**how):
    return session(id="admission-number-%04d" % next(serial), max=1, **how)


def marked(*rows):
    """Parameters, a dialect first; those that send JSON need a build that reads it."""
    rows = [row if isinstance(row, tuple) else (row,) for row in rows]
    return [pytest.param(*row, marks=[pytest.mark.json] if row[0] != "nginx-rtmp" else [])
            for row in rows]


# -- nginx-rtmp itself

@pytest.fixture(scope="module")
def media(web):
    hook = "http://127.0.0.1:@web@/nginx-rtmp;"
    hooks = "on_publish %s on_play %s on_done %s" % (hook, hook, hook)
    with rtmp.MediaServer(web, application=hooks) as server:
        yield server


def is_on_air(media, name):
    return any(rtmp.play(media.url() + "/%s?avc=%s" % (name, session()), 0.3)[0] for _ in range(10))


@pytest.fixture(scope="module")
def live(media):
    """room7 is on the air."""
    key = session(act="publish", room=room("room7"))
    with rtmp.Broadcast(media.url(), "room7?avc=" + key) as broadcast:
        assert is_on_air(media, "room7") and broadcast.process.poll() is None
        yield broadcast


# SPEC [claim-8]
def test_a_right_token_plays(media, live):
    frames, printed = rtmp.play(media.url() + "/room7?avc=" + session(room=room("room7"), app="live"))
    assert frames > 3, printed
    frames, printed = rtmp.play(media.url() + "/room7?avc=" + session(ip4="127.0.0.1"))
    assert frames > 3, printed


def test_a_token_for_one_play_plays_once(web, media, live):
    token = once()
    assert rtmp.play(media.url() + "/room7?avc=" + token, 0.3)[0]
    frames, printed = rtmp.play(media.url() + "/room7?avc=" + token, 0.3)
    assert not frames and GONE in printed
    size, printed = rtmp.dump(media.url(), "room7?avc=" + token)
    assert size == 0 and "ERROR: " in printed
    web.log.claim(r"AVC0013: used-up: ", count=2)


def test_rtmpdump_plays_with_a_token_in_the_stream_or_in_the_connection(web, media, live):
    size, printed = rtmp.dump(media.url(), "room7?avc=" + session())
    assert size > 1000, printed
    size, printed = rtmp.dump(media.url(query="avc=" + session()), "room7")
    assert size > 1000, printed
    size, printed = rtmp.dump(media.url(), "room7")
    assert size == 0 and "ERROR" in printed
    web.log.claim(r"AVC0001: no-token: ")


def wrong():
    return [
        ("none", "", "no-token"),
        ("over", session(expires=-1, issued=-60), "expired"),
        ("tampered", tokens.tampered(session()), "signature"),
        ("another room's", session(room=room("room8")), "room"),
        ("another application's", session(app="other"), "app"),
        ("to publish only", session(act="publish"), "act"),
        ("another address's", session(ip4="192.0.2.1"), "address"),
        ("an administrator's, elsewhere", session(role="admin"), "role"),
        ("a file's", tokens.token("/", expires=60), "purpose"),
        ("junk", "junk", "malformed"),
    ]


@pytest.mark.parametrize("name, token, reason", wrong())
def test_a_player_with_a_wrong_token_sees_nothing(web, media, live, name, token, reason):
    stream = "room7" + (token and "?avc=" + token)
    frames, printed = rtmp.play(media.url() + "/" + stream, 0.3)
    assert frames == 0 and GONE in printed
    size, printed = rtmp.dump(media.url(), stream)
    assert size == 0 and "ERROR: " in printed
    web.log.claim(r"AVC\d{4}: %s: " % reason, count=2)


@pytest.mark.parametrize("name, key, reason", [
    ("none", "room9", "no-token"),
    ("to play only", "room9?avc=" + session(act="play"), "act"),
    ("that says nothing of publishing", "room9?avc=" + session(), "act"),
    ("another room's", "room9?avc=" + session(act="publish", room=room("room7")), "room"),
    ("over", "room9?avc=" + session(act="publish", expires=-1, issued=-60), "expired"),
    ("tampered", "room9?avc=" + tokens.tampered(session(act="publish")), "signature"),
    ("alone and for no room", session(act="publish"), "room"),
])
def test_an_encoder_with_a_wrong_token_is_turned_away(web, media, name, key, reason):
    with rtmp.Broadcast(media.url(), key) as broadcast:
        assert broadcast.is_refused(), "the encoder went on"
        assert GONE in broadcast.stop()
    web.log.claim(r"AVC\d{4}: %s: " % reason)


def test_a_key_for_one_broadcast_opens_one(web, media):
    token = once(act="publish", room=room("room11"))
    with rtmp.Broadcast(media.url(), "room11?avc=" + token) as broadcast:
        assert is_on_air(media, "room11") and broadcast.process.poll() is None
    with rtmp.Broadcast(media.url(), "room11?avc=" + token) as broadcast:
        assert broadcast.is_refused() and GONE in broadcast.stop()
    web.log.claim(r"AVC0013: used-up: ")


def test_a_stream_key_is_a_token_and_nothing_else(web, media):
    """As OBS has it: a server and a key. The stream gets the token's room for its name."""
    key = session(act="publish", room=room("room10"), expires=90 * 86400)
    with rtmp.Broadcast(media.url(), key) as broadcast:
        assert is_on_air(media, "room10") and broadcast.process.poll() is None
    assert web.logged('"POST /nginx-rtmp HTTP/1.0" 302 ')


def test_what_a_client_says_of_itself_does_not_pass_for_the_server(web, media, live):
    """nginx-rtmp appends a client's own arguments unescaped, behind its own."""
    token = session(ip4="192.0.2.1", room=room("room8"))
    for options in ([], ["--flashVer", "x&addr=192.0.2.1&name=room8&call=play"],
                    ["--pageUrl", "http://x/&addr=192.0.2.1&name=room8"]):
        size, printed = rtmp.dump(media.url(), "room7?avc=%s&addr=192.0.2.1&name=room8&call=done"
                                  % token, *options)
        assert size == 0, printed
        web.log.claim(r"AVC0010: address: ")
    size, printed = rtmp.dump(media.url(), "room7?avc=" + session(room=room("room8"))
                              + "&name=room8&call=play_done")
    assert size == 0, printed
    web.log.claim(r"AVC0022: room: ")


def test_connections_are_let_in_once(web):
    hook = "http://127.0.0.1:@web@/nginx-rtmp;"
    with rtmp.MediaServer(web, server="on_connect " + hook) as media:
        token = once(act="connect")
        with rtmp.Broadcast(media.url(), "room1?avc=" + token) as broadcast:
            assert broadcast.is_refused(), "the token of a stream is not the connection's"
        web.log.claim(r"AVC0001: no-token: ")
        size, printed = rtmp.dump(media.url(query="avc=" + token), "room1", "--verbose", patience=2)
        assert "NetConnection.Connect.Success" in printed
        size, printed = rtmp.dump(media.url(query="avc=" + token), "room1", patience=2)
        assert size == 0 and "ERROR" in printed
        web.log.claim(r"AVC0013: used-up: ")


# -- the messages one by one

def post(web, dialect, body, source=MEDIA, headers=None):
    if isinstance(body, dict):
        body, kind = json.dumps(body), JSON
    else:
        kind = FORM
    return web.ask("/" + dialect, "POST", [kind] if headers is None else headers, body.encode(),
                   source=source, version="1.0")


def message(dialect, act="play", token="", app="live", stream="room7", client="192.0.2.7"):
    dialect = "srs" if dialect.startswith("srs") else dialect
    query = "avc=" + token if token else ""
    if dialect == "nginx-rtmp":
        return rtmp.form(act, client, stream, app, "&" + query if query else "")
    if dialect == "srs":
        return {"server_id": "vid-0xk989d", "service_id": "x", "action": "on_" + act,
                "client_id": "9308h583", "ip": client, "vhost": "__defaultVhost__", "app": app,
                "tcUrl": "rtmp://h/live", "stream": stream, "param": "?" + query if query else "",
                "stream_url": "/%s/%s" % (app, stream)}
    if dialect == "mediamtx":
        return {"ip": client, "user": "", "password": "", "token": "",
                "action": {"play": "read"}.get(act, act), "path": app + "/" + stream,
                "protocol": "rtsp", "id": "c5e2", "query": query, "userAgent": "x"}
    if dialect == "ovenmediaengine":
        return {"client": {"address": client, "port": 29291, "user_agent": "OBS"},
                "request": {"direction": "incoming" if act == "publish" else "outgoing",
                            "protocol": "rtmp", "status": "opening",
                            "url": "rtmp://host:1935/%s/%s%s" % (app, stream,
                                                                 "?" + query if query else ""),
                            "time": "2026-11-24T15:00:00.000+00:00"}}
    if dialect == "ant-media":
        return {"appName": app, "name": stream, "streamId": stream, "mode": "live",
                "queryParams": "{a=1, %s}" % query if query else "{}"}
    return {"username": "u", "password": "p", "token": token, "streamID": stream, "scope": app,
            "type": "publisher" if act == "publish" else "subscriber"}


def says_yes(dialect, answer):
    """What this media server takes for yes, by its documentation."""
    assert "no-store" in answer.words("Cache-Control")
    if dialect.startswith("srs"):
        return answer.status == 200 and json.loads(answer.text)["code"] == 0
    if dialect == "ovenmediaengine":
        assert answer.status == 200
        return json.loads(answer.text)["allowed"]
    if dialect == "red5pro":
        assert answer.status == 200
        return json.loads(answer.text)["result"]
    return answer.status == 200


ACTS = [(dialect, act) for dialect in DIALECTS for act in ("play", "publish")
        if (dialect, act) != ("ant-media", "play")]


@pytest.mark.smoke
@pytest.mark.parametrize("dialect, act", marked(*ACTS))
def test_each_dialect_lets_in_whoever_has_a_token_and_nobody_else(web, dialect, act):
    token = once(act=act, room=room("room7"))
    assert says_yes(dialect, post(web, dialect, message(dialect, act, token)))
    web.log.poll()
    assert not web.log.pending
    for bad, reason in [
            (token, "used-up"), ("", "no-token"), (tokens.tampered(session(act=act)), "signature"),
            (session(act=act, expires=-1, issued=-60), "expired"),
            (session(act=act, room=room("room8")), "room"),
            (session(act="publish" if act == "play" else "play"), "act"),
            (session(act=act, role="admin", ip6="2001_db8__-48"), "address")]:
        assert not says_yes(dialect, post(web, dialect, message(dialect, act, bad)))
        web.log.claim(r"AVC\d{4}: %s: " % reason)


@pytest.mark.parametrize("dialect", marked(*DIALECTS))
def test_the_application_has_to_be_the_tokens(web, dialect):
    token = session(act="publish", app="live")
    assert says_yes(dialect, post(web, dialect, message(dialect, "publish", token)))
    assert not says_yes(dialect, post(web, dialect, message(dialect, "publish", token, app="other")))
    web.log.claim(r"AVC0021: app: ")


@pytest.mark.parametrize("dialect", marked("nginx-rtmp", "mediamtx", "ovenmediaengine",
                                           "srs-behind-a-proxy"))
def test_addresses_are_those_that_the_media_server_reports(web, dialect):
    token = session(act="play", ip4="192.0.2.0-24", ip6="2001_db8__-32", role="admin")
    assert says_yes(dialect, post(web, dialect, message(dialect, "play", token)))
    assert not says_yes(dialect, post(web, dialect, message(dialect, "play", token,
                                                            client="198.51.100.1")))
    web.log.claim(r"AVC0010: address: ")
    assert not says_yes(dialect, post(web, dialect, message(dialect, "play", token,
                                                            client="2001:db8::1")))
    web.log.claim(r"AVC0023: role: ")
    assert not says_yes(dialect, post(web, dialect, message(dialect, "play", token, client="x")))
    web.log.claim(r"AVC0024: form: ")


@pytest.mark.json
@pytest.mark.parametrize("act", ["play", "publish"])
def test_no_address_that_srs_tells_proves_anything(web, act):
    """At its HTTP port (FLV, HLS, WHIP, WHEP) it believes any client's X-Forwarded-For, and its
    question does not say by which port the client came."""
    for token in (session(act=act, ip4="192.0.2.7"), session(act=act, ip6="2001_db8__-32"),
                  session(act=act, ip4="192.0.2.7", ip6="2001_db8__-32")):
        for client in ("192.0.2.7", "2001:db8::1"):
            assert not says_yes("srs", post(web, "srs", message("srs", act, token, client=client)))
            web.log.claim(r"AVC0010: address: ")
    assert not says_yes("srs", post(web, "srs", message("srs", act, session(act=act, role="admin"))))
    web.log.claim(r"AVC0023: role: ")
    assert says_yes("srs", post(web, "srs", message("srs", act, session(act=act))))
    token = session(act="connect", ip4="192.0.2.7", role="admin")
    body = dict(message("srs", "connect"), tcUrl="rtmp://h/live?avc=" + token)
    assert says_yes("srs", post(web, "srs", body)), "only RTMP connects"


@pytest.mark.json
def test_the_log_says_how_addresses_of_srs_are_made_to_count(web):
    token = session(act="play", ip4="192.0.2.7")
    assert not says_yes("srs", post(web, "srs", message("srs", "play", token)))
    web.log.claim(r"AVC0010: address: .*X-Forwarded-For.*AvcAdmission srs address")


@pytest.mark.json
def test_streams_that_srs_takes_for_one_are_one_room(web):
    """It leaves out what stands behind the last dot; where it does not, it says so."""
    token = session(act="play", room=room("room7"))
    for stream, url, opens in [("room7.m3u8", "/live/room7", True), ("room7.x", "/live/room7", True),
                               ("room7.m3u8", "/live/room7.m3u8", False),
                               ("room7.x.flv", "/live/room7.x", False)]:
        body = dict(message("srs", "play", token), stream=stream, stream_url=url)
        assert says_yes("srs", post(web, "srs", body)) == opens
        if not opens:
            web.log.claim(r"AVC0022: room: ")
    body = dict(message("srs", "play", session(act="play", room=room("room7.x"))), stream="room7.x",
                stream_url="/live/room7")
    assert not says_yes("srs", post(web, "srs", body)), "it would open room7"
    web.log.claim(r"AVC0022: room: ")
    body["stream_url"] = "/live/room8"
    assert not says_yes("srs", post(web, "srs", body))
    web.log.claim(r"AVC0024: form: .*no question of srs: stream_url is not the address of")


@pytest.mark.parametrize("dialect", marked("ant-media", "red5pro"))
def test_a_limit_that_a_media_server_cannot_tell_refuses(web, dialect):
    for token, reason in [(session(act="publish", ip4="192.0.2.7"), "address"),
                          (session(act="publish", role="admin"), "role")]:
        assert not says_yes(dialect, post(web, dialect, message(dialect, "publish", token)))
        web.log.claim(r"AVC\d{4}: %s: " % reason)


@pytest.mark.parametrize("dialect, body", marked(
    ("nginx-rtmp", rtmp.form("done")), ("nginx-rtmp", rtmp.form("publish_done")),
    ("nginx-rtmp", rtmp.form("update_play")), ("nginx-rtmp", rtmp.form("disconnect")),
    ("nginx-rtmp", rtmp.form("record_done")),
    ("srs", {"action": "on_close", "client_id": "1", "ip": "192.0.2.7"}),
    ("srs", {"action": "on_unpublish", "ip": "192.0.2.7"}), ("srs", {"action": "on_hls"}),
))
def test_what_needs_no_answer_needs_no_token(web, dialect, body):
    assert says_yes(dialect, post(web, dialect, body))


@pytest.mark.json
def test_the_end_of_a_stream_is_only_noted(web):
    body = message("ovenmediaengine")
    body["request"]["status"] = "closing"
    answer = post(web, "ovenmediaengine", body)
    assert (answer.status, answer.text) == (200, "{}")


def variants(dialect, **changed):
    body = message(dialect, "publish", session(act="publish"))
    body.update(changed)
    return body


@pytest.mark.parametrize("dialect, body, fault", marked(
    ("nginx-rtmp", "call=play", "addr is missing"), ("nginx-rtmp", "", "call is missing"),
    ("nginx-rtmp", rtmp.form("shutdown"), "call is nothing that this media server asks or tells"),
    ("nginx-rtmp", rtmp.form("play", more="&avc=" + session() + "&x=%00"), "the form holds a control"),
    ("nginx-rtmp", rtmp.form("play", name="room7%0d%0aX", more="&avc=" + session()), "the form holds"),
    ("nginx-rtmp", rtmp.form("play", more="&avc=" + session() + "\n"), "the form holds a control"),
    ("nginx-rtmp", rtmp.form("play", addr="192.0.2.7:1935", more="&avc=" + session()),
     "addr is no address"),
    ("srs", {}, "action is missing"), ("srs", variants("srs", ip=7), "ip is no text"),
    ("srs", variants("srs", action="on_forward"), "action is nothing that"),
    ("srs", variants("srs", stream="a\u0001"), "stream is no text, or holds a control"),
    ("srs", variants("srs", param=["?avc=x"]), "param is no text"),
    ("mediamtx", variants("mediamtx", action="api"), "action is nothing"),
    ("mediamtx", variants("mediamtx", ip=""), "ip is no address"),
    ("mediamtx", variants("mediamtx", token=1), "token is no text"),
    ("ovenmediaengine", variants("ovenmediaengine", request="x"), r"request\.direction is no text"),
    ("ovenmediaengine", variants("ovenmediaengine", client=None), r"client\.address is missing"),
    ("ant-media", variants("ant-media", streamId={}), "streamId is no text"),
    ("red5pro", variants("red5pro", type="owner"), "type is nothing"),
))
def test_what_is_not_of_the_dialect_is_refused_and_the_log_names_the_field(web, dialect, body, fault):
    assert not says_yes(dialect, post(web, dialect, body))
    web.log.claim(r"AVC0024: form: .*no question of %s: %s" % (dialect, fault))


@pytest.mark.json
@pytest.mark.parametrize("text, fault", [
    ("", "the body is no well-formed JSON"), ("[]", "the body is no JSON object"),
    ("null", "the body is no"), ("{", "the body is no well-formed JSON"),
    ('{"action":"on_play","action":"on_close"}', "action stands in it twice"),
    ('{"a":{"b":1,"b" : 2}}', "b stands in it twice"),
    ('{"%s":1,"%s":2}' % ("a" * 40, "a" * 40), "a name stands in it twice"),
    ('{"a":1} x', "the body is no well"), ("\xff", "the body is no well"),
    ('{"action":"on_play\\u0000"}', "the body is no"), ("[" * 5000, "the body is no"),
])
def test_what_is_no_json_object_is_refused(web, text, fault):
    answer = web.ask("/srs", "POST", [JSON], text.encode("latin-1"), source=MEDIA)
    assert not says_yes("srs", answer)
    web.log.claim(r"AVC0024: form: .*: " + fault)


def test_the_type_of_the_body_is_the_dialects(web):
    good = rtmp.form("play", more="&avc=" + session())
    for headers in ([], [JSON], [("Content-Type", "application/x-www-form-urlencodedx")]):
        assert post(web, "nginx-rtmp", good, headers=headers).status == 403
        web.log.claim(r"AVC0024: form: .*Content-Type is not application/x-www-form-urlencoded")
    assert post(web, "nginx-rtmp", good,
                headers=[("Content-Type", FORM[1] + "; charset=utf-8")]).status == 200


def test_the_first_of_a_name_counts(web):
    good, bad = session(), tokens.tampered(session())
    assert post(web, "nginx-rtmp", rtmp.form(more="&avc=%s&avc=%s" % (good, bad))).status == 200
    assert post(web, "nginx-rtmp", rtmp.form(more="&avc=%s&avc=%s" % (bad, good))).status == 403
    web.log.claim(r"AVC0005: signature: ")
    only = session(room=room("room8"))
    assert post(web, "nginx-rtmp", rtmp.form(more="&avc=%s&name=room8" % only)).status == 403
    assert post(web, "nginx-rtmp", rtmp.form(more="&avc=%s&%%6eame=room8" % only)).status == 403
    web.log.claim(r"AVC0022: room: ", count=2)


def test_nginx_may_ask_by_get(web):
    token = session()
    target = "/nginx-rtmp?" + rtmp.form(more="&avc=" + token)
    assert web.ask(target, source=MEDIA).status == 200
    assert token not in web.access_log()
    assert web.ask("/nginx-rtmp", "PUT", [FORM], b"x", source=MEDIA).status == 405


@pytest.mark.json
def test_rtsp_clients_are_asked_for_what_they_have(web):
    """They send credentials only after a 401."""
    answer = post(web, "mediamtx", message("mediamtx"))
    assert answer.status == 401
    web.log.claim(r"AVC0001: no-token: ")
    token = session()
    for changed in ({"password": token, "user": "u"}, {"token": token}):
        body = dict(message("mediamtx"), **changed)
        assert post(web, "mediamtx", body).status == 200


def test_only_the_media_server_is_answered(web):
    token = once()
    body = rtmp.form(more="&avc=" + token)
    answer = post(web, "media", body, source=STRANGER)
    web.is_refusal(answer, "address")
    assert post(web, "media", body).status == 200


def test_a_location_that_names_no_media_server_says_no(web):
    assert post(web, "unnamed", rtmp.form(more="&avc=" + session())).status == 403
    web.log.claim(r"AVC0024: form: .*AvcAdmission stands nowhere")


def test_every_check_counts_when_many_ask_at_once(web):
    """Of twenty connections with one token for one use, exactly one gets in."""
    token = once()
    body = rtmp.form(more="&avc=" + token)
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: post(web, "nginx-rtmp", body).status, range(20)))
    assert sorted(statuses) == [200] + [403] * 19
    web.log.claim(r"AVC0013: used-up: ", count=19)


def test_an_unknown_media_server_is_no_configuration(serve_once):
    web = serve_once(CONFIG.replace("AvcAdmission nginx-rtmp", "AvcAdmission wowza"), begin=False)
    status, printed = web.configtest()
    assert status != 0
    assert 'does not know the media server "wowza"' in printed


@pytest.mark.parametrize("table", ["session/dialect", "request/front"])
def test_the_manual_says_what_each_row_was_tested_against(table):
    rows = re.findall(r'\.name = "([^"]+)".*?\.known = "([^"]+)"',
                      read("mod_avcsec/core/%s.c" % table), re.DOTALL)
    manual = re.sub(r"\s+", " ", read("scripts/man/mod_avcsec.5.in"))
    assert len(rows) >= 5
    for name, known in rows:
        entries = [rest.split(" .It ", 1)[0] for rest in manual.split(".It Cm %s " % name)[1:]]
        assert any(known in entry for entry in entries), name


@pytest.mark.json
def test_a_message_of_json_is_no_query(web):
    assert web.ask("/srs?action=on_play", source=MEDIA).status == 405


def test_a_build_without_json_refuses_to_start_rather_than_to_answer(serve_once):
    config = """
    <Location "/srs">
        SetHandler avcsec-admission
        AvcAdmission srs
    </Location>
    """
    status, printed = serve_once(config, begin=False).configtest()
    assert (status == 0) == settings.reads_json()
    assert ("built without jansson" in printed) != settings.reads_json()
