# SPDX-License-Identifier: Apache-2.0
# A page (SSI) includes, measures and dates what its reader may have himself, wherever page and part lie:
# a part that is named as a file has no address of its own, and is judged by those that lead to it.
import os

import pytest

from avc import httpd
from avc.httpd import USUAL
from avc.peers import MEDIA, STRANGER
from avc.tokens import signed

PART = "THE-PART"
ELEMENTS = {
    "include file": '[<!--#include file="%s" -->]', "include virtual": '[<!--#include virtual="%s" -->]',
    "fsize file": '[<!--#fsize file="%s" -->]', "fsize virtual": '[<!--#fsize virtual="%s" -->]',
    "flastmod file": '[<!--#flastmod file="%s" -->]', "flastmod virtual": '[<!--#flastmod virtual="%s" -->]',
    "in a part": '[<!--#include file="sub/inner.shtml" -->]',
    "in a part by its address": '[<!--#include virtual="sub/inner.shtml" -->]',
}
# What leads to the folder of the page: its address, and the lines for it.
MAPPINGS = {
    "document root": ("/", 'DocumentRoot "@root@/pages"'),
    "Alias": ("/a/", 'Alias "/a" "@root@/pages"'),
    "Alias with slashes": ("/a/", 'Alias "/a/" "@root@/pages/"'),
    "Alias to a link": ("/a/", 'Alias "/a" "@root@/to-pages"'),
    "AliasMatch": ("/a/", 'AliasMatch "^/a/(.*)$" "@root@/pages/$1"'),
    "UserDir": ("/~u/", 'UserDir "@root@/users/*/www"'),
    "VirtualDocumentRoot": ("/", 'VirtualDocumentRoot "@root@/pages"'),
    "a link": ("/link/", ""),
    "a rewrite": ("/a/", 'RewriteEngine On\nRewriteRule "^/a/(.*)$" "@root@/pages/$1" [L]'),
    "an alias of the part alone": ("/", 'Alias "/a" "@root@/pages/secret"\nDocumentRoot "@root@/pages"\n'
                                   '<Location "/a">\nAvcSignedURL On\n</Location>'),
}
PROTECTIONS = {"AvcSignedURL On": "a signed link", "AvcMediaServerOnly On": "the media server",
               "AvcSessionFor play": "a session"}


def start(serve, name, protection, mpm="event"):
    base, config = MAPPINGS[name]
    server = serve("""
    AvcKeyFile "@keys@"
    AvcMediaServer 127.0.0.2
    AvcHidden hidden.txt
    AddOutputFilter INCLUDES .shtml
    %s
    <Location "%ssecret">
        %s
    </Location>
    """ % (config, base, protection), modules=USUAL + ["userdir", "vhost_alias"], mpm=mpm, docroot={},
        outside='<Directory "@root@">\nOptions FollowSymLinks Includes\nRequire all granted\n</Directory>',
        directory="Options FollowSymLinks Includes\nRequire all granted", begin=False)
    pages = {"secret/part.txt": PART, "secret/deep/part.txt": PART, "hidden.txt": PART,
             "sub/hidden.txt": PART, "open.txt": "open", "sub/inner.shtml":
                 '<!--#include virtual="%ssecret/part.txt" --><!--#include file="hidden.txt" -->' % base}
    for count, element in enumerate(ELEMENTS.values()):
        for number, part in enumerate(("secret/part.txt", "secret/deep/part.txt", "hidden.txt", "open.txt")):
            pages["p%d-%d.shtml" % (count, number)] = element % part if "%s" in element else element
    for folder in ("pages", "users/u/www"):
        httpd.plant(os.path.join(server.root, folder), pages)
    httpd.plant(server.root, {"to-pages": ("link", "pages"), "htdocs/link": ("link", "../pages")})
    return server.start()


@pytest.mark.parametrize("protection", sorted(PROTECTIONS))
@pytest.mark.parametrize("name", sorted(MAPPINGS))
def test_a_page_shows_nothing_of_a_protected_part(serve_once, name, protection):
    server = start(serve_once, name, protection)
    base = MAPPINGS[name][0]
    for count, element in enumerate(ELEMENTS):
        for number in range(3):
            answer = server.ask("%sp%d-%d.shtml" % (base, count, number), source=STRANGER)
            server.log.disregard(r"AVC\d{4}: |unable to include|AH02670|AH01339|AH01\d\d\d")
            assert answer.status == 200, (element, answer)
            assert PART not in answer.text and "8]" not in answer.text, (element, number, answer)
            if element.startswith(("fsize", "flastmod")):
                assert "error occurred" in answer.text, (element, answer)
        answer = server.ask("%sp%d-3.shtml" % (base, count), source=STRANGER)
        server.log.disregard(r"AVC\d{4}: |unable to include")
        assert "an error occurred" not in answer.text or "in a part" in element, (element, answer)


@pytest.mark.parametrize("mpm", ["event", "worker", "prefork"])
def test_the_rightful_reader_has_the_page_whole(serve_once, mpm):
    server = start(serve_once, "Alias", "AvcMediaServerOnly On", mpm)
    assert server.ask("/a/p0-0.shtml", source=MEDIA).text == "[%s]" % PART
    assert server.ask("/a/p0-1.shtml", source=MEDIA).text == "[%s]" % PART
    assert "AVC" not in server.ask("/a/p0-2.shtml", source=MEDIA).text
    server.log.disregard("unable to include")


def test_a_page_inherits_the_verdict_of_its_own_folder(serve_once):
    server = serve_once("""
    AvcKeyFile "@keys@"
    AddOutputFilter INCLUDES .shtml
    Alias "/a" "@root@/private"
    <Location "/a">
        AvcSignedURL On
    </Location>
    """, docroot={}, private={"page.shtml": '<!--#include file="sub/part.txt" -->', "sub/part.txt": PART},
        outside='<Directory "@root@/private">\nOptions Includes\nRequire all granted\n</Directory>')
    assert server.ask(signed("/a/page.shtml")).text == PART
    server.refused("/a/page.shtml", "no-token")
