# SPDX-License-Identifier: Apache-2.0
# Every directive of the table, one by one: what it does where it is set, that places below it
# inherit it, what an inner setting makes of it (REPLACE, ADD, EXTEND), and that nonsense is
# refused with its line. tests/guards/directives-are-tested compares the tables with directives.def.
import base64
import itertools
import json
import re
import time

import pytest

from avc import rtmp, settings, tokens
from avc.httpd import USUAL, Httpd, free_port
from avc.peers import ADMIN, MEDIA, PROXY, STRANGER

OUTSIDER = "127.0.0.9"
serial = itertools.count(1)
SECRET = [("Authorization", "Basic " + base64.b64encode(("x:" + tokens.PASSWORD).encode()).decode())]
FORM = ("Content-Type", rtmp.FORM)
OWN = [("Origin", "http://chat.example"), ("Sec-Fetch-Site", "same-origin"), ("Content-Length", "0")]
USER = [("X-User", "zoe"), ("X-Other", "max")]
ISSUE = "SetHandler avcsec-token\n"


# -- what shows a setting: each asks below `base` and returns what it saw

def status(web, target, **how):
    answer = web.ask(target, **how)
    web.log.disregard(r"AVC00\d\d: |AH\d+: ")
    return answer.status


def closed(source):
    """The files that this one may not have."""
    return lambda web, base: [name for name in ("a", "one", "two")
                              if status(web, "%s%s.txt" % (base, name), source=source) != 200]


def callers(web, base):
    return [source for source in (STRANGER, MEDIA, ADMIN, PROXY) if status(web, base + "a.txt", source=source) == 200]


def opens(source=STRANGER, headers=()):
    return lambda web, base: status(web, base + "a.txt", source=source, headers=headers) == 200


def content(web, base):
    return web.ask(tokens.signed(base + "a.txt")).text


def unsigned_arguments(web, base):
    return [name for name in ("one", "two", "other")
            if status(web, tokens.signed(base + "a.txt", query=name + "=1")) == 200]


def in_days(days):
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() + days * 86400))


def demanded(web, base):
    """Arguments that may not be numbers."""
    return [name for name in ("one", "two", "other") if status(web, base + "a.txt?%s=1" % name) == 403]


def shown(web, base):
    return [ending for ending in ("pdf", "zip", "mpd")
            if web.ask(tokens.signed(base + "a." + ending)).get("Content-Disposition", "").startswith("inline")]


def header(name, *asked):
    return lambda web, base: web.ask(tokens.signed(base + "a.txt"), headers=asked).get(name)


def origins(web, base):
    return [name for name in ("one", "two")
            if header("Access-Control-Allow-Origin", ("Origin", "https://%s.example" % name))(web, base)]


def session(**how):
    return tokens.token("/", purpose="session", **how)


def asked(web, base, kind, body):
    return status(web, base + "ask", method="POST", headers=[("Content-Type", kind)], body=body.encode(),
                  source=MEDIA)


def media_servers(web, base):
    """Whose questions are answered."""
    token = session()
    form = rtmp.form("play", name="room", more="&avc=" + token)
    question = json.dumps({"action": "read", "path": "room", "protocol": "rtsp", "id": "1", "ip": "192.0.2.7",
                           "query": "avc=" + token, "user": "", "password": ""})
    return [name for name, kind, body in (("nginx-rtmp", rtmp.FORM, form), ("mediamtx", "application/json", question))
            if asked(web, base, kind, body) == 200]


def fronts(web, base):
    """Which servers in front hear yes."""
    target = tokens.signed("/media/a.txt")
    heads = {"nginx": [("X-Original-URI", target), ("X-Original-Method", "GET"), ("X-Real-IP", STRANGER)],
             "traefik": [("X-Forwarded-Uri", target), ("X-Forwarded-Method", "GET"),
                         ("X-Forwarded-For", STRANGER), ("X-Forwarded-Host", "chat.example"),
                         ("X-Forwarded-Proto", "http")]}
    return [name for name in sorted(heads) if status(web, base + "ask", headers=heads[name], source=MEDIA) == 200]


def acts(web, base):
    return [act for act in ("play", "publish") if status(
        web, base + "a.txt", headers=[("Authorization", "Bearer " + session(act=act))]) == 200]


def cookie_life(web, base):
    """Of the cookie that pages give."""
    given = web.ask(base + "token.shtml", headers=[("X-Forwarded-Proto", "https")]).get("Set-Cookie", "")
    return given[given.find("Max-Age="):].split(";")[0]


def included(name, *headers):
    """What a page that mod_include makes finds in its environment."""
    return lambda web, base: web.ask(base + name + ".shtml", headers=headers).text.split("~")[0]


def issued(web, base):
    answer = web.ask(base + "token", "POST", OWN + USER)
    assert answer.status == 200, answer
    return json.loads(answer.text)


def claim(name):
    """Of a token that is issued here."""
    def probe(web, base):
        words = dict(word.split(".", 1) for word in issued(web, base)["token"].split("~")[1:])
        return words.get(name)
    return probe


def life(web, base):
    words = dict(word.split(".", 1) for word in issued(web, base)["token"].split("~")[1:])
    return int(words["exp"]) - int(words["iat"])


def is_bound(web, base):
    return claim("ip4")(web, base) is not None


def kind(web, base):
    return issued(web, base)["token"].split("~")[0].split(".")[0][:3]


def jwt_claims(web, base):
    found = json.loads(tokens.b64url_decode(issued(web, base)["token"].split(".")[1]))
    return {name: found[name] for name in ("aud", "level", "room") if name in found}


def too_many(web, base):
    source = "127.0.1.%d" % next(serial)
    return [status(web, base + "token", method="POST", headers=OWN, source=source) for _ in range(3)].count(429)


# -- of sections: {directive: (lines beside it, set outside, what is seen, set inside, what is seen)}

ONLY = "AvcMediaServerOnly On"
ADMINS = "AvcAdminOnly On"
FILES = 'AvcFiles "@private@"'
JWT = ISSUE + "AvcTokenFormat jwt\nAvcTokenClaim aud media"

PLACES = {
    "AvcEnforce": (ONLY, "Log", True, "On", False, opens()),
    "AvcMediaServer": (ONLY, ADMIN, [ADMIN], PROXY, [PROXY], callers),
    "AvcMediaServerProof": (ONLY, "secret", False, "address", True, opens(MEDIA)),
    "AvcMediaServerOnly": ("", "On", False, "Off", True, opens()),
    "AvcMediaServerScripts": ("", "one", ["one"], "two", ["one", "two"], closed(STRANGER)),
    "AvcAdmin": (ADMINS, MEDIA, [MEDIA], PROXY, [PROXY], callers),
    "AvcAdminProof": (ADMINS, "any secret address", True, "address", False, opens(STRANGER, SECRET)),
    "AvcAdminOnly": ("", "On", False, "Off", True, opens()),
    "AvcAdminScripts": ("", "one", ["one"], "two", ["one", "two"], closed(STRANGER)),
    "AvcHidden": ("", "one", ["one"], "two", ["one", "two"], closed(MEDIA)),
    "AvcFiles": ("", '"@private@/outer"', "outer", '"@private@/inner"', "inner", content),
    "AvcFilesOpenUntil": (FILES, in_days(9), True, "2020-01-31", False, opens()),
    "AvcSignedURL": ("", "On", False, "Off", True, opens()),
    "AvcUnsignedArgs": ("AvcSignedURL On", "one", ["one"], "two", ["one", "two"], unsigned_arguments),
    "AvcArguments": ("", "one [a-z]+", ["one"], "two [a-z]+", ["one", "two"], demanded),
    "AvcInlineTypes": (FILES, "application/pdf", ["pdf"], "application/zip", ["pdf", "zip"], shown),
    "AvcFilesPolicy": (FILES, "cross-origin", "cross-origin", "same-site", "same-site",
                       header("Cross-Origin-Resource-Policy")),
    "AvcFileCookie": ("", "/files 600", "Max-Age=600", "/files 1200", "Max-Age=1200", cookie_life),
    "AvcOrigins": ("AvcSignedURL On", "https://one.example", ["one"], "https://two.example", ["two"], origins),
    "AvcAdmission": ("SetHandler avcsec-admission", "nginx-rtmp", ["nginx-rtmp"], "mediamtx", ["mediamtx"],
                     media_servers),
    "AvcCheck": ("SetHandler avcsec-check", "nginx", ["nginx"], "traefik", ["traefik"], fronts),
    "AvcSessionFor": ("", "play", ["play"], "publish", ["publish"], acts),
    "AvcTokenEnv": ("", "On", "avc1", "Off", "(none)", included("token")),
    "AvcTokenLife": (ISSUE, "77", 77, "88", 88, life),
    "AvcTokenUses": (ISSUE, "5", "5", "unlimited", None, claim("max")),
    "AvcTokenSubject": (ISSUE, "%{HTTP:X-User}", tokens.text_claim("zoe"), "%{HTTP:X-Other}",
                        tokens.text_claim("max"), claim("sub")),
    "AvcTokenRole": (ISSUE, "guest", "guest", "none", None, claim("role")),
    "AvcTokenRoom": (ISSUE, "%{HTTP:X-User}", tokens.text_claim("zoe"), "none", None, claim("room")),
    "AvcTokenApp": (ISSUE, "live", "live", "other", "other", claim("app")),
    "AvcTokenAct": (ISSUE, "publish", "publish", '"play publish"', "play.publish", claim("act")),
    "AvcTokenAddress": (ISSUE, "On", True, "Off", False, is_bound),
    "AvcTokenRate": (ISSUE, "2/600", 1, "Off", 0, too_many),
    "AvcTokenFormat": (ISSUE + "AvcTokenClaim aud media", "jwt", "eyJ", "avc", "avc", kind),
    "AvcTokenClaim": (JWT, "level 3", {"aud": "media", "level": 3}, "room r",
                      {"aud": "media", "level": 3, "room": "r"}, jwt_claims),
}
NEEDS_JSON = {"AvcAdmission", "AvcTokenFormat", "AvcTokenClaim"}

CONFIG = """
AvcKeyFile "@keys@"
AvcMediaServer 127.0.0.2
AvcAdmin 127.0.0.3
<Directory "@docroot@">
    Options +Includes
    AddOutputFilter INCLUDES .shtml
</Directory>
"""


def place(name):
    beside, outer, _, inner, _, _ = PLACES[name]
    return ('<Location "/d/%s">\n%s\n%s %s\n</Location>\n<Location "/d/%s/plain">\nSetEnv plain 1\n</Location>\n'
            '<Location "/d/%s/inner">\n%s %s\n</Location>\n' % (name, beside, name, outer, name, name, name, inner))


def files():
    docroot = {"media/a.txt": "media"}
    for name in PLACES:
        for folder in ("", "plain/", "inner/"):
            for file in ("a", "one", "two"):
                docroot["d/%s/%s%s.txt" % (name, folder, file)] = file
            docroot["d/%s/%stoken.shtml" % (name, folder)] = '<!--#echo var="AVC_TOKEN" -->'
    return docroot


def private():
    held = {}
    for folder in ("", "plain/", "inner/"):
        for ending in ("pdf", "zip", "mpd", "txt"):
            held["%sa.%s" % (folder, ending)] = "%PDF"
    held.update({"outer/a.txt": "outer", "outer/plain/a.txt": "outer", "inner/a.txt": "inner"})
    return held


def rows(table):
    """Names of a table; those about JSON need a build with it."""
    return [pytest.param(name, marks=[pytest.mark.json] if name in NEEDS_JSON else []) for name in table]


@pytest.fixture(scope="module")
def sections(serve):
    named = [name for name in PLACES if settings.reads_json() or name not in NEEDS_JSON]
    web = serve(CONFIG + "".join(map(place, named)), docroot=files(), private=private())
    web.log.disregard("AVC0102: |AVC0160: ")
    return web


@pytest.mark.parametrize("name", rows(PLACES))
def test_of_a_section(sections, name):
    _, _, outer, _, inner, probe = PLACES[name]
    assert probe(sections, "/d/%s/" % name) == outer
    assert probe(sections, "/d/%s/plain/" % name) == outer, "it is not inherited"
    assert probe(sections, "/d/%s/inner/" % name) == inner, "an inner setting"
    sections.log.disregard(r"AVC00\d\d: ")


# -- of servers: {directive: (set outside, what is seen, set in a virtual host, what is seen, probe)}

def key_ids(web, host):
    return [kid for kid in ("k1", "k2")
            if status(web, tokens.signed("/signed/a.txt", kid=kid, realm=REALMS[host]), host=host) == 200]


def realms(web, host):
    return [realm for realm in ("site-a", "site-b")
            if status(web, tokens.signed("/signed/a.txt", realm=realm), host=host) == 200]


def early(web, host):
    return status(web, tokens.signed("/signed/a.txt", realm=REALMS[host], issued=500, expires=900), host=host) == 200


def vouched(web, host):
    return status(web, "/media/a.txt", host=host, source=PROXY, headers=[("X-Forwarded-For", MEDIA)]) == 200


def client_ip(web, host):
    return web.ask("/ip.shtml", host=host, source=OUTSIDER, headers=[("Client-IP", "192.0.2.9")]).text


def kept_token(web, host):
    """Whether a redirect to that host takes the token along."""
    answer = web.ask(tokens.signed("/signed/moved/a.txt", "path", dir=1, realm=REALMS[host]), host=host)
    return "~avc1~" in answer.get("Location", "")


def in_one_use(web, host):
    link = tokens.limited("/signed/a.txt", realm=REALMS[host])
    first = status(web, link, host=host)
    web.set_clock(time.time() + 60)
    try:
        return first == 200 and status(web, link, host=host, source=STRANGER) == 200
    finally:
        web.set_clock(None)


def is_revoked(web, host):
    return status(web, tokens.signed("/signed/a.txt", id=REVOKED, realm=REALMS[host]), host=host) == 403


REALMS = {"outer.example": "site-a", "inner.example": "site-b"}
REVOKED = "this-one-was-taken-back"
HOSTS = {
    "AvcKeyFile": ('"@keys@"', ["k1", "k2"], '"@root@/conf/inner.keys"', ["k1"], key_ids),
    "AvcRealm": ("site-a", ["site-a"], "site-b", ["site-b"], realms),
    "AvcClockSkew": ("1000", True, "0", False, early),
    "AvcClientAddress": ("useragent", True, "connection", False, vouched),
    "AvcScrubHeaders": ("On", "(none)", "Off", "192.0.2.9", client_ip),
    "AvcRedirectHosts": ("moved.example", True, "elsewhere.example", False, kept_token),
    "AvcUseGrace": ("600", True, "5", False, in_one_use),
    "AvcRevocations": ('"@root@/conf/revoked"', True, '"@root@/conf/revoked-inner"', False, is_revoked),
}
# Shown where what they need is: {directive: (file, the test that sets it, the test that merges it)}
ELSEWHERE = {
    "AvcBodyLimit": ("tests/e2e/gate/test_webhook.py", "test_the_limit_is_the_sections",
                     "test_the_limit_is_the_sections"),
    "AvcStateDir": ("tests/e2e/state/test_state_dir.py", "test_a_relative_store_lies_in_the_directory",
                    "test_they_stand_outside_virtual_hosts"),
    "AvcStore": ("tests/e2e/state/test_state_dir.py", "test_a_relative_store_lies_in_the_directory",
                 "test_they_stand_outside_virtual_hosts"),
    "AvcStoreFailure": ("tests/e2e/checks/test_directives.py", "test_what_becomes_of_tokens_is_the_hosts",
                        "test_what_becomes_of_tokens_is_the_hosts"),
}


@pytest.fixture(scope="module")
def hosts():
    both = """
<Location "/signed">
    AvcSignedURL On
</Location>
<Location "/media">
    AvcMediaServer 127.0.0.2
    AvcMediaServerOnly On
</Location>
RemoteIPHeader X-Forwarded-For
RemoteIPInternalProxy 127.0.0.4
Redirect "/signed/moved" "http://moved.example:@port@/signed"
<Directory "@docroot@">
    Options +Includes
    AddOutputFilter INCLUDES .shtml
</Directory>
"""
    config = "".join("%s %s\n" % (name, row[0]) for name, row in HOSTS.items())
    inner = "".join("%s %s\n" % (name, row[2]) for name, row in HOSTS.items())
    config += "".join('<VirtualHost 127.0.0.1:@port@>\nServerName %s\nDocumentRoot "@docroot@"\n%s\n%s</VirtualHost>\n'
                      % (host, both, lines) for host, lines in (("outer.example", ""), ("inner.example", inner)))
    web = Httpd(config, modules=USUAL + ["remoteip"], clock=time.time(), docroot={
        "signed/a.txt": "signed", "media/a.txt": "media", "ip.shtml": '<!--#echo var="HTTP_CLIENT_IP" -->'})
    web.write_secret("conf/inner.keys", "k1 hs256 %s\n" % tokens.SECRETS["k1"])
    web.write_secret("conf/revoked", "id %s until=2099-01-01T00:00:00Z\n" % REVOKED)
    web.write_secret("conf/revoked-inner", "")
    with web:
        web.set_clock(None)
        web.log.disregard("AVC0102: |AVC0160: ")
        yield web


@pytest.mark.parametrize("name", list(HOSTS))
def test_of_a_server(hosts, name):
    _, outer, _, inner, probe = HOSTS[name]
    assert probe(hosts, "outer.example") == outer
    assert probe(hosts, "inner.example") == inner, "a virtual host's own"
    hosts.log.disregard(r"AVC00\d\d: ")


@pytest.mark.redis
def test_what_becomes_of_tokens_is_the_hosts(serve_once):
    """While the Redis that counts can't be asked."""
    web = serve_once("""
AvcKeyFile "@keys@"
AvcStore redis://127.0.0.1:@nowhere@
AvcStoreFailure allow
<Location "/signed">
    AvcSignedURL On
</Location>
<VirtualHost 127.0.0.1:@port@>
    ServerName outer.example
    DocumentRoot "@docroot@"
</VirtualHost>
<VirtualHost 127.0.0.1:@port@>
    ServerName inner.example
    DocumentRoot "@docroot@"
    AvcStoreFailure deny
</VirtualHost>
""", docroot={"signed/a.txt": "signed"}, nowhere=free_port())
    web.log.disregard("AVC01")
    for host, seen in (("outer.example", 200), ("inner.example", 503)):
        assert status(web, tokens.limited("/signed/a.txt"), host=host) == seen, host
    web.log.disregard("AVC")


# -- nonsense: {directive: words that make no sense}; each is refused, by the name and its line

NONSENSE = {
    "AvcKeyFile": ["", "relative/or/missing.keys", '"@keys@" unmounted', '"@keys@" mounted more'],
    "AvcRealm": ["", "a/b", "x" * 65, '""', "a b"],
    "AvcClockSkew": ["", "-1", "x", "99999999999", "1 2"],
    "AvcClientAddress": ["", "header", "connection useragent"],
    "AvcScrubHeaders": ["", "maybe", "On Off"],
    "AvcRedirectHosts": ["", "https://x.example/", "*.example", "x.example:0", "x.example/a"],
    "AvcEnforce": ["", "Off", "maybe", "On Log"],
    "AvcMediaServer": ["", "host.example", "10.0.0.0/33", "10.0.0.9-10.0.0.1"],
    "AvcMediaServerProof": ["", "any", "webhooks", "secret:", "secret:a:b", "address, token"],
    "AvcBodyLimit": ["", "-1", "x", "1 2", "99999999999999"],
    "AvcMediaServerOnly": ["", "maybe", "On Off", "Log"],
    "AvcMediaServerScripts": ["", "a/b/c", "/", "..", "a?=b"],
    "AvcAdmin": ["", "host.example", "010.0.0.1", "::/129"],
    "AvcAdminProof": ["", "any", "password", "secret:"],
    "AvcAdminOnly": ["", "maybe", "On Off"],
    "AvcAdminScripts": ["", "a/b/c", "/", ".."],
    "AvcHidden": ["", "a?b=c", "..", "/"],
    "AvcFiles": ["", '"@docroot@"', "relative", '"@private@" more'],
    "AvcFilesOpenUntil": ["", "2030", "2030-02-30", "31.01.2030", "2030-01-31T00:00:00Z", "2030-01-31 more"],
    "AvcSignedURL": ["", "maybe", "Log", "On Off"],
    "AvcUnsignedArgs": ["", "a=b", "a&b", '""'],
    "AvcArguments": ["", "one", 'one "("', 'one "[a"', 'a.b "x"', 'none "x"', "one x more"],
    "AvcInlineTypes": ["", "png", "image/", "text/html"],
    "AvcFilesPolicy": ["", "same-origin", "same-site cross-origin"],
    "AvcFileCookie": ["", "/files", "none 60", "/ 600", "files 600", "/files 59", "/files 2678401", "/files x",
                      "/files -600", "/files 1h", "/a//b 600", "/a/../b 600", "/a/. 600", "/a;/..;b 600", "/a%20b 600",
                      "/a* 600", "/a?b 600", "/a\\\\b 600", "/x%s 600" % ("/a" * 64), "/a 600 more"],
    "AvcOrigins": ["", "chat.example", "https://chat.example/", "*", "null", "credentials"],
    "AvcUseGrace": ["", "-1", "x", "86401", "1 2"],
    "AvcStateDir": ["", "relative", '"@state@" more'],
    "AvcStore": ["", "file:", "memory", "redis://", "file:uses:0", "file:uses:x"],
    "AvcStoreFailure": ["", "maybe", "allow deny"],
    "AvcAdmission": ["", "nginx_rtmp", "srs mediamtx", "nginx-rtmp address", "srs address more"],
    "AvcCheck": ["", "apache", "nginx download", "nginx file more"],
    "AvcSessionFor": ["", "Play!", "play room", "play room=%{nosuch:", "play app=a app=b"],
    "AvcTokenEnv": ["", "maybe", "On Off"],
    "AvcTokenLife": ["", "0", "-1", "x", "9999999999"],
    "AvcTokenUses": ["", "0", "-1", "x", "1000001"],
    "AvcTokenSubject": ["", "%{nosuch:", "a b"],
    "AvcTokenRole": ["", "%{nosuch:", "a b"],
    "AvcTokenRoom": ["", "%{nosuch:", "a b"],
    "AvcTokenApp": ["", "%{nosuch:", "a b"],
    "AvcTokenAct": ["", "%{nosuch:", "a b"],
    "AvcTokenAddress": ["", "maybe", "On Off"],
    "AvcTokenRate": ["", "3", "0/60", "3/0", "3/x", "3/60/1"],
    "AvcRevocations": ["", '"@root@/nowhere/revoked"', '"@docroot@"', "a b"],
    "AvcTokenFormat": ["", "jws", "jwt nosuch", "jwt HS512", "avc HS256"],
    "AvcTokenClaim": ["", "one", "exp 5", "a b c"],
}


@pytest.mark.parametrize("name", list(NONSENSE))
def test_nonsense_is_refused_with_its_line(name):
    for words in NONSENSE[name]:
        server = Httpd('AvcKeyFile "@keys@"\n%s %s\n' % (name, words), docroot={"a.txt": "x"},
                       has_state=name != "AvcStateDir")
        code, printed = server.configtest()
        with open(server.config_file, encoding="utf-8") as config:
            line = max(number for number, text in enumerate(config, 1) if text.startswith(name))
        assert code != 0 and name in printed and re.search(r"line %d\b|conf:%d:" % (line, line), printed), (
            words, printed)


@pytest.mark.parametrize("name", [name for name in NONSENSE if name in HOSTS or name in ELSEWHERE and name != "AvcBodyLimit"])
def test_what_is_of_a_whole_server_is_refused_in_sections(name):
    server = Httpd('<Location "/a">\n%s x\n</Location>\n' % name)
    code, printed = server.configtest()
    assert code != 0 and name in printed, printed
