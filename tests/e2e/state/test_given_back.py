# SPDX-License-Identifier: Apache-2.0
# A use comes back if what ran answers 4xx or 5xx, of a token of any purpose: a script in every
# wiring, a server behind, a WebSocket that is not opened. 3xx is a success, and what httpd makes
# of an answer afterwards changes nothing. What comes back is the request's own use and no other.
import secrets
import threading

import pytest

from avc import backend as behind
from avc import client, tokens, upgrades
from avc.httpd import USUAL, free_port
from avc.php import MODULES, WIRINGS
from avc.redis import Redis, next_second

FAILURES = (400, 401, 403, 404, 405, 409, 410, 412, 413, 415, 416, 422, 429, 500, 501, 502, 503, 504, 507)
SUCCESSES = (200, 201, 202, 203, 204, 301, 302, 303, 307, 308)
OTHERS = ["127.0.0.%d" % n for n in range(5, 15)]

PLACES = {"file": "AvcSignedURL On", "upload": "Require avc-token upload", "session": "AvcSessionFor publish",
          "call": "AvcMediaServerOnly On"}
METHODS = {"file": "GET", "upload": "POST", "session": "POST", "call": "POST"}


def places(below, more=""):
    return "".join('<Location "%s/%s">\n%s\n%s</Location>\n' % (below, name, line, more)
                   for name, line in PLACES.items())


COMMON = 'AvcKeyFile "@keys@"\nAvcMediaServer 127.0.0.2\nAvcMediaServerProof token\n'
CONFIG = COMMON + """
ProxyPass "/back/" "http://127.0.0.1:@back@/"
ProxyPass "/override/" "http://127.0.0.1:@back@/"
ProxyPass "/down/" "http://127.0.0.1:@down@/"
ProxyPass "/slow/" "http://127.0.0.1:@slow@/" timeout=1
ProxyPass "/broken/" "http://127.0.0.1:@slow@/"
<Location "/override">
    ProxyErrorOverride On
</Location>
""" + "".join(places(below) for below in ("/back", "/override", "/down", "/slow", "/broken", "/cgi", "/static")) + """
<Location "/document">
    ErrorDocument 404 /say/200
    ErrorDocument 503 /say/200
</Location>
""" + places("/document") + """
ProxyPass "/document/" "http://127.0.0.1:@back@/"
<Location "/document">
    ProxyErrorOverride On
</Location>
""" + places("/log", "AvcEnforce Log\n") + """
ProxyPass "/log/" "http://127.0.0.1:@back@/"
ScriptAlias "/say" "@docroot@/cgi/say.cgi"
<Directory "@docroot@/cgi">
    Options +ExecCGI
    AddHandler cgi-script .cgi
    Require all granted
</Directory>
"""
# What its path info says is its status; "to/x" redirects inside, "away" outside.
SAY = r"""#!/bin/sh
cat > /dev/null
case "$PATH_INFO" in
/to/*) printf 'Location: /%s\r\n\r\n' "${PATH_INFO#/to/}";;
/3*) printf 'Status: %s Said\r\nContent-Type: text/plain\r\nLocation: rtmp://a.example/live/x\r\n\r\nsaid' "${PATH_INFO#/}";;
/[0-9]*) printf 'Status: %s Said\r\nContent-Type: text/plain\r\n\r\nsaid' "${PATH_INFO#/}";;
/none) ;;
/dies) exit 1;;
*) printf 'Content-Type: text/plain\r\nETag: "x"\r\n\r\nsaid';;
esac
"""
NPH = r"""#!/bin/sh
cat > /dev/null
printf 'HTTP/1.1 %s Said\r\nContent-Length: 4\r\nConnection: close\r\n\r\nsaid' "${PATH_INFO#/}"
"""
FILES = {"cgi/say.cgi": ("mode", 0o755, SAY)}
FILES.update({"cgi/%s/say.cgi" % name: ("mode", 0o755, SAY) for name in PLACES})
FILES.update({"cgi/%s/nph-say.cgi" % name: ("mode", 0o755, NPH) for name in PLACES})
FILES.update({"static/%s/a.txt" % name: "content" for name in PLACES})


class Slow(behind.Backend):
    """Takes a connection, reads, and hangs up, or waits for its client to."""

    def __init__(self):
        self.is_patient = False
        super().__init__()

    def finish_request(self, request, address):
        request.recv(65536)
        if self.is_patient:
            request.recv(65536)
        request.close()


@pytest.fixture(scope="module")
def backend():
    server = behind.Backend()
    yield server
    server.close()


@pytest.fixture(scope="module")
def slow():
    server = Slow()
    yield server
    server.close()


@pytest.fixture(scope="module")
def redis():
    with Redis() as server:
        yield server


@pytest.fixture(scope="module", params=["file event", "redis event", "file worker", "file prefork"])
def web(request, serve, backend, slow, redis):
    store, mpm = request.param.split()
    server = serve(CONFIG + ("AvcStore %s\n" % redis.url if store == "redis" else ""), mpm=mpm,
                   modules=USUAL + ["cgi" if mpm == "prefork" else "cgid"], docroot=FILES, back=backend.port,
                   slow=slow.port, down=free_port())
    if store == "redis":
        next_second()
    return server


def limited(purpose, path, uses=1, **how):
    """Target and headers of a token that may be used so often."""
    how.setdefault("id", secrets.token_hex(12))
    if purpose == "session":
        token = tokens.token("/", purpose="session", max=uses, act="publish", **how)
        return path, [("Authorization", "Bearer " + token)]
    return tokens.signed(path, purpose=purpose, max=uses, **how), []


def ask(web, purpose, link, method=None, more=(), source=OTHERS[0]):
    target, headers = link
    method = method or METHODS[purpose]
    answer = web.ask(target, method, headers + list(more), b"body" if method == "POST" else b"", source=source)
    web.log.disregard(r"AH\d+: |AVC\d{4}: used-up: |End of script output before headers")
    return answer


def assert_comes_back(web, purpose, link, status, **how):
    """It fails so and so often; then one gets in, and no other."""
    for source in OTHERS[:3]:
        answer = ask(web, purpose, link, source=source, **how)
        assert answer.status == status if isinstance(status, int) else answer.status in status, answer


def let_in_once(web, purpose, link):
    assert ask(web, purpose, link, source=OTHERS[4]).status == 200
    assert ask(web, purpose, link, source=OTHERS[5]).status == 403


# -- servers behind

# SPEC [use-6]
@pytest.mark.parametrize("below", ["/back", "/override", "/document", "/log"])
@pytest.mark.parametrize("purpose", sorted(PLACES))
def test_it_comes_back_on_every_failure_of_a_server_behind(web, backend, purpose, below):
    path = "%s/%s/x" % (below, purpose)
    link = limited(purpose, path)
    for status in FAILURES:
        backend.answers["/%s/x" % purpose] = (status, [], b"said")
        answer = ask(web, purpose, link)
        assert answer.status == status or (below == "/document" and answer.status in (200, status)), answer
    backend.answers["/%s/x" % purpose] = (200, [], b"said")
    if below == "/log" and purpose in ("file", "call"):
        web.log.poll()
        begun = web.error_log().count("used-up")
        assert [ask(web, purpose, link, source=source).status for source in OTHERS[4:6]] == [200, 200]
        assert web.error_log().count("used-up") == begun + 1, "it was not counted once"
        return
    let_in_once(web, purpose, link)


# SPEC [use-7]
@pytest.mark.parametrize("purpose", sorted(PLACES))
def test_every_success_uses_it_a_redirect_too(web, backend, purpose):
    for status in SUCCESSES:
        link = limited(purpose, "/back/%s/x" % purpose)
        backend.answers["/%s/x" % purpose] = (
            status, [("Location", "rtmp://a.example/live/x")] if status >= 300 or status == 201 else [], b"said")
        assert ask(web, purpose, link).status == status
        assert ask(web, purpose, link, source=OTHERS[1]).status == 403, status


@pytest.mark.parametrize("below, status", [("/down", 503), ("/broken", 502), ("/slow", (502, 504))])
@pytest.mark.parametrize("purpose", sorted(PLACES))
def test_it_comes_back_if_nobody_answers(web, slow, purpose, below, status):
    slow.is_patient = below == "/slow"
    link = limited(purpose, "%s/%s/x" % (below, purpose))
    assert_comes_back(web, purpose, link, status)
    web.log.disregard("AH")


# -- scripts

@pytest.mark.parametrize("purpose", sorted(PLACES))
def test_scripts(web, purpose):
    for status in (404, 409, 422, 500, 503):
        assert_comes_back(web, purpose, limited(purpose, "/cgi/%s/say.cgi/%d" % (purpose, status)), status)
    for name, status in (("none", 500), ("dies", 500)):
        assert_comes_back(web, purpose, limited(purpose, "/cgi/%s/say.cgi/%s" % (purpose, name)), status)
    for status in (200, 201, 302, 303):
        link = limited(purpose, "/cgi/%s/say.cgi/%d" % (purpose, status))
        assert ask(web, purpose, link).status == status
        assert ask(web, purpose, link, source=OTHERS[1]).status == 403, status


@pytest.mark.parametrize("purpose", sorted(set(PLACES) - {"call"}))
def test_a_script_that_writes_its_own_headers(web, purpose):
    for status in (404, 503):
        assert_comes_back(web, purpose, limited(purpose, "/cgi/%s/nph-say.cgi/%d" % (purpose, status)), status)
    for status in (200, 303):
        link = limited(purpose, "/cgi/%s/nph-say.cgi/%d" % (purpose, status))
        assert ask(web, purpose, link).status == status
        assert ask(web, purpose, link, source=OTHERS[1]).status == 403, status


def test_nor_is_it_used_by_a_call_of_one_which_is_not_asked(web):
    """What such a script answers the media server goes past httpd."""
    link = limited("call", "/cgi/call/nph-say.cgi/200")
    assert_comes_back(web, "call", link, 403)
    web.log.claim("AVC0030: replaced: ", count=3)
    web.log.assert_quiet()


@pytest.mark.parametrize("purpose", sorted(PLACES))
def test_a_script_that_hands_over_to_another(web, purpose):
    """Its Location is a path of this host: what that answers is the answer."""
    for to, status in (("say/404", 404), ("say/503", 503), ("nothing-here", 404)):
        assert_comes_back(web, purpose, limited(purpose, "/cgi/%s/say.cgi/to/%s" % (purpose, to)), status)
    for to, status in (("say/200", 200), ("say/303", 303)):
        link = limited(purpose, "/cgi/%s/say.cgi/to/%s" % (purpose, to))
        # A media server's question is answered by whom it was asked; the script has run all the same.
        assert ask(web, purpose, link).status == (403 if (purpose, status) == ("call", 303) else status)
        web.log.disregard("AVC0029: redirected: ")
        assert ask(web, purpose, link, source=OTHERS[1]).status == 403, to


# SPEC [use-6]
@pytest.mark.parametrize("purpose", sorted(PLACES))
def test_what_httpd_makes_of_an_answer_changes_nothing(web, backend, purpose):
    """A script ran as often as its caller liked, who asked for a range or a condition that does
    not fit."""
    backend.answers["/%s/x" % purpose] = (200, [("ETag", '"x"')], b"said")
    for path in ("/cgi/%s/say.cgi" % purpose, "/back/%s/x" % purpose):
        for method in ("GET", "POST"):
            if purpose == "session" and method == "GET" or purpose == "upload" and method == "GET" \
                    or purpose == "file" and method == "POST":
                continue
            for more in ([("Range", "bytes=99999-")], [("If-Match", '"nonsense"')],
                         [("If-Unmodified-Since", "Thu, 01 Jan 1970 00:00:00 GMT"), ("If-Match", "x")]):
                link = limited(purpose, path)
                assert ask(web, purpose, link, method, more).status in (200, 412, 416)
                assert ask(web, purpose, link, method, source=OTHERS[1]).status == 403, (path, method, more)


def test_a_file_that_the_client_has_already_is_no_use(web):
    link = limited("file", "/static/file/a.txt")
    tag = ask(web, "file", link, "HEAD").get("ETag")
    for source in OTHERS[:3]:
        assert ask(web, "file", link, more=[("If-None-Match", tag)], source=source).status == 304
    let_in_once(web, "file", link)


@pytest.mark.parametrize("purpose", sorted(PLACES))
def test_a_file_that_is_not_there(web, purpose):
    assert_comes_back(web, purpose, limited(purpose, "/static/%s/none.txt" % purpose), 404)


@pytest.mark.parametrize("wiring", sorted(WIRINGS))
@pytest.mark.parametrize("mpm", ["event", "prefork"])
def test_every_way_to_run_php(serve_once, fpm, wiring, mpm):
    script = ("<?php parse_str($_SERVER['QUERY_STRING'] ?? '', $asked); http_response_code((int)($asked['s'] ?? 200));"
              "if (($asked['s'] ?? '') === '303') header('Location: rtmp://a.example/live/x', true, 303); echo 'said';")
    web = serve_once(COMMON + WIRINGS[wiring] + places("/php"), modules=USUAL + MODULES.get(wiring, {}).get(mpm, []),
                     mpm=mpm, docroot={"php/%s/x.php" % name: script for name in PLACES}, **fpm.names())
    for purpose in sorted(PLACES):
        for status in (404, 503):
            target, headers = limited(purpose, "/php/%s/x.php" % purpose, query="s=%d" % status,
                                      **({"args": [("s", str(status))]} if purpose == "file" else {})) \
                if purpose != "session" else limited(purpose, "/php/session/x.php?s=%d" % status)
            assert_comes_back(web, purpose, (target, headers), status)
        for status in (200, 303):
            target, headers = limited(purpose, "/php/%s/x.php" % purpose, query="s=%d" % status,
                                      **({"args": [("s", str(status))]} if purpose == "file" else {})) \
                if purpose != "session" else limited(purpose, "/php/session/x.php?s=%d" % status)
            assert ask(web, purpose, (target, headers)).status == status
            assert ask(web, purpose, (target, headers), source=OTHERS[1]).status == 403


# -- upgrades

UPGRADES = {
    "mod_proxy_http": 'ProxyPass "/ws/" "http://127.0.0.1:@ws@/" upgrade=websocket\n',
    "any upgrade": 'ProxyPass "/ws/" "http://127.0.0.1:@ws@/" upgrade=ANY\n',
    "ws": 'ProxyPass "/ws/" "ws://127.0.0.1:@ws@/"\n',
    "mod_proxy_wstunnel": 'ProxyPass "/ws/" "ws://127.0.0.1:@ws@/"\nProxyWebsocketFallbackToProxyHttp Off\n',
}


@pytest.fixture(scope="module")
def socket_server():
    server = upgrades.Server()
    yield server
    server.close()


@pytest.mark.parametrize("mpm", ["event", "worker", "prefork"])
@pytest.mark.parametrize("how", sorted(UPGRADES))
@pytest.mark.parametrize("tls", [False, True])
def test_a_websocket_that_is_not_opened_has_used_nothing(serve_once, socket_server, how, mpm, tls):
    web = serve_once('AvcKeyFile "@keys@"\n' + UPGRADES[how] + '<Location "/ws">\nAvcSessionFor connect\n</Location>\n',
                     modules=USUAL + ["proxy_wstunnel"], mpm=mpm, ws=socket_server.port, tls=tls)
    port = web.tls_port if tls else web.port
    for _ in range(2):
        target = "/ws/x?avc=" + tokens.token("/", purpose="session", id=secrets.token_hex(12), max=1)
        for status in (404, 503, 426, 401, 500, 404):
            socket_server.status = status
            assert upgrades.upgrade(port, target, tls=tls) == (status, "")
        socket_server.status = 0
        assert upgrades.upgrade(port, target, tls=tls)[0] in (502, 0)
        web.log.disregard("AH")
        socket_server.status = 101
        assert upgrades.upgrade(port, target, tls=tls) == (101, "HELLO")
        assert upgrades.upgrade(port, target, tls=tls) == (403, "")
        web.log.claim("AVC0013: used-up: ")
    web.log.disregard("AH")


@pytest.mark.parametrize("mpm", ["event", "worker"])
def test_a_websocket_over_http2_that_is_not_opened_has_used_nothing(serve_once, socket_server, mpm):
    web = serve_once('AvcKeyFile "@keys@"\nH2WebSockets On\n' + UPGRADES["mod_proxy_http"] +
                     '<Location "/ws">\nAvcSessionFor connect\n</Location>\n', mpm=mpm, ws=socket_server.port, http2=True)
    target = "/ws/x?avc=" + tokens.token("/", purpose="session", id=secrets.token_hex(12), max=1)
    got = []
    for socket_server.status in (404, 503, 101, 101):
        got.append(upgrades.connect_over_http2(web.port, target))
    assert got == [404, 503, 200, 403]
    web.log.claim("AVC0013: used-up: ")


# SPEC [use-8]
@pytest.mark.parametrize("protocol, counts", [
    ("websocket", True), ("WebSocket", True), ("foo, websocket", True), ("websocket/13", True),
    ("h2c", False), ("foo", False), ("TLS/1.3", False), ("h2c, foo", False), ("notwebsocket", False),
    ("websocket2", False), ("", False)])
def test_of_upgrades_only_one_to_websocket_is_a_use(serve_once, protocol, counts):
    web = serve_once('AvcKeyFile "@keys@"\n<Location "/s">\nAvcSessionFor connect\n</Location>\n',
                     docroot={"s/a.txt": "content"}, http2=True)
    for carrier in ("query", "header"):
        token = tokens.token("/", purpose="session", id=secrets.token_hex(12), max=1)
        target = "/s/a.txt" + ("?avc=" + token if carrier == "query" else "")
        headers = [("Authorization", "Bearer " + token)] if carrier == "header" else []
        statuses = [upgrades.upgrade(web.port, target, protocol, headers)[0] for _ in range(3)]
        assert statuses == ([200, 403, 403] if counts else [200, 200, 200])
    web.log.disregard("AVC0013: used-up: ")


# -- whose use comes back

class Held(behind.Backend):
    """Answers a request only when it is told to, with what its path says."""

    def __init__(self):
        self.came = threading.Semaphore(0)
        self.may_end = threading.Event()
        super().__init__()

    def finish_request(self, request, address):
        data = b""
        while b"\r\n\r\n" not in data:
            data += request.recv(65536)
        path = data.split(b" ")[1].split(b"?")[0]
        if path.endswith(b"/held"):
            self.came.release()
            self.may_end.wait(30)
        status = 503 if path.endswith(b"/held") else 200
        request.sendall(b"HTTP/1.1 %d Said\r\nContent-Length: 4\r\nConnection: close\r\n\r\nsaid" % status)


@pytest.mark.parametrize("store", ["file", "redis"])
@pytest.mark.parametrize("purpose", sorted(PLACES))
def test_what_comes_back_is_nobody_elses(serve_once, redis, store, purpose):
    """Ten that fail hold their uses while others take theirs: those stay taken."""
    held = Held()
    web = serve_once(COMMON + 'ProxyPass "/held/" "http://127.0.0.1:@held@/"\n' + places("/held") +
                     ("AvcStore %s\n" % redis.url if store == "redis" else ""), held=held.port)
    if store == "redis":
        next_second()
    who = secrets.token_hex(12)
    uses = {"id": who, "dir": 2} if purpose != "session" else {"id": who}
    fails = limited(purpose, "/held/%s/held" % purpose, uses=12, **uses)
    works = (fails[0].replace("/held?", "/works?") if purpose != "session" else
             fails[0].replace("/session/held", "/session/works"), fails[1])
    got = []
    threads = [threading.Thread(target=lambda source: got.append(ask(web, purpose, fails, source=source).status),
                                args=("127.0.1.%d" % n,)) for n in range(1, 11)]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert held.came.acquire(timeout=20)
    assert [ask(web, purpose, works, source="127.0.2.%d" % n).status for n in (1, 2, 3)] == [200, 200, 403]
    held.may_end.set()
    for thread in threads:
        thread.join()
    assert got == [503] * 10, got
    answers = [ask(web, purpose, works, source="127.0.3.%d" % n).status for n in range(1, 13)]
    assert answers == [200] * 10 + [403] * 2, answers
    held.close()


@pytest.mark.parametrize("store", ["file", "redis"])
@pytest.mark.parametrize("with_success", [False, True])
def test_requests_of_one_client_that_fail_together_give_it_back(serve_once, redis, store, with_success):
    """A player asks for several pieces at once; each that failed left the use to the others."""
    held = Held()
    web = serve_once(COMMON + 'ProxyPass "/held/" "http://127.0.0.1:@held@/"\n' + places("/held") +
                     ("AvcStore %s\n" % redis.url if store == "redis" else ""), held=held.port)
    if store == "redis":
        next_second()
    fails = limited("file", "/held/file/held", dir=2)
    works = (fails[0].replace("/held?", "/works?"), [])
    got = []
    threads = [threading.Thread(target=lambda: got.append(ask(web, "file", fails).status)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert held.came.acquire(timeout=20)
    if with_success:
        assert ask(web, "file", works).status == 200
    held.may_end.set()
    for thread in threads:
        thread.join()
    assert got == [503] * 5, got
    assert ask(web, "file", works, source=OTHERS[1]).status == (403 if with_success else 200)
    held.close()


def test_of_two_tokens_that_one_request_needs_the_first_comes_back_too(serve_once, backend):
    """A file's token was good, the session used up: the request was refused as a whole."""
    web = serve_once('AvcKeyFile "@keys@"\nProxyPass "/both/" "http://127.0.0.1:@back@/"\n<Location "/both">\n'
                     'AvcSignedURL On\nAvcSessionFor connect\n</Location>\n', back=backend.port)
    backend.answers["/x"] = (200, [], b"said")
    link = tokens.limited("/both/x", 1, mth="POST")
    bad = tokens.token("/", purpose="session", id=secrets.token_hex(12), max=1)
    good = tokens.token("/", purpose="session", id=secrets.token_hex(12), max=1)

    def post(target, token, source):
        return web.ask(target, "POST", [("Authorization", "Bearer " + token)], b"body", source=source).status
    assert post(tokens.limited("/both/x", 1, mth="POST"), bad, OTHERS[0]) == 200
    for source in OTHERS[:3]:
        assert post(link, bad, source) == 403
    assert post(link, good, OTHERS[4]) == 200
    assert post(link, tokens.token("/", purpose="session"), OTHERS[5]) == 403
    web.log.disregard("AVC0013: used-up: ")


def test_private_files_give_back_what_was_not_sent(serve_once):
    web = serve_once('AvcKeyFile "@keys@"\n<Location "/files">\nAvcFiles "@private@"\n</Location>\n',
                     private={"a.txt": "content"})
    tag = web.ask(tokens.signed("/files/a.txt"), "HEAD").get("ETag")
    for headers, status in (([("If-None-Match", tag)], 304), ([("If-Match", '"x"')], 412)):
        link = tokens.limited("/files/a.txt", 1)
        for source in OTHERS[:3]:
            assert web.ask(link, headers=headers, source=source).status == status
        web.allowed(link, source=OTHERS[4], shows="content")
        web.refused(link, "used-up", source=OTHERS[5])
    link = tokens.limited("/files/none.txt", 1)
    for source in OTHERS[:3]:
        assert web.ask(link, source=source).status == 404
    web.log.disregard("AVC0017: not-found: ")


def test_a_request_over_http2_gives_back_as_well(serve_once, backend):
    web = serve_once(COMMON + 'ProxyPass "/back/" "http://127.0.0.1:@back@/"\n' + places("/back"), http2=True,
                     back=backend.port)
    target, headers = limited("session", "/back/session/x")
    said = [option for name, value in headers for option in ("-H", "%s: %s" % (name, value))]
    for status in (404, 503, 200):
        backend.answers["/session/x"] = (status, [], b"said")
        answer = web.curl(target, "--http2-prior-knowledge", "-d", "body", *said)
        assert (answer.version, answer.status) == ("HTTP/2", status)
    assert web.curl(target, "--http2-prior-knowledge", "-d", "body", *said).status == 403
    web.log.claim("AVC0013: used-up: ")
