# SPDX-License-Identifier: Apache-2.0
# Where a measurement takes place: temporary directory, one processor for the servers and
# another for what asks them. Ordinary user, free ports of 127.0.0.1 and certificate are those of
# the end-to-end tests. Never another machine.
import os
import shutil
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "e2e"))

from avc import plant, settings  # noqa: E402

processors = sorted(os.sched_getaffinity(0))
SERVER_PROCESSOR = processors[-1]
LOAD_PROCESSOR = processors[0]


def pinned(processor, command):
    return ["taskset", "-c", str(processor)] + list(command)


def favour(pid):
    """Root may put a session before what else runs on its processor."""
    group = "/proc/%d/autogroup" % pid
    if settings.AS_ROOT and os.path.exists(group):
        with open(group, "w") as nice:
            nice.write("-15")


class Place:
    """The run's directory, removed at its end."""

    def __init__(self, module, tool):
        self.path = tempfile.mkdtemp(prefix="avcsec-bench-")
        os.chmod(self.path, 0o755)
        self.module = os.path.join(self.path, "mod_avcsec.so")
        self.tool = os.path.join(self.path, "avcsec")
        shutil.copy(module, self.module)
        shutil.copy(tool, self.tool)
        self.key, self.certificate = plant.certificate(self.path, "localhost", "IP:127.0.0.1")
        settings.give(self.path)

    def directory(self, name):
        path = os.path.join(self.path, name)
        os.makedirs(path, exist_ok=True)
        return path

    def write(self, name, text, mode=0o644):
        plant.plant(self.path, {name: ("mode", mode, text)})
        return os.path.join(self.path, name)

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)
