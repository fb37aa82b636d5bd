# SPDX-License-Identifier: Apache-2.0
# The tables, the aims beside what was measured, and the same as JSON.
import cases


def spread(three, digits=2):
    """Median and quartiles as they stand in the tables."""
    return "%.*f [%.*f %.*f]" % (digits, three[1], digits, three[0], digits, three[2])


def table(result):
    base = result.group.cases[0].label
    lines = ["", "%s" % result.group.name,
             "  %-30s %9s %-18s %9s %-18s %8s %-18s" % (
                 "", "requests", "ratio, quartiles", "CPU", "ratio, quartiles", "p99",
                 "ratio, quartiles"),
             "  %-30s %9s %-18s %9s %-18s %8s" % ("", "a second", "", "us each", "", "ms")]
    for case in result.group.cases:
        label = case.label
        ratios = [spread(result.ratio(label, m)) if label != base else "1"
                  for m in ("rate", "cpu", "p99")]
        lines.append("  %-30s %9.0f %-18s %9.1f %-18s %8.2f %-18s" % (
            label, result.values(label, "rate")[1], ratios[0], result.values(label, "cpu")[1],
            ratios[1], result.values(label, "p99")[1] / 1000, ratios[2]))
    for label, plain in result.group.own_plain.items():
        if label in result.runs and plain in result.runs:
            lines.append("  %s, against %s: requests %s, CPU %s" % (
                label, plain, spread(result.ratio(label, "rate", plain)),
                spread(result.ratio(label, "cpu", plain))))
    busy = [c.label for c in result.group.cases if result.generator(c.label) > 0.9]
    if busy:
        lines.append("  (the load generator was near its limit: %s)" % ", ".join(busy))
    return lines


def instructions(counted):
    if not counted:
        return []
    lines = ["", "Instructions a request in user space (callgrind, 1 KiB)"]
    plain = {server: n for server, kind, n, _ in counted if kind == "plain"}
    for server, kind, n, functions in counted:
        lines.append("  %-10s %-10s %8.0f   %.2f of its plain" % (server, kind, n, n / plain[server]))
        lines += ["      %8.0f  %s" % (count, name) for count, name in functions]
    if "bare" in plain and "lean" in plain:
        lines.append("  bare is lean without the module: loading it costs every plain request "
                     "%.0f instructions" % (plain["lean"] - plain["bare"]))
    return lines


def judge(results, verification):
    """[(text, median, quartiles or None, limit, at most?, met?)]: the aims that were measured."""
    by_name, found = {result.group.name: result for result in results}, []
    for aim in cases.AIMS:
        result = by_name.get(aim.group)
        if not result or not {aim.label, aim.against or aim.label} <= set(result.runs):
            continue
        low, median, high = result.ratio(aim.label, aim.measure, aim.against)
        met = median <= aim.limit if aim.at_most else median >= aim.limit
        found.append((aim.text, median, (low, high), aim.limit, aim.at_most, met))
    if verification:
        ns, limit = verification["verification"], cases.VERIFICATION_AIM
        found.append(("one verification, nanoseconds", ns, None, limit, True, ns <= limit))
    return found


def aims(judged):
    if not judged:
        return []
    lines = ["", "Aims" + " " * 42 + "aim     measured"]
    for text, median, between, limit, at_most, met in judged:
        digits = 0 if limit > 100 else 2
        shown = spread((between[0], median, between[1])) if between else "%.0f" % median
        lines.append("  %-40s %2s %5.*f  %-20s %s" % (text, "<=" if at_most else ">=", digits,
                                                      limit, shown, "met" if met else "missed"))
    missed = [text for text, _, _, _, _, met in judged if not met]
    lines.append("  %d of %d aims met.%s" % (len(judged) - len(missed), len(judged),
                                             " Missed: %s." % "; ".join(missed) if missed else ""))
    return lines


def text(results, counted, verification, conditions):
    lines = ["mod_avcsec bench: %s" % conditions]
    for result in results:
        lines += table(result)
    lines += instructions(counted)
    if verification:
        lines += ["", "One verification of a signed request, core alone: %.0f ns, of which the mac "
                  "%.0f ns" % (verification["verification"], verification["mac"])]
    return "\n".join(lines + aims(judge(results, verification))) + "\n"


def as_data(results, counted, verification, conditions):
    measures = ("rate", "cpu", "p99", "p50")
    return {
        "conditions": conditions,
        "groups": {result.group.name: {
            case.label: {
                "values": {m: result.values(case.label, m) for m in measures},
                "ratios": {m: result.ratio(case.label, m) for m in measures},
                "rounds": [[run.rate, run.cpu, run.p99] for run in result.runs[case.label]],
            } for case in result.group.cases} for result in results},
        "instructions": [{"server": s, "requests": k, "each": n} for s, k, n, _ in counted],
        "verification": verification,
        "aims": [{"aim": t, "measured": m, "quartiles": q, "limit": limit, "at_most": at_most,
                  "met": met} for t, m, q, limit, at_most, met in judge(results, verification)],
    }
