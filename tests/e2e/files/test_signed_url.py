# SPDX-License-Identifier: Apache-2.0
# AvcSignedURL: whatever is there (static, script, proxied) needs a file token; its arguments are
# signed; what httpd does inside inherits the verdict; what names others relatively hands it on.
import json
import re
import time

import pytest

from avc import php
from avc.backend import Backend
from avc.httpd import USUAL
from avc.scripts import SHOW
from avc.tokens import signed, tampered, token

CONFIG = """
AvcKeyFile "@keys@"
<Location "/signed">
    AvcSignedURL On
</Location>
<Location "/signed/open">
    AvcSignedURL Off
</Location>
<Location "/live">
    AvcSignedURL On
    ProxyPass "http://127.0.0.1:@backend@/live"
    ProxyPassReverse "http://127.0.0.1:@backend@/live"
</Location>
<Location "/own-args">
    AvcSignedURL On
    AvcUnsignedArgs page_* lang
</Location>
DirectoryIndex index.html index.php
Redirect "/signed/moved" "/signed/dir/a.txt"
Redirect "/signed/away" "https://elsewhere.example/signed/dir/a.txt"
Redirect "/signed/out" "/other/a.txt"
<Directory "@docroot@/signed/app">
    FallbackResource /signed/app/index.php
</Directory>
<Directory "@docroot@/signed/front">
    RewriteEngine On
    RewriteCond %{REQUEST_FILENAME} !-f
    RewriteRule "^" "index.php" [L]
</Directory>
<Directory "@docroot@/signed/views">
    Options +MultiViews
</Directory>
<Directory "@docroot@/signed/ssi">
    Options +Includes
    AddOutputFilter INCLUDES .shtml
</Directory>
<Directory "@docroot@/signed/list">
    Options +Indexes
</Directory>
""" + php.WIRINGS["SetHandler"]
# What CGI calls a local redirect: httpd answers with the other address itself.
LOCAL_REDIRECT = "#!/bin/sh\necho 'Location: /signed/a.txt\n'"
CGI = "Options +ExecCGI +FollowSymLinks +Includes\nAddHandler cgi-script .cgi\nRequire all granted"
DOCROOT = {
    "signed/a.txt": "content of a", "signed/dir/index.html": "index of dir", "signed/dir/a.txt": "in dir",
    "signed/phpdir/index.php": "<?php echo 'index script ', $_SERVER['QUERY_STRING'];",
    "signed/show.php": SHOW, "signed/open/b.txt": "open", "own-args/show.php": SHOW,
    "signed/app/index.php": "<?php echo 'app ', $_SERVER['REQUEST_URI'];",
    "signed/front/index.php": "<?php echo 'front ', $_SERVER['REQUEST_URI'];",
    "signed/front/real.txt": "real", "signed/views/page.html": "negotiated",
    "signed/ssi/page.shtml": '[<!--#include virtual="part.txt" -->]', "signed/ssi/part.txt": "part",
    "signed/list/one.txt": "1", "signed/list/two.txt": "2",
    "signed/hls/index.m3u8": "#EXTM3U\n#EXTINF:2,\nseg1.ts\n", "signed/hls/seg1.ts": "segment 1",
    "signed/hls/low/index.m3u8": "#EXTM3U\n", "signed/other/seg1.ts": "segment of another",
    "signed/redirect.php": "<?php header('Location: http://' . $_SERVER['HTTP_HOST'] . '/signed/a.txt', "
                           "true, (int)substr($_SERVER['PATH_INFO'], 1));",
    "signed/internal.cgi": ("mode", 0o755, LOCAL_REDIRECT),
    "open.txt": "open", "other/a.txt": "other", "signed/caf\u00e9 1.txt": "named",
}


@pytest.fixture(scope="module")
def backend():
    server = Backend()
    yield server
    server.close()


@pytest.fixture(scope="module")
def web(serve, fpm, backend):
    return serve(CONFIG, docroot=DOCROOT, tls=True, http2=True, directory=CGI,
                 modules=USUAL + ["cgid"], backend=backend.port, **fpm.names())


# SPEC [conf-14]
@pytest.mark.smoke
@pytest.mark.parametrize("carrier", ["query", "path"])
def test_static_script_and_proxied_need_a_token_and_open_with_it(web, carrier):
    for path in ("/signed/a.txt", "/signed/show.php", "/live/room7/index.m3u8"):
        web.refused(path, "no-token")
        web.allowed(signed(path, carrier))
        web.refused(signed(path, carrier, expires=-5), "expired", status=410)
        wrong = re.sub(r"avc1~[^/?&]*", lambda m: tampered(m.group(0)), signed(path, carrier))
        web.refused(wrong, "signature")


def test_off_said_in_a_later_section_opens(web):
    web.allowed("/signed/open/b.txt", shows="open")
    web.allowed("/open.txt", shows="open")


# SPEC [answer-2]
def test_right_token_and_no_such_file(web):
    answer = web.ask(signed("/signed/nothing.txt"))
    assert answer.status == 404 and "no-store" in answer.words("Cache-Control")
    web.log.disregard(r"AVC\d{4}: not-found: ")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "FOO"])
def test_methods(web, method):
    web.refused("/signed/show.php", "no-token", method, body=b"x=1")
    web.refused(signed("/signed/show.php"), "method", method, body=b"x=1")


# SPEC [claim-6]
def test_methods_that_the_token_names(web):
    answer = web.allowed(signed("/signed/show.php", mth="POST"), "POST", body=b"x=1")
    assert json.loads(answer.text)["body"] == "x=1"
    web.refused(signed("/signed/show.php", mth="POST"), "method")


# -- arguments

def query_of(answer):
    return json.loads(answer.text)["server"]["QUERY_STRING"]


# SPEC [claim-11]
def test_signed_arguments_reach_the_script_as_sent(web):
    target = signed("/signed/show.php", query="size=small&id=7", args=[("size", "small"), ("id", "7")])
    answer = web.allowed(target)
    assert query_of(answer) == "size=small&id=7"
    assert json.loads(answer.text)["get"] == {"size": "small", "id": "7"}


# SPEC [args-1]
@pytest.mark.parametrize("query, reason", [
    ("size=large", "signature"), ("", "signature"), ("size=sm%61ll", "signature"),
    ("size=small&size=large", "argument"), ("size=small&id=2", "argument"),
    ("size=small&size[]=x", "argument"), ("size=small&%73ize=x", "argument"),
    ("size=small&x", "argument"), ("size=small&utm_x[]=1&y=2", "argument"),
])
def test_arguments_that_differ(web, query, reason):
    tok = token("/signed/show.php", args=[("size", "small")])
    web.refused("/signed/show.php?" + (query + "&" if query else "") + "avc=" + tok, reason)


# SPEC [args-4]
def test_the_log_names_the_unsigned_argument(web):
    web.ask("/signed/show.php?wanted=1&avc=" + token("/signed/show.php"))
    assert "wanted" in web.log.claim(r"AVC\d{4}: argument: ")[0]


@pytest.mark.parametrize("query", ["_HLS_msn=3&_HLS_part=1", "utm_source=x&utm_medium=y", "hls_ctx=a",
                                   "nimblesessionid=5", "gclid=1", "fbclid=1", "cookieCheck=1",
                                   "CMCD=br%3D1", "gbraid=1&wbraid=2&dclid=3", "msclkid=1",
                                   "mc_cid=1&mc_eid=2", "_gl=1", "_=1767225600",
                                   "utm_x=1%3Badmin=true"])
def test_arguments_that_players_and_campaigns_add_need_no_signature(web, query):
    answer = web.allowed("/signed/show.php?" + query + "&avc=" + token("/signed/show.php"))
    assert query_of(answer) == query


# SPEC [conf-15]
@pytest.mark.parametrize("query", ["utm_x=1;admin=true", "utm_x;admin=true", "_=;", "CMCD=a;b&utm_x=1"])
def test_what_some_servers_split_at_a_semicolon_is_signed_or_refused(web, query):
    web.refused("/signed/show.php?" + query + "&avc=" + token("/signed/show.php"), "argument")
    web.refused("/signed/show.php?avc=" + token("/signed/show.php") + "&" + query, "argument")
    web.refused("/own-args/show.php?lang=de;page=4&avc=" + token("/own-args/show.php"), "argument")


@pytest.mark.parametrize("mpm", ["event", "worker", "prefork"])
def test_a_semicolon_in_each_mpm(serve_once, mpm):
    web = serve_once('AvcKeyFile "@keys@"\n<Location "/signed">\nAvcSignedURL On\n</Location>\n', mpm=mpm,
                     docroot={"signed/a.txt": "content"})
    web.refused(signed("/signed/a.txt") + "&utm_x=1;admin=true", "argument")
    web.allowed(signed("/signed/a.txt") + "&utm_x=1%3Badmin=true", shows="content")


# SPEC [args-4]
def test_own_list_of_unsigned_arguments(web):
    tok = token("/own-args/show.php")
    web.allowed("/own-args/show.php?page_no=4&lang=de&avc=" + tok)
    web.refused("/own-args/show.php?page=4&avc=" + tok, "argument")
    web.refused("/own-args/show.php?lang[]=de&avc=" + tok, "argument")


# SPEC [behind-1]
@pytest.mark.parametrize("before, after", [
    ("a=1&avc=@", "a=1"), ("avc=@&a=1", "a=1"), ("a=%20&avc=@&&b=+", "a=%20&&b=+"),
    ("%61vc=@&a=1", "a=1"), ("avc=@", ""),
])
def test_the_rest_of_the_query_is_byte_for_byte_what_it_was(web, before, after):
    args = [tuple(p.split("=")) for p in after.split("&") if p]
    tok = token("/signed/show.php", args=args)
    answer = web.allowed("/signed/show.php?" + before.replace("@", tok))
    assert query_of(answer) == after
    uri = json.loads(answer.text)["server"]["REQUEST_URI"]
    assert uri == "/signed/show.php" + ("?" + after if after else "")


# -- what httpd does inside

# SPEC [place-6]
@pytest.mark.smoke
def test_directory_index(web):
    web.allowed(signed("/signed/dir/"), shows="index of dir")
    web.allowed(signed("/signed/phpdir/"), shows="index script")
    web.allowed(signed("/signed/dir/", "path", dir=2), shows="index of dir")
    web.allowed(signed("/signed/phpdir/", query="a=1", args=[("a", "1")]), shows="index script a=1")
    web.refused("/signed/dir/", "no-token")
    web.refused("/signed/phpdir/", "no-token")


# SPEC [place-6]
@pytest.mark.smoke
def test_front_controllers(web):
    web.allowed(signed("/signed/app/some/page"), shows="app /signed/app/some/page")
    web.allowed(signed("/signed/front/some/page"), shows="front /signed/front/some/page")
    web.allowed(signed("/signed/front/real.txt"), shows="real")
    web.allowed("/signed/~" + token("/signed/front/", dir=1) + "/front/some/page",
                shows="front /signed/front/some/page")
    for target in ("/signed/app/some/page", "/signed/front/some/page", "/signed/front/real.txt"):
        web.refused(target, "no-token")


def test_negotiation(web):
    web.allowed(signed("/signed/views/page"), shows="negotiated")
    web.refused("/signed/views/page", "no-token")


def test_server_side_includes(web):
    web.allowed(signed("/signed/ssi/page.shtml"), shows="[part]")
    web.refused("/signed/ssi/page.shtml", "no-token")
    web.refused("/signed/ssi/part.txt", "no-token")


def test_listing_shows_names_to_token_holders_only(web):
    answer = web.allowed(signed("/signed/list/", dir=2))
    assert "one.txt" in answer.text and "two.txt" in answer.text
    web.refused("/signed/list/", "no-token")


def test_a_script_that_redirects_inside(web):
    web.allowed(signed("/signed/internal.cgi"), shows="content of a")
    web.refused("/signed/internal.cgi", "no-token")


def test_an_open_page_that_includes_a_signed_one_gets_nothing(serve_once):
    """The client asked for an open page without a token: what lies in the signed part stays shut."""
    config = """
    AvcKeyFile "@keys@"
    <Location "/signed">
        AvcSignedURL On
    </Location>
    Options +Includes
    AddOutputFilter INCLUDES .shtml
    ErrorDocument 404 /signed/error.txt
    RewriteEngine On
    RewriteRule "^/rewritten$" "/signed/a.txt" [PT]
    """
    server = serve_once(config, directory=CGI, modules=USUAL + ["cgid"], docroot={
        "page.shtml": '[<!--#include virtual="/signed/a.txt" -->]', "signed/a.txt": "SECRET",
        "signed/error.txt": "SECRET", "jump.cgi": ("mode", 0o755, LOCAL_REDIRECT),
    })
    for target, status in (("/page.shtml", 200), ("/nothing", 404), ("/rewritten", 403),
                           ("/jump.cgi", 403)):
        answer = server.ask(target)
        assert "SECRET" not in answer.text, (target, answer)
        assert answer.status == status, (target, answer)
        # The page itself is not refused: of what it could not include, mod_include tells.
        server.log.claim("unable to include" if target == "/page.shtml" else r"AVC\d{4}: no-token: ")


# -- what names others relatively

# SPEC [path-2]
@pytest.mark.smoke
def test_a_playlist_hands_its_token_on(web):
    base = "/signed/hls/~" + token("/signed/hls/", dir=2)
    playlist = web.allowed(base + "/index.m3u8")
    segment = [line for line in playlist.text.splitlines() if not line.startswith("#")][0]
    web.allowed(base + "/" + segment, shows="segment 1")
    web.allowed(base + "/low/index.m3u8")
    web.refused(base + "/../other/seg1.ts", "malformed")
    web.refused("/signed/other/~" + token("/signed/hls/", dir=2) + "/seg1.ts", "signature")


def test_a_path_token_at_every_place_of_its_path(web):
    tok = "~" + token("/signed/hls/low/", dir=2)
    for target in ("/%s/signed/hls/low/index.m3u8", "/signed/%s/hls/low/index.m3u8",
                   "/signed/hls/%s/low/index.m3u8", "/signed/hls/low/%s/index.m3u8",
                   "/signed/hls/low/index.m3u8/%s"):
        target = target % tok
        if target.endswith(tok):
            # Taken out with one slash, the path is the file's own.
            web.allowed(target)
            continue
        web.allowed(target)
    web.allowed("/" + tok.replace("~", "%7E").replace(".", "%2e") + "/signed/hls/seg1.ts",
                shows="segment 1")


# -- redirects

def location(answer):
    return re.sub(r"^https?://chat\.example(:\d+)?", "", answer.get("Location"))


@pytest.mark.parametrize("tls", [False, True])
def test_a_missing_slash_keeps_the_path_token(web, tls):
    tok = "~" + token("/signed/dir/", dir=2)
    outer = "~" + token("/signed/x", dir=1)
    host = "chat.example:%d" % (web.tls_port if tls else web.port)
    answer = web.ask("/signed/%s/dir" % outer, tls=tls, host=host)
    assert answer.status == 301, answer
    again = web.allowed(location(answer), tls=tls, shows="index of dir")
    assert again.status == 200
    # The directory's own token does not open the path without its slash.
    web.refused("/signed/%s/dir" % tok, "signature", tls=tls)


def test_a_redirect_within_the_scope_keeps_the_path_token(web):
    outer = "~" + token("/signed/x", dir=1)
    host = "chat.example:%d" % web.port
    answer = web.ask("/signed/%s/moved" % outer, host=host)
    assert answer.status == 302 and outer in answer.get("Location"), answer
    web.allowed(location(answer), shows="in dir")
    for code in (301, 302, 303, 307, 308, 201):
        answer = web.ask("/signed/%s/redirect.php/%d" % (outer, code), host=host)
        assert answer.status == code and outer in answer.get("Location"), answer


def test_a_redirect_elsewhere_loses_it(web):
    outer = "~" + token("/signed/x", dir=1)
    for target in ("/signed/%s/away", "/signed/%s/out"):
        answer = web.ask(target % outer)
        assert answer.status == 302 and "avc1" not in answer.get("Location"), answer


def test_redirects_from_behind(web, backend):
    """The session URL of WHEP, and http to https by a backend."""
    outer = "~" + token("/live/x", dir=1)
    here = "http://chat.example:%d" % web.port
    for status, to, kept in (
            (201, "/live/session/1", True), (201, here + "/live/session/1", True),
            (302, "https://chat.example:%d/live/room7/" % web.tls_port, True),
            (302, "https://chat.example/live/room7/", False), (307, "session/2", True),
            (307, "../live/session/2", True),
            (302, "/signed/a.txt", False), (302, "//elsewhere.example/live/x", False),
            (302, "http://elsewhere.example/live/x", False), (302, "/live/../signed/a.txt", False),
            (302, "/live2/x", False), (301, "http://chat.example.evil.example/live/x", False),
            (302, "http://chat.example@evil.example/live/x", False),
            (302, "http://chat.example:80@evil.example/live/x", False),
            (302, "/\\evil.example/live/x", False), (302, "\\\\evil.example/live/x", False),
            (302, "///evil.example/live/x", False), (302, "http:///evil.example/live/x", False),
            (302, "http:\\\\evil.example/live/x", False), (302, "javascript://chat.example/live/x", False),
            (302, "ftp://chat.example/live/x", False), (302, "http://chat.example/live/%2e%2e/signed/x", False),
            (302, "/live/../../live/..;/x", False), (302, "http://evil.example#@chat.example/live/x", False),
            (302, here.replace("example:", "example.:") + "/live/x", False),
            (302, here.upper() + "/live/x", True)):
        backend.answers["/live/go"] = (status, [("Location", to)], b"")
        answer = web.ask("/live/%s/go" % outer)
        assert answer.status == status, answer
        if kept is not None:
            assert (outer in answer.get("Location")) is kept, (to, answer)
        if kept:
            assert web.ask(location(answer)).status == 200, answer
    web.log.disregard("AVC0120: ")


def test_http_to_https_keeps_the_path_token(serve_once):
    config = """
    AvcKeyFile "@keys@"
    <Location "/signed">
        AvcSignedURL On
    </Location>
    RewriteEngine On
    RewriteCond %{HTTPS} !=on
    RewriteRule "^/(.*)$" "https://chat.example:@tls@/$1" [R=301,L]
    """
    server = serve_once(config, tls=True, docroot={"signed/hls/seg1.ts": "segment 1"})
    target = "/signed/hls/~%s/seg1.ts" % token("/signed/hls/", dir=2)
    answer = server.ask(target, headers=[])
    assert answer.status == 301, answer
    assert answer.get("Location").startswith("https://chat.example:%d/" % server.tls_port), answer
    server.allowed(location(answer), tls=True, shows="segment 1")


# -- behind the check

def test_the_backend_never_sees_a_token(web, backend):
    tok = token("/live/room7/a.ts")
    for target, headers in (
            ("/live/room7/a.ts?avc=" + tok, []), ("/live/~" + tok + "/room7/a.ts", []),
            ("/live/room7/a.ts", [("Authorization", "Bearer " + tok)]),
            ("/live/room7/a.ts", [("Cookie", "a=b; __Host-avc=" + tok + "; c=d")])):
        headers = headers + [("Referer", "https://chat.example/live/~%s/x?avc=%s&y=1" % (tok, tok))]
        web.allowed(target, headers=headers, shows="from behind")
        line, seen, _ = backend.last()
        assert line == "GET /live/room7/a.ts HTTP/1.1", line
        assert "avc1" not in repr(seen), seen
        assert seen.get("cookie") in (None, "a=b; c=d")


def test_other_credentials_and_cookies_reach_the_backend(web, backend):
    target = signed("/live/room7/a.ts")
    web.allowed(target, headers=[("Authorization", "Basic eDp5"), ("Cookie", "sid=1"),
                                 ("Referer", "https://chat.example/page?x=1")])
    _, seen, _ = backend.last()
    assert seen["authorization"] == "Basic eDp5" and seen["cookie"] == "sid=1"
    assert seen["referer"] == "https://chat.example/page?x=1"


# -- caching

@pytest.mark.parametrize("sent, want, not_wanted", [
    ("public, max-age=86400", "private", "public"), ("s-maxage=600, max-age=10", "max-age=10", "s-maxage"),
    ("max-age=5", "max-age=5", None), ("no-store", "no-store", None), ("no-cache", "private", None),
])
def test_caching_of_what_comes_from_behind(web, backend, sent, want, not_wanted):
    backend.answers["/live/cached"] = (200, [("Cache-Control", sent)], b"x")
    answer = web.allowed(signed("/live/cached", expires=100))
    words = answer.words("Cache-Control")
    assert want in words and "private" in words or want == "no-store" in words, answer
    assert all(not w.startswith(not_wanted) for w in words if not_wanted)
    for word in words:
        if word.startswith("max-age="):
            assert int(word.split("=")[1]) <= 100, answer


# SPEC [answer-7]
def test_expires_is_shortened_and_none_is_added(web, backend):
    backend.answers["/live/cached"] = (200, [("Expires", "Fri, 01 Jan 2038 00:00:00 GMT")], b"x")
    answer = web.allowed(signed("/live/cached", expires=100))
    when = time.mktime(time.strptime(answer.get("Expires"), "%a, %d %b %Y %H:%M:%S GMT"))
    assert when - time.mktime(time.gmtime()) <= 101, answer
    backend.answers["/live/cached"] = (200, [], b"x")
    answer = web.allowed(signed("/live/cached", expires=100))
    assert answer.get("Expires") is None and "private" in answer.words("Cache-Control")
    assert not [w for w in answer.words("Cache-Control") if w.startswith("max-age")]


def test_open_pages_are_cached_as_before(web):
    answer = web.allowed("/open.txt")
    assert answer.get("Cache-Control") is None and answer.get("Referrer-Policy") is None


# SPEC [answer-11]
@pytest.mark.parametrize("sent, want", [
    (None, "strict-origin-when-cross-origin"), ("no-referrer", "no-referrer"),
    ("same-origin", "same-origin"), ("strict-origin", "strict-origin"),
    ("unsafe-url", "strict-origin-when-cross-origin"),
    ("no-referrer-when-downgrade", "strict-origin-when-cross-origin"),
])
def test_referrer_policy_is_never_looser(web, backend, sent, want):
    headers = [("Referrer-Policy", sent)] if sent else []
    backend.answers["/live/policy"] = (200, headers, b"x")
    answer = web.allowed(signed("/live/policy"))
    assert answer.all("Referrer-Policy") == [want], answer


def test_not_modified_is_private_too(web):
    tag = web.allowed(signed("/signed/dir/a.txt")).get("ETag")
    answer = web.ask(signed("/signed/dir/a.txt"), headers=[("If-None-Match", tag)])
    assert answer.status in (200, 304) and "private" in answer.words("Cache-Control"), answer


# -- the verdict goes no further than its setting

# SPEC [place-6]
def test_another_signed_setting_is_judged_anew(serve_once):
    """Included from below another AvcSignedURL: the token is not for that one."""
    config = """
    AvcKeyFile "@keys@"
    <Location "/one">
        AvcSignedURL On
    </Location>
    <Location "/two">
        AvcSignedURL On
    </Location>
    AddOutputFilter INCLUDES .shtml
    RewriteEngine On
    RewriteRule "^/one/jump$" "/two/b.txt" [PT]
    """
    server = serve_once(config, directory="Options +Includes\nRequire all granted", docroot={
        "one/page.shtml": '[<!--#include virtual="/two/b.txt" -->]', "two/b.txt": "OTHERS",
        "one/own.shtml": '[<!--#include virtual="/one/c.txt" -->]', "one/c.txt": "own"})
    server.allowed(signed("/one/own.shtml"), shows="[own]")
    answer = server.ask(signed("/one/page.shtml"))
    assert "OTHERS" not in answer.text, answer
    server.log.disregard(r"AVC\d{4}: (no-token|signature): |unable to include|AH01372")


# -- protocols

@pytest.mark.parametrize("options, tls", [
    (["--http1.0"], False), (["--http2-prior-knowledge"], False), (["--http2"], True),
    (["--http1.1"], True), (["--http2"], False)])
def test_protocols(web, options, tls):
    for path in ("/signed/a.txt", "/signed/show.php", "/live/room7/x"):
        assert web.curl(signed(path), *options, tls=tls).status == 200
        assert web.curl(signed(path, "path"), *options, tls=tls).status == 200
        web.is_refusal(web.curl(path, *options, tls=tls), "no-token")
        web.is_refusal(web.curl(signed(path, expires=-9), *options, tls=tls), "expired", 410)


# SPEC [token-7]
def test_names_in_other_scripts(web):
    web.allowed(signed("/signed/caf\u00e9 1.txt"), shows="named")
    web.allowed("/signed/caf%c3%a9%201.txt?avc=" + token("/signed/caf\u00e9 1.txt"), shows="named")


# SPEC [require-1]
def test_require_form_takes_any_purpose(serve_once):
    config = """
    AvcKeyFile "@keys@"
    <Location "/up">
        Require avc-token upload
    </Location>
    <Location "/page">
        Require avc-token session
    </Location>
    """
    server = serve_once(config, docroot={"up/a.txt": "content", "page/a.txt": "content"})
    server.allowed(signed("/page/a.txt", purpose="session"), shows="content")
    cookie = [("Cookie", "__Host-avc=" + token("/page/a.txt", purpose="session"))]
    server.allowed("/page/a.txt", headers=cookie, shows="content")
    server.allowed(signed("/up/a.txt", purpose="upload"), "HEAD")
    for target, reason in ((signed("/up/a.txt"), "purpose"), ("/up/a.txt", "no-token"),
                           (signed("/up/a.txt", purpose="upload"), "method")):
        assert server.ask(target).status == 403
        server.log.claim(r"AVC\d{4}: %s: " % reason)
        server.log.disregard("AH01630")


def test_everything_loads_without_the_usual_modules(serve_once):
    """A lean httpd: no rewrite, no alias, no dir, no compat."""
    server = serve_once('AvcKeyFile "@keys@"\n<Location "/signed">\nAvcSignedURL On\n</Location>\n',
                        modules=["authz_core", "mime"], docroot={"signed/a.txt": "content"})
    server.allowed(signed("/signed/a.txt"), shows="content")
    server.refused("/signed/a.txt", "no-token")
