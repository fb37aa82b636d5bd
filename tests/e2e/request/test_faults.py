# SPDX-License-Identifier: Apache-2.0
# When something below fails (OpenSSL, here made to fail on command), the server refuses and says
# so; it never lets through, and it recovers.
import pytest

from avc.tokens import signed, token

CONFIG = """
AvcKeyFile "@keys@"
AvcMediaServerScripts avchat
AvcMediaServerProof token
<Location "/files">
    AvcFiles "@private@"
</Location>
<Location "/signed">
    AvcSignedURL On
</Location>
"""


@pytest.mark.smoke
@pytest.mark.parametrize("mpm", ["event", "prefork"])
@pytest.mark.parametrize("fault", ["i", "u", "F"])
def test_a_failing_mac_lets_nothing_through(serve_once, mpm, fault):
    server = serve_once(CONFIG, mpm=mpm, faults=True, private={"a.txt": "private"}, docroot={
        "signed/a.txt": "content", "chat/writeuserslist.php": "script", "open.txt": "open"})
    server.set_fault(fault)
    targets = [signed("/files/a.txt"), signed("/signed/a.txt"), signed("/signed/a.txt", "path"),
               signed("/chat/writeuserslist.php", purpose="call"),
               "/~%s/open.txt" % token("/open.txt")]
    for target in targets:
        answer = server.ask(target)
        assert answer.status in (403, 500, 503), (target, answer)
        assert "no-store" in answer.words("Cache-Control"), (target, answer)
    server.log.claim(r"AVC\d{4}: ", count=None)
    server.log.disregard(r"AVC\d{4}: ")
    server.allowed("/open.txt", shows="open")
    server.set_fault("-")
    for target in targets:
        server.allowed(target)
