# SPDX-License-Identifier: Apache-2.0
# Asking a server as fast as it answers, for a second: wrk over HTTP/1.1, h2load over HTTP/2.
# The requests are a prepared file; nothing is signed or picked while the clock runs.
import json
import os
import random
import re
import subprocess

import place

CONNECTIONS_H1 = 16
CONNECTIONS_H2, STREAMS_H2 = 4, 8


class Run:
    """What one second gave: requests, seconds, statuses, latencies in microseconds."""

    def __init__(self, requests, seconds, good, bad, broken, size, p50, p99):
        self.requests, self.seconds = requests, seconds
        self.good, self.bad, self.broken = good, bad, broken
        self.size, self.p50, self.p99 = size, p50, p99
        # Microseconds a request, and those of them in the kernel; who measures the server sets them.
        self.cpu = self.kernel = 0.0

    @property
    def rate(self):
        return self.requests / self.seconds


def ask(url, requests, seconds, is_h2, directory):
    """Loads 127.0.0.1 with the requests of that file, pinned to its processor."""
    return (with_h2load if is_h2 else with_wrk)(url, requests, seconds, directory)


def output(command, **environment):
    """What a command prints that runs on the load's processor in a session of its own."""
    with subprocess.Popen(place.pinned(place.LOAD_PROCESSOR, command), text=True,
                          env=dict(os.environ, **environment), start_new_session=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        place.favour(process.pid)
        printed = process.communicate()[0]
    if process.returncode:
        raise RuntimeError("%s failed:\n%s" % (command[0], printed))
    return printed


def with_wrk(url, requests, seconds, directory):
    printed = output(["wrk", "-t1", "-c%d" % CONNECTIONS_H1, "-d%ds" % seconds, "-s",
                      os.path.join(place.HERE, "requests.lua"), url],
                     REQUESTS=requests, FIRST=str(random.randrange(1 << 30)))
    told = json.loads(printed.strip().splitlines()[-1])
    return Run(told["requests"], told["microseconds"] / 1e6, told["requests"] - told["refused"],
               told["refused"], told["broken"], told["bytes"], told["p50"], told["p99"])


def with_h2load(url, requests, seconds, directory):
    log = os.path.join(directory, "h2load.log")
    if os.path.exists(log):
        os.remove(log)
    printed = output(["h2load", "-t1", "-c%d" % CONNECTIONS_H2, "-m%d" % STREAMS_H2,
                      "-D%d" % seconds, "--log-file=" + log, "--base-uri=" + url, "-i", requests])
    with open(log) as lines:
        answers = [line.split() for line in lines]
    waits = sorted(int(answer[2]) for answer in answers)
    good = sum(answer[1].startswith("2") for answer in answers)
    traffic = re.search(r"traffic: \S+ \((\d+)\) total", printed)
    assert answers and traffic, printed
    return Run(len(answers), seconds, good, len(answers) - good, 0, int(traffic.group(1)),
               waits[len(waits) // 2], waits[len(waits) * 99 // 100])
