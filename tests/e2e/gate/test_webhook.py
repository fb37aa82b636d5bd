# SPDX-License-Identifier: Apache-2.0
# Webhooks as proof: the signed body is checked before anything else and reaches the script, CGI,
# PHP-FPM or proxied, byte for byte; each message counts once.
import hashlib
import os
import socket
import time
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from avc import client, httpd, tokens, webhooks
from avc.backend import Backend
from avc.peers import MEDIA, STRANGER
from avc.webhooks import headers, new_id, signature

BODY = b'{"type":"stream.started","data":{"room":"7"}}'
HOOK = "/fpm/hook.php"
ECHO = """<?php $body = file_get_contents('php://input');
echo hash('sha256', $body), ' ', strlen($body), ' ', $_SERVER['CONTENT_LENGTH'] ?? 'none';"""
FAIL = "<?php http_response_code(is_file(__DIR__ . '/well') ? 200 : 500); echo 'done';"
LIMIT = 1 << 20

CONFIG = """
AvcKeyFile "@keys@"
AvcMediaServer 127.0.0.2
AvcMediaServerScripts hook hook2
AvcMediaServerProof webhook
<Directory "@docroot@/fpm">
    <FilesMatch "\\.php$">
        SetHandler "proxy:unix:@socket@|fcgi://localhost"
    </FilesMatch>
</Directory>
ScriptAlias "/cgi-php/" "@home@/cgi/"
Action php-script "/cgi-php/php-cgi"
<Directory "@docroot@/cgi">
    AddHandler php-script .php
</Directory>
<Directory "@home@/cgi">
    Options FollowSymLinks ExecCGI
    Require all granted
</Directory>
ProxyPass "/behind" "http://127.0.0.1:@backend@/behind"
RewriteEngine On
RewriteRule "^/short$" "/fpm/hook.php" [PT]
<Location "/any">
    AvcMediaServerProof any webhook address
</Location>
<Location "/all">
    AvcMediaServerProof address webhook
</Location>
<Location "/log">
    AvcEnforce Log
</Location>
<Location "/small">
    AvcBodyLimit 10
</Location>
<Location "/small/log">
    AvcEnforce Log
</Location>
<Location "/secret">
    AvcMediaServerProof secret
</Location>
<Location "/signed">
    AvcSignedURL On
</Location>
<Location "/required">
    Require avc-media-server
</Location>
<Location "/admit">
    SetHandler avcsec-admission
    AvcAdmission nginx-rtmp
</Location>
<Directory "@docroot@/index">
    DirectoryIndex hook.php
</Directory>
<Directory "@docroot@/fpm/inflated">
    SetInputFilter DEFLATE
</Directory>
"""
PLACES = ("fpm", "cgi", "any", "all", "log", "small", "small/log", "fpm/inflated", "secret", "index")
SITE = {place + "/hook.php": ECHO for place in PLACES}
SITE.update({"required/a.php": ECHO, "signed/a.txt": "text", "fpm/hook2.php": FAIL, "fpm/.htaccess": 'RewriteEngine On\nRewriteRule "^inside$" hook.php\n'})
PHP_EVERYWHERE = "".join('<Directory "@docroot@/%s">\n<FilesMatch "\\.php$">\nSetHandler '
                         '"proxy:unix:@socket@|fcgi://localhost"\n</FilesMatch>\n</Directory>\n' % place
                         for place in PLACES + ("required",) if not place.startswith(("fpm", "cgi")))


@pytest.fixture(scope="module")
def behind():
    backend = Backend()
    yield backend
    backend.close()


def hooks(serve, fpm, behind, keys=webhooks.KEYS, **how):
    return serve(CONFIG + PHP_EVERYWHERE, modules=httpd.USUAL + ["cgid"], docroot=SITE, keys=tokens.KEY_FILE + keys,
                 backend=behind.port, **how, **fpm.names())


@pytest.fixture(scope="module")
def web(serve, fpm, behind):
    return hooks(serve, fpm, behind, http2=True, processes=2)


def echo(body, length="same"):
    return "%s %d %s" % (hashlib.sha256(body).hexdigest(), len(body), len(body) if length == "same" else length)


def send(web, target=HOOK, body=BODY, sends=None, **how):
    extra = how.pop("extra", [])
    return web.allowed(target, "POST", headers(body, **how) + extra, sends or body, shows=echo(body))


def chunked(body, size=1000):
    pieces = [body[i:i + size] for i in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


CHUNKED = [("Transfer-Encoding", "chunked")]


# -- the body reaches the script

@pytest.mark.smoke
@pytest.mark.parametrize("target", [HOOK, "/cgi/hook.php", "/short", "/fpm/inside", "/fpm/hook.php/info"])
@pytest.mark.parametrize("size", [0, 1, 8191, 8192, 100000])
def test_php_reads_what_was_signed(web, target, size):
    body = os.urandom(size)
    answer = web.ask(target, "POST", headers(body) + [("Content-Length", str(size))], body)
    assert (answer.status, answer.text) == (200, echo(body)), answer


@pytest.mark.parametrize("target", [HOOK, "/cgi/hook.php", "/short", "/fpm/inside"])
@pytest.mark.parametrize("size", [1, 20000])
def test_a_body_in_chunks(web, target, size):
    body = os.urandom(size)
    send(web, target, body, chunked(body), extra=CHUNKED)


@pytest.mark.parametrize("framed", [False, True])
def test_what_is_proxied(web, behind, framed):
    body = os.urandom(30000)
    web.allowed("/behind/hook", "POST", headers(body) + CHUNKED * framed, chunked(body) if framed else body,
                shows="from behind")
    line, sent, seen = behind.last()
    assert line == "POST /behind/hook HTTP/1.1" and seen == body
    assert sent["content-length"] == "30000" and sent["webhook-id"]


@pytest.mark.parametrize("target", [HOOK, "/cgi/hook.php"])
@pytest.mark.parametrize("length", [True, False])
def test_over_http2(web, tmp_path, target, length):
    body = os.urandom(200000)
    (tmp_path / "body").write_bytes(body)
    options = ["-X", "POST", "--http2-prior-knowledge"]
    options += ["--data-binary", "@%s" % (tmp_path / "body")] if length else ["-T", str(tmp_path / "body"),
                                                                           "-H", "Content-Length:"]
    for pair in headers(body):
        options += ["-H", "%s: %s" % pair]
    answer = web.curl(target, *options)
    assert answer.version == "HTTP/2" and answer.text == echo(body), answer


def test_the_client_is_told_to_go_on_once(web):
    with client.connect(web.port) as sock:
        sock.sendall(client.compose(HOOK, "POST", headers(BODY) + [
            ("Expect", "100-continue"), ("Content-Length", str(len(BODY)))]))
        assert sock.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(BODY)
        answer = client.parse(client.read_all(sock))
    assert (answer.status, answer.text, answer.interim) == (200, echo(BODY), [])


def test_what_is_signed_is_what_was_sent_not_what_it_inflates_to(web):
    packer = zlib.compressobj(wbits=31)
    packed = packer.compress(BODY * 50) + packer.flush()
    answer = web.ask("/fpm/inflated/hook.php", "POST", headers(packed) + [("Content-Encoding", "gzip")], packed)
    assert answer.text.startswith(echo(BODY * 50, "")), answer
    web.refused("/fpm/inflated/hook.php", "webhook", "POST", headers(BODY * 50) + [
        ("Content-Encoding", "gzip")], packed)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_any_method_and_no_body(web, method):
    answer = web.ask(HOOK, method, headers(b""))
    assert answer.status == 200 and answer.text in (echo(b"", "none"), echo(b""), ""), answer


def test_a_connection_goes_on_after_a_message_and_after_a_refusal(web):
    one, wrong, two = headers(BODY), headers(BODY + b"x"), headers(BODY)
    with client.connect(web.port) as sock:
        for sent, status in ((one, b" 200 "), (wrong, b" 403 "), (two, b" 200 ")):
            sock.sendall(client.compose(HOOK, "POST", sent + [("Connection", "keep-alive")], BODY))
            data = b""
            while b"\r\n\r\n" not in data:
                data += sock.recv(4096)
            head, _, rest = data.partition(b"\r\n\r\n")
            assert status in head.split(b"\r\n")[0] and b"close" not in head.lower(), head
            length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")]
            if length:
                while len(rest) < int(length[0].split(b":")[1]):
                    rest += sock.recv(4096)
            else:
                while not rest.endswith(b"0\r\n\r\n"):
                    rest += sock.recv(4096)
    web.log.claim(r"AVC0027: webhook: ")


# -- the limit

@pytest.mark.parametrize("framed", [False, True])
def test_a_body_of_the_limit_passes_and_one_byte_more_is_413(web, framed):
    body = os.urandom(LIMIT)
    send(web, HOOK, body, chunked(body, 65536) if framed else body, extra=CHUNKED * framed)
    body += b"x"
    web.refused(HOOK, "too-large", "POST", headers(body) + CHUNKED * framed,
                chunked(body, 65536) if framed else body, status=413)


def test_one_that_says_it_is_too_long_is_not_asked_for(web):
    with client.connect(web.port) as sock:
        sock.sendall(client.compose(HOOK, "POST", headers(BODY) + [
            ("Expect", "100-continue"), ("Content-Length", str(LIMIT + 1))]))
        answer = client.parse(client.read_all(sock))
    assert answer.interim == []
    web.is_refusal(answer, "too-large", 413)


@pytest.mark.parametrize("framed", [False, True])
def test_under_log_a_body_that_is_too_long_passes_whole(web, framed):
    body = os.urandom(100000)
    answer = web.ask("/small/log/hook.php", "POST", headers(body) + CHUNKED * framed,
                     chunked(body) if framed else body)
    assert answer.status == 200
    if not framed:
        assert answer.text == echo(body)
    web.log.claim(r"AVC0028: too-large: ")


def test_the_limit_is_the_sections(web):
    web.refused("/small/hook.php", "too-large", "POST", headers(BODY), BODY, status=413)
    send(web, "/small/hook.php", b"0123456789")


# -- who is refused

def changed(name, value):
    return lambda sent: [(n, value if n == name else v) for n, v in sent]


@pytest.mark.parametrize("name, change", [
    ("nothing", lambda sent: []),
    ("no id", lambda sent: sent[1:]),
    ("no time", lambda sent: sent[:1] + sent[2:]),
    ("no signature", lambda sent: sent[:2]),
    ("another id", changed("webhook-id", "msg_other")),
    ("another time", changed("webhook-timestamp", str(int(time.time()) - 7))),
    ("two ids", lambda sent: sent + [("webhook-id", "msg_2")]),
    ("two signatures' headers", lambda sent: sent + [sent[2]]),
    ("the other set as well", lambda sent: sent + [(n.replace("webhook", "svix"), v) for n, v in sent[:3]]),
    ("halves of two sets", lambda sent: sent[:2] + [("svix-signature", sent[2][1])]),
    ("v1a alone", changed("webhook-signature", "v1a,AAAA")),
    ("junk", changed("webhook-signature", "junk")),
])
def test_what_is_not_signed_is_refused(web, name, change):
    for source in (STRANGER, MEDIA):
        web.refused(HOOK, "webhook", "POST", change(headers(BODY)), BODY, source=source)


@pytest.mark.smoke
@pytest.mark.parametrize("body", [BODY + b" ", BODY[:-1], b"", BODY.replace(b"7", b"8")])
def test_a_body_that_was_changed_is_refused(web, body):
    web.refused(HOOK, "webhook", "POST", headers(BODY), body)


def test_five_minutes_either_way(serve_once, fpm, behind):
    now = int(time.time())
    web = hooks(serve_once, fpm, behind, clock=now)
    for ahead, passes in ((295, True), (310, False), (-295, True), (-310, False)):
        # The store counts from the server's start on: it knows nothing older.
        web.set_clock(now + max(ahead, 0))
        sent = headers(BODY, sent=min(ahead, 0) * -1)
        if passes:
            web.allowed(HOOK, "POST", sent, BODY, shows=echo(BODY))
        else:
            web.refused(HOOK, "webhook", "POST", sent, BODY)


def test_a_message_older_than_the_store_is_refused(serve_once, fpm, behind):
    """What was counted before, nobody knows."""
    web = hooks(serve_once, fpm, behind)
    web.refused(HOOK, "used-up", "POST", headers(BODY, sent=-100), BODY)


def test_another_key_a_password_and_a_token_prove_nothing(web):
    web.refused(HOOK, "webhook", "POST", headers(BODY, secret=webhooks.OTHER), BODY)
    web.refused(HOOK, "webhook", "POST", [("Authorization", "Bearer " + tokens.PASSWORD)], BODY)
    web.refused(tokens.signed(HOOK, purpose="call"), "webhook", "POST", [], BODY)


def test_a_webhook_key_is_no_key_for_tokens_and_no_password(web):
    web.refused(tokens.signed("/signed/a.txt", kid="hook"), "unknown-key")
    for secret in (webhooks.SECRET, webhooks.SECRET[6:]):
        web.refused("/secret/hook.php", "secret", "POST", [("Authorization", "Bearer " + secret)], BODY)
    assert webhooks.SECRET[6:] not in web.error_log()


def test_headers_by_their_older_name(web):
    send(web, names="svix")


def test_a_body_that_does_not_come(web):
    with client.connect(web.port) as sock:
        sock.sendall(client.compose(HOOK, "POST", headers(BODY) + [("Content-Length", "1000")], BODY))
        sock.shutdown(socket.SHUT_WR)
        client.read_all(sock)
    web.log.claim(r"AVC0027: webhook: .*did not come in whole")


# -- each message counts once

# SPEC [webhook-1]
@pytest.mark.smoke
def test_a_message_counts_once_whichever_process_answers(web):
    sent = headers(BODY)
    web.allowed(HOOK, "POST", sent, BODY, shows=echo(BODY))
    for target in (HOOK, "/cgi/hook.php", "/short", "/all/hook.php"):
        web.refused(target, "used-up", "POST", sent, BODY, source=MEDIA)
    web.graceful()
    web.refused(HOOK, "used-up", "POST", sent, BODY)
    web.refused(HOOK, "used-up", "POST", headers(BODY, mid=sent[0][1], sent=1), BODY)


# SPEC [webhook-1]
def test_of_many_that_race_one_wins(web):
    sent = headers(BODY)
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: web.ask(HOOK, "POST", sent, BODY).status, range(32)))
    assert sorted(answers) == [200] + [403] * 31
    web.log.claim(r"AVC0013: used-up: ", count=31)


def test_a_stop_and_a_start_forget_no_message(serve_once, fpm, behind):
    web = hooks(serve_once, fpm, behind)
    sent = headers(BODY)
    web.allowed(HOOK, "POST", sent, BODY)
    web.stop()
    web.start()
    web.refused(HOOK, "used-up", "POST", sent, BODY)
    send(web)


def test_leaving_out_one_of_two_signatures_makes_no_new_message(serve_once, fpm, behind):
    web = hooks(serve_once, fpm, behind, webhooks.KEYS + "next webhook %s\n" % webhooks.OTHER)
    mid, sent = new_id(), str(int(time.time()))
    one, two = signature(BODY, mid, sent), signature(BODY, mid, sent, webhooks.OTHER)
    web.allowed(HOOK, "POST", headers(BODY, mid, signatures=one + " " + two), BODY)
    for left in (one, two, two + " " + one):
        web.refused(HOOK, "used-up", "POST", [("webhook-id", mid), ("webhook-timestamp", sent),
                                              ("webhook-signature", left)], BODY)


def test_a_message_that_failed_may_be_sent_again(web):
    mid = new_id()
    again = headers(BODY, mid)
    for _ in range(2):
        assert web.ask("/fpm/hook2.php", "POST", again, BODY).status == 500
    httpd.plant(web.docroot, {"fpm/well": ""})
    web.allowed("/fpm/hook2.php", "POST", headers(BODY, mid, sent=2), BODY, shows="done")
    web.refused("/fpm/hook2.php", "used-up", "POST", again, BODY)


def test_a_message_sent_again_counts_as_long_as_its_later_time_holds(serve_once, fpm, behind):
    now, mid = int(time.time()), new_id()
    web = hooks(serve_once, fpm, behind, clock=now)
    assert web.ask("/fpm/hook2.php", "POST", headers(BODY, mid), BODY).status == 500
    httpd.plant(web.docroot, {"fpm/well": ""})
    again = headers(BODY, mid, sent=290)
    web.set_clock(now + 290)
    web.allowed("/fpm/hook2.php", "POST", again, BODY)
    for later in (310, 580):
        web.set_clock(now + later)
        web.refused("/fpm/hook2.php", "used-up", "POST", again, BODY)


def test_of_two_signatures_one_must_be_right(web):
    mid, sent = new_id(), str(int(time.time()))
    both = signature(BODY, mid, sent, webhooks.OTHER) + " " + signature(BODY, mid, sent)
    answer = web.ask(HOOK, "POST", [("webhook-id", mid), ("webhook-timestamp", sent),
                                    ("webhook-signature", both)], BODY)
    assert (answer.status, answer.text) == (200, echo(BODY))


def test_keys_are_exchanged_while_messages_come(serve_once, fpm, behind):
    web = hooks(serve_once, fpm, behind)
    send(web)
    web.write_keys(tokens.KEY_FILE + webhooks.KEYS + "next webhook %s\n" % webhooks.OTHER)
    web.graceful()
    web.log.disregard(r"AVC0104: ")  # where the monitor saw the file first
    send(web)
    send(web, secret=webhooks.OTHER)
    web.write_keys(tokens.KEY_FILE + "hook webhook %s until=2020-01-01T00:00:00Z\nnext webhook %s\n" % (
        webhooks.SECRET, webhooks.OTHER))
    web.graceful()
    web.log.disregard(r"AVC0104: ")
    send(web, secret=webhooks.OTHER)
    web.refused(HOOK, "webhook", "POST", headers(BODY), BODY)


# -- beside other proofs

def test_any_of_address_and_webhook(web):
    send(web, "/any/hook.php")
    web.allowed("/any/hook.php", "POST", [], BODY, source=MEDIA, shows=echo(BODY))
    web.allowed("/any/hook.php", "POST", headers(BODY + b"x"), BODY, source=MEDIA, shows=echo(BODY))
    web.refused("/any/hook.php", "address", "POST", [], BODY)


def test_address_and_webhook(web):
    web.allowed("/all/hook.php", "POST", headers(BODY), BODY, source=MEDIA, shows=echo(BODY))
    web.refused("/all/hook.php", "address", "POST", headers(BODY), BODY)
    web.refused("/all/hook.php", "webhook", "POST", [], BODY, source=MEDIA)


def test_a_stranger_by_address_sends_no_body(web):
    with client.connect(web.port) as sock:
        sock.sendall(client.compose("/all/hook.php", "POST", headers(BODY) + [
            ("Expect", "100-continue"), ("Content-Length", str(len(BODY)))]))
        answer = client.parse(client.read_all(sock))
    assert answer.interim == []
    web.is_refusal(answer, "address")


def test_a_folder_whose_index_is_the_script(web):
    send(web, "/index/")
    web.refused("/index/", "webhook", "POST", headers(BODY + b"x"), BODY)


def test_require_reads_and_gives_back_as_well(web):
    send(web, "/required/a.php")
    answer = web.ask("/required/a.php", "POST", headers(BODY + b"x"), BODY)
    assert answer.status == 403
    web.log.claim(r"AVC0027: webhook: ")
    web.log.disregard("AH01630")


def test_the_modules_own_answers_read_the_body_behind_the_proof(web):
    form = b"app=live&name=room7&call=play&addr=192.0.2.7"
    sent = headers(form)[:3] + [("Content-Type", "application/x-www-form-urlencoded")]
    web.refused("/admit", "no-token", "POST", sent, form)
    web.refused("/admit", "webhook", "POST", headers(form)[:2], form)


def test_under_log_everything_passes_and_is_told(web):
    web.allowed("/log/hook.php", "POST", headers(BODY), BODY, shows=echo(BODY))
    for sent in ([], headers(BODY + b"x")):
        assert web.ask("/log/hook.php", "POST", sent, BODY).text == echo(BODY)
        web.log.claim(r"AVC0027: webhook: ")
    sent = headers(BODY)
    assert web.ask("/log/hook.php", "POST", sent, BODY).text == echo(BODY)
    assert web.ask("/log/hook.php", "POST", sent, BODY).text == echo(BODY)
    web.log.claim(r"AVC0013: used-up: ")


# -- configuration

def test_configtest_asks_for_a_webhook_key(serve_once):
    config = "AvcKeyFile \"@keys@\"\nAvcMediaServerScripts hook\nAvcMediaServerProof webhook\n"
    status, printed = serve_once(config, begin=False).configtest()
    assert status == 0 and "keygen --kind webhook" in printed
    status, printed = serve_once(config, keys=webhooks.KEYS, begin=False).configtest()
    assert (status, printed) == (0, "Syntax OK\n")
    status, printed = serve_once(config.split("\n", 1)[1], keys=None, begin=False).configtest()
    assert status != 0 and "AvcKeyFile" in printed


@pytest.mark.parametrize("value", ["0", "-1", "1k", "2000000000", ""])
def test_the_limit_is_a_number(serve_once, value):
    assert serve_once('AvcBodyLimit "%s"' % value, begin=False).configtest()[0] != 0
