# SPDX-License-Identifier: Apache-2.0
# avcsec explain --admission: what the module would say to a question that a media server sends.
import glob
import json
import os
import re
import subprocess

import pytest

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
COMMAND = os.path.abspath(os.environ.get("AVCSEC_TOOL", os.path.join(ROOT, "build", "avcsec")))
CAPTURES = [json.load(open(path, encoding="utf-8")) for path in sorted(
    glob.glob(os.path.join(ROOT, "tests/e2e/session/captures/*.json")))]


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    path = tmp_path_factory.mktemp("keys") / "keys"
    path.write_text("k1 hs256 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n")
    path.chmod(0o600)
    return str(path)


def run(*words, text=""):
    done = subprocess.run([COMMAND, *words], input=text.encode(), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=60)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def session(keys, *claims):
    status, out, err = run("token", "--key-file", keys, "--purpose", "session", "--expires", "1h", *claims)
    assert status == 0, err
    return out.strip()


def explain(keys, server, body, token=""):
    text = body if isinstance(body, str) else json.dumps(body)
    return run("explain", "--key-file", keys, "--admission", server,
               text=text.replace("@token@", token) + "\n")


def reads_json(keys):
    return "no jansson" not in explain(keys, "srs", "{}")[2]


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda capture: capture["dialect"])
def test_questions_as_the_servers_ask_them(keys, capture):
    if capture["dialect"] != "nginx-rtmp" and not reads_json(keys):
        assert explain(keys, capture["dialect"], "{}")[0] == 2
        return
    for case in capture["questions"]:
        token = session(keys, "--act", case["act"], "--app", case["app"], "--room", case["room"])
        status, out, err = explain(keys, capture["dialect"], case["body"], token)
        assert (status, err) == (0, "") and out.startswith("Yes"), (case["of"], out)
        assert re.search(r"  act +%s\n" % case["act"], out) and "live" in out
        status, out, _ = explain(keys, capture["dialect"], case["body"], session(keys, "--act", "upload"))
        assert status == 1 and out.startswith("No: act (AVC0020)")
        assert "mac." not in out
    for case in capture["notes"]:
        status, out, _ = explain(keys, capture["dialect"], case["body"], "x")
        assert status == 0 and out.startswith("Nothing is asked")


def test_a_question_of_another_form_names_the_field(keys):
    status, out, _ = explain(keys, "nginx-rtmp", "app=live&call=play&name=r")
    assert status == 1 and "form (AVC0024)" in out and "nginx-rtmp: addr is missing" in out
    assert "control character" in explain(keys, "nginx-rtmp", "call=play%00")[1]


def test_addresses_of_srs_count_where_it_is_said(keys):
    if not reads_json(keys):
        return
    body = {"action": "on_play", "ip": "192.0.2.7", "app": "live", "stream": "r", "param": "?avc=@token@"}
    token = session(keys, "--ip", "192.0.2.7")
    assert "No: address" in explain(keys, "srs", body, token)[1]
    assert explain(keys, "srs address", body, token)[1].startswith("Yes")


@pytest.mark.parametrize("words", [["--admission", "wowza"], ["--admission", "nginx-rtmp address"],
                                   ["--admission", "srs addresses"], ["--admission", "srs", "/a.jpg"],
                                   ["--admission", "srs", "--json"]])
def test_wrong_usage_is_said(keys, words):
    status, out, err = run("explain", "--key-file", keys, *words)
    assert status == 2 and not out and "--admission" in err


def test_without_a_key_nothing_is_answered():
    status, _, err = run("explain", "--admission", "srs")
    assert status == 2 and "needs the key" in err
