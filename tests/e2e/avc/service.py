# SPDX-License-Identifier: Apache-2.0
# A server that somebody else wrote, on a port of its own, in a process session of its own, as an
# ordinary user; stopped by its pid.
import os
import signal
import subprocess
import time

from . import httpd, settings


class Service:
    """files: {name: text}, written below its root; they may use @root@, @port@ and own @names@."""

    def __init__(self, files, command, port=None, seconds=10, **names):
        self.root = httpd.home.new_root()
        self.port = port or httpd.free_port()
        self.process, self.seconds = None, seconds
        names = dict(names, root=self.root, port=self.port)
        for name, text in files.items():
            for key, value in names.items():
                text = text.replace("@%s@" % key, str(value))
            os.makedirs(os.path.dirname(os.path.join(self.root, name)), exist_ok=True)
            with open(os.path.join(self.root, name), "w") as out:
                out.write(text)
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
        os.kill(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(10 * settings.PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            raise

    def printed(self, name="stderr.txt"):
        with open(os.path.join(self.root, name), encoding="utf-8", errors="replace") as text:
            return text.read()
