# SPDX-License-Identifier: Apache-2.0
# Uses counted in a Redis that machines share: one count for all, whatever becomes of Redis.
# What nobody can know is 503, and what is lost is used up.
import os
import re
import secrets
import socket
import subprocess
import threading
import time

import pytest

from avc import httpd, settings, tokens
from avc.httpd import Httpd
from avc.redis import LOST, Redis, next_second, wait

pytestmark = pytest.mark.redis

CONFIG = """
AvcStore @store@
AvcKeyFile "@keys@"
MaxKeepAliveRequests 0
<Location "/signed">
    AvcSignedURL On
</Location>
<Location "/files">
    AvcFiles "@private@"
</Location>
<Location "/verify">
    SetHandler avcsec-token-verify
    AvcMediaServer 127.0.0.1
</Location>
"""
SIGNED = "/signed/a.txt"
DOCROOT = {"signed/a.txt": "content"}
OTHERS = ["127.0.0.%d" % n for n in range(5, 15)]


def session():
    return tokens.token(purpose="session", id=secrets.token_hex(12), max=1)


@pytest.fixture(scope="module")
def redis():
    with Redis() as server:
        yield server


@pytest.fixture(scope="module")
def pair(serve, redis):
    """Two machines, as far as they can tell."""
    both = [serve(CONFIG, docroot=DOCROOT, private={"a.txt": "private"}, store=redis.url + "/3")
            for _ in range(2)]
    next_second()
    return both


@pytest.fixture
def alone(serve_once):
    """alone(redis, …): one server, that has no part in others' tests; lets=False: nothing will be
    let in."""
    def start(server, more="", begin=True, lets=True, **names):
        web = serve_once(CONFIG + more, docroot=DOCROOT, begin=begin, **dict({"store": server.url}, **names))
        if begin and lets:
            next_second()
        return web
    return start


# -- what is counted

@pytest.mark.smoke
@pytest.mark.parametrize("path, body", [("/signed/a.txt", "content"), ("/files/a.txt", "private")])
def test_a_use_belongs_to_its_client_on_all_machines(pair, path, body):
    here, there = pair
    link = tokens.limited(path, 2)
    here.allowed(link, shows=body, source=OTHERS[0])
    there.allowed(link, shows=body, source=OTHERS[0])
    there.allowed(link, shows=body, source=OTHERS[1])
    here.refused(link, "used-up", source=OTHERS[2])
    here.allowed(link, shows=body, source=OTHERS[1])


def test_what_begins_no_use_and_what_gives_it_back(pair):
    here, there = pair
    link = tokens.limited(SIGNED)
    here.ask(link, "HEAD", source=OTHERS[0])
    answer = there.ask(link, headers=[("Sec-Purpose", "prefetch")], source=OTHERS[1])
    assert answer.status == 503 and answer.get("Retry-After"), answer
    here.allowed(link, source=OTHERS[4])
    assert there.ask(link, headers=[("Sec-Purpose", "prefetch")], source=OTHERS[4]).status == 200
    there.refused(link, "used-up", source=OTHERS[1])
    missing = tokens.limited("/signed/none.txt")
    for source in OTHERS[:3]:
        assert here.ask(missing, source=source).status == 404
    here.log.disregard("AH00128")


def test_what_was_spent_stays_spent_over_restarts(pair):
    here, there = pair
    link = tokens.limited(SIGNED)
    here.allowed(link, source=OTHERS[0])
    here.graceful()
    here.refused(link, "used-up", source=OTHERS[1])
    here.stop()
    here.start()
    here.refused(link, "used-up", source=OTHERS[1])
    there.allowed(link, source=OTHERS[0])


def test_everything_in_redis_but_the_birth_ends_by_itself(pair, redis):
    pair[0].allowed(tokens.limited(SIGNED, expires=100))
    keys = redis.run("-n", "3", "KEYS", "*").split()
    assert "avcsec:born:2" in keys and len(keys) >= 3
    for key in keys:
        left = int(redis.run("-n", "3", "TTL", key))
        assert (left == -1) == (key == "avcsec:born:2"), (key, left)
    assert redis.run("DBSIZE") == "0", "the database is the one that the address names"


def test_a_script_that_redis_forgot_is_sent_again(pair, redis):
    link = tokens.limited(SIGNED)
    pair[0].allowed(link, source=OTHERS[0])
    redis.run("SCRIPT", "FLUSH")
    pair[0].refused(link, "used-up", source=OTHERS[1])
    pair[1].allowed(tokens.limited(SIGNED))


# -- racing

CLAIMS = 60000 if not settings.PRELOAD else 6000
WINDOW = 100


def claim_some(connection, batch, into):
    """Appends True or False for each request that is answered; False if the server then closes."""
    connection.sendall(b"".join(batch))
    data, got, more = b"", [], b"..."
    while more and len(got) < len(batch):
        more = connection.recv(65536)
        data += more
        got = re.findall(rb"\r\n\r\n(true|false)", data)
    into.extend(answer == b"true" for answer in got)
    return b"Connection: close" not in data


def claim(port, requests, into):
    """A server may close between two answers; what is behind was not looked at then."""
    while len(into) < len(requests):
        with socket.create_connection(("127.0.0.1", port)) as connection:
            while len(into) < len(requests):
                if not claim_some(connection, requests[len(into):len(into) + WINDOW], into):
                    break


# SPEC [use-10]
def test_in_60000_racing_claims_each_token_is_won_exactly_once(pair):
    requests = [("GET /verify?token=%s HTTP/1.1\r\nHost: chat.example\r\n\r\n" % session()).encode()
                for _ in range(CLAIMS // 2)]
    slices = [requests[n::4] for n in range(4)]
    runs = [(web.port, part, []) for part in slices for web in pair]
    threads = [threading.Thread(target=claim, args=run) for run in runs]
    begun = time.time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.time() - begun
    print("%d claims, by two servers, in %.1f s" % (CLAIMS, took))
    for web in pair:
        web.log.disregard(r"AVC\d{4}: used-up: ")
    for here, there in zip(runs[::2], runs[1::2]):
        assert [a + b for a, b in zip(here[2], there[2])] == [1] * len(here[1])
    assert took < 30 * settings.PATIENCE


# -- Redis is not there

class Load:
    """Asks both servers with ever new links of one use, from two addresses, until it is left."""

    def __init__(self, pair):
        self.pair, self.is_over, self.answers = pair, False, []
        self.threads = [threading.Thread(target=self.run) for _ in range(4)]

    def run(self):
        while not self.is_over:
            link = tokens.limited(SIGNED)
            for web, source in zip(self.pair, OTHERS):
                begun = time.time()
                answer = web.ask(link, source=source)
                self.answers.append((link, answer.status, answer.get("Retry-After"), time.time() - begun))

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, kind, value, trace):
        self.is_over = True
        for thread in self.threads:
            thread.join()

    def statuses(self, since=0):
        return [status for _, status, _, _ in self.answers[since:]]

    def wait(self, status, count=8):
        """Until so many more answers are of this status."""
        since = len(self.answers)
        wait(lambda: self.statuses(since).count(status) >= count)

    def won(self):
        """Links that opened something; each did so once, and nothing else went wrong."""
        assert set(self.statuses()) <= {200, 403, 503}
        assert all(retry for _, status, retry, _ in self.answers if status == 503)
        assert max(took for _, _, _, took in self.answers) < 2 * settings.PATIENCE
        won = [link for link, status, _, _ in self.answers if status == 200]
        assert len(won) == len(set(won)) and won
        return won


def trouble(redis, how):
    if how == "killed":
        redis.kill()
    else:
        redis.freeze()


def recovery(redis, how):
    if how == "killed":
        redis.start()
    else:
        redis.thaw()


# SPEC [answer-3]
@pytest.mark.parametrize("how", ["killed", "frozen"])
def test_a_redis_that_dies_or_hangs_under_load_makes_no_wrong_answer(alone, how):
    with Redis() as redis:
        pair = [alone(redis), alone(redis)]
        with Load(pair) as load:
            load.wait(200)
            trouble(redis, how)
            load.wait(503, 40)
            recovery(redis, how)
            load.wait(200)
        for web in pair:
            assert len(web.log.claim("AVC0110: ", count=None)) == 1, "said once a minute"
            wait(lambda: web.ask(tokens.limited(SIGNED), source=OTHERS[5]).status == 200)
            assert len(web.log.claim("AVC0111: ", count=None)) == 1
            web.log.disregard(r"AVC\d{4}: (store|used-up): ")
        for link in load.won()[:50]:
            pair[0].refused(link, "used-up", source=OTHERS[9])


def test_a_redis_that_comes_back_with_an_older_copy_knows_nothing_of_older_tokens(alone):
    with Redis() as redis:
        web = alone(redis)
        redis.run("SAVE")
        link, many = tokens.limited(SIGNED), tokens.limited(SIGNED, uses=5)
        web.allowed(link, source=OTHERS[0])
        redis.restart()
        assert redis.run("GET", "avcsec:born:2"), "it has its data back"
        web.refused(link, "used-up", source=OTHERS[1])
        web.refused(many, "used-up", source=OTHERS[1])
        next_second()
        web.allowed(tokens.limited(SIGNED))


def test_a_flushed_redis_knows_nothing_of_older_tokens(alone):
    with Redis() as redis:
        web = alone(redis)
        link = tokens.limited(SIGNED)
        web.allowed(link, source=OTHERS[0])
        redis.run("FLUSHALL")
        web.refused(link, "used-up", source=OTHERS[1])
        web.refused(tokens.limited(SIGNED, issued=-60), "used-up")
        next_second()
        web.allowed(tokens.limited(SIGNED))


def test_a_dead_redis_costs_no_time(alone):
    """One that drops packets is like one that hangs before it accepts."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        with socket.create_connection(deaf.getsockname()), socket.socket() as second:
            second.setblocking(False)
            second.connect_ex(deaf.getsockname())
            web = alone(Redis(), lets=False, store="redis://127.0.0.1:%d" % deaf.getsockname()[1])
            begun = time.time()
            for _ in range(50):
                assert web.ask(tokens.limited(SIGNED)).status == 503
            assert time.time() - begun < 3 * settings.PATIENCE
            assert len(web.log.claim("AVC0110: ", count=None)) == 1
            web.log.disregard(LOST)


@pytest.mark.parametrize("answer", [b"-ERR what\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"*1\r\n*1\r\n",
                                    b"$-1\r\n", b"", b"+OK\r\n" * 9, b"$9999999999\r\nx"])
def test_what_answers_is_no_redis(alone, answer):
    def serve(listener):
        while True:
            try:
                connection = listener.accept()[0]
            except OSError:
                return
            with connection:
                connection.settimeout(1)
                connection.recv(4096)
                connection.sendall(answer)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        web = alone(Redis(), lets=False, store="redis://127.0.0.1:%d" % listener.getsockname()[1])
        assert web.ask(tokens.limited(SIGNED)).status == 503
        web.log.disregard(LOST)
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_with_failure_allow_tokens_pass_uncounted_until_it_is_back(alone):
    with Redis() as redis:
        web = alone(redis, "AvcStoreFailure allow\n")
        link = tokens.limited(SIGNED)
        web.allowed(link, source=OTHERS[0])
        web.refused(link, "used-up", source=OTHERS[1])
        redis.kill()
        assert [web.ask(link, source=source).status for source in OTHERS[1:4]] == [200] * 3
        web.log.claim("AVC0110: .* tokens pass uncounted")
        redis.start()
        wait(lambda: web.ask(link, source=OTHERS[1]).status == 403)
        web.log.disregard(r"AVC\d{4}: used-up: |AVC0111: ")


def test_a_server_starts_before_its_redis(alone):
    redis = Redis()
    web = alone(redis, lets=False)
    web.log.claim("AVC0110: AvcStore redis://127.0.0.1:.*: it cannot be reached: ")
    assert web.ask(tokens.limited(SIGNED)).status == 503
    # It is asked about links without a limit too, whether they were taken back.
    assert web.ask(tokens.signed("/signed/a.txt")).status == 503
    with redis:
        wait(lambda: web.ask(tokens.limited(SIGNED)).status == 200)
        web.log.disregard(LOST + r"|AVC\d{4}: used-up: ")


def test_a_full_redis_refuses_what_it_cannot_count(alone):
    with Redis() as redis:
        web = alone(redis, "AvcStoreFailure allow\n")
        redis.run("CONFIG", "SET", "maxmemory", "1")
        answer = web.ask(tokens.limited(SIGNED))
        assert answer.status == 503 and answer.get("Retry-After"), answer
        web.log.claim("AVC0107: ")
        web.log.claim(r"AVC\d{4}: store: ")
        web.allowed(tokens.signed("/signed/a.txt"))
        redis.run("CONFIG", "SET", "maxmemory", "0")
        web.allowed(tokens.limited(SIGNED))


def test_a_redis_that_forgets_when_it_is_full_is_warned_of(alone):
    with Redis("maxmemory-policy allkeys-lru") as redis:
        web = alone(redis, lets=False)
        web.log.claim("AVC0102: AvcStore .* allkeys-lru")


# -- passwords and TLS

PASSWORD = "correct-horse-battery"


def write_password(web, text, mode=0o600):
    path = os.path.join(web.root, "conf", "redis-password")
    with open(path, "w") as out:
        out.write(text)
    os.chmod(path, mode)
    settings.give(path)
    return path


def with_password(alone, redis, user=""):
    web = alone(redis, begin=False, store="redis://%s:conf/redis-password@127.0.0.1:%d" % (user, redis.port))
    write_password(web, PASSWORD + "\n")
    return web


@pytest.mark.parametrize("user", ["", "default", "counter"])
def test_a_password_comes_from_a_file(alone, user):
    rights = "~avcsec:* -@all +info +script|load +evalsha +eval +get +mget +set +del +incr +decr +exists +ttl " \
             "+expire +time"
    with Redis("user counter on >%s %s" % (PASSWORD, rights), password=PASSWORD) as redis:
        web = with_password(alone, redis, user).start()
        next_second()
        link = tokens.limited(SIGNED)
        web.allowed(link, source=OTHERS[0])
        web.refused(link, "used-up", source=OTHERS[1])
        assert web.ask(tokens.limited("/signed/none.txt")).status == 404
        # A running server keeps the one it has.
        write_password(web, "")
        web.graceful()
        web.log.claim("AVC0123: AvcStore .*redis-password .*stays")
        web.allowed(tokens.limited(SIGNED))
        web.log.disregard("AH00128")
        assert PASSWORD not in web.error_log()


def test_a_wrong_password_is_said_and_lets_nobody_in(alone):
    with Redis(password=PASSWORD) as redis:
        web = with_password(alone, redis)
        write_password(web, "guessed-horse\n")
        web.start()
        assert web.ask(tokens.limited(SIGNED)).status == 503
        assert "WRONGPASS" in web.log.claim("AVC0110: ")[0]
        web.log.disregard(LOST)
        assert "guessed-horse" not in web.error_log()


def with_tls(alone, redis, host="localhost", ca=None, **how):
    ca = httpd.home.certificate()[1] if ca is None else ca
    return alone(redis, store="rediss://%s:%d%s" % (host, redis.port, ca and "?ca=" + ca), **how)


def test_tls_is_verified(alone):
    with Redis(tls=True) as redis:
        for host in ("localhost", "127.0.0.1"):
            web = with_tls(alone, redis, host)
            link = tokens.limited(SIGNED)
            web.allowed(link, source=OTHERS[0])
            web.refused(link, "used-up", source=OTHERS[1])
        other = os.path.join(web.root, "other.crt")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                        "-nodes", "-keyout", other + ".key", "-out", other, "-subj", "/CN=other"],
                       check=True, stderr=subprocess.DEVNULL)
        settings.give(other)
        for ca in (other, ""):
            web = with_tls(alone, redis, "localhost", ca, lets=False)
            assert "self-signed certificate" in web.log.claim("AVC0110: ")[0]
            assert web.ask(tokens.limited(SIGNED)).status == 503
            web.log.disregard(LOST)
        web = alone(redis, lets=False)
        assert web.ask(tokens.limited(SIGNED)).status == 503, "to one that speaks TLS alone"
        web.log.disregard(LOST)


def test_a_certificate_of_another_name_is_refused(alone):
    with Redis("bind 127.0.0.2 127.0.0.1", tls=True) as redis:
        web = with_tls(alone, redis, "127.0.0.2", lets=False)
        assert "mismatch" in web.log.claim("AVC0110: ")[0]
        assert web.ask(tokens.limited(SIGNED)).status == 503
        web.log.disregard(LOST)


# -- taking back

def revoke(store, *options):
    return subprocess.run(settings.as_user([settings.tool(), "revoke", "--store", store, *options]),
                          capture_output=True, text=True, check=False)


@pytest.mark.parametrize("uses", [None, 5])
def test_what_is_taken_back_is_so_at_once_everywhere(alone, uses):
    limit = {"max": uses} if uses else {}
    with Redis() as redis:
        pair = [alone(redis), alone(redis)]
        number, user = secrets.token_hex(12), tokens.text_claim("Zo\u00eb")

        def link(**claims):
            return tokens.signed("/signed/a.txt", **dict({"id": secrets.token_hex(12)}, **limit, **claims))
        cases = [(("--id", number), link(id=number)), (("--sub", "Zo\u00eb"), link(sub=user)),
                 (("--kid", "k2"), link(kid="k2"))]
        for options, taken in cases:
            for web in pair:
                web.allowed(taken)
            done = revoke(redis.url, *options)
            assert done.returncode == 0 and done.stdout.startswith(options[0][2:] + " "), done
            for web in pair:
                web.refused(taken, "revoked")
                assert web.ask(taken, "HEAD").status == 403
                web.log.claim("revoked: ")
                web.allowed(link())
        assert int(redis.run("TTL", "avcsec:revoked:kid:k2")) > 364 * 86400


def test_a_token_that_does_not_say_when_it_was_issued_falls_to_any_before(alone):
    with Redis() as redis:
        web = alone(redis)
        old, undated, fresh = (tokens.signed("/signed/a.txt", issued=issued) for issued in (-100, None, 0))
        before = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 50))
        assert revoke(redis.url, "--before", before).returncode == 0
        web.refused(old, "revoked")
        web.refused(undated, "revoked")
        web.allowed(fresh)
        # The later of two entries stands, in whichever order they came.
        assert revoke(redis.url, "--before", "2020-01-01T00:00:00Z").returncode == 0
        web.refused(old, "revoked")


def test_the_command_says_what_is_wrong(tmp_path):
    with Redis(password=PASSWORD) as redis:
        where = "127.0.0.1:%d" % redis.port
        secret = tmp_path / "password"
        secret.write_text(PASSWORD + "\n")
        secret.chmod(0o600)
        for path in (str(tmp_path), *(str(p) for p in tmp_path.parents)):
            if path.startswith("/tmp/"):
                os.chmod(path, 0o755)
        settings.give(str(secret))
        assert revoke("redis://:%s@%s" % (secret, where), "--kid", "k2").returncode == 0
        for store, why in (("redis://" + where, "NOAUTH"), ("http://" + where, "redis://"),
                           ("redis://:%s@%s/x" % (secret, where), "database"),
                           ("redis://:/nowhere@" + where, "/nowhere"),
                           ("redis://127.0.0.1:%d" % httpd.free_port(), "reached")):
            done = revoke(store, "--kid", "k2")
            assert done.returncode == 2 and why in done.stderr and len(done.stderr.splitlines()) == 1, done


# -- what configtest says

@pytest.mark.parametrize("store, says", [
    ("redis://", "the host"), ("redis://a b", "the host"), ("redis://host:0", "1 to 65535"),
    ("redis://host:66000", "1 to 65535"), ("redis://host/x", "database"), ("redis://host/70000", "database"),
    ("redis://secret@host", "password-file"), ("redis://user:@host", "password-file"),
    ("redis://[::1", "the host"), ("redis://[127.0.0.1]x", "1 to 65535"), ("redis://host?ca=x", "rediss://"),
    ("rediss://host?cert=x", "ca=file"), ("rediss://host?ca=/nowhere", "/nowhere"),
    ("redis://:/nowhere@host", "/nowhere"), ("redis:host", "redis://host"),
])
def test_a_bad_address_is_refused(store, says):
    web = Httpd('AvcStore "%s"\nAvcKeyFile "@keys@"\n' % store)
    status, printed = web.configtest()
    assert status != 0 and "AvcStore" in printed and says in printed, printed


@pytest.mark.parametrize("text, mode", [(PASSWORD, 0o640), ("", 0o600), ("a\nb\n", 0o600), ("x" * 600, 0o600)])
def test_a_bad_password_file_is_refused(alone, text, mode):
    web = with_password(alone, Redis())
    write_password(web, text, mode)
    status, printed = web.configtest()
    assert status != 0 and "AVC0101" in printed and "redis-password" in printed, printed
    assert not text or text.strip() not in printed


@pytest.mark.parametrize("store", ["redis://host", "redis://[::1]:7000/2", "redis://10.0.0.1/0"])
def test_a_good_address_is_fine(store):
    status, printed = Httpd('AvcStore %s\nAvcKeyFile "@keys@"\n' % store).configtest()
    assert status == 0 and "AVC" not in printed, printed
