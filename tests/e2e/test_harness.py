# SPDX-License-Identifier: Apache-2.0
# The harness itself, on httpd without the module: servers start, reload and stop in every MPM,
# PHP runs in every wiring, the clock can be set, and the log guards do notice.
import os

import pytest

from avc import logs, php
from avc.httpd import USUAL, Httpd

A_MAC = "mac." + "A" * 43


@pytest.mark.parametrize("mpm", ["event", "worker", "prefork"])
def test_a_server_starts_reloads_and_stops(mpm):
    server = Httpd(mpm=mpm, avcsec="none", tls=True, http2=mpm != "prefork",
                   docroot={"a.txt": "hello"})
    with server:
        server.allowed("/a.txt", shows="hello")
        server.allowed("/a.txt", tls=True, shows="hello")
        server.allowed("/a.txt", source="127.0.0.2", version="1.0", shows="hello")
        if mpm != "prefork":
            assert server.curl("/a.txt", "--http2", tls=True).version == "HTTP/2"
        server.graceful()
        server.allowed("/a.txt", shows="hello")
        assert server.ask("/b.txt").status == 404


@pytest.mark.parametrize("wiring", php.WIRINGS)
@pytest.mark.parametrize("mpm", ["event", "prefork"])
def test_php_runs_in_every_wiring(fpm, wiring, mpm):
    modules = USUAL + php.MODULES.get(wiring, {}).get(mpm, [])
    script = "<?php echo $_SERVER['REQUEST_URI'], ' ', $_SERVER['QUERY_STRING'];"
    with Httpd(php.WIRINGS[wiring], mpm=mpm, modules=modules, avcsec="none",
               docroot={"chat/a.php": script}, **fpm.names()) as server:
        server.allowed("/chat/a.php/x?y=1", shows="/chat/a.php/x?y=1 y=1")


def test_the_clock_can_be_set_while_the_server_runs():
    with Httpd(avcsec="none", clock=1893456000, docroot={"a.txt": "hello"}) as server:
        assert server.ask("/a.txt").get("Date") == "Tue, 01 Jan 2030 00:00:00 GMT"
        server.set_clock(1893456001)
        assert server.ask("/a.txt").get("Date") == "Tue, 01 Jan 2030 00:00:01 GMT"


def test_an_error_that_no_test_announced_fails():
    server = Httpd("<Location /x>\nRequire all denied\n</Location>", avcsec="none").start()
    assert server.ask("/x").status == 403
    with pytest.raises(AssertionError, match="AH01630"):
        server.stop()


def test_a_mac_in_any_log_fails(tmp_path):
    log = tmp_path / "deep" / "audit.log"
    log.parent.mkdir()
    log.write_text("GET /~avc1~for.file~mac.*/a and mac.short\n")
    logs.assert_no_mac(str(tmp_path))
    for spelt in (A_MAC, A_MAC.replace(".", "%2E")):
        log.write_text("GET /?avc=" + spelt + " HTTP/1.1\n")
        with pytest.raises(AssertionError, match="a mac stands in audit.log"):
            logs.assert_no_mac(str(tmp_path))


@pytest.mark.parametrize("line, loud", [
    ("[Tue Nov 24 14:00:19 2026] [core:notice] [pid 1:tid 2] AH00094: Command line", False),
    ("[Tue Nov 24 14:00:19 2026] [core:warn] [pid 1:tid 2] AH00094: Command line", True),
    ("[Tue Nov 24 14:00:19 2026] [avcsec:info] [pid 1:tid 2] AVC0001: no-token: x", True),
    ("==123==ERROR: AddressSanitizer: heap-use-after-free", True),
    ("mod_avcsec/core/text/path.c:10:3: runtime error: shift", True),
])
def test_which_lines_speak_up(line, loud):
    assert logs.is_loud(line) is loud


def test_a_claimed_line_is_gone_and_a_missing_one_fails(tmp_path):
    log = os.path.join(str(tmp_path), "error.log")
    with open(log, "w") as out:
        out.write("[Tue] [avcsec:error] [pid 1:tid 2] AVC0001: no-token: x\n")
    watch = logs.LogWatch(log)
    watch.claim("AVC0001: no-token: ")
    watch.assert_quiet()
    with pytest.raises(AssertionError):
        watch.claim("AVC0001: no-token: ", patience=0)
