# SPDX-License-Identifier: Apache-2.0
# What a protected <Location> is proxied to can be asked for from an .htaccess as well: the same
# server, by whatever name of this machine, is judged as the address that stands for it; and what is
# asked of any server is judged by name.
import os

import pytest

from avc import httpd
from avc.backend import Backend
from avc.httpd import USUAL
from avc.peers import MEDIA, STRANGER
from avc.tokens import signed

MODULES = USUAL + ["proxy_balancer", "lbmethod_byrequests", "slotmem_shm", "proxy_ajp", "proxy_scgi",
                   "proxy_uwsgi", "proxy_wstunnel", "proxy_http2"]
CONFIG = """
AvcKeyFile "@keys@"
AvcMediaServer 127.0.0.2
AvcMediaServerScripts avchat
AvcHidden avchat
ProxyPass "/streams" "http://127.0.0.1:@backend@/live/hls"
ProxyPass "/preview" "http://127.0.0.1:@backend@/live/hls/preview"
ProxyPassMatch "^/matched/(.*)$" "http://127.0.0.1:@backend@/by-match/$1"
<Location "/inside">
    ProxyPass "http://localhost:@backend@/by-location"
</Location>
<Proxy "balancer://cluster">
    BalancerMember "http://127.0.0.1:@backend@/member"
</Proxy>
ProxyPass "/balanced" "balancer://cluster/part"
RewriteEngine On
RewriteRule "^/ruled/(.*)$" "http://127.0.0.1:@backend@/by-rule/$1" [P]
<LocationMatch "^/(streams|matched|inside|balanced|ruled)">
    AvcSignedURL On
</LocationMatch>
<Location "/called">
    ProxyPass "http://127.0.0.1:@backend@/callbacks"
    AvcMediaServerOnly On
</Location>
"""
BEHIND = ["/live/hls/a.m3u8", "/by-match/a.ts", "/by-location/a.ts", "/member/part/a.ts", "/by-rule/x/a.ts",
          "/callbacks/on_publish", "/callbacks"]
NAMES = ["127.0.0.1", "localhost", "LOCALHOST", "localhost.", "127.1", "127.0.0.2", "2130706433", "0x7f000001",
         "[::1]", "[::ffff:127.0.0.1]", "x.localhost", "user:pw@127.0.0.1", "0"]


@pytest.fixture(scope="module")
def backend():
    server = Backend()
    yield server
    server.close()


def start(serve, backend, mpm="event"):
    return serve(CONFIG, modules=MODULES, mpm=mpm, docroot={"open.txt": "text", "open.ts": "text"},
                 directory="Options FollowSymLinks\nAllowOverride FileInfo\nRequire all granted",
                 backend=backend.port)


@pytest.fixture(scope="module")
def web(serve, backend):
    return start(serve, backend)


def ask(server, htaccess, target="/go", **how):
    path = os.path.join(server.docroot, ".htaccess")
    httpd.plant(server.docroot, {".htaccess": server.fill(htaccess)})
    try:
        return server.ask(target, **how)
    finally:
        os.unlink(path)


def rule(url):
    return 'RewriteEngine On\nRewriteRule "^go$" "%s" [P]' % url


@pytest.mark.parametrize("path", BEHIND)
def test_a_rule_does_not_ask_past_the_location(web, backend, path):
    before = len(backend.seen)
    for name in NAMES:
        web.is_refusal(ask(web, rule("http://%s:@backend@%s" % (name, path))),
                       "address" if "callbacks" in path else "no-token")
    for spelling in ("/" + path, "/x/.." + path, path.replace("a", "%61"), path + "?x=1", "/." + path,
                     path.replace("/", "//")):
        ask(web, rule("http://127.0.0.1:@backend@" + spelling.replace("%", "\\%")))
        handler = HANDLERS[0] % spelling
        ask(web, handler, "/open.txt")
    web.log.disregard(r"AVC\d{4}: ")
    for scheme in ("ws", "h2c", "https", "ajp"):
        answer = ask(web, rule("%s://127.0.0.1:@backend@%s" % (scheme, path)))
        assert answer.status == 403, scheme
    web.log.disregard(r"AVC\d{4}: ")
    # Where httpd itself escapes once more, it is another address behind.
    seen = [line for line, _, _ in backend.seen[before:] if "%25" not in line]
    assert not seen, seen


HANDLERS = ['<Files "open.txt">\nSetHandler "proxy:http://127.0.0.1:@backend@%s"\n</Files>',
            'AddHandler "proxy:http://localhost:@backend@%s" .txt', 'ForceType "proxy:http://127.0.0.1:@backend@%s"',
            'RewriteEngine On\nRewriteRule "^open" "-" [H=proxy:http://127.0.0.1:@backend@%s]']


@pytest.mark.parametrize("path", BEHIND)
@pytest.mark.parametrize("handler", HANDLERS)
def test_a_handler_does_not_ask_past_it_either(web, backend, path, handler):
    before = len(backend.seen)
    web.is_refusal(ask(web, handler % path, "/open.txt"), "address" if "callbacks" in path else "no-token")
    assert len(backend.seen) == before


@pytest.mark.parametrize("mpm", ["event", "worker", "prefork"])
def test_balancers_and_their_members_are_one(serve_once, backend, mpm):
    server = start(serve_once, backend, mpm)
    server.is_refusal(ask(server, rule("balancer://cluster/part/a.ts")), "no-token")
    server.is_refusal(ask(server, rule("http://localhost:@backend@/member/part/a.ts")), "no-token")
    assert ask(server, rule("balancer://cluster/other/a.ts")).text == "from behind"


@pytest.mark.parametrize("scheme", ["http", "https", "ajp", "uwsgi", "scgi", "fcgi", "ws", "h2c", "balancer"])
@pytest.mark.parametrize("form", [rule("%s://127.0.0.1:@backend@%s"), HANDLERS[0].replace("http:", "%s:"),
                                  rule("unix:/run/x.sock|%s://localhost%s"),
                                  '<Files "open.txt">\nSetHandler "proxy:unix:/run/x.sock|%s://x%s"\n</Files>'])
def test_names_count_whatever_is_spoken_behind(web, backend, scheme, form):
    before = len(backend.seen)
    target = "/go" if "Rewrite" in form else "/open.txt"
    for path, reason in (("/chat/writeuserslist.php", "address"), ("/chat/tokens/x", "hidden"),
                         ("/x//chat/wget.php/more", "hidden")):
        text = form % ((scheme, path) if form.count("%s") == 2 else (path,))
        web.is_refusal(ask(web, text, target), reason)
    assert len(backend.seen) == before


@pytest.mark.parametrize("scheme", ["uwsgi", "scgi"])
def test_what_such_a_server_takes_for_an_address_is_judged_as_one(web, scheme):
    """It looks below the document root that it is told."""
    for form, target in ((rule("unix:/run/x.sock|%s://localhost%s"), "/go"),
                         (HANDLERS[0].replace("http:", "%s:"), "/open.txt")):
        web.is_refusal(ask(web, form % (scheme, "/streams/a.ts"), target), "no-token")
        web.is_refusal(ask(web, form % (scheme, "/called/x"), target), "address")


def test_what_the_servers_configuration_opens_stays_open(web):
    """A part of a protected place that the administrator himself proxies from elsewhere."""
    web.allowed("/preview/a.ts", shows="from behind")
    web.allowed(signed("/streams/a.m3u8"), shows="from behind")
    web.allowed("/called/on_publish", source=MEDIA, shows="from behind")
    web.refused("/streams/a.m3u8", "no-token")
    assert ask(web, rule("http://127.0.0.1:@backend@/open/a.ts")).text == "from behind"
    assert ask(web, rule("http://127.0.0.1:@backend@/live")).text == "from behind"
    assert ask(web, rule("http://127.0.0.1:@backend@/live/hlsx/a")).text == "from behind"
    assert ask(web, HANDLERS[0] % "/open", "/open.txt").text == "from behind"
    assert ask(web, rule("http://127.0.0.1:@backend@/callbacks/x"), source=MEDIA).text == "from behind"
