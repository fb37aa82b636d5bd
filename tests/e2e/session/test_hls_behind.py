# SPDX-License-Identifier: Apache-2.0
# HLS of a media server behind mod_proxy, below AvcSignedURL: one signed link to the first
# playlist opens renditions, segments and key, which they name relatively, and nothing else. Played
# by ffmpeg; the low-latency questions are asked one by one.
import http.server
import os
import secrets
import subprocess
import threading

import pytest

from avc import browser, settings, tokens
from avc.tokens import signed, token

CONFIG = """
AvcKeyFile "@keys@"
<Location "/live">
    AvcSignedURL On
    ProxyPass "http://127.0.0.1:@origin@/hls"
    ProxyPassReverse "http://127.0.0.1:@origin@/hls"
</Location>
"""
MASTER = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=200000\nlow/index.m3u8\n"


class Origin(http.server.SimpleHTTPRequestHandler):
    """Files; a playlist that is asked for with _HLS_msn comes when that segment is there."""
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.seen.append((self.path, dict(self.headers)))
        if "_HLS_msn=" in self.path:
            self.server.has_next.wait(20)
        super().do_GET()

    def end_headers(self):
        self.send_header("Cache-Control", "public, max-age=3600")
        super().end_headers()

    def log_message(self, *_):
        pass


def make_streams(directory):
    """room7 and room8: a first playlist, one rendition with four encrypted segments, its key."""
    low = os.path.join(directory, "hls", "room7", "low")
    os.makedirs(low)
    info = os.path.join(directory, "key-info")
    with open(os.path.join(low, "room.key"), "wb") as key, open(info, "w") as told:
        key.write(secrets.token_bytes(16))
        told.write("room.key\n%s/room.key\n" % low)
    browser.ffmpeg("-f", "lavfi", "-i", "testsrc=size=96x64:rate=10:duration=4", "-c:v", "libx264",
                   "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "10", "-hls_time", "1",
                   "-hls_playlist_type", "vod", "-hls_key_info_file", info, low + "/index.m3u8")
    with open(os.path.join(directory, "hls", "room7", "index.m3u8"), "w") as master:
        master.write(MASTER)
    subprocess.run(["cp", "-r", directory + "/hls/room7", directory + "/hls/room8"], check=True)


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    directory = str(tmp_path_factory.mktemp("origin"))
    make_streams(directory)
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), lambda *a: Origin(*a, directory=directory))
    server.seen, server.has_next = [], threading.Event()
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.has_next.set()
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def web(serve, origin):
    return serve(CONFIG, origin=origin.server_port)


@pytest.fixture(autouse=True)
def unseen(origin):
    origin.seen.clear()


def link(name="index.m3u8", stream="room7", **claims):
    """A link that carries on to everything below the stream."""
    return signed("/live/%s/%s" % (stream, name), "path", dir=2, **claims)


def play(web, target):
    """(frames that ffmpeg decoded, what it printed)."""
    done = subprocess.run(
        ["ffmpeg", "-hide_banner", "-loglevel", "error", "-i",
         "http://127.0.0.1:%d%s" % (web.port, target), "-f", "framemd5", "-"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        timeout=60 * settings.PATIENCE)
    frames = [line for line in done.stdout.splitlines() if line and not line.startswith(b"#")]
    return len(frames), done.stderr.decode("utf-8", "replace")


@pytest.mark.smoke
def test_a_player_with_one_link_plays_the_whole_stream(web, origin):
    frames, printed = play(web, link(id=secrets.token_hex(12), max=1))
    assert frames == 40, printed
    paths = {path for path, _ in origin.seen}
    assert {"/hls/room7/index.m3u8", "/hls/room7/low/index.m3u8", "/hls/room7/low/room.key",
            "/hls/room7/low/index3.ts"} <= paths
    assert "avc1" not in repr(origin.seen), "the media server sees no token"


def test_a_player_without_a_right_link_gets_nothing(web, origin):
    other = link(stream="room8").replace("/room8/", "/room7/")
    for target, reason in (("/live/room7/index.m3u8", "no-token"), (other, "signature"),
                           (link(expires=-1, issued=-60), "expired")):
        frames, printed = play(web, target)
        assert frames == 0 and "Server returned 4" in printed
        web.log.claim(r"AVC\d{4}: %s: " % reason, count=None)
    assert not origin.seen


def test_segments_and_key_are_as_closed_as_the_playlist(web, origin):
    here = link().replace("index.m3u8", "")
    for name in ("low/index0.ts", "low/room.key", "low/index.m3u8"):
        web.refused("/live/room7/" + name, "no-token")
        web.refused("/live/room8/%s/%s" % (here.split("/")[3], name), "signature")
        web.refused(link(name, expires=-1, issued=-60), "expired", status=410)
        assert web.allowed(here + name).body
    assert {path.split("/")[2] for path, _ in origin.seen} == {"room7"}


def test_a_link_with_its_token_in_the_query_opens_one_file(web):
    target = signed("/live/room7/index.m3u8")
    assert web.allowed(target).text == MASTER
    web.refused("/live/room7/low/index.m3u8?" + target.split("?")[1], "signature")


def test_one_use_is_one_viewer(web):
    here = link(id=secrets.token_hex(12), max=1).replace("index.m3u8", "")
    for name in ("index.m3u8", "low/index.m3u8", "low/index0.ts", "low/index1.ts"):
        web.allowed(here + name, source="127.0.0.5")
        web.refused(here + name, "used-up", source="127.0.0.6")
    answer = web.ask(here + "low/index2.ts", headers=[("Range", "bytes=0-9")], source="127.0.0.5")
    assert answer.status in (200, 206)


def test_caches_keep_what_is_the_viewers_no_longer_than_the_link(web):
    answer = web.allowed(link("low/index0.ts", expires=100))
    words = answer.words("Cache-Control")
    assert "private" in words and "public" not in words
    assert [int(word.split("=")[1]) for word in words if word.startswith("max-age=")][0] <= 100


def test_low_latency_questions_need_no_signature_and_wait_for_their_segment(web, origin):
    question = "?_HLS_msn=4&_HLS_part=1&_HLS_skip=YES"
    answers = []
    origin.has_next.clear()
    for target in (link("low/index.m3u8") + question, link("low/index.m3u8") + question + "&hls_ctx=a"):
        asking = threading.Thread(target=lambda t=target: answers.append(web.ask(t)))
        asking.start()
        assert settings.until(lambda: origin.seen)
        assert not answers, "the media server holds the answer back"
        origin.has_next.set()
        asking.join()
        assert answers.pop().status == 200
        assert origin.seen.pop()[0] == "/hls/room7/low/index.m3u8" + target.partition("m3u8")[2]
        origin.has_next.clear()
    for more in ("&debug=1", "&_hls_msn=5", "&%5FHLS_msn=5"):
        web.refused(link("low/index.m3u8") + question + more, "argument")
    assert not origin.seen


def test_a_playlists_question_with_a_token_in_the_query(web, origin):
    """A player that puts its questions in front of what is there or behind it."""
    origin.has_next.set()
    path = "/live/room7/low/index.m3u8"
    for query in ("?_HLS_msn=2&avc=%s", "?avc=%s&_HLS_msn=2"):
        web.allowed(path + query % token(path))
        assert origin.seen.pop()[0] == "/hls/room7/low/index.m3u8?_HLS_msn=2"
    web.refused(path + "?_HLS_msn=2&avc=" + tokens.tampered(token(path)), "signature")


# MediaMTX of 1.18 and later asks itself once or twice more before it gives a playlist.

class Mediamtx(http.server.BaseHTTPRequestHandler):
    """Answers as it does: 302 to ?cookieCheck=1, then to ?session=..., then the playlist."""

    def do_GET(self):
        path, _, query = self.path.partition("?")
        self.server.seen.append(self.path)
        body = b""
        if "session=" in query or not path.endswith(".m3u8"):
            body = b"#EXTM3U\nsegment1.mp4?session=7f3c\n"
            self.send_response(200)
        else:
            to = "session=7f3c" if "cookieCheck=1" in query else "cookieCheck=1"
            self.send_response(302)
            self.send_header("Location", "?" + "&".join(filter(None, [query.replace(
                "cookieCheck=1", ""), to])))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def test_a_playlist_of_mediamtx_opens_through_its_redirects(serve_once):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Mediamtx)
    server.seen = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        web = serve_once("""
        AvcKeyFile "@keys@"
        <Location "/hls">
            ProxyPass "http://127.0.0.1:%d"
            ProxyPassReverse "http://127.0.0.1:%d"
            AvcSignedURL On
            AvcUnsignedArgs session
        </Location>
        """ % (server.server_port, server.server_port))
        path = "/hls/room7/index.m3u8"
        for start in (signed(path, "path", dir=2), signed(path)):
            at = start
            for _ in range(2):
                answer = web.ask(at)
                assert answer.status == 302, at
                location = dict(answer.headers)["Location"]
                at = location if location.startswith("/") else (
                    at.partition("?")[0] + location if location.startswith("?")
                    else "/" + location.split("/", 3)[3])
            assert web.ask(at).status == 200, at
        assert not any("avc1~" in path for path in server.seen)
    finally:
        server.shutdown()
        server.server_close()
