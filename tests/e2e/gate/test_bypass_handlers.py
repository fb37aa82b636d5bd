# SPDX-License-Identifier: Apache-2.0
# A handler may itself be a proxy's address, and whoever writes an .htaccess may name one: what
# runs is judged, by name and by the place it lies in, whatever address led to it.
import contextlib
import os

import pytest

from avc import httpd, php
from avc.httpd import USUAL
from avc.peers import ADMIN, MEDIA, STRANGER
from avc.tokens import signed

RAN = "<?php echo 'RAN ', basename(__FILE__), ' ', $_SERVER['AVC_SUB'] ?? '-';"
SCRIPTS = {
    # what runs: who may run it, and the reason for which a stranger may not
    "chat/writeuserslist.php": (MEDIA, "address"), "chat/admin.php": (ADMIN, "address"),
    "chat/wget.php": (None, "hidden"), "chat/tokens/a.php": (None, "hidden"),
    "bydir/a.php": (MEDIA, "address"), "byplace/a.php": (ADMIN, "address"),
    "x/byname.php": (MEDIA, "address"), "signed/a.php": (None, "no-token"),
    "aliased/a.php": (None, "no-token"), "session/a.php": (None, "no-token"),
    "files/a.php": (None, "shadowed"),
}
CONFIG = """
<Proxy "balancer://php">
    BalancerMember "fcgi://127.0.0.1:@fpm@"
</Proxy>
AvcKeyFile "@keys@"
AvcMediaServer 127.0.0.2
AvcAdmin 127.0.0.3
AvcMediaServerScripts avchat
AvcAdminScripts admin avc_settings?admin=true
AvcHidden avchat
Alias "/other" "@root@/elsewhere/aliased"
<Location "/signed">
    AvcSignedURL On
</Location>
<Location "/other">
    AvcSignedURL On
</Location>
<LocationMatch "^/(?<room>session)/">
    AvcSessionFor play room=%{env:MATCH_ROOM}
</LocationMatch>
<Location "/files">
    AvcFiles "@private@"
</Location>
<Directory "@docroot@/bydir">
    AvcMediaServerOnly On
</Directory>
<DirectoryMatch "/byplace">
    AvcAdminOnly On
</DirectoryMatch>
<Files "byname.php">
    AvcMediaServerOnly On
</Files>
"""


def site():
    files = {name: RAN for name in SCRIPTS if not name.startswith("aliased/")}
    files.update({"page.shtml": '<!--#include virtual="/open.txt" -->',
                  "page-file.shtml": '<!--#include file="open.txt" -->', "open.txt": "text", "open.php": RAN, "sub/open.txt": "text", "chat/avc_settings.php": RAN,
                  "shown.php": "<?php echo 'RAN shown ', json_encode($_SERVER);"})
    return files


def start(serve, fpm, mpm="event", wiring="SetHandler", config="", more=()):
    modules = USUAL + ["proxy_balancer", "lbmethod_byrequests", "slotmem_shm"] + list(more) + php.MODULES.get(wiring, {}).get(mpm, [])
    server = serve(CONFIG + php.WIRINGS[wiring] + config, modules=modules, mpm=mpm, docroot=site(),
                   begin=False, directory="Options FollowSymLinks\nAllowOverride FileInfo Indexes Options\n"
                   "Require all granted", **fpm.names())
    httpd.plant(os.path.join(server.root, "elsewhere"), {"aliased/a.php": RAN})
    httpd.settings.give(os.path.join(server.root, "elsewhere"))
    return server.start()


def path_of(server, name):
    return os.path.join(server.root, "elsewhere" if name.startswith("aliased/") else "htdocs", name)


@contextlib.contextmanager
def htaccess(server, text, folder=""):
    path = os.path.join(server.docroot, folder, ".htaccess")
    httpd.plant(server.docroot, {os.path.join(folder, ".htaccess"): server.fill(text)})
    try:
        yield
    finally:
        os.unlink(path)


def runs(server, target, **how):
    answer = server.ask(target, **how)
    server.log.disregard(r"AVC\d{4}: |AH01071|AH01067|AH01144|AH00898|AH01630|Primary script|AH10508"
                         r"|unable to include|AH00135|AH00957|AH01114|AH01102|AH01059|AH02454|AH01079|AH01097|AH10101|AH01276")
    return "RAN" in answer.text


# Ways to say what runs: an .htaccess, and what to ask for.
WAYS = {
    "SetHandler in Files": ('<Files "open.txt">\nSetHandler "proxy:fcgi://127.0.0.1:@fpm@@script@"\n'
                            '</Files>', "/open.txt"),
    "SetHandler in FilesMatch": ('<FilesMatch "\\.txt$">\nSetHandler "proxy:fcgi://127.0.0.1:@fpm@'
                                 '@script@"\n</FilesMatch>', "/sub/open.txt"),
    "SetHandler in If": ('<If "true">\nSetHandler "proxy:fcgi://127.0.0.1:@fpm@@script@"\n</If>',
                         "/open.txt"),
    "SetHandler at the top": ('SetHandler "proxy:fcgi://127.0.0.1:@fpm@@script@"', "/open.txt"),
    "SetHandler of a script": ('<Files "open.php">\nSetHandler "proxy:fcgi://127.0.0.1:@fpm@@script@"'
                               '\n</Files>', "/open.php"),
    "SetHandler of what is not there": ('SetHandler "proxy:fcgi://127.0.0.1:@fpm@@script@"', "/none"),
    "SetHandler of a directory": ('DirectoryIndex disabled\nSetHandler "proxy:fcgi://127.0.0.1:@fpm@'
                                  '@script@"', "/sub/"),
    "SetHandler with a socket": ('<Files "open.txt">\nSetHandler "proxy:unix:@socket@|fcgi://localhost'
                                 '@script@"\n</Files>', "/open.txt"),
    "SetHandler with a socket in capitals": ('<Files "open.txt">\nSetHandler "proxy:UNIX:@socket@|FCGI:'
                                             '//localhost@script@"\n</Files>', "/open.txt"),
    "a question mark in the socket's host": ('<Files "open.txt">\nSetHandler "proxy:unix:@socket@|fcgi://localhost?@script@"\n'
            '</Files>', "/open.txt"),
    "a socket and no host": ('<Files "open.txt">\nSetHandler "proxy:unix:@socket@|fcgi:@script@"\n'
            '</Files>', "/open.txt"),
    "another host further on": ('<Files "open.txt">\nSetHandler "proxy:unix:@socket@|fcgi:@script@/x://y/z"\n'
            '</Files>', "/open.txt"),
    "a number sign in the socket's host": ('<Files "open.txt">\nSetHandler "proxy:unix:@socket@|fcgi://localhost#@script@"\n'
            '</Files>', "/open.txt"),
    "a question mark in a user's name": ('<Files "open.txt">\nSetHandler "proxy:fcgi://x?@127.0.0.1:@fpm@@script@"\n'
            '</Files>', "/open.txt"),
    "doubled slashes": ('<Files "open.txt">\nSetHandler "proxy:fcgi://127.0.0.1:@fpm@//@script@//"\n'
                        '</Files>', "/open.txt"),
    "dot segments": ('<Files "open.txt">\nSetHandler "proxy:fcgi://127.0.0.1:@fpm@/.@docroot@/./'
                     '@script.below.docroot@/./x"\n</Files>', "/open.txt"),
    "parent segments": ('<Files "open.txt">\nSetHandler "proxy:fcgi://127.0.0.1:@fpm@@docroot@/sub/../'
                        '@script.below.docroot@"\n</Files>', "/open.txt"),
    "expression": ('<Files "open.txt">\nSetHandler "proxy:fcgi://127.0.0.1:@fpm@%{HTTP:X-Run}"\n'
                   '</Files>', "/open.txt"),
    "AddHandler": ('AddHandler "proxy:fcgi://127.0.0.1:@fpm@@script@" .txt', "/open.txt"),
    "AddType": ('AddType "proxy:fcgi://127.0.0.1:@fpm@@script@" .txt', "/open.txt"),
    "ForceType": ('ForceType "proxy:fcgi://127.0.0.1:@fpm@@script@"', "/open.txt"),
    "rewrite with H": ('RewriteEngine On\nRewriteRule "^open.txt$" "-" '
                       '[H=proxy:fcgi://127.0.0.1:@fpm@@script@]', "/open.txt"),
    "rewrite with T": ('RewriteEngine On\nRewriteRule "^open.txt$" "-" '
                       '[T=proxy:fcgi://127.0.0.1:@fpm@@script@]', "/open.txt"),
    "rewrite with P": ('RewriteEngine On\nRewriteRule "^go$" "fcgi://127.0.0.1:@fpm@@script@" [P]',
                       "/go"),
    "rewrite with P and path info": ('RewriteEngine On\nRewriteRule "^go$" "fcgi://127.0.0.1:@fpm@'
                                     '@script@/more/x.php" [P]', "/go"),
    "rewrite with P to a socket": ('RewriteEngine On\nRewriteRule "^go$" "unix:@socket@|fcgi://localhost'
                                   '@script@" [P]', "/go"),
    "rewrite with H and a question mark": ('RewriteEngine On\nRewriteRule "^open.txt$" "-" '
                                           '[H=proxy:unix:@socket@|fcgi://localhost?@script@]', "/open.txt"),
    "rewrite with P, slashes": ('RewriteEngine On\nRewriteRule "^go$" "fcgi://127.0.0.1:@fpm@//'
                                '@script@//x" [P]', "/go"),
    "rewrite to a handler of its own": ('RewriteEngine On\nRewriteRule "^go$" "open.txt" [L]\n'
                                        '<Files "open.txt">\nSetHandler "proxy:fcgi://127.0.0.1:@fpm@'
                                        '@script@"\n</Files>', "/go"),
    "DirectoryIndex": ('DirectoryIndex open.txt\n<Files "open.txt">\nSetHandler "proxy:fcgi://127.0.0.1:'
                       '@fpm@@script@"\n</Files>', "/"),
    "FallbackResource": ('FallbackResource /open.txt\n<Files "open.txt">\nSetHandler "proxy:fcgi://'
                         '127.0.0.1:@fpm@@script@"\n</Files>', "/none"),
    "ErrorDocument": ('ErrorDocument 404 /open.txt\n<Files "open.txt">\nSetHandler "proxy:fcgi://'
                      '127.0.0.1:@fpm@@script@"\n</Files>', "/none"),
    "Action": ('Action own /open.txt\n<Files "open.php">\nSetHandler own\n</Files>\n<Files "open.txt">\n'
               'SetHandler "proxy:fcgi://127.0.0.1:@fpm@@script@"\n</Files>', "/open.php"),
}


WAYS.update({
    "a link to the script": ('<Files "open.txt">\nSetHandler "proxy:fcgi://127.0.0.1:@fpm@@link@"\n</Files>',
                             "/open.txt"),
    "a link to its folder": ('<Files "open.txt">\nSetHandler "proxy:fcgi://127.0.0.1:@fpm@@folder.link@"\n'
                             '</Files>', "/open.txt"),
    "a link to the root": ('<Files "open.txt">\nSetHandler "proxy:fcgi://127.0.0.1:@fpm@@root.link@@script@"\n'
                           '</Files>', "/open.txt"),
    "the root of a process": ('<Files "open.txt">\nSetHandler "proxy:fcgi://127.0.0.1:@fpm@/proc/self/root'
                              '@script@"\n</Files>', "/open.txt"),
    "rewrite with P to a link": ('RewriteEngine On\nRewriteRule "^go$" "fcgi://127.0.0.1:@fpm@@folder.link@" [P]',
                                 "/go"),
    "rewrite with P to a balancer": ('RewriteEngine On\nRewriteRule "^go$" "balancer://php@script@" [P]', "/go"),
    "SetHandler with a balancer": ('<Files "open.txt">\nSetHandler "proxy:balancer://php@script@"\n</Files>',
                                   "/open.txt"),
    "a part of a page": ('AddOutputFilter INCLUDES .shtml\nOptions +Includes\n<Files "open.txt">\nSetHandler '
                         '"proxy:fcgi://127.0.0.1:@fpm@@script@"\n</Files>', "/page.shtml"),
    "a part of a page, as a file": ('AddOutputFilter INCLUDES .shtml\nOptions +Includes\n<Files "open.txt">\n'
                                    'SetHandler "proxy:fcgi://127.0.0.1:@fpm@@script@"\n</Files>',
                                    "/page-file.shtml"),
    "a listing's head": ('Options +Indexes\nDirectoryIndex disabled\nHeaderName /open.txt\nAddType text/html .txt\n'
                         '<Files "open.txt">\nSetHandler "proxy:fcgi://127.0.0.1:@fpm@@script@"\n</Files>', "/sub/"),
})
# PHP-FPM opens nothing with "..", what else speaks FastCGI may.
LEAD_NOWHERE = {"parent segments"}


def fill(server, text, name):
    script = path_of(server, name)
    # A link for each script: PHP remembers where one led.
    own = os.path.join(server.root, "to-" + name.replace("/", "-"))
    for word, link, target in (("@link@", own + ".php", script),
                               ("@folder.link@", own + "-folder", os.path.dirname(script)),
                               ("@root.link@", own + "-root", "/")):
        if word in text and not os.path.lexists(link):
            os.symlink(target, link)
        text = text.replace(word, link)
    text = text.replace("-folder\"", "-folder/%s\"" % os.path.basename(script))
    return (text.replace("@script.below.docroot@", "/" + os.path.relpath(script, server.docroot))
            .replace("@script@", script))


@pytest.fixture(scope="module")
def web(serve_begin, fpm):
    return start(serve_begin, fpm)


@pytest.fixture(scope="module")
def serve_begin():
    servers = []

    def make(*args, begin=True, **how):
        servers.append(httpd.Httpd(*args, **how))
        return servers[-1]

    yield make
    httpd.stop_all(servers)


# SPEC [conf-1] [place-3]
@pytest.mark.parametrize("name", sorted(SCRIPTS))
@pytest.mark.parametrize("way", sorted(WAYS))
def test_no_handler_runs_what_is_protected(web, way, name):
    text, target = WAYS[way]
    headers = [("X-Run", path_of(web, name))]
    with htaccess(web, fill(web, text, name)):
        for method in ("GET", "POST", "FOO"):
            assert not runs(web, target, method=method, headers=headers, source=STRANGER), method
        caller = SCRIPTS[name][0]
        assert not runs(web, target, headers=headers, source=ADMIN if caller == MEDIA else MEDIA)


# SPEC [place-3]
@pytest.mark.parametrize("way", sorted(WAYS))
def test_the_same_way_runs_what_is_open(web, way):
    """So that the test above is not about ways that lead nowhere."""
    text, target = WAYS[way]
    headers = [("X-Run", path_of(web, "shown.php"))]
    with htaccess(web, fill(web, text, "shown.php")):
        leads = runs(web, target, headers=headers, source=STRANGER)
    assert leads != (way in LEAD_NOWHERE), way


@pytest.mark.parametrize("name", sorted(name for name in SCRIPTS if SCRIPTS[name][0]))
@pytest.mark.parametrize("way", sorted(set(WAYS) - LEAD_NOWHERE))
def test_the_rightful_caller_takes_the_same_way(web, way, name):
    text, target = WAYS[way]
    headers = [("X-Run", path_of(web, name))]
    with htaccess(web, fill(web, text, name)):
        assert runs(web, target, headers=headers, source=SCRIPTS[name][0])


@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_the_line_in_the_log_names_both_addresses(web, name):
    """One line, with the reason that the script's own place gives."""
    text, target = WAYS["SetHandler in Files"]
    with htaccess(web, fill(web, text, name)):
        answer = web.ask(target, source=STRANGER)
        assert answer.status == 403
        line = web.log.claim(r"AVC\d{4}: %s: /open.txt" % SCRIPTS[name][1])[0]
    if not name.startswith("chat/"):
        assert "(which leads to /%s)" % name.replace("aliased", "other") in line


SAMPLES = ["SetHandler in Files", "SetHandler with a socket", "rewrite with H", "AddType", "rewrite with P",
           "a link to its folder", "a part of a page"]


@pytest.mark.parametrize("mpm", ["event", "worker", "prefork"])
@pytest.mark.parametrize("wiring", sorted(php.WIRINGS))
def test_the_kinds_of_ways_in_every_process_model_and_wiring(serve_once, fpm, wiring, mpm):
    def make(*args, begin=True, **how):
        return serve_once(*args, begin=begin, **how)

    server = start(make, fpm, mpm, wiring)
    for way in SAMPLES:
        text, target = WAYS[way]
        for name in SCRIPTS:
            with htaccess(server, fill(server, text, name)):
                assert not runs(server, target, source=STRANGER), (way, name)
        with htaccess(server, fill(server, text, "shown.php")):
            assert runs(server, target, source=STRANGER), way
        with htaccess(server, fill(server, text, "bydir/a.php")):
            assert runs(server, target, source=MEDIA), way


def test_an_argument_that_a_name_asks_for_is_seen_with_a_handlers_name(web):
    """avc_settings is the admins' with admin=true, whatever address has that argument."""
    path = os.path.join(web.docroot, "chat", "avc_settings.php")
    with htaccess(web, '<Files "open.txt">\nSetHandler "proxy:fcgi://127.0.0.1:@fpm@%s"\n</Files>' % path):
        assert runs(web, "/open.txt", source=STRANGER)
        assert not runs(web, "/open.txt?admin=true", source=STRANGER)
        assert runs(web, "/open.txt?admin=true", source=ADMIN)
    with htaccess(web, 'RewriteEngine On\nRewriteRule "^go$" "fcgi://127.0.0.1:@fpm@%s?admin=true" [P]' % path):
        assert not runs(web, "/go", source=STRANGER)
        assert runs(web, "/go", source=ADMIN)


def test_a_place_that_can_not_be_judged_is_not_led_to(web):
    """Whoever may write there would make its sections unreadable, and the script run."""
    httpd.plant(web.docroot, {"sub/broken/a.php": RAN, "sub/broken/.htaccess": "NoSuchDirective\n"})
    text, target = WAYS["SetHandler in Files"]
    with htaccess(web, fill(web, text, "sub/broken/a.php")):
        web.is_refusal(web.ask(target, source=MEDIA), "unclear")
    os.unlink(os.path.join(web.docroot, "sub/broken/.htaccess"))
    with htaccess(web, fill(web, text, "sub/broken/a.php")):
        assert runs(web, target)


def test_a_link_for_a_directory_works_where_fastcgi_is_sent_the_path(serve_once, fpm):
    """httpd does not look at <Directory> there; this module does, and asks for the token."""
    server = serve_once("""
    AvcKeyFile "@keys@"
    <Directory "@docroot@/films">
        AvcSignedURL On
    </Directory>
    """ + php.WIRINGS["ProxyPassMatch"], docroot={"films/a.php": "<?php echo 'RAN ', $_SERVER['QUERY_STRING'];",
                                                 "films/b.php": RAN},
        begin=False, **fpm.names())
    server.start()
    server.log.claim("AVC0102: .*ProxyPassMatch", count=None)
    server.refused("/films/a.php", "no-token")
    server.allowed(signed("/films/a.php", query="x=1", args=[("x", "1")]), shows="RAN x=1")
    server.allowed(signed("/films/a.php", "path"), shows="RAN")
    server.refused(signed("/films/a.php", expires=-5), "expired", status=410)
    server.refused(signed("/films/a.php").replace("/a.php", "/b.php"), "signature")


def test_a_rollout_lets_the_same_ways_pass_and_says_so(serve_once, fpm):
    def make(*args, begin=True, **how):
        return serve_once(*args, begin=begin, **how)

    server = start(make, fpm, config="AvcEnforce Log\n")
    text, target = WAYS["SetHandler in Files"]
    for name, (caller, reason) in SCRIPTS.items():
        with htaccess(server, fill(server, text, name)):
            answer = server.ask(target, source=STRANGER)
            passes = reason == "address" or (reason == "no-token" and name != "session/a.php")
            assert ("RAN" in answer.text) == passes, (name, answer)
            server.log.claim(r"AVC\d{4}: %s: /open.txt" % reason)
