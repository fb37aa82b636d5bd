# SPDX-License-Identifier: Apache-2.0
# What an owner says of caching and of browsers for his whole site, by mod_headers and mod_expires
# in any place, loosens nothing of a private answer: a cache in front never gives it to a stranger.
# What he says stricter stays.
import re
import time
from email.utils import parsedate_to_datetime

import pytest

from avc import backend as behind
from avc import caches, client, tokens
from avc.httpd import USUAL

YEAR = "public, max-age=31536000"
FUTURE = "Thu, 01 Jan 2099 00:00:00 GMT"
LOOSE = {
    "set": 'Header set Cache-Control "%s"' % YEAR,
    "always set": 'Header always set Cache-Control "%s"' % YEAR,
    "both": 'Header set Cache-Control "%s"\nHeader always set Cache-Control "%s"' % (YEAR, YEAR),
    "append": 'Header append Cache-Control "%s"' % YEAR,
    "merge": 'Header merge Cache-Control "s-maxage=600"',
    "add": 'Header add Cache-Control "%s, s-maxage=600"' % YEAR,
    "setifempty": 'Header setifempty Cache-Control "%s"' % YEAR,
    "edit": 'Header edit Cache-Control "^.*$" "%s"' % YEAR,
    "edit all": 'Header edit* Cache-Control "private" "public"',
    "unset": 'Header unset Cache-Control\nHeader unset Expires\nHeader set Expires "%s"' % FUTURE,
    "always unset": 'Header always unset Cache-Control\nHeader always set Expires "%s"' % FUTURE,
    "expires": 'Header unset Cache-Control\nHeader set Expires "%s"' % FUTURE,
    "another kind of date": 'Header set Cache-Control ""\nHeader set Expires "Thu, 01-Jan-2099 00:00:00 UTC"',
    "capitals": 'Header set cache-control "PUBLIC, MAX-AGE=\\"31536000\\""',
    "stale": 'Header set Cache-Control "max-age=1, stale-while-revalidate=600, stale-if-error=600"',
    "immutable": 'Header set Cache-Control "max-age=31536000, immutable"',
    "must-understand": 'Header set Cache-Control "public, max-age=600, must-understand, no-store"',
    "quoted list": 'Header set Cache-Control "no-cache=\\"Set-Cookie, x\\", public, max-age=600"',
    "private for a field": 'Header set Cache-Control "private=\\"Set-Cookie\\", max-age=600"',
    "nginx's own": "Header set X-Accel-Expires 600\nHeader set Cache-Control public",
    "nginx's own, always": "Header always set X-Accel-Expires 600\nHeader always set Cache-Control public",
    "for surrogates": 'Header set Surrogate-Control "max-age=600"\nHeader set CDN-Cache-Control "max-age=600"\n'
                      'Header set Cloudflare-CDN-Cache-Control "max-age=600"\nHeader set Edge-Control "max-age=600"\n'
                      'Header always set Netlify-CDN-Cache-Control "max-age=600"\nHeader set Pragma public',
    "mod_expires": 'ExpiresActive On\nExpiresDefault "access plus 1 year"',
    "mod_expires by type": 'ExpiresActive On\nExpiresByType text/plain "access plus 1 year"\n'
                           'ExpiresByType image/jpeg "modification plus 40 years"',
    "mod_expires and public": 'ExpiresActive On\nExpiresDefault "access plus 1 year"\n'
                              'Header append Cache-Control public',
}
NAMES = sorted(LOOSE)
PLACES = ("server", "location", "htaccess")


def cases(place, lines=LOOSE):
    """The lines of each case, for requests that name it in X-Case."""
    return "".join("<If \"%%{HTTP:X-Case} == '%s %s'\">\n%s\n</If>\n" % (place, name.replace("'", ""), text)
                   for name, text in sorted(lines.items()))


CONFIG = """
AvcKeyFile "@keys@"
AvcMediaServer 127.0.0.2
ProxyPass "/signed/behind/" "http://127.0.0.1:@back@/"
""" + cases("server") + """
<Location "/files">
    AvcFiles "@private@"
    """ + cases("location") + """
</Location>
<Location "/signed">
    AvcSignedURL On
    """ + cases("location") + """
</Location>
<Location "/open">
    """ + cases("location") + """
</Location>
<Location "/for-the-media-server">
    AvcMediaServerOnly On
    """ + cases("location") + """
</Location>
"""
SECRET = "PRIVATE-CONTENT"
HTACCESS = cases("htaccess")
DOCROOT = {"signed/a.txt": SECRET, "signed/.htaccess": HTACCESS, "open/a.txt": "everybody's",
           "open/.htaccess": HTACCESS, "signed/dir/index.html": SECRET, "for-the-media-server/a.txt": SECRET,
           "for-the-media-server/.htaccess": HTACCESS}


@pytest.fixture(scope="module")
def backend():
    server = behind.Backend()
    yield server
    server.close()


@pytest.fixture(scope="module")
def web(serve, backend):
    return serve(CONFIG, docroot=DOCROOT, back=backend.port,
                 private={"a.txt": SECRET, "big.bin": "x" * 100000, "a.html": "<html>", "a.jpg": "picture"})


@pytest.fixture(scope="module")
def front(web):
    with caches.nginx(web) as server:
        yield server


@pytest.fixture(scope="module")
def other_front(serve, web):
    return caches.in_httpd(serve, web)


def case(place, name):
    return [("X-Case", "%s %s" % (place, name.replace("'", "")))]


def carried(carrier, path, **how):
    """Target and headers that bring a token for this path."""
    if carrier == "cookie":
        return path, [("Cookie", "__Host-avc=" + tokens.token(path, **how))]
    if carrier == "header":
        return path, [("Authorization", "Bearer " + tokens.token(path, **how))]
    return tokens.signed(path, carrier, **how), []


def assert_private(answer, left, asked=None):
    """Nobody else may keep it, and its client no longer than that."""
    words = answer.words("Cache-Control")
    assert len(answer.all("Cache-Control")) == 1 and ("private" in words or "no-store" in words), answer
    for word in words:
        assert re.fullmatch(r"private|no-store|no-cache(=.*)?|x\"|must-revalidate|max-age=\d+", word), answer
        if word.startswith("max-age="):
            assert int(word.split("=")[1]) <= left, answer
    assert len(answer.all("Expires")) <= 1
    if answer.get("Expires"):
        assert parsedate_to_datetime(answer.get("Expires")).timestamp() <= time.time() + left + 1, answer
    for name in ("Surrogate-Control", "CDN-Cache-Control", "Cloudflare-CDN-Cache-Control", "Edge-Control",
                 "Netlify-CDN-Cache-Control", "X-Accel-Expires"):
        assert answer.get(name) is None, answer
    assert answer.get("Pragma") in (None, "no-cache"), answer


# -- caches

# SPEC [answer-7]
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", NAMES)
def test_a_stranger_never_gets_the_private_answer(web, front, other_front, name, place):
    for path in ("/signed/a.txt",) if place == "htaccess" else ("/signed/a.txt", "/files/a.txt"):
        for carrier in ("query", "path", "cookie", "header"):
            target, headers = carried(carrier, path, expires=100)
            for port in (front.port, other_front.port):
                for _ in range(2):
                    answer = client.request(port, target, headers=headers + case(place, name))
                    assert answer.text == SECRET and not caches.is_hit(answer), answer
                    assert_private(answer, 100)
                answer = client.request(port, path, headers=case(place, name))
                assert answer.status == 403 and SECRET not in answer.text, answer
    web.log.disregard(r"AVC0001: no-token: ")


@pytest.mark.parametrize("place", PLACES)
def test_the_caches_do_keep_what_is_everybodys(front, other_front, place):
    """Else the test above says nothing."""
    for port in (front.port, other_front.port):
        for name in ("set", "mod_expires", "always set"):
            answers = [client.request(port, "/open/a.txt", headers=case(place, name)) for _ in range(3)]
            assert caches.is_hit(answers[-1]) and answers[-1].text == "everybody's", answers
            assert "max-age=31536000" in answers[-1].get("Cache-Control"), answers


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", NAMES)
def test_what_only_an_address_opens_is_private_as_well(web, name, place):
    answer = web.allowed("/for-the-media-server/a.txt", headers=case(place, name), source="127.0.0.2", shows=SECRET)
    assert_private(answer, 100 * 366 * 86400)


def test_mod_cache_itself_keeps_nothing_of_it(serve_once):
    lines = "".join("<If \"%%{HTTP:X-Case} == 'x %s'\">\n%s\n</If>\n" % (name.replace("'", ""), text)
                    for name, text in sorted(LOOSE.items()))
    web = serve_once(CONFIG.replace("ProxyPass", "#ProxyPass") + lines + caches.HTTPD.split("ProxyPreserveHost On")[1] +
                     "CacheStorePrivate On\nCacheStoreNoStore On\nCacheIgnoreCacheControl On\n",
                     modules=USUAL + ["cache", "cache_disk"], docroot=DOCROOT, private={"a.txt": SECRET})
    for name in NAMES:
        for path in ("/signed/a.txt", "/files/a.txt"):
            for carrier in ("query", "path", "cookie"):
                target, headers = carried(carrier, path)
                for _ in range(2):
                    answer = web.allowed(target, headers=headers + case("x", name), shows=SECRET)
                    assert not caches.is_hit(answer), answer
                answer = web.refused(path, "no-token", headers=case("x", name))
                assert SECRET not in answer.text, answer
    for _ in range(2):
        answer = web.allowed("/open/a.txt", headers=case("x", "set"))
    assert caches.is_hit(answer)


# -- every kind of answer

# SPEC [answer-6]
@pytest.mark.parametrize("place", PLACES[:2])
@pytest.mark.parametrize("name", NAMES)
def test_every_kind_of_answer_is_private(web, backend, name, place):
    said = case(place, name)
    link = tokens.signed("/files/big.bin", expires=100)
    tag = web.ask(link, headers=said).get("ETag")
    for method, headers, status in [
            ("GET", [], 200), ("HEAD", [], 200), ("GET", [("Range", "bytes=0-9")], 206),
            ("GET", [("Range", "bytes=0-9,20-29")], 206), ("GET", [("If-None-Match", tag)], 304),
            ("GET", [("If-Match", '"x"')], 412), ("GET", [("Range", "bytes=999999-")], 416),
            ("OPTIONS", [], 204)]:
        answer = web.ask(link, method, headers + said)
        assert answer.status == status, answer
        assert_private(answer, 100 if method != "OPTIONS" else 100 * 366 * 86400)
        assert method == "OPTIONS" or status == 304 or answer.get("X-Robots-Tag") == "noindex", answer
    for status, extra in [(200, []), (302, [("Location", "/x")]), (301, [("Location", "/x")]), (404, []),
                          (410, []), (500, []), (503, []), (204, []), (203, [])]:
        backend.answers["/x"] = (status, extra, b"")
        answer = web.ask(tokens.signed("/signed/behind/x", expires=100), headers=said)
        assert answer.status == status, answer
        assert_private(answer, 100)
        assert (status == 404) == ("no-store" in answer.words("Cache-Control")) or "must-und" in name, answer
        assert answer.get("X-Robots-Tag") == "noindex" and answer.get("Referrer-Policy"), answer
    for target in ("/signed/dir?" + tokens.signed("/signed/dir", expires=100).split("?")[1],
                   tokens.signed("/files/none", expires=100), tokens.signed("/signed/none", expires=100)):
        answer = web.ask(target, headers=said)
        assert answer.status in (301, 404), answer
        assert_private(answer, 100)
    for target in ("/files/a.txt", "/signed/a.txt", tokens.signed("/files/a.txt", expires=-5, issued=-60)):
        answer = web.ask(target, headers=said)
        assert answer.status in (403, 410) and answer.words("Cache-Control") == ["no-store"], answer
        assert answer.get("Expires") is None and answer.get("X-Robots-Tag") == "noindex"
    web.log.disregard(r"AVC\d{4}: (no-token|expired|not-found): |AH\d+: ")


@pytest.mark.parametrize("name", ["set", "always set", "mod_expires and public", "nginx's own", "unset"])
def test_over_http2_too(serve_once, name):
    web = serve_once(CONFIG.replace("ProxyPass", "#ProxyPass"), docroot=DOCROOT, private={"a.txt": SECRET},
                     http2=True)
    for path in ("/files/a.txt", "/signed/a.txt"):
        answer = web.curl(tokens.signed(path, expires=100), "--http2-prior-knowledge", "-H",
                          "X-Case: server " + name.replace("'", ""))
        assert answer.version == "HTTP/2" and answer.text == SECRET
        assert_private(answer, 100)
        assert answer.get("X-Robots-Tag") == "noindex"


@pytest.mark.parametrize("mpm", ["worker", "prefork"])
def test_in_every_kind_of_process(serve_once, mpm):
    web = serve_once(CONFIG.replace("ProxyPass", "#ProxyPass"), docroot=DOCROOT, private={"a.txt": SECRET}, mpm=mpm)
    for path in ("/files/a.txt", "/signed/a.txt"):
        answer = web.allowed(tokens.signed(path, expires=100), headers=case("server", "set"), shows=SECRET)
        assert_private(answer, 100)


# -- what stays

@pytest.fixture(scope="module")
def owned(serve):
    """lines -> a server whose owner says them for his whole site."""
    servers = {}

    def give(lines, more=""):
        if (lines, more) not in servers:
            servers[lines, more] = serve(
                lines + '\nAvcKeyFile "@keys@"\n<Location "/files">\nAvcFiles "@private@"\n%s</Location>\n'
                '<Location "/signed">\nAvcSignedURL On\n</Location>\n' % more, docroot=DOCROOT,
                private={"a.txt": SECRET, "a.html": "<html>", "a.jpg": "picture", "a.mp4": "film",
                         "live.m3u8": "#EXTM3U"})
        return servers[lines, more]
    return give


# SPEC [answer-8]
@pytest.mark.parametrize("lines, path, want", [
    ('Header set Cache-Control "no-store"', "/files/a.txt", ["private", "no-store", "max-age=100"]),
    ('Header set Cache-Control "no-store"', "/signed/a.txt", ["private", "no-store"]),
    ('Header set Cache-Control "no-cache, must-revalidate, max-age=7"', "/files/a.txt",
     ["private", "no-cache", "must-revalidate", "max-age=7"]),
    ('Header set Cache-Control "no-cache, must-revalidate, max-age=7"', "/signed/a.txt",
     ["private", "no-cache", "must-revalidate", "max-age=7"]),
    ('Header set Cache-Control "public, max-age=600"', "/files/live.m3u8", ["private", "max-age=0"]),
    ('Header set Cache-Control "no-transform"', "/files/live.m3u8", ["private", "no-transform", "max-age=0"]),
    ('Header set Pragma no-cache', "/signed/a.txt", ["private"]),
])
def test_what_the_owner_says_stricter_of_caching_stays(owned, lines, path, want):
    answer = owned(lines).allowed(tokens.signed(path, expires=100))
    words = [w if not w.startswith("max-age=9") else "max-age=100" for w in answer.words("Cache-Control")]
    assert words == want, answer
    assert answer.get("Pragma") == ("no-cache" if "Pragma" in lines else None)


POLICY = "Content-Security-Policy"
SANDBOX = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox"


# SPEC [answer-8]
@pytest.mark.parametrize("lines, second", [
    ("", None),
    ("Header set %s \"default-src *; script-src 'unsafe-inline' *\"" % POLICY,
     "default-src *; script-src 'unsafe-inline' *"),
    ("Header always set %s \"frame-ancestors 'none'\"" % POLICY, "frame-ancestors 'none'"),
    ("Header append %s \"frame-ancestors 'none'\"" % POLICY, "frame-ancestors 'none'"),
    ("Header merge %s \"frame-ancestors 'none'\"" % POLICY, "frame-ancestors 'none'"),
    ("Header add %s \"frame-ancestors 'none'\"" % POLICY, "frame-ancestors 'none'"),
    ("Header setifempty %s \"frame-ancestors 'none'\"" % POLICY, "frame-ancestors 'none'"),
    ("Header edit %s sandbox x" % POLICY, None),
    ("Header edit* %s . x" % POLICY, None),
    ("Header unset %s\nHeader always unset %s" % (POLICY, POLICY), None),
])
@pytest.mark.parametrize("over", ["HTTP/1.1", "HTTP/2"])
def test_an_owners_content_policy_is_a_second_one(serve_once, lines, second, over):
    web = serve_once(lines + '\nAvcKeyFile "@keys@"\n<Location "/files">\nAvcFiles "@private@"\n</Location>\n',
                     private={"a.html": "<html>"}, http2=True)
    answer = (web.curl if over == "HTTP/2" else web.allowed)(
        tokens.signed("/files/a.html"), *(["--http2-prior-knowledge"] if over == "HTTP/2" else []))
    assert answer.all(POLICY) == [SANDBOX] + ([second] if second else []), answer


# SPEC [answer-8]
@pytest.mark.parametrize("lines, name, want", [
    ("", "a.txt", 'inline; filename="a.txt"'), ("", "a.html", 'attachment; filename="a.html"'),
    ("Header set Content-Disposition inline", "a.html", 'attachment; filename="a.html"'),
    ("Header always set Content-Disposition inline", "a.html", 'attachment; filename="a.html"'),
    ("Header unset Content-Disposition", "a.html", 'attachment; filename="a.html"'),
    ("Header edit Content-Disposition attachment inline", "a.html", 'attachment; filename="a.html"'),
    ('Header set Content-Disposition "inline, attachment"', "a.html", 'attachment; filename="a.html"'),
    ('Header set Content-Disposition "inline; attachment"', "a.html", 'attachment; filename="a.html"'),
    ("Header set Content-Disposition attachment", "a.txt", "attachment"),
    ("Header always set Content-Disposition attachment", "a.txt", "attachment"),
    ('Header set Content-Disposition "Attachment ; filename=x.bin"', "a.txt", "Attachment ; filename=x.bin"),
    ("Header append Content-Disposition inline", "a.html", 'attachment; filename="a.html"'),
    ("Header set Content-Disposition attachments", "a.txt", 'inline; filename="a.txt"'),
])
def test_a_file_may_become_a_download_but_never_the_other_way(owned, lines, name, want):
    answer = owned(lines).allowed(tokens.signed("/files/" + name))
    assert answer.all("Content-Disposition") == [want], answer


@pytest.mark.parametrize("lines", [
    "Header set X-Content-Type-Options none", "Header always set X-Content-Type-Options sniff",
    "Header unset X-Content-Type-Options", "Header append X-Content-Type-Options x",
    'Header set Content-Type "text/html"', 'Header always set Content-Type "text/html"',
    'Header setifempty Content-Type "text/html"', 'Header edit Content-Type "^.*$" "text/html"',
    "Header unset Content-Type", "ForceType text/html", "AddDefaultCharset utf-8", "DefaultType text/html",
    "Header add Content-Type text/html"])
def test_a_file_is_read_as_what_it_is(owned, lines):
    lines = "" if lines.startswith("DefaultType") else lines
    for name, want in (("a.html", "application/octet-stream"), ("a.jpg", "image/jpeg"),
                       ("a.txt", "text/plain; charset=utf-8")):
        answer = owned(lines).allowed(tokens.signed("/files/" + name))
        assert answer.all("X-Content-Type-Options") == ["nosniff"], answer
        assert answer.all("Content-Type") == [want], answer


def test_an_owner_may_call_everything_a_download(owned):
    answer = owned('Header set Content-Type "application/octet-stream"').allowed(tokens.signed("/files/a.jpg"))
    assert answer.all("Content-Type") == ["application/octet-stream"], answer


ORIGINS = "AvcOrigins https://other.example\n"
ANY = "AvcFilesPolicy cross-origin\n"


# SPEC [conf-18]
@pytest.mark.parametrize("more, lines, want", [
    ("", "", "same-site"), (ANY, "", "cross-origin"), (ORIGINS, "", "cross-origin"),
    (ANY + "AvcOrigins none\n", "", "cross-origin"), ("AvcFilesPolicy same-site\n", "", "same-site"),
    ("AvcFilesPolicy SAME-SITE\n" + ORIGINS, "", "cross-origin"),
    ("", "Header set %s cross-origin", "same-site"), ("", "Header always set %s cross-origin", "same-site"),
    ("", "Header unset %s", "same-site"), ("", "Header set %s Cross-Origin", "same-site"),
    ("", "Header set %s nonsense", "same-site"), ("", "Header append %s cross-origin", "same-site"),
    ("", "Header set %s same-origin", "same-origin"), (ANY, "Header always set %s same-origin", "same-origin"),
    (ANY, "Header set %s same-site", "same-site"), (ORIGINS, "Header set %s same-site", "same-site"),
    (ANY, "Header set %s SAME-ORIGIN", "cross-origin"),
])
def test_who_may_embed_a_file(owned, more, lines, want):
    name = "Cross-Origin-Resource-Policy"
    web = owned(lines.replace("%s", name), more)
    for method, headers in (("GET", []), ("HEAD", []), ("GET", [("Range", "bytes=0-1")])):
        answer = web.ask(tokens.signed("/files/a.jpg"), method, headers)
        assert answer.all(name) == [want], answer


@pytest.mark.parametrize("line", ["AvcFilesPolicy", "AvcFilesPolicy same-origin", "AvcFilesPolicy same-site x",
                                  "AvcFilesPolicy *", "AvcFilesPolicy none"])
def test_a_policy_that_is_none_is_refused(serve_once, line):
    status, printed = serve_once('AvcKeyFile "@keys@"\n' + line, begin=False).configtest()
    assert status != 0 and "AvcFilesPolicy" in printed, printed


# SPEC [answer-10]
@pytest.mark.parametrize("lines, want", [
    ("", ["noindex"]), ("Header set X-Robots-Tag noindex", ["noindex"]), ("Header set X-Robots-Tag none", ["none"]),
    ("Header set X-Robots-Tag NoIndex,nofollow", ["NoIndex,nofollow"]),
    ("Header set X-Robots-Tag all", ["all", "noindex"]), ("Header set X-Robots-Tag nofollow", ["nofollow", "noindex"]),
    ("Header always set X-Robots-Tag index", ["index", "noindex"]), ("Header unset X-Robots-Tag", ["noindex"]),
    ('Header set X-Robots-Tag "otherbot: noindex"', ["otherbot: noindex", "noindex"]),
    ('Header set X-Robots-Tag "otherbot: nofollow, noindex"', ["otherbot: nofollow, noindex", "noindex"]),
])
def test_no_search_engine_lists_a_judged_answer(owned, lines, want):
    web = owned(lines)
    for path in ("/files/a.txt", "/signed/a.txt"):
        assert web.allowed(tokens.signed(path)).all("X-Robots-Tag") == want
    assert web.ask("/signed/a.txt").all("X-Robots-Tag")[-1] == (want[-1] if "always" in lines or not lines
                                                                else web.ask("/signed/a.txt").get("X-Robots-Tag"))
    web.log.disregard("AVC0001: no-token: ")
    opened = web.allowed("/open/a.txt")
    assert opened.get("X-Robots-Tag") == (None if "unset" in lines or not lines else want[0])


@pytest.mark.parametrize("lines, want", [
    ('Header set Referrer-Policy "unsafe-url"', "strict-origin-when-cross-origin"),
    ('Header always set Referrer-Policy "unsafe-url"', "strict-origin-when-cross-origin"),
    ('Header always set Referrer-Policy "no-referrer"\nHeader set Referrer-Policy "unsafe-url"',
     "strict-origin-when-cross-origin"),
    ('Header always set Referrer-Policy "unsafe-url"\nHeader set Referrer-Policy "no-referrer"', "no-referrer"),
    ('Header set Referrer-Policy "same-origin, nonsense"', "same-origin"),
    ('Header set Referrer-Policy "no-referrer, origin"', "strict-origin-when-cross-origin"),
    ('Header set Referrer-Policy "Same-Origin"', "Same-Origin"),
    ("Header unset Referrer-Policy", "strict-origin-when-cross-origin"),
])
def test_the_last_policy_that_browsers_know_counts(owned, lines, want):
    for path in ("/files/a.txt", "/signed/a.txt"):
        answer = owned(lines).allowed(tokens.signed(path))
        assert answer.all("Referrer-Policy") == [want], answer


def test_a_page_below_a_path_token_that_nobody_asks_for_tells_it_nobody(owned):
    """Its relative links inherit the token; its address has it."""
    web = owned('Header set Referrer-Policy "unsafe-url"')
    answer = web.allowed(tokens.signed("/open/a.txt", "path", dir=1))
    assert answer.get("Referrer-Policy") == "strict-origin-when-cross-origin", answer
    assert answer.get("X-Robots-Tag") == "noindex", answer
    assert web.allowed("/open/a.txt").get("Referrer-Policy") == "unsafe-url"
