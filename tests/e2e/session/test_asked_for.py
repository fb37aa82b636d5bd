# SPDX-License-Identifier: Apache-2.0
# What a session is asked for, said by an argument (AvcSessionFor room=arg:...), by an expression
# (AvcCheck session act=...), by AVChat's media server itself (avcsec-token-verify); and what the
# line of a refusal says of it.
import itertools

import pytest

from avc import rtmp, tokens
from avc.peers import MEDIA

serial = itertools.count(1)
room = tokens.text_claim
CONFIG = """
AvcKeyFile "@keys@"
AvcMediaServer 127.0.0.2
<Location "/whip">
    AvcSessionFor publish room=arg:stream app=arg:app
</Location>
<Location "/check">
    SetHandler avcsec-check
    AvcCheck nginx session "act=%{HTTP:X-Act}"
</Location>
<Location "/verify">
    SetHandler avcsec-token-verify
</Location>
<Location "/nginx-rtmp">
    SetHandler avcsec-admission
    AvcAdmission nginx-rtmp
</Location>
"""


@pytest.fixture(scope="module")
def web(serve):
    return serve(CONFIG, docroot={"whip/index.txt": "offer"})


def session(**how):
    return tokens.token("/", purpose="session", expires=3600, **how)


def bearer(token):
    return [("Authorization", "Bearer " + token)]


# -- AvcSessionFor room=arg:stream

@pytest.mark.parametrize("query", ["stream=q1", "app=live&stream=q1&x=1", "stream=%71%31", "x&stream=q1"])
def test_the_room_that_an_argument_names_is_the_tokens(web, query):
    web.allowed("/whip/index.txt?" + query, headers=bearer(session(act="publish", room=room("q1"))),
                shows="offer")
    web.refused("/whip/index.txt?" + query, "room",
                headers=bearer(session(act="publish", room=room("q3"))))


@pytest.mark.parametrize("query", [
    "stream=q1&stream=q3", "stream=q3&stream=q1", "stream=q1&%73tream=q3", "%73tream=q1",
    "stream=q1&stream[]=q3", "stream[]=q1", "stream=q1&stream%5B%5D=q3", "stream=q1&+stream=q3",
    "stream=q1;stream=q3", "x=1;stream=q3&stream=q1", "stream=q+1", "stream&stream=q1",
    "stream=q1&app=a&app=b",
])
def test_an_argument_that_servers_may_read_differently_is_refused(web, query):
    for token in (session(act="publish", room=room("q1")), session(act="publish")):
        assert web.ask("/whip/index.txt?" + query, headers=bearer(token)).status == 403
        web.log.claim(r"AVC0006: argument: .*AvcSessionFor. is repeated")


def test_without_the_argument_a_token_for_a_room_opens_nothing(web):
    web.refused("/whip/index.txt?x=1", "room", headers=bearer(session(act="publish", room=room("q1"))))
    web.refused("/whip/index.txt", "room", headers=bearer(session(act="publish", room=room("q1"))))
    web.refused("/whip/index.txt?stream=", "room",
                headers=bearer(session(act="publish", room=room("q1"))))
    web.allowed("/whip/index.txt", headers=bearer(session(act="publish")), shows="offer")
    web.refused("/whip/index.txt?app=b", "app", headers=bearer(session(act="publish", app="a")))


def test_the_line_names_the_act_that_is_missing(web):
    assert web.ask("/whip/index.txt?stream=q1", headers=bearer(session())).status == 403
    web.log.claim(r"AVC0020: act: .*does not name publish")


@pytest.mark.parametrize("line", ["room=arg:", "room=arg:a.b", "room=arg:a room=arg:b",
                                  "room=arg:a room=%{REQUEST_URI}", "room=%{REQUEST_URI} room=arg:a"])
def test_what_is_no_argument_is_no_configuration(serve_once, line):
    config = '<Location "/x">\nAvcSessionFor play %s\n</Location>\n' % line
    status, printed = serve_once(config, begin=False).configtest()
    assert status != 0 and "AvcSessionFor takes" in printed


# -- AvcCheck session act=

def check(web, token, act):
    headers = [("X-Original-URI", "/a?avc=" + token), ("X-Original-Method", "GET"),
               ("X-Real-IP", "192.0.2.7")] + ([("X-Act", act)] if act is not None else [])
    return web.ask("/check", headers=headers, source=MEDIA).status


def test_a_server_in_front_asks_for_the_act_that_is_configured(web):
    assert check(web, session(act="publish"), "publish") == 200
    for act in ("play", "", None, "publish.play", "connect"):
        assert check(web, session(act="publish"), act) == 403
        web.log.claim(r"AVC0020: act: ")


@pytest.mark.parametrize("words", ["nginx file act=play", "nginx act=play", "nginx session play",
                                   "nginx session act=%{nosuch:"])
def test_an_act_is_of_a_session(serve_once, words):
    config = '<Location "/x">\nSetHandler avcsec-check\nAvcCheck %s\n</Location>\n' % words
    status, printed = serve_once(config, begin=False).configtest()
    assert status != 0 and "AvcCheck" in printed


# -- avcsec-token-verify

def verify(web, query, body=None):
    if body is not None:
        return web.ask("/verify" + query, "POST", [("Content-Type", rtmp.FORM)], body.encode(),
                       source=MEDIA).text
    return web.ask("/verify" + query, source=MEDIA).text


def test_avchats_media_server_may_ask_for_act_room_and_application(web):
    token = session(act="publish", room=room("q1"), app="live")
    assert verify(web, "?act=publish&room=q1&app=live&token=" + token) == "true"
    assert verify(web, "", "token=%s&act=publish&room=q1&app=live" % token) == "true"
    for query, reason in [("act=play&room=q1&app=live", "act"), ("act=publish&room=q2&app=live", "room"),
                          ("act=publish&room=q1&app=other", "app"), ("act=publish&room=q1", "app"),
                          ("act=publish&app=live", "room"), ("room=q1&app=live", "act"),
                          ("act=publish.play&room=q1&app=live", "act")]:
        assert verify(web, "?%s&token=%s" % (query, token)) == "false"
        web.log.claim(r"AVC\d{4}: %s: " % reason)


def test_what_its_client_appends_to_the_token_asks_for_nothing(web):
    token = session(act="publish", room=room("q1"))
    for query in ("?token=%s&act=publish&room=q1", "?act=play&token=%s&act=publish&room=q1",
                  "?token=x&act=publish&room=q1&token=%s"):
        assert verify(web, query % token) == "false"
        web.log.claim(r"AVC\d{4}: ")
    assert verify(web, "?act=publish&room=q1", "token=" + token) == "false", "the body asks"
    web.log.claim(r"AVC0020: act: ")
    assert verify(web, "?token=%s&act=publish" % session()) == "true", "connecting is what is asked"


# -- the line of a refusal

def ask(web, token, act="play", name="room7", client="192.0.2.7"):
    body = rtmp.form(act, client, name, more="&avc=" + token if token else "")
    return web.ask("/nginx-rtmp", "POST", [("Content-Type", rtmp.FORM)], body.encode(), source=MEDIA)


def test_the_line_says_who_wanted_what_where(web):
    token = session(act="play", room=room("room8"), sub=tokens.text_claim("anna"), id="0123456789abcdef")
    assert ask(web, token).status == 403
    line, = web.log.claim(r"AVC0022: room: ")
    assert ("nginx-rtmp, act play, application live, stream room7, client 192.0.2.7, user anna, "
            "token 0123456789abcdef") in line
    assert token not in line and token.rsplit("~mac.", 1)[1] not in line


def test_the_line_shows_what_strangers_write_escaped_and_cut(web):
    token = session(act="publish")
    assert ask(web, "", name="a%22b%C3%A9").status == 403
    line, = web.log.claim(r"AVC0001: no-token: ")
    assert 'stream a\\' in line and '"b' in line and "\xc3" not in line
    assert ask(web, "", name="x" * 1000).status == 403
    line, = web.log.claim(r"AVC0001: no-token: ")
    assert "stream %s..." % ("x" * 160) in line and "x" * 161 not in line
    assert ask(web, token, name="y?avc=" + token).status == 403
    line, = web.log.claim(r"AVC0020: act: .*the session may publish, and not play: ")
    assert token not in line and token.rsplit("~mac.", 1)[1] not in line


def test_the_line_says_that_it_may_be_a_relay(web):
    assert ask(web, "", client="127.0.0.1").status == 403
    web.log.claim(r"AVC0001: no-token: .*pull, push and exec_push")
    assert ask(web, "", client="127.0.0.1:52569/live").status == 403
    web.log.claim(r"AVC0024: form: .*addr is no address; .*pull, push and exec_push")
    assert ask(web, "").status == 403
    line, = web.log.claim(r"AVC0001: no-token: ")
    assert "exec_push" not in line
