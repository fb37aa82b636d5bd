# SPDX-License-Identifier: Apache-2.0
# A server that runs for months: what its parent looks at every ten seconds leaves nothing behind.
import subprocess

import pytest

from avc import tokens

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
    assert grown < 1 << 20, (before, grown)
