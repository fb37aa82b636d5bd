# SPDX-License-Identifier: Apache-2.0
# A server that merely loads the module: what it has is served as without it, its logs show no mac
# all the same, and what an .htaccess names of the module is refused.
import pytest

from avc import client, settings, tokens
from avc.backend import Backend
from avc.httpd import USUAL

SITE = {"a.txt": "open", "signed/a.txt": "signed"}
HANDLERS = ("avcsec-admission", "avcsec-check", "avcsec-token", "avcsec-token-request", "avcsec-token-verify")
PROTECTED = """
AvcKeyFile "@keys@"
<Location "/signed">
    AvcSignedURL On
</Location>
"""


@pytest.fixture(scope="module", params=["event", "worker", "prefork"])
def web(request, serve):
    files = dict(SITE)
    for name in HANDLERS:
        files["%s/.htaccess" % name] = "SetHandler %s\n" % name
        files["%s/a.txt" % name] = "file"
    files["required/.htaccess"] = "Require avc-token file\n"
    files["required/a.txt"] = "file"
    return serve('CustomLog "@root@/logs/access.log" "%r %{Referer}i %U%q"\n', mpm=request.param, docroot=files,
                 directory="AllowOverride All\nRequire all granted", has_state=False)


def test_it_serves_what_is_there(web):
    for target in ("/a.txt", tokens.signed("/a.txt"), "/signed/a.txt"):
        web.allowed(target)


def test_its_logs_show_no_mac(web):
    link = tokens.signed("/a.txt")
    assert web.ask(link, headers=[("Referer", "http://chat.example" + link)]).status == 200
    with open(web.root + "/logs/access.log", encoding="utf-8") as log:
        lines = log.read()
    assert lines.count("mac.*") >= 2 and link.rsplit("mac.", 1)[1] not in lines


BEFORE_OTHERS = """
MergeTrailers On
LuaHookFixups "@docroot@/read.lua" read
ProxyPass "/back" "http://127.0.0.1:@back@/back"
Redirect 302 "/moved" "http://chat.example@link@"
Header always set Link "<@link@>; rel=preload" "expr=%{REQUEST_URI} == '/linked.txt'"
CustomLog "@root@/logs/access.log" "%r %{X-Original-URI}i %{Location}o %{Link}o %{X-Own}i %{X-Avc-Sub}i %{x_avc_sub}i"
"""
# What reads a body before the handler: here Lua, elsewhere mod_security or mod_request.
LUA = "function read(r) r:requestbody(1000000) return apache2.DECLINED end\n"


@pytest.fixture(scope="module")
def backend():
    server = Backend()
    yield server
    server.close()


@pytest.fixture(scope="module", params=["event", "prefork"])
def front(request, serve, backend):
    return serve(BEFORE_OTHERS.replace("@link@", tokens.signed("/a.txt")), mpm=request.param, back=backend.port,
                 docroot={"a.txt": "a", "linked.txt": "a", "read.lua": LUA}, modules=USUAL + ["lua"],
                 has_state=False)


def last_line(web, target):
    """Of the access log, once it is there."""
    def lines():
        with open(web.root + "/logs/access.log", encoding="utf-8") as log:
            return [line for line in log if " %s " % target in line]
    assert settings.until(lines)
    return lines()[-1]


@pytest.mark.parametrize("name", ["X-Avc-Sub", "x_avc_sub"])
def test_no_header_of_the_module_comes_to_a_server_behind(front, backend, name):
    front.allowed("/back", headers=[(name, "admin"), ("Connection", "close, X-Avc-Sub")])
    assert "admin" not in repr(backend.last()) and "avc" not in repr(backend.last()[1]).lower(), backend.last()


@pytest.mark.parametrize("name", ["X-Avc-Sub", "x_avc_sub"])
def test_none_comes_back_behind_a_body(front, name):
    target = "/trailed-" + name
    lines = ["POST %s HTTP/1.1" % target, "Host: chat.example", "Connection: close", "Transfer-Encoding: chunked",
             "Trailer: X-Own", "", "3", "a=1", "0", name + ": admin", "X-Own: kept"]
    client.exchange(front.port, ("\r\n".join(lines) + "\r\n\r\n").encode())
    assert "kept" in last_line(front, target) and "admin" not in last_line(front, target)


def test_no_page_of_another_site_tells_its_token_to_a_server_behind(front, backend):
    link = tokens.signed("/a.txt")
    front.ask("/back", headers=[("Referer", "http://chat.example" + link)])
    assert "mac.*" in backend.last()[1]["referer"], backend.last()


@pytest.mark.parametrize("target, headers", [("/a.txt", [("X-Original-URI", "@link@")]), ("/moved", []),
                                             ("/linked.txt", [])])
def test_no_header_tells_its_logs_a_mac(front, target, headers):
    link = tokens.signed("/a.txt")
    front.ask(target, headers=[(name, value.replace("@link@", link)) for name, value in headers])
    line = last_line(front, target)
    assert "mac.*" in line and link.rsplit("mac.", 1)[1] not in line


@pytest.mark.parametrize("name", HANDLERS)
def test_a_handler_that_an_htaccess_names_answers_nobody(web, name):
    for method in ("GET", "POST"):
        answer = web.ask("/%s/a.txt" % name, method, [("Content-Length", "0"), ("Sec-Fetch-Site", "same-origin")])
        assert answer.status in (403, 404, 405), answer
    web.log.disregard(r"AVC\d{4}: |AH\d+: ")


def test_a_require_line_there_lets_nobody_in(web):
    assert web.ask(tokens.signed("/required/a.txt")).status in (401, 403)
    web.log.disregard(r"AVC\d{4}: |AH\d+: ")


def test_a_handler_alone_refuses_and_the_rest_is_served(serve_once):
    """Requests that nothing was noted of were all taken for questions that could not be read."""
    web = serve_once('<Location "/verify">\n    SetHandler avcsec-token-verify\n</Location>\n', docroot=SITE,
                     has_state=False)
    for target in ("/a.txt", "//a.txt", "/signed/a.txt"):
        web.allowed(target)
    assert web.ask("/verify").status == 403
    web.log.claim("AVC0010: address: ")


def test_what_is_configured_later_holds_and_what_is_taken_out_does_not(serve_once):
    web = serve_once("", docroot=SITE, has_state=False)
    for config, status in (("", 200), (PROTECTED, 403), ("", 200)):
        web.write_config(config)
        web.graceful()
        assert settings.until(lambda wanted=status: web.ask("/signed/a.txt").status == wanted)
        web.log.disregard(r"AVC0\d{3}: ")
