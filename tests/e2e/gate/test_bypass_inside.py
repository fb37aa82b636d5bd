# SPDX-License-Identifier: Apache-2.0
# Steps that httpd takes inside (index, fallback, error page, include, negotiation, rewriting,
# listing, correction of spelling, WebDAV) never lead around a protection; and the rightful take them.
import os
import re

import pytest

from avc.httpd import USUAL
from avc.peers import ADMIN, MEDIA, STRANGER
from avc.protected import MANY, PROTECT, SECRET, SITE, comes_out
from avc.tokens import signed


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


# SPEC [place-6]
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
    os.unlink(os.path.join(server.docroot, "chat", "index.html"))
    answer = server.ask("/chat/", source=STRANGER)
    assert answer.status == 200
    assert "writeuserslist" not in answer.text and "avc_settings" not in answer.text, answer.text
    server.log.disregard(r"AVC\d{4}: (address|hidden): ")
    answer = server.ask("/chat/", source=MEDIA)
    assert "writeuserslist.php" in answer.text
    server.log.disregard(r"AVC\d{4}: (address|hidden): ")
