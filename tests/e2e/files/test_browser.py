# SPDX-License-Identifier: Apache-2.0
# A real browser: hls.js on one origin plays from another, with path tokens and with a header, and
# sees 403 and 410 as such; pictures and videos opened directly show under the sandbox; uploaded
# pages do not.
import os
import shutil

import pytest

from avc import browser, httpd, settings
from avc.httpd import Httpd
from avc.settings import until
from avc.tokens import tampered, token

CONFIG = """
AvcKeyFile "@keys@"
AddType application/vnd.apple.mpegurl .m3u8
AddType video/mp2t .ts
<Location "/hls">
    AvcSignedURL On
    AvcOrigins http://www.chat.example:@page@
</Location>
<Location "/files">
    AvcFiles "@private@"
    AvcOrigins http://www.chat.example:@page@
</Location>
Listen 127.0.0.1:@page@
<VirtualHost 127.0.0.1:@page@>
    ServerName www.chat.example
    DocumentRoot "@docroot@/page"
</VirtualHost>
"""
PLAYER = """<!doctype html><meta charset="utf-8"><title>player</title>
<link rel="icon" href="data:,"><video id="video" muted></video><script src="hls.js"></script>
<script>
window.seen = {errors: [], fragments: 0};
function play(url, bearer) {
  const hls = new Hls({manifestLoadPolicy: {default: {maxTimeToFirstByteMs: 9000, maxLoadTimeMs: 9000,
    timeoutRetry: null, errorRetry: null}}, xhrSetup: (xhr) => {
      if (bearer) xhr.setRequestHeader('Authorization', 'Bearer ' + bearer); }});
  hls.on(Hls.Events.ERROR, (_, data) =>
    seen.errors.push({fatal: data.fatal, code: data.response ? data.response.code : null, what: data.details}));
  hls.on(Hls.Events.FRAG_BUFFERED, () => seen.fragments++);
  hls.loadSource(url);
  hls.attachMedia(document.getElementById('video'));
  document.getElementById('video').play().catch(() => {});
}
</script>"""
UPLOADED = {
    "page.html": "<script>document.title = 'RAN'</script><h1 id=shown>rendered</h1>",
    "pic.svg": "<svg xmlns='http://www.w3.org/2000/svg'><script>document.documentElement"
               ".setAttribute('ran', '1')</script><text>x</text></svg>",
    "doc.xhtml": "<html xmlns='http://www.w3.org/1999/xhtml'><body id='shown'/></html>",
}


@pytest.fixture(scope="module")
def media(home):
    directory = os.path.join(home, "media")
    browser.make_media(directory)
    return directory


@pytest.fixture(scope="module")
def site(home, media):
    server = Httpd(CONFIG, page=httpd.free_port(), private=UPLOADED, docroot={
        "open.html": "<!doctype html><title>elsewhere</title>", "page/player.html": PLAYER, "page/hls.js": browser.hls_js(os.path.join(home, "npm"))})
    for name in os.listdir(media):
        shutil.copy(os.path.join(media, name), server.private)
    shutil.copytree(media, os.path.join(server.docroot, "hls", "room7"))
    settings.give(server.root)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def chrome(home):
    downloads = os.path.join(home, "downloads")
    os.makedirs(downloads, exist_ok=True)
    driver = browser.chromium(os.path.join(home, "profile"), downloads)
    yield driver
    driver.quit()


def media_url(site, path):
    return "http://media.chat.example:%d%s" % (site.port, path)


def open_player(chrome, site, url, bearer=None):
    chrome.execute_cdp_cmd("Network.clearBrowserCache", {})
    chrome.get("http://www.chat.example:%d/player.html" % site.names["page"])
    chrome.execute_script("play(arguments[0], arguments[1])", url, bearer)


def plays(chrome):
    return until(lambda: chrome.execute_script(
        "return document.getElementById('video').currentTime > 1 && seen.fragments > 1"))


def first_error(chrome):
    found = until(lambda: chrome.execute_script("return seen.errors"))
    return found[0] if found else None


@pytest.mark.parametrize("root", ["/hls/room7", "/files"])
def test_hls_js_plays_across_origins_with_a_path_token(chrome, site, root):
    tok = token(root + "/", dir=root.count("/"))
    open_player(chrome, site, media_url(site, "%s/~%s/index.m3u8" % (root, tok)))
    assert plays(chrome), chrome.execute_script("return seen")
    assert chrome.execute_script("return seen.errors.filter(e => e.fatal)") == []


@pytest.mark.parametrize("root", ["/hls/room7", "/files"])
def test_hls_js_plays_across_origins_with_a_header(chrome, site, root):
    open_player(chrome, site, media_url(site, root + "/index.m3u8"),
                token(root + "/", dir=root.count("/")))
    assert plays(chrome), chrome.execute_script("return seen")


@pytest.mark.parametrize("root", ["/hls/room7", "/files"])
@pytest.mark.parametrize("name, change, status, reason", [
    ("tampered", tampered, 403, "signature"),
    ("expired", None, 410, "expired"),
])
def test_hls_js_sees_refusals_as_such(chrome, site, root, name, change, status, reason):
    how = {"expires": -5} if change is None else {}
    tok = token(root + "/", dir=root.count("/"), **how)
    tok = change(tok) if change else tok
    for url, bearer in ((root + "/~" + tok + "/index.m3u8", None), (root + "/index.m3u8", tok)):
        open_player(chrome, site, media_url(site, url), bearer)
        error = first_error(chrome)
        assert error and error["code"] == status, error
        site.log.claim(r"AVC\d{4}: %s: " % reason, count=None)
    site.log.disregard(r"AVC\d{4}: %s: " % reason)


def test_a_page_of_an_unlisted_origin_reads_nothing(chrome, site):
    chrome.get("http://media.chat.example:%d/open.html" % site.port)
    url = "http://other.chat.example:%d/files/index.m3u8?avc=%s" % (
        site.port, token("/files/index.m3u8"))
    outcome = chrome.execute_async_script(
        "const done = arguments[1]; fetch(arguments[0]).then(r => done(r.status), e => done('blocked'))",
        url)
    assert outcome == "blocked"


def direct(site, name, **how):
    path = "/files/" + name
    return media_url(site, "%s?avc=%s" % (path, token(path, **how)))


def test_a_picture_opened_directly_is_shown(chrome, site):
    chrome.get(direct(site, "picture.png"))
    assert until(lambda: chrome.execute_script(
        "const i = document.images[0]; return i && i.complete && i.naturalWidth"), 10) == 64


@pytest.mark.parametrize("name", ["clip.mp4", "sound.mp3"])
def test_a_video_or_sound_opened_directly_is_played(chrome, site, name):
    chrome.get(direct(site, name))
    assert until(lambda: chrome.execute_script(
        "const v = document.querySelector('video, audio'); if (!v) return false;"
        "if (v.paused) v.play().catch(() => {}); return v.currentTime > 0.3 && v.error === null"), 8)


@pytest.mark.parametrize("name", sorted(UPLOADED))
def test_an_uploaded_page_is_downloaded_not_rendered(chrome, site, home, name):
    chrome.get("about:blank")
    try:
        chrome.get(direct(site, name, disp="inline"))
    except Exception as aborted:                       # a navigation that became a download
        assert "ERR_ABORTED" in str(aborted), aborted
    saved = until(lambda: os.path.exists(os.path.join(home, "downloads", name)), 10)
    assert saved and chrome.title != "RAN"
    assert not chrome.execute_script("return !!document.getElementById('shown')")


def test_pictures_of_the_page_load_from_private_files(chrome, site):
    """The ordinary use: a chat page with <img> and <video> of signed links on another port."""
    chrome.get("http://www.chat.example:%d/player.html" % site.names["page"])
    width = chrome.execute_async_script(
        "const done = arguments[1], i = new Image(); i.onload = () => done(i.naturalWidth);"
        "i.onerror = () => done(0); i.src = arguments[0]", direct(site, "picture.png"))
    assert width == 64
