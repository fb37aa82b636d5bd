# SPDX-License-Identifier: Apache-2.0
# Scripts that only the media server may call: a redirect passes if the script itself made it and
# it gives the stream a new name; an error page's, a rule's, a front controller's never does, and
# refusals have httpd's own page and their real status. In every wiring of PHP, as CGI, proxied.
import pytest

from avc import php
from avc.backend import Backend
from avc.httpd import USUAL, Httpd
from avc.peers import MEDIA, STRANGER

MODULES = USUAL + "speling cgid asis userdir negotiation".split()
SCRIPT = """<?php
if (isset($_GET['status'])) http_response_code((int)$_GET['status']);
if (isset($_GET['to'])) header('Location: ' . $_GET['to'], true, (int)($_GET['status'] ?? 302));
echo 'ran';
"""
CGI = ("mode", 0o755, """#!/bin/sh
cat >/dev/null
case $QUERY_STRING in
status=*) echo "Status: ${QUERY_STRING#status=}";;
bare=*) echo "Location: ${QUERY_STRING#bare=}";;
to=*) echo "Status: 302"; echo "Location: ${QUERY_STRING#to=}";;
two) echo "Status: 302"; echo "Location: room7"; echo "LOCATION: https://x.example/";;
esac
echo "Content-Type: text/plain"
echo
echo ran
""")
NPH = ("mode", 0o755, "#!/bin/sh\nprintf 'HTTP/1.0 302 x\\r\\nLocation: https://x.example/\\r\\n\\r\\n'\n")
FRONT = "RewriteEngine On\nRewriteCond %{REQUEST_FILENAME} !-f\nRewriteRule . @ [L]\n"
SITE = {
    "on_publish.php": SCRIPT, "on_publish.cgi": CGI, "index.php": SCRIPT, "ok.php": SCRIPT,
    "ok.cgi": CGI,
    "only/hook.php": SCRIPT, "only/hook.cgi": CGI, "only/page.asis": "Status: 302 x\nLocation: room7\n\n",
    "only/site.asis": "Status: 302 x\nLocation: https://x.example/\n\n", "only/folder/index.php": SCRIPT,
    "wordpress/.htaccess": FRONT.replace("@", "/index.php"),
    "everything/.htaccess": FRONT.replace("@", "/index.php?q=on_publish.php").replace("[L]", "[L,QSA]"),
    "info/.htaccess": FRONT.replace("@", "/index.php%{REQUEST_URI}"),
    "fallback/.htaccess": "FallbackResource /index.php\n",
    "only/front/.htaccess": FRONT.replace("@", "/only/hook.php"),
    "only/fallback/.htaccess": "FallbackResource /only/hook.php\n",
    "app/.htaccess": "FallbackResource /app/index.html\n", "app/index.html": "the application",
    "single/.htaccess": FRONT.replace("@", "/app/index.html"),
    "nph/.htaccess": "FallbackResource /nph/nph-front.cgi\n", "nph/nph-front.cgi": NPH,
    "done/.htaccess": FRONT.replace("@", "/done/ok.json"), "done/ok.json": "0",
    "only/page/.htaccess": "DirectoryIndex index.html\n", "only/page/index.html": "0", "only/page/yes.html": "0",
    "short/.htaccess": FRONT.replace("@", "/on_publish.php"),
}
CONFIG = """
AvcKeyFile "@keys@"
AvcMediaServer 127.0.0.2
AvcMediaServerScripts on_publish
<Location "/only">
    AvcMediaServerOnly On
</Location>
<Directory "@docroot@">
    Options +ExecCGI +MultiViews
    AddHandler cgi-script .cgi
    AddHandler send-as-is .asis
    DirectoryIndex index.php
</Directory>
"""
TO = "?to="


@pytest.fixture(scope="module", params=sorted(php.WIRINGS))
def web(request, serve, fpm):
    return serve(CONFIG + php.WIRINGS[request.param], modules=MODULES, docroot=SITE, **fpm.names())


def ask(web, target, **how):
    how.setdefault("source", MEDIA)
    return web.ask(target, "POST", [("Content-Type", "application/x-www-form-urlencoded")],
                   b"call=publish", version="1.0", **how)


def passes(web, target, status=302, location="room7", **how):
    answer = ask(web, target, **how)
    web.log.poll()
    assert (answer.status, answer.get("Location")) == (status, location), (target, answer)
    assert not web.log.pending, web.log.pending


def is_own_page(answer, status=403):
    assert answer.status == status and answer.get("Location") is None, answer
    assert "<h1>" in answer.text and "ran" not in answer.text, answer


def stopped(web, target, *words, reason="redirected", **how):
    answer = ask(web, target, **how)
    is_own_page(answer)
    assert "no-store" in answer.words("Cache-Control"), answer
    line, = web.log.claim("AVC00(29|30): %s: " % reason)
    for word in words:
        assert word in line, line
    assert not web.log.pending, web.log.pending


# -- the script itself

# SPEC [question-2]
@pytest.mark.parametrize("script", ["/on_publish.php", "/only/hook.php", "/on_publish.php/info"])
def test_a_new_name_is_the_scripts_to_give(web, script):
    passes(web, script, 200, None)
    passes(web, script + TO + "room7")
    passes(web, script + TO + "rtmp://backup/live", location="rtmp://backup/live")
    passes(web, script + TO + "rtmps://backup/live", location="rtmps://backup/live")
    for status in (301, 303, 307, 308):
        passes(web, script + TO + "room7&status=%d" % status, status)
    passes(web, script + "?status=204", 204, None)
    passes(web, script + TO + "/new&status=201", 201, "/new")


# SPEC [question-2]
@pytest.mark.parametrize("script", ["/on_publish.php", "/only/hook.php"])
def test_another_redirect_of_the_script_is_no_yes(web, script):
    for location in ("https://x.example/login", "/login.php", "//x.example/", "../x", "live/room7",
                     "http:x"):
        stopped(web, script + TO + location + "?secret=1", script,
                "the script at %s answers by a redirect to %s (302)" % (script, location))
    stopped(web, script + "?status=304", "304 without a Location")
    stopped(web, script + "?status=302", "302 without a Location")
    stopped(web, script + TO + "https://x.example/&status=300", "(300)")


def test_what_a_script_refuses_has_its_status(web):
    for status in (400, 403, 404, 500):
        assert ask(web, "/on_publish.php?status=%d" % status).status == status
        assert ask(web, "/on_publish.cgi?status=%d" % status).status == status
    is_own_page(ask(web, "/only/none"), 404)
    web.log.disregard("AH01071")
    answer = ask(web, "/on_publish.php", source=STRANGER)
    is_own_page(answer)
    web.is_refusal(answer, "address")


def test_a_cgi_script_and_a_file_as_it_is(web):
    for script in ("/on_publish.cgi", "/only/hook.cgi"):
        passes(web, script + "?bare=room7")
        passes(web, script + TO + "room7")
        stopped(web, script + "?bare=https://x.example/", "https://x.example/ (302)")
        stopped(web, script + TO + "https://x.example/", "https://x.example/ (302)")
        stopped(web, script + "?status=302", "302 without a Location")
    assert web.ask("/only/page.asis", source=MEDIA).get("Location") == "room7"
    is_own_page(web.ask("/only/site.asis", source=MEDIA))
    web.log.claim(r"AVC0029: redirected: .*https://x.example/ \(302\)")


def test_a_script_that_answers_past_httpd_is_not_asked(serve_once):
    files = {"only/nph-hook.cgi": ("mode", 0o755, "#!/bin/sh\nprintf 'HTTP/1.0 302 x\\r\\n"
                                   "Location: https://x.example/\\r\\n\\r\\n'\n")}
    web = serve_once(CONFIG, modules=MODULES, docroot=files)
    stopped(web, "/only/nph-hook.cgi", "nph-", reason="replaced")
    web = serve_once("AvcEnforce Log\n" + CONFIG, modules=MODULES, docroot=files)
    assert web.ask("/only/nph-hook.cgi", source=MEDIA).status == 302
    web.log.claim("AVC0030: replaced: /only/nph-hook.cgi would be refused")


# -- others in its place

@pytest.mark.parametrize("place", ["wordpress", "everything", "info", "fallback"])
def test_a_front_controllers_redirect_is_not_the_scripts(web, place):
    target = "/%s/on_publish" % place
    passes(web, target, 200, None)
    for location in ("room7", "rtmp://backup/live", "https://x.example/"):
        stopped(web, target + TO + location, target, location + " (302)")


@pytest.mark.parametrize("place", ["front", "fallback"])
def test_nor_is_that_of_a_script_for_everything_of_the_place_itself(web, place):
    passes(web, "/only/%s/called" % place, 200, None)
    stopped(web, "/only/%s/called%sroom7" % (place, TO), "/only/%s/called" % place, "room7 (302)")


def test_a_front_controller_that_answers_past_httpd_does_not_answer(web):
    stopped(web, "/nph/on_publish", "nph-", reason="replaced")


@pytest.mark.parametrize("target", ["/app/on_publish", "/single/on_publish"])
def test_no_page_for_what_is_not_there_says_yes(web, target):
    """An application's first page."""
    stopped(web, target, target + " is nothing that answers", reason="replaced")
    is_own_page(web.ask(target, source=MEDIA))
    web.log.claim("AVC0030: replaced: ")


def test_a_listing_of_the_folder_says_no_yes(serve_once):
    """Where the script that was its index is gone."""
    web = serve_once(CONFIG, modules=MODULES, docroot={"only/gone/x.txt": "x"},
                     directory="Options +Indexes\nRequire all granted")
    is_own_page(web.ask("/only/gone/", source=MEDIA))
    web.log.claim("AVC0030: replaced: .*/only/gone/ is nothing that answers")
    is_own_page(ask(web, "/only/gone/"), 404)
    web.log.disregard("AH00128|AH00129|AH01276")


def test_a_page_that_is_asked_for_itself_answers(web):
    for target in ("/only/page/yes.html", "/only/page/", "/done/on_publish", "/only/page/yes"):
        passes(web, target, 200, None)
    assert ask(web, "/app/elsewhere").text == "the application"


def test_a_short_address_of_a_script_is_the_script(web):
    """The media server asks at /short/cb, which is nobody's place; a rule leads to one."""
    passes(web, "/short/cb" + TO + "room7")
    stopped(web, "/short/cb" + TO + "https://x.example/", "https://x.example/ (302)")


def test_rules_of_the_host_may_lead_to_a_script(serve_once):
    """From nobody's place, or to a script that is called like a media server's own."""
    web = serve_once(CONFIG + """
        RewriteEngine on
        RewriteRule ^/cb$ /on_publish.cgi [PT]
        RewriteRule ^/(cb2|only/cb)$ /on_publish.cgi
        RewriteRule ^/only/other$ /ok.cgi
        """, modules=MODULES, docroot=SITE)
    for target in ("/cb", "/cb2", "/only/cb"):
        passes(web, target + TO + "room7")
        stopped(web, target + TO + "https://x.example/", "https://x.example/ (302)")
    stopped(web, "/only/other" + TO + "room7")


def test_what_a_rule_of_a_folder_proxies_is_looked_at(serve_once, fpm):
    """It is known right before it runs that /quick is a script's address."""
    web = serve_once(CONFIG + """
        <Directory "@docroot@">
            RewriteEngine On
            RewriteRule "^quick$" "fcgi://127.0.0.1:@fpm@@docroot@/on_publish.php" [P]
        </Directory>
        """, modules=MODULES, docroot=SITE, **fpm.names())
    stopped(web, "/quick" + TO + "https://x.example/", "https://x.example/ (302)")
    web.is_refusal(ask(web, "/quick", source=STRANGER), "address")


def test_a_folder_answers_by_its_index(web):
    stopped(web, "/only/folder", "/only/folder/ (301)")
    passes(web, "/only/folder/", 200, None)
    passes(web, "/only/folder/" + TO + "room7")


RULES = {
    "certbot": "RewriteEngine on\nRewriteRule ^ https://%{SERVER_NAME}%{REQUEST_URI} [END,NE,R=permanent]",
    "Redirect": "Redirect / https://chat.example/",
    "https for a folder": '<Directory "@docroot@">\nRewriteEngine on\n'
                          "RewriteRule (.*) https://chat.example/$1 [R,L]\n</Directory>",
    "to a name": "RewriteEngine on\nRewriteRule ^/(on_publish|only/hook) rtmp://x/live [R]",
}


@pytest.mark.parametrize("name", RULES)
def test_a_rules_redirect_is_not_the_scripts(serve_once, fpm, name):
    web = serve_once(CONFIG + php.WIRINGS["SetHandler"] + RULES[name] + "\n", modules=MODULES,
                     docroot=SITE, **fpm.names())
    for script in ("on_publish.php", "on_publish.cgi", "only/hook.php", "only/hook.cgi"):
        stopped(web, "/" + script, "rtmp://x/live (302)" if name == "to a name" else
                "https://chat.example/" + script)
    answer = ask(web, "/on_publish.php", source=STRANGER)
    is_own_page(answer)
    web.log.claim("AVC0010: address: " if name == "https for a folder" else "AVC0029: redirected: ")


def test_names_with_arguments_are_looked_for_in_the_query_that_came(serve_once):
    web = serve_once("""
        AvcMediaServer 127.0.0.2
        AvcMediaServerScripts admin-ajax?task=rtmp_login
        RewriteEngine on
        RewriteRule ^(.*)$ https://chat.example$1?moved [R]
        """, docroot={"admin-ajax.php": "x"})
    stopped(web, "/admin-ajax.php?task=rtmp_login")
    answer = web.ask("/admin-ajax.php?task=other", source=STRANGER)
    assert (answer.status, answer.get("Location")) == (302, "https://chat.example/admin-ajax.php?moved")


# -- error pages

PAGES = {
    "a URL": "https://x.example/",
    "a script that says 200": "/ok.cgi?status=200",
    "a script that gives a name": "/ok.php?to=room7",
    "a text": '"all is well"',
    "itself": "/on_publish.php?status=404",
}


# SPEC [question-1]
@pytest.mark.parametrize("place", ["host", ".htaccess"])
@pytest.mark.parametrize("kind", PAGES)
@pytest.mark.parametrize("wiring", ["SetHandler", "ProxyPassMatch", "CGI"])
def test_no_error_page_answers_for_a_script(serve_once, fpm, wiring, kind, place):
    pages = "".join("ErrorDocument %d %s\n" % (status, PAGES[kind]) for status in (
        302, 304, 400, 401, 403, 404, 405, 413, 500, 502, 503))
    web = serve_once(CONFIG + php.WIRINGS[wiring] + "ProxyErrorOverride On\n" +
                     (pages if place == "host" else ""), modules=MODULES,
                     docroot=dict(SITE, **{".htaccess": pages if place == ".htaccess" else ""}),
                     **fpm.names())
    is_own_page(ask(web, "/on_publish.php", source=STRANGER))
    web.log.claim("AVC0010: address: ")
    is_own_page(ask(web, "/only/none"), 404)
    for status in (403, 404, 500):
        answer = ask(web, "/on_publish.php?status=%d" % status)
        assert answer.status == status and answer.get("Location") is None, answer
        assert "well" not in answer.text, answer
        if wiring != "CGI":                  # which ProxyErrorOverride is not about
            is_own_page(answer, status)
    passes(web, "/on_publish.php" + TO + "room7")
    passes(web, "/on_publish.cgi?bare=room7")
    stopped(web, "/on_publish.cgi?bare=https://x.example/")


@pytest.mark.parametrize("statuses", ["", " 404 500", " 403"])
def test_a_proxied_application(serve_once, statuses):
    backend = Backend()
    base = "http://127.0.0.1:%d" % backend.port
    backend.answers = {
        "/only/name": (302, [("Location", "room7")], b"ran"),
        "/only/site": (302, [("Location", "https://x.example/")], b"ran"),
        "/only/self": (301, [("Location", base + "/only/name")], b"ran"),
        "/only/two": (302, [("Location", "room7"), ("Location", "https://x.example/")], b"ran"),
        "/only/304": (304, [], b""), "/only/403": (403, [], b"ran"), "/only/404": (404, [], b"ran"),
        "/only/201": (201, [("Location", "/x")], b"ran")}
    web = serve_once(CONFIG + "ProxyPass / %s/\nProxyPassReverse / %s/\nProxyErrorOverride On%s\n"
                     "ErrorDocument 404 /error\nErrorDocument 403 https://x.example/\n"
                     % (base, base, statuses), modules=MODULES)
    try:
        passes(web, "/only/name")
        passes(web, "/only/201", 201, "/x")
        passes(web, "/only/other", 200, None)
        stopped(web, "/only/site", "the script at /only/site")
        stopped(web, "/only/self", "(301)")
        stopped(web, "/only/two", "the script at /only/two")
        stopped(web, "/only/304", "304 without a Location")
        for status in (403, 404):
            assert ask(web, "/only/%d" % status).status == status
    finally:
        backend.close()


def test_an_application_that_does_not_run_says_nothing(serve_once):
    web = serve_once(CONFIG + "ProxyPass / http://127.0.0.1:1/\nErrorDocument 503 https://x.example/\n")
    is_own_page(ask(web, "/only/name"), 503)
    web.log.disregard("AH0095[0-9]|AH01114|AH00957")


# -- AvcEnforce Log

# SPEC [question-3]
def test_while_only_logging_a_script_answers_as_before(serve_once, fpm):
    web = serve_once("AvcEnforce Log\n" + CONFIG + php.WIRINGS["SetHandler"] + """
        ErrorDocument 404 /ok.cgi?status=200
        ErrorDocument 403 https://x.example/
        <Location "/moved">
            AvcMediaServerOnly On
            Redirect 301 https://x.example/moved
        </Location>
        <Location "/handler">
            SetHandler avcsec-token-verify
            Redirect 301 https://x.example/moved
        </Location>
        """, modules=MODULES, docroot=SITE, **fpm.names())
    logged = r"AVC0029: redirected: .* would be refused \(AvcEnforce Log\): .*"
    for target, status, location in (
            ("/on_publish.php?to=https://x.example/", 302, "https://x.example/"),
            ("/wordpress/on_publish?to=room7", 302, "room7"),
            ("/on_publish.cgi?bare=https://x.example/", 302, "https://x.example/"),
            ("/moved", 301, "https://x.example/moved")):
        answer = ask(web, target)
        assert (answer.status, answer.get("Location")) == (status, location), answer
        web.log.claim(logged + location)
        assert not web.log.pending
    answer = ask(web, "/only/none")
    assert (answer.status, answer.text) == (200, "ran\n")
    web.log.claim(r"AVC0030: replaced: /only/none would be refused \(AvcEnforce Log\): ")
    passes(web, "/on_publish.php" + TO + "room7")
    stopped(web, "/handler", "https://x.example/moved")


# -- ways of serving

@pytest.mark.parametrize("mpm, http2", [("event", True), ("worker", True), ("prefork", False)])
def test_in_every_way_of_serving(fpm, mpm, http2):
    cgi = "cgi" if mpm == "prefork" else "cgid"
    with Httpd(CONFIG + php.WIRINGS["SetHandler"], modules=USUAL + [cgi, "asis", "negotiation"], mpm=mpm,
               http2=http2, docroot=SITE, **fpm.names()) as web:
        for target in ("/on_publish.php?to=", "/on_publish.cgi?to="):
            for method in ("GET", "POST", "HEAD"):
                answer = web.ask(target + "https://x.example/", method, source=MEDIA)
                assert answer.status == 403 and answer.get("Location") is None, answer
                assert bool(answer.body) == (method != "HEAD"), answer
                web.log.claim("AVC0029: redirected: ")
                assert web.ask(target + "room7", method, source=MEDIA).get("Location") == "room7"
            if http2:
                answer = web.curl(target + "https://x.example/", "--http2-prior-knowledge", source=MEDIA)
                is_own_page(answer)
                web.log.claim("AVC0029: redirected: ")
                answer = web.curl(target + "room7", "--http2-prior-knowledge", source=MEDIA)
                assert (answer.status, answer.get("Location")) == (302, "room7")


def test_a_long_answer_that_is_not_heard_is_read_to_its_end(serve_once, fpm):
    web = serve_once(CONFIG + php.WIRINGS["SetHandler"], modules=MODULES, **fpm.names(), docroot={
        "on_publish.php": "<?php header('Location: https://x.example/'); ob_implicit_flush(); "
                          "for ($i = 0; $i < 300; $i++) { echo str_repeat('ran ', 4096); flush(); } "
                          "file_put_contents(__DIR__ . '/end', 'x');"})
    both = web.raw("GET /on_publish.php HTTP/1.1\r\nHost: chat.example\r\n\r\n"
                   "GET /end HTTP/1.1\r\nHost: chat.example\r\nConnection: close\r\n\r\n", source=MEDIA)
    assert both.count(b"HTTP/1.1 403 ") == 1 and both.count(b"HTTP/1.1 ") == 2, both[:2000]
    assert b"ran" not in both
    web.log.claim("AVC0029: redirected: ")
