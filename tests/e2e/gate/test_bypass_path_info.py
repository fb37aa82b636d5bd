# SPDX-License-Identifier: Apache-2.0
# What path info leads to is run as well: php-cgi takes its script from PATH_TRANSLATED, and so does
# PHP-FPM where it is not told that httpd asks (ProxyFCGIBackendType GENERIC); with the query as it is.
import os

import pytest

from avc import httpd, php
from avc.httpd import USUAL
from avc.peers import ADMIN, MEDIA, STRANGER

RAN = "<?php echo 'RAN ', basename(__FILE__);"
CONFIG = """
AvcKeyFile "@keys@"
AvcMediaServer 127.0.0.2
AvcAdmin 127.0.0.3
AvcMediaServerScripts avchat
AvcAdminScripts avchat
Alias "/other" "@root@/elsewhere"
<Location "/signed">
    AvcSignedURL On
</Location>
<Location "/other/signed">
    AvcSignedURL On
</Location>
<Location "/session">
    AvcSessionFor play
</Location>
<Directory "@docroot@/bydir">
    AvcMediaServerOnly On
</Directory>
<Files "byname.php">
    AvcAdminOnly On
</Files>
"""
CONTROLLER = ('<FilesMatch "^front\\.phtml$">\nProxyFCGIBackendType GENERIC\n'
           'SetHandler "proxy:fcgi://127.0.0.1:@fpm@"\n</FilesMatch>\n')
# What an .htaccess says, and what is asked for; "*" stands for the script's address.
WAYS = {
    "rule to php-cgi": ('RewriteEngine On\nRewriteRule "^go/(.*)$" "/cgi-php/php-cgi/$1" [L]', "/go*"),
    "rule with doubled slashes": ('RewriteEngine On\nRewriteRule "^go/(.*)$" "/cgi-php/php-cgi//$1" [L]',
                                  "/go*"),
    "error page of php-cgi": ('ErrorDocument 404 "/cgi-php/php-cgi@url@"', "/none"),
    "front controller": ( 'RewriteEngine On\nRewriteRule "^go/(.*)$" "/front.phtml/$1" [L]', "/go*"),
    "error page of PHP-FPM": ( 'ErrorDocument 404 "/front.phtml@url@"', "/none"),
}
# Who may run it; None: nobody without a token.
SCRIPTS = {"/signed/a.php": None, "/session/a.php": None, "/bydir/a.php": MEDIA, "/x/byname.php": ADMIN,
           "/chat/writeuserslist.php": MEDIA, "/other/signed/a.php": None, "/linked.php": MEDIA,
           "/settings.php?admin=true": ADMIN}


@pytest.fixture(scope="module")
def web(serve_begin, fpm):
    files = {name.partition("?")[0][1:]: RAN for name in SCRIPTS if not name.startswith("/other/")}
    files.update({"open.php": RAN, "front.phtml": "<?php echo 'front';", "chat/avc_settings.php": RAN,
                  "linked.php": ("link", "chat/writeuserslist.php"),
                  "settings.php": ("link", "chat/avc_settings.php")})
    server = serve_begin(CONFIG + CONTROLLER + php.WIRINGS["CGI"], modules=USUAL + ["cgid"], docroot=files,
                         directory="Options FollowSymLinks\nAllowOverride FileInfo Indexes\n"
                                   "Require all granted", **fpm.names())
    httpd.plant(os.path.join(server.root, "elsewhere"), {"signed/a.php": RAN})
    httpd.settings.give(server.root)
    return server.start()


@pytest.fixture(scope="module")
def serve_begin():
    servers = []

    def make(*args, **how):
        servers.append(httpd.Httpd(*args, **how))
        return servers[-1]

    yield make
    httpd.stop_all(servers)


def runs(server, way, script, **how):
    text, target = WAYS[way]
    if "@url@" in text and "?" in script:
        text = text.replace("@url@\"", "@url@?%s\"" % script.partition("?")[2])
    text = text.replace("@url@", script.partition("?")[0])
    httpd.plant(server.docroot, {".htaccess": server.fill(text)})
    try:
        answer = server.ask(target.replace("*", script), **how)
    finally:
        os.unlink(os.path.join(server.docroot, ".htaccess"))
    server.log.disregard(r"AVC\d{4}: |AH01071|AH01215|Primary script|No input file")
    return "RAN" in answer.text


@pytest.mark.parametrize("script", sorted(SCRIPTS))
@pytest.mark.parametrize("way", sorted(WAYS))
def test_path_info_leads_to_nothing_that_is_protected(web, way, script):
    for method in ("GET", "POST"):
        assert not runs(web, way, script, source=STRANGER, method=method), method
    if SCRIPTS[script] and (way.startswith("error") or "?" not in script):
        assert runs(web, way, script, source=SCRIPTS[script])


@pytest.mark.parametrize("way", sorted(WAYS))
def test_path_info_leads_to_what_is_open(web, way):
    """So that the test above is not about ways that lead nowhere."""
    assert runs(web, way, "/open.php", source=STRANGER)
