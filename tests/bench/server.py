# SPDX-License-Identifier: Apache-2.0
# A server that is measured: started as an ordinary user in its own session on its own
# processor, asked how much processor time all its processes used, stopped by its pid.
import os
import re
import socket
import subprocess
import time

import place
from avc import plant, ports, processes, settings


class Server:
    """One server: configuration files, the command that runs it in the foreground, its ports.

    files: {name below its root: text}, command: list of words; both may use @root@, @port@,
    @tls@ and what `names` gives. `count` is the command for callgrind: one process, if it can.
    """

    def __init__(self, where, name, files, command, count=None, helpers=(), **names):
        self.where, self.name = where, name
        self.root = where.directory("servers/" + re.sub(r"\W+", "-", name))
        self.port, self.tls = ports.free_port(), ports.free_port()
        self.names = dict(names, root=self.root, port=self.port, tls=self.tls, home=where.path,
                          certificate=where.certificate, key=where.key)
        self.files, self.command, self.count, self.helpers = files, command, count, helpers
        self.process = None

    def fill(self, text):
        return plant.fill(text, self.names)

    def prepare(self):
        for name in ("logs", "run", "tmp"):
            os.makedirs(os.path.join(self.root, name), exist_ok=True)
        plant.plant(self.root, {name: self.fill(text) for name, text in self.files.items()})
        settings.give(self.root)

    def start(self, wrap=(), command=None):
        for port in (self.port, self.tls):
            assert ports.port_is_free(port), "port %d is in use" % port
        for helper in self.helpers:
            helper.start()
        self.prepare()
        run = list(wrap) + [self.fill(word) for word in command or self.command]
        with open(os.path.join(self.root, "logs", "start.log"), "ab") as log:
            self.process = subprocess.Popen(
                place.pinned(place.SERVER_PROCESSOR, settings.as_user(run)), stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True, cwd="/")
        place.favour(self.process.pid)
        self.wait_ready(120 if wrap else 20)
        return self

    def is_ready(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def wait_ready(self, seconds):
        deadline = time.time() + seconds
        while not self.is_ready():
            if self.process.poll() is not None or time.time() > deadline:
                raise RuntimeError("%s did not start:\n%s" % (self.name, self.logs()))
            time.sleep(0.05)

    def logs(self):
        text = ""
        directory = os.path.join(self.root, "logs")
        for name in sorted(os.listdir(directory)):
            with open(os.path.join(directory, name), errors="replace") as log:
                text += "".join("%s: %s" % (name, line) for line in log.readlines()[-10:])
        return text

    def stats(self):
        """{pid: fields of its stat line, from the state on} of all processes of the session."""
        found = {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/%s/stat" % pid) as stat:
                    fields = stat.read().rsplit(")", 1)[1].split()
            except OSError:
                continue        # it ended while we looked
            if int(fields[3]) == self.process.pid:
                found[int(pid)] = fields
        return found

    def cpu(self):
        """What all processes of server and helpers used: nanoseconds, and user and kernel ticks.

        The nanoseconds are exact; the ticks only tell how they divide.
        """
        total = [sum(each) for each in zip((0, 0, 0), *(helper.cpu() for helper in self.helpers))]
        for pid, fields in self.stats().items():
            total[1] += int(fields[11])
            total[2] += int(fields[12])
            for task in os.listdir("/proc/%d/task" % pid):
                with open("/proc/%d/task/%s/schedstat" % (pid, task)) as schedstat:
                    total[0] += int(schedstat.read().split()[0])
        return total

    def stop(self):
        if self.process:
            processes.end(self.process, 20)
        self.process = None
        for helper in self.helpers:
            helper.stop()
