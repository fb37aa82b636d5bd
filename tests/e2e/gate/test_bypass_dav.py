# SPDX-License-Identifier: Apache-2.0
# WebDAV and listings: nothing is listed, written over, moved or published that the caller could not
# ask for by itself; a refusal writes one line, whatever it is about.
import os

import pytest

from avc import httpd
from avc.httpd import USUAL
from avc.peers import ADMIN, MEDIA, STRANGER
from avc.tokens import token

SECRET = "THE-PROTECTED-CONTENT"
MODULES = USUAL + ["dav", "dav_fs", "dav_lock"]
CONFIG = """
AvcKeyFile "@keys@"
AvcMediaServer 127.0.0.2
AvcAdmin 127.0.0.3
AvcMediaServerScripts avchat
AvcAdminScripts admin*.html
AvcHidden avchat
DavLockDB "@root@/run/davlock"
<Location "/">
    @dav@
    DirectoryIndex disabled
</Location>
<Location "/signed">
    AvcSignedURL On
</Location>
<Location "/session">
    AvcSessionFor upload room=%{REQUEST_URI}
</Location>
<Location "/files">
    AvcFiles "@private@"
</Location>
<Directory "@docroot@/bydir">
    AvcMediaServerOnly On
</Directory>
<Files "byname.txt">
    AvcMediaServerOnly On
</Files>
"""
SITE = {
    "chat/writeuserslist.php": SECRET, "chat/admin.html": SECRET, "chat/wget.php": SECRET,
    "chat/tokens/t1": SECRET, "chat/open.txt": "open", "bydir/a.txt": SECRET, "x/byname.txt": SECRET,
    "signed/a.txt": SECRET, "signed/b.txt": SECRET, "session/a.txt": SECRET, "files/public.txt": "covered",
    "open.txt": "open", "free/one.txt": "one", "free/sub/two.txt": "two", "deep/er/chat/wget.php": SECRET,
}
PROTECTED = {"/chat/writeuserslist.php": "address", "/chat/admin.html": "address",
             "/chat/wget.php": "hidden", "/chat/tokens/new": "hidden", "/bydir/a.txt": "address",
             "/bydir/new.txt": "address", "/x/byname.txt": "address", "/signed/a.txt": "no-token",
             "/signed/new.txt": "no-token", "/session/new.txt": "no-token", "/chat/token_verify.php": "address",
             "/files/new.txt": "no-token"}


def start(serve, mpm="event", dav="Dav On\nDavDepthInfinity On", **how):
    server = serve(CONFIG, dav=dav, modules=MODULES, mpm=mpm, docroot=SITE, begin=False,
                   private={"private-name.txt": SECRET}, **how)
    httpd.plant(server.docroot, {"to-chat": ("link", "chat"), "to-script.txt": ("link", "chat/wget.php")})
    return server.start()


@pytest.fixture
def web(serve_once):
    return start(serve_once)


def dav(server, method, target, destination=None, headers=(), **how):
    headers = list(headers)
    if destination:
        headers.append(("Destination", destination if "://" in destination
                        else "http://chat.example" + destination))
    return server.ask(target, method, headers=headers, **how)


def hrefs(answer):
    assert answer.status == 207, answer
    return {part.split("</D:href>")[0] for part in answer.text.split("<D:href>")[1:]
            if part.startswith("/")}


# -- listing

NAMES = {"/chat/writeuserslist.php": MEDIA, "/chat/admin.html": ADMIN, "/chat/wget.php": None,
         "/chat/tokens/": None, "/chat/tokens/t1": None, "/bydir/": MEDIA, "/bydir/a.txt": MEDIA,
         "/x/byname.txt": MEDIA, "/signed/": None, "/signed/a.txt": None, "/session/": None,
         "/session/a.txt": None, "/files/": None, "/files/public.txt": None, "/deep/er/chat/wget.php": None}
OPEN = {"/", "/open.txt", "/chat/", "/chat/open.txt", "/free/", "/free/one.txt", "/free/sub/",
        "/free/sub/two.txt", "/x/", "/deep/", "/deep/er/", "/deep/er/chat/"}
BODIES = {"nothing": b"", "allprop": b'<?xml version="1.0"?><propfind xmlns="DAV:"><allprop/></propfind>',
          "propname": b'<?xml version="1.0"?><propfind xmlns="DAV:"><propname/></propfind>',
          "prop": b'<?xml version="1.0"?><propfind xmlns="DAV:"><prop><getetag/></prop></propfind>'}


@pytest.mark.parametrize("mpm", ["event", "worker", "prefork"])
@pytest.mark.parametrize("body", sorted(BODIES))
def test_propfind_lists_what_the_caller_may_have(serve_once, mpm, body):
    server = start(serve_once, mpm)
    for source in (STRANGER, MEDIA, ADMIN):
        seen = hrefs(dav(server, "PROPFIND", "/", headers=[("Depth", "infinity")], body=BODIES[body],
                         source=source))
        may = {name for name, caller in NAMES.items() if caller == source}
        assert seen == OPEN | may, source
        seen = hrefs(dav(server, "PROPFIND", "/chat/", headers=[("Depth", "1")], body=BODIES[body],
                         source=source))
        assert seen == {name for name in OPEN | may if name.startswith("/chat/")
                        and "/tokens/" not in name}, source
        seen = hrefs(dav(server, "PROPFIND", "/", headers=[("Depth", "1")], body=BODIES[body], source=source))
        assert seen == {name for name in OPEN | may if name.count("/") - name.endswith("/") < 2}, source


def test_propfind_shows_no_private_name(web):
    answer = dav(web, "PROPFIND", "/", headers=[("Depth", "infinity")])
    assert "private-name" not in answer.text and "public.txt" not in answer.text
    for target, reason in PROTECTED.items():
        if "new" not in target and "token_verify" not in target:
            web.is_refusal(dav(web, "PROPFIND", target, headers=[("Depth", "0")], source=STRANGER), reason)


def test_with_a_token_for_the_folder_propfind_lists_it(web):
    bearer = [("Authorization", "Bearer " + token("/signed/a.txt", dir=1, mth="PROPFIND")),
              ("Depth", "1")]
    assert hrefs(dav(web, "PROPFIND", "/signed/", headers=bearer)) == \
        {"/signed/", "/signed/a.txt", "/signed/b.txt"}


@pytest.mark.parametrize("options", ["", "IndexOptions +ShowForbidden", "IndexOptions FancyIndexing ShowForbidden",
                                     "IndexOptions +HTMLTable +ScanHTMLTitles +ShowForbidden",
                                     "IndexIgnoreReset ON\nIndexOptions ShowForbidden"])
@pytest.mark.parametrize("mpm", ["event", "worker", "prefork"])
def test_a_listing_shows_what_the_caller_may_have(serve_once, options, mpm):
    server = start(serve_once, mpm, dav="",
                   directory="Options +Indexes +FollowSymLinks\nAllowOverride Indexes\nRequire all granted")
    httpd.plant(server.docroot, {".htaccess": options})
    for source, names in ((STRANGER, ["open.txt"]), (MEDIA, ["open.txt", "writeuserslist.php"]),
                          (ADMIN, ["open.txt", "admin.html"])):
        answer = server.ask("/chat/", source=source)
        assert answer.status == 200 and 'href="' in answer.text
        for name in ("open.txt", "writeuserslist.php", "admin.html", "wget.php", "tokens"):
            assert (name in answer.text) == (name in names), (source, name)
    answer = server.ask("/", source=STRANGER)
    for name in ("bydir", "signed", "session", "files", "to-script"):
        assert 'href="%s' % name not in answer.text, name
    assert 'href="chat/' in answer.text
    server.log.assert_quiet()


# -- what is written

@pytest.mark.parametrize("target", sorted(PROTECTED))
def test_no_method_writes_to_a_protected_name(web, target):
    for method in ("PUT", "DELETE", "LOCK", "PROPPATCH", "MKCOL", "COPY", "MOVE", "UNLOCK"):
        answer = dav(web, method, target, "/published.txt" if method in ("COPY", "MOVE") else None,
                     body=b"x", source=STRANGER)
        web.is_refusal(answer, PROTECTED[target])
    assert not os.path.exists(os.path.join(web.docroot, "published.txt"))


@pytest.mark.parametrize("mpm", ["event", "worker", "prefork"])
def test_a_destination_is_judged_on_its_own(serve_once, mpm):
    server = start(serve_once, mpm)
    for target, reason in PROTECTED.items():
        for method in ("COPY", "MOVE"):
            for destination in (target, target.replace("/chat", "/chat/./x/.."), target.replace("t", "%74"),
                                "//" + target[1:], target + "/"):
                answer = dav(server, method, "/open.txt", destination, source=STRANGER)
                server.is_refusal(answer, reason)
    assert server.ask("/open.txt").text == "open"
    for destination in ("/to-chat/wget.php", "/to-chat/tokens/x", "/to-script.txt"):
        server.is_refusal(dav(server, "COPY", "/open.txt", destination), "hidden")
    assert dav(server, "COPY", "/open.txt", "/chat/writeuserslist.php", source=MEDIA).status == 204
    assert dav(server, "COPY", "/open.txt", "/free/copy.txt", source=STRANGER).status == 201
    server.allowed("/free/copy.txt", shows="open")


@pytest.mark.parametrize("destination", [
    "/chat/wget.php", "http://chat.example/chat/wget.php", "http://other.example/chat/wget.php",
    "HTTP://CHAT.EXAMPLE/chat/wget.php", "http://user@chat.example:80/chat/wget.php"])
def test_every_form_of_a_destination(web, destination):
    web.is_refusal(dav(web, "COPY", "/open.txt", destination), "hidden")


def test_the_old_name_of_the_header(web):
    answer = web.ask("/open.txt", "COPY", headers=[("New-uri", "/chat/wget.php")])
    web.is_refusal(answer, "hidden")


def test_a_token_for_the_source_opens_no_destination(web):
    def bearer(path, **claims):
        return [("Authorization", "Bearer " + token(path, **claims))]

    one = bearer("/signed/a.txt", mth="COPY.MOVE.PUT")
    folder = bearer("/signed/a.txt", dir=1, mth="COPY.MOVE.PUT")
    for headers in (one, folder):
        for method in ("COPY", "MOVE"):
            for destination in ("/signed/b.txt", "/signed/new.txt"):
                web.is_refusal(dav(web, method, "/signed/a.txt", destination, headers), "no-token")
    for path in ("/signed/new.txt", "/signed/b.txt"):
        for claims in ({}, {"dir": 1}):
            headers = bearer(path, mth="COPY.MOVE.PUT", **claims)
            web.is_refusal(dav(web, "COPY", "/open.txt", path, headers), "no-token")
            web.is_refusal(dav(web, "MOVE", "/open.txt", path + "?avc=" + headers[0][1].split()[1]),
                           "no-token")
    with open(os.path.join(web.docroot, "signed", "b.txt")) as b:
        assert b.read() == SECRET
    assert dav(web, "COPY", "/signed/a.txt", "/free/mine.txt", one).status == 201


def test_a_session_opens_the_destination_that_it_is_for(web):
    def bearer(room):
        import base64
        encoded = base64.urlsafe_b64encode(room.encode()).rstrip(b"=").decode()
        return [("Authorization", "Bearer " + token("/", purpose="session", act="upload", room=encoded))]

    web.is_refusal(dav(web, "COPY", "/open.txt", "/session/new.txt"), "no-token")
    web.is_refusal(dav(web, "COPY", "/open.txt", "/session/new.txt", bearer("/session/a.txt")), "room")
    web.is_refusal(dav(web, "COPY", "/session/a.txt", "/session/new.txt", bearer("/session/a.txt")), "room")
    assert dav(web, "COPY", "/open.txt", "/session/new.txt", bearer("/session/new.txt")).status == 201


# -- folders

FOLDERS = {"/chat/": "hidden|address", "/bydir/": "address", "/signed/": "no-token", "/deep/": "hidden",
           "/deep/er/": "hidden", "/x/": "address", "/": "hidden|address|no-token"}


@pytest.mark.parametrize("folder", sorted(FOLDERS))
def test_what_lies_below_goes_with_no_folder(web, folder):
    for method in ("COPY", "MOVE", "DELETE"):
        answer = dav(web, method, folder, "/free/copied" if method != "DELETE" else None)
        web.is_refusal(answer, FOLDERS[folder])
    for destination in (folder, folder.rstrip("/") or "/"):
        for source in ("/free/", "/free/sub/", "/open.txt"):
            answer = dav(web, "COPY", source, destination)
            assert answer.status == 403
            web.log.claim(r"AVC\d{4}: (%s): " % FOLDERS[folder])
    for name, content in SITE.items():
        with open(os.path.join(web.docroot, name)) as file:
            assert file.read() == content
    assert not os.path.exists(os.path.join(web.docroot, "free", "copied"))


def test_folders_without_anything_protected_are_moved_and_deleted(web):
    assert dav(web, "COPY", "/free/", "/other/").status == 201
    web.allowed("/other/sub/two.txt", shows="two")
    assert dav(web, "COPY", "/free/", "/other/").status == 204
    assert dav(web, "MOVE", "/other/", "/moved/").status == 201
    assert dav(web, "DELETE", "/moved/").status == 204
    web.log.assert_quiet()


def test_a_folder_alone_is_copied_without_what_lies_below(web):
    assert dav(web, "COPY", "/deep/", "/free/deep/", [("Depth", "0")]).status == 201
    assert os.listdir(os.path.join(web.docroot, "free", "deep")) == []


def test_what_can_not_be_judged_goes_with_no_folder(web):
    httpd.plant(web.docroot, {"odd/inner/.htaccess": "NoSuchDirective\n", "odd/inner/a.txt": "x"})
    httpd.settings.give(os.path.join(web.docroot, "odd"))
    for method in ("DELETE", "MOVE", "COPY"):
        web.log.disregard("NoSuchDirective")
        answer = dav(web, method, "/odd/", "/free/odd/" if method != "DELETE" else None)
        web.log.disregard("NoSuchDirective")
        web.is_refusal(answer, "unclear")
    assert os.path.exists(os.path.join(web.docroot, "odd", "inner", "a.txt"))


def test_listings_below_an_alias_know_whose_folder_it_is(serve_once):
    server = serve_once("""
    AvcMediaServer 127.0.0.2
    AvcMediaServerScripts Live/on_*
    AvcHidden tokens/*
    Alias "/cb" "@root@/elsewhere/Live"
    Alias "/t" "@root@/elsewhere/tokens"
    AliasMatch "^/m/(.*)$" "@root@/elsewhere/Live/$1"
    DavLockDB "@root@/run/davlock"
    <Location "/dav">
        Dav On
    </Location>
    Alias "/dav" "@root@/elsewhere/Live"
    """, modules=MODULES, keys=None, docroot={"link": ("link", "../elsewhere/Live")}, begin=False,
        directory="Options Indexes FollowSymLinks\nRequire all granted",
        outside='<Directory "@root@">\nOptions Indexes FollowSymLinks\nRequire all granted\n</Directory>')
    httpd.plant(server.root, {"elsewhere/Live/on_publish.php": "x", "elsewhere/Live/view.php": "y",
                              "elsewhere/tokens/abc": "z"})
    server.start()
    for base in ("/cb/", "/m/", "/link/", "/dav/"):
        answer = server.ask(base, source=STRANGER)
        assert "view.php" in answer.text and "on_publish" not in answer.text, (base, answer)
        assert "on_publish" in server.ask(base, source=MEDIA).text, base
    assert hrefs(dav(server, "PROPFIND", "/dav/", headers=[("Depth", "1")])) == {"/dav/", "/dav/view.php"}
    server.refused("/t/", "hidden")
