# SPDX-License-Identifier: Apache-2.0
# Scripts that only the media server may call: by address, in every spelling of their names, in
# every section and merge of the configuration.
import pytest

from avc import tokens
from avc.httpd import USUAL
from avc.peers import ADMIN, MEDIA, STRANGER

PRESET = ["writeuserslist", "token_verify", "sendReport", "getRecordedVideosInfo"]
SCRIPTS = {name + ".php": "script" for name in PRESET}


def docroot():
    files = {"chat/" + name: text for name, text in SCRIPTS.items()}
    files.update({
        "index.html": "home", "chat/index.php": "front", "chat/writeuserslist2.php": "open",
        "chat/mywriteuserslist.php": "open", "chat/writeuserslist-help.html": "open",
        "chat/writeuserslist.aspx": "script", "chat/WriteUsersList.php5": "script",
        "chat/writeuserslist": "script", "chat/writeuserslist.php.bak": "script",
        "tools/push.php": "script", "other/push.php": "open", "tools/sub/push.php": "open",
        "tools/act.php": "act", "notes/writeuserslist/readme.txt": "script",
        "chat/link.php": ("link", "writeuserslist.php"),
    })
    return files


CONFIG = """
AvcKeyFile "@keys@"
AvcMediaServer 127.0.0.2
AvcMediaServerScripts avchat tools/push.php act.php?mode=server
Alias "/aliased" "@docroot@/chat"
Alias "/users" "@docroot@/chat/writeuserslist.php"
"""


@pytest.fixture(scope="module")
def web(serve):
    return serve(CONFIG, docroot=docroot())


# SPEC [conf-10]
@pytest.mark.smoke
@pytest.mark.parametrize("script", sorted(SCRIPTS))
def test_preset_closes_each_script_to_strangers_and_opens_it_to_the_media_server(web, script):
    answer = web.refused("/chat/" + script, "address", source=STRANGER)
    assert "media" not in answer.text.lower() and "avc" not in answer.text.lower()
    web.refused("/chat/" + script, "address", source=ADMIN)
    web.allowed("/chat/" + script, source=MEDIA, shows="script")
    web.refused("/chat/" + script + "?token=1", "address", "POST", body=b"xml=1", source=STRANGER)


@pytest.mark.parametrize("target", [
    "/", "/chat/index.php", "/chat/writeuserslist2.php", "/chat/mywriteuserslist.php",
    "/chat/writeuserslist-help.html", "/other/push.php", "/tools/sub/push.php",
    "/?x=writeuserslist.php", "/chat/index.php?script=/chat/writeuserslist.php",
])
def test_what_only_looks_alike_stays_open(web, target):
    web.allowed(target, source=STRANGER)


# SPEC [conf-10]
@pytest.mark.smoke
@pytest.mark.parametrize("target", [
    "//chat/writeuserslist.php", "/chat//writeuserslist.php", "/chat/./writeuserslist.php",
    "/x/../chat/writeuserslist.php", "/chat/%77riteuserslist.php", "/chat/writeuserslist%2ephp",
    "/chat/writeuserslis%74.p%68p", "/%2e/chat/writeuserslist.php",
    "/chat/WRITEUSERSLIST.PHP", "/chat/WriteUsersList.php5", "/chat/writeuserslist.aspx",
    "/chat/writeuserslist", "/chat/writeuserslist/", "/chat/writeuserslist.php.bak",
    "/chat/writeuserslist.", "/chat/writeuserslist.php/", "/chat/writeuserslist.php/foo",
    "/chat/writeuserslist.php/foo.php", "/chat/index.php/writeuserslist.php",
    "/chat/index.php/a/WriteUsersList.PHP/b", "/aliased/writeuserslist.php", "/users", "/users?x=1",
    "/notes/writeuserslist/readme.txt", "/tools/push.php", "/TOOLS/Push.PHP", "/tools//push.php",
    "/tools/push.php/x", "/nowhere/writeuserslist.php", "/chat/token_verify.php?token=1&fms",
    "http://chat.example/chat/writeuserslist.php", "/users/foo",
])
def test_no_spelling_of_the_path_gets_past(web, target):
    web.refused(target, "address", source=STRANGER)


def test_a_symbolic_link_to_the_script_is_the_script(web):
    """The mapped file's name is looked at, and behind a link stands the script's own name."""
    answer = web.ask("/chat/link.php", source=STRANGER)
    if answer.status == 200:
        pytest.fail("a link of another name opened the script: %r" % answer)
    web.is_refusal(answer, "address")


# SPEC [conf-10]
@pytest.mark.parametrize("query, closed", [
    ("mode=server", True), ("a=1&mode=server", True), ("m%6fde=server", True),
    ("mode=serve%72", True), ("+mode=server", True), ("%20mode=server&x", True),
    ("mode=client&mode=server", True), ("", False), ("mode=client", False), ("mode", False),
    ("xmode=server", False), ("mode=server2", False), ("other=mode=server", False),
])
def test_a_script_closed_for_one_argument_only(web, query, closed):
    target = "/tools/act.php?" + query
    if closed:
        web.refused(target, "address", source=STRANGER)
        web.allowed(target, source=MEDIA, shows="act")
    else:
        web.allowed(target, source=STRANGER, shows="act")


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH",
                                    "PROPFIND", "COPY", "FOO"])
def test_no_method_gets_past(web, method):
    web.refused("/chat/writeuserslist.php", "address", method, source=STRANGER)


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_old_http_is_served_and_refused_alike(web, version):
    web.refused("/chat/writeuserslist.php", "address", version=version, host=None
                if version == "1.0" else "chat.example", source=STRANGER)
    web.allowed("/chat/writeuserslist.php", version=version, source=MEDIA, shows="script")


def test_http_0_9_gets_no_further(web):
    seen = web.raw(b"GET /chat/writeuserslist.php\r\n", source=STRANGER)
    assert b"script" not in seen.replace(b"writeuserslist", b"")
    web.log.claim(r"AVC\d{4}: address: ")
    assert web.raw(b"GET /chat/writeuserslist.php\r\n", source=MEDIA) == b"script"


# SPEC [place-5]
@pytest.mark.parametrize("name", ["Forwarded", "X-Forwarded-For", "X-Real-IP", "Via",
                                  "CF-Connecting-IP"])
def test_a_listed_address_that_forwards_for_somebody_proves_nothing(web, name):
    """A proxy on the media server's own address would let everybody in."""
    value = "1.1 proxy" if name == "Via" else "for=192.0.2.1" if name == "Forwarded" else "192.0.2.1"
    answer = web.ask("/chat/writeuserslist.php", headers=[(name, value)], source=MEDIA)
    assert answer.status == 403
    lines = web.log.claim(r"AVC\d{4}: address: ")
    assert "AvcClientAddress" in lines[0] or "RemoteIP" in lines[0], lines


@pytest.mark.parametrize("headers", [
    [("X-Forwarded-For", MEDIA)], [("Forwarded", "for=127.0.0.2")], [("X-Real-IP", MEDIA)],
    [("Client-IP", MEDIA)], [("X-Avc-Media-Server", "1")], [("AVC-MEDIA-SERVER", "1")],
])
def test_a_stranger_can_not_forward_himself_in(web, headers):
    web.refused("/chat/writeuserslist.php", "address", headers=headers, source=STRANGER)


# SPEC [answer-5]
def test_refusal_is_noted_for_the_access_log(web):
    web.refused("/chat/writeuserslist.php?mark=noted", "address", source=STRANGER)
    assert "reason=address" in web.logged("mark=noted")[0]


def test_log_line_names_the_caller_and_what_to_do(web):
    web.ask("/chat/writeuserslist.php", source=STRANGER)
    line = web.log.claim(r"AVC\d{4}: address: ")[0]
    assert "127.0.0.1" in line and "AvcMediaServer" in line


# -- sections and merging

MERGING = """
AvcKeyFile "@keys@"
AvcMediaServer 127.0.0.2
<Location "/only">
    AvcMediaServerOnly On
</Location>
<Location "/only/inner">
    AvcMediaServer 127.0.0.3
</Location>
<Location "/only/open">
    AvcMediaServerOnly Off
</Location>
<Directory "@docroot@/bydir">
    AvcMediaServerOnly On
</Directory>
<Files "byname.txt">
    AvcMediaServerOnly On
</Files>
<LocationMatch "^/match/\\d+$">
    AvcMediaServerOnly On
</LocationMatch>
<Location "/cond">
    <If "%{QUERY_STRING} =~ /private/">
        AvcMediaServerOnly On
    </If>
</Location>
<If "%{REQUEST_URI} =~ m#^/wholly/#">
    AvcMediaServerOnly On
</If>
AvcMediaServerScripts outer
<Location "/lists">
    AvcMediaServerScripts inner
</Location>
<Location "/lists/cleared">
    AvcMediaServerScripts none
</Location>
<Location "/lists/fresh">
    AvcMediaServerScripts none another
</Location>
"""


@pytest.fixture(scope="module")
def merging(serve):
    names = ["only/a.txt", "only/inner/a.txt", "only/open/a.txt", "bydir/a.txt", "bydir/sub/b.txt",
             "x/byname.txt", "match/12", "match/x", "cond/a.txt", "wholly/a.txt"]
    names += [d + n + ".txt" for d in ("", "lists/", "lists/cleared/", "lists/fresh/")
              for n in ("outer", "inner", "another")]
    return serve(MERGING, docroot={name: "content" for name in names})


# SPEC [conf-2]
@pytest.mark.parametrize("target, opens_to", [
    ("/only/a.txt", {MEDIA}), ("/only/inner/a.txt", {ADMIN}),
    ("/only/open/a.txt", {STRANGER, MEDIA, ADMIN}), ("/bydir/a.txt", {MEDIA}),
    ("/bydir/sub/b.txt", {MEDIA}), ("/x/byname.txt", {MEDIA}), ("/match/12", {MEDIA}),
    ("/match/x", {STRANGER, MEDIA, ADMIN}), ("/cond/a.txt", {STRANGER, MEDIA, ADMIN}),
    ("/cond/a.txt?private", {MEDIA}), ("/wholly/a.txt", {MEDIA}),
    ("/outer.txt", {MEDIA}), ("/inner.txt", {STRANGER, MEDIA, ADMIN}),
    ("/lists/outer.txt", {MEDIA}), ("/lists/inner.txt", {MEDIA}),
    ("/lists/another.txt", {STRANGER, MEDIA, ADMIN}),
    ("/lists/cleared/outer.txt", {STRANGER, MEDIA, ADMIN}),
    ("/lists/cleared/inner.txt", {STRANGER, MEDIA, ADMIN}),
    ("/lists/fresh/outer.txt", {STRANGER, MEDIA, ADMIN}), ("/lists/fresh/another.txt", {MEDIA}),
])
def test_sections_merge_in_httpds_order(merging, target, opens_to):
    for caller in (STRANGER, MEDIA, ADMIN):
        if caller in opens_to:
            merging.allowed(target, source=caller, shows="content")
        else:
            merging.refused(target, "address", source=caller)


def test_a_virtual_host_inherits_and_may_open(serve_once):
    """On stays on below a virtual host; Off said there opens it, and only it."""
    config = """
    AvcMediaServer 127.0.0.2
    AvcMediaServerScripts avchat
    <VirtualHost 127.0.0.1:@port@>
        ServerName chat.example
        DocumentRoot "@docroot@"
    </VirtualHost>
    <VirtualHost 127.0.0.1:@port@>
        ServerName open.chat.example
        DocumentRoot "@docroot@/other"
        AvcMediaServerScripts none
    </VirtualHost>
    """
    server = serve_once(config, keys=None, docroot={
        "writeuserslist.php": "script", "other/writeuserslist.php": "open"})
    server.refused("/writeuserslist.php", "address")
    server.allowed("/writeuserslist.php", host="open.chat.example", shows="open")
    server.refused("/writeuserslist.php", "address", host="unknown.example")
    server.allowed("/writeuserslist.php", source=MEDIA, shows="script")


# SPEC [require-1]
def test_require_form_composes_with_other_rules(serve_once):
    config = """
    AvcMediaServer 127.0.0.2
    <Location "/composed">
        <RequireAny>
            Require avc-media-server
            Require ip 127.0.0.3
        </RequireAny>
    </Location>
    """
    server = serve_once(config, keys=None, docroot={"composed/a.txt": "content"})
    server.allowed("/composed/a.txt", source=MEDIA, shows="content")
    assert server.ask("/composed/a.txt", source=ADMIN).status == 200
    assert server.ask("/composed/a.txt", source=STRANGER).status == 403
    server.log.disregard(r"AH01630: |AVC\d{4}: address: ")


# SPEC [conf-7]
@pytest.mark.parametrize("listed, inside, outside", [
    ("127.0.0.2", ["127.0.0.2"], ["127.0.0.1", "127.0.0.20"]),
    ("127.0.0.0/30", ["127.0.0.1", "127.0.0.3"], ["127.0.0.4"]),
    ("127.0.0.2-127.0.0.4", ["127.0.0.2", "127.0.0.3", "127.0.0.4"], ["127.0.0.1", "127.0.0.5"]),
    ("127.0.0.250-127.0.1.5", ["127.0.0.250", "127.0.1.1", "127.0.1.5"],
     ["127.0.0.249", "127.0.1.6"]),
    ("192.0.2.1 127.0.0.9 2001:db8::/32", ["127.0.0.9"], ["127.0.0.1"]),
    ("127.0.0.6, 127.0.0.8", ["127.0.0.6", "127.0.0.8"], ["127.0.0.7"]),
])
def test_forms_of_addresses(serve_once, listed, inside, outside):
    config = "AvcMediaServer %s\nAvcMediaServerOnly On\n" % listed.replace(",", "")
    server = serve_once(config, keys=None, docroot={"a.txt": "content"})
    for caller in inside:
        server.allowed("/a.txt", source=caller, shows="content")
    for caller in outside:
        server.refused("/a.txt", "address", source=caller)


USERAGENT = """
RemoteIPHeader X-Forwarded-For
RemoteIPInternalProxy 127.0.0.4
AvcClientAddress useragent
AvcMediaServer 192.0.2.0/24 2001:db8::/48 127.0.0.2
AvcMediaServerScripts avchat
"""


@pytest.fixture(scope="module")
def behind_proxy(serve):
    return serve(USERAGENT, modules=USUAL + ["remoteip"], keys=None, docroot=docroot())


# SPEC [conf-6]
@pytest.mark.parametrize("forwarded, good", [
    ("192.0.2.7", True), ("198.51.100.7", False), ("2001:db8::7", True), ("2001:db9::7", False),
    ("::ffff:192.0.2.7", True), ("192.0.2.7, 198.51.100.7", False), ("198.51.100.7, 192.0.2.7", True),
    ("nonsense", False), ("127.0.0.2x", False),
])
def test_the_address_that_mod_remoteip_vouches_for(behind_proxy, forwarded, good):
    headers = [("X-Forwarded-For", forwarded)]
    if good:
        behind_proxy.allowed("/chat/writeuserslist.php", headers=headers, source="127.0.0.4",
                             shows="script")
    else:
        behind_proxy.refused("/chat/writeuserslist.php", "address", headers=headers,
                             source="127.0.0.4")


def test_with_useragent_a_stranger_is_not_vouched_for(behind_proxy):
    behind_proxy.refused("/chat/writeuserslist.php", "address", source=STRANGER,
                         headers=[("X-Forwarded-For", "192.0.2.7")])
    behind_proxy.allowed("/chat/writeuserslist.php", source=MEDIA, shows="script")


def test_with_useragent_the_proxy_itself_is_no_media_server(behind_proxy):
    behind_proxy.refused("/chat/writeuserslist.php", "address", source="127.0.0.4")


def test_a_token_in_the_query_changes_nothing_where_only_the_address_proves(web):
    target = tokens.signed("/chat/writeuserslist.php", purpose="call")
    web.refused(target, "address", source=STRANGER)
    target = tokens.signed("/chat/writeuserslist.php", purpose="call", carrier="path")
    web.refused(target, "address", source=STRANGER)
    web.allowed(target, source=MEDIA, shows="script")
