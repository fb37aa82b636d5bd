# SPDX-License-Identifier: Apache-2.0
# Servers behind a proxy read a path otherwise than httpd: they cut ";parameters", resolve what is
# left, take a backslash for a slash. Every such reading of an address is judged, before a real
# Tomcat and before a server that says what it was asked.
from urllib.parse import unquote

import pytest

from avc import client, php, tokens
from avc.backend import Backend
from avc.httpd import USUAL
from avc.peers import ADMIN, MEDIA, STRANGER
from avc.protected import SECRET
from avc.tomcat import Tomcat
from avc.tokens import signed, token

MODULES = USUAL + ["proxy_ajp", "proxy_balancer", "lbmethod_byrequests", "slotmem_shm"]
PROTECTED = ["streams/a.m3u8", "callbacks/x.txt", "office/x.txt", "rooms/x.txt", "drafts/x.txt",
             "Live/on_publish.txt", "matched/red/x.txt", "private/x.txt"]
SITE = dict({path: SECRET for path in PROTECTED}, **{"open/a.txt": "open", "open/b/c.txt": "open",
                                                    "streams/odd%20name%2e.txt": "odd",
                                                    "open/odd%20name%2e.txt": "odd",
                                                    "streams/100% true.txt": "true"})
PROTECT = """
AvcKeyFile "@keys@"
AvcMediaServer 127.0.0.2
AvcAdmin 127.0.0.3
AvcHidden drafts
AvcMediaServerScripts Live/on_*
<Location "/streams">
    AvcSignedURL On
</Location>
<Location "/callbacks">
    AvcMediaServerOnly On
</Location>
<Location "/office">
    AvcAdminOnly On
</Location>
<Location "/rooms">
    AvcSessionFor play
</Location>
<LocationMatch "^/matched/(?<room>[^/]+)/">
    AvcSessionFor play room=%{env:MATCH_ROOM}
</LocationMatch>
<Location "/private">
    AvcFiles "@private@"
</Location>
"""
WIRINGS = {
    "ProxyPass": 'ProxyPass "/" "http://127.0.0.1:@behind@/"',
    "ProxyPass strict": 'ProxyPass "/" "http://127.0.0.1:@strict@/"',
    "nocanon": 'ProxyPass "/" "http://127.0.0.1:@behind@/" nocanon',
    "nocanon On": 'AllowEncodedSlashes On\nProxyPass "/" "http://127.0.0.1:@behind@/" nocanon',
    "nocanon NoDecode": 'AllowEncodedSlashes NoDecode\nProxyPass "/" "http://127.0.0.1:@behind@/" nocanon',
    "On": 'AllowEncodedSlashes On\nProxyPass "/" "http://127.0.0.1:@behind@/"',
    "NoDecode": 'AllowEncodedSlashes NoDecode\nProxyPass "/" "http://127.0.0.1:@behind@/"',
    "MergeSlashes Off": 'MergeSlashes Off\nProxyPass "/" "http://127.0.0.1:@behind@/"',
    "encoded": 'ProxyPass "/" "http://127.0.0.1:@behind@/" mapping=encoded',
    "servlet": 'ProxyPass "/" "http://127.0.0.1:@behind@/" mapping=servlet',
    "ProxyPassMatch": 'ProxyPassMatch "^/(.*)$" "http://127.0.0.1:@behind@/$1"',
    "ajp": 'ProxyPass "/" "ajp://127.0.0.1:@ajp@/"',
    "ajp nocanon": 'ProxyPass "/" "ajp://127.0.0.1:@ajp@/" nocanon',
    "balancer": '<Proxy "balancer://pool">\nBalancerMember "http://127.0.0.1:@behind@"\n</Proxy>\n'
                'ProxyPass "/" "balancer://pool/"',
    "rule": 'RewriteEngine On\nRewriteRule "^/(.*)$" "http://127.0.0.1:@behind@/$1" [P]',
    "rule NE": 'RewriteEngine On\nRewriteRule "^/(.*)$" "http://127.0.0.1:@behind@/$1" [P,NE]',
    "rule B": 'RewriteEngine On\nRewriteRule "^/(.*)$" "http://127.0.0.1:@behind@/$1" [P,B]',
    "rule of a directory": '<Directory "@docroot@">\nRewriteEngine On\n'
                           'RewriteRule "^(.*)$" "http://127.0.0.1:@behind@/$1" [P]\n</Directory>',
    "mod_jk": 'JkWorkerProperty worker.list=cat\nJkWorkerProperty worker.cat.type=ajp13\n'
              'JkWorkerProperty worker.cat.host=127.0.0.1\nJkWorkerProperty worker.cat.port=@ajp@\n'
              'JkLogFile "@root@/logs/jk.log"\nJkShmFile "@root@/run/jk.shm"\nJkMount "/*" cat\n'
              'JkOptions +ForwardURICompatUnparsed',
    "mod_jk handler": 'JkWorkerProperty worker.list=cat\nJkWorkerProperty worker.cat.type=ajp13\n'
                      'JkWorkerProperty worker.cat.host=127.0.0.1\n'
                      'JkWorkerProperty worker.cat.port=@ajp@\nJkLogFile "@root@/logs/jk.log"\n'
                      'JkShmFile "@root@/run/jk.shm"\n<Location "/">\nSetHandler jakarta-servlet\n'
                      'SetEnv JK_WORKER_NAME cat\n</Location>',
    "location": '<Location "/">\nProxyPass "http://127.0.0.1:@behind@/"\n</Location>',
}
# Of /@d/@f, as Tomcat reads them or as others might.
SPELLINGS = [
    "/@d/@f", "//@d/@f", "/@d;x/@f", "/@d;/@f", "/;x/@d/@f", "/;/@d/@f", "//@d;x=1;y=2//@f",
    "/open/..;/@d/@f", "/open/..;x=y/@d/@f", "/open/%2e%2e;/@d/@f", "/open/%2E%2e%3b/@d/@f", "/open/..%3B/@d/@f",
    "/open/%252e%252e;/@d/@f", "/open/%252e%252e%253b/@d/@f", "/.;/@d/@f", "/open/.;/../@d/@f",
    "/open/b/..;/..;/@d/@f", "/open;/../@d/@f", "/open%5c..%5c@d%5c@f", "/%5C@d/@f", "/open\\..\\@d\\@f",
    "/@d%5c@f", "/%255c@d/@f", "/%2f@d/@f", "/@d%2f@f", "/open%2f..%2f@d/@f", "/open%2f..;%2f@d/@f",
    "/open/..;%2f@d/@f", "/@d;a=b%2fc/@f", "/@d;a=b%2f../@f", "/@d%3bx/@f", "/@d%253bx/@f", "/@d/@f;jsessionid=1",
    "/@d/@f;", "/@d;%2e%2e/@f", "/open/..;/open/..;/@d;x/;/@f", "/;%2f../@d/@f", "/%3b/@d/@f", "/@d;?/@f",
]


@pytest.fixture(scope="module")
def tomcat():
    with Tomcat(SITE) as server:
        yield server


@pytest.fixture(scope="module")
def talker():
    """It answers anything with one word and says in seen what it was asked."""
    server = Backend()
    yield server
    server.close()


def spelt(spelling, path):
    folder, _, name = path.partition("/")
    return spelling.replace("@d", folder).replace("@f", name)


def names_of(tomcat):
    return {"behind": tomcat.port, "strict": tomcat.strict, "ajp": tomcat.ajp}


def noise(web):
    """What httpd and mod_proxy say themselves of such addresses, and our lines."""
    web.log.disregard(r"AVC\d{4}: (malformed|no-token|address|hidden|shadowed|signature|room): |AH0\d{4}|AH10\d{3}")


def test_tomcat_reads_these_spellings_as_the_file(tomcat):
    """Were there nothing in front: most come out, so that the tests below try something."""
    read = [s for s in SPELLINGS if SECRET in client.request(tomcat.port, spelt(s, "streams/a.m3u8")).text]
    assert len(read) >= 20, read


# SPEC [place-2]
@pytest.mark.parametrize("wiring", sorted(WIRINGS))
def test_no_spelling_leads_past_a_protection(serve_once, tomcat, wiring):
    modules = MODULES + (["jk"] if "jk" in wiring else [])
    web = serve_once(PROTECT + WIRINGS[wiring], modules=modules, private={"x.txt": "x"}, **names_of(tomcat))
    for path in PROTECTED:
        for spelling in SPELLINGS:
            target = spelt(spelling, path)
            answer = web.ask(target, source=STRANGER)
            assert SECRET not in answer.text and answer.status >= 300, (target, answer)
    noise(web)
    if wiring == "rule B":  # it escapes the slashes as well, so that nothing comes out at all
        return
    web.allowed("/open/a.txt", shows="open")
    web.allowed("/open/b/c.txt", shows="open")
    web.allowed(signed("/streams/a.m3u8"), shows=SECRET)
    web.allowed(signed("/streams/a.m3u8", "path", dir=1), shows=SECRET)
    web.allowed("/callbacks/x.txt", source=MEDIA, shows=SECRET)
    web.allowed("/Live/on_publish.txt", source=MEDIA, shows=SECRET)
    web.allowed("/office/x.txt", source=ADMIN, shows=SECRET)


@pytest.mark.smoke
@pytest.mark.parametrize("mpm", ["event", "worker", "prefork"])
def test_the_reason_of_each_kind(serve_once, tomcat, mpm):
    web = serve_once(PROTECT + WIRINGS["ProxyPass"], modules=MODULES, mpm=mpm, **names_of(tomcat))
    web.refused("/streams;x/a.m3u8", "no-token")
    web.refused("/open/..;/streams/a.m3u8", "malformed")
    web.refused("/;x/streams/a.m3u8", "no-token")
    web.refused("/callbacks;jsessionid=1/x.txt", "address", source=STRANGER)
    web.refused("/office;x/x.txt", "address", source=STRANGER)
    web.refused("/rooms;x/x.txt", "no-token")
    web.refused("/matched;x/red/x.txt", "no-token")
    web.refused("/;x/drafts/x.txt", "hidden")
    web.refused("/drafts;x/x.txt", "hidden")
    web.refused("/private;x/x.txt", "shadowed")
    web.refused("/Live/x/..;/on_publish.txt", "malformed", source=STRANGER)
    web.refused("/Live/;x/on_publish.txt", "address", source=STRANGER)
    web.refused("/%5Cstreams/a.m3u8", "malformed")
    web.refused("/open/.;/a.txt", "malformed")
    web.refused("/open/%2e%2e%3bx/a.txt", "malformed")


def test_who_may_comes_in_by_such_a_spelling_too(serve_once, tomcat):
    web = serve_once(PROTECT + WIRINGS["ProxyPass"], modules=MODULES, **names_of(tomcat))
    web.allowed("/callbacks;jsessionid=1/x.txt", source=MEDIA, shows=SECRET)
    web.allowed("/Live;x/on_publish.txt", source=MEDIA, shows=SECRET)
    web.allowed("/office/x.txt;y", source=ADMIN, shows=SECRET)
    web.allowed("/open;jsessionid=1/a.txt", shows="open")
    web.allowed("/open/a.txt;x=%2e", shows="open")
    session = token("/", purpose="session", act="play", room=tokens.text_claim("red"))
    bearer = [("Authorization", "Bearer " + session)]
    web.allowed("/rooms;x/x.txt", shows=SECRET, headers=[
        ("Authorization", "Bearer " + token("/", purpose="session", act="play"))])
    web.allowed("/matched;x/red;y/x.txt", headers=bearer, shows=SECRET)
    other = token("/", purpose="session", act="play", room=tokens.text_claim("blue"))
    web.refused("/matched/red/x.txt", "room", headers=[("Authorization", "Bearer " + other)])
    web.refused("/matched/red;x/x.txt", "room", headers=[("Authorization", "Bearer " + other)])


def test_a_signed_link_is_right_for_every_reading_that_is_protected(serve_once, tomcat):
    """A page may sign a name that somebody else chose: with parameters it is another's file."""
    web = serve_once(PROTECT + WIRINGS["ProxyPass"], modules=MODULES, **names_of(tomcat))
    asked = "/streams/a.m3u8;x"
    web.refused(asked + "?avc=" + token(asked), "signature")
    web.refused(asked + "?avc=" + token("/streams/a.m3u8"), "signature")
    # A folder's token is right for both.
    web.allowed(asked + "?avc=" + token("/streams/", dir=1), shows=SECRET)
    web.allowed("/streams/~" + token("/streams/", dir=1) + "/a.m3u8;x", shows=SECRET)
    # As it stands, nothing is protected; the other reading is, and its link opens it.
    web.refused("/streams;x/a.m3u8?avc=" + token("/streams;x/a.m3u8"), "signature")
    web.refused("/streams;x/a.m3u8?avc=" + token("/streams;x/", dir=1), "signature")
    web.allowed("/streams;x/a.m3u8?avc=" + token("/streams/a.m3u8"), shows=SECRET)
    web.refused("/;/streams/a.m3u8?avc=" + token("/;/streams/a.m3u8"), "signature")
    # A token in the path is checked as it stands whoever asks for it.
    web.refused("/~" + token("/streams/", dir=1) + "/streams;x/a.m3u8", "signature")
    web.refused("/streams;x/~" + token("/streams;x/", dir=1) + "/a.m3u8", "signature")


@pytest.mark.parametrize("wiring", ["ProxyPass", "ajp", "balancer", "rule"])
def test_a_name_that_holds_an_escape_is_a_name(serve_once, tomcat, wiring):
    web = serve_once(PROTECT + WIRINGS[wiring], modules=MODULES, **names_of(tomcat))
    web.allowed(signed("/streams/odd%20name%2e.txt"), shows="odd")
    web.allowed(signed("/streams/100% true.txt"), shows="true")
    web.allowed("/open/odd%2520name%252e.txt", shows="odd")


def test_a_link_of_one_use_is_used_once_whatever_the_readings(serve_once, tomcat):
    web = serve_once(PROTECT + WIRINGS["ProxyPass"], modules=MODULES, **names_of(tomcat))
    tok = token("/streams/", dir=1, id="one-use-for-both-readings", max=1)
    web.allowed("/streams/a.m3u8;x?avc=" + tok, source=MEDIA, shows=SECRET)
    web.refused("/streams/a.m3u8;x?avc=" + tok, "used-up", source=ADMIN)
    tok = token("/streams/a.m3u8", id="one-use-by-the-other-one", max=1)
    web.allowed("/streams;x/a.m3u8?avc=" + tok, source=MEDIA, shows=SECRET)
    web.refused("/streams;x/a.m3u8?avc=" + tok, "used-up", source=ADMIN)
    web.refused("/streams/a.m3u8?avc=" + tok, "used-up", source=ADMIN)


def test_nobody_behind_sees_the_token(serve_once, talker):
    web = serve_once(PROTECT + WIRINGS["ProxyPass"], modules=MODULES, behind=talker.port)
    web.allowed("/streams;x/a.m3u8?b=1&avc=" + token("/streams/a.m3u8", args=[("b", "1")]), shows="from behind")
    assert talker.last()[0] == "GET /streams;x/a.m3u8?b=1 HTTP/1.1"
    web.allowed("/callbacks;x/a", source=MEDIA, shows="from behind")
    assert talker.last()[0] == "GET /callbacks;x/a HTTP/1.1"


@pytest.mark.parametrize("wiring", sorted(w for w in WIRINGS if "ajp" not in w and "jk" not in w and "strict" not in w))
def test_what_reaches_a_server_behind_is_open_in_every_reading(serve_once, talker, wiring):
    """The same before a server that takes anything: what it is asked is spelt out here."""
    web = serve_once(PROTECT + WIRINGS[wiring], modules=MODULES, behind=talker.port)
    talker.seen.clear()
    for path in PROTECTED:
        for spelling in SPELLINGS:
            web.ask(spelt(spelling, path), source=STRANGER)
    noise(web)
    reached = {line.split(" ")[1] for line, _, _ in talker.seen}
    for target in reached:
        assert not leads(target), (target, reached)


def leads(target):
    """One of the ways to read it, decoded once, cut before or after, is protected."""
    cut = lambda path: "/".join(segment.split(";")[0] for segment in path.split("/"))  # noqa: E731
    path = target.split("?")[0]
    for path in (unquote(path), cut(unquote(path)), unquote(cut(path)), cut(unquote(cut(path)))):
        path = path.replace("\\", "/")
        stack = []
        for segment in path.split("/"):
            if segment == ".." and stack:
                stack.pop()
            elif segment not in ("", ".", ".."):
                stack.append(segment)
        if "/".join(stack) in PROTECTED:
            return True
    return False


def test_a_host_without_protections_is_left_alone(serve_once, talker):
    web = serve_once('ProxyPass "/" "http://127.0.0.1:@behind@/"\nAllowEncodedSlashes NoDecode\n',
                     behind=talker.port)
    for target in ("/a/..;/b", "/a%5Cb", "/.;/a", "/a;x/b"):
        web.allowed(target, shows="from behind")


def test_what_is_not_proxied_is_left_alone(serve_once, fpm):
    web = serve_once(PROTECT + php.WIRINGS["SetHandler"] + "AcceptPathInfo On\n", docroot={
        "x;y/a.txt": "odd", "back\\slash.txt": "odd", "..;/a.txt": "odd",
        "show.php": "<?php echo 'shown';"}, **fpm.names())
    for target in ("/x;y/a.txt", "/back%5Cslash.txt", "/..;/a.txt"):
        web.allowed(target, shows="odd")
    # PHP runs the file that httpd found; what follows is an application's own.
    for target in ("/show.php/a%5Cb", "/show.php/a;b/c", "/show.php/..;/x"):
        web.allowed(target, shows="shown")


def test_a_handler_that_is_a_server_is_one_too(serve_once, talker):
    web = serve_once(PROTECT + '<Location "/app">\nSetHandler "proxy:http://127.0.0.1:@behind@/"\n</Location>\n'
                     '<Location "/app/inner">\nAvcSignedURL On\n</Location>\n', behind=talker.port)
    web.allowed("/app/x", shows="from behind")
    web.refused("/app/..;/inner/x", "malformed")
    web.refused("/app/inner;x/y", "no-token")
    web.refused("/app/a%5Cb", "malformed")


def test_scripts_that_a_rule_names_are_read_so_too(serve_once, fpm):
    web = serve_once(PROTECT + 'ProxyPassMatch "^/(.*\\.php)$" "fcgi://127.0.0.1:@fpm@@docroot@/$1"\n',
                     docroot={"open/show.php": "<?php echo 'shown';"}, **fpm.names())
    web.allowed("/open/show.php", shows="shown")
    for target in ("/open/..;/open/show.php", "/open%5Cshow.php", "/.;/open/show.php"):
        web.refused(target, "malformed")
    web.refused("/callbacks;x/show.php", "address", source=STRANGER)


def test_log_mode_lets_the_other_reading_pass_too(serve_once, tomcat):
    web = serve_once(PROTECT + "AvcEnforce Log\n" + WIRINGS["ProxyPass"], modules=MODULES, **names_of(tomcat))
    web.ask("/streams;x/a.m3u8")
    web.log.claim(r"no-token: .*would be refused")
    web.refused("/open/..;/streams/a.m3u8", "malformed")
    web.refused("/drafts;x/x.txt", "hidden")
    web.refused("/rooms;x/x.txt", "no-token")


def test_sections_by_an_expression_are_found_for_each_reading(serve_once, tomcat):
    web = serve_once(WIRINGS["ProxyPass"] + '\nAvcKeyFile "@keys@"\n<If "%{REQUEST_URI} =~ m#^/streams/#">\n'
                     'AvcSignedURL On\n</If>\n', modules=MODULES, **names_of(tomcat))
    web.refused("/streams/a.m3u8", "no-token")
    web.refused("/streams;x/a.m3u8", "no-token")
    web.refused("/open/..;/streams/a.m3u8", "malformed")
    web.allowed("/open;x/a.txt", shows="open")
    web.allowed("/streams;x/a.m3u8?avc=" + token("/streams/a.m3u8"), shows=SECRET)


def test_parameters_choose_no_section_that_opens(serve_once, tomcat):
    web = serve_once(PROTECT + WIRINGS["ProxyPass"] + '\n<LocationMatch "public">\nAvcSignedURL Off\n'
                     'AvcHidden none\n</LocationMatch>\nAvcSignedURL On\n', modules=MODULES, **names_of(tomcat))
    web.refused("/open;public/a.txt", "no-token")
    web.refused("/streams;public/a.m3u8", "no-token")
    web.refused("/drafts;public/x.txt", "hidden")


def test_a_virtual_host_inherits_what_protects_all(serve_once, talker):
    web = serve_once("", modules=MODULES, outside=PROTECT +
                     '<VirtualHost 127.0.0.1:@port@>\nServerName chat.example\n'
                     'ProxyPass "/" "http://127.0.0.1:@behind@/"\n</VirtualHost>\n', behind=talker.port)
    web.refused("/open/..;/streams/a.m3u8", "malformed")
    web.refused("/streams;x/a.m3u8", "no-token")
    web.log.disregard("AVC0102")


def test_the_line_says_what_was_asked_and_how_it_is_read(serve_once, talker):
    web = serve_once(PROTECT + WIRINGS["ProxyPass"], modules=MODULES, behind=talker.port)
    web.ask("/streams;x/a.m3u8")
    line = web.log.claim(r"AVC0001: no-token: ")[0]
    assert "/streams;x/a.m3u8" in line and "/streams/a.m3u8" in line
