# SPDX-License-Identifier: Apache-2.0
# Tests of the command `avcsec`: runs it as a user would, in an empty environment and a
# directory of its own. It is AVCSEC_TOOL, or build/avcsec.
import json
import os
import subprocess

import pytest

ROOM = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(ROOM))
TOOL = os.path.abspath(os.environ.get("AVCSEC_TOOL", os.path.join(TOP, "build", "avcsec")))
COMMANDS = ("keygen", "pagekey", "sign", "token", "revoke", "verify", "explain", "status")

with open(os.path.join(TOP, "tests", "vectors", "token_v1.json")) as vectors:
    TOKENS = json.load(vectors)
with open(os.path.join(TOP, "tests", "vectors", "request_v1.json")) as vectors:
    REQUESTS = json.load(vectors)

ISSUED = 1893448800  # when the tokens of the vectors were made
SECRETS = [word for line in TOKENS["key_file"].splitlines() if line and line[0] != "#"
           for word in line.split()[2:3]]


class Answer:
    def __init__(self, done):
        self.status, self.raw = done.returncode, done.stdout
        self.out, self.err = done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
        assert self.status in (0, 1, 2), (done.args, self.status, self.err)
        for secret in SECRETS:
            assert secret not in self.err
            assert "keygen" in done.args or secret not in self.out

    @property
    def line(self):
        """The one line of a command that has done what it was asked."""
        assert (self.status, self.err) == (0, ""), (self.out, self.err)
        assert self.out.endswith("\n") and self.out.count("\n") == 1, self.out
        return self.out[:-1]

    @property
    def complaint(self):
        """The one line of standard error after wrong usage."""
        assert (self.status, self.out) == (2, ""), (self.status, self.out, self.err)
        assert self.err.startswith("avcsec") and self.err.count("\n") == 1, self.err
        assert self.err.endswith("\n") and self.err[:-1].isprintable(), self.err
        return self.err[:-1]

    @property
    def json(self):
        assert self.out.count("\n") == 1, self.out
        return json.loads(self.out)


class Tool:
    def __init__(self, directory):
        self.directory = str(directory)

    def __call__(self, *words, env=None, stdin=b"", **how):
        done = subprocess.run([TOOL, *words], input=stdin, capture_output=True, timeout=60,
                              cwd=self.directory, env={"PATH": "/usr/bin:/bin", **(env or {})},
                              **how)
        return Answer(done)

    def write(self, name, text, mode=0o600):
        path = os.path.join(self.directory, name)
        with open(path, "wb") as out:
            out.write(text if isinstance(text, bytes) else text.encode())
        os.chmod(path, mode)
        return path


@pytest.fixture
def avcsec(tmp_path):
    return Tool(tmp_path)


@pytest.fixture
def keys(avcsec):
    """The key file of the vectors."""
    return avcsec.write("keys", TOKENS["key_file"])


@pytest.fixture
def sign(avcsec, keys):
    """sign(words…): with the key file, when the vectors were made, for two hours."""
    def run(*words, now=ISSUED, ends=("--expires", "2h"), command="sign"):
        return avcsec(command, "--key-file", keys, "--now", str(now), *ends, *words)
    return run

