# SPDX-License-Identifier: Apache-2.0
# Runs the comparison that scripts/bench describes. Measures and tells; changes nothing outside
# its temporary directory and leaves no server behind.
import argparse
import json
import os
import platform
import signal
import subprocess
import sys

import cases
import instructions
import links
import place
import report
import rounds


def arguments():
    parser = argparse.ArgumentParser(
        prog="scripts/bench", description="Compares signed files with plain ones in the same "
        "httpd, and with what else one could take: requests a second, processor time and p99, as "
        "ratios formed inside interleaved rounds, and instructions a request.")
    parser.add_argument("--quick", action="store_true",
                        help="the core of it in about 2 minutes (all of it takes about 10)")
    parser.add_argument("--only", metavar="NAME",
                        help="what has this in its name: a group (lean, Debian, TLS, checks, others, "
                        "…), a case (njs, refused, …), verification, claims or instructions")
    parser.add_argument("--rounds", type=int, help="how many (default: 9; 5 with --quick)")
    parser.add_argument("--seconds", type=int, default=1, help="for each case in a round (1)")
    parser.add_argument("--json", metavar="FILE", help="write all values there, too; - for "
                        "standard output instead of the tables")
    parser.add_argument("--functions", type=int, metavar="N", default=0,
                        help="with instructions: the N functions that take most")
    parser.add_argument("--build", default="build", help=argparse.SUPPRESS)
    return parser.parse_args()


def version(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.stdout.splitlines()[0].split(": ")[-1].strip() if done.stdout else "?"


def conditions(options, count):
    with open("/proc/cpuinfo") as info:
        model = next((line.split(":")[1].strip() for line in info if line.startswith("model name")),
                     platform.machine())
    return ("%d rounds of %d s; %s, %d processors, load %.1f at the start; servers on processor "
            "%d, load on %d; %s; %s; Linux %s" % (
                count, options.seconds, model, os.cpu_count(), os.getloadavg()[0],
                place.SERVER_PROCESSOR, place.LOAD_PROCESSOR,
                version(["/usr/sbin/apache2", "-v"]), version(["nginx", "-v"]),
                platform.release()))


def wants(options, name):
    return not options.only or options.only.lower() in name


def compare(options, count, where, prepared):
    """Starts the servers that the chosen groups need, runs the rounds, stops them."""
    chosen = cases.chosen(cases.groups(options.quick), options.only)
    servers = {}
    if not chosen:
        return []
    try:
        for name in dict.fromkeys(case.server for group in chosen for case in group.cases):
            rounds.say("starting %s" % name)
            servers[name] = cases.SERVERS[name](where)
            servers[name].start()
        return rounds.run(chosen, servers, prepared, count, options.seconds, where)
    finally:
        for server in servers.values():
            server.stop()


def run(options, where):
    count = options.rounds or (5 if options.quick else 9)
    told = conditions(options, count)
    rounds.say(told)
    rounds.say("signing links")
    prepared = links.Links(where)
    results = compare(options, count, where, prepared)
    alone = {}
    if wants(options, "verification"):
        alone.update(instructions.verification(where, prepared, options.build))
    if wants(options, "claims"):
        alone["claims"] = instructions.claims(where, options.build)
    counted = (instructions.run(where, prepared, options.quick, options.functions)
               if wants(options, "instructions") else [])
    if not results and not alone and not counted:
        sys.exit("scripts/bench: nothing has '%s' in its name" % options.only)
    data = report.as_data(results, counted, alone, told)
    if options.json == "-":
        json.dump(data, sys.stdout, indent=1)
        return
    if options.json:
        with open(options.json, "w") as out:
            json.dump(data, out, indent=1)
    sys.stdout.write(report.text(results, counted, alone, told))


def main():
    options = arguments()
    if len(place.processors) < 2:
        rounds.say("Only one processor: servers and load share it, and the figures mean little.")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    where = place.Place(os.path.join(options.build, ".libs", "mod_avcsec.so"),
                        os.path.join(options.build, "avcsec"))
    try:
        run(options, where)
    finally:
        where.remove()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except RuntimeError as trouble:
        sys.exit("scripts/bench: %s" % trouble)
