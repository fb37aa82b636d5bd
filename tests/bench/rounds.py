# SPDX-License-Identifier: Apache-2.0
# Interleaved rounds: in each, every case of a group runs for a second, in random order, and
# ratios are formed of what ran in the same round, so that the machine's mood cancels out.
import http.client
import random
import ssl
import sys

import load
from links import read_request


def say(text):
    print(text, file=sys.stderr, flush=True)


def quartiles(values):
    """(lower quartile, median, upper quartile)."""
    ordered = sorted(values)

    def at(share):
        place = share * (len(ordered) - 1)
        low = int(place)
        high = min(low + 1, len(ordered) - 1)
        return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
    return at(0.25), at(0.5), at(0.75)


class Results:
    """Of one group: values per label, measure and round."""

    def __init__(self, group):
        self.group, self.runs = group, {case.label: [] for case in group.cases}

    def value(self, run, measure):
        return getattr(run, measure)

    def values(self, label, measure):
        return quartiles([self.value(run, measure) for run in self.runs[label]])

    def ratio(self, label, measure, against=None):
        base = self.runs[against or self.group.cases[0].label]
        pairs = zip(self.runs[label], base)
        return quartiles([self.value(a, measure) / max(self.value(b, measure), 1e-9)
                          for a, b in pairs])

    def share(self, label):
        """How much of its processor the server had; the rest went to others, or it was idle."""
        return quartiles([run.cpu * run.rate / 1e6 for run in self.runs[label]])[1]


def base_url(server, case):
    return "%s://127.0.0.1:%d" % (("https", server.tls) if case.tls else ("http", server.port))


def check(server, case, links):
    """One request by another client: the whole file comes, or the refusal, or a bare yes."""
    with open(links.file(case.kind, case.size)) as requests:
        method, target, headers, body = read_request(requests.readline())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = (http.client.HTTPSConnection("127.0.0.1", server.tls, context=context)
                  if case.tls else http.client.HTTPConnection("127.0.0.1", server.port))
    connection.request(method, target, body=body, headers=headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    right = answer.status == 403 if case.refused else (
        answer.status == 200 and content == (links.content(case.size) if method == "GET" else b""))
    if not right:
        raise RuntimeError("%s, %s: answered %d\n%s" % (server.name, case.label, answer.status,
                                                        server.logs()))


def measure(server, case, links, seconds, where):
    before = server.cpu()
    run = load.ask(base_url(server, case), links.file(case.kind, case.size), seconds, case.h2,
                   where.path)
    nanoseconds, user, kernel = (b - a for a, b in zip(before, server.cpu()))
    run.cpu = nanoseconds / 1000.0 / run.requests
    run.kernel = run.cpu * kernel / max(user + kernel, 1)
    wrong = run.good if case.refused else run.bad
    if wrong or run.broken > run.requests // 100:
        raise RuntimeError("%s, %s: %d of %d answers wrong, %d connections broken\n%s" % (
            server.name, case.label, wrong, run.requests, run.broken, server.logs()))
    return run


def run(groups, servers, links, rounds, seconds, where):
    """Results of all groups; the rounds of the groups are interleaved, too."""
    results = [Results(group) for group in groups]
    for group in groups:
        for case in group.cases:
            check(servers[case.server], case, links)
    for number in range(rounds):
        say("round %d of %d" % (number + 1, rounds))
        for result in results:
            for case in random.sample(result.group.cases, len(result.group.cases)):
                result.runs[case.label].append(
                    measure(servers[case.server], case, links, seconds, where))
    return results
