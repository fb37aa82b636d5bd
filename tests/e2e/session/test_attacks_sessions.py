# SPDX-License-Identifier: Apache-2.0
# Counting, issuing and taking back, from an attacker's side: each test is what once gave more uses
# than a token has, a token that nobody should get, or the one back that was taken away.
import os
import secrets
import shutil
import signal
import time

import pytest

from avc import backend as behind
from avc import client, tokens
from avc.httpd import USUAL, port_is_free

OTHERS = ["127.0.0.%d" % n for n in range(5, 10)]
SIGNED = """
AvcKeyFile "@keys@"
<Location "/signed">
    AvcSignedURL On
</Location>
"""
DOCROOT = {"signed/a.txt": "content"}


def limited(path, uses, **claims):
    return tokens.signed(path, id=secrets.token_hex(12), max=uses, **claims)


@pytest.fixture
def backend():
    server = behind.Backend()
    yield server
    server.close()


# ---- More uses than a token has ----------------------------------------------------------------

def test_an_upload_that_was_taken_stays_counted(serve_once, backend):
    """A Range that httpd does not find in the script's answer made it 416, and the upload free."""
    web = serve_once('AvcKeyFile "@keys@"\nProxyPass "/up/" "http://127.0.0.1:@back@/"\n'
                     '<Location "/up">\nRequire avc-token upload\n</Location>\n', back=backend.port)
    for _ in range(4):
        link = limited("/up/a", 1, purpose="upload")
        for _ in range(3):
            web.ask(link, "POST", [("Range", "bytes=99999-")], b"body")
        web.refused(link, "used-up", "POST", body=b"body", lines=3)
    assert len(backend.seen) == 4


def test_an_upload_that_was_refused_is_given_back(serve_once, backend):
    web = serve_once('AvcKeyFile "@keys@"\nProxyPass "/up/" "http://127.0.0.1:@back@/"\n'
                     '<Location "/up">\nRequire avc-token upload\n</Location>\n', back=backend.port)
    link = limited("/up/a", 1, purpose="upload")
    backend.answers["/a"] = (415, [], b"not that")
    assert web.ask(link, "POST", body=b"body").status == 415
    backend.answers["/a"] = (201, [], b"taken")
    web.allowed(link, "POST", body=b"body", status=201)
    web.refused(link, "used-up", "POST", body=b"body")


def test_a_request_takes_back_no_use_but_its_own(serve_once):
    """A client parked requests in one use, and failed each after its next use had begun."""
    start = int(time.time())
    web = serve_once(SIGNED + "AvcUseGrace 60\n", docroot=DOCROOT, clock=start)
    link = limited("/signed/a.txt", 2, expires=86400, now=start)
    web.allowed(link)
    with client.connect(web.port) as parked:
        parked.sendall(client.compose(link, headers=[("Transfer-Encoding", "chunked"),
                                                     ("Expect", "100-continue")]))
        assert parked.recv(100).startswith(b"HTTP/1.1 100 ")  # it has been counted
        web.set_clock(start + 100)
        web.allowed(link)
        parked.sendall(b"no chunk\r\n")
        assert client.parse(client.read_all(parked)).status in (400, 408)
    web.refused(link, "used-up", source=OTHERS[0])
    web.allowed(link)


def test_one_request_is_one_use_whatever_asks_for_it(serve_once, fpm):
    """Sections that differ in AvcOrigins each spent one, and the second refused the request."""
    web = serve_once('AvcKeyFile "@keys@"\nDirectoryIndex index.php\n<Location "/api">\n'
                     'AvcSessionFor connect\n</Location>\n<Files "index.php">\nAvcOrigins '
                     'https://other.example\n</Files>\n<FilesMatch "\\.php$">\n'
                     'SetHandler "proxy:unix:@socket@|fcgi://localhost"\n</FilesMatch>\n',
                     docroot={"api/index.php": "<?php echo 'called';"}, **fpm.names())
    token = tokens.token("/", purpose="session", id=secrets.token_hex(12), max=1)
    bearer = [("Authorization", "Bearer " + token)]
    web.allowed("/api/", "POST", bearer, b"body", shows="called")
    web.refused("/api/", "used-up", "POST", bearer, b"body")


def test_a_full_disk_ends_no_child(serve_once):
    """The store had holes: who filled the disk killed whatever counted a use in one of them."""
    web = serve_once(SIGNED, docroot=DOCROOT, entries=None)
    store = os.stat(os.path.join(web.state, "uses"))
    assert store.st_blocks * 512 >= store.st_size > 262144 * 16


# ---- What a roll-out only logs -----------------------------------------------------------------

def test_a_use_too_many_passes_while_it_is_only_logged(serve_once):
    """AvcEnforce Log refused those who had used their token up."""
    web = serve_once('AvcKeyFile "@keys@"\n<Location "/signed">\nAvcSignedURL On\nAvcEnforce Log\n'
                     '</Location>\n', docroot=DOCROOT)
    link = limited("/signed/a.txt", 1)
    web.allowed(link, source=OTHERS[0])
    assert web.ask(link, source=OTHERS[1]).text == "content"
    web.log.claim(r"AVC\d{4}: used-up: .* would be refused")


# ---- A store that does not know what was counted -----------------------------------------------

def crash_and_start(web):
    os.killpg(web.process.pid, signal.SIGKILL)
    web.process.wait()
    while not port_is_free(web.port):
        time.sleep(0.02)
    web.start()
    web.log.disregard("AH00098")
    web.log.claim("AVC0122: AvcStore .*/uses was left by a server that did not come to its end")


def test_a_crash_gives_no_use_back_in_its_own_second_or_dated_ahead(serve_once):
    """Used, crashed, started anew, all in one second: the token was as old as the store. One that a
    page with a fast clock had dated ahead was younger."""
    start = int(time.time())
    web = serve_once(SIGNED, docroot=DOCROOT, clock=start)
    links = [limited("/signed/a.txt", 1, now=start + ahead) for ahead in (0, 1, 25, 30)]
    for link in links:
        web.allowed(link, source=OTHERS[0])
    crash_and_start(web)
    for ahead in (0, 31):
        web.set_clock(start + ahead)
        for link in links:
            web.refused(link, "used-up", source=OTHERS[1])
    web.allowed(limited("/signed/a.txt", 1, now=start + 31))


@pytest.mark.parametrize("how", ["written over", "put in its place"])
def test_a_copy_of_the_store_is_not_believed(serve_once, how):
    """Whoever put yesterday's file back gave every use since then back."""
    web = serve_once(SIGNED, docroot=DOCROOT)
    path = os.path.join(web.state, "uses")
    web.stop()
    shutil.copy2(path, path + ".copy")
    shutil.chown(path + ".copy", os.stat(path).st_uid)
    copied = time.time()
    web.start()
    link = limited("/signed/a.txt", 1)
    web.allowed(link, source=OTHERS[0])
    web.stop()
    while time.time() < copied + 2.1:
        time.sleep(0.05)
    if how == "written over":
        shutil.copy2(path + ".copy", path)
    else:
        os.rename(path + ".copy", path)
    web.start()
    web.log.claim("AVC0122: AvcStore .*/uses is a copy")
    web.refused(link, "used-up", source=OTHERS[1])


def test_a_store_that_others_may_write_is_not_believed(serve_once):
    web = serve_once(SIGNED, docroot=DOCROOT)
    link = limited("/signed/a.txt", 5)
    web.allowed(link)
    web.stop()
    os.chmod(os.path.join(web.state, "uses"), 0o666)
    web.start()
    web.log.claim("AVC0122: AvcStore .*/uses .* could be written by others")
    web.refused(link, "used-up")
    assert os.stat(os.path.join(web.state, "uses")).st_mode & 0o777 == 0o600


def test_another_file_knows_nothing_of_what_this_one_counted(serve_once):
    """A graceful restart with another AvcStore believed what that file said of an earlier time."""
    web = serve_once(SIGNED, docroot=DOCROOT, outside="AvcStore file:@store@", store="two")
    web.stop()
    web.names["store"] = "one"
    web.write_config()
    web.start()
    link = limited("/signed/a.txt", 1)
    web.allowed(link, source=OTHERS[0])
    web.names["store"] = "two"
    web.write_config()
    web.graceful()
    web.log.claim("AVC0122: AvcStore .*/two was not in use while this server counted elsewhere")
    web.refused(link, "used-up", source=OTHERS[1])


# ---- Protections that hold nothing -------------------------------------------------------------

@pytest.mark.parametrize("config, said", [
    ('AvcKeyFile "@keys@"\n<Location "/page">\nAvcSessionFor connect\n</Location>\n'
     'CacheEnable disk "/"\nCacheRoot "@root@/run"\n', "CacheQuickHandler"),
    ('<Location "/page">\nAvcSessionFor connect\n</Location>\n', "no AvcKeyFile")])
def test_what_asks_for_a_session_is_a_protection_as_the_others(serve_once, config, said):
    """A page that was cached before came from the cache to those who have no session."""
    web = serve_once(config, modules=USUAL + ["cache", "cache_disk"], begin=False)
    status, printed = web.configtest()
    assert status != 0 and said in printed, printed
