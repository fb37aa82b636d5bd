# SPDX-License-Identifier: Apache-2.0
# What runs or answers behind httpd (PHP in every wiring, proxies, caches) is shut as well, in every
# spelling that the thing behind understands.
import os

import pytest

from avc import httpd, php
from avc.backend import Backend
from avc.httpd import USUAL
from avc.peers import MEDIA, STRANGER
from avc.protected import PROTECT, SECRET, SITE, assert_shut, comes_out
from avc.tokens import signed, token


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
    server.log.disregard(r"AVC\d{4}: (address|hidden|malformed): ")
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


# SPEC [place-7]
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
    os.makedirs(os.path.join(server.root, "run", "cache"), exist_ok=True)
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
