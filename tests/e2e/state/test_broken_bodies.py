# SPDX-License-Identifier: Apache-2.0
# A script that reads no body has run by the time its client breaks the body off: that is a use.
import os
import socket

from avc import settings, tokens
from avc.httpd import USUAL

CONFIG = """
AvcKeyFile "@keys@"
<Location "/session">
    AvcSessionFor connect
</Location>
"""
SCRIPT = "#!/bin/sh\ntouch @root@/run/ran\nsleep 1\nprintf 'Content-Type: text/plain\\r\\n\\r\\nran'\n"


def break_off(web, token, wait_for):
    """The status line of a POST with less of a body than it says."""
    with socket.create_connection(("127.0.0.1", web.port), timeout=30) as client:
        client.sendall(("POST /session/a.cgi?avc=%s HTTP/1.1\r\nHost: chat.example\r\nConnection: close\r\n"
                        "Content-Length: 100\r\n\r\nabc" % token).encode())
        settings.until(wait_for)
        client.shutdown(socket.SHUT_WR)
        return client.recv(100)


def test_what_ran_is_no_less_a_use_for_a_body_that_breaks_off(serve_once):
    web = serve_once(CONFIG, modules=USUAL + ["cgid"], docroot={"session/a.cgi": ("mode", 0o755, "x")},
                     directory="Options +ExecCGI\nAddHandler cgi-script .cgi\nRequire all granted")
    mark = os.path.join(web.docroot, "session", "ran")
    with open(os.path.join(web.docroot, "session", "a.cgi"), "w") as script:
        script.write(SCRIPT.replace("@root@/run/ran", mark))
    os.chmod(os.path.dirname(mark), 0o777)
    token = tokens.token("/", purpose="session", id="a" * 16, max=1)
    assert b" 400 " in break_off(web, token, lambda: os.path.exists(mark))
    os.unlink(mark)
    assert web.ask("/session/a.cgi?avc=" + token, "POST", [], b"abc").status == 403
    web.log.claim(r"AVC\d{4}: used-up: ")
    assert not os.path.exists(mark)
    web.log.disregard("AH01270|AH02550|AH01215|AH01225")
