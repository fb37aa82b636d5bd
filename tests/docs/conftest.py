# SPDX-License-Identifier: Apache-2.0
# The tests of the documents use the servers and token maker of the end-to-end tests.
import os
import sys

import pytest

ROOM = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [ROOM, os.path.join(os.path.dirname(ROOM), "e2e")]

from avc import httpd  # noqa: E402


def pytest_configure(config):
    httpd.home = httpd.Home()
    config.add_cleanup(httpd.home.remove)


@pytest.fixture(scope="session", autouse=True)
def nothing_is_left_running():
    yield
    httpd.end_all()
