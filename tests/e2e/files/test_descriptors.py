# SPDX-License-Identifier: Apache-2.0
# What this module opens is no business of programs that httpd, or a module in it, starts.
import contextlib

import pytest

from avc import client
from avc.processes import children, descriptors, is_kept_on_exec
from avc.settings import until
from avc.tokens import limited, signed

CONFIG = """
AvcKeyFile "@keys@"
<Location "/files">
    AvcFiles "@private@"
</Location>
"""
# Larger than what lies between the two ends of a connection.
LARGE = 64 << 20


@pytest.mark.parametrize("mpm", ["event", "worker", "prefork"])
@pytest.mark.parametrize("how", ["", "EnableSendfile On"])
def test_no_descriptor_is_kept_on_exec(serve_once, mpm, how):
    """A large private file that was being sent was open in every program that was started then."""
    web = serve_once(CONFIG + how, mpm=mpm, private={"a.bin": "x" * LARGE, "b.txt": "b"})
    web.allowed(limited("/files/b.txt"))

    def open_ones(name):
        return [(pid, number) for pid in children(web) for number, link in descriptors(pid).items()
                if link.endswith(name)]
    with contextlib.closing(client.connect(web.port)) as sock:
        sock.sendall(client.compose(signed("/files/a.bin"), headers=[("Connection", "close")]))
        assert sock.recv(1000).startswith(b"HTTP/1.1 200")
        assert until(lambda: open_ones("/private/a.bin"))
        kept = [(link, pid) for pid in children(web) for number, link in descriptors(pid).items()
                if ("/private" in link or "memfd:" in link or "mountinfo" in link) and
                is_kept_on_exec(pid, number)]
    assert not kept, kept
    assert until(lambda: not open_ones("/private/a.bin"))
