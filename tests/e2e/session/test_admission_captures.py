# SPDX-License-Identifier: Apache-2.0
# SetHandler avcsec-admission: what each media server writes, to the byte as far as its source says
# (captures/: one file a server, with version and day). Each question is answered yes to a right
# token and no to any other; what only tells something is answered without one.
import glob
import json
import os

import pytest

from avc import rtmp, settings, tokens
from avc.peers import MEDIA

CAPTURES = sorted(glob.glob(os.path.join(os.path.dirname(__file__), "captures", "*.json")))
READ = []
for path in CAPTURES:
    with open(path, encoding="utf-8") as file:
        READ.append(json.load(file))
# A build without jansson answers those that send no JSON.
ANSWERED = [capture["dialect"] for capture in READ
            if settings.reads_json() or capture["dialect"] == "nginx-rtmp"]
CONFIG = """
AvcKeyFile "@keys@"
AvcMediaServer 127.0.0.1 127.0.0.2
AvcAdmin 192.0.2.0/24
""" + "".join("""
<Location "/%s">
    SetHandler avcsec-admission
    AvcAdmission %s
</Location>
""" % (dialect, dialect) for dialect in ANSWERED)


@pytest.fixture(scope="module")
def web(serve):
    return serve(CONFIG)


def session(**how):
    return tokens.token("/", purpose="session", expires=3600, **how)


def cases(kind):
    return [pytest.param(capture["dialect"], case, id=capture["dialect"] + ": " + case["of"],
                         marks=[] if capture["dialect"] == "nginx-rtmp" else [pytest.mark.json])
            for capture in READ for case in capture[kind]]


def post(web, dialect, body, token=""):
    is_form = isinstance(body, str)
    text = (body if is_form else json.dumps(body)).replace("@token@", token)
    kind = rtmp.FORM if is_form else "application/json"
    return web.ask("/" + dialect, "POST", [("Content-Type", kind)], text.encode(), source=MEDIA,
                   version="1.0")


def says_yes(answer):
    """What these servers take for a yes: a status, and what their JSON says if there is any."""
    said = json.loads(answer.text) if answer.text else {}
    return (answer.status == 200 and said.get("code", 0) == 0 and said.get("allowed", True) is True
            and said.get("result", True) is True)


@pytest.mark.parametrize("dialect, case", cases("questions"))
def test_a_question_as_its_server_asks_it(web, dialect, case):
    act, app, room = case["act"], case["app"], tokens.text_claim(case["room"])
    assert says_yes(post(web, dialect, case["body"], session(act=act, app=app, room=room)))
    web.log.poll()
    assert not web.log.pending
    wrong = [(tokens.tampered(session(act=act)), "signature"), (session(act="upload"), "act"),
             (session(act=act, app="other"), "app")]
    if act != "connect":
        wrong.append((session(act=act, room=tokens.text_claim("room8")), "room"))
    for token, reason in wrong:
        assert not says_yes(post(web, dialect, case["body"], token))
        web.log.claim(r"AVC\d{4}: %s: " % reason)


@pytest.mark.parametrize("dialect, case", cases("notes"))
def test_what_only_tells_something_needs_no_token(web, dialect, case):
    assert says_yes(post(web, dialect, case["body"]))


def test_every_media_server_has_a_capture_that_says_its_version_and_day():
    with open(os.path.join(settings.REPOSITORY, "mod_avcsec/core/session/dialect.c"),
              encoding="utf-8") as file:
        names = [line.split('"')[1] for line in file if ".name = \"" in line]
    assert sorted(names) == sorted(capture["dialect"] for capture in READ)
    for capture in READ:
        assert capture["version"] and capture["source"] and len(capture["read"]) == 10
        assert capture["questions"]
