# SPDX-License-Identifier: Apache-2.0
# Tokens that are taken back: by id, by user, by key, by the time they were issued; within 15
# seconds in a server that runs, and a bad file takes nothing back and loses nothing.
import os
import secrets
import time

import pytest

from avc import tokens

CONFIG = """
AvcKeyFile "@keys@"
AvcRevocations "@root@/conf/revoked"
<Location "/signed">
    AvcSignedURL On
</Location>
"""
LATER = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86400))


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


def write(web, text, mode=0o600):
    web.write_secret("conf/revoked", text, mode)


@pytest.fixture
def web(serve_once):
    server = serve_once(CONFIG, docroot={"signed/a.txt": "content"}, begin=False)
    write(server, "")
    return server.start()


def link(**claims):
    return tokens.signed("/signed/a.txt", **claims)


def test_each_way_of_taking_back(web):
    number, user = secrets.token_hex(12), tokens.text_claim("Zo\u00eb")
    by_id, by_user, by_key = link(id=number), link(sub=user), link(kid="k2")
    old, undated, fresh = link(issued=-100), link(issued=None), link()
    for each in (by_id, by_user, by_key, old, undated, fresh):
        web.allowed(each)
    write(web, "# taken back\nid %s until=%s\nsub %s until=%s\nkid k2 until=%s\nall before=%s until=%s\n"
          % (number, LATER, user, LATER, LATER, stamp(-50), LATER))
    web.looked()
    for each in (by_id, by_user, by_key, old, undated):
        assert web.ask(each).status == 403
    web.log.disregard(r"AVC\d{4}: revoked: |AVC0109: ")
    web.allowed(fresh)
    web.allowed(link(id=secrets.token_hex(12), sub=tokens.text_claim("Bob")))


def test_an_expired_token_is_expired_before_it_is_revoked(web):
    write(web, "kid k1 until=%s\n" % LATER)
    web.looked()
    assert web.ask(link()).status == 403
    web.log.disregard(r"AVC\d{4}: revoked: |AVC0109: ")
    web.refused(link(expires=-5), "expired", status=410)


def test_entries_that_are_over_take_nothing_back(web):
    write(web, "kid k1 until=%s\nkid k2 until=%s\n" % (stamp(-5), LATER))
    web.looked()
    assert web.ask(link(kid="k2")).status == 403
    web.log.disregard(r"AVC\d{4}: revoked: |AVC0109: ")
    web.allowed(link())


@pytest.mark.parametrize("bad", ["kid k2\n", None])
def test_a_bad_file_is_reported_once_and_the_old_list_stays(web, bad):
    write(web, "kid k2 until=%s\n" % LATER)
    web.looked()
    assert web.ask(link(kid="k2")).status == 403
    if bad is None:
        os.unlink(os.path.join(web.root, "conf", "revoked"))
    else:
        write(web, bad)
    web.looked(times=2)
    web.log.claim("AVC0108: ")
    web.graceful()
    assert web.ask(link(kid="k2")).status == 403
    web.log.disregard(r"AVC\d{4}: revoked: |AVC010[89]: ")
    web.allowed(link())


@pytest.mark.parametrize("text, mode", [("kid k2\n", 0o600), ("", 0o666), (None, 0)])
def test_a_cold_start_fails_on_a_bad_file(serve_once, text, mode):
    web = serve_once(CONFIG, docroot={"signed/a.txt": "content"}, begin=False)
    if text is not None:
        write(web, text, mode)
    status, printed = web.configtest()
    assert status != 0 and "AvcRevocations" in printed and "AVC0101" in printed, printed
