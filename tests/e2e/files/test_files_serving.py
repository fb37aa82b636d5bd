# SPDX-License-Identifier: Apache-2.0
# How private files are sent: ranges, conditions, HEAD, HTTP/2, sizes, names, headers; and that
# nothing which was uploaded is ever run, included or rendered.
import os
import re
import socket
import subprocess
import threading
import time
from urllib.parse import unquote

import pytest

from avc import client, httpd, php
from avc.httpd import USUAL
from avc.tokens import signed, text_claim, token

DIGITS = "".join("%07d\n" % n for n in range(4096))        # 32 KiB
PIXEL = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010806000000"
                      "1f15c4890000000d49444154789c636060606000000005000"
                      "1a5f645400000000049454e44ae426082")
NAMES = ["caf\u00e9 (1)[x] 100%.txt", "\u0444\u0430\u0439\u043b.txt",
         "\u65e5\u672c\u8a9e \U0001F600.txt", "a+b&c=d.txt", "quote\"s and 'ticks'.txt",
         "semi;colon.txt", "tilde~.txt", "a%41.txt", "cafe\u0301.txt", "* star.txt", "-dash.txt"]
RUNNABLE = {
    "shell.php": "<?php echo 'RAN';", "shell.php.jpg": "<?php echo 'RAN';", "shell.PHP": "<?php echo 'RAN';",
    "shell.jpg.php": "<?php echo 'RAN';", "page.shtml": "<!--#echo var='DATE_LOCAL' -->RAW",
    "page.html": "<script>document.title='RAN'</script>", "page.htm": "<h1>RAW</h1>",
    "page.xhtml": "<html xmlns='http://www.w3.org/1999/xhtml'/>", "pic.svg": "<svg onload='x()'/>",
    "doc.xml": "<x/>", "doc.pdf": "%PDF-1.4", "movie.swf": "FWS", "script.js": "x()",
    "style.css": "a{}", "run.cgi": "#!/bin/sh\necho RAN", "noextension": "<h1>RAW</h1>",
    "archive.zip": "PK", "page.html.gz": "x", "page.html.en": "x", "a.wasm": "\0asm",
}
CONFIG = """
AvcKeyFile "@keys@"
<Location "/files">
    AvcFiles "@private@"
</Location>
<Location "/shown">
    AvcFiles "@private@"
    AvcInlineTypes application/pdf
    AvcInlineTypes none image/png application/pdf
</Location>
AddHandler cgi-script .cgi
AddHandler "proxy:unix:@socket@|fcgi://localhost" .php
AddOutputFilter INCLUDES .shtml
AddLanguage en .en
ExpiresActive On
ExpiresDefault "access plus 1 month"
<IfModule deflate_module>
    AddOutputFilterByType DEFLATE text/html text/plain text/css application/octet-stream
</IfModule>
<LocationMatch "\\.php$">
    SetHandler "proxy:unix:@socket@|fcgi://localhost"
</LocationMatch>
"""


@pytest.fixture(scope="module")
def web(serve, fpm):
    files = {"digits.txt": DIGITS, "empty.txt": "", "one.txt": "x", "pixel.png": PIXEL,
             "clip.mp4": "video", "clip.webm": "video", "sound.mp3": "audio", "sound.ogg": "audio",
             "photo.JPG": "jpeg", "anim.gif": "GIF89a", "seg1.ts": "segment", "list.m3u8": "#EXTM3U",
             "list.mpd": "<MPD/>"}
    files.update({name: "named" for name in NAMES})
    files.update(RUNNABLE)
    server = httpd.Httpd(CONFIG, modules=USUAL + ["brotli", "cgid"], http2=True, tls=True,
                         private=files, **fpm.names())
    for name in files:
        os.utime(os.path.join(server.private, name), (1700000000, 1700000000))
    with open(os.path.join(server.private, "huge.bin"), "wb") as huge:
        huge.truncate(5 * 2 ** 30 + 1)
        huge.seek(4 * 2 ** 30 + 5)
        huge.write(b"beyond four GiB")
    os.utime(os.path.join(server.private, "huge.bin"), (1700000000, 1700000000))
    httpd.settings.give(server.private)
    server.start()
    yield server
    server.stop()


def get(web, name, *args, **how):
    return web.ask(signed("/files/" + name), *args, **how)


# -- ranges and conditions

@pytest.mark.smoke
@pytest.mark.parametrize("asked, first, last", [
    ("bytes=0-0", 0, 0), ("bytes=8-15", 8, 15), ("bytes=32760-", 32760, 32767),
    ("bytes=-8", 32760, 32767), ("bytes=100-99999999", 100, 32767), ("bytes=-99999", None, None),
])
def test_single_range(web, asked, first, last):
    answer = get(web, "digits.txt", headers=[("Range", asked)])
    if first is None:
        # A suffix longer than the file is the whole file, as 206 or as 200.
        assert answer.status in (200, 206) and answer.text == DIGITS
        return
    assert answer.status == 206, answer
    assert answer.text == DIGITS[first:last + 1]
    assert answer.get("Content-Range") == "bytes %d-%d/32768" % (first, last)
    assert answer.get("Content-Length") == str(last - first + 1)


def test_multiple_ranges(web):
    answer = get(web, "digits.txt", headers=[("Range", "bytes=0-7,16-23,-8")])
    assert answer.status == 206
    kind = answer.get("Content-Type")
    assert kind.startswith("multipart/byteranges; boundary=")
    parts = answer.body.split(b"--" + kind.split("boundary=")[1].strip('"').encode())
    assert [p.split(b"\r\n\r\n", 1)[1][:8] for p in parts[1:-1]] == [
        DIGITS[0:8].encode(), DIGITS[16:24].encode(), DIGITS[-8:].encode()]
    assert b"Content-range: bytes 16-23/32768" in answer.body


def test_unsatisfiable_range(web):
    answer = get(web, "digits.txt", headers=[("Range", "bytes=40000-")])
    assert answer.status == 416 and answer.get("Content-Range") in (None, "bytes */32768")
    assert DIGITS[:8] not in answer.text


@pytest.mark.parametrize("asked", ["bytes=a-b", "lines=1-2", "bytes=9-3", "bytes"])
def test_a_range_that_is_none_gives_the_whole(web, asked):
    answer = get(web, "digits.txt", headers=[("Range", asked)])
    assert answer.status == 200 and answer.text == DIGITS


def test_if_range(web):
    whole = get(web, "digits.txt")
    for validator, status in ((whole.get("ETag"), 206), ('"other"', 200),
                              (whole.get("Last-Modified"), 206),
                              ("Tue, 14 Nov 2000 00:00:00 GMT", 200)):
        answer = get(web, "digits.txt", headers=[("Range", "bytes=0-7"), ("If-Range", validator)])
        assert answer.status == status, (validator, answer)


def test_conditional_requests(web):
    whole = get(web, "digits.txt")
    tag, date = whole.get("ETag"), whole.get("Last-Modified")
    assert tag and not tag.startswith("W/") and date == "Tue, 14 Nov 2023 22:13:20 GMT"
    for headers, status in (
            ([("If-None-Match", tag)], 304), ([("If-None-Match", '"x", ' + tag)], 304),
            ([("If-None-Match", "*")], 304), ([("If-None-Match", '"x"')], 200),
            ([("If-Modified-Since", date)], 304),
            ([("If-Modified-Since", "Tue, 14 Nov 2000 00:00:00 GMT")], 200),
            ([("If-Match", tag)], 200), ([("If-Match", '"x"')], 412),
            ([("If-Unmodified-Since", "Tue, 14 Nov 2000 00:00:00 GMT")], 412)):
        answer = get(web, "digits.txt", headers=headers)
        assert answer.status == status, (headers, answer)
        if status == 304:
            assert not answer.body and answer.get("ETag") == tag
            assert "private" in answer.words("Cache-Control")


def test_a_condition_does_not_replace_the_token(web):
    tag = get(web, "digits.txt").get("ETag")
    web.refused("/files/digits.txt", "no-token", headers=[("If-None-Match", tag)])
    web.refused("/files/digits.txt", "no-token", headers=[("Range", "bytes=0-7")])


def test_head(web):
    whole, head = get(web, "digits.txt"), get(web, "digits.txt", "HEAD")
    assert head.status == 200 and head.body == b""
    skip = {"date", "cache-control", "expires"}
    assert [h for h in head.headers if h[0].lower() not in skip] == \
        [h for h in whole.headers if h[0].lower() not in skip]
    assert head.get("Content-Length") == "32768" and head.get("Accept-Ranges") == "bytes"


@pytest.mark.parametrize("options, tls", [
    (["--http2-prior-knowledge"], False), (["--http2"], True), (["--http1.1"], True)])
def test_http2_and_tls(web, options, tls):
    answer = web.curl(signed("/files/digits.txt"), *options, tls=tls)
    assert answer.status == 200 and answer.text == DIGITS
    answer = web.curl(signed("/files/digits.txt"), "-r", "8-15", *options, tls=tls)
    assert answer.status == 206 and answer.text == DIGITS[8:16]
    answer = web.curl(signed("/files/digits.txt"), "-I", *options, tls=tls)
    assert answer.status == 200 and answer.get("content-length") == "32768"
    answer = web.curl("/files/digits.txt", *options, tls=tls)
    web.is_refusal(answer, "no-token")
    answer = web.curl(signed("/files/digits.txt", expires=-9), *options, tls=tls)
    web.is_refusal(answer, "expired", 410)


def test_no_compression_gets_between(web):
    for coding in ("gzip", "br", "gzip, deflate, br"):
        answer = get(web, "digits.txt", headers=[("Accept-Encoding", coding)])
        assert answer.get("Content-Encoding") is None and answer.text == DIGITS
        assert answer.get("Content-Length") == "32768"


# -- sizes

def test_an_empty_file(web):
    answer = get(web, "empty.txt")
    assert answer.status == 200 and answer.body == b"" and answer.get("Content-Length") == "0"
    # httpd leaves a length of 0 out of answers to HEAD.
    assert get(web, "empty.txt", "HEAD").get("Content-Length") in (None, "0")
    assert get(web, "empty.txt", headers=[("Range", "bytes=0-0")]).status in (200, 416)


def test_a_file_beyond_four_gib(web):
    size = 5 * 2 ** 30 + 1
    assert get(web, "huge.bin", "HEAD").get("Content-Length") == str(size)
    start = 4 * 2 ** 30 + 5
    for options in ([], ["--http2-prior-knowledge"]):
        answer = web.curl(signed("/files/huge.bin"), "-r", "%d-%d" % (start, start + 14), *options)
        assert answer.status == 206 and answer.body == b"beyond four GiB"
        assert answer.get("content-range") == "bytes %d-%d/%d" % (start, start + 14, size)
    answer = get(web, "huge.bin", headers=[("Range", "bytes=-1")])
    assert answer.body == b"\0" and answer.get("Content-Range").startswith("bytes %d-" % (size - 1))


@pytest.mark.parametrize("size", [1, 8191, 8192, 8193, 32767, 32768, 32769, 65536, 1000001])
def test_sizes_around_every_buffer(web, size):
    content = os.urandom(size)
    path = os.path.join(web.private, "size.bin")
    with open(path, "wb") as out:
        out.write(content)
    os.chmod(path, 0o644)
    answer = get(web, "size.bin")
    assert answer.body == content and answer.get("Content-Length") == str(size)
    half = size // 2
    answer = get(web, "size.bin", headers=[("Range", "bytes=%d-" % half)])
    assert answer.body == content[half:]


# -- names

def disposition(answer):
    """(type, plain filename or None, extended filename decoded or None) as RFC 6266 reads it."""
    value = answer.get("Content-Disposition")
    if value is None:
        return None, None, None
    assert all(0x20 <= ord(c) < 0x7F for c in value), value
    kind = value.split(";")[0].strip().lower()
    plain = re.search(r'filename="((?:[^"\\]|\\.)*)"', value)
    plain = plain or re.search(r"filename=([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:;|$)", value)
    extended = re.search(r"filename\*=UTF-8''([^;\s]+)", value)
    return kind, plain and plain.group(1), extended and unquote(extended.group(1), errors="strict")


@pytest.mark.parametrize("name", NAMES)
def test_names_in_any_script(web, name):
    answer = get(web, name)
    assert answer.status == 200 and answer.text == "named", answer
    answer = web.ask(signed("/files/" + name, "path"))
    assert answer.status == 200 and answer.text == "named", answer
    answer = web.ask(signed("/files/" + name, disp="attachment"))
    kind, plain, extended = disposition(answer)
    assert kind == "attachment" and (extended or plain) == name, answer


# SPEC [claim-9]
@pytest.mark.parametrize("name", [
    "report.pdf", "\u00e4rchiv 2026.zip", "a \"quoted\" name.txt", "semi;colon=x.txt",
    "\U0001F600.png", "per%20cent.txt", "x" * 120 + ".txt"])
def test_the_claimed_name_and_disposition(web, name):
    answer = web.ask(signed("/files/digits.txt", fn=text_claim(name), disp="attachment"))
    kind, plain, extended = disposition(answer)
    assert kind == "attachment" and (extended or plain) == name, answer
    if any(ord(c) > 126 for c in name):
        assert extended == name
    answer = web.ask(signed("/files/digits.txt", fn=text_claim(name), disp="inline"))
    assert disposition(answer)[0] in ("inline", None)
    assert disposition(answer)[0] is None or (disposition(answer)[2] or disposition(answer)[1]) == name


@pytest.mark.parametrize("name", ["a/b.txt", "../up.txt", "c:\\x.txt", "back\\slash.txt"])
def test_a_claimed_name_is_a_name_not_a_path(web, name):
    answer = web.ask(signed("/files/digits.txt", fn=text_claim(name), disp="attachment"))
    web.log.disregard(r"AVC\d{4}: malformed: ")
    if answer.status == 200:
        kind, plain, extended = disposition(answer)
        plain = (plain or "") + (extended or "")
        assert kind == "attachment" and "/" not in plain and "\\" not in plain


def test_disposition_appears_once(web):
    for target in (signed("/files/page.html"), signed("/files/digits.txt", disp="attachment")):
        assert len(web.ask(target).all("Content-Disposition")) == 1


# -- headers

INLINE = {"pixel.png": "image/png", "photo.JPG": "image/jpeg", "anim.gif": "image/gif",
          "clip.mp4": "video/mp4", "clip.webm": "video/webm", "sound.mp3": "audio/mpeg",
          "digits.txt": "text/plain", "list.m3u8": "application/vnd.apple.mpegurl"}


# SPEC [conf-22]
@pytest.mark.parametrize("name", sorted(INLINE))
def test_pictures_sound_video_and_text_are_shown(web, name):
    answer = get(web, name)
    assert answer.status == 200
    assert answer.get("Content-Type").split(";")[0] == INLINE[name]
    assert disposition(answer)[0] in (None, "inline")


# SPEC [conf-22]
@pytest.mark.smoke
@pytest.mark.parametrize("name", sorted(RUNNABLE))
@pytest.mark.parametrize("how", [{}, {"disp": "inline"}, {"fn": text_claim("x.html"), "disp": "inline"}])
def test_everything_else_is_a_download_whatever_it_is_called(web, name, how):
    answer = web.ask(signed("/files/" + name, **how))
    assert answer.status == 200 and "RAN" not in answer.text.replace(RUNNABLE[name], "")
    assert answer.text == RUNNABLE[name]
    if name.endswith(".jpg"):
        assert answer.get("Content-Type") == "image/jpeg"
    else:
        assert answer.get("Content-Type") == "application/octet-stream"
        assert disposition(answer)[0] == "attachment", answer
    assert answer.get("Content-Encoding") is None and answer.get("Content-Language") is None
    assert answer.get("X-Powered-By") is None
    assert answer.get("X-Content-Type-Options") == "nosniff"


def test_the_list_of_inline_types_can_be_replaced(web):
    assert disposition(web.ask(signed("/shown/pixel.png")))[0] in (None, "inline")
    answer = web.ask(signed("/shown/doc.pdf"))
    assert answer.get("Content-Type") == "application/pdf"
    assert disposition(answer)[0] in (None, "inline")
    answer = web.ask(signed("/shown/digits.txt"))
    assert answer.get("Content-Type") == "application/octet-stream"
    assert disposition(answer)[0] == "attachment"


@pytest.mark.smoke
@pytest.mark.parametrize("name", ["pixel.png", "page.html", "digits.txt", "clip.mp4", "empty.txt"])
@pytest.mark.parametrize("headers", [[], [("Range", "bytes=0-0")]])
def test_security_headers(web, name, headers):
    answer = get(web, name, headers=headers)
    assert answer.all("X-Content-Type-Options") == ["nosniff"], answer
    policy = answer.get("Content-Security-Policy") or ""
    assert "sandbox" in policy and "default-src 'none'" in policy, answer
    assert "allow-scripts" not in policy and "unsafe" not in policy.replace(
        "style-src 'unsafe-inline'", "")
    assert answer.get("Cross-Origin-Resource-Policy") in ("same-origin", "same-site", "cross-origin")
    assert answer.get("Referrer-Policy") == "strict-origin-when-cross-origin"


@pytest.mark.parametrize("name", ["list.m3u8", "list.mpd"])
def test_a_playlist_is_asked_for_anew_each_time(web, name):
    """That of a live stream was kept for an hour, and the player found nothing new in it."""
    answer = web.ask(signed("/files/" + name, expires=90))
    assert answer.words("Cache-Control") == ["private", "max-age=0"]
    again = web.ask(signed("/files/" + name), headers=[("If-None-Match", answer.get("ETag"))])
    assert again.status == 304


def test_caching_ends_with_the_token(web):
    answer = web.ask(signed("/files/digits.txt", expires=90))
    words = answer.words("Cache-Control")
    ages = [int(w.split("=")[1]) for w in words if w.startswith("max-age=")]
    assert "private" in words and "public" not in words and len(ages) == 1 and 0 <= ages[0] <= 90
    expires = time.mktime(time.strptime(answer.get("Expires"), "%a, %d %b %Y %H:%M:%S GMT"))
    date = time.mktime(time.strptime(answer.get("Date"), "%a, %d %b %Y %H:%M:%S GMT"))
    assert expires - date <= 91, answer
    assert len(answer.all("Cache-Control")) == 1 and len(answer.all("Expires")) == 1


def test_a_long_token_does_not_mean_a_month_in_the_cache_of_a_stranger(web):
    answer = web.ask(signed("/files/digits.txt", expires=10 ** 7))
    assert "private" in answer.words("Cache-Control")


# -- what runs nothing must also not be reachable by another route

def test_ssi_and_php_do_not_run_in_any_wiring(fpm):
    for name, wiring in php.WIRINGS.items():
        modules = USUAL + php.MODULES.get(name, {}).get("event", [])
        config = ('AvcKeyFile "@keys@"\n<Location "/files">\nAvcFiles "@private@"\n</Location>\n'
                  'AddHandler server-parsed .shtml\n' + wiring)
        server = httpd.Httpd(config, modules=modules, private=RUNNABLE,
                             docroot={"files/shell.php": "<?php echo 'PUBLIC';"}, **fpm.names())
        with server:
            answer = server.ask(signed("/files/shell.php"))
            server.log.disregard(r"AVC\d{4}: shadowed: ")
            if name == "ProxyPassMatch":
                # A proxy that takes the path away from the private directory: never its file.
                assert answer.status == 403, answer
            else:
                assert answer.status == 200 and answer.text == RUNNABLE["shell.php"], (name, answer)
            server.allowed(signed("/files/page.shtml"), shows=RUNNABLE["page.shtml"])
            server.allowed(signed("/files/shell.php.jpg"), shows=RUNNABLE["shell.php.jpg"])


# -- speed

def a_file(web, name, size):
    path = os.path.join(web.private, name)
    with open(path, "wb") as out:
        out.write(b"x" * size)
    os.chmod(path, 0o644)


def timed(ask):
    begun = time.time()
    answer = ask()
    return answer, time.time() - begun


# The kernel sends the first ten segments at once: on loopback that is 640 kB, elsewhere 15.
SEGMENT = 1400


# SPEC [claim-10]
@pytest.mark.parametrize("version, tls", [("1.0", False), ("1.1", False), ("1.1", True)])
def test_rate_is_obeyed(web, version, tls):
    a_file(web, "rated.bin", 300000)
    answer, took = timed(lambda: web.ask(signed("/files/rated.bin", rate=150), version=version, tls=tls,
                                         timeout=30, mss=SEGMENT))
    assert len(answer.body) == 300000 and 1.4 <= took <= 6 * httpd.settings.PATIENCE, took
    answer, took = timed(lambda: web.ask(signed("/files/rated.bin"), version=version, tls=tls, mss=SEGMENT))
    assert len(answer.body) == 300000 and took < 1.0 * httpd.settings.PATIENCE


@pytest.mark.parametrize("options, tls", [(["--http2"], True), (["--http2-prior-knowledge"], False)])
def test_rate_is_obeyed_over_http2(web, options, tls):
    a_file(web, "rated.bin", 300000)
    answer, took = timed(lambda: web.curl(signed("/files/rated.bin", rate=150), *options, tls=tls))
    assert len(answer.body) == 300000 and 1.4 <= took <= 6 * httpd.settings.PATIENCE, took


def test_the_next_file_of_a_connection_is_not_slowed(web):
    a_file(web, "limited.bin", 40000)
    a_file(web, "free.bin", 2000000)
    with client.connect(web.port, mss=SEGMENT) as sock:
        sock.sendall(client.compose(signed("/files/limited.bin", rate=40),
                                    headers=[("Connection", "keep-alive")]))
        sock.sendall(client.compose(signed("/files/free.bin")))
        begun = time.time()
        data = client.read_all(sock)
    assert data.count(b"HTTP/1.1 200 ") == 2 and len(data) > 2040000
    assert time.time() - begun < 6 * httpd.settings.PATIENCE


def test_ranges_are_limited_too(web):
    a_file(web, "ranged.bin", 400000)
    answer, took = timed(lambda: web.ask(signed("/files/ranged.bin", rate=100), mss=SEGMENT,
                                         headers=[("Range", "bytes=100000-299999")]))
    assert answer.status == 206 and len(answer.body) == 200000 and 1.0 <= took <= 5 * httpd.settings.PATIENCE, took


# SPEC [claim-10]
def test_over_http2_few_threads_sleep_and_the_rest_have_no_limit(web):
    """There a limited download holds a thread: so few may run. A page of pictures asked for more
    than that at once, and some of them were answered 503."""
    a_file(web, "sleepy.bin", 60000)
    outcomes = []

    def fetch():
        outcomes.append(timed(lambda: web.curl(signed("/files/sleepy.bin", rate=30), "--http2-prior-knowledge")))

    threads = [threading.Thread(target=fetch) for _ in range(16)]
    for thread in threads:
        thread.start()
    begun = time.time()
    assert web.curl(signed("/files/one.txt"), "--http2-prior-knowledge").text == "x"
    assert time.time() - begun < 2 * httpd.settings.PATIENCE
    for thread in threads:
        thread.join()
    assert [(answer.status, len(answer.body)) for answer, _ in outcomes] == [(200, 60000)] * 16
    assert sum(took > 1.4 for _, took in outcomes) >= 8


def test_a_page_of_limited_pictures_over_one_http2_connection(web):
    a_file(web, "sleepy.bin", 60000)
    urls = ["https://chat.example:%d%s" % (web.tls_port, signed("/files/sleepy.bin", rate=60)) for _ in range(13)]
    done = subprocess.run(["curl", "-sSk", "--parallel", "--http2", "-m", "60", "-w", "%{http_code} %{size_download}\\n",
                           "--resolve", "chat.example:%d:127.0.0.1" % web.tls_port] +
                          [word for url in urls for word in ("-o", "/dev/null", url)],
                          stdout=subprocess.PIPE, timeout=90, check=True)
    assert sorted(done.stdout.decode().split("\n")) == [""] + ["200 60000"] * 13


def test_slow_downloads_do_not_starve_the_server(web):
    """More limited downloads than the server has threads: others are served all the same."""
    path = os.path.join(web.private, "slow.bin")
    with open(path, "wb") as out:
        out.write(b"x" * 40000)
    os.chmod(path, 0o644)
    socks = []
    try:
        for _ in range(80):
            sock = client.connect(web.port)
            sock.sendall(client.compose(signed("/files/slow.bin", rate=4)))
            socks.append(sock)
        time.sleep(0.5)
        begun = time.time()
        assert get(web, "one.txt").text == "x"
        assert time.time() - begun < 3 * httpd.settings.PATIENCE
    finally:
        for sock in socks:
            sock.close()


def test_concurrent_readers_get_their_own_file(web):
    """One thread's bytes never reach another's answer."""
    wrong = []

    def read(name, content):
        for _ in range(10):
            answer = get(web, name)
            if answer.status != 200 or answer.text != content:
                wrong.append((name, answer))

    threads = [threading.Thread(target=read, args=pair) for pair in
               [("digits.txt", DIGITS), ("one.txt", "x"), ("empty.txt", ""), ("seg1.ts", "segment")] * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_the_token_is_not_part_of_what_is_cached_by_name(web):
    """Two tokens for one file give one entity: same tag, same date."""
    first, second = get(web, "digits.txt"), web.ask(
        "/files/digits.txt", headers=[("Authorization", "Bearer " + token("/files/digits.txt"))])
    assert first.get("ETag") == second.get("ETag")


def test_slow_downloads_leave_other_connections_alone(web):
    """A file that is still being sent when its handler has ended is closed once, by whoever has it
    then: a second close would hit a connection that got the same number meanwhile."""
    for name, fill in (("slow-a.bin", b"a"), ("slow-b.bin", b"b")):
        path = os.path.join(web.private, name)
        with open(path, "wb") as out:
            out.write(fill * 8000000)
        os.chmod(path, 0o644)
    socks = []
    for n in range(16):
        sock = client.connect(web.port)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        sock.sendall(client.compose(signed("/files/slow-%s.bin" % "ab"[n % 2])))
        socks.append(sock)
    for round_ in range(3):
        for n, sock in enumerate(socks):
            want = b"ab"[n % 2]
            got = sock.recv(300000)
            body = got.split(b"\r\n\r\n", 1)[-1] if round_ == 0 else got
            assert set(body) <= {want}, (n, set(body))
        assert get(web, "digits.txt").status == 200
    for n, sock in enumerate(socks):
        total = 0
        while True:
            got = sock.recv(1000000)
            if not got:
                break
            assert set(got) <= {b"ab"[n % 2]}, n
            total += len(got)
        assert total > 6000000, total
        assert get(web, "digits.txt").status == 200
        sock.close()
