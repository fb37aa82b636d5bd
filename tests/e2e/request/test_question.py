# SPDX-License-Identifier: Apache-2.0
# A media server takes any 2xx, and nginx-rtmp any 3xx, for a yes. Where a handler of this module
# is asked, nothing else's answer passes for its own: neither what forces https, www or a slash,
# nor a front controller, an error page, a rule with a status, another handler or a proxy.
import re

import pytest

from avc import php, rtmp, tokens
from avc.backend import Backend
from avc.httpd import USUAL
from avc.peers import MEDIA, STRANGER

MODULES = USUAL + "speling cgid asis userdir".split()
CONFIG = """
AvcKeyFile "@keys@"
AvcMediaServer 127.0.0.2
<Location "/admission">
    SetHandler avcsec-admission
    AvcAdmission nginx-rtmp
</Location>
<Location "/verify">
    SetHandler avcsec-token-verify
</Location>
<Location "/check">
    SetHandler avcsec-check
    AvcCheck nginx
</Location>
"""
RUNS_CGI = """
<Directory "@docroot@">
    Options +ExecCGI
    AddHandler cgi-script .cgi
</Directory>
"""
HANDLERS = ("admission", "verify", "check")
PHP = php.WIRINGS["SetHandler"]
OWN_PAGE = "<h1>%s</h1>"
YES = ("mode", 0o755, "#!/bin/sh\ncat >/dev/null; echo \"Status: ${QUERY_STRING:-200}\"\n"
       "test -z \"$QUERY_STRING\" || echo 'Location: room7'\necho; echo yes\n")
ANOTHERS = "<?php http_response_code((int)($_GET['status'] ?? 200)); echo 'from another';"
room = tokens.text_claim


def session(**how):
    return tokens.token("/", purpose="session", expires=600, **how)


def ask(web, handler, path=None, right=True, send=None, **how):
    """One question as its asker puts it, with a token that is right or is not; `send` sends it."""
    send = send or web.ask
    how.setdefault("source", MEDIA)
    spoilt = (lambda token: token) if right else tokens.tampered
    if handler == "admission":
        body = rtmp.form("publish", more="&avc=" + spoilt(session(act="publish")))
        return send(path or "/admission", "POST", [("Content-Type", rtmp.FORM)], body.encode(),
                    version="1.0", **how)
    if handler == "verify":
        return send((path or "/verify") + "?token=" + spoilt(session()), **how)
    target = "/a?avc=" + spoilt(tokens.token("/a"))
    return send(path or "/check", "GET", [("X-Original-URI", target), ("X-Original-Method", "GET"),
                                          ("X-Real-IP", "192.0.2.7")], **how)


def is_own_page(answer, status=403, words="Forbidden"):
    assert answer.status == status, answer
    assert answer.get("Location") is None and OWN_PAGE % words in answer.text, answer
    assert answer.get("Content-Type").startswith("text/html"), answer
    return answer


def assert_refused(web, answer, reason, *words):
    """httpd's own page, and one line that has these words."""
    is_own_page(answer)
    assert "no-store" in answer.words("Cache-Control"), answer
    line, = web.log.claim(r"AVC\d{4}: %s: " % reason)
    for word in words:
        assert word in line, line
    assert not web.log.pending, web.log.pending


def assert_answers(web, handler, **how):
    """The handler itself: yes to a right token, no to another one."""
    answer = ask(web, handler, **how)
    web.log.poll()
    assert answer.status == 200 and not web.log.pending, (answer, web.log.pending)
    if handler == "verify":
        assert answer.text == "true"
    answer = ask(web, handler, right=False, **how)
    assert answer.text == "false" if handler == "verify" else answer.status == 403, answer
    web.log.claim(r"AVC0005: signature: ")


# -- what redirects

def rule(text):
    return "RewriteEngine on\n" + text + "\n"


HTTPS = "https://chat.example/@asked@"
WWW = "http://www.chat.example/@asked@"
# Configuration of the virtual host, .htaccess, the Location that it makes.
REDIRECTS = {
    "certbot": (rule("RewriteCond %{SERVER_NAME} =chat.example\n"
                     "RewriteRule ^ https://%{SERVER_NAME}%{REQUEST_URI} [END,NE,R=permanent]"),
                "", HTTPS),
    "a panel, in the host": (rule("RewriteCond %{HTTPS} off\nRewriteRule ^(.*)$ "
                                  "https://%{HTTP_HOST}%{REQUEST_URI} [L,R=301]"), "", HTTPS),
    "a panel, in .htaccess": ("", rule("RewriteCond %{HTTPS} off\nRewriteRule ^(.*)$ "
                                       "https://%{HTTP_HOST}%{REQUEST_URI} [L,R=301]"), HTTPS),
    "https for a folder": ('<Directory "@docroot@">\n' + rule(
        "RewriteRule (.*) https://chat.example/$1 [R,L]") + "</Directory>", "", HTTPS),
    "www, in the host": (rule("RewriteCond %{HTTP_HOST} !^www\\.\n"
                              "RewriteRule ^/?(.*)$ http://www.%{HTTP_HOST}/$1 [R=301,L]"), "", WWW),
    "www, in .htaccess": ("", rule("RewriteCond %{HTTP_HOST} !^www\\.\n"
                                   "RewriteRule ^(.*)$ http://www.%{HTTP_HOST}/$1 [R=301,L]"), WWW),
    "303": (rule("RewriteRule ^/?(.*) https://chat.example/$1 [R=303]"), "", HTTPS),
    "307": (rule("RewriteRule ^/?(.*) https://chat.example/$1 [R=307]"), "", HTTPS),
    "308": (rule("RewriteRule ^/?(.*) https://chat.example/$1 [R=308]"), "", HTTPS),
    "300": (rule("RewriteRule ^/?(.*) https://chat.example/$1 [R=300]"), "", HTTPS),
    "304": (rule("RewriteRule ^/?(.*) https://chat.example/$1 [R=304]"), "", HTTPS),
    "a stream's name": ("", rule("RewriteRule ^ rtmp://elsewhere/live [R]"), "rtmp://elsewhere/live"),
    "Redirect": ("Redirect / https://chat.example/", "", HTTPS),
    "Redirect permanent": ("Redirect permanent / https://chat.example/", "", HTTPS),
    "RedirectMatch": ('RedirectMatch 307 "^/(.*)$" "https://chat.example/$1"', "", HTTPS),
    "Redirect in .htaccess": ("", "Redirect 302 / https://chat.example/\n", HTTPS),
    "Redirect in a location": ('<Location "/">\nRedirect 301 https://chat.example/x\n</Location>', "",
                               "https://chat.example/x"),
    "a Location that always stands": (
        "Header always set Location room7\nRedirect / https://chat.example/", "", ""),
    "a Location that is edited": (
        'Redirect / https://chat.example/\nHeader always edit Location "^https?://[^/]*/" ""', "", ""),
    "an error page for a redirect": (
        "Redirect 301 / https://chat.example/\nErrorDocument 301 /ok.cgi", "", HTTPS),
    "a text for a redirect": (
        'Redirect 301 / https://chat.example/\nErrorDocument 301 "moved"', "", HTTPS),
    "a condition": ('<If "%{HTTPS} != \'on\'">\nRedirect 301 / https://chat.example/\n</If>', "", HTTPS),
}


# SPEC [question-2]
@pytest.mark.parametrize("name", REDIRECTS)
def test_a_redirect_is_no_answer_of_a_handler(serve_once, fpm, name):
    host, htaccess, location = REDIRECTS[name]
    web = serve_once(CONFIG + host + "\n" + PHP + RUNS_CGI, modules=MODULES,
                     docroot=dict(INDEX, **{".htaccess": htaccess}), **fpm.names())
    for handler in HANDLERS:
        for right in (True, False):
            answer = ask(web, handler, right=right)
            assert_refused(web, answer, "redirected", "/" + handler,
                           location.replace("@asked@", handler) + " (" if location else "(30")
        assert_refused(web, ask(web, handler, source=STRANGER), "redirected")


def test_a_slash_or_another_spelling_or_a_home_is_no_answer(serve_once):
    web = serve_once(CONFIG + """
        CheckSpelling On
        UserDir http://homes.example/*
        <Location "/~media/hook">
            SetHandler avcsec-admission
            AvcAdmission nginx-rtmp
        </Location>
        """, modules=MODULES, docroot={"admission/index.html": "yes", "chekc": "yes"})
    assert_refused(web, ask(web, "admission"), "redirected", "http://chat.example/admission/ (301)")
    assert_refused(web, ask(web, "check"), "redirected", "http://chat.example/chekc (301)")
    assert_refused(web, ask(web, "admission", "/~media/hook"), "redirected", "http://homes.example/")


def test_the_line_shows_neither_query_nor_token(serve_once):
    web = serve_once(CONFIG + rule("RewriteRule ^ https://chat.example%{REQUEST_URI}?mine=1 [R,QSA]"))
    token = session()
    assert_refused(web, web.ask("/verify?token=%s&mark=query" % token, source=MEDIA), "redirected",
                   "https://chat.example/verify (302)")
    assert "mark=query" not in web.error_log() and token not in web.error_log()


@pytest.mark.parametrize("mpm, http2", [("event", True), ("worker", True), ("prefork", False)])
def test_in_every_way_of_serving(serve_once, mpm, http2):
    web = serve_once(CONFIG + rule("RewriteCond %{QUERY_STRING} force\n"
                                   "RewriteRule ^ https://%{SERVER_NAME}%{REQUEST_URI} [R]"),
                     mpm=mpm, http2=http2)
    for version in ("1.0", "1.1"):
        for method in ("POST", "GET", "HEAD", "PUT"):
            answer = web.ask("/admission?force", method, [("Content-Type", rtmp.FORM)],
                             version=version, source=MEDIA)
            assert answer.status == 403 and answer.get("Location") is None, answer
            assert bool(answer.body) == (method != "HEAD")
            web.log.claim("AVC0029: redirected: ")
    for options in (["--http1.1"],) + ((["--http2-prior-knowledge"],) if http2 else ()):
        assert_refused(web, web.curl("/verify?force&token=" + session(), *options, source=MEDIA),
                       "redirected")
        answer = web.curl("/verify?token=" + session(), *options, source=MEDIA)
        assert (answer.status, answer.text) == (200, "true")
    # A connection that goes on is at the same place in both.
    both = web.raw("GET /admission?force HTTP/1.1\r\nHost: chat.example\r\n\r\n"
                   "GET /other HTTP/1.1\r\nHost: chat.example\r\nConnection: close\r\n\r\n",
                   source=MEDIA)
    assert both.startswith(b"HTTP/1.1 403 ") and both.count(b"HTTP/1.1 404 ") == 1, both
    web.log.claim("AVC0029: redirected: ")


def test_what_is_excepted_from_a_rule_is_answered(serve_once):
    """As the manual has it."""
    web = serve_once(CONFIG + rule("RewriteRule ^/?(admission|verify|check)$ - [END]\nRewriteCond %{HTTPS} off\n"
                                   "RewriteRule ^ https://www.example.org%{REQUEST_URI} [R=301,L]"))
    for handler in HANDLERS:
        assert_answers(web, handler)
    assert web.ask("/other").get("Location") == "https://www.example.org/other"


# -- the new name of a stream

# SPEC [question-2]
def test_a_handlers_own_new_name_is_its_answer(serve_once):
    web = serve_once(CONFIG + "Header set Location https://chat.example/\n"
                     "Header always set Location https://chat.example/\n"
                     "ErrorDocument 302 https://chat.example/\n")
    key = session(act="publish", room=room("room7"))
    answer = web.ask("/admission", "POST", [("Content-Type", rtmp.FORM)],
                     rtmp.form("publish", name=key).encode(), version="1.0", source=MEDIA)
    assert answer.status == 302 and answer.all("Location") == ["room7"], answer
    answer = ask(web, "admission")
    assert answer.status == 200 and answer.get("Location") is None


# -- what answers in a handler's place

INDEX = {"index.php": ANOTHERS, "ok.php": ANOTHERS, "ok.cgi": YES}
WORDPRESS = rule("RewriteBase /\nRewriteRule ^index\\.php$ - [L]\n"
                 "RewriteCond %{REQUEST_FILENAME} !-f\nRewriteCond %{REQUEST_FILENAME} !-d\n"
                 "RewriteRule . /index.php [L]")
# Configuration of the virtual host, .htaccess: the handler answers all the same.
IN_PLACE = {
    "nothing": ("", ""),
    "WordPress": ("", WORDPRESS),
    "a rule for everything": ("", rule("RewriteRule .* index.php")),
    "a rule with a query": ("", rule("RewriteRule ^(.*)$ index.php?q=$1 [L,QSA]")),
    "a rule with path info": ("", rule("RewriteCond %{REQUEST_URI} !index\nRewriteRule (.*) index.php/$1")),
    "a rule in the host": (rule("RewriteRule ^ /index.php"), ""),
    "FallbackResource": ("FallbackResource /index.php", ""),
    "FallbackResource in .htaccess": ("", "FallbackResource /index.php\n"),
    "an error page for what is missing": ("ErrorDocument 404 /ok.cgi", ""),
    "an Alias": ('AliasMatch "^/(admission|verify|check)$" "@docroot@/ok.php"', ""),
    "a ScriptAlias": ('ScriptAliasMatch "^/(admission|verify|check)$" "@docroot@/ok.php"', ""),
    "mod_actions by method": ("Script POST /ok.php\nScript GET /ok.php", ""),
    "mod_actions by handler": ("Action avcsec-admission /ok.php virtual\n"
                               "Action avcsec-check /ok.php virtual\n"
                               "Action avcsec-token-verify /ok.php virtual", ""),
    "a handler in .htaccess": ("", "SetHandler default-handler\n"),
    "a handler of a rule": ("", rule("RewriteRule ^ - [H=default-handler]")),
    "a type": ("", "ForceType application/x-httpd-php\n"),
    "a script that is proxied": ('<Directory "@docroot@">\n' + rule(
        'RewriteRule ^ "fcgi://127.0.0.1:@fpm@@docroot@/ok.php" [P]') + "</Directory>", ""),
    "a rule with a host that proxies": (rule("RewriteRule ^ http://127.0.0.1:@backend@/x [P]"), ""),
    "a proxied site": ("ProxyPass / http://127.0.0.1:@backend@/\n"
                       "ProxyPassReverse / http://127.0.0.1:@backend@/\nProxyErrorOverride On", ""),
}


@pytest.fixture(scope="module")
def backend():
    server = Backend()
    yield server
    server.close()


@pytest.mark.parametrize("name", IN_PLACE)
def test_the_handler_answers_itself(serve_once, fpm, backend, name):
    host, htaccess = IN_PLACE[name]
    web = serve_once(CONFIG + host + "\n" + PHP + RUNS_CGI, modules=MODULES, backend=backend.port,
                     docroot=dict(INDEX, **{".htaccess": htaccess}),
                     **fpm.names())
    for handler in HANDLERS:
        assert_answers(web, handler)
        web.is_refusal(ask(web, handler, source=STRANGER), "address")


def test_there_may_be_a_file_of_that_name(serve_once):
    web = serve_once(CONFIG + "AddHandler send-as-is .asis\nAddHandler cgi-script .cgi\n" + """
        <Location "/hook.asis">
            SetHandler avcsec-admission
            AvcAdmission nginx-rtmp
        </Location>
        <Location "/hook.cgi">
            SetHandler avcsec-admission
            AvcAdmission nginx-rtmp
        </Location>
        """, modules=MODULES, docroot={"admission": "yes", "check": "yes", "verify": "true",
                                       "hook.asis": "Status: 200 yes\n\nyes",
                                       "hook.cgi": ("mode", 0o755, "#!/bin/sh\necho; echo yes\n")})
    for handler in HANDLERS:
        assert_answers(web, handler)
    for path in ("/hook.asis", "/hook.cgi"):
        assert_answers(web, "admission", path=path)


def test_a_negotiated_file_does_not_answer(serve_once):
    web = serve_once(CONFIG + '<Directory "@docroot@">\nOptions +MultiViews\n</Directory>\n', docroot={
        "admission.html": "yes", "check.en.html": "yes", "check.de.html": "ja", "verify.txt": "true"})
    for handler in HANDLERS:
        assert_answers(web, handler)


def test_a_handler_may_stand_in_a_condition(serve_once):
    config = """
        AvcKeyFile "@keys@"
        AvcMediaServer 127.0.0.2
        <If "%{REQUEST_URI} == '/verify' && %{HTTP_HOST} == 'chat.example'">
            SetHandler avcsec-token-verify
        </If>
        """
    web = serve_once(config, docroot={".htaccess": WORDPRESS, "index.php": "yes"})
    assert_answers(web, "verify")
    web = serve_once(config + "Redirect / https://chat.example/")
    assert_refused(web, ask(web, "verify"), "redirected", "https://chat.example/verify")


def test_filters_that_an_htaccess_names_change_nothing(serve_once):
    web = serve_once(CONFIG, docroot={
        ".htaccess": "SetOutputFilter AVCSEC_ANSWER;AVCSEC_HEADERS\n", "a.html": "open"})
    for path in ("/a.html", "/none"):
        assert web.ask(path).status == (200 if path == "/a.html" else 404)
    for handler in HANDLERS:
        assert_answers(web, handler)


def test_a_page_with_a_question_in_it_is_a_page(serve_once):
    """What only looks at a place, or includes it, is no question."""
    web = serve_once(CONFIG + "AddOutputFilter INCLUDES .shtml\nAvcMediaServerScripts on_publish\n"
                     "ErrorDocument 404 /own.html\n" + """
        <Directory "@docroot@">
            Options +Includes +Indexes
        </Directory>
        """, docroot={"page.shtml": 'a<!--#include virtual="/verify?token=x" -->b'
                                    '<!--#include virtual="/on_publish.txt" -->c',
                      "on_publish.txt": "script", "list/on_publish.txt": "script", "own.html": "own"})
    answer = web.ask("/page.shtml", source=MEDIA)
    assert answer.status == 200 and answer.text.startswith("afalse") and answer.text.endswith("scriptc")
    web.log.disregard("AVC0001|AVC0002")
    assert web.ask("/page.shtml", source=STRANGER).status == 200
    assert web.ask("/list/", source=STRANGER).status == 200
    web.log.disregard("AVC0010|unable to include")
    assert web.ask("/none", source=STRANGER).text == "own"


# Configuration of the virtual host, .htaccess: refused, by a line that says what answered.
REPLACED = {
    "a status of a rule": (rule("RewriteRule ^ - [R=200,L]"), ""),
    "204 of a rule": (rule("RewriteRule ^ - [R=204,L]"), ""),
    "204 of a rule in .htaccess": ("", rule("RewriteRule ^ - [R=204,L]")),
    "a status of Redirect": ("Redirect 200 /admission\nRedirect 200 /verify\nRedirect 204 /check", ""),
    "201 with a Location": ("Header always set Location /x\n" + rule("RewriteRule ^ - [R=201,L]"), ""),
    "a front controller of the host": (rule("RewriteRule ^ /index.php [PT]"), ""),
    "one with path info": (rule("RewriteRule ^/(.*)$ /index.php/$1 [PT,L]"), ""),
    "an error page for a status": ("ErrorDocument 202 /ok.cgi\n" + rule(
        "RewriteRule ^/(admission|verify|check)$ - [R=202]"), ""),
}


@pytest.mark.parametrize("name", REPLACED)
def test_nothing_elses_success_passes_for_a_handlers(serve_once, fpm, name):
    host, htaccess = REPLACED[name]
    web = serve_once(CONFIG + host + "\n" + PHP + RUNS_CGI, modules=MODULES,
                     docroot=dict(INDEX, **{".htaccess": htaccess}), **fpm.names())
    for handler in HANDLERS:
        for right in (True, False):
            assert_refused(web, ask(web, handler, right=right), "replaced", "/" + handler)


def test_no_preflight_is_answered_in_a_handlers_place(serve_once):
    """A server in front asks with its client's method and headers."""
    web = serve_once(CONFIG.replace("AvcCheck nginx", "AvcCheck nginx\nAvcMediaServerOnly On\n"
                                    "AvcMediaServerProof token"))
    answer = web.ask("/check", "OPTIONS", [("Access-Control-Request-Method", "GET"),
                                           ("Origin", "https://x.example")], source=MEDIA)
    assert_refused(web, answer, "replaced")


def test_rules_that_refuse_keep_their_status(serve_once):
    web = serve_once(CONFIG + "Redirect gone /admission\n" + rule("RewriteRule ^/verify - [R=404]\n"
                                                                 "RewriteRule ^/check - [F]") +
                     "ErrorDocument 410 /ok.cgi\nErrorDocument 404 https://chat.example/\n"
                     'ErrorDocument 403 "no"\n' + RUNS_CGI, docroot=INDEX, modules=MODULES)
    is_own_page(ask(web, "admission"), 410, "Gone")
    is_own_page(ask(web, "check"))
    # ErrorDocument makes a redirect of the status before anybody knows what is asked.
    assert_refused(web, ask(web, "verify"), "redirected", "https://chat.example/ (302)")


# -- refusals

ERROR_PAGES = {
    "a URL": "ErrorDocument @ https://chat.example/no",
    "a script that says 200": "ErrorDocument @ /ok.cgi",
    "a script that says 302": "ErrorDocument @ /ok.cgi?302",
    "a script that does not exist": "ErrorDocument @ /gone.php",
    "itself": "ErrorDocument @ /admission",
    "a text": 'ErrorDocument @ "all is well"',
    "an expression": 'ErrorDocument @ "/%{tolower:OK}.cgi"',
    "the default": "ErrorDocument @ default",
}


def error_pages(kind, *statuses):
    return "".join(ERROR_PAGES[kind].replace("@", str(status)) + "\n" for status in statuses)


# SPEC [question-1]
@pytest.mark.parametrize("place", ["host", "location", ".htaccess", "if"])
@pytest.mark.parametrize("kind", ERROR_PAGES)
def test_a_refusal_has_httpds_own_page(serve_once, fpm, kind, place):
    pages = error_pages(kind, 403, 404, 405, 413, 500)
    if place == "location":
        pages = '<LocationMatch "^/">\n' + pages + "</LocationMatch>\n"
    if place == "if":
        pages = '<If "true">\n' + pages + "</If>\n"
    web = serve_once(CONFIG + PHP + RUNS_CGI + (pages if place != ".htaccess" else ""), modules=MODULES,
                     docroot=dict(INDEX, **{".htaccess": pages if place == ".htaccess" else ""}),
                     **fpm.names())
    for handler in HANDLERS:
        is_own_page(ask(web, handler, source=STRANGER))
        web.log.claim("AVC0010: address: ")
    is_own_page(web.ask("/admission", "PUT", source=MEDIA), 405, "Method Not Allowed")
    is_own_page(web.ask("/verify", "DELETE", source=MEDIA), 405, "Method Not Allowed")


# SPEC [question-1]
def test_a_refusal_by_others_has_httpds_own_page_too(serve_once):
    web = serve_once(CONFIG + error_pages("a script that says 200", 401, 403, 413) + """
        LimitRequestBody 10
        <Location "/verify">
            Require all denied
        </Location>
        <Location "/check">
            AuthType Basic
            AuthName "who"
            Require valid-user
        </Location>
        """ + RUNS_CGI, modules=MODULES, docroot=INDEX)
    is_own_page(ask(web, "verify"))
    web.log.claim("AH01630")
    answer = is_own_page(ask(web, "check"), 401, "Unauthorized")
    assert answer.get("WWW-Authenticate") == 'Basic realm="who"'
    assert ask(web, "admission").status in (403, 413)
    web.log.disregard("AH01588|AVC0024")


# -- before httpd knows what it is asked

FRONT = """
AvcKeyFile "@keys@"
AvcMediaServer 127.0.0.2
AllowEncodedSlashes On
<Location "/check">
    SetHandler avcsec-check
    AvcCheck envoy
</Location>
"""
EARLY = {"a URL": "https://chat.example/no", "a script": "/ok.cgi", "a page": "/ok.txt", "a text": "yes"}


@pytest.mark.parametrize("kind", EARLY)
def test_what_httpd_refuses_early_is_no_yes(serve_once, kind):
    """A front's client chooses the path behind /check; nginx-rtmp's, what stands in a GET."""
    pages = "".join('ErrorDocument %d "%s"\n' % (status, EARLY[kind])
                    for status in (400, 403, 404, 414, 500))
    web = serve_once(FRONT.replace("EncodedSlashes On", "EncodedSlashes Off") + pages + """
                     LimitRequestLine 100
                     """ + RUNS_CGI, modules=MODULES, docroot={
                         "ok.cgi": YES, "ok.txt": "yes", "check/shut/.htaccess": "Nonsense\n"})
    web.log.claim("AVC0102: .*AvcCheck envoy", count=None)
    for path, status in (("/check/a%2fb", 404), ("/check/%00", 404), ("/check/%zz", 400),
                         ("/check/../../x", 400), ("/check/shut/x", 500)):
        answer = web.ask(path, source=MEDIA)
        # A URL takes the place of the status before anybody knows what is asked.
        assert answer.status == (403 if kind == "a URL" else status), (path, answer)
        assert answer.get("Location") is None and "<h1>" in answer.text, answer
        if kind == "a URL":
            web.log.claim("AVC0029: redirected: .*https://chat.example/no")
        web.log.disregard("AH10244|AH00026|htaccess: Invalid command")
    for line in ("GET /check/a b HTTP/1.0", "GET /check/" + "x" * 200 + " HTTP/1.0",
                 "GET /check/a HTTP/1.1", "GET /check/a?\x01 HTTP/1.0"):
        answer = web.raw(line + "\r\n\r\n", source=MEDIA)
        # Nobody knows whether that is a question: only its status matters.
        assert re.match(rb"HTTP/1.1 4\d\d ", answer), answer
        assert b"\r\nLocation:" not in answer, answer
        web.log.disregard("AH01270")


def test_plain_http_on_a_tls_port_is_no_yes(serve_once):
    for page in ("https://chat.example/", "/ok.cgi"):
        web = serve_once(CONFIG + RUNS_CGI + "ErrorDocument 400 %s\n" % page, modules=MODULES, tls=True,
                         docroot=INDEX)
        port, web.port = web.port, web.tls_port
        answer = ask(web, "admission")
        web.port = port
        assert answer.status == 400 and answer.get("Location") is None, answer
        assert ask(web, "admission", tls=True).status == 200


def test_a_site_without_questions_has_its_error_pages(serve_once):
    web = serve_once('AvcKeyFile "@keys@"\nAvcHidden avchat\nErrorDocument 400 https://chat.example/\n'
                     "ErrorDocument 404 /ok.txt\n", docroot={"ok.txt": "own page"})
    assert web.raw("GET /a b HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 302 ")
    assert web.ask("/none").text == "own page"


# -- the path that a front's client chose

OUTSIDE = ("/check/../open.txt", "/check/%2e%2e/open.txt", "/check/%2E./open.txt",
           "/check/.%2e/open.txt", "/check/x/../../open.txt", "/check/./../open.txt",
           "/check//../../check/../open.txt", "/check/..%2fopen.txt", "/check/x%2f..%2f../open.txt",
           "/check/..")


@pytest.mark.parametrize("method", ["GET", "OPTIONS", "HEAD", "POST"])
def test_a_path_that_leaves_the_question_is_refused(serve_once, method):
    web = serve_once(FRONT, docroot={"open.txt": "open", "index.html": "open"})
    web.log.claim("AVC0102: .*AvcCheck envoy", count=None)
    for path in OUTSIDE:
        answer = web.ask(path, method, source=MEDIA)
        assert answer.status in (400, 403, 404), (path, answer)
        web.log.disregard("AVC0002: malformed: |AVC0001: no-token: |AH10244")
    assert web.ask("/open.txt", method, source=MEDIA).status == 200
    assert web.ask("/x/../open.txt", method, source=MEDIA).status == 200


def test_trace_is_answered_by_nobody(serve_once):
    web = serve_once(FRONT)
    web.log.claim("AVC0102: .*AvcCheck envoy", count=None)
    web.is_refusal(web.ask("/check/a", "TRACE", source=MEDIA), "method")
    assert web.ask("/a", "TRACE", source=MEDIA).status == 200


def test_a_host_of_its_own_answers_by_the_handler_alone(serve_once):
    web = serve_once(FRONT.replace("/check", "/"), docroot={"open.txt": "open"})
    for path in ("/open.txt", "/x/../open.txt", "/%2e%2e/open.txt", "/.well-known/x", "/"):
        answer = web.ask(path, source=MEDIA)
        assert answer.status in (400, 401, 403), answer
        web.log.disregard("AVC0001: no-token: |AVC0002: malformed: |AH10244")
    assert web.ask(tokens.signed("/open.txt"), source=MEDIA).status == 200
