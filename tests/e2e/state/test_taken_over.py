# SPDX-License-Identifier: Apache-2.0
# A child that was taken over writes all that its rights let it write of what processes share. The
# parent, who may be root, and the other children live; keys and revocations it cannot even touch.
import contextlib
import os
import secrets
import signal
import struct
import subprocess

import pytest

from avc import client, settings, tokens
from avc.settings import until

CONFIG = """
AvcKeyFile "@keys@"
AvcRevocations "@root@/conf/revoked"
AvcStore file:avcsec.uses:2048
AvcMediaServer 127.0.0.2
AvcMediaServerProof token
AvcMediaServerScripts avchat
ExtendedStatus On
<Location "/signed">
    AvcSignedURL On
</Location>
<Location "/token">
    SetHandler avcsec-token
    AvcTokenRate 1000/60
</Location>
<Location "/jwt">
    SetHandler avcsec-token
    AvcTokenFormat jwt
    AvcTokenClaim aud media
</Location>
<Location "/jwks">
    SetHandler avcsec-jwks
</Location>
<Location "/status">
    SetHandler server-status
</Location>
"""
DOCROOT = {"signed/a.txt": "content", "chat/writeuserslist.php": "script"}
OLD = "pair es256 file:conf/pair.pem\nk1 hs256 %s\n" % tokens.SECRETS["k1"]
NEW = "k2 hs256 %s\n" % tokens.SECRETS["k2"]
LATER = "2099-01-01T00:00:00Z"
TIMELY = 16                        # the parent looks at files about every ten seconds

pytestmark = pytest.mark.json


class Taken:
    """A server, and one of its children that does as it is told."""

    def __init__(self, serve_once, **how):
        self.web = serve_once(CONFIG, docroot=DOCROOT, keys=OLD, preload=("scribble",), processes=3,
                              begin=False, **how)
        self.report = os.path.join(self.web.root, "run", "scribble")
        with open(self.report, "wb") as out:
            out.write(struct.pack("=cxxxII", b"-", 0, 0))
        settings.give(self.report)
        os.chmod(self.report, 0o666)
        self.web.write_secret("conf/pair.pem", subprocess.run(
            ["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
            check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode())
        self.revoke("")
        self.start()

    def start(self):
        self.web.start()
        self.web.log.disregard("AVC0102: .* signs with a secret that the media server has as well")

    def revoke(self, text):
        self.web.write_secret("conf/revoked", text)

    def told(self):
        with open(self.report, "rb") as file:
            return struct.unpack("=cxxxII", file.read(12))

    def scribble(self, command):
        """Returns how many pages it wrote and how many it could not."""
        with open(self.report, "r+b") as out:
            out.write(command.encode())

        def is_done():
            with contextlib.suppress(OSError):
                client.request(self.web.port, "/none")
            return self.told()[0] == b"d"
        assert until(is_done)
        return self.told()[1:]

    def visit(self):
        """Asks for all that reads what is shared, in each child; what is answered is its own."""
        counted = tokens.limited("/signed/a.txt", 2)
        called = tokens.limited("/chat/writeuserslist.php", 2, purpose="call")
        unique = tokens.signed("/signed/a.txt", id=secrets.token_hex(12))
        answers = []
        for _ in range(12):
            for target in (counted, called, unique, tokens.signed("/signed/a.txt", kid="k2"), "/jwks",
                           "/status", "/status?auto"):
                answers.append(self.web.ask(target, source="127.0.0.2"))
            for target in ("/token", "/jwt"):
                answers.append(self.web.ask(target, "POST", [("Sec-Fetch-Site", "same-origin")]))
        assert all(answer.status for answer in answers), answers
        return answers

    def forget_refusals(self):
        self.web.log.disregard(r"AVC00(04|05|09|13|19|25|26): |AVC010[4679]: |AH00128")

    def opens(self, kid):
        return self.web.ask(tokens.signed("/signed/a.txt", kid=kid)).status == 200


@pytest.fixture(params=["event", "worker", "prefork"])
def mpm(request):
    return request.param


@pytest.mark.parametrize("system", ["sealed", "without memfd_create"])
@pytest.mark.parametrize("started_by", [None, pytest.param("root", marks=pytest.mark.root)])
def test_no_process_dies_of_what_a_child_writes(serve_once, mpm, system, started_by):
    """Of a count of keys that a child had written, root's parent wiped memory beyond them, and died."""
    taken = Taken(serve_once, mpm=mpm, started_by=started_by,
                  environment=["AVC_NO_MEMFD=1"] if system != "sealed" else [])
    web = taken.web
    taken.visit()
    taken.forget_refusals()
    for command in "ferrz":
        written, refused = taken.scribble(command)
        assert written > 0 and (refused > 100) == (system == "sealed"), (written, refused)
        taken.visit()
        assert web.is_running()
        web.write_keys(OLD + NEW if command in "er" else OLD + "pw password " + tokens.PASSWORD + "\n")
        number = secrets.token_hex(12)
        taken.revoke("id %s until=%s\n" % (number, LATER))
        web.signal(signal.SIGHUP if command == "z" else signal.SIGUSR1)
        assert taken.opens("k1") and taken.opens("k2") == (command in "er")
        assert web.ask(tokens.signed("/signed/a.txt", id=number)).status == 403
        taken.forget_refusals()
        web.log.assert_quiet()                            # httpd would say if a child had crashed


@pytest.mark.parametrize("command", "fer")
def test_the_parent_publishes_again_what_a_child_has_spoilt(serve_once, command):
    """Where children could write it; without a restart."""
    taken = Taken(serve_once, environment=["AVC_NO_MEMFD=1"])
    taken.scribble(command)
    assert not taken.opens("k1")
    taken.visit()
    number = secrets.token_hex(12)
    taken.revoke("id %s until=%s\n" % (number, LATER))
    taken.web.write_keys(OLD + NEW)
    assert until(lambda: taken.opens("k1") and taken.opens("k2"), TIMELY)
    taken.web.log.claim("AVC0109: .* changed and is in use", count=None, patience=TIMELY)
    assert until(lambda: taken.web.ask(tokens.signed("/signed/a.txt", id=number)).status == 403, TIMELY)
    taken.forget_refusals()


def test_keys_and_revocations_stay_what_they_were(serve_once, mpm):
    taken = Taken(serve_once, mpm=mpm)
    number = secrets.token_hex(12)
    taken.revoke("id %s until=%s\n" % (number, LATER))
    taken.web.graceful()
    for command in "fez":
        taken.scribble(command)
        for _ in range(12):
            assert taken.opens("k1") and not taken.opens("k2")
            assert taken.web.ask(tokens.signed("/signed/a.txt", id=number)).status == 403
        taken.forget_refusals()


def test_what_was_spoilt_is_no_danger_to_the_next_start(serve_once):
    taken = Taken(serve_once)
    for command in "fer":
        taken.scribble(command)
        taken.web.stop()
        taken.start()
        taken.visit()
        taken.forget_refusals()
