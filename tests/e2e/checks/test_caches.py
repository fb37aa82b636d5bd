# SPDX-License-Identifier: Apache-2.0
# mod_cache's quick handler answers before anything is asked. Where something of this module is
# asked, configtest refuses it, with file and line, by the line that httpd takes.
import os

import pytest

from avc import settings, tokens
from avc.httpd import USUAL, Httpd

MODULES = USUAL + ["cache", "cache_disk", "macro"]
CACHE = 'CacheRoot "@root@/run"\nCacheEnable disk "/"\n'
SIGNED = '<Location "/signed">\nAvcSignedURL On\n</Location>\n'

# What a cached answer would break, and what of it the message names.
ASKS = {
    "AvcSignedURL": SIGNED,
    "AvcSessionFor": '<Location "/s">\nAvcSessionFor connect\n</Location>\n',
    "AvcFiles": '<Location "/f">\nAvcFiles "@private@"\n</Location>\n',
    "AvcMediaServer": 'AvcMediaServer 127.0.0.2\n<Location "/m">\nAvcMediaServerOnly On\n</Location>\n',
    "AvcAdmin": "AvcAdmin 127.0.0.3\nAvcAdminScripts avchat\n",
    "AvcHidden": "AvcHidden avchat\n",
    "AvcOrigins": "AvcOrigins https://a.example credentials\n",
    "AvcAdmission": '<Location "/a">\nAvcAdmission srs\n</Location>\n',
    "AvcCheck": '<Location "/c">\nAvcCheck nginx\n</Location>\n',
    "Require avc-token": '<Location "/r">\nRequire avc-token session\n</Location>\n',
    "Require avc-media-server": '<Location "/r">\n<RequireAll>\nRequire avc-media-server\n'
                                'Require not avc-token file\n</RequireAll>\n</Location>\n',
    "Require avc-admin": "<Location \"/r\">\nRequire avc-admin\n</Location>\n",
    "SetHandler avcsec-token": '<Location "/t">\nSetHandler avcsec-token\n</Location>\n',
    "SetHandler \"avcsec-token-request\"": '<Location "/t">\nSetHandler "avcsec-token-request"\n</Location>\n',
    "SetHandler avcsec-token-verify": '<Files "*.v">\nSetHandler avcsec-token-verify\n</Files>\n',
}


def configtest(config, **how):
    server = Httpd('AvcKeyFile "@keys@"\n' + config, modules=MODULES, **how)
    status, printed = server.configtest()
    return server, status, printed


def line_of(server, needle, last=False):
    with open(server.config_file) as config:
        found = [number for number, line in enumerate(config, 1) if needle in line]
    return found[-1 if last else 0]


def assert_refused(config, at, names="", last=False, **how):
    """configtest fails at that line, and names what the cache would break."""
    server, status, printed = configtest(config, **how)
    assert status != 0 and "AVC0101: " in printed, printed
    assert "httpd.conf line %d: " % line_of(server, at, last) in printed, printed
    assert names in printed and "CacheQuickHandler Off" in printed, printed


def assert_fine(config, **how):
    _, status, printed = configtest(config, **how)
    assert status == 0 and "AVC0101" not in printed, printed


@pytest.mark.parametrize("name", sorted(ASKS))
def test_what_is_asked_each_time_bears_no_quick_handler(name):
    assert_refused(ASKS[name] + CACHE, "CacheEnable", name)
    assert_refused(ASKS[name] + CACHE + "CacheQuickHandler On\n", "CacheQuickHandler", name)
    assert_fine(ASKS[name] + CACHE + "CacheQuickHandler Off\n")


@pytest.mark.parametrize("text", [
    "", '<Location "/p">\nAvcTokenEnv On\n</Location>\n', "AvcOrigins https://a.example\n",
    '<Location "/p">\nAvcSignedURL Off\nAvcSessionFor Off\n</Location>\n', "AvcHidden none\n",
    '<Location "/k">\nSetHandler avcsec-jwks\n</Location>\n'])
def test_where_nothing_is_asked_it_may_answer(text):
    assert_fine(text + CACHE)


ON, OFF = "CacheQuickHandler On\n", "CacheQuickHandler Off\n"
HOST = '<VirtualHost 127.0.0.1:@port@>\nServerName a.example\n%s</VirtualHost>\n'
ENABLE = 'CacheEnable disk "/"\n'
MACRO = "<Macro Quick $value>\nCacheQuickHandler $value\n</Macro>\n"


@pytest.mark.parametrize("name, config, at", [
    ("on behind off", CACHE + SIGNED + OFF + ON, "CacheQuickHandler On"),
    ("on in front of what is asked", ON + CACHE + SIGNED, "CacheQuickHandler On"),
    ("in capitals", CACHE + SIGNED + OFF + "CACHEQUICKHANDLER ON\n", "CACHEQUICKHANDLER ON"),
    ("quoted", CACHE + SIGNED + OFF + 'CacheQuickHandler "On"\n', 'CacheQuickHandler "On"'),
    ("on in a module's part", CACHE + SIGNED + OFF + "<IfModule mod_cache.c>\n" + ON + "</IfModule>\n",
     "CacheQuickHandler On"),
    ("on in a part of parts", CACHE + SIGNED + OFF + "<IfModule mod_cache.c>\n<IfDefine !x>\n" + ON +
     "</IfDefine>\n</IfModule>\n", "CacheQuickHandler On"),
    ("off in a part that does not count", CACHE + SIGNED + "<IfModule mod_none.c>\n" + OFF + "</IfModule>\n",
     "CacheEnable"),
    ("on in the virtual host", CACHE + SIGNED + OFF + HOST % ON, "CacheQuickHandler On"),
    ("on behind off in the virtual host", CACHE + SIGNED + OFF + HOST % (OFF + ON), "CacheQuickHandler On"),
    ("off in another virtual host", SIGNED + HOST % (ENABLE) +
     (HOST % OFF).replace("a.example", "b.example"), "CacheEnable"),
    ("off in the virtual host, on outside and asked there", CACHE + SIGNED + ON + HOST % OFF,
     "CacheQuickHandler On"),
    ("asked in the virtual host alone", CACHE + HOST % (SIGNED + ON), "CacheQuickHandler On"),
    ("cached in a location alone", 'CacheRoot "@root@/run"\n<Location "/x">\nCacheEnable disk\n</Location>\n' +
     SIGNED, "CacheEnable"),
])
def test_of_several_lines_the_one_that_counts_is_read(name, config, at):
    assert_refused(config, at)


@pytest.mark.parametrize("name, config", [
    ("off behind on", CACHE + SIGNED + ON + OFF),
    ("quoted", CACHE + SIGNED + 'CacheQuickHandler "off"\n'),
    ("off in a part, behind on", CACHE + SIGNED + ON + "<IfModule mod_cache.c>\n" + OFF + "</IfModule>\n"),
    ("on in a part that does not count", CACHE + SIGNED + OFF + "<IfDefine x>\n" + ON + "</IfDefine>\n"),
    ("off outside", OFF + CACHE + SIGNED + HOST % ENABLE),
    ("off in the virtual host that asks", CACHE + HOST % (SIGNED + OFF)),
    ("cached in a host where nothing is asked",
     HOST % ENABLE + (HOST % SIGNED).replace("a.example", "b.example")),
    ("off by a macro", MACRO + CACHE + SIGNED + ON + "Use Quick Off\n"),
])
def test_what_counts_is_off_and_fine(name, config):
    assert_fine(config)


def test_a_macro_may_be_the_line_that_counts():
    _, status, printed = configtest(MACRO + CACHE + SIGNED + OFF + "Use Quick On\n")
    assert status != 0 and "macro 'quick'" in printed and "CacheQuickHandler Off" in printed, printed
    _, status, printed = configtest(MACRO + CACHE + SIGNED + OFF + HOST % "Use Quick On\n")
    assert status != 0 and "macro 'quick'" in printed, printed


def test_an_included_file_may_be_the_line_that_counts():
    server = Httpd('AvcKeyFile "@keys@"\n' + CACHE + SIGNED + OFF + 'Include "@root@/conf/quick.conf"\n',
                   modules=MODULES)
    included = os.path.join(server.root, "conf", "quick.conf")
    with open(included, "w") as out:
        out.write("\n\nCacheQuickHandler On\n")
    settings.give(included)
    status, printed = server.configtest()
    assert status != 0 and "%s line 3: " % included in printed, printed


def test_a_cached_answer_opens_nothing_to_a_wrong_mac(serve_once):
    """With the quick handler off, what Require asks for is asked each time and never kept."""
    server = serve_once('AvcKeyFile "@keys@"\nCacheQuickHandler Off\nCacheIgnoreNoLastMod On\n'
                        'CacheDefaultExpire 3600\nCacheStorePrivate On\nCacheStoreNoStore On\nCacheHeader On\n' +
                        CACHE + '<Location "/r">\nRequire avc-token file\n</Location>\n', modules=MODULES,
                        docroot={"r/a.txt": "content"})
    link = tokens.signed("/r/a.txt")
    for _ in range(2):
        assert "HIT" not in server.allowed(link, shows="content").get("X-Cache")
    for target in (link[:-1] + ("A" if link[-1] != "A" else "E"), "/r/a.txt"):
        answer = server.ask(target)
        assert answer.status == 403 and "content" not in answer.text, answer
    server.log.disregard(r"AVC\d{4}: (signature|malformed|no-token): |AH01630")
    kept = [name for _, _, names in os.walk(server.root + "/run") for name in names]
    assert not [name for name in kept if name.endswith((".data", ".header"))], kept
