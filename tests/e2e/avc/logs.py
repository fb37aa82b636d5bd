# SPDX-License-Identifier: Apache-2.0
# Watches a server's logs. Every line that speaks up (an AVC number, warn or worse, or anything
# that httpd did not format, such as a sanitizer's report) has to be claimed by the test that
# caused it; what is left over fails that test. No file may ever hold a whole mac.
import os
import re
import time

from . import settings

LINE = re.compile(r"^\[[^\]]+\] \[([\w-]*):(\w+)\] ")
LOUD = {"warn", "error", "crit", "alert", "emerg"}
NUMBER = re.compile(r"AVC(\d{4}): ([a-z-]+): ")
ANY_NUMBER = re.compile(r"AVC(\d{4})")
MAC = re.compile(rb"mac(?:\.|%2e)[A-Za-z0-9_-]{43}", re.I)
# Noise of the environment that says nothing about the module.
NOISE = re.compile("|".join((
    r"AH00558: ",                               # name of this machine
    r"AH02487: |AH10034: ",                     # http2 and TLS with prefork
    r"AH01882: ",                               # this machine's OpenSSL is older than its mod_ssl
    r"AH00052: child pid \d+ exit signal Terminated",
    r"AH0004[56]: child process \d+ still did not exit, sending a SIG(TERM|KILL)",
    r"AH00051: child pid \d+ exit signal Killed",
    r"AH03490: scoreboard is full",             # event, when a restart comes before the last one's children ended
    r"AH0309[23]: process_",                    # event, when it stops while a client hangs up or waits
    r"No such file or directory: AH01244: Couldn't set perm", # stopped before its CGI daemon was up
)))

numbers_seen = {}


def is_loud(line):
    found = LINE.match(line)
    if not found:
        return bool(line.strip())
    # httpd thinks little of a child that crashes: it says so as a notice.
    return bool(found.group(2) in LOUD or ANY_NUMBER.search(line) or " exit signal " in line)


class LogWatch:
    """Loud lines of some growing files, in order, that nobody has claimed yet."""

    def __init__(self, *paths):
        self.paths = {path: 0 for path in paths}
        self.pending = []
        self.heard = []
        self.expected = []  # patterns of lines that come whenever they like in this server's life

    def poll(self):
        for path, offset in self.paths.items():
            if not os.path.exists(path):
                continue
            with open(path, "rb") as log:
                log.seek(offset)
                data = log.read()
            end = data.rfind(b"\n") + 1
            self.paths[path] = offset + end
            for line in data[:end].decode("utf-8", "replace").splitlines():
                self.heard.append(line)
                if not is_loud(line) or NOISE.search(line):
                    continue
                note_numbers(line)
                if not any(re.search(pattern, line) for pattern in self.expected):
                    self.pending.append(line)

    def claim(self, pattern, count=1, patience=2.0):
        """Takes the loud lines that match; count None means one or more. Returns them."""
        deadline = time.time() + patience * settings.PATIENCE
        while True:
            self.poll()
            found = [line for line in self.pending if re.search(pattern, line)]
            if len(found) >= (count or 1) or time.time() > deadline:
                break
            time.sleep(0.01)
        self.pending = [line for line in self.pending if not re.search(pattern, line)]
        want = "at least one line" if count is None else "%d line(s)" % count
        good = len(found) >= 1 if count is None else len(found) == count
        assert good, "%s wanted that match %r, got %d:\n%s\nother loud lines:\n%s" % (
            want, pattern, len(found), "\n".join(found[:6]), "\n".join(self.pending[:6]))
        return found

    def disregard(self, pattern):
        """Drops matching lines, however many; for noise of httpd's own that a test provokes."""
        self.poll()
        self.pending = [line for line in self.pending if not re.search(pattern, line)]

    def assert_quiet(self):
        self.poll()
        left, self.pending = self.pending, []
        assert not left, "%d log lines that no test announced, of them:\n%s" % (
            len(left), "\n".join(left[:6]))


def note_numbers(line):
    for number in ANY_NUMBER.findall(line):
        found = NUMBER.search(line)
        numbers_seen.setdefault(number, set()).add(found.group(2) if found else "")


def assert_no_mac(directory):
    """No file below a server's log directory holds a mac, whatever module wrote it."""
    for folder, _, names in os.walk(directory):
        for name in names:
            path = os.path.join(folder, name)
            if not os.path.isfile(path):     # the socket of a CGI daemon that has yet to go
                continue
            with open(path, "rb") as log:
                found = MAC.search(log.read())
            assert not found, "a mac stands in %s: %r" % (name, found.group(0)[:24])
