# SPDX-License-Identifier: Apache-2.0
# A real browser asks for tokens: a page of this host, one of a listed origin, one of another; and
# a page that has one in itself has a fresh one each time it is fetched. (A page that the back button
# brings to life again, player and all, is the browser's own memory.)
import os

import pytest

from avc import browser, httpd
from avc.httpd import USUAL

CONFIG = """
AvcKeyFile "@keys@"
<Location "/token">
    SetHandler avcsec-token
</Location>
<Location "/token/listed">
    AvcOrigins http://www.chat.example:@page@ credentials
</Location>
<Location "/player.shtml">
    Options +Includes
    SetOutputFilter INCLUDES
    AvcTokenEnv On
</Location>
Listen 127.0.0.1:@page@
<VirtualHost 127.0.0.1:@page@>
    ServerName www.chat.example
    DocumentRoot "@docroot@"
</VirtualHost>
"""
PAGES = {"index.html": "<!doctype html><title>page</title><link rel=icon href='data:,'>",
         "player.shtml": "<!doctype html><title>player</title><link rel=icon href='data:,'>"
                         "<p id=token><!--#echo var=\"AVC_TOKEN\" --></p>"}
ASK = """
const done = arguments[arguments.length - 1];
fetch(arguments[0], Object.assign({method: "POST"}, arguments[1]))
    .then(answer => answer.json().then(said => done([answer.status, said.token]), () => done([answer.status, null])))
    .catch(error => done([0, error.name]));
"""


@pytest.fixture(scope="module")
def site(serve):
    return serve(CONFIG, page=httpd.free_port(), modules=USUAL + ["include"], docroot=PAGES)


@pytest.fixture(scope="module")
def chrome(home):
    downloads = os.path.join(home, "downloads-of-sessions")
    os.makedirs(downloads, exist_ok=True)
    driver = browser.chromium(os.path.join(home, "profile-of-sessions"), downloads)
    yield driver
    driver.quit()


def ask(chrome, url, **options):
    return chrome.execute_async_script(ASK, url, options)


def test_a_page_of_this_host_gets_tokens(site, chrome):
    chrome.get("http://chat.example:%d/index.html" % site.port)
    first, second = ask(chrome, "/token"), ask(chrome, "/token")
    assert first[0] == second[0] == 200 and first[1] != second[1]
    assert first[1].startswith("avc1~for.session~")


def test_a_page_of_a_listed_origin_gets_one_whatever_it_sends_along(site, chrome):
    chrome.get("http://www.chat.example:%s/index.html" % site.names["page"])
    url = "http://chat.example:%d/token/listed" % site.port
    for options in ({}, {"credentials": "include"},
                    {"headers": {"Content-Type": "application/json"}, "body": "{}", "credentials": "include"}):
        status, tok = ask(chrome, url, **options)
        assert status == 200 and tok.startswith("avc1~for.session~"), options


def test_a_page_of_another_origin_gets_none(site, chrome):
    chrome.get("http://www.chat.example:%s/index.html" % site.names["page"])
    url = "http://chat.example:%d/token" % site.port
    before = site.access_log().count("POST /token HTTP")
    assert ask(chrome, url) == [0, "TypeError"], "the browser shows the page nothing"
    assert ask(chrome, url, mode="no-cors") == [0, None]
    site.log.claim(r"AVC0011: origin: ", count=2)
    assert ask(chrome, url, headers={"Content-Type": "application/json"}, body="{}") == [0, "TypeError"]
    assert site.access_log().count("POST /token HTTP") == before + 2, "a preflight that is not granted asks no further"


def test_a_page_has_a_fresh_one_each_time_it_is_fetched(site, chrome):
    seen = []

    def shown():
        seen.append(chrome.find_element("id", "token").text)
        assert seen[-1].startswith("avc1~for.session~")

    url = "http://chat.example:%d/" % site.port
    chrome.get(url + "player.shtml")
    shown()
    chrome.refresh()
    shown()
    chrome.get(url + "index.html")
    chrome.get(url + "player.shtml")
    shown()
    assert len(set(seen)) == 3
