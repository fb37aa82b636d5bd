# SPDX-License-Identifier: Apache-2.0
# Across origins: preflights that need no token and reach nothing behind, answers and refusals
# that the pages of listed origins may read, and nothing for anybody else.
import pytest

from avc.backend import Backend
from avc.tokens import signed, token

PAGE = "https://www.chat.example"
OTHER = "https://evil.example"
CONFIG = """
AvcKeyFile "@keys@"
AvcOrigins https://www.chat.example http://chat.example:8080
<Location "/files">
    AvcFiles "@private@"
</Location>
<Location "/live">
    AvcSignedURL On
    ProxyPass "http://127.0.0.1:@backend@/live"
</Location>
<Location "/trusted">
    AvcSignedURL On
    AvcOrigins https://www.chat.example credentials
    ProxyPass "http://127.0.0.1:@backend@/trusted"
</Location>
<Location "/app">
    AvcSignedURL On
    AvcOrigins capacitor://localhost Ionic://localhost app://obsidian.md tauri://localhost credentials
    ProxyPass "http://127.0.0.1:@backend@/app"
</Location>
<Location "/none">
    AvcSignedURL On
    AvcOrigins https://another.example
</Location>
"""
DIGITS = "0123456789" * 10


@pytest.fixture(scope="module")
def backend():
    server = Backend()
    yield server
    server.close()


@pytest.fixture(scope="module")
def web(serve, backend):
    return serve(CONFIG, private={"a.txt": DIGITS}, backend=backend.port, http2=True,
                 docroot={"none/a.txt": "content", "open.txt": "open"})


def preflight(origin, method="GET", headers=None):
    asked = [("Origin", origin), ("Access-Control-Request-Method", method)]
    return asked + ([("Access-Control-Request-Headers", headers)] if headers else [])


# SPEC [preflight-1]
@pytest.mark.smoke
@pytest.mark.parametrize("target", ["/files/a.txt", "/live/whep", "/trusted/x", "/none/a.txt"])
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_a_preflight_needs_no_token_and_reaches_nothing_behind(web, backend, target, method):
    before = len(backend.seen)
    answer = web.ask(target, "OPTIONS", preflight(PAGE, method, "authorization,range"))
    assert answer.status == 204 and answer.get("Allow") and not answer.body, answer
    assert len(backend.seen) == before
    if target == "/none/a.txt":
        assert answer.get("Access-Control-Allow-Origin") is None
        return
    assert answer.all("Access-Control-Allow-Origin") == [PAGE]
    assert "origin" in answer.words("Vary")
    assert method.lower() in answer.words("Access-Control-Allow-Methods") or \
        (target == "/files/a.txt" and method != "GET"), answer
    assert {"authorization", "range"} <= set(answer.words("Access-Control-Allow-Headers")), answer


# SPEC [preflight-4]
@pytest.mark.parametrize("origin", ["capacitor://localhost", "ionic://localhost", "app://obsidian.md",
                                    "tauri://localhost"])
def test_apps_with_a_scheme_of_their_own_may_read_answers_where_they_are_listed(web, origin):
    answer = web.ask("/app/x", "OPTIONS", preflight(origin, "POST", "authorization"))
    assert answer.status == 204 and answer.all("Access-Control-Allow-Origin") == [origin], answer
    answer = web.ask(signed("/app/a.txt"), headers=[("Origin", origin)])
    assert answer.all("Access-Control-Allow-Origin") == [origin]
    assert answer.all("Access-Control-Allow-Credentials") == ["true"]
    for other in (origin + ":1", origin.replace("://", "://x"), "null", "file://", "https://localhost"):
        answer = web.ask(signed("/app/a.txt"), headers=[("Origin", other)])
        assert answer.get("Access-Control-Allow-Origin") is None, other


def test_preflight_for_upload_clients(web):
    answer = web.ask("/live/upload", "OPTIONS", preflight(
        PAGE, "PATCH", "authorization,content-type,tus-resumable,upload-offset,if-match"))
    allowed = set(answer.words("Access-Control-Allow-Headers"))
    assert {"authorization", "content-type", "tus-resumable", "upload-offset", "if-match"} <= allowed or \
        allowed == {"*"}, answer


@pytest.mark.parametrize("origin", [OTHER, "null", "https://www.chat.example.evil.example",
                                    "http://www.chat.example", "https://www.chat.example:8443",
                                    "https://chat.example", "http://chat.example"])
def test_a_preflight_from_elsewhere_is_answered_but_not_granted(web, origin):
    answer = web.ask("/files/a.txt", "OPTIONS", preflight(origin))
    assert answer.status == 204 and answer.get("Allow"), answer
    for name in ("Origin", "Methods", "Headers", "Credentials"):
        assert answer.get("Access-Control-Allow-" + name) is None, answer
    assert "origin" in answer.words("Vary")


def test_a_token_in_the_preflights_address_changes_nothing(web):
    for target in (signed("/files/a.txt"), signed("/files/a.txt", expires=-5)):
        answer = web.ask(target, "OPTIONS", preflight(PAGE))
        assert answer.status == 204 and answer.get("Access-Control-Allow-Origin") == PAGE


# SPEC [preflight-2]
def test_other_options_requests(web, backend):
    before = len(backend.seen)
    for headers in ([], [("Origin", PAGE)]):
        answer = web.ask("/live/x", "OPTIONS", headers)
        assert answer.status == 204 and answer.get("Allow") and len(backend.seen) == before
    answer = web.ask(signed("/live/x", expires=-5), "OPTIONS")
    assert answer.status == 204 and len(backend.seen) == before
    backend.answers["/live/x"] = (200, [("Accept-Post", "application/sdp")], b"")
    answer = web.ask(signed("/live/x"), "OPTIONS")
    assert answer.status == 200 and len(backend.seen) == before + 1
    assert answer.get("Accept-Post") == "application/sdp"


def test_options_where_nothing_is_asked_for_is_httpds_own(web):
    answer = web.ask("/open.txt", "OPTIONS", preflight(PAGE))
    assert answer.status == 200 and "get" in answer.words("Allow"), answer
    assert answer.get("Access-Control-Allow-Methods") is None


EXPOSED = {"content-range", "accept-ranges", "location", "upload-offset", "tus-resumable", "link", "etag"}


def is_readable(answer, origin=PAGE, credentials=False):
    assert answer.all("Access-Control-Allow-Origin") == [origin], answer
    assert "origin" in answer.words("Vary"), answer
    exposed = set(answer.words("Access-Control-Expose-Headers"))
    assert EXPOSED <= exposed or (exposed == {"*"} and not credentials), answer
    granted = answer.get("Access-Control-Allow-Credentials")
    assert granted == ("true" if credentials else None), answer


# SPEC [preflight-4]
@pytest.mark.smoke
def test_every_answer_can_be_read_refusals_included(web, backend):
    here = [("Origin", PAGE)]
    is_readable(web.allowed(signed("/files/a.txt"), headers=here))
    is_readable(web.ask(signed("/files/a.txt"), headers=here + [("Range", "bytes=0-3")]))
    is_readable(web.ask(signed("/files/a.txt"), headers=here + [("Range", "bytes=900-")]))
    tag = web.ask(signed("/files/a.txt")).get("ETag")
    answer = web.ask(signed("/files/a.txt"), headers=here + [("If-None-Match", tag)])
    assert answer.status == 304
    is_readable(answer)
    is_readable(web.refused("/files/a.txt", "no-token", headers=here))
    is_readable(web.refused(signed("/files/a.txt", expires=-5), "expired", status=410, headers=here))
    is_readable(web.refused(signed("/files/none.txt"), "not-found", status=404, headers=here))
    is_readable(web.refused(signed("/files/a.txt"), "method", "PUT", headers=here))
    is_readable(web.allowed(signed("/live/x"), headers=here))
    for status in (201, 404, 500, 302):
        backend.answers["/live/y"] = (status, [("Location", "/live/z")], b"")
        answer = web.ask(signed("/live/y"), headers=here)
        assert answer.status == status
        is_readable(answer)
    is_readable(web.allowed(signed("/live/x"), headers=[("Origin", "http://chat.example:8080")]),
                "http://chat.example:8080")


def test_over_http2(web):
    answer = web.curl(signed("/files/a.txt", expires=-5), "--http2-prior-knowledge", "-H",
                      "Origin: " + PAGE)
    web.log.claim(r"AVC\d{4}: expired: ")
    is_readable(answer)
    answer = web.curl("/files/a.txt", "--http2-prior-knowledge", "-X", "OPTIONS", "-H",
                      "Origin: " + PAGE, "-H", "Access-Control-Request-Method: GET")
    assert answer.status == 204


# SPEC [preflight-4]
def test_credentials_only_where_the_configuration_says_so(web):
    header = [("Origin", PAGE), ("Cookie", "__Host-avc=" + token("/trusted/x"))]
    is_readable(web.allowed("/trusted/x", headers=header), credentials=True)
    answer = web.ask("/trusted/x", "OPTIONS", preflight(PAGE))
    assert answer.get("Access-Control-Allow-Credentials") == "true"
    assert answer.get("Access-Control-Allow-Headers") != "*"
    is_readable(web.allowed(signed("/files/a.txt"), headers=[("Origin", PAGE)]))


@pytest.mark.parametrize("origin", [OTHER, "null", "https://WWW.chat.example.evil", ""])
def test_other_pages_read_nothing(web, origin):
    for target in ("/files/a.txt", "/trusted/x", "/none/a.txt"):
        answer = web.allowed(signed(target), headers=[("Origin", origin)])
        assert answer.get("Access-Control-Allow-Origin") is None, answer
        assert answer.get("Access-Control-Allow-Credentials") is None, answer
        assert "origin" in answer.words("Vary"), answer


def test_without_an_origin_the_answer_still_varies(web):
    answer = web.allowed(signed("/files/a.txt"))
    assert answer.get("Access-Control-Allow-Origin") is None and "origin" in answer.words("Vary")


def test_what_the_backend_says_about_origins_does_not_double(web, backend):
    backend.answers["/live/own"] = (200, [
        ("Access-Control-Allow-Origin", "*"), ("Vary", "Accept-Encoding"),
        ("Access-Control-Expose-Headers", "X-Own"), ("Access-Control-Allow-Credentials", "true")], b"x")
    answer = web.allowed(signed("/live/own"), headers=[("Origin", PAGE)])
    is_readable(answer)
    assert "accept-encoding" in answer.words("Vary"), answer
    answer = web.allowed(signed("/live/own"), headers=[("Origin", OTHER)])
    assert answer.get("Access-Control-Allow-Origin") in (None, "*")


def test_without_the_directive_there_is_no_cross_origin_header(serve_once):
    server = serve_once('AvcKeyFile "@keys@"\n<Location "/files">\nAvcFiles "@private@"\n</Location>\n',
                        private={"a.txt": "x"})
    answer = server.allowed(signed("/files/a.txt"), headers=[("Origin", PAGE)])
    assert not [n for n, _ in answer.headers if n.lower().startswith("access-control")], answer
    answer = server.ask("/files/a.txt", "OPTIONS", preflight(PAGE))
    assert answer.status == 204 and answer.get("Access-Control-Allow-Origin") is None


def test_a_cookie_with_another_method_needs_a_listed_origin_with_credentials(web, backend):
    cookie = ("Cookie", "__Host-avc=" + token("/trusted/x", mth="GET.POST"))
    host = "media.chat.example"
    # POST by cookie is for session tokens; a file token in a cookie carries GET and HEAD only.
    for origin in (PAGE, OTHER, "null"):
        answer = web.ask("/trusted/x", "POST", [cookie, ("Origin", origin)], b"x", host=host)
        if answer.status != 200:
            web.log.claim(r"AVC\d{4}: (no-token|method): ")
        if origin != PAGE:
            assert answer.status == 403, answer
