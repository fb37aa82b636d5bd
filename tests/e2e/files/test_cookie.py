# SPDX-License-Identifier: Apache-2.0
# Pages that give their visitors a cookie for a folder of files (AvcFileCookie): who gets one, what
# it opens and for how long, and that nobody gets another's.
import os
import re
import time

import pytest

from avc import tokens
from avc.httpd import USUAL, Httpd
from avc.tokens import signed, token

HTTPS = ("X-Forwarded-Proto", "https")
CONFIG = """
AvcKeyFile "@keys@"
<Location "/chat">
    AvcFileCookie /chat/uploaded\u00fcFiles 600
</Location>
<Location "/chat/uploaded\u00fcFiles">
    AvcFiles "@private@"
</Location>
<Location "/chat/signed">
    AvcSignedURL On
</Location>
<Location "/chat/logged">
    AvcSignedURL On
    AvcEnforce Log
</Location>
<Location "/chat/required">
    Require avc-token file
</Location>
<Location "/chat/none">
    AvcFileCookie none
</Location>
<Location "/chat/public.html">
    Header set Cache-Control "public, max-age=60"
</Location>
<Location "/chat/expires.html">
    ExpiresActive On
    ExpiresDefault "access plus 1 month"
</Location>
<Location "/chat/private.html">
    Header set Cache-Control "private, max-age=60"
</Location>
<Location "/chat/proxies.html">
    Header set Surrogate-Control "max-age=60"
</Location>
<Directory "@docroot@">
    Options +Includes
    AddOutputFilter INCLUDES .shtml
    Options +ExecCGI
    ErrorDocument 404 /chat/error.html
</Directory>
ErrorDocument 410 /chat/error.cgi
Redirect gone "/chat/gone.html"
AddHandler cgi-script .cgi
"""
FOLDER = "/chat/uploaded\u00fcFiles"
FILE = tokens.canonical(FOLDER + "/photo.jpg")
PAGES = ["index.html", "page.shtml", "x.xhtml", "public.html", "expires.html", "private.html", "proxies.html",
         "error.html", "signed/page.html", "logged/page.html", "none/page.html", "required/page.html", "style.css", "photo.jpg", "sub/index.html"]
DOCROOT = {"chat/" + name: "page" for name in PAGES}
DOCROOT["open.html"] = "page"
DOCROOT["chat/error.cgi"] = "#!/bin/sh\necho 'Status: 200 OK'\necho 'Content-Type: text/html'\necho\necho sorry\n"
SHAPE = re.compile(r"__Host-avc=(avc1~for\.file~kid\.k1~iat\.(\d+)~exp\.(\d+)~dir\.2~mac\.[A-Za-z0-9_-]{43}); "
                   r"Path=/; Max-Age=600; Secure; HttpOnly; SameSite=Lax")


@pytest.fixture(scope="module")
def web(serve):
    server = serve(CONFIG, docroot=DOCROOT, private={"photo.jpg": "a photo"}, tls=True, http2=True,
                   modules=USUAL + ["cgid"])
    os.chmod(os.path.join(server.docroot, "chat", "error.cgi"), 0o755)
    return server


def page(web, path="/chat/index.html", cookie=None, headers=(), **how):
    how.setdefault("tls", True)
    return web.ask(path, headers=list(headers) + ([("Cookie", "__Host-avc=" + cookie)] if cookie else []), **how)


def cookie_of(answer):
    """The token of the cookie that an answer gives, or None."""
    lines = answer.all("Set-Cookie")
    if not lines:
        return None
    (line,) = lines
    found = SHAPE.fullmatch(line)
    assert found, line
    assert int(found[3]) - int(found[2]) == 600 and abs(int(found[2]) - time.time()) < 60
    assert answer.words("Cache-Control") == ["no-store"] and answer.get("Expires") is None
    return found[1]


# SPEC [conf-19]
@pytest.mark.smoke
@pytest.mark.parametrize("path", ["/chat/index.html", "/chat/", "/chat/page.shtml", "/chat/x.xhtml", "/chat/sub/",
                                  "/chat/private.html", "/chat/index.html?a=b"])
def test_a_page_gives_a_cookie_that_opens_what_lies_below_the_folder(web, path):
    web.refused(FILE, "no-token", tls=True)
    answer = page(web, path)
    assert answer.status == 200 and answer.text.strip() == "page"
    given = cookie_of(answer)
    shown = page(web, FILE, given)
    assert (shown.status, shown.text) == (200, "a photo")
    web.refused("/chat/signed/page.html", "signature", tls=True, headers=[("Cookie", "__Host-avc=" + given)])
    # with POST a cookie needs the page's own origin
    assert page(web, FILE, given, method="POST").status in (403, 405)
    web.log.disregard(r"AVC\d{4}: no-token: ")


@pytest.mark.parametrize("options", [["--http2"], ["--http1.1"]])
def test_the_same_over_each_version_of_http(web, options):
    assert cookie_of(web.curl("/chat/index.html", *options, tls=True))
    assert cookie_of(page(web, version="1.0"))


@pytest.mark.parametrize("mpm", ["event", "worker", "prefork"])
def test_the_same_in_each_mpm(serve_once, mpm):
    server = serve_once(CONFIG, docroot=DOCROOT, private={"photo.jpg": "a photo"}, tls=True, mpm=mpm)
    given = cookie_of(page(server))
    assert page(server, FILE, given).text == "a photo"


@pytest.mark.parametrize("path", ["/chat/style.css", "/chat/photo.jpg", "/open.html", "/chat/none/page.html",
                                  "/chat/nothing.html", "/chat/sub"])
def test_what_is_no_page_here_or_none_at_all_gives_none(web, path):
    answer = page(web, path)
    assert cookie_of(answer) is None
    assert "no-store" not in answer.words("Cache-Control")


def test_an_error_page_gives_none_whatever_its_status_says(web):
    answer = page(web, "/chat/nothing.html")
    assert answer.status == 404 and answer.text == "page" and cookie_of(answer) is None
    answer = page(web, "/chat/gone.html")
    assert answer.status == 200 and answer.text.strip() == "sorry" and cookie_of(answer) is None
    assert cookie_of(page(web, "/chat/error.cgi"))


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_forms_and_looks_are_pages_too(web, method):
    answer = page(web, "/chat/page.shtml", method=method)
    assert answer.status == 200 and cookie_of(answer)


# -- below another token

@pytest.mark.parametrize("target", [
    signed("/chat/signed/page.html"), signed("/chat/signed/page.html", "path"),
    signed("/chat/index.html"), signed("/chat/index.html", "path"), signed("/chat/index.html", "path", dir=1),
    "/chat/index.html?avc=x"])
def test_a_page_that_a_token_led_to_gives_none(web, target):
    """Whoever has a link to one page would have the folder."""
    answer = page(web, target)
    web.log.disregard(r"AVC\d{4}: malformed: ")
    assert answer.status == 200 and cookie_of(answer) is None


def test_nor_does_one_that_a_header_or_the_cookie_itself_opened(web):
    bearer = [("Authorization", "Bearer " + token("/chat/signed/page.html"))]
    answer = page(web, "/chat/signed/page.html", headers=bearer)
    assert answer.status == 200 and cookie_of(answer) is None
    bearer = [("Authorization", "Bearer " + token("/chat/required/page.html"))]
    answer = page(web, "/chat/required/page.html", headers=bearer)
    assert answer.status == 200 and cookie_of(answer) is None
    answer = page(web, "/chat/signed/page.html", cookie=token("/chat/signed/page.html"))
    assert answer.status == 200 and cookie_of(answer) is None


def test_nor_does_one_that_is_let_in_only_because_refusals_are_but_logged(web):
    answer = page(web, "/chat/logged/page.html")
    assert answer.status == 200 and cookie_of(answer) is None
    web.log.claim(r"AVC0001: no-token: .* would be refused")


# -- renewed in its second half

def held(life, path=FOLDER + "/", **how):
    how.setdefault("dir", 2)
    return token(path, expires=life, **how)


# SPEC [conf-19]
@pytest.mark.parametrize("make_cookie, is_renewed", [
    (lambda: held(600), False), (lambda: held(420), False), (lambda: held(290), True), (lambda: held(1), True),
    (lambda: held(-1, issued=-600), True), (lambda: None, True), (lambda: "nonsense", True),
    (lambda: tokens.tampered(held(500)), True), (lambda: held(500, "/chat/other/"), True),
    # what an application has put there stays: a session, and what opens more or asks for more
    (lambda: token("/", purpose="session"), False),
    (lambda: token("/", purpose="session", expires=-1, issued=-90), True),
    (lambda: tokens.tampered(token("/", purpose="session")), True),
    (lambda: held(100, dir=1), False), (lambda: held(100, ip4="192.0.2.7"), False),
    (lambda: held(100, org="other.example"), False), (lambda: held(100, mth="GET.POST"), True)])
def test_who_needs_one_gets_one(web, make_cookie, is_renewed):
    answer = page(web, cookie=make_cookie())
    assert (cookie_of(answer) is not None) == is_renewed
    if not is_renewed:
        assert answer.words("Cache-Control") == ["private"]


@pytest.mark.parametrize("how", ["add", "always add"])
def test_what_an_application_puts_there_with_this_page_stays(serve_once, how):
    """Of two cookies of one name browsers keep the one that stands last."""
    session = token("/", purpose="session")
    own = '<Location "/chat/sub">\nHeader %s Set-Cookie "__Host-avc=%s; Path=/; Secure"\n</Location>\n' % (how, session)
    server = serve_once(CONFIG + own, docroot=DOCROOT, private={"photo.jpg": "a photo"})
    answer = server.ask("/chat/sub/", headers=[HTTPS])
    assert answer.all("Set-Cookie") == ["__Host-avc=%s; Path=/; Secure" % session]
    assert answer.words("Cache-Control") == ["private"]


def test_while_its_owner_visits_it_goes_on(serve_once):
    server = serve_once(CONFIG, docroot=DOCROOT, private={"photo.jpg": "a photo"}, clock=time.time())
    server.set_clock(None)
    begun, cookie, given = time.time(), None, 0
    for moment in range(0, 1801, 200):
        server.set_clock(begun + moment)
        lines = server.ask("/chat/index.html", headers=[HTTPS] + ([("Cookie", "__Host-avc=" + cookie)] if cookie else [])
                           ).all("Set-Cookie")
        if lines:
            cookie, given = SHAPE.fullmatch(lines[0])[1], given + 1
        assert server.ask(FILE, headers=[("Cookie", "__Host-avc=" + cookie)]).status == 200, moment
    assert 4 <= given <= 6
    server.set_clock(begun + 1800 + 601)
    server.refused(FILE, "expired", status=410, headers=[("Cookie", "__Host-avc=" + cookie)])


def test_a_page_that_was_not_modified_renews_as_well(web):
    first = page(web, "/chat/private.html")
    same = [("If-None-Match", first.get("ETag"))]
    answer = page(web, "/chat/private.html", headers=same)
    assert answer.status == 304 and SHAPE.fullmatch(answer.get("Set-Cookie"))
    answer = page(web, "/chat/private.html", cookie=held(500), headers=same)
    assert answer.status == 304 and answer.get("Set-Cookie") is None
    picture = page(web, "/chat/photo.jpg")
    answer = page(web, "/chat/photo.jpg", headers=[("If-None-Match", picture.get("ETag"))])
    assert answer.status == 304 and answer.get("Set-Cookie") is None


def test_after_all_were_taken_back_a_page_gives_another(serve_once):
    server = Httpd('AvcRevocations "@root@/conf/revoked"\n' + CONFIG, docroot=DOCROOT, private={"photo.jpg": "a photo"})
    server.write_secret("conf/revoked", "all before=%s until=2099-01-01T00:00:00Z\n" % time.strftime(
        "%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 60)))
    with server:
        old = held(550, issued=-90)
        server.refused(FILE, "revoked", headers=[("Cookie", "__Host-avc=" + old)])
        answer = server.ask("/chat/index.html", headers=[HTTPS, ("Cookie", "__Host-avc=" + old)])
        assert server.ask(FILE, headers=[("Cookie", "__Host-avc=" + cookie_of(answer))]).status == 200


# -- caches

@pytest.mark.parametrize("path", ["/chat/public.html", "/chat/expires.html", "/chat/proxies.html"])
def test_a_page_that_caches_may_keep_gives_none_and_says_so(serve_once, path):
    server = serve_once(CONFIG, docroot=DOCROOT, private={"photo.jpg": "a photo"})
    for _ in range(3):
        answer = server.ask(path, headers=[HTTPS])
        assert answer.status == 200 and answer.get("Set-Cookie") is None
    assert "private" not in answer.words("Cache-Control")
    line, = server.log.claim("AVC0151: ")
    assert "caches may keep it" in line


CACHE = """
CacheQuickHandler Off
CacheEnable disk /
CacheRoot "@root@/run/cache"
CacheStoreNoStore On
CacheStorePrivate On
CacheIgnoreCacheControl On
CacheIgnoreNoLastMod On
CacheDefaultExpire 600
"""


def test_mod_cache_keeps_no_cookie_and_no_page_of_who_has_one(serve_once):
    server = serve_once(CONFIG + CACHE, docroot=DOCROOT, private={"photo.jpg": "a photo"},
                        modules=USUAL + ["cache", "cache_disk"])
    first = cookie_of(server.ask("/chat/index.html", headers=[HTTPS]))
    again = server.ask("/chat/index.html", headers=[HTTPS, ("Cookie", "__Host-avc=" + first)])
    assert again.get("Set-Cookie") is None and again.get("Age") is None
    for _ in range(2):
        answer = server.ask("/chat/index.html", headers=[HTTPS])
        assert cookie_of(answer) and answer.get("Age") is None
    for folder, _, names in os.walk(os.path.join(server.root, "run", "cache")):
        for name in names:
            with open(os.path.join(folder, name), "rb") as kept:
                assert b"avc1" not in kept.read()


def test_the_quick_handler_may_not_stand_in_front():
    server = Httpd('AvcKeyFile "@keys@"\nAvcFileCookie /files 600\n' + CACHE.replace("CacheQuickHandler Off", ""),
                   modules=USUAL + ["cache", "cache_disk"])
    status, printed = server.configtest()
    assert status and "CacheQuickHandler Off" in printed, printed


# -- without TLS, without a key, in logs

def test_without_tls_there_is_none_and_the_log_says_so(serve_once):
    server = serve_once(CONFIG, docroot=DOCROOT, private={"photo.jpg": "a photo"})
    for _ in range(2):
        assert server.ask("/chat/index.html").get("Set-Cookie") is None
    line, = server.log.claim("AVC0151: ")
    assert "without TLS" in line and "ServerName with https://" in line


def test_where_no_key_signs_so_long_there_is_none_and_the_log_says_so(serve_once):
    ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 300))
    server = serve_once(CONFIG, docroot=DOCROOT, private={"photo.jpg": "a photo"},
                        keys="k1 hs256 %s until=%s\n" % (tokens.SECRETS["k1"], ends))
    answer = server.ask("/chat/index.html", headers=[HTTPS])
    assert answer.status == 200 and answer.get("Set-Cookie") is None
    server.log.claim("AVC0151: .*outlive the key")


def test_no_log_shows_the_cookie(serve_once):
    server = serve_once(CONFIG + 'LogFormat "%{Set-Cookie}o|%{Cookie}i" cookies\n'
                        'CustomLog "@root@/logs/cookies.log" cookies\n', docroot=DOCROOT, private={"photo.jpg": "x"})
    given = cookie_of(server.ask("/chat/index.html", headers=[HTTPS]))
    server.ask("/chat/index.html", headers=[HTTPS, ("Cookie", "__Host-avc=" + given)])
    with open(os.path.join(server.root, "logs", "cookies.log")) as log:
        text = log.read()
    assert "__Host-avc=avc1~for.file" in text and given.rpartition("mac.")[2] not in text


# -- one for each virtual host

def test_two_folders_in_one_virtual_host_are_refused():
    server = Httpd('''AvcKeyFile "@keys@"
AvcFileCookie /a 600
<Location "/x">
    AvcFileCookie /b 600
</Location>
''')
    status, printed = server.configtest()
    assert status and "there is one cookie" in printed and "line" in printed, printed


def test_two_hosts_and_two_lives_are_fine():
    server = Httpd('''AvcKeyFile "@keys@"
AvcFileCookie /a/b/ 600
<Location "/x">
    AvcFileCookie /a/b 1200
</Location>
<VirtualHost 127.0.0.1:@port@>
    ServerName other.example
    AvcFileCookie /c 600
    <Location "/x">
        AvcFileCookie none
    </Location>
</VirtualHost>
''')
    assert server.configtest() == (0, "Syntax OK\n")


def test_without_keys_it_is_refused():
    status, printed = Httpd("AvcFileCookie /a 600\n").configtest()
    assert status and "AvcKeyFile" in printed, printed
