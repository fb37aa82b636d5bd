# SPDX-License-Identifier: Apache-2.0
# What an .htaccess, or a section that says nothing of ours, might do to a protection: nothing.
import os
import re
import subprocess

import pytest

from avc import httpd
from avc.peers import ADMIN, MEDIA, STRANGER
from avc.protected import MANY, PROTECT, PROTECTED, SECRET, SITE, assert_shut, comes_out
from avc.tokens import signed


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


# SPEC [conf-1]
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
            os.unlink(os.path.join(server.docroot, file))


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
        os.unlink(os.path.join(server.docroot, ".htaccess"))


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


# SPEC [conf-1]
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
