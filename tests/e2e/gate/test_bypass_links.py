# SPDX-License-Identifier: Apache-2.0
# Names see through symbolic links and aliases in every wiring: a script that is called otherwise, or
# asked for from its own folder, is still the script. Directories above a site are none of it.
import os

import pytest

from avc import httpd, php
from avc.backend import Backend
from avc.httpd import USUAL
from avc.peers import MEDIA, STRANGER

MODULES = USUAL + ["userdir", "vhost_alias", "proxy_balancer", "lbmethod_byrequests", "slotmem_shm",
                   "dav", "dav_fs"]
CONFIG = """
AvcMediaServer 127.0.0.2
AvcMediaServerScripts Live/on_* writeuserslist
AvcHidden tokens/* wget.* drafts
"""
RAN = "<?php echo 'RAN';"


def start(serve, config, mpm="event", **how):
    """elsewhere/ lies beside the document root and is no site."""
    files = {"index.html": "open", "open.php": RAN, "chat/writeuserslist.php": RAN, "chat/wget.php": RAN,
             "chat/tokens/a.php": RAN, "chat/tokens/deep/b.php": RAN, "plugin/Live/on_publish.php": RAN,
             "plugin/Live/view.php": RAN, "plugin/Live/deep/on_publish.php": RAN}
    server = serve(CONFIG + config, keys=None, modules=how.pop("modules", MODULES), mpm=mpm, begin=False,
                   docroot=files, directory="Options FollowSymLinks ExecCGI\nRequire all granted",
                   outside=how.pop("outside", '<Directory "@root@">\nOptions FollowSymLinks ExecCGI\n'
                           'AcceptPathInfo On\nRequire all granted\n</Directory>'), **how)
    httpd.plant(os.path.join(server.root, "elsewhere"), files)
    httpd.plant(os.path.join(server.root, "elsewhere"), {
        "tokens.d/site/a.php": RAN, "users/u/plugin/Live/on_publish.php": RAN,
        "users/Live/on_publish.php": RAN, "plugin/Live/on_done.cgi":
            ("mode", 0o755, "#!/bin/sh\necho 'Content-Type: text/plain'\necho\necho RAN\n")})
    httpd.plant(server.root, {"to-live": ("link", "elsewhere/plugin/Live"),
                              "to-htdocs": ("link", "htdocs"), "to-elsewhere": ("link", "elsewhere")})
    return server


# -- folder rules, where the folder is not in the address

ALIASES = {
    "Alias of the folder": ('Alias "/cb" "@docroot@/plugin/Live"', "/cb/on_publish.php"),
    "Alias of the folder, slashes": ('Alias "/cb/" "@docroot@/plugin/Live/"', "/cb/on_publish.php"),
    "Alias of a folder outside": ('Alias "/cb" "@root@/elsewhere/plugin/Live"', "/cb/on_publish.php"),
    "Alias of the file": ('Alias "/cb" "@docroot@/plugin/Live/on_publish.php"', "/cb"),
    "Alias of a file outside": ('Alias "/cb" "@root@/elsewhere/plugin/Live/on_publish.php"', "/cb"),
    "Alias of a file outside, path info": ('Alias "/cb" "@root@/elsewhere/plugin/Live/on_publish.php"',
                                           "/cb/more/x"),
    "Alias to a link": ('Alias "/cb" "@root@/to-live"', "/cb/on_publish.php"),
    "Alias through a link": ('Alias "/cb" "@root@/to-elsewhere/plugin/Live"', "/cb/on_publish.php"),
    "Alias through a link to a file": ('Alias "/cb" "@root@/to-live/on_publish.php"', "/cb"),
    "Alias relative to the server": ('Alias "/cb" "elsewhere/plugin/Live"', "/cb/on_publish.php"),
    "AliasMatch": ('AliasMatch "^/cb/(.*)$" "@root@/elsewhere/plugin/Live/$1"', "/cb/on_publish.php"),
    "AliasMatch to a link": ('AliasMatch "^/cb/(.*)$" "@root@/to-live/$1"', "/cb/on_publish.php"),
    "AliasMatch of a file": ('AliasMatch "^/cb(\\d)$" "@root@/elsewhere/plugin/Live/on_publish.php"',
                             "/cb1"),
    "AliasMatch of a part": ('AliasMatch "^/cb/(.*)$" "@root@/elsewhere/plugin/Live/on_$1.php"',
                             "/cb/publish"),
    "Alias in a Location": ('<Location "/cb">\nAlias "@root@/elsewhere/plugin/Live/on_publish.php"\n'
                            '</Location>', "/cb"),
    "Alias in a LocationMatch": ('<LocationMatch "^/cb/(?<n>.*)$">\nAlias "@root@/elsewhere/plugin/Live/'
                                 '%{env:MATCH_N}"\n</LocationMatch>', "/cb/on_publish.php"),
    "ScriptAlias": ('ScriptAlias "/cb/" "@root@/elsewhere/plugin/Live/"', "/cb/on_done.cgi"),
    "ScriptAliasMatch": ('ScriptAliasMatch "^/cb/(.*)$" "@root@/elsewhere/plugin/Live/$1"',
                         "/cb/on_done.cgi"),
    "UserDir": ('UserDir "@root@/elsewhere/users/*/plugin/Live"', "/~u/on_publish.php"),
    "UserDir of that name": ('UserDir "@root@/elsewhere/users"', "/~Live/on_publish.php"),
    "VirtualDocumentRoot": ('VirtualDocumentRoot "@root@/elsewhere"', "/plugin/Live/on_publish.php"),
    "VirtualDocumentRoot by a link": ('VirtualDocumentRoot "@root@/to-elsewhere"',
                                      "/plugin/Live/on_publish.php"),
    "a rewrite to the file": ('RewriteEngine On\nRewriteRule "^/cb$" "@root@/elsewhere/plugin/Live/'
                              'on_publish.php" [L]', "/cb"),
    "a rewrite to a link": ('RewriteEngine On\nRewriteRule "^/cb$" "@root@/to-live/on_publish.php" [L]',
                            "/cb"),
    "another server's Alias": ('<VirtualHost 127.0.0.1:1>\nAlias "/x" "@root@/elsewhere/plugin"\n'
                               '</VirtualHost>\nRewriteEngine On\nRewriteRule "^/cb$" '
                               '"@root@/elsewhere/plugin/Live/on_publish.php" [L]', "/cb"),
}


@pytest.mark.parametrize("name", sorted(ALIASES))
def test_a_folder_rule_holds_behind_every_alias(serve_once, name):
    config, target = ALIASES[name]
    server = start(serve_once, config, modules=MODULES + ["cgid"]).start()
    server.refused(target, "address", source=STRANGER)
    assert "RAN" in server.ask(target, source=MEDIA).text
    if target.endswith("/on_publish.php"):
        server.refused(target + "/more", "address", source=STRANGER)
        server.allowed(target.replace("on_publish", "view"), source=STRANGER) \
            if "users" not in config else None


TOKENS = {
    "Alias": 'Alias "/t" "@docroot@/chat/tokens"', "Alias outside": 'Alias "/t" "@root@/elsewhere/chat/tokens"',
    "Alias to a link": 'Alias "/t" "@docroot@/link"',
    "AliasMatch": 'AliasMatch "^/t/(.*)$" "@root@/elsewhere/chat/tokens/$1"',
    "a link": 'AliasMatch "^/t/(.*)$" "/link/$1"\nRewriteEngine On\nRewriteRule "^/t(.*)$" "/link$1" [PT]',
    "a link outside": 'RewriteEngine On\nRewriteRule "^/t(.*)$" "/out$1" [PT]',
}


@pytest.mark.parametrize("name", sorted(TOKENS))
def test_a_hidden_folder_is_hidden_with_all_that_is_below_it(serve_once, name):
    server = start(serve_once, TOKENS[name] + "\nDavLockDB run/lock\n<Location />\nDav On\n</Location>\n")
    httpd.plant(server.docroot, {"link": ("link", "chat/tokens"),
                                 "out": ("link", "../elsewhere/chat/tokens")})
    server.start()
    for target in ("/t/a.php", "/t/deep/b.php", "/t/deep/", "/t/none", "/t/"):
        server.refused(target, "hidden", source=MEDIA)
    server.refused("/t/new.php", "hidden", "PUT", body=b"<?php", source=MEDIA)
    assert not os.path.exists(os.path.join(server.docroot, "chat", "tokens", "new.php"))


def test_a_document_root_that_is_a_link(serve_once):
    server = start(serve_once, 'DocumentRoot "@root@/to-htdocs"\nAlias "/cb" "@root@/to-htdocs/cb"\n')
    httpd.plant(server.docroot, {"cb": ("link", "plugin/Live"), "p.php": ("link", "plugin/Live/on_publish.php"),
                                 "t": ("link", "chat/tokens"), "u": ("link", "chat")})
    server.start()
    server.allowed("/index.html", shows="open")
    server.allowed("/plugin/Live/view.php")
    for target in ("/cb/on_publish.php", "/p.php", "/plugin/Live/on_publish.php"):
        server.refused(target, "address", source=STRANGER)
    for target in ("/t/a.php", "/t/deep/b.php", "/u/tokens/a.php", "/u/wget.php"):
        server.refused(target, "hidden")


# SPEC [place-4]
def test_a_site_below_directories_of_any_name_works(serve_once):
    """Their names are the administrator's; of an alias and of a link, the folder's own is a folder's."""
    server = start(serve_once, 'AvcHidden tokens.d site integration*\nAlias "/d" "@root@/elsewhere/'
                   'tokens.d/site"\nAliasMatch "^/m/(.*)$" "@root@/elsewhere/tokens.d/site/$1"\n')
    httpd.plant(server.docroot, {"l": ("link", "../elsewhere/tokens.d/site"),
                                 "l.php": ("link", "../elsewhere/tokens.d/site/a.php")})
    server.start()
    for target in ("/d/a.php", "/m/a.php", "/l/a.php", "/l.php"):
        server.allowed(target)


# -- names that one section alone lists

OTHER_WAYS = {
    "Alias": ('Alias "/c" "@docroot@/chat"', "/c/"), "AliasMatch": ('AliasMatch "^/c/(.*)$" "@docroot@/chat/$1"', "/c/"),
    "Alias of an alias": ('Alias "/chat" "@root@/elsewhere/chat"\nAlias "/c" "@root@/elsewhere/chat"', "/c/"),
    "a link": ("", "/link/"), "a link outside": ('Alias "/chat" "@root@/elsewhere/chat"', "/out/"),
    "a rewrite": ('RewriteEngine On\nRewriteRule "^/c/(.*)$" "@docroot@/chat/$1" [L]', "/c/"),
    "a rewrite through": ('RewriteEngine On\nRewriteRule "^/c/(.*)$" "/chat/$1" [PT]', "/c/"),
    "UserDir": ('UserDir "@docroot@"', "/~chat/"),
    "path info": ('Alias "/c" "@docroot@/chat"', "/c/", "/more"),
    "a listing's entry": ('Alias "/c" "@docroot@/chat/tokens"', "/c/../c/", ""),
}


@pytest.mark.parametrize("section", ['<Location "/chat/">', '<Location "/chat">', '<LocationMatch "^/chat/">',
                                     '<Directory "@docroot@/chat">', '<If "%{REQUEST_URI} =~ m#^/chat/#">'])
@pytest.mark.parametrize("way", sorted(OTHER_WAYS))
def test_names_of_a_section_hold_for_its_files_by_every_address(serve_once, way, section):
    config, base, more = (OTHER_WAYS[way] + ("",))[:3]
    elsewhere = "elsewhere" in config
    if elsewhere:
        section = section.replace("@docroot@", "@root@/elsewhere")
    server = start(serve_once, "AvcHidden none\nAvcMediaServerScripts none\n" + config + """
        %s
            AvcMediaServer 127.0.0.2
            AvcMediaServerScripts writeuserslist
            AvcHidden wget.* tokens/*
        </%s
    """ % (section, section[1:].split()[0] + ">"))
    httpd.plant(server.docroot, {"link": ("link", "chat"), "out": ("link", "../elsewhere/chat"),
                                 "chat/open.php": RAN})
    httpd.plant(server.root, {"elsewhere/chat/open.php": RAN})
    server.start()
    if way == "a listing's entry":
        server.refused("/c/a.php", "hidden")
        server.refused("/c/deep/b.php", "hidden")
        return
    server.refused(base + "wget.php" + more, "hidden", source=MEDIA)
    server.refused(base + "tokens/a.php" + more, "hidden", source=MEDIA)
    server.refused(base + "tokens/deep/b.php" + more, "hidden")
    server.refused(base + "writeuserslist.php" + more, "address", source=STRANGER)
    server.allowed(base + "open.php", source=STRANGER)
    server.allowed(base + "writeuserslist.php", source=MEDIA)


def test_a_place_that_its_administrator_opens_by_another_address_is_open_there(serve_once):
    """Only names hold by every address; a switch is about one."""
    server = start(serve_once, """
        Alias "/c" "@docroot@/chat"
        <Location "/chat">
            AvcMediaServerOnly On
        </Location>
    """)
    httpd.plant(server.docroot, {"chat/open.php": RAN, "link.php": ("link", "chat/open.php")})
    server.start()
    server.refused("/chat/open.php", "address")
    server.allowed("/c/open.php")
    server.allowed("/link.php")
    server.refused("/c/wget.php", "hidden")


# -- links, in every wiring

LINKS = {"x.php": "chat/writeuserslist.php", "h.php": "chat/wget.php", "t.php": "chat/tokens/a.php",
         "f.php": "plugin/Live/on_publish.php", "sub/up.php": "../chat/wget.php",
         "o.php": "../elsewhere/chat/wget.php", "p.php": "../elsewhere/plugin/Live/on_publish.php",
         "chain.php": "x.php", "dir": "chat", "out": "../elsewhere", "live": "../elsewhere/plugin/Live",
         "tok": "../elsewhere/chat/tokens", "fine.php": "../elsewhere/open.php"}
ASKED = {"x.php": "address", "h.php": "hidden", "t.php": "hidden", "f.php": "address",
         "sub/up.php": "hidden", "o.php": "hidden", "p.php": "address", "chain.php": "address",
         "dir/writeuserslist.php": "address", "out/chat/tokens/a.php": "hidden",
         "live/on_publish.php": "address", "tok/deep/b.php": "hidden"}
WIRINGS = dict(php.WIRINGS, **{
    "ProxyPassMatch-unix": 'ProxyPassMatch "^/(.*\\.php(/.*)?)$" "unix:@socket@|fcgi://localhost@docroot@/$1"\n',
    "ProxyPass": 'ProxyPass "/" "fcgi://127.0.0.1:@fpm@@docroot@/"\n',
    "RewriteRule-P of the server": 'RewriteEngine On\nRewriteRule "^(/.*\\.php(/.*)?)$" '
                                   '"fcgi://127.0.0.1:@fpm@@docroot@$1" [P]\n',
    "SetHandler-tcp": '<FilesMatch "\\.php$">\nSetHandler "proxy:fcgi://127.0.0.1:@fpm@/"\n</FilesMatch>\n',
    "AddHandler": 'AddHandler "proxy:fcgi://127.0.0.1:@fpm@" .php\n',
    "balancer": '<Proxy "balancer://php">\nBalancerMember "fcgi://127.0.0.1:@fpm@"\n</Proxy>\n'
                'ProxyPassMatch "^/(.*\\.php(/.*)?)$" "balancer://php@docroot@/$1"\n',
    "SetHandler-balancer": '<Proxy "balancer://php">\nBalancerMember "fcgi://127.0.0.1:@fpm@"\n</Proxy>\n'
                           '<FilesMatch "\\.php$">\nSetHandler "proxy:balancer://php"\n</FilesMatch>\n',
})


def start_wired(serve, fpm, wiring, mpm, config=""):
    modules = MODULES + php.MODULES.get(wiring, {}).get(mpm, [])
    server = start(serve, WIRINGS[wiring] + config, mpm=mpm, modules=modules, **fpm.names())
    httpd.plant(server.docroot, {name: ("link", target) for name, target in LINKS.items()})
    return server.start()


@pytest.mark.parametrize("mpm", ["event", "worker", "prefork"])
@pytest.mark.parametrize("wiring", sorted(WIRINGS))
def test_names_see_through_links_in_every_wiring(serve_once, fpm, wiring, mpm):
    server = start_wired(serve_once, fpm, wiring, mpm)
    assert server.ask("/fine.php").text == "RAN"
    assert server.ask("/out/open.php").text == "RAN"
    for target, reason in ASKED.items():
        server.refused("/" + target, reason, source=STRANGER)
        answer = server.ask("/" + target + "/more.php", source=STRANGER)
        server.is_refusal(answer, reason)
        if reason == "address":
            assert server.ask("/" + target, source=MEDIA).text == "RAN"


def test_what_fastcgi_runs_may_lie_behind_links_that_httpd_does_not_follow(serve_once, fpm):
    """Only what lies there is judged, not how httpd would have come to it."""
    server = start(serve_once, WIRINGS["ProxyPassMatch"] + '<Directory "@root@/elsewhere/chat">\n'
                   'AvcMediaServerOnly On\n</Directory>\n<Directory "/">\nOptions None\n</Directory>\n',
                   outside='<Directory "@root@">\nOptions None\nRequire all granted\n</Directory>',
                   **fpm.names())
    httpd.plant(server.docroot, {"fine.php": ("link", "../elsewhere/open.php"),
                                 "chat2": ("link", "../elsewhere/chat")})
    httpd.plant(server.root, {"elsewhere/chat/other.php": RAN})
    server.start()
    server.log.claim("AVC0102: .*ProxyPassMatch", count=None)
    assert server.ask("/fine.php").text == "RAN"
    server.refused("/chat2/other.php", "address", source=STRANGER)
    assert server.ask("/chat2/other.php", source=MEDIA).text == "RAN"


# -- where the folder stands in a proxy's own configuration

@pytest.fixture(scope="module")
def backend():
    server = Backend()
    yield server
    server.close()


BEHIND = {
    "ProxyPass": 'ProxyPass "/cb" "http://127.0.0.1:@backend@/plugin/Live"',
    "ProxyPass in a Location": '<Location "/cb">\nProxyPass "http://127.0.0.1:@backend@/plugin/Live"\n</Location>',
    "ProxyPassMatch": 'ProxyPassMatch "^/cb/(.*)$" "http://127.0.0.1:@backend@/plugin/Live/$1"',
    "a rewrite": 'RewriteEngine On\nRewriteRule "^/cb/(.*)$" "http://127.0.0.1:@backend@/plugin/Live/$1" [P]',
    "a balancer's member": '<Proxy "balancer://b">\nBalancerMember "http://127.0.0.1:@backend@/plugin/Live"\n'
                           '</Proxy>\nProxyPass "/cb" "balancer://b"',
    "a balancer and its member": '<Proxy "balancer://b">\nBalancerMember "http://127.0.0.1:@backend@/plugin"\n'
                                 '</Proxy>\nProxyPass "/cb" "balancer://b/Live"',
}


@pytest.mark.parametrize("mpm", ["event", "worker", "prefork"])
@pytest.mark.parametrize("name", sorted(BEHIND))
def test_a_folder_in_a_proxys_own_address_counts(serve_once, backend, name, mpm):
    server = start(serve_once, BEHIND[name], mpm=mpm, backend=backend.port).start()
    before = len(backend.seen)
    server.refused("/cb/on_publish.php", "address", source=STRANGER)
    assert len(backend.seen) == before
    server.log.disregard("AVC0102: .*ProxyPassMatch")
    server.allowed("/cb/on_publish.php", source=MEDIA, shows="from behind")
    server.allowed("/cb/view.php", source=STRANGER, shows="from behind")
