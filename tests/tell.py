# SPDX-License-Identifier: Apache-2.0
# A plugin of pytest for scripts/test: one line for each test as soon as it is over, "ok - NAME" or
# "not ok - NAME: the short reason", in the file AVCSEC_RESULTS, with xdist as well. A skipped test
# has failed. A run that is told to end ends as by Ctrl-C, so that its servers are stopped.
import os
import signal

# What a worker of xdist reports, its master tells.
RESULTS = None if "PYTEST_XDIST_WORKER" in os.environ else os.environ.get("AVCSEC_RESULTS")
failed = {}  # {test that runs now: why it has failed}
unread = set()


def told_to_end(number, frame):
    raise KeyboardInterrupt


def pytest_configure(config):
    signal.signal(signal.SIGTERM, told_to_end)


def reason(report):
    crash = getattr(report.longrepr, "reprcrash", None)
    return " ".join((crash.message if crash else str(report.longrepr)).split())[:300]


def tell(name, why):
    if RESULTS:
        with open(RESULTS, "a", encoding="utf-8") as out:
            out.write("not ok - %s: %s\n" % (name, why) if why else "ok - %s\n" % name)


def pytest_runtest_logreport(report):
    if not report.passed:
        failed.setdefault(report.nodeid, "skipped" if report.skipped else reason(report))
    # A worker that dies has a phase of its own, and no teardown.
    if report.when not in ("setup", "call"):
        tell(report.nodeid, failed.pop(report.nodeid, None))


def pytest_collectreport(report):
    if report.failed and report.nodeid not in unread:
        unread.add(report.nodeid)
        tell(report.nodeid, "cannot be read: " + reason(report))
