# SPDX-License-Identifier: Apache-2.0
# Attacks on webhooks as proof: forged, folded and repeated headers, connections that end early,
# replays of what failed, bodies of those whom another proof refuses already.
import hashlib
import socket
import time

import pytest

from avc import client, httpd, tokens, webhooks
from avc.backend import Backend
from avc.peers import MEDIA
from avc.webhooks import headers, new_id, signature

BODY = b'{"type":"stream.started"}'
HOOK = "/fpm/hook.php"
CHUNKED = [("Transfer-Encoding", "chunked")]
ECHO = """<?php $body = file_get_contents('php://input');
echo hash('sha256', $body), ' ', strlen($body);"""
FAIL = "<?php file_put_contents(__DIR__ . '/runs', 'x', FILE_APPEND); http_response_code(500); echo 'failed';"

CONFIG = """
AvcKeyFile "@keys@"
AvcMediaServer 127.0.0.2
AvcMediaServerScripts hook fail
AvcMediaServerProof webhook
<FilesMatch "\\.php$">
    SetHandler "proxy:unix:@socket@|fcgi://localhost"
</FilesMatch>
ProxyPass "/behind" "http://127.0.0.1:@backend@/behind"
<Location "/required">
    AvcMediaServerScripts none
    Require avc-media-server
</Location>
<Location "/body-first">
    AvcMediaServerProof webhook address
</Location>
<Location "/any">
    AvcMediaServerProof any webhook token
</Location>
<Location "/log">
    AvcEnforce Log
</Location>
<Location "/page">
    AvcMediaServerScripts none
    AvcAdmin 127.0.0.2
    AvcAdminScripts hook fail
    AvcAdminProof webhook
    ErrorDocument 403 /error/read.php
    ErrorDocument 500 /error/read.php
</Location>
"""
SITE = {"fpm/hook.php": ECHO, "body-first/hook.php": ECHO, "any/hook.php": ECHO, "log/hook.php": ECHO, 
        "required/hook.php": ECHO, "required/fail.php": FAIL, "fpm/fail.php": FAIL, "page/hook.php": ECHO,
        "page/fail.php": FAIL, "error/read.php": ECHO}


@pytest.fixture(scope="module")
def behind():
    backend = Backend()
    yield backend
    backend.close()


@pytest.fixture(scope="module")
def web(serve, fpm, behind):
    return serve(CONFIG, modules=httpd.USUAL, docroot=SITE, keys=tokens.KEY_FILE + webhooks.KEYS,
                 backend=behind.port, http2=True, processes=2, **fpm.names())


def echo(body):
    return "%s %d" % (hashlib.sha256(body).hexdigest(), len(body))


def asks_for_the_body(web, target, sent, **how):
    """What the server says to one who waits for "100 Continue"; it never comes to the body."""
    with client.connect(web.port, **how) as sock:
        sock.sendall(client.compose(target, "POST", sent + [("Expect", "100-continue"),
                                                            ("Content-Length", str(len(BODY)))]))
        first = sock.recv(4096)
        if first.startswith(b"HTTP/1.1 100"):
            return None
        return client.parse(first + client.read_all(sock))


# -- who makes the server read

def test_the_body_of_a_wrong_address_is_not_read_whatever_stands_first(web):
    answer = asks_for_the_body(web, "/body-first/hook.php", headers(BODY))
    assert answer, "the server asked for the body"
    web.is_refusal(answer, "address")


def test_a_right_token_makes_the_body_needless(web):
    """Nor does it count a message that nobody read."""
    target = tokens.signed("/any/hook.php", purpose="call")
    for _ in range(2):
        web.allowed(target, "POST", headers(BODY, "msg_same"), BODY, shows=echo(BODY))
    web.refused("/any/hook.php", "no-token", "POST", headers(BODY + b"x"), BODY)


# -- what failed comes again

def test_behind_require_what_failed_may_be_sent_again(web):
    mid = new_id()
    for _ in range(2):
        assert web.ask("/required/fail.php", "POST", headers(BODY, mid), BODY).status == 500
    web.allowed("/required/hook.php", "POST", headers(BODY, mid), BODY, shows=echo(BODY))
    assert web.ask("/required/hook.php", "POST", headers(BODY, mid), BODY).status == 403
    web.log.claim("AVC0013: used-up: ")
    web.log.disregard("AH01630")


# -- the body that is given back

@pytest.mark.parametrize("cut", [b"5\r\nhello\r\n", b"5\r\nhello\r\nzz\r\n\r\n", b"5\r\nhelloXX0\r\n\r\n"])
def test_no_script_takes_half_a_body_for_a_whole_one(web, cut):
    """AvcEnforce Log lets it pass: the script must learn that it broke off."""
    with client.connect(web.port, source=MEDIA) as sock:
        sock.sendall(client.compose("/log/hook.php", "POST", headers(BODY) + CHUNKED, cut))
        sock.shutdown(socket.SHUT_WR)
        answer = client.read_all(sock)
    assert hashlib.sha256(b"hello").hexdigest().encode() not in answer and b" 400 " in answer, answer
    web.log.disregard(r"AH01095: prefetch request body failed")
    web.log.claim(r"AVC0027: webhook: .*did not come in whole")


def test_no_second_continue_comes_from_behind(web, behind):
    with client.connect(web.port) as sock:
        sock.sendall(client.compose("/behind/hook", "POST", headers(BODY) + [
            ("Expect", "100-continue"), ("Content-Length", str(len(BODY)))]))
        assert sock.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(BODY)
        answer = client.parse(client.read_all(sock))
    assert (answer.status, answer.interim, behind.last()[2]) == (200, [], BODY)


def test_an_error_page_and_the_next_request_read_their_own_bodies(web):
    """The script that answers for a refusal reads the refused body; behind it, the next begins.
    Administrators get such pages, a media server does not."""
    first = client.compose("/page/hook.php", "POST", headers(BODY + b"x") + [("Connection", "keep-alive")], BODY)
    answers = web.raw(first + client.compose("/error/read.php", "POST", [], b"12")).decode()
    assert answers.count("HTTP/1.1 ") == 2 and echo(BODY) in answers and echo(b"12") in answers, answers
    web.log.claim("AVC0027: webhook: ")


# -- forged

def many(right, count, place):
    wrong = ["v1," + "A" * 43 + "="] * (count - 1)
    return " ".join(wrong[:place] + [right] + wrong[place:])


@pytest.mark.parametrize("place", [0, 80, 150])
def test_one_right_signature_among_many(web, place):
    mid, sent = new_id(), str(int(time.time()))
    listed = many(signature(BODY, mid, sent), 151, place)
    web.allowed(HOOK, "POST", headers(BODY, mid, signatures=listed), BODY, shows=echo(BODY))
    web.refused(HOOK, "webhook", "POST", headers(BODY, mid, signatures=many("v1," + "B" * 43 + "=", 151, place)), BODY)


def spoiled(right):
    value = right[3:]
    yield from ("v1," + value[:-1], "v1," + value + "=", "v1,=" + value[1:], "v1," + value[:-2] + "==", "V1," + value,
                "v1, " + value, "v1=" + value, " v1", ",", "v1,", "v2," + value, "v1a," + value, right + ",", right + "  " + right)
    if "+" in value or "/" in value:
        yield "v1," + value.replace("+", "-").replace("/", "_")


def test_no_other_spelling_of_a_signature_is_one(web):
    mid, sent = next((mid, sent) for mid, sent in ((new_id(), str(int(time.time()))) for _ in range(1000))
                     if "/" in signature(BODY, mid, sent))
    for text in spoiled(signature(BODY, mid, sent)):
        web.refused(HOOK, "webhook", "POST", [("webhook-id", mid), ("webhook-timestamp", sent),
                                              ("webhook-signature", text)], BODY)


@pytest.mark.parametrize("spell", ["+%d", "-%d", "0%d", "%d.0", "%d ,", "0x%x", "1%d", "%d" + "0" * 20, "%d\u0661"])
def test_no_other_spelling_of_a_time_is_one(web, spell):
    sent, mid = spell % int(time.time()), new_id()
    web.refused(HOOK, "webhook", "POST", [("webhook-id", mid), ("webhook-timestamp", sent),
                                          ("webhook-signature", signature(BODY, mid, sent))], BODY)


@pytest.mark.parametrize("mid", ["", "a.b", "a,b", "a b", "\u00e9", "x" * 257])
def test_an_id_that_could_be_read_in_two_ways_is_none(web, mid):
    sent = str(int(time.time()))
    web.refused(HOOK, "webhook", "POST", [("webhook-id", mid), ("webhook-timestamp", sent),
                                          ("webhook-signature", signature(BODY, mid, sent))], BODY)


def test_underscores_make_no_header_of_a_webhook(web):
    web.refused(HOOK, "webhook", "POST", [(n.replace("-", "_"), v) for n, v in headers(BODY)[:3]], BODY)


def test_repeated_headers_over_http2_are_refused(web):
    sent = headers(BODY)
    for name, value in (("webhook-id", "msg_2"), sent[1], sent[2]):
        options = ["-X", "POST", "--http2-prior-knowledge", "--data-binary", BODY.decode()]
        for pair in sent + [(name, value)]:
            options += ["-H", "%s: %s" % pair]
        web.is_refusal(web.curl(HOOK, *options), "webhook")
