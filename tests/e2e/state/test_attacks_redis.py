# SPDX-License-Identifier: Apache-2.0
# A Redis that is in the way: answers that are none, answers that come twice or late, outages at
# the worst moment, and what must not be said in a log.
import contextlib
import os
import secrets
import socket
import socketserver
import threading
import time

import pytest

from avc import settings, tokens
from avc.redis import LOST, Redis, next_second, wait

pytestmark = pytest.mark.redis

CONFIG = """
AvcStore @store@
AvcKeyFile "@keys@"
ProxyPass "/signed/slow" "http://127.0.0.1:@back@/slow"
<Location "/signed">
    AvcSignedURL On
</Location>
<Location "/verify">
    SetHandler avcsec-token-verify
    AvcMediaServer 127.0.0.1
</Location>
"""
SIGNED = "/signed/a.txt"
DOCROOT = {"signed/a.txt": "content"}
OTHERS = ["127.0.0.%d" % n for n in range(5, 15)]


@pytest.fixture
def alone(serve_once):
    def start(store, more="", begin=True, back=1, **names):
        return serve_once(CONFIG + more, docroot=DOCROOT, begin=begin, store=store, back=back, **names)
    return start


class Pretender(socketserver.ThreadingTCPServer):
    """What looks like a Redis until the script is asked: then answer(words) says what comes, in
    pieces; None closes the connection."""
    daemon_threads = allow_reuse_address = True

    def __init__(self, answer):
        super().__init__(("127.0.0.1", 0), Talk)
        self.answer, self.asked = answer, []
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self):
        return "redis://127.0.0.1:%d" % self.server_address[1]

    def __exit__(self, *how):
        self.shutdown()
        self.server_close()


def bulk(text):
    return b"$%d\r\n%s\r\n" % (len(text), text)


class Talk(socketserver.StreamRequestHandler):
    def words(self):
        head = self.rfile.readline()
        return [self.rfile.read(int(self.rfile.readline()[1:]) + 2)[:-2] for _ in range(int(head[1:] or 0))]

    def handle(self):
        with contextlib.suppress(OSError):
            while True:
                words = self.words()
                if not words:
                    return
                self.server.asked.append(words)
                answer = {b"INFO": bulk(b"# It\r\nrun_id:abc\r\nmaxmemory_policy:noeviction\r\n"),
                          b"SCRIPT": bulk(b"digest")}.get(words[0]) or self.server.answer(words)
                for piece in [answer] if isinstance(answer, bytes) else answer or ():
                    self.wfile.write(piece)
                if answer is None:
                    return


def one_round(web, **how):
    begun = time.time()
    status = web.ask(tokens.limited(SIGNED), **how).status
    return status, time.time() - begun


# -- answers that are none

NO_ANSWERS = [
    b"*1\r\n+ok\r\n", b"*1000000000\r\n", b"*-1\r\n", b":1\r\n", b"$-1\r\n", b"+OK\r\n", b"+ok \r\n",
    b"$3\r\nok\0\r\n", b"_\r\n", b">1\r\n+ok\r\n", b"|1\r\n+a\r\n+b\r\n+ok\r\n", b"=6\r\ntxt:ok\r\n", b"ok\r\n",
    b"-NOSCRIPT no\r\n", b"-READONLY You can't write against a read only replica.\r\n",
    b"-LOADING it\r\n", b"*9\r\n" * 12 + b"+ok\r\n", b"$99999999999999999999\r\n", b"x" * 70000,
    b"+" + b"o" * 70000 + b"\r\n"]


def test_what_is_no_answer_lets_nobody_in_and_takes_no_time(alone):
    with Pretender(lambda words: pretender.reply) as pretender:
        pretender.reply = b"+used-up\r\n"
        web = alone(pretender.url)
        for pretender.reply in NO_ANSWERS:
            asked = len(pretender.asked)
            while len(pretender.asked) == asked:
                status, took = one_round(web)
                assert status == 503 and took < settings.PATIENCE, pretender.reply[:40]
        web.log.disregard(LOST)


@pytest.mark.parametrize("answer", [b"+\r\n", b"$0\r\n\r\n", b"-\r\n"])
def test_an_empty_answer_is_said_in_the_log(alone, answer):
    with Pretender(lambda words: answer) as pretender:
        web = alone(pretender.url)
        web.log.claim("AVC0110: .*it answered something else; ")


def test_what_comes_beyond_an_answer_answers_no_later_question(alone):
    def answer(words):
        return b"+ok\r\n+ok\r\n" if len(pretender.asked) < 9 else b"+used-up\r\n"
    with Pretender(answer) as pretender:
        web = alone(pretender.url)
        link = tokens.limited(SIGNED)
        assert 200 not in [web.ask(link, source=source).status for source in OTHERS[:6]]
        web.log.disregard(LOST + r"|AVC\d{4}: used-up: ")


def test_an_answer_that_drips_is_none(alone):
    def answer(words):
        for byte in b"$2\r\nok\r\n":
            time.sleep(0.1)
            yield bytes([byte])
    with Pretender(answer) as pretender:
        web = alone(pretender.url)
        for _ in range(4):
            status, took = one_round(web)
            assert status == 503 and took < settings.PATIENCE
        web.log.disregard(LOST)


def descriptors(web):
    """How many files the server's children have open."""
    count = 0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open("/proc/%s/stat" % pid) as stat:
            if int(stat.read().rsplit(")", 1)[1].split()[1]) == web.process.pid:
                count += len(os.listdir("/proc/%s/fd" % pid))
    return count


def test_connections_that_end_leave_nothing_open(alone):
    """It answers each question well, and hangs up."""
    def answer(words):
        yield b"+ok\r\n"
        raise OSError

    with Pretender(answer) as pretender:
        web = alone(pretender.url)

        def until(count):
            while len(pretender.asked) < count:
                web.ask(tokens.limited(SIGNED))
                time.sleep(0.003)
        until(80)
        before = descriptors(web)
        until(880)
        assert descriptors(web) <= before + 10
        web.log.disregard(LOST)


# -- secrets

PASSWORD = "correct-horse-battery"


def test_a_redis_that_repeats_what_it_was_told_gets_no_password_into_a_log(alone):
    """As one does where AUTH was renamed: "unknown command 'AUTH', with args beginning with: …"."""
    with Redis('rename-command AUTH ""') as redis:
        web = alone("redis://:conf/redis-password@127.0.0.1:%d" % redis.port, begin=False)
        path = os.path.join(web.root, "conf", "redis-password")
        with open(path, "w") as out:
            out.write(PASSWORD + "\n")
        os.chmod(path, 0o600)
        settings.give(path)
        web.start()
        assert web.ask(tokens.limited(SIGNED)).status == 503
        web.log.claim("AVC0110: ")
        web.log.disregard(LOST)
        assert PASSWORD not in web.error_log()


# -- what was never counted

class Held(socketserver.ThreadingTCPServer):
    """Answers with `status`, when it may end."""
    daemon_threads = allow_reuse_address = True

    def __init__(self):
        self.status, self.came, self.may_end = 200, threading.Event(), threading.Event()
        super().__init__(("127.0.0.1", 0), Holding)
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def __exit__(self, *how):
        self.may_end.set()
        self.shutdown()
        self.server_close()


class Holding(socketserver.StreamRequestHandler):
    def handle(self):
        status = self.server.status
        self.server.came.set()
        assert self.server.may_end.wait(20)
        self.wfile.write(b"HTTP/1.0 %d So\r\nContent-Length: 0\r\n\r\n" % status)


def test_what_passed_uncounted_gives_no_use_back(alone):
    with Redis() as redis, Held() as held:
        web = alone(redis.url, "AvcStoreFailure allow\n", back=held.server_address[1])
        next_second()
        link = tokens.limited("/signed/slow")
        held.may_end.set()
        web.allowed(link, source=OTHERS[0])
        held.may_end.clear()
        held.came.clear()
        held.status = 404
        redis.freeze()
        assert web.ask(tokens.limited(SIGNED)).status == 200, "nobody is asked for a moment from here on"
        thread = threading.Thread(target=web.ask, args=(link,), kwargs={"source": OTHERS[0]})
        thread.start()
        assert held.came.wait(10)
        redis.thaw()
        wait(lambda: web.ask(tokens.limited(SIGNED)).status == 200 and "AVC0111" in web.error_log())
        held.may_end.set()
        thread.join()
        web.log.disregard(LOST)
        web.refused(link, "used-up", source=OTHERS[1])


@pytest.mark.smoke
def test_a_redis_that_cannot_write_still_tells_what_it_knows(alone):
    """A replica; what it knows is asked for even right behind what it refused."""
    with Redis() as redis:
        web = alone(redis.url, "AvcStoreFailure allow\n")
        next_second()
        used, taken, free = tokens.limited(SIGNED), tokens.signed("/signed/a.txt", kid="k2"), tokens.limited(SIGNED)
        web.allowed(used, source=OTHERS[0])
        redis.run("SET", "avcsec:revoked:kid:k2", "0", "EX", "100")
        redis.run("REPLICAOF", "127.0.0.1", "1")
        for _ in range(5):
            assert web.ask(free, source=OTHERS[1]).status == 200
            assert web.ask(used, source=OTHERS[1]).status == 403
            assert web.ask(taken).status == 403
        web.log.disregard(LOST + r"|AVC\d{4}: (used-up|revoked): ")


@pytest.mark.parametrize("limit", [{}, {"max": 3}])
def test_both_lists_of_what_was_taken_back_hold(alone, limit):
    """The file's while Redis is away, too, whatever AvcStoreFailure says."""
    def link(kid, **claims):
        return tokens.signed("/signed/a.txt", kid=kid, id=secrets.token_hex(12), **limit, **claims)
    with Redis() as redis:
        web = alone(redis.url, "AvcStoreFailure allow\nAvcRevocations conf/revoked\n", begin=False)
        path = os.path.join(web.root, "conf", "revoked")
        with open(path, "w") as out:
            out.write("kid k2 until=2099-01-01T00:00:00Z\n")
        os.chmod(path, 0o600)
        settings.give(path)
        web.start()
        next_second()
        there = link("k1", sub="bm9ib2R5")
        redis.run("SET", "avcsec:revoked:sub:bm9ib2R5", "0", "EX", "100")
        web.refused(link("k2"), "revoked")
        web.refused(there, "revoked")
        web.allowed(link("k1"))
        redis.kill()
        assert web.ask(link("k1")).status == 200
        web.log.claim("AVC0110: .*uncounted")
        web.refused(link("k2"), "revoked")


# -- a Redis that goes while TLS speaks

def test_a_redis_that_hangs_up_during_tls_ends_no_start(alone):
    """httpd does not ignore SIGPIPE before its children run."""
    def hang_up(listener):
        with contextlib.suppress(OSError):
            while True:
                connection = listener.accept()[0]
                connection.recv(16)
                connection.sendall(b"\x16\x03\x03\x00\x05never")
                connection.shutdown(socket.SHUT_WR)
                connection.close()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=hang_up, args=(listener,), daemon=True).start()
        for _ in range(5):
            web = alone("rediss://127.0.0.1:%d" % listener.getsockname()[1])
            assert web.ask(tokens.limited(SIGNED)).status == 503
            web.log.disregard(LOST)
            web.stop()
        listener.shutdown(socket.SHUT_RDWR)
