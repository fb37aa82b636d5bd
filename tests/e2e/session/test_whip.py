# SPDX-License-Identifier: Apache-2.0
# WHIP and WHEP behind AvcSessionFor, as their clients speak them through mod_proxy: POST an offer,
# PATCH and DELETE the session's URL, ask from a page of another origin; in each carrier.
import itertools
import os
import re

import pytest

from avc import browser, httpd, tokens
from avc.whip import WhipServer

STUDIO = "https://studio.example"
CONFIG = """
AvcKeyFile "@keys@"
AvcOrigins https://studio.example http://studio.chat.example:@studio@
ProxyPass "/whip/" "http://127.0.0.1:@media@/whip/"
ProxyPassReverse "/whip/" "http://127.0.0.1:@media@/whip/"
ProxyPass "/whep/" "http://127.0.0.1:@media@/whep/"
ProxyPassReverse "/whep/" "http://127.0.0.1:@media@/whep/"
<LocationMatch "^/whip(/(?<room>[^/]*))?">
    AvcSessionFor publish "room=%{env:MATCH_ROOM}" app=live
</LocationMatch>
<LocationMatch "^/whep/(?<room>[^/]+)">
    AvcSessionFor play "room=%{env:MATCH_ROOM}" app=live
</LocationMatch>
Listen 127.0.0.1:@studio@
<VirtualHost 127.0.0.1:@studio@>
    ServerName studio.chat.example
    DocumentRoot "@docroot@"
</VirtualHost>
"""
ACTS = {"whip": "publish", "whep": "play"}
CARRIERS = ("query", "path", "header", "cookie")
SDP = [("Content-Type", "application/sdp")]
TRICKLE = [("Content-Type", "application/trickle-ice-sdpfrag"), ("If-Match", '"e"')]
room = tokens.text_claim
serial = itertools.count(1)


@pytest.fixture(scope="module")
def media():
    server = WhipServer()
    yield server
    server.close()


@pytest.fixture(scope="module")
def web(serve, media):
    return serve(CONFIG, media=media.port, studio=httpd.free_port(),
                 docroot={"index.html": "<!doctype html><title>page</title><link rel=icon href='data:,'>"})


@pytest.fixture(autouse=True)
def unseen(media):
    media.seen.clear()
    media.base = ""


def session(act, **how):
    how.setdefault("room", room("room7"))
    return tokens.token("/", purpose="session", act=act, **how)


def once(act, **how):
    return session(act, id="exchange-number-%04d" % next(serial), max=1, **how)


def carried(carrier, path, token):
    """Target and headers that bring the token; a cookie counts in a page's own requests."""
    return {"query": (path + "?avc=" + token, []),
            "path": ("/~" + token + path, []),
            "header": (path, [("Authorization", "Bearer " + token)]),
            "cookie": (path, [("Cookie", "__Host-avc=" + token),
                              ("Sec-Fetch-Site", "same-origin")])}[carrier]


def session_url(carrier, location, token):
    """Where the client goes on, and its headers: a path token comes back in Location by itself."""
    location = re.sub("^http://chat.example(:[0-9]+)?", "", location)
    return (location, []) if carrier == "path" else carried(carrier, location, token)


@pytest.mark.smoke
@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("kind", ACTS)
def test_an_exchange_spends_one_use(web, media, kind, carrier):
    token = once(ACTS[kind], app="live")
    target, headers = carried(carrier, "/%s/room7" % kind, token)
    answer = web.allowed(target, "POST", SDP + headers, b"v=0 offer", status=201)
    assert answer.text == "v=0 answer" and answer.get("ETag") == '"e"'
    url, more = session_url(carrier, answer.get("Location"), token)
    for _ in range(2):
        web.allowed(url, "PATCH", TRICKLE + more, b"a=candidate:1", status=204)
    web.refused(target, "used-up", "POST", SDP + headers, b"v=0 offer")
    web.allowed(url, "PATCH", TRICKLE + more, b"a=candidate:2", status=204)
    web.allowed(url, "DELETE", more)
    path = "/%s/room7" % kind
    assert [(method, path) for method, path, *_ in media.seen] == [("POST", path)] + [
        (method, path + "/session1") for method in ("PATCH", "PATCH", "PATCH", "DELETE")]
    assert media.seen[0][3] == b"v=0 offer" and media.seen[1][2]["If-Match"] == '"e"'
    assert "avc1~" not in repr(media.seen), "no token goes on to the media server"


@pytest.mark.parametrize("carrier", ["path", "header"])
def test_a_media_server_may_name_the_session_with_its_own_address(web, media, carrier):
    media.base = "http://127.0.0.1:%d" % media.port
    token = once("play")
    target, headers = carried(carrier, "/whep/room7", token)
    host = "chat.example:%d" % web.port
    answer = web.allowed(target, "POST", SDP + headers, b"v=0 offer", status=201, host=host)
    assert answer.get("Location").startswith("http://%s/" % host)
    url, more = session_url(carrier, answer.get("Location"), token)
    web.allowed(url, "DELETE", more)


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("kind, token, reason", [
    ("whip", session("play"), "act"),
    ("whep", session("publish"), "act"),
    ("whip", session("publish", room=room("room8")), "room"),
    ("whep", session("play", app="other"), "app"),
    ("whep", tokens.tampered(session("play")), "signature"),
])
def test_another_right_opens_and_ends_nothing(web, media, carrier, kind, token, reason):
    for method in ("POST", "PATCH", "DELETE", "GET", "PUT", "OPTIONS"):
        for path in ("/%s/room7", "/%s/room7/session1"):
            target, headers = carried(carrier, path % kind, token)
            answer = web.ask(target, method, SDP + headers, b"v=0")
            if method == "OPTIONS" and reason != "signature":
                assert answer.status == 204, "answered here"
            elif method != "OPTIONS":
                web.is_refusal(answer, reason)
    web.log.disregard(r"AVC\d{4}: signature: ")
    assert not media.seen


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_a_cookie_counts_only_in_the_pages_own_requests(web, media, method):
    cookie = ("Cookie", "__Host-avc=" + session("play"))
    for more in ([], [("Sec-Fetch-Site", "cross-site")], [("Origin", STUDIO)], [("Origin", "null")]):
        web.refused("/whep/room7/session1", "no-token", method, [cookie] + more)
    assert not media.seen


# -- from a page of another origin

@pytest.mark.parametrize("path, method", [("/whip/room7", "POST"), ("/whip/room7/session1", "PATCH"),
                                          ("/whip/room7/session1", "DELETE")])
def test_preflights_are_answered_here(web, media, path, method):
    asks = [("Access-Control-Request-Method", method),
            ("Access-Control-Request-Headers", "authorization, content-type, if-match")]
    answer = web.allowed(path, "OPTIONS", asks + [("Origin", STUDIO)], status=204)
    assert answer.get("Access-Control-Allow-Origin") == STUDIO
    assert method.lower() in answer.words("Access-Control-Allow-Methods")
    assert {"authorization", "content-type", "if-match"} <= set(
        answer.words("Access-Control-Allow-Headers"))
    answer = web.allowed(path, "OPTIONS", asks + [("Origin", "https://evil.example")], status=204)
    assert answer.get("Access-Control-Allow-Origin") is None
    assert not media.seen


# SPEC [use-4]
def test_options_with_a_right_token_are_the_media_servers(web, media):
    web.allowed("/whip/room7", "OPTIONS", status=204)
    assert not media.seen
    target, headers = carried("header", "/whip/room7", once("publish"))
    for _ in range(2):
        assert web.allowed(target, "OPTIONS", headers).get("Accept-Post") == "application/sdp"
    web.allowed(target, "POST", SDP + headers, b"v=0 offer", status=201)


def test_pages_of_a_listed_origin_read_what_a_client_needs(web):
    target, headers = carried("header", "/whip/room7", once("publish"))
    here = [("Origin", STUDIO)]
    answer = web.allowed(target, "POST", SDP + headers + here, b"v=0 offer", status=201)
    assert answer.get("Access-Control-Allow-Origin") == STUDIO
    assert {"location", "etag", "link"} <= set(answer.words("Access-Control-Expose-Headers"))
    refusal = web.refused(target, "used-up", "POST", SDP + headers + here, b"v=0 offer")
    assert refusal.get("Access-Control-Allow-Origin") == STUDIO


# What a WHIP client does in a page: an offer of the browser's own, then the session's URL.
CLIENT = """
const [url, token] = arguments, done = arguments[arguments.length - 1];
(async () => {
    const bearer = {Authorization: "Bearer " + token};
    const peer = new RTCPeerConnection();
    peer.addTransceiver("video", {direction: "sendonly"});
    const offer = await peer.createOffer();
    peer.close();
    const opened = await fetch(url, {method: "POST", body: offer.sdp,
        headers: {...bearer, "Content-Type": "application/sdp"}});
    const session = new URL(opened.headers.get("Location"), url);
    const trickled = await fetch(session, {method: "PATCH", body: "a=candidate:1",
        headers: {...bearer, "Content-Type": "application/trickle-ice-sdpfrag",
                  "If-Match": opened.headers.get("ETag")}});
    const ended = await fetch(session, {method: "DELETE", headers: bearer});
    return [opened.status, trickled.status, ended.status];
})().then(done, error => done(error.name));
"""


@pytest.fixture(scope="module")
def chrome(home):
    driver = browser.chromium(os.path.join(home, "profile-of-whip"), home)
    yield driver
    driver.quit()


def test_a_browser_publishes_from_a_listed_origin_and_from_no_other(web, media, chrome):
    url = "http://chat.example:%d/whip/room7" % web.port
    chrome.get("http://studio.chat.example:%s/index.html" % web.names["studio"])
    assert chrome.execute_async_script(CLIENT, url, once("publish")) == [201, 204, 200]
    assert [method for method, *_ in media.seen] == ["POST", "PATCH", "DELETE"]
    assert media.seen[0][3].startswith(b"v=0\r\n") and b"m=video" in media.seen[0][3]
    chrome.get("http://other.chat.example:%s/index.html" % web.names["studio"])
    assert chrome.execute_async_script(CLIENT, url, once("publish")) == "TypeError"
    assert len(media.seen) == 3
