# SPDX-License-Identifier: Apache-2.0
# Tokens that the server issues: to AVChat's SWF in its own form, to pages as JSON, to scripts,
# CGI and SSI in their environment. What they say, who gets one, how many, and what may be kept.
import json
import re
import socket
import subprocess
import threading
import time

import pytest

from avc import client, settings, tokens
from avc.httpd import USUAL
from avc.php import MODULES, WIRINGS

FORM = [("Content-Type", "application/x-www-form-urlencoded")]
OWN = [("Origin", "http://chat.example"), ("Sec-Fetch-Site", "same-origin")]
SHOWN = re.compile(r"avc1~[A-Za-z0-9._~-]+")

CONFIG = """
AvcKeyFile "@keys@"
<Location "/chat/token_request.php">
    SetHandler avcsec-token-request
</Location>
<Location "/token">
    SetHandler avcsec-token
</Location>
<Location "/token/open">
    AvcTokenUses unlimited
</Location>
<Location "/token/full">
    AvcTokenLife 300
    AvcTokenUses 5
    AvcTokenSubject "%{HTTP:X-User}"
    AvcTokenRole "%{env:ROLE}"
    AvcTokenRoom "lobby %{QUERY_STRING}"
    AvcTokenApp avchat30
    AvcTokenAct "connect play publish"
    SetEnvIf X-Role "(.*)" ROLE=$1
</Location>
<Location "/token/bound">
    AvcTokenUses unlimited
    AvcTokenAddress On
</Location>
<Location "/token/user">
    AuthType Basic
    AuthName chat
    AuthUserFile "@root@/conf/users"
    Require valid-user
    AvcTokenSubject "%{REMOTE_USER}"
    AvcTokenRoom "%{HTTP:X-Room}"
    AvcOrigins https://www.example.org credentials
</Location>
<Location "/token/room">
    AvcTokenRoom "%{HTTP:X-Room}"
    <If "%{HTTP:X-Trusted} == 'yes'">
        AvcTokenRoom none
    </If>
</Location>
<Location "/token/others">
    AvcOrigins https://www.example.org
</Location>
<Location "/token/rate">
    AvcTokenRate 3/60
</Location>
<Location "/token/other-rate">
    AvcTokenRate 3/60
</Location>
"""


def claims(tok):
    """The claims of a token as a dictionary, its mac recomputed from the contract."""
    body, mac = tok.rsplit("~mac.", 1)
    found = dict(word.split(".", 1) for word in body.split("~")[1:])
    assert len(found) == body.count("~"), tok
    key = tokens.derive(tokens.SECRETS[found["kid"]], found["for"])
    assert mac == tokens.mac_of(body, "*", key), tok
    return found


def verify(web, tok, *options):
    """What the command says of it."""
    done = subprocess.run(settings.as_user([settings.tool(), "verify", "--key-file", web.keys, "--purpose",
                                            "session", "--method", "POST"] + list(options) + ["/?avc=" + tok]),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout.decode().split()[0]


def post(web, target, headers=OWN, body=b"", **how):
    return web.ask(target, "POST", [("Content-Length", str(len(body)))] + list(headers), body, **how)


def got(web, target, headers=OWN, **how):
    """Posts as a page does; the claims of the token it got."""
    answer = post(web, target, headers, **how)
    web.log.poll()
    assert answer.status == 200, "%r\n%s" % (answer, "\n".join(web.log.pending))
    assert not web.log.pending, web.log.pending
    assert answer.get("Content-Type") == "application/json"
    assert answer.words("Cache-Control") == ["no-store"], answer
    assert answer.get("X-Content-Type-Options") == "nosniff"
    said = json.loads(answer.text)
    assert set(said) == {"token", "expires"}
    found = claims(said["token"])
    assert said["expires"] == int(found["exp"])
    return dict(found, token=said["token"])


@pytest.fixture(scope="module")
def web(serve):
    server = serve(CONFIG, http2=True, tls=True, docroot={
        "chat/token_request.php": "<?php echo 'the script itself';", "chat/index.html": "page"})
    with open(server.root + "/conf/users", "w") as users:
        users.write(subprocess.check_output(["htpasswd", "-nbs", "zo\u00eb", "secret"]).decode().strip() + "\n")
    return server


# ---- AVChat's own form -------------------------------------------------------------------------

def test_the_swf_gets_its_token_in_its_own_form(web):
    answer = post(web, "/chat/token_request.php", FORM, b"username=zo%C3%AB%20%26%20co")
    assert answer.status == 200, answer
    found = re.fullmatch(r"token=(avc1~[A-Za-z0-9._~-]+)&writesuccess=true", answer.text)
    assert found, answer
    said = claims(found.group(1))
    assert said["for"] == "session" and said["max"] == "1" and len(said["id"]) == 22
    assert int(said["exp"]) - int(said["iat"]) == 60
    assert abs(int(said["iat"]) - time.time()) < 5
    assert set(said) == {"for", "kid", "iat", "exp", "id", "max"}, "the name a client gives is no claim"
    assert answer.words("Cache-Control") == ["no-store"]
    assert int(answer.get("Content-Length")) == len(answer.body)
    assert answer.get("Content-Type") == "text/plain"


@pytest.mark.parametrize("headers", [
    [("Origin", "http://chat.example")], [("Referer", "http://chat.example/chat/index.html")],
    [("Referer", "http://chat.example/chat/index.swf"), ("User-Agent", "Shockwave Flash")],
    [("Origin", "http://chat.example"), ("Sec-Fetch-Site", "same-origin"), ("Referer", "http://chat.example/")],
    [("Origin", "http://chat.example:80")], []])
def test_players_that_say_much_or_nothing_are_served(web, headers):
    answer = post(web, "/chat/token_request.php", FORM + headers, b"username=bob")
    assert answer.text.endswith("&writesuccess=true"), answer


def is_refused_swf(web, answer, reason):
    """What the SWF can read: 200, and why it did not work is the server's secret."""
    assert answer.status == 200 and answer.text == "writesuccess=false", answer
    assert answer.words("Cache-Control") == ["no-store"]
    web.log.claim(r"AVC\d{4}: %s: " % reason)
    web.log.poll()
    assert not web.log.pending


@pytest.mark.parametrize("headers", [
    [("Origin", "https://evil.example")], [("Origin", "null")], [("Origin", "http://chat.example.evil.example")],
    [("Origin", "http://chat.example:8080")], [("Referer", "https://evil.example/chat.example/")],
    [("Referer", "http://chat.example@evil.example/")], [("Referer", "chat.example")],
    [("Sec-Fetch-Site", "cross-site")], [("Sec-Fetch-Site", "same-site")], [("Sec-Fetch-Site", "none")],
    [("Origin", "http://chat.example"), ("Sec-Fetch-Site", "cross-site")],
    [("Origin", "https://evil.example"), ("Referer", "http://chat.example/")]])
def test_a_swf_in_another_sites_page_gets_none(web, headers):
    is_refused_swf(web, post(web, "/chat/token_request.php", FORM + headers, b"username=bob"), "origin")


@pytest.mark.parametrize("body", [b"", b"name=bob", b"username=a&username=b", b"username",
                                  b"x=1&" * 40 + b"username=a", b"x=" + b"y" * 9000 + b"&username=a"])
def test_what_is_not_the_form_gets_none(web, body):
    is_refused_swf(web, post(web, "/chat/token_request.php", FORM, body), "form")


def test_json_is_not_the_form(web):
    answer = post(web, "/chat/token_request.php", [("Content-Type", "application/json")], b'{"username":"a"}')
    is_refused_swf(web, answer, "form")


def test_the_script_that_stands_there_is_never_run_or_shown(web):
    for method in ("GET", "HEAD", "PUT", "DELETE"):
        answer = web.ask("/chat/token_request.php?username=bob", method)
        assert answer.status == 405 and b"script" not in answer.body, answer
        assert {"post", "options"} <= set(answer.words("Allow"))
        web.log.claim(r"AVC0012: method: ")


# ---- Pages -------------------------------------------------------------------------------------

@pytest.mark.smoke
def test_a_page_gets_a_token_that_the_command_finds_right(web):
    said = got(web, "/token/open")
    assert "max" not in said
    assert verify(web, said["token"]) == "ok"
    assert verify(web, tokens.tampered(said["token"])) == "signature"
    assert verify(web, said["token"], "--now", said["exp"]) == "expired"


def test_every_token_has_an_id_of_its_own(web):
    ids = {got(web, "/token")["id"] for _ in range(20)}
    assert len(ids) == 20
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}", word) for word in ids)


def test_one_that_may_be_used_once_says_so(web):
    assert got(web, "/token")["max"] == "1"


def test_expressions_say_what_it_is_for(web):
    said = got(web, "/token/full?no.7", OWN + [("X-User", "zo\u00eb"), ("X-Role", "publisher")])
    assert said["sub"] == tokens.text_claim("zo\u00eb") and said["role"] == "publisher"
    assert said["room"] == tokens.text_claim("lobby no.7") and said["app"] == "avchat30"
    assert said["act"] == "connect.play.publish" and said["max"] == "5"
    assert int(said["exp"]) - int(said["iat"]) == 300


def test_nobody_has_neither_subject_nor_role(web):
    said = got(web, "/token/full?x")
    assert "sub" not in said and "role" not in said


@pytest.mark.parametrize("headers, directive", [
    ([("X-User", b"zo\xeb")], "AvcTokenSubject"), ([("X-User", "x" * 193)], "AvcTokenSubject"),
    ([("X-Role", "chief admin")], "AvcTokenRole"), ([("X-Role", "admin~max.9")], "AvcTokenRole"),
    ([("X-Role", "r" * 257)], "AvcTokenRole")])
def test_a_value_that_no_token_can_carry_gives_none_and_says_where(web, headers, directive):
    answer = post(web, "/token/full?x", OWN + headers)
    assert answer.status == 403 and "no-store" in answer.words("Cache-Control"), answer
    line = web.log.claim(r"AVC0026: not-issued: ")[0]
    assert re.search(directive + r" \(\S+httpd\.conf line \d+\) gives ", line), line
    for _, value in headers:
        assert str(value) not in line, "the value may be a secret"


def test_a_long_value_that_fits_is_carried_whole(web):
    assert got(web, "/token/full?x", OWN + [("X-User", "x" * 192)])["sub"] == tokens.text_claim("x" * 192)
    answer = post(web, "/token/full?" + "x" * 250, OWN)
    assert answer.status == 403
    web.log.claim(r"AVC0026: not-issued: .*AvcTokenRoom")


def test_no_room_is_not_every_room(web):
    answer = post(web, "/token/room")
    assert answer.status == 403
    web.log.claim(r"AVC0026: not-issued: .*AvcTokenRoom .*gives nothing, which would allow all there is")
    assert got(web, "/token/room", OWN + [("X-Room", "one")])["room"] == tokens.text_claim("one")
    assert "room" not in got(web, "/token/room", OWN + [("X-Trusted", "yes")]), "none in a section clears"


def test_the_user_of_httpd_is_the_subject(web):
    login = ("Authorization", "Basic " + tokens.base64.b64encode("zo\u00eb:secret".encode()).decode())
    answer = post(web, "/token/user", OWN + [("X-Room", "r")])
    assert answer.status == 401 and b"avc1" not in answer.body
    web.log.disregard(r"AH01617|AH01618")
    assert got(web, "/token/user", OWN + [("X-Room", "r"), login])["sub"] == tokens.text_claim("zo\u00eb")


def test_an_address_that_is_bound_is_the_clients(web):
    said = got(web, "/token/bound", source="127.0.0.9")
    assert said["ip4"] == "127.0.0.9" and "ip6" not in said


    assert verify(web, said["token"], "--client", "127.0.0.9") == "ok"
    assert verify(web, said["token"], "--client", "127.0.0.8") == "address"


def test_an_ipv6_client_is_bound_with_its_64(serve):
    with socket.socket(socket.AF_INET6) as probe:
        probe.bind(("::1", 0))
        port = probe.getsockname()[1]
    server = serve(CONFIG + "Listen [::1]:@six@\n", six=port)
    with socket.create_connection(("::1", port), 10) as sock:
        sock.sendall(client.compose("/token/bound", "POST", OWN + [("Content-Length", "0")]))
        tok = json.loads(client.parse(client.read_all(sock)).text)["token"]
    assert claims(tok)["ip6"] == "__-64" and "ip4" not in claims(tok)
    assert verify(server, tok, "--client", "::1") == "ok"
    assert verify(server, tok, "--client", "2001:db8::1") == "address"


# ---- Who asks ----------------------------------------------------------------------------------

@pytest.mark.parametrize("headers", [
    [], [("Origin", "null"), ("Sec-Fetch-Site", "same-origin")], [("Origin", "https://evil.example")],
    [("Sec-Fetch-Site", "cross-site"), ("Origin", "http://chat.example")], [("Sec-Fetch-Site", "same-site")],
    [("Sec-Fetch-Site", "none")], [("Origin", "https://www.example.org")],
    [("Referer", "http://chat.example/")], [("Origin", "http://chat.example, https://evil.example")]])
def test_only_pages_of_this_origin_get_one(web, headers):
    web.refused("/token/open", "origin", "POST", [("Content-Length", "0")] + headers)
    assert "reason=origin" in web.logged("/token/open")[-1]


@pytest.mark.parametrize("headers", [
    [("Origin", "http://chat.example")], [("Sec-Fetch-Site", "same-origin")], OWN])
def test_a_browser_that_says_one_of_the_two_is_believed(web, headers):
    got(web, "/token", headers)


def test_over_tls_a_page_without_it_is_another_origin(web):
    assert claims(json.loads(post(web, "/token", [("Origin", "https://chat.example")], tls=True).text)["token"])
    answer = post(web, "/token", [("Origin", "http://chat.example")], tls=True)
    web.is_refusal(answer, "origin")


def test_pages_of_listed_origins_get_one_and_may_read_it(web):
    page = [("Origin", "https://www.example.org"), ("Sec-Fetch-Site", "cross-site")]
    answer = post(web, "/token/others", page)
    assert claims(json.loads(answer.text)["token"])
    assert answer.all("Access-Control-Allow-Origin") == ["https://www.example.org"]
    assert "origin" in answer.words("Vary") and answer.get("Access-Control-Allow-Credentials") is None
    got(web, "/token/others")
    web.refused("/token/others", "origin", "POST", [("Content-Length", "0"), ("Origin", "https://evil.example")])


def test_a_refusal_can_be_read_by_the_page_too(web):
    answer = post(web, "/token/user", [("Origin", "https://www.example.org"), ("Authorization",
                  "Basic " + tokens.base64.b64encode("zo\u00eb:secret".encode()).decode())])
    web.is_refusal(answer, "not-issued")
    assert answer.all("Access-Control-Allow-Origin") == ["https://www.example.org"]
    assert answer.get("Access-Control-Allow-Credentials") == "true"


def test_a_preflight_needs_no_login(web):
    asks = [("Origin", "https://www.example.org"), ("Access-Control-Request-Method", "POST"),
            ("Access-Control-Request-Headers", "content-type")]
    answer = web.ask("/token/user", "OPTIONS", asks)
    assert answer.status == 204 and answer.words("Allow") == ["post", "options"], answer
    assert answer.words("Access-Control-Allow-Methods") == ["post", "options"]
    assert answer.all("Access-Control-Allow-Origin") == ["https://www.example.org"]
    stranger = web.ask("/token/user", "OPTIONS", [("Origin", "https://evil.example")] + asks[1:])
    assert stranger.status == 204 and stranger.get("Access-Control-Allow-Origin") is None


def test_options_gets_no_token(web):
    answer = web.ask("/token", "OPTIONS", OWN)
    assert answer.status == 204 and answer.words("Allow") == ["post", "options"] and not answer.body


def test_over_http2_as_well(web):
    for how in (["--http2-prior-knowledge"], ["--http2"]):
        answer = web.curl("/token/open", "-X", "POST", "-H", "Sec-Fetch-Site: same-origin", *how)
        assert answer.status == 200 and answer.version == "HTTP/2", answer
        assert verify(web, json.loads(answer.text)["token"]) == "ok"
    answer = web.curl("/token/open", "-X", "POST", "-H", "Sec-Fetch-Site: cross-site", "--http2-prior-knowledge")
    web.is_refusal(answer, "origin")


# ---- How many ----------------------------------------------------------------------------------

def test_over_the_rate_there_is_none_and_it_says_when(web):
    source = "127.0.1.1"
    for _ in range(3):
        got(web, "/token/rate", source=source)
    answer = post(web, "/token/rate", source=source)
    assert answer.status == 429 and b"avc1" not in answer.body, answer
    assert 15 <= int(answer.get("Retry-After")) <= 20, answer
    web.is_refusal(answer, "rate", 429)
    got(web, "/token/rate", source="127.0.1.2")
    got(web, "/token/other-rate", source=source)


def test_all_children_count_together_and_a_reload_forgets_nothing(serve_once):
    server = serve_once(CONFIG, mpm="prefork")
    results = []

    def ask():
        results.append(post(server, "/token/rate", source="127.0.1.3").status)

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [200] * 3 + [429] * 9
    server.graceful()
    assert post(server, "/token/rate", source="127.0.1.3").status == 429
    server.log.claim(r"AVC0025: rate: ", count=10)


def test_what_was_taken_comes_back_with_time(serve_once):
    server = serve_once(CONFIG, clock=time.time())
    server.log.expected.append("AVC0125: ")
    start = time.time()
    for _ in range(3):
        assert post(server, "/token/rate").status == 200
    assert post(server, "/token/rate").status == 429
    server.set_clock(start + 21)
    assert post(server, "/token/rate").status == 200
    assert post(server, "/token/rate").status == 429
    server.set_clock(start + 21 + 61)
    assert [post(server, "/token/rate").status for _ in range(4)] == [200, 200, 200, 429]
    server.set_clock(start - 86400)
    assert post(server, "/token/rate").status == 429
    server.set_clock(start - 86400 + 21)
    assert post(server, "/token/rate").status == 200, "a clock that goes back locks nobody out for a day"
    server.log.claim(r"AVC0025: rate: ", count=4)


def test_the_swf_over_its_rate_reads_that_it_did_not_work(serve_once):
    server = serve_once('AvcKeyFile "@keys@"\n<Location "/t">\nSetHandler avcsec-token-request\n'
                        'AvcTokenRate 1/60\n</Location>\n')
    assert post(server, "/t", FORM, b"username=a").text.endswith("&writesuccess=true")
    answer = post(server, "/t", FORM, b"username=a")
    assert answer.get("Retry-After") == "60"
    is_refused_swf(server, answer, "rate")


# ---- Keys --------------------------------------------------------------------------------------

def test_the_key_that_signs_now_signs_and_none_outlives_its_key(serve_once):
    now = int(time.time())

    def utc(seconds):
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now + seconds))

    old = "k1 hs256 %s until=%s\n" % (tokens.SECRETS["k1"], utc(600))
    server = serve_once(CONFIG, clock=now, keys=old + "k2 hs256 %s from=%s\n" % (tokens.SECRETS["k2"], utc(550)))
    assert got(server, "/token")["kid"] == "k1"
    server.set_clock(now + 545)
    answer = post(server, "/token")
    assert answer.status == 403
    server.log.claim(r"AVC0026: not-issued: .*would outlive the key.*add the next key")
    server.set_clock(now + 550)
    assert got(server, "/token")["kid"] == "k2"


@pytest.mark.parametrize("keys", ["k1 hs256 %s for=file,upload\n" % tokens.SECRETS["k1"],
                                  "pw password %s\n" % tokens.PASSWORD,
                                  "k1 hs256 %s until=2020-01-01T00:00:00Z\n" % tokens.SECRETS["k1"]])
def test_without_a_key_for_sessions_there_is_no_token(serve_once, keys):
    server = serve_once(CONFIG, keys=keys)
    server.log.disregard("AVC0102: ")  # of keys that have all ended it is told at the start
    server.is_refusal(post(server, "/token"), "not-issued")
    is_refused_swf(server, post(server, "/chat/token_request.php", FORM, b"username=a"), "not-issued")


@pytest.mark.parametrize("config", [
    '<Location "/t">\nSetHandler avcsec-token\n</Location>\n',
    '<Location "/t">\nSetHandler "avcsec-token-request"\n</Location>\n', "AvcTokenEnv On\n"])
def test_without_a_key_file_configtest_fails_with_a_remedy(serve_once, config):
    server = serve_once(config, begin=False)
    status, printed = server.configtest()
    assert status != 0
    assert re.search(r"AVC0101: \S+ line \d+: .*AvcKeyFile: make one with `avcsec keygen`", printed), printed


@pytest.mark.parametrize("line, told", [
    ('AvcTokenLife 0', "1 to 86400"), ('AvcTokenLife 90d', "1 to 86400"), ('AvcTokenUses 0', "unlimited"),
    ('AvcTokenUses many', "unlimited"), ('AvcTokenRole "chief admin"', "gives another character"),
    ('AvcTokenAct "connect pubish"', "connect, play, publish and upload"), ('AvcTokenAct "play play"', "twice"),
    ('AvcTokenRoom "lobby\t"', "control character"), ('AvcTokenApp "a/b"', "gives another character"),
    ('AvcTokenSubject "%{REMOTE_USER"', "is no expression"), ('AvcTokenSubject "%{nosuch:x}"', "is no expression"),
    ('AvcTokenRate 30', "tokens/seconds"), ('AvcTokenRate 0/60', "tokens/seconds"),
    ('AvcTokenRate 30/0', "tokens/seconds"), ('AvcTokenRate 2000/1', "tokens/seconds"),
    ('AvcTokenAddress maybe', "takes"), ('AvcTokenEnv yes', "takes")])
def test_nonsense_is_refused_at_once(serve_once, line, told):
    status, printed = serve_once('AvcKeyFile "@keys@"\n' + line + "\n", begin=False).configtest()
    assert status != 0 and told in printed, printed


# ---- What an .htaccess may not -----------------------------------------------------------------

HTACCESS = {
    "SetHandler": "SetHandler avcsec-token\n",
    "an expression": "SetHandler \"expr=avcsec-token\"\n",
    "Files": "<Files a.txt>\nSetHandler avcsec-token\n</Files>\n",
    "If": "<If \"true\">\nSetHandler avcsec-token\n</If>\n",
    "AddHandler": "AddHandler avcsec-token .txt\n",
    "rewriting": "RewriteEngine On\nRewriteRule ^a\\.txt$ - [H=avcsec-token]\n",
}


@pytest.mark.parametrize("text", HTACCESS.values(), ids=HTACCESS.keys())
def test_an_htaccess_makes_no_place_that_issues(serve_once, text):
    server = serve_once(CONFIG, docroot={"mine/.htaccess": text, "mine/a.txt": "text"})
    answer = post(server, "/mine/a.txt")
    assert answer.get("Content-Type") != "application/json" and b"avc1~" not in answer.body, answer
    server.log.disregard(r"AVC0026: not-issued: .*only SetHandler in the server's configuration")
    server.log.disregard(r"AH\d+: ")


@pytest.mark.parametrize("place", [
    '<Directory "@docroot@/mine">\n%s\n</Directory>', '<Files "a.txt">\n%s\n</Files>',
    '<Directory "@docroot@/mine">\n<Files "a.txt">\n%s\n</Files>\n</Directory>',
    '<LocationMatch "^/mine/">\n<If "true">\n%s\n</If>\n</LocationMatch>', "%s"])
def test_an_administrator_sets_it_wherever_he_likes(serve_once, place):
    server = serve_once('AvcKeyFile "@keys@"\n' + place % "SetHandler avcsec-token", docroot={"mine/a.txt": "t"})
    got(server, "/mine/a.txt")


def test_no_directive_of_issuing_stands_in_an_htaccess(serve_once):
    server = serve_once(CONFIG, docroot={"mine/.htaccess": "AvcTokenEnv On\n", "mine/a.txt": "text"},
                        directory="AllowOverride All\nAllowOverrideList AvcTokenEnv\nRequire all granted\n")
    assert server.ask("/mine/a.txt").status == 500
    server.log.claim(r"AvcTokenEnv not allowed (here|in \.htaccess)|cannot occur within", count=1)


def test_log_only_issues_no_more_than_otherwise(serve_once):
    server = serve_once("AvcEnforce Log\n" + CONFIG)
    server.is_refusal(post(server, "/token", [("Origin", "https://evil.example")]), "origin")


# ---- The environment of pages ------------------------------------------------------------------

ECHO = "#!/bin/sh\nprintf 'Content-Type: text/plain\\r\\n\\r\\n%s|%s|%s' \"$AVC_TOKEN\" \"$AVC_REASON\" \"$REDIRECT_AVC_TOKEN\"\n"
PAGES = """
AvcKeyFile "@keys@"
SetEnvIf X-Fake "(.+)" AVC_TOKEN=$1
LogFormat "%U token=%{AVC_TOKEN}e" env
CustomLog "@root@/logs/env.log" env
<Location "/chat">
    AvcTokenEnv On
    AvcTokenRoom "%{HTTP:X-Room}lobby"
</Location>
<Location "/chat/off">
    AvcTokenEnv Off
</Location>
<Location "/chat/rate">
    AvcTokenRate 2/60
</Location>
<Location "/chat/other">
    AvcTokenRoom other
</Location>
<Directory "@docroot@">
    Options +Includes +ExecCGI +MultiViews +Indexes
    AddHandler cgi-script .cgi
    AddOutputFilter INCLUDES .shtml
    AddType text/html .shtml
    DirectoryIndex index.php
</Directory>
ErrorDocument 404 /chat/missing.cgi
Alias /images @docroot@/chat/images
"""
FILES = {
    "chat/index.php": "<?php header('Cache-Control: public, max-age=600'); header('Expires: Thu, 01 Jan 2099 00:00:00 GMT');"
                      "echo getenv('AVC_TOKEN') ?: $_SERVER['AVC_TOKEN'] ?? 'none', '|', $_SERVER['AVC_REASON'] ?? '';",
    "chat/a.cgi": ("mode", 0o755, ECHO), "chat/off/a.cgi": ("mode", 0o755, ECHO),
    "chat/rate/a.cgi": ("mode", 0o755, ECHO), "chat/missing.cgi": ("mode", 0o755, ECHO),
    "open/a.cgi": ("mode", 0o755, ECHO), "chat/other/a.cgi": ("mode", 0o755, ECHO),
    "chat/page.shtml": "<param name=\"FlashVars\" value=\"token=<!--#echo var=\"AVC_TOKEN\" -->&amp;username=bob\">",
    "chat/twice.shtml": "<!--#echo var=\"AVC_TOKEN\" --> <!--#include virtual=\"a.cgi\" --> "
                        "<!--#include virtual=\"page.shtml\" --> <!--#include virtual=\"off/a.cgi\" -->"
                        " <!--#include virtual=\"other/a.cgi\" --> <!--#include virtual=\"/open/a.cgi\" -->",
    "open/includes.shtml": "[<!--#include virtual=\"/chat/a.cgi\" -->]",
    "chat/sizes.shtml": "<!--#fsize virtual=\"a.cgi\" --> <!--#flastmod virtual=\"page.shtml\" -->",
    "chat/go.cgi": ("mode", 0o755, "#!/bin/sh\nprintf 'Location: /chat/a.cgi\\r\\n\\r\\n'\n"),
    "chat/leave.cgi": ("mode", 0o755, "#!/bin/sh\nprintf 'Location: /open/a.cgi\\r\\n\\r\\n'\n"),
    "chat/move.cgi": ("mode", 0o755, "#!/bin/sh\nprintf 'Location: /chat/other/a.cgi\\r\\n\\r\\n'\n"),
    "chat/logo.png": "picture", "chat/plain.html": "plain", "chat/list/a.cgi": ("mode", 0o755, ECHO),
}


@pytest.fixture(scope="module")
def site(serve, fpm):
    return serve(PAGES + WIRINGS["SetHandler"], modules=USUAL + ["cgid", "include"], docroot=FILES, http2=True,
                 **fpm.names())


def one(site, target, headers=(), **how):
    """Asks for a page; the claims of its one token."""
    answer = site.allowed(target, "GET", headers, **how)
    found = set(SHOWN.findall(answer.text))
    assert len(found) == 1, answer
    assert answer.words("Cache-Control") == ["no-store"] and answer.get("Expires") is None, answer
    return dict(claims(found.pop()), answer=answer)


@pytest.mark.smoke
@pytest.mark.parametrize("target", ["/chat/index.php", "/chat/", "/chat/a.cgi", "/chat/page.shtml",
                                    "/chat/index.php/path/info", "/chat/a.cgi/path/info"])
def test_a_page_finds_a_fresh_token_and_is_not_kept(site, target):
    first, second = one(site, target), one(site, target)
    assert first["id"] != second["id"] and first["room"] == tokens.text_claim("lobby")
    assert first["for"] == "session" and first["max"] == "1"


def test_a_swf_finds_it_in_its_flashvars(site):
    answer = site.allowed("/chat/page.shtml")
    assert re.search(r'value="token=avc1~[A-Za-z0-9._~-]+&amp;username=bob"', answer.text), answer


def test_what_a_page_has_already_is_not_confirmed(site):
    fresh = [("If-None-Match", "*"), ("If-Modified-Since", "Thu, 01 Jan 2099 00:00:00 GMT")]
    assert one(site, "/chat/page.shtml", fresh)["answer"].status == 200


def test_what_is_included_shares_the_pages_token_where_it_is_the_same(site):
    said = one(site, "/chat/twice.shtml")
    parts = said["answer"].text.split()
    assert said["answer"].text.count("avc1~") == 3, said["answer"]
    assert parts[-3:] == ["||", "||", "||"], "off, another room, and outside get none"


def test_a_page_without_the_setting_gets_none_from_what_it_includes(site):
    assert site.allowed("/open/includes.shtml").text == "[||]"


def test_looking_issues_nothing(site):
    for target in ("/chat/sizes.shtml", "/chat/list/", "/chat/plain.html", "/chat/logo.png"):
        for _ in range(3):
            site.allowed(target)


def test_files_that_are_sent_as_they_are_stay_cacheable(site):
    for target in ("/chat/logo.png", "/chat/plain.html"):
        answer = site.allowed(target)
        assert "no-store" not in answer.words("Cache-Control"), answer
        assert site.ask(target, headers=[("If-None-Match", answer.get("ETag"))]).status == 304


@pytest.mark.parametrize("target", ["/chat/off/a.cgi", "/open/a.cgi"])
def test_elsewhere_there_is_none(site, target):
    answer = site.allowed(target, "GET", [("X-Fake", "avc1~forged")], shows="||")
    assert "no-store" not in answer.words("Cache-Control")


def test_nobody_else_sets_the_variable(site):
    assert one(site, "/chat/a.cgi", [("X-Fake", "avc1~forged")])["for"] == "session"


def test_an_internal_redirect_issues_nothing_twice(site):
    said = one(site, "/chat/go.cgi")
    assert said["answer"].text.endswith("||"), "no REDIRECT_AVC_TOKEN either"


def test_a_page_that_hands_over_hands_over_no_token(site):
    assert site.ask("/chat/leave.cgi").text == "||"
    assert one(site, "/chat/move.cgi")["room"] == tokens.text_claim("other")


def test_an_error_page_has_none(site):
    answer = site.ask("/chat/nothing-here")
    assert answer.status == 404 and answer.text == "||", answer
    site.log.disregard(r"AH\d+: ")


@pytest.mark.parametrize("rule", ["AuthType Basic\nAuthName chat\nAuthUserFile @root@/conf/users\nRequire valid-user",
                                  "Require all denied"])
def test_whoever_is_refused_gets_none_by_the_page_that_says_so(serve_once, rule):
    """httpd runs an error page with the same settings without asking for the login again."""
    server = serve_once('AvcKeyFile "@keys@"\nAvcTokenEnv On\nErrorDocument 401 /chat/a.cgi\n'
                        'ErrorDocument 403 /chat/a.cgi\n', modules=USUAL + ["cgid", "include"], docroot=FILES,
                        directory="Options +ExecCGI\nAddHandler cgi-script .cgi\n" + rule)
    for target in ("/chat/off/a.cgi", "/chat/a.cgi", "/chat/plain.html"):
        answer = server.ask(target)
        assert answer.status in (401, 403) and answer.text == "||", answer
    server.log.disregard(r"AH\d+: ")


def test_over_the_rate_the_page_is_made_without_one_and_knows_why(site):
    source = "127.0.2.1"
    for _ in range(2):
        one(site, "/chat/rate/a.cgi", source=source)
    answer = site.ask("/chat/rate/a.cgi", source=source)
    assert answer.status == 200 and answer.text == "|rate|", answer
    assert answer.words("Cache-Control") == ["no-store"] and answer.get("Retry-After") is None
    site.log.claim(r"AVC0025: rate: ")


def test_a_value_that_no_token_can_carry_leaves_the_page_without_one(site):
    answer = site.ask("/chat/a.cgi", headers=[("X-Room", b"\xff")])
    assert answer.status == 200 and answer.text == "|not-issued|"
    site.log.claim(r"AVC0026: not-issued: .*AvcTokenRoom")


def test_over_http2_each_stream_has_its_own(site):
    texts = [site.curl("/chat/a.cgi", "--http2-prior-knowledge").text for _ in range(2)]
    ids = {claims(SHOWN.search(text).group(0))["id"] for text in texts}
    assert len(ids) == 2


def test_no_log_of_the_environment_shows_it(site):
    one(site, "/chat/a.cgi")
    time.sleep(0.2)
    with open(site.root + "/logs/env.log") as log:
        lines = log.read().splitlines()
    assert lines and all(line.endswith("token=-") for line in lines if "/chat" in line), lines[-5:]


def test_no_cache_keeps_a_page_with_a_token(serve_once):
    """Not even one that is told to keep what says that it must not be kept."""
    server = serve_once(PAGES + 'CacheRoot "@root@/run"\nCacheEnable disk "/"\nCacheStoreNoStore On\n'
                        'CacheStorePrivate On\nCacheIgnoreNoLastMod On\nCacheIgnoreCacheControl On\n',
                        modules=USUAL + ["cgid", "include", "cache", "cache_disk"], docroot=FILES)
    assert len({one(server, "/chat/page.shtml")["id"] for _ in range(4)}) == 4


@pytest.mark.parametrize("wiring", sorted(WIRINGS))
@pytest.mark.parametrize("mpm", ["event", "prefork"])
def test_every_way_to_run_php(serve_once, fpm, wiring, mpm):
    extra = MODULES.get(wiring, {}).get(mpm, [])
    server = serve_once('AvcKeyFile "@keys@"\n<Location "/chat">\nAvcTokenEnv On\n</Location>\n' + WIRINGS[wiring],
                        modules=USUAL + extra, mpm=mpm, docroot={"chat/index.php": FILES["chat/index.php"]},
                        **fpm.names())
    assert one(server, "/chat/index.php")["id"] != one(server, "/chat/index.php")["id"]
