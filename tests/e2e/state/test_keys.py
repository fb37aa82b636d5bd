# SPDX-License-Identifier: Apache-2.0
# Key files while the server runs: rotation without a reload and without a failed request,
# and a server that survives whatever key file it is given.
import os
import re
import signal
import subprocess
import threading
import time

import pytest

from avc import httpd, settings, tokens
from avc.httpd import Httpd
from avc.processes import children, descriptors
from avc.tokens import signed

CONFIG = """
AvcKeyFile "@keys@"
<Location "/files">
    AvcFiles "@private@"
</Location>
"""
OLD, NEW = "k1 hs256 %s\n" % tokens.SECRETS["k1"], "k2 hs256 %s\n" % tokens.SECRETS["k2"]
BAD = OLD + "k9 hs256 too-short\n"


def opens(server, kid):
    return server.ask(signed("/files/a.txt", kid=kid)).status


class Visitors:
    """Keeps asking with one key, from several threads, and remembers every answer but 200."""

    def __init__(self, server, kid):
        self.server, self.kid = server, kid
        self.failures, self.asked, self.done = [], 0, False
        self.threads = [threading.Thread(target=self.run) for _ in range(2)]
        for thread in self.threads:
            thread.start()

    def run(self):
        while not self.done:
            try:
                status = opens(self.server, self.kid)
            except OSError as failed:
                status = failed
            self.asked += 1
            if status != 200:
                self.failures.append(status)
            time.sleep(0.01)

    def stop(self):
        self.done = True
        for thread in self.threads:
            thread.join()
        assert self.asked > 20 and not self.failures, (self.asked, self.failures[:5])


def rotating_servers():
    """One server for each MPM, and one that root started where the tests run as root."""
    servers = [Httpd(CONFIG, keys=OLD, private={"a.txt": "private"}, mpm=mpm, processes=2)
               for mpm in ("event", "worker", "prefork")]
    if settings.AS_ROOT:
        servers.append(Httpd(CONFIG, keys=OLD, private={"a.txt": "private"}, processes=2,
                             started_by="root"))
    return servers


@pytest.fixture
def rotating():
    servers = rotating_servers()
    for server in servers:
        server.start()
    yield servers
    httpd.stop_all(servers)


# SPEC [keys-7]
def test_rotation_by_changing_the_file_while_requests_run(rotating):
    """Add the next key, spoil the file, drop the old key: never a reload, never a failure."""
    visitors = [Visitors(server, "k1") for server in rotating]
    for server in rotating:
        server.write_keys(OLD + NEW)
    for server in rotating:
        server.looked()
        assert opens(server, "k2") == 200
        server.log.disregard(r"AVC\d{4}: unknown-key: ")
        server.log.disregard("AVC0104: ")
        server.write_keys(BAD)
    for server in rotating:
        server.looked(times=2)
        lines = server.log.claim("AVC0103: .*avcsec.keys")
        assert "line 2" in lines[0] or "avcsec.keys:2" in lines[0], lines
    for server in rotating:
        assert opens(server, "k1") == opens(server, "k2") == 200
        server.log.assert_quiet()                         # reported once, not with every look
    for visitor in visitors:
        visitor.stop()
    visitors = [Visitors(server, "k2") for server in rotating]
    for server in rotating:
        server.write_keys(NEW)
    for server in rotating:
        server.looked()
        assert opens(server, "k1") == 403
    for visitor in visitors:
        visitor.stop()
    for server in rotating:
        server.log.claim(r"AVC\d{4}: unknown-key: ", count=None)
        server.log.disregard("AVC0104: ")


@pytest.fixture
def running(serve_once):
    return serve_once(CONFIG, keys=OLD, private={"a.txt": "private"})


# SPEC [keys-13]
@pytest.mark.parametrize("how", ["graceful", "restart"])
@pytest.mark.parametrize("spoil", ["bad line", "missing", "readable by all", "a directory", "empty"])
def test_a_restart_with_a_bad_key_file_keeps_the_old_keys(running, how, spoil):
    before = running.generations()
    with running.unwatched():
        if spoil == "bad line":
            running.write_keys(BAD)
        elif spoil == "readable by all":
            running.write_keys(OLD + NEW, mode=0o644)
        elif spoil == "empty":
            running.write_keys("")
        else:
            os.unlink(running.keys)
            if spoil == "a directory":
                os.mkdir(running.keys)
        running.signal(signal.SIGUSR1 if how == "graceful" else signal.SIGHUP)
    assert running.is_running()
    running.log.claim("AVC0103: .*avcsec.keys")             # once, and nothing else of it
    running.allowed(signed("/files/a.txt"), shows="private")
    assert opens(running, "k2") == 403
    running.log.claim(r"AVC\d{4}: unknown-key: ")
    with running.unwatched():
        if spoil == "a directory":
            os.rmdir(running.keys)
        running.write_keys(OLD + NEW)
        running.graceful()
    running.log.disregard("AVC0104: ")
    running.allowed(signed("/files/a.txt", kid="k2"), shows="private")
    assert running.generations() == before + 2


@pytest.mark.parametrize("verb", ["graceful", "restart", "stop", "graceful-stop"])
def test_the_admins_commands_work_with_a_bad_key_file(running, verb):
    """httpd -k VERB checks the configuration before it signals: a bad key file must not stop it."""
    before = running.generations()
    with running.unwatched():
        running.write_keys(BAD)
        status, printed = running.control(verb)
    assert status == 0, printed
    if verb in ("graceful", "restart"):
        running.wait_generation(before + 1)
        running.log.claim("AVC0103: .*avcsec.keys")
        running.allowed(signed("/files/a.txt"), shows="private")
    else:
        running.wait_stopped()
    # What the command itself prints is the admin's, the server's log is the server's.
    running.log.disregard("AH00492|AH00491")


def test_a_reload_reads_a_new_file_at_once(running):
    with running.unwatched():
        running.write_keys(OLD + NEW)
        running.graceful()
    running.allowed(signed("/files/a.txt", kid="k2"), shows="private")
    with running.unwatched():
        running.write_keys(NEW)
        running.graceful()
    running.refused(signed("/files/a.txt"), "unknown-key")


def test_requests_go_on_through_reloads_with_changing_keys(running):
    visitor = Visitors(running, "k1")
    for keys in (OLD + NEW, BAD, OLD, NEW + OLD):
        running.write_keys(keys)
        running.graceful()
        time.sleep(0.3)
    visitor.stop()
    running.log.disregard("AVC010[34]: ")


# SPEC [keys-5]
def test_a_key_ends_to_the_second(serve_once):
    end = 1893456000                                               # 2030-01-01T00:00:00Z
    keys = "k1 hs256 %s until=2030-01-01T00:00:00Z\nk2 hs256 %s from=2031-01-01T00:00:00Z\n" % (
        tokens.SECRETS["k1"], tokens.SECRETS["k2"])
    server = serve_once(CONFIG, keys=keys, clock=end - 1, private={"a.txt": "private"})
    server.allowed(signed("/files/a.txt", now=end - 1), shows="private")
    # From is about signing: what another signer made already verifies.
    server.allowed(signed("/files/a.txt", kid="k2", now=end - 1), shows="private")
    server.set_clock(end)
    server.refused(signed("/files/a.txt", now=end - 1), "unknown-key")
    server.allowed(signed("/files/a.txt", kid="k2", now=end - 1), shows="private")


def test_virtual_hosts_with_key_files_of_their_own(serve_once):
    config = """
    <VirtualHost 127.0.0.1:@port@>
        ServerName one.example
        AvcKeyFile "@root@/conf/one.keys"
        <Location "/files">
            AvcFiles "@private@"
        </Location>
    </VirtualHost>
    <VirtualHost 127.0.0.1:@port@>
        ServerName two.example
        AvcKeyFile "@root@/conf/two.keys"
        <Location "/files">
            AvcFiles "@private@"
        </Location>
    </VirtualHost>
    """
    server = serve_once(config, keys=None, private={"a.txt": "private"}, begin=False)
    for name, content in (("one", OLD), ("two", NEW)):
        path = os.path.join(server.root, "conf", name + ".keys")
        with open(path, "w") as out:
            os.fchmod(out.fileno(), 0o600)
            out.write(content)
        settings.give(path)
    server.start()
    server.allowed(signed("/files/a.txt", kid="k1"), host="one.example", shows="private")
    server.allowed(signed("/files/a.txt", kid="k2"), host="two.example", shows="private")
    server.refused(signed("/files/a.txt", kid="k2"), "unknown-key", host="one.example")
    server.refused(signed("/files/a.txt", kid="k1"), "unknown-key", host="two.example")


def test_a_key_file_that_a_reload_adds_and_nobody_can_read(serve_once):
    """No older keys to keep: everything signed is refused, the rest of the server lives."""
    server = serve_once('<Location "/files">\nRequire all denied\n</Location>', keys=None,
                        private={"a.txt": "private"}, docroot={"open.txt": "open"})
    server.write_config(CONFIG)
    server.graceful()
    server.log.claim("AVC0105: .*avcsec.keys")
    server.allowed("/open.txt", shows="open")
    assert server.ask(signed("/files/a.txt")).status == 403
    server.log.claim(r"AVC\d{4}: unknown-key: ")
    server.write_keys(OLD)
    server.looked()
    assert opens(server, "k1") == 200
    server.log.disregard("AVC0104: ")


def test_a_secret_that_a_container_system_swaps_under_a_link(serve_once):
    """Mounted secrets are replaced by turning a link; that is a change too."""
    server = serve_once(CONFIG.replace('"@keys@"', '"@root@/conf/mounted.keys" mounted'), keys=None,
                        private={"a.txt": "private"}, begin=False)
    conf = os.path.join(server.root, "conf")
    for version, content in (("..1", OLD), ("..2", OLD + NEW)):
        os.mkdir(os.path.join(conf, version))
        with open(os.path.join(conf, version, "mounted.keys"), "w") as out:
            os.fchmod(out.fileno(), 0o640)
            out.write(content)
    os.symlink("..1", os.path.join(conf, "..data"))
    os.symlink("..data/mounted.keys", os.path.join(conf, "mounted.keys"))
    settings.give(conf)
    server.start()
    server.allowed(signed("/files/a.txt"), shows="private")
    os.symlink("..2", os.path.join(conf, "..fresh"))
    os.rename(os.path.join(conf, "..fresh"), os.path.join(conf, "..data"))
    server.looked()
    assert opens(server, "k2") == 200
    server.log.disregard("AVC0104: ")


@pytest.mark.root
def test_nothing_of_roots_key_file_is_readable_by_the_childrens_user(serve_once):
    server = serve_once(CONFIG, keys=OLD, started_by="root", private={"a.txt": "private"})
    server.allowed(signed("/files/a.txt"), shows="private")
    assert os.stat(server.keys).st_uid == 0
    kept = settings.as_user(["cat", server.keys])
    assert subprocess.run(kept, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL).returncode != 0
    workers = children(server)
    assert workers
    for pid in workers:
        assert os.stat("/proc/%d" % pid).st_uid != 0 or settings.WRAP
        # Nor what keys are published in, nor what uses are kept in.
        assert not [link for link in descriptors(pid).values()
                    if re.search(r"avcsec\.|memfd:", os.path.basename(link) + link)], descriptors(pid)
        with open("/proc/%d/environ" % pid, "rb") as environment:
            assert tokens.SECRETS["k1"].encode() not in environment.read()
    secret = tokens.SECRETS["k1"].encode()
    for folder, _, names in os.walk(server.root):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.isfile(path) and path != server.keys:
                with open(path, "rb") as file:
                    assert secret not in file.read(), path
