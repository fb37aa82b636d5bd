# SPDX-License-Identifier: Apache-2.0
# A server that runs for months: what its parent looks at every ten seconds leaves nothing behind,
# nor do threads that come and go.
import os
import re
import subprocess

import pytest

from avc import settings, tokens
from avc.httpd import USUAL
from avc.processes import children, descriptors
from avc.settings import until
from avc.tokens import signed

CONFIG = "".join("""
<VirtualHost 127.0.0.1:@port@>
    ServerName %s.example
    AvcKeyFile "@keys@"
    AvcRealm %s
    AvcRevocations "@root@/conf/revoked"
</VirtualHost>
""" % (name, name) for name in ("one", "two"))
KEYS = "k1 hs256 %s\n" % tokens.SECRETS["k1"] + "".join(
    "pair%d es256 file:conf/pair.pem\n" % n for n in range(400))


def memory(pid):
    """Bytes of data of a process."""
    with open("/proc/%d/status" % pid) as status:
        found = [line.split() for line in status if line.startswith("RssAnon:")]
    return int(found[0][1]) * 1024


@pytest.mark.parametrize("mpm", ["event", "worker", "prefork"])
def test_the_parent_does_not_grow(serve_once, mpm):
    """By 137 bytes for each PEM key and realm every ten seconds."""
    web = serve_once(CONFIG, keys=KEYS, mpm=mpm, begin=False)
    web.write_secret("conf/pair.pem", subprocess.run(
        ["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], check=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode())
    web.write_secret("conf/revoked", "")
    web.start()

    def after(times):
        web.write_keys(KEYS + "# another %d\n" % times)
        web.looked(times)
        web.log.claim("AVC0104: ", count=2)
        return memory(web.process.pid)
    before = after(5)
    grown = after(20) - before
    # A sanitizer keeps for a while what was freed.
    assert grown < (1 << 20) * (32 if settings.PRELOAD or settings.WRAP else 1), (before, grown)


# -- threads that come and go

OVER_HTTP2 = """
AvcKeyFile "@keys@"
<Location "/files">
    AvcFiles "@private@/one"
</Location>
<Location "/more">
    AvcFiles "@private@/two"
</Location>
<Location "/signed">
    AvcSignedURL On
</Location>
"""
# One child, whose workers end as soon as they have been idle.
WORKERS = "H2MinWorkers 1\nH2MaxWorkers 60\nH2MaxWorkerIdleSeconds 1\n"


class Busy:
    """A server whose workers come and go."""

    def __init__(self, serve_once, outside, **how):
        self.web = serve_once(OVER_HTTP2, modules=USUAL, http2=True,
                              private={"one/a.txt": "x", "two/a.txt": "x"}, docroot={"signed/a.txt": "x"},
                              outside=outside, **how)

    def threads(self):
        return sum(len(os.listdir("/proc/%d/task" % pid)) for pid in children(self.web))

    def descriptors(self):
        """Of private directories: nothing else that is open comes and goes with threads."""
        return sum("/private/" in link for pid in children(self.web)
                   for link in descriptors(pid).values())

    def burst(self, *names):
        """mod_http2, of itself, loses a request now and then while its workers end."""
        urls = ["http://127.0.0.1:%d%s" % (self.web.port, signed(name)) for name in names]
        done = subprocess.run(["h2load", "-N", "2", "-c", "4", "-m", "50", "-n", "400"] + urls,
                              stdout=subprocess.PIPE, timeout=100).stdout.decode()
        served = int(re.search(r"(\d+) 2xx", done).group(1))
        assert served > 200, done


def test_threads_that_end_leave_nothing_behind(serve_once):
    """A descriptor each: 48, 70, 117, 137, 165 of them, burst by burst."""
    busy = Busy(serve_once, WORKERS)
    # Of its one child: the first, the listener and the workers, who are not all there at once.
    assert until(lambda: busy.threads() >= 18)
    few, left = busy.threads() + 6, []

    def is_calm():
        left.append((busy.threads(), busy.descriptors()))
        return left[-1][0] <= few and left[-1][1] <= few
    for _ in range(6):
        busy.burst("/files/a.txt", "/signed/a.txt", "/more/a.txt")
        assert until(is_calm, 30), left[-5:]
    busy.web.log.assert_quiet()
