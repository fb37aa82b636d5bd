# SPDX-License-Identifier: Apache-2.0
# The processes of a server, as /proc tells of them.
import glob
import os


def children(server):
    """Process ids of its children."""
    found = []
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            with open(path) as stat:
                fields = stat.read().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == server.process.pid:
            found.append(int(path.split("/")[2]))
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
