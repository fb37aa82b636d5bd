# SPDX-License-Identifier: Apache-2.0
# What lies in the directory of an AvcFiles is served by it or not at all: whatever alias, link,
# host, mount or module leads there, and a stranger can't tell which names exist.
import os

import pytest

from avc import httpd, php, settings, tokens
from avc.protected import MANY, SECRET
from avc.tokens import signed

PHP_SECRET = "<?php echo 'THE-PROTECTED', '-CONTENT';"
CGI = ("mode", 0o755, "#!/bin/sh\necho Content-Type: text/plain\necho\necho translated=$PATH_TRANSLATED\n"
                      "cat \"$PATH_TRANSLATED\" 2>/dev/null\n")
PRIVATE = {"a.txt": SECRET, "sub/b.txt": SECRET, "x.php": PHP_SECRET, "sub/index.html": SECRET,
           "page.en.html": SECRET, "in.shtml": SECRET}
# README's own link, and what else leads there.
SITE = {
    "chat/index.html": "home", "chat/open.txt": "open", "chat/uploadedFiles": ("link", "@private@"),
    "links/file.txt": ("link", "@private@/a.txt"), "links/sub": ("link", "@private@/sub"),
    "links/chain": ("link", "sub"), "links/chained.txt": ("link", "../links/chain/b.txt"),
    "links/dangling": ("link", "@private@/nothing.txt"), "links/up": ("link", "@private@/sub/.."),
    "links/UPLOADEDFILES": ("link", "../chat/uploadedFiles"), "links/x.php": ("link", "@private@/x.php"),
    "links/page.en.html": ("link", "@private@/page.en.html"), "links/public": ("link", "../elsewhere"),
    "links/open.txt": ("link", "../chat/open.txt"), "links/loop": ("link", "loop"),
    "elsewhere/y.txt": "public", "elsewhere/deep/z.txt": "public",
    "index/index.html": ("link", "@private@/a.txt"),
    "ssi/virtual.shtml": '[<!--#include virtual="/c/uploadedFiles/a.txt" -->]',
    "ssi/file.shtml": '[<!--#include file="linked.txt" -->]', "ssi/linked.txt": ("link", "@private@/a.txt"),
    "ssi/size.shtml": '[<!--#fsize virtual="/c/uploadedFiles/a.txt" -->]',
    "cgi/show.cgi": CGI, "small.txt": "small",
}
CONFIG = """
AvcKeyFile "@keys@"
<Location "/chat/uploadedFiles">
    AvcFiles "@private@"
</Location>
Alias "/c" "@docroot@/chat"
AliasMatch "^/m/(.*)$" "@docroot@/chat/$1"
ScriptAlias "/cgi-bin/" "@docroot@/cgi/"
AddOutputFilter INCLUDES .shtml
<Directory "@docroot@/cgi">
    Options +ExecCGI
    SetHandler cgi-script
</Directory>
IndexOptions ShowForbidden
"""
LISTED = "Options +FollowSymLinks +Indexes +MultiViews +Includes\nAllowOverride All\nRequire all granted"


def site(server_site, private):
    """The site with its links set to where the private directory is."""
    return {name: ("link", content[1].replace("@private@", private)) if content[:1] == ("link",) else content
            for name, content in server_site.items()}


def prepare(serving, config=CONFIG, files=SITE, **how):
    how.setdefault("modules", MANY)
    how.setdefault("directory", LISTED)
    how.setdefault("private", PRIVATE)
    server = serving(config, begin=False, **how)
    httpd.plant(server.docroot, site(files, server.private))
    settings.give(server.root)
    return server


def start(serving, *args, **how):
    return prepare(serving, *args, **how).start()


@pytest.fixture(scope="module", params=["event", "worker", "prefork"])
def web(request):
    started = []

    def serving(*args, begin=True, **how):
        started.append(httpd.Httpd(*args, **how))
        return started[-1]

    modules = [m for m in MANY if m != "cgid"] + ["cgi" if request.param == "prefork" else "cgid"]
    yield start(serving, modules=modules, mpm=request.param)
    httpd.stop_all(started)


def shut(server, target, **how):
    """Refused as shadowed, with one line that names the private directory."""
    answer = server.refused(target, "shadowed", **how)
    assert SECRET not in answer.text
    return answer


# -- names that lead there

WAYS = ["/c/uploadedFiles/a.txt", "/m/uploadedFiles/a.txt", "/c//uploadedFiles/./a.txt",
        "/c/uploadedFiles/sub/b.txt", "/c/uploadedFiles/a.txt/more", "/links/file.txt", "/links/sub/b.txt",
        "/links/chain/b.txt", "/links/chained.txt", "/links/up/a.txt", "/links/UPLOADEDFILES/a.txt"]


# SPEC [place-1]
@pytest.mark.smoke
@pytest.mark.parametrize("target", WAYS)
def test_an_alias_or_a_link_leads_to_nothing_private(web, target):
    shut(web, target)
    shut(web, target, method="HEAD")
    shut(web, target, method="POST")
    shut(web, target + "?avc=" + tokens.token(target))
    shut(web, target + "?avc=" + tokens.token("/chat/uploadedFiles/a.txt"))


def test_the_location_itself_serves(web):
    web.refused("/chat/uploadedFiles/a.txt", "no-token")
    web.allowed(signed("/chat/uploadedFiles/a.txt"), shows=SECRET)
    web.allowed(signed("/chat/uploadedFiles/sub/b.txt", "path", dir=2), shows=SECRET)


@pytest.mark.parametrize("target", ["/c/open.txt", "/chat/open.txt", "/links/open.txt"])
def test_what_lies_elsewhere_is_served(web, target):
    web.allowed(target, shows="open")


def test_links_to_what_is_public_are_followed(web):
    web.allowed("/links/public/y.txt", shows="public")
    web.allowed("/links/public/deep/z.txt", shows="public")
    assert web.ask("/links/public/none.txt").status == 404
    assert web.ask("/nothing/at/all").status == 404


@pytest.mark.parametrize("names", [
    ("a.txt", "b.txt", "none/at/all", "sub", "sub/", "sub/b.txt", "sub/none", "su", "", "A.TXT", "page",
     "page.en.html", "x.php", "a.txt/", "in"),
])
def test_names_that_exist_cannot_be_told_from_others(web, names):
    bodies = {shut(web, "/c/uploadedFiles/" + name).text for name in names}
    assert len(bodies) == 1
    shut(web, "/c/uploadedFiles")
    answer = web.ask("/links/dangling")  # httpd itself refuses a link that leads to nothing
    assert answer.status == 403 and answer.text in bodies
    web.log.claim("AH00037")
    shut(web, "/links/sub")


# SPEC [place-1]
def test_a_listing_leaves_it_out(web):
    listing = web.ask("/links/").text
    assert "open.txt" in listing and "public" in listing
    for name in ("file.txt", "sub", "chain", "dangling", "up/", "UPLOADEDFILES", "x.php", "page.en"):
        assert name not in listing, listing
    # The location's own name is no secret, but a listing of its folder does not show it either.
    os.rename(os.path.join(web.docroot, "chat", "index.html"), os.path.join(web.root, "index.html"))
    for target in ("/c/", "/chat/"):
        listing = web.ask(target).text
        assert "open.txt" in listing and "uploadedFiles" not in listing
    os.rename(os.path.join(web.root, "index.html"), os.path.join(web.docroot, "chat", "index.html"))


@pytest.mark.parametrize("target", ["/links/page", "/links/page.html"])
def test_negotiation_does_not_lead_there(web, target):
    answer = web.ask(target, headers=[("Accept-Language", "en")])
    assert answer.status in (403, 404) and SECRET not in answer.text
    web.log.disregard("AVC0016: shadowed: |AH00687")


def test_an_index_page_does_not_lead_there(web):
    shut(web, "/index/")


@pytest.mark.parametrize("name", ["virtual", "file", "size"])
def test_a_page_includes_nothing_of_it(web, name):
    answer = web.ask("/ssi/%s.shtml" % name)
    assert answer.status == 200 and SECRET not in answer.text and answer.text.startswith("[[an error")
    web.log.disregard("unable to (include|get information about)|AH0137|AVC0016: ")


@pytest.mark.parametrize("target", ["a.txt", "sub/b.txt", "none.txt", "none/etc/passwd", "sub/", ""])
def test_path_info_is_not_translated_to_it(web, target):
    answer = web.ask("/cgi-bin/show.cgi/c/uploadedFiles/" + target)
    assert answer.status == 200 and SECRET not in answer.text and web.private not in answer.text
    assert "passwd" not in answer.text and answer.text.startswith("translated=avcsec-shadowed:\n"), answer
    answer = web.ask("/cgi-bin/show.cgi/c/open.txt")
    assert answer.text == "translated=%s/chat/open.txt\nopen" % web.docroot


def test_links_in_a_circle_end(web):
    answer = web.ask("/links/loop")
    assert answer.status in (403, 404)
    web.log.disregard("AVC0016: shadowed: |AH0003[57]|AH00127|Too many levels")


# -- modules that lead there

OTHER_WAYS = {
    "rewrite to the file": ('RewriteEngine On\nRewriteRule "^/r/(.*)$" "@private@/$1" [L]', "/r/a.txt"),
    "rewrite to the address":
        ('RewriteEngine On\nRewriteRule "^/r/(.*)$" "/c/uploadedFiles/$1" [PT]', "/r/a.txt"),
    "FallbackResource": ("FallbackResource /c/uploadedFiles/a.txt", "/nothing"),
    "DirectoryIndex": ("DirectoryIndex /c/uploadedFiles/a.txt", "/elsewhere/"),
    "CheckSpelling": ("CheckSpelling On", "/c/uploadedFiles/b.txt"),
    "UserDir": ('UserDir "@root@/users/*/www"\n<Directory "@root@/users">\nRequire all granted\n'
                'Options FollowSymLinks\n</Directory>', "/~anna/pics/a.txt"),
    "VirtualDocumentRoot": ('VirtualDocumentRoot "@root@/hosts/%0"\n<Directory "@root@/hosts">\n'
                            'Require all granted\nOptions FollowSymLinks\n</Directory>', "/pics/a.txt"),
    "Action": ('Action own /c/uploadedFiles/a.txt virtual\n<Files "small.txt">\nSetHandler own\n</Files>',
               "/small.txt"),
}
LINKS = {"users/anna/www/pics": ("link", "@private@"), "hosts/chat.example/pics": ("link", "@private@")}


@pytest.mark.parametrize("way", sorted(OTHER_WAYS))
def test_no_module_leads_there(serve_once, way):
    config, target = OTHER_WAYS[way]

    def serving(*args, **how):
        server = serve_once(*args, **how)
        httpd.plant(server.root, site(LINKS, server.private))
        return server

    web = start(serving, CONFIG + config)
    shut(web, target)


def test_an_error_page_that_lies_there_is_not_shown(serve_once):
    web = start(serve_once, CONFIG + "ErrorDocument 404 /c/uploadedFiles/a.txt\n")
    answer = web.ask("/nothing")
    assert answer.status == 404 and SECRET not in answer.text
    web.log.claim("AVC0016: shadowed: ")


def test_another_host_and_another_case_of_the_location(serve_once):
    other = '<VirtualHost 127.0.0.1:@port@>\nServerName %s\nDocumentRoot "@docroot@"\n%s</VirtualHost>\n'
    files = '<Location "/chat/UploadedFiles">\nAvcFiles "@private@"\n</Location>\n'
    web = start(serve_once, "", outside=other % ("first.example", 'AvcKeyFile "@keys@"\n' + files) +
                other % ("second.example", ""))
    web.log.disregard("AVC0102: .* the virtual host second.example")
    for host in ("first.example", "second.example", "third.example"):
        for target in ("/chat/uploadedFiles/a.txt", "/chat/uploadedFiles/", "/chat/uploadedFiles/none"):
            shut(web, target, host=host)
        web.allowed("/chat/open.txt", shows="open", host=host)
    web.allowed(signed("/chat/UploadedFiles/a.txt"), shows=SECRET, host="first.example")
    assert web.ask(signed("/chat/UploadedFiles/a.txt"), host="second.example").status == 404


def test_two_private_directories_one_in_the_other(serve_once):
    web = start(serve_once, CONFIG + '<Location "/sub">\nAvcFiles "@private@/sub"\n</Location>\n')
    web.allowed(signed("/sub/b.txt"), shows=SECRET)
    web.allowed(signed("/chat/uploadedFiles/sub/b.txt"), shows=SECRET)
    shut(web, "/links/sub/b.txt")


# -- scripts

def test_no_wiring_runs_a_script_that_lies_there(serve_once, fpm):
    for wiring in php.WIRINGS:
        web = start(serve_once, CONFIG + php.WIRINGS[wiring],
                    modules=MANY + [m for m in php.MODULES.get(wiring, {}).get("event", []) if m not in MANY],
                    **fpm.names())
        for target in ("/links/x.php", "/links/up/x.php", "/links/x.php/more", "/links/up/none.php"):
            shut(web, target)
            shut(web, target, method="POST", body=b"x=1")
        web.stop()


@pytest.mark.parametrize("rule", [
    'SetHandler "proxy:fcgi://127.0.0.1:@fpm@@private@/x.php"',
    'SetHandler "proxy:fcgi://127.0.0.1:@fpm@/@private@/x.php?"',
    'SetHandler "proxy:unix:@socket@|fcgi://localhost@private@/x.php"',
    'SetHandler "proxy:unix:@socket@|fcgi://localhost?@private@/x.php"',
    'SetHandler "proxy:unix:@socket@|fcgi:@private@/x.php"',
    'SetHandler "proxy:fcgi://127.0.0.1:@fpm@@docroot@/links/x.php"',
    'SetHandler "proxy:FCGI://127.0.0.1:@fpm@@private@/%78.php"',
    'SetHandler "proxy:uwsgi://127.0.0.1:@fpm@@private@/x.php"',
    'RewriteEngine On\nRewriteRule . "fcgi://127.0.0.1:@fpm@@private@/x.php" [P]',
    'RewriteEngine On\nRewriteRule . "unix:@socket@|fcgi://localhost@docroot@/links/up/x.php" [P]',
    'RewriteEngine On\nRewriteRule . "scgi://127.0.0.1:@fpm@@private@/x.php" [P]',
    'RewriteEngine On\nRewriteRule . - [H=proxy:fcgi://127.0.0.1:@fpm@@private@/x.php]',
])
def test_an_htaccess_that_names_the_script_runs_nothing_of_it(serve_once, fpm, rule):
    web = prepare(serve_once, modules=MANY + ["proxy_uwsgi", "proxy_scgi"], **fpm.names())
    httpd.plant(web.docroot, {"elsewhere/.htaccess": web.fill(
        '<Files "y.txt">\n%s\n</Files>\n' % rule if rule.startswith("Set") else rule + "\n")})
    web.start()
    shut(web, "/elsewhere/y.txt")


# -- sending by a header

def test_a_file_that_a_script_names_in_its_answer(serve_once, fpm):
    script = "<?php header('X-Sendfile: ' . $_GET['f']); echo 'body';"
    config = CONFIG + php.WIRINGS["SetHandler"] + \
        'XSendFile On\nXSendFilePath "@private@"\nXSendFilePath "@docroot@"\n'
    web = prepare(serve_once, config, dict(SITE, **{
        "send.php": script, "headers/page.php": "<?php echo 'page';"}),
        modules=MANY + ["xsendfile"], **fpm.names())
    httpd.plant(web.docroot, {"headers/.htaccess": web.fill('Header set X-Sendfile "@private@/a.txt"\n')})
    web.start()
    for name in (web.private + "/a.txt", "links/file.txt", "links/sub/b.txt",
                 web.docroot + "/chat/uploadedFiles/a.txt", "links/up/sub/../a.txt"):
        answer = web.ask("/send.php?f=" + name)
        web.log.disregard("AH01075: .*passing brigade to output filters")
        web.is_refusal(answer, "shadowed")
        assert SECRET not in answer.text
    answer = web.ask("/headers/page.php")
    web.log.disregard("AH01075: .*passing brigade to output filters")
    web.is_refusal(answer, "shadowed")
    web.allowed("/send.php?f=small.txt", shows="small")
    web.allowed("/send.php?f=links/open.txt", shows="open")


# -- mounts, and a directory that is replaced

@pytest.mark.root
@pytest.mark.parametrize("mpm", ["event", "prefork"])
def test_a_bind_mount_is_the_same_place(serve_once, mpm):
    places = {"all/x": "", "part/x": "", "one.txt": "", "late/x": "", "with space/x": "",
              "links/to-part": ("link", "../part")}
    server = prepare(serve_once, CONFIG, dict(SITE, **places), mpm=mpm,
                     private=dict(PRIVATE, **{"public/x": ""}))
    mounts = (("", "all"), ("sub", "part"), ("a.txt", "one.txt"), ("sub", "with space"))
    server.mounts = [(os.path.join(server.private, what), os.path.join(server.docroot, where))
                     for what, where in mounts]
    # A public directory that is mounted into the private one stays public where it was.
    server.mounts.append((server.docroot + "/elsewhere", server.private + "/public"))
    server.start()
    for target in ("/all/a.txt", "/all/", "/all/none", "/part/b.txt", "/part/", "/part/none", "/one.txt",
                   "/links/to-part/b.txt", "/with%20space/b.txt"):
        shut(server, target)
    server.allowed("/elsewhere/y.txt", shows="public")
    shut(server, "/all/public/y.txt")
    server.allowed("/elsewhere/y.txt", shows="public")
    server.in_namespace("mount", "--bind", server.private + "/sub", server.docroot + "/late")
    assert settings.until(lambda: all(server.ask("/late/b.txt").status == 403 for _ in range(20)))
    server.log.disregard("AVC0016: shadowed: ")
    server.in_namespace("umount", server.docroot + "/late")
    assert settings.until(lambda: server.ask("/late/b.txt").status == 404)
    server.log.disregard("AVC0016: shadowed: ")


@pytest.mark.parametrize("mpm", ["event", "prefork"])
def test_a_directory_that_is_replaced_is_private_again_within_seconds(serve_once, mpm):
    web = start(serve_once, mpm=mpm)
    shut(web, "/c/uploadedFiles/a.txt")
    os.rename(web.private, web.private + ".old")
    httpd.plant(web.private, {"a.txt": SECRET, "new.txt": SECRET})
    settings.give(web.private)
    # Every process has looked.
    assert settings.until(lambda: all(web.ask("/c/uploadedFiles/new.txt").status == 403 for _ in range(20)))
    web.log.disregard("AVC0016: shadowed: ")
    web.allowed(signed("/chat/uploadedFiles/new.txt"), shows=SECRET)


@pytest.mark.parametrize("mpm", ["event", "worker", "prefork"])
def test_a_folder_that_is_moved_there_is_private_within_seconds(serve_once, mpm):
    web = start(serve_once, mpm=mpm)
    web.allowed("/elsewhere/deep/z.txt", shows="public")
    os.rename(os.path.join(web.docroot, "elsewhere"), os.path.join(web.private, "elsewhere"))
    os.symlink(os.path.join(web.private, "elsewhere"), os.path.join(web.docroot, "elsewhere"))
    assert settings.until(lambda: web.ask("/elsewhere/deep/z.txt").status == 403)
    web.log.disregard("AVC0016: shadowed: ")


def test_after_a_restart_it_is_still_private(serve_once):
    web = start(serve_once)
    shut(web, "/c/uploadedFiles/a.txt")
    web.graceful()
    web.wait_generation(2)
    shut(web, "/c/uploadedFiles/a.txt")


# -- configtest

# SPEC [conf-24]
def test_configtest_takes_the_link_and_refuses_what_publishes_the_directory(serve_once):
    web = prepare(serve_once)
    assert web.configtest()[0] == 0
    for wrong in ('Alias "/u" "@private@"', 'Alias "/u" "@private@/sub"', 'Alias "/u" "@docroot@/links/up"',
                  'Alias "/f" "@private@/a.txt"', 'AliasMatch "^/u/(.*)" "@private@/sub/$1"',
                  'ScriptAlias "/u" "@private@/sub"', 'Alias "/u" "@docroot@/chat/uploadedFiles"'):
        web.write_config(CONFIG + wrong + "\n")
        status, printed = web.configtest()
        assert status != 0 and "AVC0101" in printed and "AvcFiles" in printed, (wrong, printed)
