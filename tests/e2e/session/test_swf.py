# SPDX-License-Identifier: Apache-2.0
# A SWF in a browser, as a chat has one: a small one of our own in Ruffle, below a path token, with
# a token from FlashVars or from token_request, connects to nginx-rtmp. It proves the module with
# Ruffle, nothing of Flash Player. rtmpdump makes the same connection with the same token.
import os
import re
import shutil
import subprocess

import pytest

from avc import browser, httpd, rtmp, settings, tokens
from avc.httpd import USUAL
from avc.service import Service

SITE = os.path.join(settings.REPOSITORY, "tests", "site")
CONFIG = """
AvcKeyFile "@keys@"
AddType application/wasm .wasm
AddType application/x-shockwave-flash .swf
<Location "/chat">
    AvcSignedURL On
    AvcUnsignedArgs x userId ask
    AvcTokenAct connect
    SetEnv SITE_RTMP_PORT @rtmp@
    SetEnv SITE_BRIDGE_PORT @bridge@
</Location>
<Location "/chat/player.shtml">
    Options +Includes
    SetOutputFilter INCLUDES
    <If "%{QUERY_STRING} != 'ask'">
        AvcTokenEnv On
    </If>
</Location>
<Location "/chat/token_request.php">
    SetHandler avcsec-token-request
</Location>
<Location "/connect">
    SetHandler avcsec-admission
    AvcAdmission nginx-rtmp
    AvcMediaServer 127.0.0.1
</Location>
"""
SUCCESS = "NetConnection.Connect.Success"


def pages():
    """The demo's own page, script and picture; the settings as a script would print them."""
    files = {"chat/avc_settings.php": "a=b&welcomeMessage=Welcome%20to%20Harbour%20Lights"}
    for name, source in (("chat/player.shtml", "www/chat/player.shtml"),
                         ("assets/player.js", "www/assets/player.js"),
                         ("assets/site.css", "www/assets/site.css"),
                         ("assets/lighthouse.svg", "www/assets/lighthouse.svg"),
                         ("chat/uploadedFiles/cat.jpg", "files/cat.jpg")):
        with open(os.path.join(SITE, source), "rb") as content:
            files[name] = content.read()
    return files


def compile_swf(path):
    subprocess.run(["haxe", "--cwd", os.path.join(SITE, "player"), "player.hxml", "--swf", path], check=True)


@pytest.fixture(scope="module")
def web(serve, home):
    ports = {"rtmp": httpd.free_port(), "bridge": httpd.free_port()}
    server = serve(CONFIG, modules=USUAL, docroot=pages(), **ports)
    compile_swf(os.path.join(server.docroot, "chat", "player.swf"))
    shutil.copytree(browser.npm_package(os.path.join(home, "npm"), "@ruffle-rs/ruffle"),
                    os.path.join(server.docroot, "ruffle"))
    return server


@pytest.fixture(scope="module")
def media(web):
    """nginx-rtmp, and the way to it for a page."""
    hook = "on_connect http://127.0.0.1:@web@/connect;"
    port, way = int(web.names["rtmp"]), int(web.names["bridge"])
    with open(os.path.join(SITE, "bridge.py"), encoding="utf-8") as text:
        files = {"bridge.py": text.read()}
    with rtmp.MediaServer(web, server=hook, port=port) as server, \
            Service(files, ["/usr/bin/python3", "@root@/bridge.py", str(way), str(port)], way):
        yield server


@pytest.fixture(scope="module")
def chrome(home):
    driver = browser.chromium(os.path.join(home, "profile-of-swf"), home)
    yield driver
    driver.quit()


def open_page(chrome, web, query="", name="player.shtml"):
    """By a link signed for the folder, as a site gives it to whoever is logged in."""
    link = tokens.signed("/chat/" + name, carrier="path", dir=1, mth="GET.POST")
    chrome.get("http://chat.example:%d%s%s" % (web.port, link, query))


def seen(chrome):
    return chrome.execute_script("const p = document.getElementById('player'); return p && p.seen ? p.seen() : null")


def connections(chrome, count):
    """What the SWF got, once it was answered so often."""
    got = settings.until(lambda: (seen(chrome) or {"connections": []})["connections"][count - 1:] and seen(chrome))
    assert got, chrome.get_log("browser")
    return got


@pytest.mark.parametrize("query, source", [("", "FlashVars"), ("?ask", "token_request")])
def test_a_swf_is_let_in_with_its_token_once(web, media, chrome, query, source):
    open_page(chrome, web, query)
    got = connections(chrome, 1)
    assert got["source"] == source and got["token"].startswith("avc1~for.session~")
    assert got["connections"] == [SUCCESS]
    assert settings.until(lambda: seen(chrome)["picture"]) == "800 x 500"
    assert settings.until(lambda: seen(chrome)["welcome"]) == "Welcome to Harbour Lights"
    chrome.execute_script("document.getElementById('again').click()")
    assert connections(chrome, 2)["connections"] == [SUCCESS, "closed"]
    web.log.claim(r"AVC0013: used-up: ")


def test_without_its_link_there_is_neither_page_nor_swf_nor_what_it_loads(web, chrome):
    for name in ("player.shtml", "player.swf", "avc_settings.php?x=1", "uploadedFiles/cat.jpg"):
        web.refused("/chat/" + name, "no-token")
    web.refused("/chat/token_request.php", "no-token", "POST",
                [("Content-Type", "application/x-www-form-urlencoded")], b"username=x")


def issued(web):
    """A token of the page, as its FlashVars have it."""
    link = tokens.signed("/chat/player.shtml", carrier="path", dir=1)
    found = re.search(r"token=(avc1~[A-Za-z0-9._~-]+)&amp;", web.allowed(link).text)
    return found.group(1)


def connect(media, token):
    """What rtmpdump says of a connection to which it brings this token."""
    return rtmp.dump(media.url(query="avc=" + token if token else ""), "room1", "--verbose", patience=2)[1]


def test_rtmpdump_makes_the_same_connection(web, media):
    token = issued(web)
    assert SUCCESS in connect(media, token)
    for wrong, reason in ((token, "used-up"), (tokens.tampered(issued(web)), "signature"), ("", "no-token"),
                          (tokens.token("/", purpose="session", act="play"), "act")):
        printed = connect(media, wrong)
        assert "ERROR: " in printed and SUCCESS not in printed, printed
        web.log.claim(r"AVC\d{4}: %s: " % reason)


def test_the_swf_is_the_same_bytes_each_time_it_is_compiled(web, home):
    again = os.path.join(home, "again.swf")
    compile_swf(again)
    with open(again, "rb") as one, open(web.docroot + "/chat/player.swf", "rb") as other:
        assert one.read() == other.read()
