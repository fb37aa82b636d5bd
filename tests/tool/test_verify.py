# SPDX-License-Identifier: Apache-2.0
# avcsec verify beyond the vectors: defaults, headers, exit statuses, warnings.
import pytest

from conftest import ISSUED

REASONS = ("no-token", "malformed", "purpose", "unknown-key", "signature", "argument", "expired",
           "not-yet-valid", "revoked", "address", "origin", "method", "used-up")


@pytest.fixture
def verify(avcsec, keys):
    def run(*words, now=ISSUED, purpose=("--purpose", "file")):
        return avcsec("verify", "--key-file", keys, "--now", str(now), *purpose, *words)
    return run


def refused(answer, reason):
    assert (answer.status, answer.out, answer.err) == (1, reason + "\n", "")


# SPEC [command-9]
def test_each_reason_has_its_word_and_status_one(sign, verify):
    good = sign("/a.jpg?x=1").line
    refused(verify("/a.jpg"), "no-token")
    refused(verify(good + "&avc=1"), "malformed")
    refused(verify(good, purpose=("--purpose", "call")), "purpose")
    refused(verify(good.replace("kid.k1", "kid.k9")), "unknown-key")
    refused(verify(good.replace("/a.jpg", "/b.jpg")), "signature")
    refused(verify(good.replace("x=1", "x=1&x=1")), "argument")
    refused(verify(good, now=ISSUED + 7200), "expired")
    refused(verify(good, now=ISSUED - 31), "not-yet-valid")
    refused(verify(sign("--ip", "192.0.2.7", "/a").line, "--client", "192.0.2.8"), "address")
    refused(verify(sign("--origin", "a.example", "/a").line, "--header", "Origin: null"), "origin")
    refused(verify(good, "--method", "DELETE"), "method")
    refused(verify(sign("--max", "1", "/a").line), "used-up")
    assert verify(good).line == "ok"


# SPEC [checks-1]
def test_first_reason_in_order_is_the_answer(sign, verify):
    url = sign("--ip", "192.0.2.7", "--method", "POST", "/a?x=1").line
    late = ISSUED + 7200
    refused(verify(url.replace("x=1", "x=2"), now=late), "signature")
    refused(verify(url + "&x=1", now=late), "argument")
    refused(verify(url, now=late), "expired")
    refused(verify(url), "address")
    refused(verify(url, "--client", "192.0.2.7"), "method")


def test_what_is_taken_back_is_judged_as_the_server_does(avcsec, sign, verify):
    one, other = (sign("--id", letter * 16, "--ip", "192.0.2.7", "/a").line for letter in "ab")
    listed = avcsec.write("revoked", "# nothing yet\n")
    here = ("--client", "192.0.2.7", "--revocations", listed)
    assert verify(one, *here).line == "ok"
    avcsec("revoke", "--file", listed, "--id", "a" * 16, "--now", str(ISSUED), "--keep", "1h")
    refused(verify(one, *here), "revoked")
    refused(verify(one, "--revocations", listed), "revoked")
    refused(verify(one, *here, now=ISSUED + 7200), "expired")
    assert verify(other, *here).line == "ok"
    assert verify(one, *here, now=ISSUED + 3600).line == "ok", "the entry is over"
    told = verify(one, *here, "--json").json
    assert (told["verdict"], told["status"]) == ("revoked", 403)


@pytest.mark.parametrize("text, why", [
    ("id short until=2040-01-01T00:00:00Z\n", "line 1"), ("kid k1 until=2040-01-01T00:00:00Z", "newline"),
    (None, "no file")])
def test_revocations_that_cannot_be_read_are_no_verdict(avcsec, sign, verify, text, why):
    path = avcsec.write("revoked", text) if text else "nowhere"
    assert why in verify(sign("/a").line, "--revocations", path).complaint


def test_a_link_without_its_client_is_refused_even_in_a_network_of_everybody(sign, verify):
    url = sign("--ip", "::/1", "/a").line
    refused(verify(url), "address")
    refused(verify(url, "--client", "192.0.2.7"), "address")
    assert verify(url, "--client", "::1").line == "ok"


@pytest.mark.parametrize("skew, early, word", [
    (None, 30, "ok"), (None, 31, "not-yet-valid"), ("0", 1, "not-yet-valid"), ("1", 1, "ok"),
    ("600", 600, "ok"), ("600", 601, "not-yet-valid"),
])
def test_clock_skew(sign, verify, skew, early, word):
    words = ["--clock-skew", skew] if skew else []
    assert verify(sign("/a").line, *words, now=ISSUED - early).out == word + "\n"


# SPEC [command-8]
def test_strict_args(sign, verify):
    url = sign("/a?x=1").line
    for more, word in (("&y=1", "argument"), ("&utm_source=z", "ok"), ("&_HLS_msn=1", "ok"),
                       ("&hls_ctx=1", "ok"), ("&nimblesessionid=1", "ok"), ("&gclid=1", "ok"),
                       ("&fbclid=1", "ok"), ("&gclid2=1", "argument"), ("&UTM_x=1", "argument"),
                       ("&%75tm_x=1", "argument"), ("&hls_ctx[]=1", "argument"),
                       ("&CMCD=bl%3D1", "ok"), ("&_=17", "ok"), ("&utm_x=1;y=2", "argument"),
                       ("&utm_x;y=2", "argument"), ("&utm_x=1%3By=2", "ok")):
        assert verify(url + more, "--strict-args").out == word + "\n", more
        assert verify(url + more).line == "ok"
    told = verify(url + "&y=1", "--strict-args", "--json").json
    assert told["argument"] == "y" and told["verdict"] == "argument"


def test_without_purpose_nothing_is_asked_and_a_warning_says_so(sign, verify, avcsec, keys):
    url = sign("/a.jpg").line
    forged = url[:-43] + "A" * 43
    for link in (url, forged):
        told = verify(link, purpose=())
        assert (told.status, told.out) == (0, "ok\n")
        assert "--purpose" in told.err and told.err.count("\n") == 1
    bearer = "Authorization: Bearer " + url.split("avc=")[1]
    assert "--purpose" in verify("/a.jpg", "--header", bearer, purpose=()).err
    cookie = "Cookie: __Host-avc=" + url.split("avc=")[1]
    assert "--purpose" in verify("/a.jpg", "--header", cookie, purpose=()).err
    path = sign("--carrier", "path", "/b/a.jpg").line
    told = verify(path, purpose=(), now=ISSUED + 10 ** 6)
    assert (told.status, told.out) == (0, "ok\n") and "time" in told.err
    told = verify(path.replace("/a.jpg", "/c.jpg"), purpose=())
    assert (told.status, told.out) == (1, "signature\n")
    for plain in ("/a.jpg", "/a.jpg?avc=own"):
        told = verify(plain, purpose=())
        assert (told.status, told.out, told.err) == (0, "ok\n", "")


# ---- headers -----------------------------------------------------------------

def test_header_names_have_no_case_and_values_are_trimmed(sign, verify):
    token = sign("/a.jpg", command="token").line
    for header in ("Authorization: Bearer " + token, "AUTHORIZATION:bearer   " + token + " \t",
                   "authorization:\tBEARER " + token):
        assert verify("/a.jpg", "--header", header).line == "ok"


def test_a_repeated_header_is_joined_as_http_joins_it(sign, verify):
    token = sign("/a.jpg", command="token").line
    one, other = "Cookie: a=b", "Cookie: __Host-avc=" + token
    for pair in ((one, other), (other, one)):
        assert verify("/a.jpg", "--header", pair[0], "--header", pair[1]).line == "ok"
    refused(verify("/a.jpg", "--header", other, "--header", other), "malformed")
    refused(verify("/a.jpg", "--header", "Authorization: Basic x", "--header",
                   "Authorization: Bearer " + token), "no-token")
    many = []
    for name in ("Host", "Authorization", "Cookie", "Origin", "Referer", "Sec-Fetch-Site",
                 "Upgrade", "X-Other"):
        many += ["--header", name + ": a", "--header", name + ": b", "--header", name + ":"]
    refused(verify("/a.jpg", *many), "no-token")


def test_the_urls_host_is_host_unless_a_header_says_another(sign, verify):
    token = sign("--purpose", "session", command="token").line
    words = ["--method", "POST", "--header", "Cookie: __Host-avc=" + token,
             "--header", "Origin: https://chat.example"]
    ask = {"purpose": ("--purpose", "session")}
    assert verify(*words, "https://chat.example/ws", **ask).line == "ok"
    assert verify(*words, "https://chat.example:443/ws", **ask).line == "ok"
    refused(verify(*words, "https://chat.example:8443/ws", **ask), "no-token")
    refused(verify(*words, "https://other.example/ws", **ask), "no-token")
    refused(verify(*words, "/ws", **ask), "no-token")
    assert verify(*words, "--header", "Host: chat.example", "/ws", **ask).line == "ok"
    refused(verify(*words, "--header", "Host: x.example", "https://chat.example/ws", **ask),
            "no-token")


@pytest.mark.parametrize("header", ["", "Origin", ": x", "Ori gin: x", "Origin : x", "Örigin: x"])
def test_what_is_no_header(verify, header):
    assert "--header" in verify("--header", header, "/a").complaint


# ---- the request -------------------------------------------------------------

def test_methods_by_default(sign, verify):
    for purpose in ("file", "call", "session", "upload"):
        url = sign("--purpose", purpose, "/a").line
        assert verify(url, purpose=("--purpose", purpose)).line == "ok"


def test_fragments_are_not_sent(sign, verify):
    url = sign("/a.jpg#x").line
    assert "#x" in url and verify(url).line == "ok"
    assert verify(url + "&y=1", "--strict-args").line == "ok"


@pytest.mark.parametrize("words, reason", [
    (["--method", "get"], "--method"),
    (["--method", ""], "--method"),
    (["--client", "localhost"], "--client"),
    (["--client", "192.0.2.7:80"], "--client"),
    (["--client", "192.0.2.0/24"], "--client"),
    (["--clock-skew", "-1"], "--clock-skew"),
    (["--clock-skew", "1m"], "--clock-skew"),
    (["--purpose", "files"], "--purpose"),
    (["--strict-args=1"], "no value"),
])
def test_wrong_usage(avcsec, keys, words, reason):
    assert reason in avcsec("verify", "--key-file", keys, *words, "/a").complaint


def test_only_urls_and_paths_are_judged(avcsec, keys):
    for word in ("", "a.jpg", "avc1~for.file", "https://"):
        assert "starts with '/'" in avcsec("verify", "--key-file", keys, word).complaint
    assert "URL or path" in avcsec("verify", "--key-file", keys).complaint


def test_kid_narrows_the_key_file(avcsec, keys, sign):
    url = sign("--kid", "k2", "/a").line
    words = ["verify", "--key-file", keys, "--purpose", "file", "--now", str(ISSUED), url]
    assert avcsec(*words).out == avcsec(*words, "--kid", "k2").out == "ok\n"
    refused(avcsec(*words, "--kid", "k1"), "unknown-key")


def test_bytes_that_are_no_utf8_still_make_valid_json(avcsec, keys):
    told = avcsec("verify", "--key-file", keys, "--json", "--purpose", "file",
                  b"/a\xff\xc3\xa9?q=\xfe\"\\\xc2\x80\xf0\x9f\x98\x80\xe2\x98\x83\xc3\xa9\xc3&avc=\x01")
    assert told.status == 1
    assert told.json["path"] == "/a%FF%C3%A9"
    assert told.json["query"] == 'q=\ufffd"\\\ufffd\ufffd😀☃é\ufffd'


def test_json_of_a_refusal(sign, verify):
    told = verify(sign("/a").line, "--method", "POST", "--json")
    assert told.status == 1
    assert told.json == {"verdict": "method", "valid": False, "status": 403, "purpose": "file",
                         "carrier": "query", "path": "/a", "query": "", "kid": "k1",
                         "argument": None, "detail": None,
                         "help": "The token does not allow this method."}
    told = verify("/a?avc=avc1~for.file~kid.k1~mac." + "A" * 43, "--json").json
    assert told["verdict"] == "malformed" and "exp" in told["detail"]


def test_every_reason_is_known_to_the_manual():
    from test_manual import page
    text = page("avcsec-verify.1")
    for reason in REASONS:
        assert ".It Cm %s\n" % reason in text
