# SPDX-License-Identifier: Apache-2.0
# Pages that mod_include makes of parts: a page is as private as its most private part, whatever
# mod_expires and mod_headers say of it, and no cache keeps it, nor the part. In a host with a
# protection it is held until its end or 64 KiB; elsewhere it goes out as it comes.
import os
import re
import secrets
import threading

import pytest

from avc import caches, client, settings, tokens
from avc.httpd import USUAL

SECRET = "PRIVATE-PART"
MODULES = USUAL + ["include", "cache", "cache_disk"]
RUNS = {"event": "cgid", "worker": "cgid", "prefork": "cgi"}
SAY = "#!/bin/sh\nprintf 'Content-Type: text/plain\\r\\nCache-Control: public, max-age=600\\r\\n\\r\\n%s'\n"
TOKEN_CGI = ("#!/bin/sh\nprintf 'Content-Type: text/plain\\r\\nCache-Control: public, max-age=600\\r\\n"
             "Expires: Thu, 01 Jan 2099 00:00:00 GMT\\r\\n\\r\\n%s %s' token: \"$AVC_TOKEN\"\n")

KEPT = """
CacheRoot "@root@/run"
CacheEnable disk "/"
CacheQuickHandler Off
CacheIgnoreQueryString On
CacheIgnoreNoLastMod On
CacheDefaultExpire 600
CacheHeader On
CacheIgnoreCacheControl On
CacheStoreNoStore On
CacheStorePrivate On
"""
CONFIG = """
AvcKeyFile "@keys@"
AvcMediaServer 127.0.0.2
AvcTokenSubject none
ExpiresActive On
ExpiresDefault "access plus 600 seconds"
AddType text/html .shtml
AddOutputFilter INCLUDES .shtml
<Location "/session">
    AvcSessionFor connect
</Location>
<Location "/signed">
    AvcSignedURL On
</Location>
<Location "/files">
    AvcFiles "@private@"
</Location>
<Location "/address">
    AvcMediaServerOnly On
</Location>
<Location "/call">
    AvcMediaServerOnly On
    AvcMediaServerProof token
</Location>
<Location "/required">
    Require avc-token session
</Location>
<Directory "@docroot@/bydir">
    AvcSessionFor connect
</Directory>
<Location "/token">
    AvcTokenEnv On
</Location>
<Location "/always">
    Header always set Cache-Control "public, max-age=31536000"
    Header set Cache-Control "public, max-age=31536000"
</Location>
"""
DIRECTORY = "Options +Includes +ExecCGI\nAddHandler cgi-script .cgi\nAllowOverride All\nRequire all granted"

# What a page includes, and what opens it: the purpose of a token, or an address.
PARTS = {
    "a session's": ('virtual="/session/a.txt"', "session"), "a signed": ('virtual="/signed/a.txt"', "file"),
    "a private file": ('virtual="/files/a.txt"', "file"), "a media server's": ('virtual="/address/a.txt"', None),
    "a call's": ('virtual="/call/a.txt"', "call"), "a required": ('virtual="/required/a.txt"', "session"),
    "a script": ('virtual="/session/a.cgi"', "session"), "a directory's": ('virtual="/bydir/a.txt"', "session"),
    "a file by its name": ('file="session/a.txt"', "session"), "a part of a part": ('virtual="/open/middle.shtml"', "session"),
    "a redirected": ('virtual="/open/moved.cgi"', "session"), "an index": ('virtual="/session/"', "session"),
}


def page(element, before="before ", after=" after"):
    return before + "<!--#include %s -->" % element + after


def files():
    pages = {"open/%s.shtml" % name.replace(" ", "-").replace("'", ""): page(element)
             for name, (element, _) in PARTS.items()}
    pages.update({name.replace("open/", "always/"): text for name, text in pages.items()})
    pages["a-file-by-its-name.shtml"] = page(PARTS["a file by its name"][0])
    pages["always/a-file-by-its-name.shtml"] = page('virtual="/a-file-by-its-name.shtml"')
    pages["open/exec.shtml"] = 'before <!--#exec cgi="/session/a.cgi" --> after'
    pages.update({
        "session/a.txt": SECRET, "signed/a.txt": SECRET, "address/a.txt": SECRET, "call/a.txt": SECRET,
        "required/a.txt": SECRET, "bydir/a.txt": SECRET, "session/index.html": SECRET,
        "session/a.cgi": ("mode", 0o755, SAY % SECRET), "open/middle.shtml": page('virtual="/session/a.txt"'),
        "open/moved.cgi": ("mode", 0o755, "#!/bin/sh\nprintf 'Location: /session/a.txt\\r\\n\\r\\n'\n"),
        "open/plain.shtml": page('virtual="/open/a.txt"'), "open/a.txt": "everybody's",
        "open/sizes.shtml": '<!--#fsize virtual="/open/a.txt" -->',
        "token/a.cgi": ("mode", 0o755, TOKEN_CGI), "token/page.shtml": page('virtual="/token/a.cgi"'),
        "token/twice.shtml": page('virtual="/token/nested.shtml"'),
        "token/nested.shtml": 'nested <!--#echo var="AVC_TOKEN" --> <!--#include virtual="/token/a.cgi" -->',
        "open/echo.shtml": 'token: <!--#echo var="AVC_TOKEN" -->',
        "token/elsewhere.shtml": page('virtual="/open/echo.shtml"'),
    })
    return pages


@pytest.fixture(scope="module", params=["event", "worker", "prefork"])
def web(request, serve):
    return serve(CONFIG, modules=MODULES + [RUNS[request.param]], mpm=request.param, docroot=files(),
                 private={"a.txt": SECRET}, directory=DIRECTORY)


@pytest.fixture(scope="module")
def event(serve):
    """One server for what does not depend on the kind of process, with HTTP/2."""
    return serve(CONFIG, modules=MODULES + ["cgid"], docroot=files(), private={"a.txt": SECRET}, directory=DIRECTORY,
                 http2=True)


def path_of(name, below="/open"):
    if name == "a file by its name" and below == "/open":
        return "/a-file-by-its-name.shtml"
    return "%s/%s.shtml" % (below, name.replace(" ", "-").replace("'", ""))


def opened_by(purpose, path, **how):
    """Target, headers and source of a request that may have the part."""
    if purpose is None:
        return {"target": path, "source": "127.0.0.2"}
    if purpose == "session":
        return {"target": path + "?avc=" + tokens.token("/", purpose="session", **how)}
    if purpose == "call":
        how.setdefault("expires", 100)
    return {"target": tokens.signed(path, purpose=purpose, **how)}


def ask(web, asked):
    asked = dict(asked)
    answer = web.ask(asked.pop("target"), **asked)
    web.log.disregard(r"AH\d+: |unable to include|AVC\d{4}: ")
    return answer


def assert_private(answer, left=None):
    words = answer.words("Cache-Control")
    assert ("private" in words or "no-store" in words) and "public" not in words, answer
    ages = [int(word.split("=")[1]) for word in words if word.startswith("max-age")]
    assert left is None or all(age <= left for age in ages), answer


def strangers_see_nothing(web, port, path):
    for _ in range(2):
        answer = client.request(port, path, source="127.0.0.9")
        assert answer.status == 200 and SECRET not in answer.text and not caches.is_hit(answer), answer
    web.log.disregard(r"AH\d+: |unable to include|AVC\d{4}: ")


# -- as private as its most private part

# SPEC [answer-9]
@pytest.mark.parametrize("below", ["/open", "/always"])
@pytest.mark.parametrize("name", sorted(PARTS))
def test_a_page_is_as_private_as_its_part(web, name, below):
    path = path_of(name, below)
    answer = ask(web, opened_by(PARTS[name][1], path, expires=100))
    assert answer.status == 200 and SECRET in answer.text and "after" in answer.text, answer
    assert_private(answer, 100 if PARTS[name][1] else None)
    assert answer.get("Content-Length"), "held to its end, its length is known"
    answer = ask(web, {"target": path, "source": "127.0.0.9"})
    assert answer.status == 200 and SECRET not in answer.text and "after" in answer.text, answer
    assert_private(answer)


def test_a_page_of_parts_that_are_everybodys_stays_everybodys(web):
    for path in ("/open/plain.shtml", "/open/sizes.shtml"):
        answer = web.allowed(path)
        assert answer.words("Cache-Control") == ["max-age=600"], answer


@pytest.mark.parametrize("name", sorted(PARTS))
def test_over_http2_and_http10_and_head(event, name):
    path = path_of(name)
    asked = opened_by(PARTS[name][1], path, expires=100)
    source = asked.get("source")
    answers = [event.curl(asked["target"], "--http2-prior-knowledge", source=source),
               event.ask(asked["target"], version="1.0", source=source),
               event.ask(asked["target"], "HEAD", source=source),
               event.curl(asked["target"], "--http2-prior-knowledge", "-I", source=source)]
    event.log.disregard(r"AH\d+: |unable to include|AVC\d{4}: ")
    assert [answer.version for answer in answers] == ["HTTP/2", "HTTP/1.1", "HTTP/1.1", "HTTP/2"]
    for answer in answers:
        assert answer.status == 200
        assert_private(answer, 100 if PARTS[name][1] else None)
    assert all(SECRET in answer.text for answer in answers[:2])


def test_a_range_of_a_page(event):
    asked = opened_by("session", path_of("a session's"), expires=100)
    for wanted in ("bytes=0-9", "bytes=0-3,8-20", "bytes=9999-"):
        answer = ask(event, dict(asked, headers=[("Range", wanted)]))
        assert answer.status in (200, 206, 416)
        assert_private(answer, 100)


def test_a_part_that_is_executed(event):
    answer = ask(event, opened_by("session", "/open/exec.shtml", expires=100))
    assert SECRET in answer.text
    assert_private(answer, 100)


# -- caches

def cached(serve_once, mpm="event", **how):
    return serve_once(CONFIG + KEPT, modules=MODULES + [RUNS[mpm]], mpm=mpm, docroot=files(),
                      private={"a.txt": SECRET}, directory=DIRECTORY, **how)


def kept(web):
    """What mod_cache has on disk."""
    found = b""
    for folder, _, names in os.walk(os.path.join(web.root, "run")):
        for name in names:
            if name.endswith((".data", ".header")):
                with open(os.path.join(folder, name), "rb") as file:
                    found += file.read()
    return found


@pytest.mark.parametrize("mpm", sorted(RUNS))
def test_mod_cache_keeps_neither_page_nor_part(serve_once, mpm):
    web = cached(serve_once, mpm)
    for name in sorted(PARTS):
        for path in (path_of(name), path_of(name, "/always")):
            for _ in range(2):
                answer = ask(web, opened_by(PARTS[name][1], path))
                assert SECRET in answer.text and not caches.is_hit(answer), (name, answer)
            strangers_see_nothing(web, web.port, path)
    assert SECRET.encode() not in kept(web)
    for _ in range(2):
        answer = web.allowed("/open/plain.shtml")
    assert caches.is_hit(answer), "what is everybody's is kept, or this test says nothing"


def test_caches_in_front_keep_nothing_of_it(web, serve_once):
    with caches.nginx(web) as front:
        other = caches.in_httpd(serve_once, web)
        for name in sorted(PARTS):
            purpose = PARTS[name][1]
            if purpose is None:
                continue
            for path in (path_of(name), path_of(name, "/always")):
                for port in (front.port, other.port):
                    for _ in range(2):
                        answer = client.request(port, opened_by(purpose, path)["target"])
                        assert SECRET in answer.text and not caches.is_hit(answer), (name, answer)
                    strangers_see_nothing(web, port, path)
        for port in (front.port, other.port):
            answers = [client.request(port, "/open/plain.shtml") for _ in range(2)]
            assert caches.is_hit(answers[-1]), answers


TOKEN = re.compile(r"avc1~[A-Za-z0-9._~-]+")


@pytest.mark.parametrize("mpm", sorted(RUNS))
@pytest.mark.parametrize("path", ["/token/page.shtml", "/token/twice.shtml", "/token/a.cgi", "/token/nested.shtml",
                                  "/token/elsewhere.shtml"])
def test_nobody_gets_anothers_token(serve_once, mpm, path):
    """The script says max-age, and is asked for itself and as a part, by one after the other."""
    web = cached(serve_once, mpm)
    seen = []
    for target in (path, "/token/a.cgi", path, "/token/nested.shtml", path, "/open/echo.shtml", "/token/elsewhere.shtml"):
        answer = web.allowed(target)
        found = set(TOKEN.findall(answer.text))
        assert len(found) <= 1 and not found & set(seen), answer
        assert not found or answer.words("Cache-Control") == ["no-store"], answer
        assert not caches.is_hit(answer) or not found
        seen += found
    assert len(seen) >= 5 and b"avc1~" not in kept(web)


def test_a_cache_in_front_gives_nobody_anothers_token(web):
    with caches.nginx(web) as front:
        for path in ("/token/page.shtml", "/token/a.cgi", "/token/twice.shtml"):
            found = [TOKEN.search(client.request(front.port, path).text).group(0) for _ in range(3)]
            assert len(set(found)) == 3


# -- holding

SLOW = """#!/bin/sh
printf 'Content-Type: text/plain\\r\\n\\r\\nfirst '
while [ ! -e "@root@/run/go" ]; do sleep 0.05; done
printf last
"""
LONG = "x" * 70000


def slow(serve_once, config, more=None):
    web = serve_once(config + '\nAddOutputFilter INCLUDES .shtml\nAddType text/html .shtml\nExpiresActive On\n'
                     'ExpiresDefault "access plus 600 seconds"\n', modules=USUAL + ["include", "cgid"],
                     directory=DIRECTORY, keys=tokens.KEY_FILE,
                     docroot=dict({"open/slow.shtml": page('virtual="/open/slow.cgi"', "begin "),
                                   "open/long.shtml": page('virtual="/open/slow.cgi"', LONG),
                                   "session/a.txt": SECRET}, **(more or {})))
    path = os.path.join(web.docroot, "open", "slow.cgi")
    with open(path, "w") as out:
        out.write(SLOW.replace("@root@", web.root))
    os.chmod(path, 0o755)
    settings.give(path)
    return web


def let_go(web):
    path = os.path.join(web.root, "run", "go")
    open(path, "w").close()
    settings.give(path)


def begin(web, target, wanted, version="1.1", seconds=3):
    """Asks; the connection, and what came until `wanted` did, or nothing did for so long."""
    sock = client.connect(web.port)
    sock.sendall(client.compose(target, version=version))
    sock.settimeout(seconds)
    got = b""
    try:
        while wanted not in got:
            piece = sock.recv(65536)
            if not piece:
                break
            got += piece
    except TimeoutError:
        pass
    sock.settimeout(20)
    return sock, got


PROTECTED = 'AvcKeyFile "@keys@"\n<Location "/session">\nAvcSessionFor connect\n</Location>\n'


@pytest.mark.parametrize("config", [
    "", '<Location "/session">\nAvcSignedURL Off\n</Location>\n',
    '<VirtualHost 127.0.0.1:@port@>\nServerName chat.example\nDocumentRoot "@docroot@"\n</VirtualHost>\n'
    '<VirtualHost 127.0.0.1:@port@>\nServerName other.example\nDocumentRoot "@private@"\n' + PROTECTED + "</VirtualHost>\n"])
def test_without_a_protection_a_page_goes_out_as_it_comes(serve_once, config):
    web = slow(serve_once, config)
    sock, got = begin(web, "/open/slow.shtml", b"first", seconds=20)
    assert b"begin" in got and b"first" in got and b"max-age=600" in got and b"private" not in got, got
    let_go(web)
    assert b"last" in client.read_all(sock)


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_in_a_host_with_a_protection_a_page_is_held_to_its_end(serve_once, version):
    web = slow(serve_once, PROTECTED)
    sock, got = begin(web, "/open/slow.shtml", b"begin", version, seconds=1)
    assert got == b""
    let_go(web)
    answer = client.parse(client.read_all(sock))
    assert answer.text == "begin first last after" and answer.words("Cache-Control") == ["max-age=600"], answer


# SPEC [answer-9]
def test_a_long_page_goes_out_at_64_kib_and_is_private(serve_once):
    web = slow(serve_once, PROTECTED)
    sock, got = begin(web, "/open/long.shtml", b"x" * 1000, seconds=20)
    assert b"private" in got and b"public" not in got, got[:500]
    let_go(web)
    rest = client.read_all(sock)
    assert b"last" in rest and b"after" in rest


@pytest.mark.parametrize("length", [0, 1, 8000, 65000, 65535, 65536, 65537, 66000, 131072, 1000000])
@pytest.mark.parametrize("how", ["HTTP/1.1", "HTTP/1.0", "HTTP/2"])
def test_pages_of_every_length_come_whole(event, length, how):
    name = "open/length-%d.shtml" % length
    path = os.path.join(event.docroot, name)
    text = ("0123456789abcdef" * (length // 16 + 1))[:length]
    if not os.path.exists(path):
        with open(path, "w") as out:
            out.write(text)
        settings.give(path)
    answer = (event.curl("/" + name, "--http2-prior-knowledge") if how == "HTTP/2" else
              event.ask("/" + name, version=how[5:]))
    assert answer.text == text and ("private" in answer.words("Cache-Control")) == (length > 65536), answer
    assert answer.get("Expires")
    path = os.path.join(event.docroot, name + ".shtml")
    with open(path, "w") as out:
        out.write(page('virtual="/%s"' % name, "<", ">"))
    settings.give(path)
    answer = (event.curl("/" + name + ".shtml", "--http2-prior-knowledge") if how == "HTTP/2" else
              event.ask("/" + name + ".shtml", version=how[5:]))
    assert answer.text == "<" + text + ">", len(answer.text)


def test_a_long_page_whose_part_is_protected_is_private_whichever_comes_first(event):
    for name, text in (("first", page('virtual="/session/a.txt"', "", LONG)),
                       ("last", page('virtual="/session/a.txt"', LONG, ""))):
        path = os.path.join(event.docroot, "open", "long-%s.shtml" % name)
        with open(path, "w") as out:
            out.write(text)
        settings.give(path)
        for _ in range(2):
            answer = ask(event, opened_by("session", "/open/long-%s.shtml" % name, expires=100))
            assert SECRET in answer.text and len(answer.text) == 70000 + len(SECRET)
            assert_private(answer)


WAYS = {
    "SetOutputFilter": '<Location "/page">\nSetOutputFilter INCLUDES\n</Location>\n',
    "AddOutputFilter": "AddOutputFilter INCLUDES .html\n",
    "with others": "AddOutputFilter INCLUDES;DEFLATE .html\n",
    "SetHandler": '<Location "/page">\nSetHandler server-parsed\n</Location>\n',
    "XBitHack": '<Directory "@docroot@/page">\nXBitHack On\n</Directory>\n',
    "XBitHack full": '<Directory "@docroot@/page">\nXBitHack full\n</Directory>\n',
    "AddOutputFilterByType": "AddOutputFilterByType INCLUDES text/html\n",
    "FilterProvider": 'FilterDeclare gossip\nFilterProvider gossip INCLUDES "%{CONTENT_TYPE} =~ m#^text/html#"\n'
                      "FilterChain gossip\n",
    "FilterProvider at the end": 'FilterDeclare gossip CONTENT_SET\nFilterProvider gossip INCLUDES "true"\nFilterChain gossip\n',
    "SSILastModified": "AddOutputFilter INCLUDES .html\n<Location \"/page\">\nSSILastModified On\nSSIETag On\n</Location>\n",
}


@pytest.mark.parametrize("name", sorted(WAYS))
def test_every_way_to_have_pages_made(serve_once, name):
    web = serve_once(PROTECTED + WAYS[name] + 'ExpiresActive On\nExpiresDefault "access plus 600 seconds"\n' + KEPT,
                     modules=MODULES + ["filter"], directory=DIRECTORY,
                     docroot={"page/a.html": ("mode", 0o755, page('virtual="/session/a.txt"')), "session/a.txt": SECRET,
                              "big.bin": "x" * 100000})
    for _ in range(2):
        answer = ask(web, opened_by("session", "/page/a.html", expires=100))
        assert SECRET in answer.text and not caches.is_hit(answer), answer
        assert_private(answer)
    strangers_see_nothing(web, web.port, "/page/a.html")
    assert SECRET.encode() not in kept(web)
    answer = web.ask("/big.bin")
    assert len(answer.body) == 100000
    assert "private" not in answer.words("Cache-Control") or "at the end" in name, answer


def test_what_was_not_modified_is_private(serve_once):
    """Nobody knows what its parts would have asked."""
    web = serve_once(PROTECTED + WAYS["XBitHack full"] + 'ExpiresActive On\nExpiresDefault "access plus 600 seconds"\n',
                     modules=MODULES, directory=DIRECTORY,
                     docroot={"page/a.html": ("mode", 0o755, page('virtual="/session/a.txt"')), "session/a.txt": SECRET,
                              "page/b.txt": "plain"})
    answer = ask(web, opened_by("session", "/page/a.html", expires=100))
    assert answer.get("Last-Modified"), answer
    answer = web.ask("/page/a.html", headers=[("If-Modified-Since", answer.get("Last-Modified"))])
    assert answer.status == 304
    assert_private(answer)
    tag = web.ask("/page/b.txt").get("ETag")
    answer = web.ask("/page/b.txt", headers=[("If-None-Match", tag)])
    assert answer.status == 304 and answer.words("Cache-Control") == ["max-age=600"]


def test_an_htaccess_may_be_what_asks(serve_once):
    """Require avc-token there is the only thing that says that there is a protection."""
    web = serve_once('AvcKeyFile "@keys@"\nAddOutputFilter INCLUDES .shtml\nAddType text/html .shtml\nExpiresActive On\n'
                     'ExpiresDefault "access plus 600 seconds"\n' + KEPT, modules=MODULES, directory=DIRECTORY,
                     docroot={"open/a.shtml": page('virtual="/closed/a.txt"'), "closed/a.txt": SECRET,
                              "closed/.htaccess": "Require avc-token session\n"})
    for _ in range(2):
        answer = ask(web, opened_by("session", "/open/a.shtml", expires=100))
        assert SECRET in answer.text and not caches.is_hit(answer), answer
        assert_private(answer, 100)
    strangers_see_nothing(web, web.port, "/open/a.shtml")


@pytest.mark.parametrize("path", ["/few/", "/many/"])
@pytest.mark.parametrize("lines", ["ReadmeName /session/a.txt", "HeaderName /session/a.txt"])
def test_a_listing_has_parts_too(serve_once, path, lines):
    web = serve_once(PROTECTED + lines + '\nExpiresActive On\nExpiresDefault "access plus 600 seconds"\n' + KEPT,
                     modules=MODULES, directory="Options +Indexes\nRequire all granted",
                     docroot=dict({"session/a.txt": SECRET, "few/x.txt": "x"},
                                  **{"many/file-%04d-of-a-long-name.txt" % n: "x" for n in range(400)}))
    for _ in range(2):
        answer = ask(web, opened_by("session", path, expires=100))
        assert SECRET in answer.text and not caches.is_hit(answer), answer
        assert_private(answer)
    strangers_see_nothing(web, web.port, path)
    assert SECRET.encode() not in kept(web)


def test_a_part_that_comes_too_late_is_left_out(serve_once):
    """Where nobody could know that there would be one: an .htaccess asks, elsewhere in the tree."""
    web = serve_once('AvcKeyFile "@keys@"\nAddOutputFilter INCLUDES .shtml\nAddType text/html .shtml\nExpiresActive On\n'
                     'ExpiresDefault "access plus 600 seconds"\n<Directory "@docroot@/open">\nAllowOverride None\n'
                     "</Directory>\n" + KEPT, modules=MODULES, directory=DIRECTORY,
                     docroot={"open/a.shtml": page('virtual="/closed/a.txt"') + page('virtual="/open/b.txt"'),
                              "open/b.txt": "everybody's", "closed/a.txt": SECRET,
                              "closed/.htaccess": "Require avc-token session\n"})
    target = "/open/a.shtml?avc=" + tokens.token("/", purpose="session")
    for _ in range(2):
        answer = web.ask(target)
        assert SECRET not in answer.text and "everybody's" in answer.text, answer
    assert answer.words("Cache-Control") == ["max-age=600"], answer
    web.log.claim(r"AVC0035: late: /closed/a.txt: ", count=2)
    web.log.disregard("AH|unable to include")
    web.allowed(target.replace("open/a.shtml", "closed/a.txt"), shows=SECRET)


def test_an_error_page_that_is_made_of_parts(serve_once):
    web = serve_once(PROTECTED + 'ErrorDocument 404 /open/error.shtml\nAddOutputFilter INCLUDES .shtml\n'
                     'AddType text/html .shtml\nHeader always set Cache-Control "public, max-age=600"\n', modules=MODULES,
                     directory=DIRECTORY, docroot={"open/error.shtml": page('virtual="/session/a.txt"'),
                                                   "session/a.txt": SECRET})
    answer = web.ask("/nothing?avc=" + tokens.token("/", purpose="session"))
    web.log.disregard("AH|unable to include")
    assert answer.status == 404 and SECRET not in answer.text, answer
    assert_private(answer)


def test_a_part_that_breaks_off_holds_nobody(event):
    path = os.path.join(event.docroot, "open", "dies.cgi")
    with open(path, "w") as out:
        out.write("#!/bin/sh\nprintf 'Content-Type: text/plain\\r\\n\\r\\nhalf'\nkill -9 $$\n")
    os.chmod(path, 0o755)
    settings.give(path)
    path = os.path.join(event.docroot, "open", "dies.shtml")
    with open(path, "w") as out:
        out.write(page('virtual="/open/dies.cgi"'))
    settings.give(path)
    assert event.ask("/open/dies.shtml").text == "before half after"
    event.log.disregard("AH")


def test_many_at_once(event):
    """No page gets another's part, headers or length."""
    wrong = []

    def reader(n):
        name = sorted(PARTS)[n % len(PARTS)]
        purpose = PARTS[name][1]
        asked = opened_by(purpose, path_of(name), expires=100) if n % 2 else {"target": "/open/plain.shtml"}
        target = asked.pop("target")
        for _ in range(8):
            answer = event.ask(target, **asked)
            if (SECRET in answer.text) != bool(n % 2) or ("private" in answer.words("Cache-Control")) != bool(n % 2):
                wrong.append(answer)
    threads = [threading.Thread(target=reader, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    event.log.disregard(r"AH\d+: |unable to include|AVC\d{4}: ")
    assert not wrong, wrong[:2]


# -- one use of the page's token

OTHERS = ["127.0.0.%d" % n for n in range(5, 15)]


def limited(purpose, path, uses=1, **how):
    how.setdefault("id", secrets.token_hex(12))
    return opened_by(purpose, path, max=uses, **how)["target"]


def see(web, target, source, method="GET"):
    """Whether this client got the part."""
    return SECRET in ask(web, {"target": target, "source": source, "method": method}).text


@pytest.mark.parametrize("name", sorted(name for name in PARTS if PARTS[name][1]))
def test_a_part_is_one_use_of_the_pages_token(web, name):
    target = limited(PARTS[name][1], path_of(name))
    assert [see(web, target, source) for source in OTHERS[:3]] == [True, False, False]
