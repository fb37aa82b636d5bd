# SPDX-License-Identifier: Apache-2.0
# SetHandler avcsec-check: a server in front asks whether a request may pass. Debian's nginx and
# HAProxy ask themselves; for the others their questions are sent as their documentation has them.
import itertools

import pytest

from avc import client, fronts, tokens
from avc.peers import MEDIA, STRANGER

FRONTS = ("nginx", "traefik", "caddy", "haproxy", "envoy")
CONFIG = """
AvcKeyFile "@keys@"
AvcMediaServer 127.0.0.1
""" + "".join("""
<Location "/check/%s">
    SetHandler avcsec-check
    AvcCheck %s
</Location>
<Location "/sessions/%s">
    SetHandler avcsec-check
    AvcCheck %s session
</Location>
<Location "/uploads/%s">
    SetHandler avcsec-check
    AvcCheck %s upload
</Location>
""" % ((name,) * 6) for name in FRONTS) + """
<LocationMatch "^/unnamed$">
    SetHandler avcsec-check
</LocationMatch>
"""
CLIENT = "192.0.2.7"
serial = itertools.count(1)


@pytest.fixture(scope="module")
def web(serve):
    server = serve(CONFIG, docroot={"media/a.txt": "content", "other/a.txt": "other"})
    server.log.claim("AVC0102: .*AvcCheck envoy is asked by the path", count=None)
    return server


def question(front, target, method="GET", address=CLIENT):
    """(path behind /check/<front>, headers) of what this server sends."""
    if front == "nginx":
        return "", [("X-Original-URI", target), ("X-Original-Method", method),
                    ("X-Real-IP", address)]
    if front == "envoy":
        return target, [("X-Envoy-External-Address", address)] if address else []
    return "", [("X-Forwarded-Method", method), ("X-Forwarded-Uri", target),
                ("X-Forwarded-For", address), ("X-Forwarded-Host", "chat.example"),
                ("X-Forwarded-Proto", "https")]


def ask(web, front, target, method="GET", address=CLIENT, more=(), what="check", source=STRANGER):
    path, headers = question(front, target, method, address)
    answer = web.ask("/%s/%s%s" % (what, front, path), method if front == "envoy" else "GET",
                     headers + list(more), source=source)
    assert answer.status in (200, 401, 403), answer
    assert "no-store" in answer.words("Cache-Control")
    assert answer.body == b""
    return answer


def passes(web, front, target, *args, **how):
    answer = ask(web, front, target, *args, **how)
    web.log.poll()
    assert (answer.status, answer.get("X-Avc-Reason")) == (200, "ok"), web.log.pending
    assert not web.log.pending


def stopped(web, front, target, reason, *args, status=403, **how):
    answer = ask(web, front, target, *args, **how)
    assert (answer.status, answer.get("X-Avc-Reason")) == (status, reason)
    web.log.claim(r"AVC\d{4}: %s: " % reason)


@pytest.mark.smoke
@pytest.mark.parametrize("front", FRONTS)
def test_a_signed_url_passes_and_nothing_else(web, front):
    path = "/media/a b.txt"
    for carrier in ("query", "path"):
        passes(web, front, tokens.signed(path, carrier=carrier))
    passes(web, front, "/media/a%20b.txt", more=[("Authorization", "Bearer " + tokens.token(path))])
    stopped(web, front, "/media/a%20b.txt", "no-token", status=401)
    stopped(web, front, "/media/b.txt?avc=" + tokens.token(path), "signature")
    stopped(web, front, tokens.signed(path, expires=-1, issued=-60), "expired")
    stopped(web, front, tokens.signed(path, nbf=9999999999), "not-yet-valid")
    stopped(web, front, tokens.signed(path, purpose="call"), "purpose")
    stopped(web, front, tokens.signed(path, kid="k9"), "unknown-key")
    stopped(web, front, tokens.signed(path) + "x", "malformed")
    stopped(web, front, tokens.signed(path) + "&more=1", "argument")
    passes(web, front, tokens.signed(path) + "&utm_source=1")


@pytest.mark.parametrize("front", FRONTS)
def test_the_method_is_the_clients(web, front):
    path = "/media/a.txt"
    passes(web, front, tokens.signed(path), "HEAD")
    stopped(web, front, tokens.signed(path), "method", "POST")
    passes(web, front, tokens.signed(path, mth="DELETE"), "DELETE")
    passes(web, front, tokens.signed(path, purpose="upload"), "PUT", what="uploads")
    stopped(web, front, tokens.signed(path, purpose="upload"), "method", what="uploads")


@pytest.mark.parametrize("front", FRONTS)
def test_the_address_is_the_clients(web, front):
    path = "/media/a.txt"
    passes(web, front, tokens.signed(path, ip4="192.0.2.0-24"))
    passes(web, front, tokens.signed(path, ip6="2001_db8__-64"), address="2001:db8::7")
    stopped(web, front, tokens.signed(path, ip4="127.0.0.1"), "address")
    stopped(web, front, tokens.signed(path, ip4="192.0.2.0-24"), "address", address="2001:db8::7")


def test_a_front_that_does_not_tell_the_address_opens_no_bound_token(web):
    path = "/media/a.txt"
    passes(web, "envoy", tokens.signed(path), address=None)
    for bound in ({"ip4": "127.0.0.1"}, {"ip4": "192.0.2.7"}, {"ip6": "2001_db8__-32"}):
        stopped(web, "envoy", tokens.signed(path, **bound), "address", address=None)


@pytest.mark.parametrize("front", FRONTS)
def test_paths_that_servers_read_in_two_ways_are_refused(web, front):
    opens = "?avc=" + tokens.token("/media/a.txt", dir="1")
    for path in ("/media/..%2fother/a.txt", "/media/%2e%2e%5cother", "/media/..;/other/a.txt",
                 "/media/a\\..\\b", "/media/.;x/a"):
        if front == "envoy" and "%2f" in path:
            continue
        stopped(web, front, path + opens, "malformed")
    stopped(web, front, "/media/../other/a.txt" + opens, "signature")
    passes(web, front, "/media/x/..//a.txt" + opens)


@pytest.mark.parametrize("front", FRONTS)
def test_uses_are_counted_for_each_client(web, front):
    target = tokens.signed("/media/a.txt", id="checked-number-%04d" % next(serial), max=1)
    passes(web, front, target, "HEAD")
    passes(web, front, target)
    passes(web, front, target)
    stopped(web, front, target, "used-up", address="198.51.100.1")
    passes(web, front, target, "HEAD", address="198.51.100.1")


@pytest.mark.parametrize("front", FRONTS)
def test_sessions_pass_once_if_they_are_for_one_use(web, front):
    token = tokens.token(purpose="session", id="checked-number-%04d" % next(serial), max=1)
    passes(web, front, "/ws?avc=" + token, what="sessions")
    stopped(web, front, "/ws?avc=" + token, "used-up", what="sessions")
    stopped(web, front, "/ws?avc=" + tokens.token(purpose="session", act="publish"), "act",
            what="sessions")
    stopped(web, front, "/ws?avc=" + tokens.token(purpose="session", room="cm9vbTc"), "room",
            what="sessions")
    stopped(web, front, tokens.signed("/ws"), "purpose", what="sessions")


GOOD = tokens.signed("/media/a.txt", expires=3600)


@pytest.mark.parametrize("front", [f for f in FRONTS if f != "envoy"])
def test_each_header_stands_there_exactly_once(web, front):
    _, headers = question(front, GOOD)
    for i in range(3):
        for changed in (headers[:i] + headers[i + 1:], headers + [headers[i]],
                        headers[:i] + [(headers[i][0], "")] + headers[i + 1:]):
            answer = web.ask("/check/" + front, headers=changed)
            assert (answer.status, answer.get("X-Avc-Reason")) == (403, "form"), changed
            web.log.claim(r"AVC0024: form: ")


@pytest.mark.parametrize("front", FRONTS)
@pytest.mark.parametrize("name", [
    "X-Original-URI", "X-Original-URL", "X-Original-Method", "X-Rewrite-URL", "X-Forwarded-Uri",
    "x-forwarded-method"])
def test_no_other_servers_headers_stand_beside_them(web, front, name):
    path, headers = question(front, GOOD)
    for value in (GOOD, ""):
        answer = web.ask("/check/%s%s" % (front, path), headers=headers + [(name, value)])
        assert (answer.status, answer.get("X-Avc-Reason")) == (403, "form")
        web.log.claim(r"AVC0024: form: ")


@pytest.mark.parametrize("front", [f for f in FRONTS if f != "envoy"])
@pytest.mark.parametrize("target", [
    "media/a.txt", "http://chat.example" + GOOD, GOOD + "#x", "/a b", "*", " ", "/a\tb"])
def test_what_is_no_target_of_a_request_is_refused(web, front, target):
    _, headers = question(front, target)
    answer = web.ask("/check/" + front, headers=headers)
    assert (answer.status, answer.get("X-Avc-Reason")) == (403, "form")
    web.log.claim(r"AVC0024: form: ")


@pytest.mark.parametrize("front", [f for f in FRONTS if f != "envoy"])
def test_an_address_is_one_address(web, front):
    for address in ("192.0.2.7, 10.0.0.1", "192.0.2.7:1234", "unknown", "[2001:db8::7]"):
        stopped(web, front, GOOD, "form", address=address)


@pytest.mark.parametrize("front", [f for f in FRONTS if f != "envoy"])
def test_a_method_is_a_method(web, front):
    for method in ("get", "GET, POST", "G ET", "GET/1"):
        _, headers = question(front, GOOD, method)
        answer = web.ask("/check/" + front, headers=headers)
        assert (answer.status, answer.get("X-Avc-Reason")) == (403, "form")
        web.log.claim(r"AVC0024: form: ")


def test_a_question_for_another_location_is_none(web):
    for path in ("/check/%65nvoy" + GOOD, "/check//envoy" + GOOD, "/check/envoy"):
        answer = web.ask(path)
        assert (answer.status, answer.get("X-Avc-Reason")) == (403, "form")
        web.log.claim(r"AVC0024: form: ")


@pytest.mark.smoke
def test_only_those_that_are_listed_may_ask(web):
    for front in FRONTS:
        path, headers = question(front, GOOD)
        web.refused("/check/%s%s" % (front, path), "address", headers=headers, source=MEDIA)


def test_a_location_that_names_no_server_says_no(web):
    answer = web.ask("/unnamed", headers=question("nginx", GOOD)[1])
    assert answer.status == 403
    web.log.claim(r"AVC0024: form: .*AvcCheck stands nowhere")


# SPEC [carrier-4]
def test_the_cookie_of_a_page_acts_only_from_its_own_pages(web):
    token = tokens.token("/media/a.txt", purpose="session")
    cookie = ("Cookie", "__Host-avc=" + token)
    passes(web, "traefik", "/call", more=[cookie], what="sessions")
    stopped(web, "traefik", "/call", "no-token", "POST", status=401, more=[cookie], what="sessions")
    stopped(web, "traefik", "/call", "no-token", "POST", status=401, what="sessions",
            more=[cookie, ("Origin", "https://evil.example")])
    passes(web, "traefik", "/call", "POST", what="sessions",
           more=[cookie, ("Origin", "https://chat.example")])


def test_no_log_holds_a_whole_token(web):
    passes(web, "nginx", GOOD)
    passes(web, "envoy", GOOD)
    mac = GOOD.rsplit("mac.", 1)[1]
    assert mac not in web.access_log() and mac not in web.error_log()


# -- the servers themselves

@pytest.fixture(scope="module", params=["nginx", "haproxy"])
def front(request, web):
    with getattr(fronts, request.param)(web) as server:
        yield server


def get(front, target, method="GET", headers=(), source=None):
    return client.request(front.port, target, method, headers, source=source)


def test_a_server_in_front_lets_signed_urls_through(web, front):
    answer = get(front, tokens.signed("/media/a.txt"))
    assert (answer.status, answer.text) == (200, "content")
    answer = get(front, "/media/a.txt",
                 headers=[("Authorization", "Bearer " + tokens.token("/media/a.txt"))])
    assert answer.status == 200
    answer = get(front, tokens.signed("/media/a.txt", ip4="127.0.0.9"), source="127.0.0.9")
    assert answer.status == 200
    web.log.poll()
    assert not web.log.pending


@pytest.mark.parametrize("target, status, reason", [
    ("/media/a.txt", 401, "no-token"),
    ("/media/a.txt?avc=junk", 403, "malformed"),
    (tokens.signed("/other/a.txt").replace("/other", "/media"), 403, "signature"),
    (tokens.signed("/media/a.txt", expires=-1, issued=-60), 403, "expired"),
    (tokens.signed("/media/a.txt", ip4="127.0.0.9"), 403, "address"),
    ("/media/..%2fother/a.txt?avc=" + tokens.token("/media/a.txt", dir="1"), 403, "malformed"),
    ("/media/../other/a.txt?avc=" + tokens.token("/media/a.txt", dir="1"), 403, "signature"),
    ("/media//..//other/a.txt?avc=" + tokens.token("/media/a.txt", dir="1"), 403, "signature"),
])
def test_a_server_in_front_stops_all_else(web, front, target, status, reason):
    answer = get(front, target)
    assert answer.status == status
    assert answer.text not in ("content", "other")
    web.log.claim(r"AVC\d{4}: %s: " % reason)


def test_headers_of_a_client_are_not_believed(web, front):
    """The server in front overwrites its own headers; another kind's are refused or not sent on."""
    for name in ("X-Original-URI", "X-Original-URL", "X-Forwarded-Uri", "X-Rewrite-URL"):
        answer = get(front, "/other/a.txt", headers=[(name, GOOD)])
        assert answer.status in (401, 403)
        web.log.claim(r"AVC\d{4}: (form|no-token): ")
    bound = tokens.signed("/media/a.txt", ip4="192.0.2.1")
    for name in ("X-Real-IP", "X-Forwarded-For"):
        assert get(front, bound, headers=[(name, "192.0.2.1")]).status == 403
        web.log.claim(r"AVC0010: address: ")


def test_a_use_is_spent_once_however_often_its_client_asks(web, front):
    target = tokens.signed("/media/a.txt", id="checked-number-%04d" % next(serial), max=1)
    assert [get(front, target).status for _ in range(3)] == [200] * 3
    assert get(front, target, source="127.0.0.9").status == 403
    web.log.claim(r"AVC0013: used-up: ")


@pytest.mark.parametrize("line, error", [
    ("AvcCheck apache", 'does not know the server "apache"'),
    ("AvcCheck nginx media", 'takes file, upload, call or session, not "media"'),
    ("AvcCheck envoy", "stands directly in a literal <Location"),
])
def test_a_wrong_configuration_says_what_is_wrong(serve_once, line, error):
    web = serve_once('AvcKeyFile "@keys@"\n' + line, begin=False)
    status, printed = web.configtest()
    assert status != 0 and error in printed
