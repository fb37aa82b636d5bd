# SPDX-License-Identifier: Apache-2.0
# What a script is told beside its address: an .htaccess may set its environment, but chooses no
# other script by it, and says nothing in this module's name.
import os

import pytest

from avc import httpd, php
from avc.httpd import USUAL
from avc.peers import ADMIN, MEDIA, STRANGER
from avc.tokens import signed

RAN = "<?php echo 'RAN ', basename(__FILE__);"
TOLD = "<?php foreach ($_SERVER as $k => $v) if (strpos($k, 'AVC') !== false) echo $k, '=', $v, ' '; echo 'TOLD';"
CONFIG = """
AvcKeyFile "@keys@"
AvcMediaServer 127.0.0.2
AvcMediaServerScripts avchat
AvcHidden avchat
<Location "/signed">
    AvcSignedURL On
</Location>
<Directory "@docroot@/bydir">
    AvcMediaServerOnly On
</Directory>
"""
SITE = {"chat/writeuserslist.php": RAN, "chat/wget.php": RAN, "signed/a.php": RAN, "bydir/a.php": RAN,
        "show.php": "<?php echo 'SHOWN ', $_SERVER['PATH_INFO'] ?? '';", "told.php": TOLD,
        "signed/told.php": TOLD}
NOISE = r"AVC\d{4}: |AH01071|Primary script|no .htaccess says|no .htaccess hides|AH01630|AH10292|AH01506|AH00670|malformed header"


def start(serve, fpm, wiring, mpm="event", config="", guarded=True):
    modules = USUAL + ["proxy_balancer", "lbmethod_byrequests", "slotmem_shm"] + \
        php.MODULES.get(wiring, {}).get(mpm, [])
    return serve((CONFIG if guarded else "") + WIRINGS[wiring] + config, modules=modules, mpm=mpm,
                 docroot=SITE, directory="Options FollowSymLinks\nAllowOverride FileInfo Indexes\n"
                 "Require all granted", **fpm.names())


WIRINGS = dict(php.WIRINGS, **{
    "SetHandler-balancer": '<Proxy "balancer://php">\nBalancerMember "fcgi://127.0.0.1:@fpm@"\n</Proxy>\n'
                           '<FilesMatch "\\.php$">\nSetHandler "proxy:balancer://php"\n</FilesMatch>\n',
})


def try_out(server, htaccess, target="/show.php", headers=(), source=STRANGER):
    server.log.poll()
    path = os.path.join(server.docroot, ".htaccess")
    httpd.plant(server.docroot, {".htaccess": server.fill(htaccess)})
    try:
        return server.ask(target, headers=headers, source=source)
    finally:
        os.unlink(path)


REWRITE = "RewriteEngine On\n"
CHOICES = {
    # whatever the wiring, none of these runs another script
    "SCRIPT_FILENAME": 'ProxyFCGISetEnvIf "true" SCRIPT_FILENAME "%s"',
    "script_filename": 'ProxyFCGISetEnvIf "true" script_filename "%s"',
    "SCRIPT_FILENAME in If": '<If "true">\n<Files "*.php">\nProxyFCGISetEnvIf "true" SCRIPT_FILENAME "%s"\n'
                             '</Files>\n</If>',
    "an expression": 'ProxyFCGISetEnvIf "true" SCRIPT_FILENAME "%%{HTTP:X-Run}"',
    "PATH_TRANSLATED": 'ProxyFCGIBackendType GENERIC\nProxyFCGISetEnvIf "true" PATH_TRANSLATED "%s"\n'
                       'SetEnv REDIRECT_URL /x',
    "no SCRIPT_FILENAME": 'ProxyFCGISetEnvIf "true" !SCRIPT_FILENAME\nSetEnv PATH_TRANSLATED "%s"',
    "GENERIC and SetEnvIf": 'ProxyFCGIBackendType GENERIC\nSetEnvIf Request_URI . PATH_TRANSLATED=%s '
                            'REDIRECT_URL=/x',
    "generic and SetEnv": 'ProxyFCGIBackendType generic\nSetEnv PATH_TRANSLATED "%s"\nSetEnv REDIRECT_URL /x',
    "SetEnv": 'SetEnv PATH_TRANSLATED "%s"\nSetEnv REDIRECT_URL /x\nSetEnv SCRIPT_FILENAME "%s"',
    "SetEnvIf": 'SetEnvIf Request_URI . PATH_TRANSLATED=%s REDIRECT_URL=/x SCRIPT_FILENAME=%s '
                'REDIRECT_STATUS=200',
    "a rewrite": REWRITE + 'RewriteRule "^show.php$" "-" [E=PATH_TRANSLATED:%s,E=REDIRECT_URL:/x,'
                 'E=SCRIPT_FILENAME:%s,E=DOCUMENT_ROOT:/]',
}


@pytest.mark.parametrize("wiring", sorted(WIRINGS))
@pytest.mark.parametrize("mpm", ["event", "worker", "prefork"])
def test_no_environment_of_an_htaccess_chooses_another_script(serve_once, fpm, wiring, mpm):
    server = start(serve_once, fpm, wiring, mpm)
    for name, text in CHOICES.items():
        for script in ("chat/writeuserslist.php", "chat/wget.php", "bydir/a.php", "signed/a.php"):
            path = os.path.join(server.docroot, script)
            text = text.replace("%%", "%").replace("%s", path)
            for target in ("/show.php", "/show.php/x", "/app/%s" % script):
                answer = try_out(server, REWRITE + 'RewriteRule "^app/(.*)$" "show.php/$1" [L]\n' + text,
                                 target, [("X-Run", path)])
                assert "RAN" not in answer.text, (name, script, target)
        server.log.disregard(NOISE)


@pytest.mark.parametrize("way", ["a rewrite", "an Action", "FallbackResource"])
@pytest.mark.parametrize("wiring", ["CGI", "SetHandler", "SetHandler-balancer", "ProxyPassMatch"])
def test_path_info_behind_a_redirect_leads_to_no_protected_place(serve_once, fpm, wiring, way):
    """php-cgi by mod_actions, and PHP-FPM under ProxyFCGIBackendType GENERIC, run PATH_TRANSLATED."""
    server = start(serve_once, fpm, wiring, config='<Directory "@docroot@">\nProxyFCGIBackendType GENERIC\n'
                                                   '</Directory>\n')
    interpreter = "/cgi-php/php-cgi" if wiring == "CGI" else "/show.php"
    ways = {"a rewrite": (REWRITE + 'RewriteRule "^go$" "%s/{}" [PT]' % interpreter, "/go"),
            "an Action": ("Action own %s/{}\n<Files \"told.php\">\nSetHandler own\n</Files>" % interpreter,
                          "/told.php"),
            "FallbackResource": ("FallbackResource %s/{}" % interpreter, "/none")}
    text, target = ways[way]
    for script in ("bydir/a.php", "signed/a.php", "chat/wget.php", "chat/writeuserslist.php"):
        answer = try_out(server, text.replace("{}", script), target)
        assert "RAN" not in answer.text, script
        assert "RAN" not in try_out(server, text.replace("{}", "x/../" + script), target).text
        assert "RAN" not in try_out(server, text.replace("{}", "/" + script + "/more"), target).text
    server.log.disregard(NOISE)


def test_the_rightful_caller_of_php_by_mod_actions(serve_once, fpm):
    """There path info names the script, whose own address was judged."""
    server = start(serve_once, fpm, "CGI")
    assert server.ask("/bydir/a.php", source=MEDIA).text == "RAN a.php"
    server.allowed(signed("/signed/a.php"), shows="RAN a.php")
    server.allowed("/show.php/any/thing", shows="SHOWN /any/thing")
    server.refused("/bydir/a.php", "address", source=STRANGER)


SPOKEN = {
    "ProxyFCGISetEnvIf": 'ProxyFCGISetEnvIf "true" AVC_SUB "admin"',
    "in small letters": 'ProxyFCGISetEnvIf "true" avc_sub "admin"',
    "the role": 'ProxyFCGISetEnvIf "true" AVC_ROLE "admin"',
    "after a redirect": 'ProxyFCGISetEnvIf "true" REDIRECT_AVC_SUB "admin"',
    "as a header": 'ProxyFCGISetEnvIf "true" HTTP_X_AVC_SUB "admin"',
    "a reason taken back": 'ProxyFCGISetEnvIf "true" !AVC_KID',
    "SetEnv": "SetEnv AVC_SUB admin\nSetEnv avc_role admin\nSetEnv REDIRECT_AVC_SUB admin",
    "SetEnvIf": "SetEnvIf Request_URI . AVC_SUB=admin AVC_ROLE=admin REDIRECT_AVC_ROLE=admin",
    "SetEnvIfNoCase": 'SetEnvIfNoCase Host . AVC_SUB=admin',
    "SetEnvIfExpr": 'SetEnvIfExpr "true" AVC_SUB=admin',
    "BrowserMatch": "BrowserMatch . AVC_SUB=admin",
    "a rewrite": REWRITE + 'RewriteRule "." "-" [E=AVC_SUB:admin,E=avc_role:admin]',
    "a rewrite elsewhere": REWRITE + 'RewriteRule "^show.php$" "told.php" [E=AVC_SUB:admin,L]',
    "a rewrite with P": REWRITE + 'RewriteRule "^show.php$" "fcgi://127.0.0.1:@fpm@@docroot@/told.php" '
                        '[P,E=AVC_SUB:admin]',
    "a handler": '<Files "show.php">\nSetHandler "proxy:fcgi://127.0.0.1:@fpm@@docroot@/told.php"\n</Files>\n'
                 'SetEnv AVC_SUB admin',
    "PassEnv": "PassEnv AVC_SUB",
}


@pytest.mark.parametrize("wiring", sorted(WIRINGS))
@pytest.mark.parametrize("name", sorted(SPOKEN))
def test_no_htaccess_speaks_in_this_modules_name(serve_once, fpm, wiring, name):
    server = start(serve_once, fpm, wiring)
    for target in ("/told.php", "/show.php", signed("/signed/told.php")):
        answer = try_out(server, SPOKEN[name], target)
        assert "=admin" not in answer.text, answer
        # Rules of an .htaccess take the place of the wiring's, which then runs nothing.
        if answer.status == 200 and "<?php" not in answer.text and "signed" in target:
            assert "AVC_KID=k1" in answer.text, answer
    server.log.disregard(NOISE)


@pytest.mark.parametrize("line", ['ProxyFCGISetEnvIf "true" SCRIPT_FILENAME "/x.php"',
                                  'ProxyFCGISetEnvIf "true" AVC_SUB "x"', "ProxyFCGIBackendType GENERIC"])
def test_an_htaccess_that_says_so_is_refused_with_the_reason(serve_once, fpm, line):
    server = start(serve_once, fpm, "SetHandler")
    assert try_out(server, line, "/show.php").status == 500
    server.log.claim(r"\.htaccess: %s.*in a host with protections of mod_avcsec" % line.split()[0])


def test_the_servers_own_configuration_says_what_it_likes(serve_once, fpm):
    server = start(serve_once, fpm, "SetHandler", config="""
        ProxyFCGISetEnvIf "reqenv('X') =~ /never/" SCRIPT_FILENAME "/x"
        ProxyFCGISetEnvIf "true" SITE "ours"
        <Directory "@docroot@">
            ProxyFCGIBackendType FPM
        </Directory>
    """)
    server.allowed("/show.php", shows="SHOWN")
    for line in ('ProxyFCGISetEnvIf "true" PHP_VALUE "upload_max_filesize=9M"', "ProxyFCGIBackendType FPM",
                 'ProxyFCGISetEnvIf "true" MY_OWN "x"'):
        assert try_out(server, line).text == "SHOWN ", line


def test_a_host_without_protections_is_left_alone(serve_once, fpm):
    server = start(serve_once, fpm, "SetHandler", guarded=False)
    path = os.path.join(server.docroot, "bydir", "a.php")
    answer = try_out(server, 'ProxyFCGISetEnvIf "true" SCRIPT_FILENAME "%s"' % path)
    assert answer.text == "RAN a.php"


def test_without_mod_proxy_fcgi_its_directives_are_mistakes(serve_once):
    modules = [name for name in USUAL if name != "proxy_fcgi"]
    server = serve_once('ProxyFCGIBackendType FPM\n', modules=modules, docroot={}, keys=None, begin=False)
    status, printed = server.configtest()
    assert status and "ProxyFCGIBackendType needs mod_proxy_fcgi" in printed
