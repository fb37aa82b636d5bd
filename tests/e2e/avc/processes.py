# SPDX-License-Identifier: Apache-2.0
# The processes of a server, as /proc tells of them, and their end.
import glob
import os
import signal
import subprocess


def end(process, seconds):
    """Ends a server by its pid; whether it went. One that did not is killed with all its session,
    which it leads."""
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return False
    return True


def children(server):
    """Process ids of its children."""
    found = []
    for path in glob.glob("/proc/%d/task/*/children" % server.process.pid):
        with open(path) as children_of_thread:
            found += map(int, children_of_thread.read().split())
    return sorted(found)


def descriptors(pid):
    """{descriptor: what it is open on} of a process."""
    found = {}
    for path in glob.glob("/proc/%d/fd/*" % pid):
        try:
            found[int(os.path.basename(path))] = os.readlink(path)
        except OSError:
            continue
    return found


def is_kept_on_exec(pid, descriptor):
    """A program that the process turned into would have this descriptor."""
    try:
        with open("/proc/%d/fdinfo/%d" % (pid, descriptor)) as info:
            flags = [int(line.split()[1], 8) for line in info if line.startswith("flags:")]
    except OSError:
        return False
    return not flags[0] & os.O_CLOEXEC
