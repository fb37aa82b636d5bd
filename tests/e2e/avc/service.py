# SPDX-License-Identifier: Apache-2.0
# A server that somebody else wrote, on a port of its own, in a process session of its own, as an
# ordinary user; stopped by its pid.
import os
import subprocess
import time

from . import httpd, processes, settings
from .plant import fill, plant


class Service:
    """files: {name: text}, written below its root; they may use @root@, @port@ and own @names@."""

    def __init__(self, files, command, port=None, seconds=10, **names):
        self.root = httpd.home.new_root()
        self.port = port or httpd.free_port()
        self.process, self.seconds = None, seconds
        names = dict(names, root=self.root, port=self.port)
        plant(self.root, {name: fill(text, names) for name, text in files.items()})
        settings.give(self.root)
        self.command = [word.replace("@root@", self.root) for word in command]

    def __enter__(self):
        with open(os.path.join(self.root, "stderr.txt"), "wb") as errors:
            self.process = subprocess.Popen(
                settings.as_user(self.command), stdin=subprocess.DEVNULL, stdout=errors,
                stderr=errors, start_new_session=True, cwd="/")
        deadline = time.time() + self.seconds * settings.PATIENCE
        while httpd.port_is_free(self.port):
            assert self.process.poll() is None and time.time() < deadline, self.printed()
            time.sleep(0.02)
        return self

    def __exit__(self, kind, value, trace):
        assert processes.end(self.process, 10 * settings.PATIENCE), "it did not stop on SIGTERM"

    def printed(self, name="stderr.txt"):
        with open(os.path.join(self.root, name), encoding="utf-8", errors="replace") as text:
            return text.read()
