# SPDX-License-Identifier: Apache-2.0
# avcsec status: the page server-status of a running server, in words or JSON.
import json
import os
import socket
import subprocess
import threading

import pytest

from avc import settings, tokens
from avc.tokens import signed

TOOL = os.path.join(settings.REPOSITORY, "build", "avcsec") if not os.environ.get("AVCSEC_TOOL") else os.environ["AVCSEC_TOOL"]
CONFIG = """
AvcKeyFile "@keys@"
AvcRealm site-a
AvcHidden secret
<Location "/signed">
    AvcSignedURL On
</Location>
<Location "/server-status">
    SetHandler server-status
</Location>
"""


@pytest.fixture(scope="module")
def web(serve):
    return serve(CONFIG, docroot={"signed/a.txt": "x", "secret": "x"})


def status(*words, given=None):
    done = subprocess.run([TOOL, "status"] + list(words), input=given, capture_output=True, timeout=60)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def url(web, path="/server-status?auto"):
    return "http://127.0.0.1:%d%s" % (web.port, path)


def test_what_was_refused_and_which_keys_there_are(web):
    web.refused("/secret", "hidden")
    web.refused("/signed/a.txt", "no-token")
    web.allowed(signed("/signed/a.txt", realm="site-a"), shows="x")
    code, text, errors = status(url(web))
    assert (code, errors) == (0, "")
    assert "Refused since the start: 2\n" in text and "  hidden: 1\n" in text and "  no-token: 1\n" in text, text
    assert "Key file %s, realm site-a, last change read 2" % web.keys in text, text
    assert "  k1 (hs256): last used 2" in text and "  k2 (hs256): last used never, without an end" in text, text
    told = json.loads(status(url(web), "--json")[1])
    assert told["refused"] == 2 and {"reason": "hidden", "count": 1} in told["reasons"]
    assert told["keys"][0]["key_file"] == web.keys and told["keys"][0]["realm"] == "site-a"
    assert told["keys"][1]["kid"] == "k1" and told["keys"][1]["used"] and told["keys"][1]["until"] is None
    for secret in list(tokens.SECRETS.values()) + [tokens.PASSWORD]:
        assert secret not in text
    page = web.ask("/server-status?auto").text.encode()
    assert status("-", given=page)[1].startswith("Refused since the start: 2")


@pytest.mark.parametrize("path, words", [
    ("/nothing", "not 200 but \"HTTP/1.1 404"), ("/server-status", "no line of mod_avcsec"), ("/signed/a.txt", "not 200"),
])
def test_a_page_that_is_another(web, path, words):
    code, text, errors = status(url(web, path))
    assert (code, text) == (2, "") and words in errors, errors
    web.log.disregard("AVC0001: no-token")


@pytest.mark.parametrize("given", ["https://127.0.0.1/server-status?auto", "127.0.0.1/server-status", "http://", "http:///x",
                                   "http://127.0.0.1:999999/x", "http://[::1/x", "http://127.0.0.1/a b", "file:///etc/passwd"])
def test_what_is_no_address_to_ask(given):
    code, text, errors = status(given)
    assert (code, text) == (2, "") and errors.count("\n") == 1, errors


def test_a_server_that_says_nothing_useful():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def answer():
            for text in (b"", b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\n\r\n", b"nonsense\r\n\r\n",
                         b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (1 << 21)):
                peer = listener.accept()[0]
                peer.recv(4096)
                try:
                    peer.sendall(text)
                except OSError:
                    pass
                peer.close()
        thread = threading.Thread(target=answer)
        thread.start()
        for _ in range(4):
            assert status("http://127.0.0.1:%d/" % listener.getsockname()[1])[0] == 2
        thread.join()


def test_lines_that_a_stranger_wrote_do_no_harm():
    page = b"AvcRefused: 1\nAvcRefused-\x1b[31m: 9x\nAvcKeyFile:\nAvcKey-: \nAvcKeyFile: /k - never\n\xff\xfe"
    code, text, _ = status("-", given=page)
    assert code == 0 and "\x1b" not in text and "Key file /k, no realm, last change read never" in text
    json.loads(status("-", "--json", given=page)[1])
