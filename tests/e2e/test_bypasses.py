# SPDX-License-Identifier: Apache-2.0
# Every way around a protection that was ever tried: .htaccess, sections, subrequests, internal
# redirects, proxies, caches, spellings, forged path tokens. Whatever the way, what is protected
# does not come out; and where the mechanism has a rightful use, that works.
import re
import subprocess

import pytest

from avc import httpd, php, tokens
from avc.backend import Backend
from avc.httpd import USUAL
from avc.peers import ADMIN, MEDIA, STRANGER
from avc.tokens import signed, tampered, token

SECRET = "THE-PROTECTED-CONTENT"
MANY = USUAL + ("speling cgid asis cache cache_disk dav dav_fs dav_lock macro remoteip userdir "
                "vhost_alias unique_id allowmethods ratelimit lua").split()
PROTECT = """
AvcKeyFile "@keys@"
AvcMediaServer 127.0.0.2
AvcAdmin 127.0.0.3
AvcMediaServerScripts avchat
AvcAdminScripts avchat
AvcHidden avchat
<Location "/signed">
    AvcSignedURL On
</Location>
<Directory "@docroot@/bydir">
    AvcMediaServerOnly On
</Directory>
<Files "byname.txt">
    AvcMediaServerOnly On
</Files>
"""
SITE = {
    "chat/writeuserslist.php": SECRET, "chat/admin.html": SECRET, "chat/avc_settings.xml": SECRET,
    "chat/index.html": "home", "signed/a.txt": SECRET, "bydir/a.txt": SECRET, "x/byname.txt": SECRET,
    "signed/dir/index.html": SECRET, "open.txt": "open",
}
# What each protection protects, and who may have it.
PROTECTED = {
    "/chat/writeuserslist.php": MEDIA, "/chat/admin.html": ADMIN, "/chat/avc_settings.xml": None,
    "/signed/a.txt": None, "/bydir/a.txt": MEDIA, "/x/byname.txt": MEDIA,
}


def comes_out(server, target, **how):
    """True if the protected content reached the client; the log lines are dropped."""
    answer = server.ask(target, **how)
    server.log.disregard(r"AVC\d{4}: |AH01630|AH0137\d|unable to include|AH00124|AH10292|AH00670")
    return SECRET in answer.text


def assert_shut(server, **how):
    for path in PROTECTED:
        assert not comes_out(server, path, **how), path


# -- .htaccess

HTACCESS = {
    "Satisfy Any": "Satisfy Any\nRequire all granted\n",
    "Satisfy Any, allow from all": "Order allow,deny\nAllow from all\nSatisfy Any\n",
    "Require all granted": "Require all granted\n",
    "RequireAny": "<RequireAny>\nRequire all granted\nRequire all denied\n</RequireAny>\n",
    "If": '<If "true">\nRequire all granted\nSatisfy Any\n</If>\n',
    "Files": '<Files "*">\nRequire all granted\nSatisfy Any\n</Files>\n',
    "FilesMatch": '<FilesMatch ".">\nRequire all granted\nSetHandler default-handler\n</FilesMatch>\n',
    "Limit": "<Limit GET POST>\nRequire all granted\nSatisfy Any\n</Limit>\n",
    "SetHandler": "SetHandler default-handler\n",
    "RemoveHandler": "RemoveHandler .php\nAddType text/plain .php\nForceType text/plain\n",
    "rewrite to itself": 'RewriteEngine On\nRewriteRule "^(.*)$" "$1" [END]\n',
    "rewrite handler": 'RewriteEngine On\nRewriteRule "." "-" [H=default-handler,L]\n',
    "rewrite environment": 'RewriteEngine On\nRewriteRule "." "-" [E=AVC_REASON:ok,E=no-gzip:1]\n',
    "AuthMerging": "AuthMerging Or\nRequire all granted\n",
    "basic auth": 'AuthType Basic\nAuthName x\nRequire all granted\nSatisfy Any\n',
    "ErrorDocument": "ErrorDocument 403 /chat/writeuserslist.php\nErrorDocument 410 /signed/a.txt\n",
    "Options": "Options +Indexes +MultiViews +Includes +ExecCGI\nDirectoryIndex a.txt index.html\n",
    "headers": 'RequestHeader set Authorization "x"\nRequestHeader unset Host\n'
               'SetEnvIf Remote_Addr "." AVC_REASON=ok\nSetEnv AVC_KID k1\n',
    "FallbackResource": "FallbackResource /chat/writeuserslist.php\n",
    "output": "SetOutputFilter INCLUDES\nAddOutputFilter DEFLATE txt\n",
}


@pytest.fixture(scope="module")
def everything_overridable(serve):
    server = httpd.Httpd(PROTECT, modules=MANY, docroot=SITE,
                         directory="Options All\nAllowOverride All\nAcceptPathInfo On\n"
                                   "Require all granted")
    return server


@pytest.fixture(scope="module")
def open_to_htaccess(everything_overridable):
    with everything_overridable as server:
        yield server


FOLDERS = ["", "chat", "signed", "bydir", "x"]


@pytest.mark.smoke
@pytest.mark.parametrize("name", sorted(HTACCESS))
def test_no_htaccess_switches_a_protection_off(open_to_htaccess, name):
    server = open_to_htaccess
    files = {(folder + "/.htaccess").lstrip("/"): HTACCESS[name] for folder in FOLDERS}
    httpd.plant(server.docroot, files)
    try:
        assert_shut(server, source=STRANGER)
        assert_shut(server, source=STRANGER, method="POST", body=b"x")
        for path, caller in PROTECTED.items():
            if caller and name not in ("ErrorDocument", "SetHandler"):
                other = ADMIN if caller == MEDIA else MEDIA
                assert not comes_out(server, path, source=other)
    finally:
        for file in files:
            httpd.os.unlink(httpd.os.path.join(server.docroot, file))


def test_without_an_htaccess_the_rightful_get_in(open_to_htaccess):
    for path, caller in PROTECTED.items():
        if caller:
            open_to_htaccess.allowed(path, source=caller, shows=SECRET)
    open_to_htaccess.allowed(signed("/signed/a.txt"), shows=SECRET)


@pytest.mark.parametrize("rule, target", [
    ('RewriteRule "^go$" "/chat/writeuserslist.php" [PT,L]', "/go"),
    ('RewriteRule "^go$" "/chat/avc_settings.xml" [L]', "/go"),
    ('RewriteRule "^go$" "/signed/a.txt" [L]', "/go"),
    ('RewriteRule "^go$" "/bydir/a.txt" [END]', "/go"),
    ('RewriteRule "^go$" "%{DOCUMENT_ROOT}/chat/writeuserslist.php" [END]', "/go"),
    ("FallbackResource /chat/writeuserslist.php", "/nothing/here"),
    ("FallbackResource /signed/a.txt", "/nothing/here"),
    ("ErrorDocument 404 /chat/writeuserslist.php", "/nothing/here"),
    ("ErrorDocument 404 /signed/a.txt", "/nothing/here"),
    ("ErrorDocument 404 /chat/avc_settings.xml", "/nothing/here"),
    ("DirectoryIndex /chat/writeuserslist.php", "/"),
    ("DirectoryIndex /signed/a.txt", "/"),
    ("DirectoryIndex /bydir/a.txt", "/"),
    ("DirectoryIndex chat/avc_settings.xml", "/"),
    ("DirectoryIndex x/byname.txt", "/"),
    ("Action default-handler /chat/writeuserslist.php\nSetHandler default-handler", "/open.txt"),
    ('Action own /signed/a.txt virtual\n<Files "open.txt">\nSetHandler own\n</Files>', "/open.txt"),
])
def test_htaccess_can_not_lead_to_what_is_protected(open_to_htaccess, rule, target):
    server = open_to_htaccess
    head = "RewriteEngine On\nRewriteBase /\n" if "RewriteRule" in rule else ""
    httpd.plant(server.docroot, {".htaccess": head + rule + "\n"})
    try:
        assert not comes_out(server, target, source=STRANGER)
    finally:
        httpd.os.unlink(httpd.os.path.join(server.docroot, ".htaccess"))


def own_directives(server):
    """The module's directives, as httpd itself lists them."""
    listed = subprocess.run(server.command("-L"), stdout=subprocess.PIPE, check=True).stdout.decode()
    names = re.findall(r"^(\w+) \(mod_avcsec\.c\)", listed, re.M)
    assert len(names) > 15, names
    return names


@pytest.fixture(scope="module")
def listed_overrides(serve):
    probe = httpd.Httpd(docroot={})
    names = own_directives(probe)
    probe.write_config(PROTECT)
    server = serve(PROTECT, docroot=SITE, directory="AllowOverride None\nAllowOverrideList %s\n"
                   "Require all granted" % " ".join(names))
    return server, names


VALUES = ["Off", "none", "all", "127.0.0.1", "On", "/tmp", "useragent", "Log", "30"]


def test_allow_override_list_lets_no_directive_in(listed_overrides):
    server, names = listed_overrides
    # httpd itself says that some can not stand in any .htaccess.
    server.log.disregard("AH02304: Discarding directive `Avc")
    for name in names:
        for value in VALUES:
            httpd.plant(server.docroot, {"chat/.htaccess": "%s %s\n" % (name, value)})
            answer = server.ask("/chat/index.html")
            assert answer.status == 500, (name, value, answer)
            assert not comes_out(server, "/chat/writeuserslist.php")
            wrapped = '<Files "*">\n%s %s\n</Files>\n<If "true">\n%s %s\n</If>\n' % (
                name, value, name, value)
            httpd.plant(server.docroot, {"chat/.htaccess": wrapped})
            assert server.ask("/chat/index.html").status == 500, (name, value)
    server.log.disregard(r"/chat/\.htaccess: ")


# -- sections of the server's own configuration that say nothing of ours

@pytest.mark.parametrize("more", [
    '<Location "/">\nRequire all granted\nSatisfy Any\n</Location>',
    '<Location "/chat">\nSatisfy Any\nAllow from all\n</Location>',
    '<If "true">\nRequire all granted\n</If>',
    '<LocationMatch "^/">\nAuthMerging Or\nRequire all granted\n</LocationMatch>',
    '<Files "*">\nRequire all granted\n</Files>',
    'Satisfy Any', '<Limit GET>\nRequire all denied\n</Limit>',
    "RewriteEngine On\nRewriteRule \"^/(.*)$\" \"/$1\" [PT]",
    "RewriteEngine On\nRewriteRule \"^/(.*)$\" \"@docroot@/$1\" [L]",
])
def test_sections_that_grant_access_do_not_weaken_a_protection(serve_once, more):
    if more == "Satisfy Any":
        more = '<Directory "@docroot@">\nSatisfy Any\n</Directory>'
    if more.startswith("<Limit"):
        more = '<Directory "@docroot@">\n%s\nSatisfy Any\n</Directory>' % more
    server = serve_once(PROTECT + more, docroot=SITE)
    assert_shut(server, source=STRANGER)
    assert_shut(server, source=STRANGER, method="FOO")
    server.allowed("/bydir/a.txt", source=MEDIA, shows=SECRET) if "Limit" not in more else None


# -- DirectoryIndex, FallbackResource, ErrorDocument, SSI, MultiViews in the server's configuration

INSIDE = {
    "DirectoryIndex": ("DirectoryIndex writeuserslist.php", "/chat/"),
    "DirectoryIndex to a signed file": ("DirectoryIndex /signed/a.txt", "/chat/"),
    "FallbackResource": ("FallbackResource /chat/writeuserslist.php", "/nothing"),
    "FallbackResource in the directory":
        ('<Directory "@docroot@/chat">\nFallbackResource /chat/writeuserslist.php\n</Directory>',
         "/chat/nothing"),
    "ErrorDocument": ("ErrorDocument 404 /chat/writeuserslist.php", "/nothing"),
    "ErrorDocument to a hidden file": ("ErrorDocument 404 /chat/avc_settings.xml", "/nothing"),
    "ErrorDocument of the refusal": ("ErrorDocument 403 /signed/a.txt", "/chat/writeuserslist.php"),
    "SSI virtual": ("", "/ssi/virtual.shtml"), "SSI file": ("", "/ssi/file.shtml"),
    "SSI hidden": ("", "/ssi/hidden.shtml"), "SSI signed": ("", "/ssi/signed.shtml"),
    "SSI exec": ("", "/ssi/exec.shtml"), "SSI directory": ("", "/ssi/dir.shtml"),
    "SSI file of a script": ("", "/file1.shtml"), "SSI file of a hidden name": ("", "/file2.shtml"),
    "SSI file of a signed location": ("", "/file3.shtml"), "SSI file of a directory": ("", "/file4.shtml"),
    "MultiViews to a hidden file": ("", "/chat/avc_settings"),
    "MultiViews to an admin page": ("", "/chat/admin"),
    "type map": ("AddHandler type-map .var", "/chat/map.var"),
    "RewriteRule": ('RewriteEngine On\nRewriteRule "^/go$" "/chat/writeuserslist.php" [PT]', "/go"),
    "RewriteRule to a file":
        ('RewriteEngine On\nRewriteRule "^/go$" "@docroot@/chat/writeuserslist.php" [L]', "/go"),
    "RewriteMap": ('RewriteEngine On\nRewriteRule "^/go/(.*)$" "/chat/$1" [PT]', "/go/avc_settings.xml"),
    "Alias": ('Alias "/go" "@docroot@/chat"', "/go/writeuserslist.php"),
    "Alias of a file": ('Alias "/go" "@docroot@/chat/avc_settings.xml"', "/go"),
    "AliasMatch": ('AliasMatch "^/u(\\d+)" "@docroot@/chat/writeuserslist.php"', "/u7"),
    "Action": ('Action own /chat/writeuserslist.php virtual\n<Files "open.txt">\nSetHandler own\n'
               '</Files>', "/open.txt"),
    "asis": ("AddHandler send-as-is .asis", "/chat/go.asis"),
    "VirtualDocumentRoot": ('VirtualDocumentRoot "@docroot@"', "/chat/writeuserslist.php"),
}
INSIDE_SITE = dict(SITE, **{
    "ssi/virtual.shtml": '<!--#include virtual="/chat/writeuserslist.php" -->',
    "ssi/file.shtml": '<!--#include file="byname.txt" -->', "ssi/byname.txt": SECRET,
    "ssi/hidden.shtml": '<!--#include virtual="/chat/avc_settings.xml" -->',
    "ssi/signed.shtml": '<!--#include virtual="/signed/a.txt" -->',
    "ssi/exec.shtml": '<!--#exec cgi="/chat/sendReport.cgi" -->',
    "chat/sendReport.cgi": ("mode", 0o755, "#!/bin/sh\necho 'Content-Type: text/plain\n\n%s'" % SECRET),
    "file1.shtml": '<!--#include file="chat/writeuserslist.php" -->',
    "file2.shtml": '<!--#include file="chat/avc_settings.xml" -->',
    "file3.shtml": '<!--#include file="signed/a.txt" -->',
    "file4.shtml": '<!--#include file="bydir/a.txt" -->',
    "ssi/dir.shtml": '<!--#include virtual="/bydir/a.txt" -->',
    "chat/map.var": "URI: avc_settings.xml\nContent-Type: text/xml\n\n",
    "chat/go.asis": "Status: 200\nLocation: /chat/writeuserslist.php\n\n",
})
INSIDE_DIRECTORY = ("Options All MultiViews\nAcceptPathInfo On\nAddHandler cgi-script .cgi\n"
                    "Require all granted")


@pytest.mark.parametrize("order", ["alphabetical", "last"])
@pytest.mark.parametrize("name", sorted(INSIDE))
def test_no_step_inside_httpd_leads_around(serve_once, name, order):
    config, target = INSIDE[name]
    server = serve_once(PROTECT + "AddOutputFilter INCLUDES .shtml\n" + config, modules=MANY,
                        avcsec=order, docroot=INSIDE_SITE,
                        directory=INSIDE_DIRECTORY)
    assert not comes_out(server, target, source=STRANGER)
    assert not comes_out(server, target, source=ADMIN if "admin" not in name else STRANGER)
    server.log.disregard(r"AH00685|AH00687|AH01618|AH01230")


@pytest.mark.parametrize("name", ["DirectoryIndex", "FallbackResource", "RewriteRule", "Alias",
                                  "SSI virtual", "SSI directory", "SSI exec", "Action", "ErrorDocument"])
def test_the_rightful_caller_takes_the_same_steps(serve_once, name):
    config, target = INSIDE[name]
    server = serve_once(PROTECT + "AddOutputFilter INCLUDES .shtml\n" + config, modules=MANY,
                        docroot=INSIDE_SITE, directory=INSIDE_DIRECTORY)
    answer = server.ask(target, source=MEDIA)
    assert SECRET in answer.text, answer


# -- PHP wirings

PHP_SECRET = "<?php echo 'THE-PROTECTED', '-CONTENT';"
WAYS_TO_PHP = ["/chat/writeuserslist.php", "/chat/writeuserslist.php/foo",
               "/chat/writeuserslist.php/foo.php", "/chat//writeuserslist.php",
               "/chat/x/../writeuserslist.php", "/chat/%77riteuserslist.php",
               "/chat/index.php/writeuserslist.php", "/chat/writeuserslist.php?x=.php",
               "/chat/writeuserslist.php%20", "/chat/writeuserslist.php;a=b", "/chat/./token_verify.php",
               "/aliased/writeuserslist.php"]


@pytest.mark.parametrize("wiring", php.WIRINGS)
def test_php_scripts_are_shut_in_every_wiring(serve_once, fpm, wiring):
    modules = USUAL + php.MODULES.get(wiring, {}).get("event", [])
    files = {"chat/writeuserslist.php": PHP_SECRET, "chat/token_verify.php": PHP_SECRET,
             "chat/index.php": "<?php echo 'front';", "signed/a.php": PHP_SECRET}
    server = serve_once(PROTECT + 'Alias "/aliased" "@docroot@/chat"\n' + php.WIRINGS[wiring],
                        modules=modules, docroot=files, **fpm.names())
    for target in WAYS_TO_PHP:
        for method in ("GET", "POST"):
            assert not comes_out(server, target, source=STRANGER, method=method, body=b"x=1"
                                 if method == "POST" else b""), target
    server.log.disregard(r"AH01071|AH10292|Primary script unknown")
    server.allowed("/chat/writeuserslist.php", source=MEDIA, shows=SECRET)
    server.allowed("/chat/index.php", source=STRANGER, shows="front")
    server.refused("/signed/a.php", "no-token")
    server.allowed(signed("/signed/a.php"), shows=SECRET)
    server.allowed(signed("/signed/a.php", "path"), shows=SECRET)


@pytest.mark.parametrize("place", ["htaccess", "directory"])
def test_a_rewrite_that_proxies_to_the_script_itself(serve_once, fpm, place):
    """Per-directory [P] names the script in fixups, after every earlier check."""
    rules = ('RewriteEngine On\n'
             'RewriteRule "^go$" "fcgi://127.0.0.1:@fpm@@docroot@/chat/writeuserslist.php" [P]\n'
             'RewriteRule "^hid$" "fcgi://127.0.0.1:@fpm@@docroot@/chat/wget.php" [P]\n')
    config = PROTECT if place == "htaccess" else PROTECT + '<Directory "@docroot@">\n%s</Directory>' % rules
    server = serve_once(config, docroot={"chat/writeuserslist.php": PHP_SECRET,
                                         "chat/wget.php": PHP_SECRET},
                        begin=False, directory="AllowOverride All\nRequire all granted", **fpm.names())
    if place == "htaccess":
        httpd.plant(server.docroot, {".htaccess": server.fill(rules)})
    server.start()
    server.refused("/go", "address", source=STRANGER)
    server.allowed("/go", source=MEDIA, shows=SECRET)
    server.refused("/hid", "hidden", source=MEDIA)


def test_the_path_info_of_an_open_script_is_only_looked_up(serve_once, fpm):
    """httpd maps path info as an address of its own: a look-up is judged but spends and says nothing."""
    server = serve_once(PROTECT + php.WIRINGS["SetHandler"], docroot=dict(SITE, **{
        "show.php": "<?php echo 'shown';"}), **fpm.names())
    server.allowed("/show.php/signed/a.txt", shows="shown")
    server.allowed("/show.php/bydir/a.txt", shows="shown")


# -- proxies

@pytest.fixture(scope="module")
def backend():
    server = Backend()
    yield server
    server.close()


def test_proxied_scripts_are_shut_too(serve_once, backend):
    config = PROTECT + """
    ProxyPass "/app/" "http://127.0.0.1:@backend@/"
    ProxyPass "/raw/" "http://127.0.0.1:@backend@/" nocanon
    ProxyPassMatch "^/m/(.*)$" "http://127.0.0.1:@backend@/$1"
    RewriteEngine On
    RewriteRule "^/p/(.*)$" "http://127.0.0.1:@backend@/$1" [P]
    RewriteRule "^/go$" "http://127.0.0.1:@backend@/chat/writeuserslist.php" [P]
    AllowEncodedSlashes NoDecode
    """
    server = serve_once(config, docroot=SITE, backend=backend.port)
    before = len(backend.seen)
    for prefix in ("/app/", "/raw/", "/m/", "/p/"):
        for rest in ("writeuserslist.php", "chat/writeuserslist.php", "chat//WriteUsersList.PHP",
                     "chat/%77riteuserslist.php", "x/../writeuserslist.php", "writeuserslist.php/x",
                     "writeuserslist.php;v=1", "chat/avc_settings.xml", "a;b/writeuserslist.php",
                     "chat/x%2Fwriteuserslist.php", "chat%2Fwriteuserslist.php"):
            answer = server.ask(prefix + rest, source=STRANGER)
            assert answer.status in (403, 404), (prefix + rest, answer)
    assert server.ask("/go", source=STRANGER).status == 403
    assert len(backend.seen) == before, backend.seen[before:]
    server.log.disregard(r"AVC\d{4}: (address|hidden): ")
    server.log.claim("AVC0102: .*ProxyPassMatch", count=None)
    server.allowed("/app/writeuserslist.php", source=MEDIA, shows="from behind")
    server.allowed("/go", source=MEDIA, shows="from behind")
    server.allowed("/raw/open.php", source=STRANGER, shows="from behind")


def test_a_proxy_on_the_same_host_is_not_the_media_server(serve_once):
    """httpd (or any proxy) on the listed address forwards strangers: they stay strangers."""
    config = """
    AvcMediaServer 127.0.0.1
    AvcMediaServerScripts avchat
    Listen 127.0.0.1:@front@
    <VirtualHost 127.0.0.1:@front@>
        AvcMediaServerScripts none
        ProxyPass "/" "http://127.0.0.1:@port@/"
    </VirtualHost>
    """
    server = serve_once(config, keys=None, docroot=SITE, front=httpd.free_port())
    answer = httpd.client.request(server.names["front"], "/chat/writeuserslist.php", source=MEDIA)
    assert answer.status == 403 and SECRET not in answer.text
    assert "AvcClientAddress" in server.log.claim(r"AVC\d{4}: address: ")[0]
    server.allowed("/chat/writeuserslist.php", source="127.0.0.1", shows=SECRET)


def test_a_forward_proxy_does_not_serve_private_files(serve_once):
    config = """
    AvcKeyFile "@keys@"
    ProxyRequests On
    <Location "/files">
        AvcFiles "@private@"
    </Location>
    """
    server = serve_once(config, private={"a.txt": SECRET}, docroot={})
    answer = server.ask("http://127.0.0.1:1" + signed("/files/a.txt"), host="127.0.0.1:1")
    assert SECRET not in answer.text and answer.status in (403, 503), answer
    server.log.disregard(r"AVC\d{4}: |AH0\d+: ")


# -- caches

CACHING = USUAL + ["cache", "cache_disk"]

def test_the_cache_keeps_nothing_that_is_protected(serve_once):
    config = PROTECT + """
    CacheQuickHandler Off
    CacheEnable disk "/"
    CacheRoot "@root@/run/cache"
    CacheIgnoreNoLastMod On
    CacheStorePrivate On
    CacheStoreNoStore On
    CacheIgnoreCacheControl On
    CacheDefaultExpire 3600
    """
    server = serve_once(config, modules=CACHING, docroot=SITE, begin=False)
    httpd.os.makedirs(httpd.os.path.join(server.root, "run", "cache"), exist_ok=True)
    httpd.settings.give(server.root + "/run")
    server.start()
    for _ in range(2):
        server.allowed("/open.txt", shows="open")
        server.allowed("/chat/writeuserslist.php", source=MEDIA, shows=SECRET)
        server.allowed(signed("/signed/a.txt"), shows=SECRET)
        header = [("Authorization", "Bearer " + token("/signed/a.txt"))]
        server.allowed("/signed/a.txt", headers=header, shows=SECRET)
        server.allowed("/bydir/a.txt", source=MEDIA, shows=SECRET)
        assert_shut(server, source=STRANGER)
        server.refused("/signed/a.txt", "no-token")
        server.refused("/chat/writeuserslist.php", "address", source=STRANGER)


def test_log_mode_leaves_nothing_in_the_cache_either(serve_once):
    config = """
    AvcKeyFile "@keys@"
    AvcEnforce @enforce@
    <Location "/signed">
        AvcSignedURL On
    </Location>
    CacheQuickHandler Off
    CacheEnable disk "/"
    CacheRoot "@root@/run"
    CacheIgnoreCacheControl On
    CacheStorePrivate On
    CacheStoreNoStore On
    CacheDefaultExpire 3600
    """
    server = serve_once(config, modules=CACHING, docroot=SITE, enforce="Log")
    for _ in range(2):
        assert server.ask("/signed/a.txt").text == SECRET
    server.log.claim(r"AVC\d{4}: no-token: ", count=2)
    server.names["enforce"] = "On"
    server.write_config()
    server.graceful()
    server.refused("/signed/a.txt", "no-token")


def test_what_was_cached_before_the_protection_is_not_replayed(serve_once):
    cache = """
    CacheQuickHandler Off
    CacheEnable disk "/"
    CacheRoot "@root@/run"
    CacheDefaultExpire 3600
    """
    server = serve_once('AvcKeyFile "@keys@"\n' + cache, modules=CACHING, docroot=SITE)
    for _ in range(2):
        server.allowed("/signed/a.txt", shows=SECRET)
        server.allowed("/chat/writeuserslist.php", shows=SECRET)
    server.write_config(PROTECT + cache)
    server.graceful()
    server.refused("/signed/a.txt", "no-token")
    server.refused("/chat/writeuserslist.php", "address")
    server.allowed("/open.txt", shows="open")


# -- spelling, negotiation, dav

def test_spelling_corrections_show_nothing_private(serve_once):
    config = PROTECT + """
    CheckSpelling On
    <Location "/files">
        AvcFiles "@private@"
    </Location>
    """
    server = serve_once(config, modules=MANY, docroot=dict(SITE, **{"files/readme.txt": "x"}),
                        private={"secret-name.txt": SECRET, "secret-name2.txt": SECRET})
    for target in ("/files/secret-nam.txt", "/files/Secret-name.txt", "/files/secret-namex.txt"):
        server.refused(target, "no-token")
        answer = server.ask(signed(target))
        assert answer.status == 404 and "secret-name.txt" not in answer.text.lower().replace(
            target.lower(), "") and not answer.get("Location"), answer
        server.log.claim(r"AVC\d{4}: not-found: ")
    for target in ("/chat/WRITEUSERSLIST.PHP", "/chat/writeuserslst.php", "/chat/avc_setting.xml",
                   "/CHAT/writeuserslist.php", "/sigNed/a.txt", "/signe/a.txt"):
        answer = server.ask(target)
        assert SECRET not in answer.text, answer
        if answer.status in (301, 300) and answer.get("Location"):
            assert not comes_out(server, re.sub("^https?://[^/]*", "", answer.get("Location")))
    server.log.disregard(r"AVC\d{4}: (address|hidden|no-token): ")


def test_webdav_neither_reads_nor_copies_a_protected_script(serve_once):
    config = PROTECT + """
    DavLockDB "@root@/run/davlock"
    <Location "/chat">
        Dav On
        DirectoryIndex disabled
    </Location>
    """
    server = serve_once(config, modules=USUAL + ["dav", "dav_fs"], docroot=SITE)
    here = "http://chat.example/chat/"
    for method in ("COPY", "MOVE", "PUT", "DELETE", "PROPFIND", "PROPPATCH", "LOCK", "MKCOL"):
        for target in ("/chat/writeuserslist.php", "/chat/avc_settings.xml", "/chat/admin.html"):
            answer = server.ask(target, method, headers=[("Destination", here + "copy.txt")])
            assert answer.status == 403, (method, target, answer)
            server.log.disregard(r"AVC\d{4}: (address|hidden): ")
    answer = server.ask("/chat/", "PROPFIND", headers=[("Depth", "1")])
    assert answer.status == 207 and "index.html" in answer.text, answer
    server.log.disregard(r"AVC\d{4}: (address|hidden): |AH01630")
    assert server.ask("/chat/copy.txt").status == 404


def test_a_listing_does_not_show_protected_names(serve_once):
    server = serve_once(PROTECT, docroot=SITE, directory="Options +Indexes\nRequire all granted")
    httpd.os.unlink(httpd.os.path.join(server.docroot, "chat", "index.html"))
    answer = server.ask("/chat/", source=STRANGER)
    assert answer.status == 200
    assert "writeuserslist" not in answer.text and "avc_settings" not in answer.text, answer.text
    server.log.disregard(r"AVC\d{4}: (address|hidden): ")
    answer = server.ask("/chat/", source=MEDIA)
    assert "writeuserslist.php" in answer.text
    server.log.disregard(r"AVC\d{4}: (address|hidden): ")


# -- encoded slashes

@pytest.mark.parametrize("mode", ["Off", "On", "NoDecode"])
def test_encoded_slashes(serve_once, mode):
    config = PROTECT + "AllowEncodedSlashes %s\n" % mode + """
    <Location "/files">
        AvcFiles "@private@"
    </Location>
    """
    server = serve_once(config, docroot=SITE, private={"d/a.txt": SECRET, "a.txt": SECRET})
    for target in ("/chat%2fwriteuserslist.php", "/chat%2Fwriteuserslist.php", "/x%2f..%2fchat/writeuserslist.php",
                   "/chat/x%2f..%2fwriteuserslist.php", "/chat/.%2fwriteuserslist.php",
                   "/signed%2fa.txt", "/x/..%2fsigned/a.txt", "/signed/..%2fsigned/a.txt",
                   "/signed%2f/a.txt", "/%2fsigned/a.txt", "/bydir%2fa.txt", "/bydir/x%2f..%2fa.txt",
                   "/files/d%2fa.txt", "/files%2fa.txt", "/x%2f..%2ffiles/a.txt", "/chat%2favc_settings.xml"):
        assert not comes_out(server, target), target
        for tok in (token("/files/", dir=1), token("/signed/", dir=1), token(target)):
            answer = server.ask(target + "?avc=" + tok)
            assert SECRET not in answer.text, (target, answer)
            server.log.disregard(r"AVC\d{4}: ")
    server.allowed(signed("/files/d/a.txt"), shows=SECRET)


# -- path tokens, forged and right, everywhere

PIECES = ["", ".", "..", "%2e", "%2E%2e", "..;", ".;x", "%2e%2e%3b", "x/..", "%5c", "%0a"]


def variants():
    """(path with holes for the token at every place, whether the form is canonical)."""
    for segments in (["signed", "a.txt"], ["signed", "dir", ""], ["chat", "writeuserslist.php"],
                     ["bydir", "a.txt"], ["chat", "avc_settings.xml"]):
        for piece in [None] + PIECES:
            for at in range(len(segments) + 1):
                mixed = list(segments) if piece is None else segments[:at] + [piece] + segments[at:]
                for place in range(len(mixed) + (mixed[-1] != "")):
                    yield "/" + "/".join(mixed[:place] + ["@"] + mixed[place:]), piece is None
                if piece is None:
                    break


def keep_alive(server, targets):
    """Many requests, few connections; yields (target, status, body)."""
    for start in range(0, len(targets), 80):
        batch = targets[start:start + 80]
        with httpd.client.connect(server.port) as sock:
            stream = sock.makefile("rb")
            for target in batch:
                sock.sendall(httpd.client.compose(target, headers=[("Connection", "keep-alive")]))
                status = stream.readline().split()
                headers = {}
                while True:
                    line = stream.readline().strip()
                    if not line:
                        break
                    name, _, value = line.partition(b":")
                    headers[name.lower()] = value.strip()
                body = stream.read(int(headers.get(b"content-length", b"0")))
                yield target, int(status[1]), body
                if headers.get(b"connection") == b"close":
                    sock.close()
                    sock = httpd.client.connect(server.port)
                    stream = sock.makefile("rb")


@pytest.fixture(scope="module")
def plain_site(serve):
    return serve(PROTECT, docroot=SITE, outside="MaxKeepAliveRequests 1000")


@pytest.mark.smoke
def test_a_forged_path_token_at_any_place_of_any_form_opens_nothing(plain_site):
    forged = ["~" + tampered(token("/signed/", dir=1)), "~" + tampered(token("/signed/a.txt")),
              "%7Eavc1~x", "~avc1~"]
    targets = [form.replace("@", tok) for form, _ in variants() for tok in forged]
    for target, status, body in keep_alive(plain_site, targets):
        assert status in (400, 403, 404) and SECRET.encode() not in body, (target, status)
        if ".." not in target.lower().replace("%2e", "."):
            assert status == 403, (target, status)      # with dots, httpd's own 400 may come first
    plain_site.log.disregard(r"AVC\d{4}: (signature|malformed|address|hidden): |AH10244")


@pytest.mark.smoke
def test_a_right_path_token_opens_its_own_path_in_canonical_form_only(plain_site):
    rights = {"/signed/a.txt": token("/signed/a.txt"), "dir": token("/signed/", dir=1)}
    for name, tok in rights.items():
        for form, canonical in variants():
            target = form.replace("@", "~" + tok)
            answer = plain_site.ask(target)
            path = form.replace("/@", "")
            opens = canonical and (path == "/signed/a.txt" if name != "dir"
                                   else path.startswith("/signed/"))
            if opens:
                assert answer.status == 200 and SECRET in answer.text, (target, answer)
            else:
                assert answer.status in (400, 403, 404) and SECRET not in answer.text, (target, answer)
                plain_site.log.disregard(r"AVC\d{4}: (signature|malformed|address|hidden): |AH10244")


@pytest.mark.parametrize("target", [
    "/x/~@/../signed/a.txt", "/~@/x/../signed/a.txt", "/~@/./signed/a.txt", "/~@//signed/a.txt",
    "/signed/../~@/signed/a.txt", "/~@/signed/%2e/a.txt", "/signed/~@/..;/signed/a.txt",
])
def test_cutting_the_token_never_switches_normalisation_off(plain_site, target):
    for tok in (token("/signed/", dir=1), tampered(token("/signed/", dir=1)), token("/signed/a.txt")):
        plain_site.refused(target.replace("@", tok), "(malformed|signature)")


def test_more_than_four_tokens_in_the_path(plain_site):
    tok = "~" + token("/signed/", dir=1)
    for count in (5, 6, 20):
        plain_site.refused("/signed/" + "/".join([tok] * count) + "/a.txt", "malformed")


def test_a_path_token_must_not_cross_a_protection_it_is_not_for(plain_site):
    """A right file token for the chat folder opens neither its scripts nor its hidden files."""
    tok = "~" + token("/chat/", dir=1)
    plain_site.allowed("/chat/%s/index.html" % tok, shows="home")
    plain_site.refused("/chat/%s/writeuserslist.php" % tok, "address")
    plain_site.refused("/chat/%s/avc_settings.xml" % tok, "hidden")
    plain_site.allowed("/chat/%s/writeuserslist.php" % tok, source=MEDIA, shows=SECRET)


def test_without_a_key_file_path_tokens_are_just_names(serve_once):
    server = serve_once("AvcMediaServer 127.0.0.2\nAvcMediaServerScripts avchat\n", keys=None,
                        docroot=SITE)
    assert server.ask("/~avc1~for.file~x/open.txt").status == 404
    server.refused("/~avc1~for.file~x/chat/writeuserslist.php", "address")


# -- shadows over private files

FILES = """
AvcKeyFile "@keys@"
<Location "/files">
    AvcFiles "@private@"
</Location>
"""


@pytest.mark.parametrize("shadow", [
    'Alias "/files" "@docroot@/public"', 'AliasMatch "^/files/(.*)" "@docroot@/public/$1"',
    'ScriptAlias "/files/" "@docroot@/public/"', 'ProxyPass "/files" "http://127.0.0.1:1/"',
    'ProxyPassMatch "^/files/(.*)$" "http://127.0.0.1:1/$1"',
    'RewriteEngine On\nRewriteRule "^/files/(.*)$" "http://127.0.0.1:1/$1" [P]',
    'RewriteEngine On\nRewriteRule "^/files/(.*)$" "@docroot@/public/$1" [L]',
])
def test_a_shadow_over_private_files_gives_nobody_elses_file(serve_once, shadow):
    server = serve_once(FILES + shadow, modules=MANY, private={"a.txt": "private"},
                        docroot={"public/a.txt": SECRET, "files/a.txt": SECRET})
    answer = server.ask(signed("/files/a.txt"))
    server.is_refusal(answer, "shadowed")
    answer = server.ask("/files/a.txt")
    assert answer.status == 403
    server.log.claim(r"AVC\d{4}: (shadowed|no-token): ")


def test_rewrite_rules_and_redirects_come_first(serve_once):
    config = FILES + """
    RewriteEngine On
    RewriteRule "^/files/forbidden" "-" [F]
    RewriteRule "^/files/gone" "-" [G]
    RewriteRule "^/files/moved" "/elsewhere" [R=302]
    Redirect "/files/old" "/new"
    FallbackResource /index.txt
    """
    server = serve_once(config, modules=MANY, private={
        n: SECRET for n in ("forbidden", "gone", "moved", "old", "a.txt")},
        docroot={"index.txt": "fallback"})
    for name, status in (("forbidden", 403), ("gone", 410), ("moved", 302), ("old", 302)):
        answer = server.ask(signed("/files/" + name))
        assert answer.status == status and SECRET not in answer.text, answer
        server.log.disregard(r"AVC\d{4}: shadowed: ")
    server.allowed(signed("/files/a.txt"), shows=SECRET)
    server.refused(signed("/files/none"), "not-found", status=404)
    server.allowed("/other", shows="fallback")


# -- malformed requests that carry a token

@pytest.mark.smoke
def test_malformed_requests_leave_no_mac_in_any_log(serve_once):
    server = serve_once(PROTECT + """
    ExtendedStatus On
    <Location "/server-status">
        SetHandler server-status
    </Location>
    KeepAlive Off
    LimitRequestLine 4000
    LimitRequestFieldSize 4000
    """, docroot=SITE)
    for target in (signed("/signed/a.txt"), signed("/signed/a.txt", "path")):
        head = "GET %s HTTP/1.1\r\n" % target
        for data in (head + "\r\n",                                             # no Host
                     head + "Host: a\r\nHost: b\r\n\r\n", head + "Host: a b\r\n\r\n",
                     head + "Host: x\r\nno colon here\r\n\r\n", head + "Host: x\r\n : y\r\n\r\n",
                     head + "Host: x\r\nBig: %s\r\n\r\n" % ("y" * 5000),
                     head + "Host: x\r\nExpect: foo\r\nConnection: close\r\n\r\n",
                     head + "Host: x\r\nTransfer-Encoding: nonsense\r\n\r\n",
                     head + "Host: x\r\nContent-Length: -1\r\n\r\n",
                     "GET %s%s HTTP/1.1\r\nHost: x\r\n\r\n" % (target, "z" * 5000),      # 414
                     "GET %s HTTP/3.9\r\nHost: x\r\n\r\n" % target,
                     "GET %s FTP/1.1\r\nHost: x\r\n\r\n" % target,
                     "get\t%s HTTP/1.1\r\nHost: x\r\n\r\n" % target,
                     "GET  %s HTTP/1.1\r\nHost: x\r\n\r\n" % target,
                     "GET %s extra HTTP/1.1\r\nHost: x\r\n\r\n" % target,
                     "GET %s%%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % target,
                     "GET %s%%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % target,
                     "GET http://[%s HTTP/1.1\r\nHost: x\r\n\r\n" % target,
                     "GET %s HTTP/1.1\r\nHost: x\r\nReferer: http://x%s\r\nbad line\r\n\r\n" % (
                         "/", target),
                     "%s / HTTP/1.1\r\nHost: x\r\n\r\n" % target):
            seen = server.raw(data)
            assert SECRET.encode() not in seen or b" 200 " in seen[:20], data
    server.log.disregard(r"AVC\d{4}: |AH10244|AH00\d+|AH0\d+")
    status = server.ask("/server-status")
    assert status.status == 200
    assert not re.search(
        r"mac(\.|%2e)[A-Za-z0-9_-]{43}", status.text, re.I)
    assert re.search(r"mac\.\*", server.access_log()), server.access_log()[:2000]
