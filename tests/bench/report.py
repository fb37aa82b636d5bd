# SPDX-License-Identifier: Apache-2.0
# The tables, the aims beside what was measured, and the same as JSON.
import cases

MEASURES = ("rate", "cpu", "kernel", "p99", "p50")


def spread(three, digits=2):
    """Median and quartiles as they stand in the tables."""
    return "%.*f [%.*f %.*f]" % (digits, three[1], digits, three[0], digits, three[2])


ROW = "  %-30s %9s %-18s %6s %7s %-18s %7s %s"


def table(result):
    base = result.group.cases[0].label
    lines = ["", result.group.name,
             ROW % ("", "requests", "ratio, quartiles", "CPU", "kernel", "ratio, quartiles", "p99",
                    "ratio, quartiles"),
             ROW % ("", "a second", "", "us", "us", "of CPU", "ms", "")]
    for case in result.group.cases:
        label = case.label
        medians = {m: result.values(label, m)[1] for m in MEASURES}
        ratios = [spread(result.ratio(label, m)) if label != base else "1"
                  for m in ("rate", "cpu", "p99")]
        lines.append((ROW % (label, "%.0f" % medians["rate"], ratios[0], "%.1f" % medians["cpu"],
                             "%.1f" % medians["kernel"], ratios[1],
                             "%.2f" % (medians["p99"] / 1000), ratios[2])).rstrip())
    for label, plain in result.group.own_plain.items():
        if label in result.runs and plain in result.runs:
            lines.append("  %s, against %s: requests %s, CPU %s" % (
                label, plain, spread(result.ratio(label, "rate", plain)),
                spread(result.ratio(label, "cpu", plain))))
    shares = [result.share(case.label) for case in result.group.cases]
    if min(shares) < 0.85:
        lines.append("  The servers had only %.0f to %.0f %% of their processor: CPU tells more than "
                     "requests here." % (100 * min(shares), 100 * max(shares)))
    return lines


def instructions(counted):
    if not counted:
        return []
    lines = ["", "Instructions a request in user space (callgrind, 1 KiB)"]
    plain = {server: n for server, _, n, _ in reversed(counted)}
    for server, kind, n, functions in counted:
        lines.append("  %-10s %-10s %8.0f   %.2f of its first" % (server, kind, n, n / plain[server]))
        lines += ["      %8.0f  %s" % (count, name) for count, name in functions]
    if "bare" in plain and "lean" in plain:
        lines.append("  bare is lean without the module: loading it costs every plain request "
                     "%.0f instructions, and %.0f where something else is protected"
                     % (plain["loaded"] - plain["bare"], plain["lean"] - plain["bare"]))
    return lines


def by_processor(result, aim):
    """The same ratio as processor time tells it: others on the machine disturb that less."""
    return 1 / result.ratio(aim.label, "cpu", aim.against)[1] if aim.measure == "rate" else None


def in_core(alone):
    """[(aim, nanoseconds)] of what was run of core alone; of claims the dearest."""
    found = []
    if "verification" in alone:
        found.append((cases.VERIFICATION_AIM, alone["verification"]))
    if "claims" in alone:
        found.append((cases.CLAIM_AIM, max(max(each.values()) for each in alone["claims"].values())))
    return found


def judge(results, alone):
    """[(aim, measured, quartiles or None, by processor time or None, met?)] of what was run."""
    by_name, found = {result.group.name: result for result in results}, []
    for aim in cases.AIMS:
        result = by_name.get(aim.group)
        if not result or not {aim.label, aim.against or aim.label} <= set(result.runs):
            continue
        low, median, high = result.ratio(aim.label, aim.measure, aim.against)
        met = median <= aim.limit if aim.at_most else median >= aim.limit
        found.append((aim, median, (low, high), by_processor(result, aim), met))
    return found + [(aim, ns, None, None, ns <= aim.limit) for aim, ns in in_core(alone)]


def verdict(aim, by_cpu, met):
    if met:
        return "met"
    return "missed, met by CPU" if by_cpu and by_cpu >= aim.limit else "missed"


def aims(judged):
    if not judged:
        return []
    lines = ["", "%-43s %8s   %-19s %-7s" % ("Aims", "aim", "measured", "by CPU")]
    for aim, median, between, by_cpu, met in judged:
        digits = 0 if aim.limit > 100 else 2
        shown = spread((between[0], median, between[1])) if between else "%.0f" % median
        lines.append("  %-41s %2s %5.*f   %-19s %-7s %s" % (
            aim.text, "<=" if aim.at_most else ">=", digits, aim.limit, shown,
            "%.2f" % by_cpu if by_cpu else "", verdict(aim, by_cpu, met)))
    missed = [aim.text for aim, _, _, _, met in judged if not met]
    lines.append("  %d of %d aims met.%s" % (len(judged) - len(missed), len(judged),
                                             " Missed: %s." % "; ".join(missed) if missed else ""))
    return lines


def core(alone):
    lines = []
    if "verification" in alone:
        lines += ["", "One verification of a signed request, core alone: %.0f ns, of which the mac "
                  "%.0f ns" % (alone["verification"], alone["mac"])]
    if "claims" in alone:
        lines += ["", "One claim of a use, core alone, nanoseconds with 1, 4, 16 processes at once"]
        lines += ["  %-40s %s" % (what, "  ".join("%5.0f" % ns for ns in alone["claims"][name].values()))
                  for name, what in (("first", "the only use of a token"),
                                     ("again", "a further use, of tokens that all use"))]
    return lines


def text(results, counted, alone, conditions):
    lines = ["mod_avcsec bench: %s" % conditions]
    for result in results:
        lines += table(result)
    lines += instructions(counted) + core(alone)
    return "\n".join(lines + aims(judge(results, alone))) + "\n"


def as_data(results, counted, alone, conditions):
    return {
        "conditions": conditions,
        "groups": {result.group.name: {
            case.label: {
                "values": {m: result.values(case.label, m) for m in MEASURES},
                "ratios": {m: result.ratio(case.label, m) for m in MEASURES},
                "rounds": [{m: getattr(run, m) for m in MEASURES} for run in result.runs[case.label]],
            } for case in result.group.cases} for result in results},
        "instructions": [{"server": s, "requests": k, "each": n} for s, k, n, _ in counted],
        "core": alone,
        "aims": [{"aim": aim.text, "limit": aim.limit, "at_most": aim.at_most, "measured": median,
                  "quartiles": between, "by_cpu": by_cpu, "met": met}
                 for aim, median, between, by_cpu, met in judge(results, alone)],
    }
