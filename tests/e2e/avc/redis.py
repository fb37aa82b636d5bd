# SPDX-License-Identifier: Apache-2.0
# A private redis-server: its own directory, a port of 127.0.0.1 checked free, its own session,
# an ordinary user, stopped by its pid. Nothing is read from the machine's own configuration.
import os
import signal
import socket
import subprocess
import time

from . import httpd, settings

PATIENCE = 10
LOST = r"AVC0110: |AVC\d{4}: store: |AVC0111: "


def wait(condition, patience=5):
    assert settings.until(condition, patience), "it did not come true"


def next_second():
    """Of the second in which it was born a store knows nothing."""
    begun = int(time.time())
    wait(lambda: int(time.time()) > begun)


class Redis:
    """options: further lines of redis.conf; they may use @root@. tls=True: TLS alone, by the run's
    certificate. password: of the default user."""

    def __init__(self, *options, tls=False, password=None):
        self.root = httpd.home.new_root()
        self.port = httpd.free_port()
        self.tls, self.password = tls, password
        lines = ["bind 127.0.0.1", "dir " + self.root, "daemonize no", "logfile %s/log" % self.root,
                 "port %d" % (0 if tls else self.port), 'save ""', "appendonly no",
                 "enable-debug-command yes"]
        if tls:
            key, cert = httpd.home.certificate()
            lines += ["tls-port %d" % self.port, "tls-cert-file " + cert, "tls-key-file " + key,
                      "tls-auth-clients no", "tls-ca-cert-file " + cert]
        if password:
            lines.append("requirepass " + password)
        self.config = os.path.join(self.root, "redis.conf")
        with open(self.config, "w") as out:
            out.write("\n".join(lines + [o.replace("@root@", self.root) for o in options]) + "\n")
        settings.give(self.root)
        self.process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, value, trace):
        self.kill()

    @property
    def url(self):
        return "redis://127.0.0.1:%d" % self.port

    def start(self):
        self.process = subprocess.Popen(
            settings.as_user(["redis-server", self.config]), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, cwd="/")
        self.wait_ready()
        return self

    def wait_ready(self):
        end = time.time() + PATIENCE * settings.PATIENCE
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1):
                    if self.tls or self.run("PING", check=False) == "PONG":
                        return
            except OSError:
                pass
            assert self.process.poll() is None and time.time() < end, "redis-server did not come up"
            time.sleep(0.02)

    def run(self, *words, check=True):
        """What redis-cli prints for this command."""
        command = ["redis-cli", "-h", "127.0.0.1", "-p", str(self.port)]
        environment = dict(os.environ, **({"REDISCLI_AUTH": self.password} if self.password else {}))
        done = subprocess.run(command + list(words), capture_output=True, text=True,
                              timeout=PATIENCE * settings.PATIENCE,
                              env=environment, check=check)
        return done.stdout.strip()

    def kill(self):
        """As a crash: nothing is written."""
        if self.process and self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def restart(self):
        self.kill()
        return self.start()

    def freeze(self):
        os.kill(self.process.pid, signal.SIGSTOP)

    def thaw(self):
        os.kill(self.process.pid, signal.SIGCONT)
