# SPDX-License-Identifier: Apache-2.0
# Where a measurement takes place: temporary directory, ordinary user, one processor for the
# servers and another for what asks them, free ports of 127.0.0.1. Never another machine.
import os
import pwd
import shutil
import socket
import subprocess
import tempfile

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HERE = os.path.join(REPOSITORY, "tests", "bench")
AS_ROOT = os.geteuid() == 0
USER = "www-data" if AS_ROOT else pwd.getpwuid(os.geteuid()).pw_name

processors = sorted(os.sched_getaffinity(0))
SERVER_PROCESSOR = processors[-1]
LOAD_PROCESSOR = processors[0]


def pinned(processor, command):
    return ["taskset", "-c", str(processor)] + list(command)


def favour(pid):
    """Root may put a session before what else runs on its processor."""
    group = "/proc/%d/autogroup" % pid
    if AS_ROOT and os.path.exists(group):
        with open(group, "w") as nice:
            nice.write("-15")


def as_user(command):
    """The same command for an ordinary user, if this runs as root."""
    if not AS_ROOT:
        return list(command)
    return ["setpriv", "--reuid=" + USER, "--regid=" + USER, "--clear-groups", "--"] + list(command)


def give(path):
    if AS_ROOT:
        subprocess.run(["chown", "-Rh", USER + ":", path], check=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class Place:
    """The run's directory, removed at its end."""

    def __init__(self, module, tool):
        self.path = tempfile.mkdtemp(prefix="avcsec-bench-")
        os.chmod(self.path, 0o755)
        self.module = os.path.join(self.path, "mod_avcsec.so")
        self.tool = os.path.join(self.path, "avcsec")
        shutil.copy(module, self.module)
        shutil.copy(tool, self.tool)
        self.key, self.certificate = (os.path.join(self.path, n) for n in ("tls.key", "tls.crt"))
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-keyout", self.key, "-out", self.certificate, "-days", "2",
             "-subj", "/CN=127.0.0.1"], check=True, stderr=subprocess.DEVNULL)
        give(self.path)

    def directory(self, name):
        path = os.path.join(self.path, name)
        os.makedirs(path, exist_ok=True)
        return path

    def write(self, name, text, mode=0o644):
        path = os.path.join(self.path, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as out:
            os.fchmod(out.fileno(), mode)
            out.write(text if isinstance(text, bytes) else text.encode())
        return path

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)
