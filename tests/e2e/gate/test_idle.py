# SPDX-License-Identifier: Apache-2.0
# A server that merely loads the module: what it has is served as without it, its logs show no mac
# all the same, and what an .htaccess names of the module is refused.
import pytest

from avc import settings, tokens

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


@pytest.mark.parametrize("name", HANDLERS)
def test_a_handler_that_an_htaccess_names_answers_nobody(web, name):
    for method in ("GET", "POST"):
        answer = web.ask("/%s/a.txt" % name, method, [("Content-Length", "0"), ("Sec-Fetch-Site", "same-origin")])
        assert answer.status in (403, 404, 405), answer
    web.log.disregard(r"AVC\d{4}: |AH\d+: ")


def test_a_require_line_there_lets_nobody_in(web):
    assert web.ask(tokens.signed("/required/a.txt")).status in (401, 403)
    web.log.disregard(r"AVC\d{4}: |AH\d+: ")


def test_what_is_configured_later_holds_and_what_is_taken_out_does_not(serve_once):
    web = serve_once("", docroot=SITE, has_state=False)
    for config, status in (("", 200), (PROTECTED, 403), ("", 200)):
        web.write_config(config)
        web.graceful()
        assert settings.until(lambda wanted=status: web.ask("/signed/a.txt").status == wanted)
        web.log.disregard(r"AVC0\d{3}: ")
