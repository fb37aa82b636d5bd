# SPDX-License-Identifier: Apache-2.0
# Instructions a request takes in user space, counted by callgrind between two dumps, so that
# start-up does not count. They don't depend on what else the machine does. What the kernel does
# is not in them, and valgrind knows no SHA instructions: a hash counts for more than it costs.
import http.client
import json
import os
import re
import subprocess

import cases
import place
from avc import settings
from links import read_request
from rounds import say

WARM_UP, REQUESTS = 60, 300
# Server, what is asked of it; the first is what the server's others are compared with.
COUNTED = [("bare", ["plain"]), ("loaded", ["plain"]), ("lean", ["plain", "signed", "inpath", "url", "refused"]),
           ("debian", ["plain", "signed", "refused"]), ("nginx", ["plain", "md5", "njs"]),
           ("lighttpd", ["plain", "magnet"]), ("openidc", ["plain", "jwt"]),
           ("checks", ["floor", "check"])]
QUICK = [("bare", ["plain"]), ("loaded", ["plain"]), ("lean", ["plain", "signed", "refused"]),
         ("debian", ["plain", "signed"])]


def ask(port, lines):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for line in lines:
        method, target, headers, body = read_request(line)
        connection.request(method, target, body=body, headers=headers)
        connection.getresponse().read()
    connection.close()


def control(server, what):
    subprocess.run(settings.as_user(["callgrind_control", what, str(server.process.pid)]), check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def total(path):
    with open(path) as dump:
        return int(re.search(r"(?m)^(?:summary|totals): (\d+)", dump.read()).group(1))


def count_one(server, kind, links, number):
    """Instructions a request; the dump is kept at the returned path."""
    with open(links.file(kind, "1 KiB")) as requests:
        lines = [next(requests) for _ in range(WARM_UP + REQUESTS)]
    ask(server.port, lines[:WARM_UP])
    control(server, "-z")
    ask(server.port, lines[WARM_UP:])
    control(server, "-d")
    dump = "%s/run/callgrind.%d" % (server.root, number)
    return total(dump) / REQUESTS, dump


def functions(dump, count):
    """The functions that take most, each with its instructions a request."""
    printed = subprocess.run(["callgrind_annotate", "--threshold=100", dump], check=True,
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    found = re.findall(r"(?m)^ *([\d,]+) \([^)]*\)\s+\S*?([^\s/:]*:\S+)", printed)
    named = [(int(n.replace(",", "")) / REQUESTS, name.split(":", 1)[1]) for n, name in found]
    most = max(n for n, _ in named)     # what starts a thread counts as the whole
    return [(n, name) for n, name in named if n < most * 0.99][:count]


def run(where, links, is_quick, top):
    """[(server, kind, instructions, [(instructions, function)])]"""
    found = []
    for name, kinds in QUICK if is_quick else COUNTED:
        say("counting instructions: %s" % name)
        server = cases.SERVERS[name](where)
        server.name += " under callgrind"
        try:
            server.start(wrap=["valgrind", "--tool=callgrind", "--dump-instr=no",
                               "--callgrind-out-file=%s/run/callgrind" % server.root],
                         command=server.count)
            for number, kind in enumerate(kinds, 1):
                count, dump = count_one(server, kind, links, number)
                found.append((name, kind, count, functions(dump, top) if top else []))
        finally:
            server.stop()
    return found


def build_with_core(where, build, name):
    """The program of name.c beside this file, with core as it is in the module."""
    program = os.path.join(where.path, name)
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "libcrypto"], check=True,
                           stdout=subprocess.PIPE, text=True).stdout.split()
    subprocess.run(["cc", "-std=c11", "-D_GNU_SOURCE", "-O2",
                    "-I" + os.path.join(settings.REPOSITORY, "mod_avcsec"), "-o", program,
                    os.path.join(place.HERE, name + ".c"),
                    os.path.join(build, ".libs", "libavcsec_core.a")] + flags, check=True)
    return program


def told_by(command):
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def verification(where, links, build):
    """{"verification": ns, "mac": ns} of one signed request, without any server."""
    program = build_with_core(where, build, "one_verification")
    return told_by(place.pinned(place.SERVER_PROCESSOR,
                                [program, links.keys, links.file("signed", "1 KiB")]))


def claims(where, build):
    """{"first": {processes: ns}, "again": …}: one claim of a use, without any server; on all
    processors, for it is about processes that are in each other's way."""
    return told_by([build_with_core(where, build, "uses_claims")])
