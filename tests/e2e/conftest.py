# SPDX-License-Identifier: Apache-2.0
# Fixtures of the end-to-end tests: the run's temporary directory, PHP, servers that live as long
# as a module's tests, and the guard that fails any test after which a log line is unexplained.
import os
import re
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from avc import httpd, logs, php, settings  # noqa: E402


def pytest_configure(config):
    config.addinivalue_line("markers", "smoke: the part that also runs under valgrind, with the event MPM")
    config.addinivalue_line("markers", "root: about servers that root starts; needs root")
    config.addinivalue_line("markers", "json: about JSON; needs a build with jansson")
    config.addinivalue_line("markers", "redis: about Redis; needs a build with hiredis")
    httpd.home = httpd.Home()
    config.add_cleanup(httpd.home.remove)
    config.add_cleanup(httpd.end_all)


def pytest_make_parametrize_id(config, val, argname):
    """Names of tests hold no token, which each process that runs tests would have made itself."""
    if isinstance(val, str) and "avc1~" in val:
        return re.sub(r"avc1~[\w.~-]*", "TOKEN", val)
    return None


def has_other_mpm(item):
    values = item.callspec.params.values() if hasattr(item, "callspec") else ()
    return any(value in ("worker", "prefork") for value in values if isinstance(value, str))


def pytest_collection_modifyitems(config, items):
    """Tests about root's privileges can't be run by anybody else, and those about JSON or Redis
    not on a build without it; under valgrind other MPMs than event show nothing new. The run says so."""
    missing = [mark for mark, is_there in (
        ("root", settings.AS_ROOT), ("json", settings.reads_json()),
        ("redis", settings.speaks_redis())) if not is_there]
    gone = [item for item in items if any(item.get_closest_marker(mark) for mark in missing) or
            settings.WRAP and has_other_mpm(item)]
    if gone:
        config.hook.pytest_deselected(items=gone)
        left = set(items) - set(gone)
        items[:] = [item for item in items if item in left]
    # What waits longest goes first: at the end of a run one worker would be alone with it.
    rooms = ("state", "request", "session")
    items.sort(key=lambda item: ([name in item.nodeid.split("/") for name in rooms] + [True]).index(True))


@pytest.fixture(scope="session")
def home():
    return httpd.home.path


@pytest.fixture(scope="session")
def fpm():
    instance = php.Php(httpd.home.path, httpd.free_port)
    yield instance
    instance.stop()


@pytest.fixture(scope="module")
def serve():
    """serve(config, …) starts a server that the module's tests share."""
    started = []

    def start(*args, **how):
        server = httpd.Httpd(*args, **how)
        started.append(server)
        return server.start()

    yield start
    httpd.stop_all(started)


@pytest.fixture
def serve_once():
    """The same for one test alone."""
    started = []

    def start(*args, begin=True, **how):
        server = httpd.Httpd(*args, **how)
        started.append(server)
        return server.start() if begin else server

    yield start
    httpd.stop_all(started)


@pytest.fixture(autouse=True)
def explained_logs():
    """Whatever a test makes a server say, the test has to claim."""
    yield
    trouble = []
    for server in httpd.live:
        try:
            server.log.assert_quiet()
        except AssertionError as unexplained:
            trouble.append(str(unexplained))
    assert not trouble, "\n".join(trouble)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node, error):
    """What a worker of xdist saw is the run's."""
    for number, words in getattr(node, "workeroutput", {}).get("numbers", {}).items():
        logs.numbers_seen.setdefault(number, set()).update(words)


def pytest_sessionfinish(session):
    """For the guard on log numbers: what this run provoked, if the runner wants to know."""
    wanted = os.environ.get("AVCSEC_NUMBERS_SEEN")
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["numbers"] = {number: sorted(words) for number, words in logs.numbers_seen.items()}
    elif wanted:
        with open(wanted, "w") as out:
            for number in sorted(logs.numbers_seen):
                out.write("%s %s\n" % (number, " | ".join(sorted(logs.numbers_seen[number]))))
