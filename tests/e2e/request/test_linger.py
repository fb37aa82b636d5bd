# SPDX-License-Identifier: Apache-2.0
# Over HTTP/2, whoever is refused while he still sends a body gets the answer, each time: what comes
# of the body is read for a moment before the stream is closed. Nobody holds the server by that.
import concurrent.futures
import contextlib
import os
import subprocess
import sys
import threading

import pytest

from avc import browser, client, httpd, http2, tokens, webhooks
from avc.settings import until
from avc.tokens import signed

CONFIG = """
AvcKeyFile "@keys@"
AvcMediaServer 127.0.0.2
AvcAdmin 127.0.0.3
AvcMediaServerScripts caller
AvcAdminScripts office
AvcHidden secret
AvcBodyLimit 20000
<Location "/signed">
    AvcSignedURL On
</Location>
<Location "/session">
    AvcSessionFor connect
</Location>
<Location "/hook">
    AvcMediaServer 127.0.0.1
    AvcMediaServerProof webhook
    AvcMediaServerOnly On
</Location>
<Location "/required">
    Require avc-media-server
</Location>
<Location "/swf">
    SetHandler avcsec-token-request
</Location>
<Location "/verify">
    SetHandler avcsec-token-verify
</Location>
"""
DOCROOT = {name + "/a.txt": "x" for name in ("signed", "session", "caller", "office", "secret", "hook", "required")}
REFUSED = {"/signed/a.txt": 403, "/session/a.txt": 403, "/caller/a.txt": 403, "/office/a.txt": 403,
           "/secret/a.txt": 403, "/hook/a.txt": 403, "/required/a.txt": 403, "/verify": 403, "/swf": 200,
           signed("/signed/a.txt", expires=-5, mth="POST"): 410}
SIZES = [1, 20, 70000, 3000000]


def serving(serve, **how):
    return serve(CONFIG, http2=True, tls=True, processes=2, docroot=DOCROOT,
                 keys=tokens.KEY_FILE + webhooks.KEYS, **how)


@pytest.fixture(scope="module", params=["event", "worker"])
def web(request, serve):
    server = serving(serve, mpm=request.param)
    yield server
    server.log.disregard(r"AVC\d{4}: ")


@pytest.fixture(scope="module")
def bodies(home):
    """Files of these many bytes."""
    names = {size: os.path.join(home, "body%d" % size) for size in SIZES}
    for size, name in names.items():
        with open(name, "wb") as out:
            out.write(b"x" * size)
    return names


@contextlib.contextmanager
def busy_processors():
    """Two loops that take what there is of them."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def statuses(web, target, times, *options, tls=False):
    """Of so many requests, up to four of them at the same time."""
    def ask(_):
        return web.curl(target, "--http2" if tls else "--http2-prior-knowledge", *options, tls=tls)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, range(times)))
    assert {answer.version for answer in answers} == {"HTTP/2"}
    web.log.disregard(r"AVC\d{4}: |AH01630")
    return [answer.status for answer in answers]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("tls", [False, True])
def test_whoever_is_refused_gets_the_answer(web, bodies, size, tls):
    """curl said "stream error" instead of 403: almost always with a large body, now and then with 25
    bytes."""
    for target, status in REFUSED.items():
        got = statuses(web, target, 6, "--data-binary", "@" + bodies[size], tls=tls)
        assert got == [status] * 6, (target, got)


def test_while_all_processors_are_busy(web, bodies):
    with busy_processors():
        for target in ("/signed/a.txt", "/hook/a.txt"):
            for size in SIZES:
                got = statuses(web, target, 10, "--data-binary", "@" + bodies[size])
                assert got == [403] * 10, (target, size, got)


@pytest.mark.parametrize("options", [
    ["--limit-rate", "50000"], ["-T"], ["-T", "-", "-H", "Transfer-Encoding: chunked"],
    ["-H", "Expect: 100-continue"], ["-F"]], ids=" ".join)
def test_however_the_body_is_sent(web, bodies, options):
    file = bodies[3000000]
    if options == ["-F"]:
        sent = ["-F", "file=@" + file]
    elif options[0] == "-T":
        sent = ["-T", file] + (options[2:] if options[1:] else [])
    else:
        sent = options + ["--data-binary", "@" + file]
    assert statuses(web, "/signed/a.txt", 8, *sent) == [403] * 8


def test_what_is_too_long_is_told_so(web, bodies):
    sent = [option for pair in webhooks.headers(b"x" * 70000) for option in ("-H", "%s: %s" % pair)]
    assert statuses(web, "/hook/a.txt", 8, "--data-binary", "@" + bodies[70000], *sent) == [413] * 8


def test_nghttp_gets_the_answer(web, bodies):
    for size in SIZES:
        for _ in range(5):
            done = subprocess.run(["nghttp", "-nv", "-d", bodies[size],
                                   "http://127.0.0.1:%d/signed/a.txt" % web.port],
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
            printed = done.stdout.decode()
            assert ":status: 403" in printed and "error_code=NO_ERROR" in printed, printed
            assert "PROTOCOL_ERROR" not in printed and "CANCEL" not in printed, printed
    web.log.disregard(r"AVC\d{4}: ")


def test_a_browser_that_sends_a_file_sees_the_answer(web, tmp_path):
    driver = browser.chromium(str(tmp_path / "profile"), str(tmp_path), insecure=True)
    try:
        driver.get("https://chat.example:%d/none.html" % web.tls_port)
        seen = driver.execute_async_script("""
            const done = arguments[0], seen = [];
            (async () => {
              for (const size of [20, 70000, 3000000])
                for (let i = 0; i < 8; i++)
                  try {
                    const answer = await fetch('/signed/a.txt',
                      {method: 'POST', body: new Blob([new Uint8Array(size)])});
                    seen.push(answer.status + ' ' + (await answer.text()).length);
                  } catch (error) { seen.push(String(error)); }
              done(seen);
            })();""")
    finally:
        driver.quit()
    assert len(seen) == 24 and all(one.startswith("403 ") and one != "403 0" for one in seen), seen
    web.log.disregard(r"AVC\d{4}: |AH00128")


# -- those who go on

def test_who_goes_on_sending_is_cut_off_in_time(web):
    """He has had the whole answer; then the stream ends, without an error."""
    with contextlib.closing(http2.Connection(web.port)) as him:
        number = him.begin("/signed/a.txt")
        stream = him.streams[number]
        while not stream.has(http2.RST_STREAM) and stream.frames[-1:] != [None]:
            him.send(number, b"x" * 10)
            him.receive(0.2)
            assert not stream.when(http2.HEADERS) or len(stream.frames) < 100
        assert stream.has(http2.HEADERS) and stream.has(http2.DATA, http2.END_STREAM)
        assert stream.reset_code() == 0
        assert 1 < stream.when(http2.RST_STREAM)[0] - stream.when(http2.HEADERS)[0] < 30
        # And the connection goes on.
        other = him.begin("/none", "GET", body_follows=False)
        assert until(lambda: him.receive(0.1) and him.streams[other].has(http2.DATA, http2.END_STREAM))
    web.log.disregard(r"AVC\d{4}: |AH00128")


def test_many_who_go_on_sending_hold_nobody_else(web):
    """As few threads wait for them as for downloads that are slow."""
    crowd = [http2.Connection(web.port) for _ in range(6)]
    try:
        for him in crowd:
            for _ in range(20):
                him.begin("/signed/a.txt")

        def has_all():
            for him in crowd:
                him.receive(0.05)
            return all(stream.has(http2.DATA, http2.END_STREAM) for him in crowd
                       for stream in him.streams.values())
        assert until(has_all)
        for _ in range(10):
            assert client.request(web.port, "/none").status == 404
    finally:
        for him in crowd:
            him.close()
    web.log.disregard(r"AVC\d{4}: |AH00128")


def test_who_asks_first_is_answered_and_sends_nothing(web):
    answer = web.curl("/signed/a.txt", "--http1.1", "-H", "Expect: 100-continue", "-d", "x" * 100)
    assert (answer.status, answer.interim) == (403, [])
    web.log.disregard(r"AVC\d{4}: ")


def test_what_is_let_in_is_as_it_was(web):
    for size in (1, 70000):
        answer = web.curl(signed("/signed/a.txt"), "--http2-prior-knowledge")
        assert (answer.status, answer.text) == (200, "x")
    web.log.assert_quiet()


def test_an_error_page_of_the_site_gets_there_as_well(serve_once, bodies):
    web = serve_once(CONFIG + "ErrorDocument 403 /sorry.txt\n", http2=True, docroot=dict(DOCROOT, **{
        "sorry.txt": "sorry"}))
    for _ in range(8):
        answer = web.curl("/signed/a.txt", "--http2-prior-knowledge", "--data-binary", "@" + bodies[3000000])
        assert (answer.status, answer.text) == (403, "sorry")
    with contextlib.closing(http2.Connection(web.port)) as him:
        number = him.begin("/signed/a.txt")
        assert until(lambda: him.receive(0.1) and him.streams[number].has(http2.RST_STREAM), 30)
    web.log.disregard(r"AVC\d{4}: ")
