# SPDX-License-Identifier: Apache-2.0
# Tokens that may be used so and so often: what begins a use, whose it is, how long it lasts, what
# survives restarts, and that two who race for the last one never both win.
import os
import signal
import threading
import time

import pytest

from avc import tokens
from avc.httpd import USUAL, port_is_free
from avc.settings import until

CONFIG = """
AvcKeyFile "@keys@"
AvcUseGrace 2
AvcMediaServer 127.0.0.2
AvcMediaServerProof token
AvcMediaServerScripts avchat
<Location "/signed">
    AvcSignedURL On
</Location>
<Location "/files">
    AvcFiles "@private@"
</Location>
Redirect 302 "/signed/moved" "/signed/a.txt"
"""
DOCROOT = {"signed/a.txt": "content", "signed/b.txt": "other", "chat/writeuserslist.php": "script"}
OTHERS = ["127.0.0.%d" % n for n in range(5, 15)]


@pytest.fixture(scope="module")
def web(serve):
    return serve(CONFIG, docroot=DOCROOT, private={"a.txt": "private", "b.txt": "x" * 100000})


# SPEC [use-1]
@pytest.mark.parametrize("path, body", [("/signed/a.txt", "content"), ("/files/a.txt", "private")])
def test_a_use_belongs_to_its_client(web, path, body):
    link = tokens.limited(path, 2)
    for _ in range(5):
        web.allowed(link, shows=body, source=OTHERS[0])
    web.allowed(link, shows=body, source=OTHERS[1])
    web.refused(link, "used-up", source=OTHERS[2])
    web.allowed(link, shows=body, source=OTHERS[0])


# SPEC [use-2]
@pytest.mark.parametrize("path", ["/signed/a.txt", "/files/a.txt"])
def test_what_begins_no_use(web, path):
    link = tokens.limited(path, 1)
    etag = web.ask(link, "HEAD", source=OTHERS[0]).get("ETag")
    web.ask(link, "HEAD", source=OTHERS[1])
    answer = web.ask(link, headers=[("Sec-Purpose", "prefetch")], source=OTHERS[1])
    assert answer.status == 503 and answer.get("Retry-After"), answer
    assert web.ask(link, headers=[("If-None-Match", etag)], source=OTHERS[2]).status == 304
    answer = web.ask(link, "OPTIONS", headers=[("Access-Control-Request-Method", "GET")],
                     source=OTHERS[3])
    assert answer.status == 204
    web.allowed(link, source=OTHERS[4])
    web.refused(link, "used-up", source=OTHERS[1])
    # Who has a use may look ahead in it.
    assert web.ask(link, headers=[("Sec-Purpose", "prefetch")], source=OTHERS[4]).status == 200


# SPEC [use-1]
def test_ranges_and_a_whole_directory_are_one_use(web):
    link = tokens.limited("/files/b.txt", 1, dir=1)
    for start in range(0, 90000, 10000):
        answer = web.ask(link, headers=[("Range", "bytes=%d-%d" % (start, start + 99))])
        assert answer.status == 206
    web.allowed(link.replace("b.txt", "a.txt"), shows="private")
    web.refused(link, "used-up", source=OTHERS[0])


def test_errors_and_redirects_give_the_use_back(web):
    link = tokens.limited("/signed/moved", 1)
    assert web.ask(link, source=OTHERS[0]).status == 302
    missing = tokens.limited("/signed/none.txt", 1)
    for source in OTHERS[:3]:
        assert web.ask(missing, source=source).status == 404
    web.log.disregard("AH00128")


def test_a_use_ends_when_its_client_stays_away(serve_once):
    web = serve_once(CONFIG.replace("AvcUseGrace 2", "AvcUseGrace 1"), docroot=DOCROOT)
    link = tokens.limited("/signed/a.txt", 2)
    web.allowed(link)
    threading.Event().wait(3)
    web.allowed(link)
    threading.Event().wait(3)
    web.refused(link, "used-up")


# SPEC [use-3]
def test_each_call_of_the_media_server_is_a_use(web):
    link = tokens.limited("/chat/writeuserslist.php", 3, purpose="call")
    for _ in range(3):
        web.allowed(link, shows="script")
    web.refused(link, "used-up")


# SPEC [use-10]
def test_of_many_who_race_one_wins(web):
    for path in ("/signed/a.txt", "/files/a.txt"):
        link = tokens.limited(path, 1)
        got = []

        def ask(source):
            got.append(web.ask(link, source=source).status)
        threads = [threading.Thread(target=ask, args=(source,)) for source in OTHERS]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(got) == [200] + [403] * (len(OTHERS) - 1), got
    web.log.disregard(r"AVC\d{4}: used-up: ")


# SPEC [use-11]
@pytest.mark.parametrize("how", ["graceful", "restart", "stop and start"])
def test_counts_survive(serve_once, how):
    web = serve_once(CONFIG, docroot=DOCROOT)
    link = tokens.limited("/signed/a.txt", 1)
    web.allowed(link, source=OTHERS[0])
    if how == "stop and start":
        web.stop()
        web.start()
    else:
        web.signal(signal.SIGUSR1 if how == "graceful" else signal.SIGHUP)
    web.refused(link, "used-up", source=OTHERS[1])
    web.allowed(tokens.limited("/signed/a.txt", 1), source=OTHERS[1])


# SPEC [use-12]
def test_after_a_crash_older_tokens_are_used_up(serve_once):
    start = int(time.time())
    web = serve_once(CONFIG, docroot=DOCROOT, clock=start)
    old = tokens.limited("/signed/a.txt", 5, now=start)
    web.allowed(old)
    os.killpg(web.process.pid, signal.SIGKILL)
    web.process.wait()
    until(lambda: port_is_free(web.port))
    web.start()
    web.log.disregard("AH00098")
    web.log.claim("AVC0122: AvcStore .*/uses was left by a server that did not come to its end")
    web.set_clock(start + 31)
    web.refused(old, "used-up", source=OTHERS[0])
    web.allowed(tokens.limited("/signed/a.txt", 1, now=start + 31))


@pytest.mark.parametrize("damage, why", [
    ("cut", "was cut short"), ("other layout", "is not as this version"), ("one page", "was cut short")])
def test_a_damaged_store_begins_anew(serve_once, damage, why):
    web = serve_once(CONFIG, docroot=DOCROOT)
    web.stop()
    path = os.path.join(web.state, "uses")
    with open(path, "rb") as store:
        whole = store.read()
    broken = {"cut": whole[:5000], "one page": whole[:100],
              "other layout": whole[:16] + b"\xff" + whole[17:]}[damage]
    with open(path, "wb") as store:
        store.write(broken)
    web.start()
    web.log.claim("AVC0122: AvcStore .*/uses " + why)
    web.refused(tokens.limited("/signed/a.txt", 5), "used-up")
    web.refused(tokens.limited("/signed/a.txt", 5, issued=-60), "used-up")


def test_a_full_store_refuses_and_forgets_nobody(serve_once):
    web = serve_once(CONFIG + "AvcStore file:uses:1024\n", docroot=DOCROOT)
    call = "/chat/writeuserslist.php"
    counted = []
    for _ in range(1024):
        link = tokens.limited(call, 1, purpose="call")
        answer = web.ask(link)
        if answer.status != 200:
            break
        counted.append(link)
    assert (answer.status, len(counted) > 500) == (503, True)
    assert int(answer.get("Retry-After")) > 0
    web.log.claim("AVC0107: .* is full: give it more entries")
    web.log.claim("AVC0019: store: ")
    for link in counted[:3] + counted[-3:]:
        web.refused(link, "used-up")
