# SPDX-License-Identifier: Apache-2.0
# The lines of scripts/page/README.md for streams that play longer than their links, in a real
# browser: hls.js gets a fresh path token while it plays, a player of the browser's own a fresh
# cookie. The film is half a minute and a link holds eight seconds, so that a run stays short.
import os
import re
import subprocess
import time

import pytest

from avc import browser, httpd, settings, tokens
from avc.httpd import Httpd, free_port
from avc.service import Service
from avc.settings import until

PAGE = os.path.join(settings.REPOSITORY, "scripts", "page")
LIFE = 8
CONFIG = """
AvcKeyFile "@keys@"
AddType application/vnd.apple.mpegurl .m3u8
AddType video/mp2t .ts
AddType text/javascript .mjs
<Location "/streams">
    AvcSignedURL On
</Location>
<Location "/native.html">
    AvcFileCookie /streams/room7 60
</Location>
<Location "/link">
    ProxyPass "http://127.0.0.1:@signer@/"
</Location>
"""
# The page's own address that signs; it holds the page key, and counts.
SIGNER = """
import { createServer } from 'node:http'
import { sign } from '@page@/avcsec.mjs'

let asked = 0
createServer(async (request, response) => {
  if (request.method !== 'POST') return response.end(String(asked))
  asked++
  response.end(await sign('/streams/room7/index.m3u8', {
    expires: @life@, dir: 2, carrier: 'path', key: '@key@' }))
}).listen(@port@, '127.0.0.1')
"""


def blocks():
    with open(os.path.join(PAGE, "README.md"), encoding="utf-8") as text:
        return re.findall(r"```html\n(.*?)```", text.read(), re.S)


WATCH = """<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>player</title>
<script>
window.seen = {errors: [], stalls: 0, begun: 0};
document.addEventListener('playing', () => seen.begun ||= Date.now(), true);
document.addEventListener('waiting', () => seen.stalls += seen.begun ? 1 : 0, true);
document.addEventListener('error', (e) => e.target.error && seen.errors.push(e.target.error.message), true);
</script>
"""
AUTOPLAY = "<script>document.querySelector('video').muted = true; document.querySelector('video').autoplay = true</script>"


def hls_page(has_fresh):
    """The README's lines; little is kept ahead, as of a film that is longer."""
    text, _ = blocks()
    setup = "xhrSetup: links.xhrSetup"
    assert setup in text
    more = "maxBufferLength: 3, maxMaxBufferLength: 4, " + (setup if has_fresh else "")
    text = text.replace(setup, more).replace("new Hls(", "window.hls = new Hls(")
    return WATCH + text + AUTOPLAY + (
        "<script type=module>await new Promise((done) => setInterval(() => window.hls && done(), 20));"
        "hls.on(Hls.Events.ERROR, (_, data) => data.fatal && seen.errors.push(data.details));</script>")


def native_page():
    _, text = blocks()
    assert "150_000" in text
    return WATCH + text.replace("150_000", "500") + AUTOPLAY


def make_film(directory):
    os.makedirs(directory)
    browser.ffmpeg("-f", "lavfi", "-i", "testsrc=size=160x120:rate=10:duration=30", "-f", "lavfi",
                   "-i", "sine=frequency=440:duration=30", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt",
                   "yuv420p", "-g", "10", "-c:a", "aac", "-b:a", "48k", "-hls_time", "1", "-hls_playlist_type", "vod",
                   os.path.join(directory, "index.m3u8"))


@pytest.fixture(scope="module")
def signer():
    with Service({"signer.mjs": SIGNER}, ["node", "@root@/signer.mjs"], page=PAGE, life=LIFE,
                 key=tokens.page_key("k1", "file")) as service:
        yield service


@pytest.fixture(scope="module")
def site(home, signer):
    with open(os.path.join(PAGE, "player.mjs"), encoding="utf-8") as text:
        player = text.read()
    server = Httpd(CONFIG, signer=signer.port, tls=True, clock=time.time(), docroot={
        "film.html": hls_page(True), "stale.html": hls_page(False), "native.html": native_page(),
        "player.mjs": player, "hls.js": browser.hls_js(os.path.join(home, "npm"))})
    make_film(os.path.join(server.docroot, "streams", "room7"))
    settings.give(server.root)
    server.start()
    server.set_clock(None)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def chrome(home):
    driver = browser.chromium(os.path.join(home, "profile-player"), os.path.join(home, "downloads"), insecure=True)
    yield driver
    driver.quit()


def watch(chrome, site, name):
    chrome.get("https://chat.example:%d/%s" % (site.tls_port, name))


def at(chrome):
    return chrome.execute_script("return document.querySelector('video').currentTime")


def is_over(chrome):
    return chrome.execute_script("return document.querySelector('video').ended || seen.errors.length > 0")


def test_hls_js_plays_on_with_links_that_end_four_times(chrome, site, signer):
    watch(chrome, site, "film.html")
    assert until(lambda: is_over(chrome), 60), (at(chrome), chrome.execute_script("return seen"))
    seen = chrome.execute_script("return seen")
    assert seen["errors"] == [] and at(chrome) > 29, seen
    assert int(site.ask("/link").text) >= 4
    # Nothing was refused on the way, and so nothing that this module did held it up.
    site.log.assert_quiet()


def test_without_these_lines_the_film_stops_where_its_link_ends(chrome, site):
    watch(chrome, site, "stale.html")
    assert until(lambda: is_over(chrome), 60)
    assert chrome.execute_script("return seen.errors") and at(chrome) < 25
    site.log.claim(r"AVC0007: expired: .*let the link of a film last", count=None)
    site.log.disregard(r"AVC0007: expired: ")


def test_a_player_of_the_browsers_own_plays_on_with_the_pages_cookie(chrome, site):
    """Its life is a minute at least: the server's clock goes on while the film plays."""
    begun = time.time()
    watch(chrome, site, "native.html")
    assert chrome.execute_script("return document.querySelector('video').canPlayType('application/vnd.apple.mpegurl')")
    assert until(lambda: at(chrome) > 1), chrome.execute_script("return seen")
    first = chrome.get_cookie("__Host-avc")
    assert first["httpOnly"] and first["secure"] and first["sameSite"] == "Lax"
    for step in (1, 2, 3):
        site.set_clock(time.time() + 35 * step)
        before = chrome.get_cookie("__Host-avc")["value"]
        assert until(lambda: chrome.get_cookie("__Host-avc")["value"] != before), "it was not renewed"
        position = at(chrome)
        assert until(lambda: at(chrome) > position + 1), chrome.execute_script("return seen")
    assert chrome.execute_script("return seen.errors") == []
    site.refused("/streams/room7/index000.ts", "no-token")
    site.refused("/streams/room7/index0.ts", "expired", status=410, headers=[("Cookie", "__Host-avc=" + first["value"])])
    chrome.get("about:blank")
    site.set_clock(None)
    site.log.claim("AVC0125: .*the clock was set back", patience=30)
    assert time.time() - begun < 60 * settings.PATIENCE
