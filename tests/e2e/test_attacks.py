# SPDX-License-Identifier: Apache-2.0
# What once was possible, from an attacker's side: each test is the request or configuration that
# got through, leaked or broke something. Nothing here repeats a rule that other files hold.
import pytest

from avc import backend as behind
from avc import tokens

FOREIGN = "hmac.0123456789abcdef0123"  # looks like a mac, belongs to the application

SCRIPT = ('<?php header("Content-Type: text/plain"); foreach (["REQUEST_URI", "QUERY_STRING", '
          '"HTTP_REFERER", "HTTP_AUTHORIZATION", "HTTP_COOKIE"] as $k) '
          'echo "$k=", $_SERVER[$k] ?? "", "\\n";')
PHP = '<FilesMatch "\\.php$">\nSetHandler "proxy:unix:@socket@|fcgi://localhost"\n</FilesMatch>\n'


@pytest.fixture(scope="module")
def backend():
    server = behind.Backend()
    yield server
    server.close()


@pytest.fixture(scope="module")
def web(serve, fpm, backend):
    return serve(
        'AvcKeyFile "@keys@"\nDirectoryIndex index.php\n'
        '<Location "/signed">\nAvcSignedURL On\nAvcUnsignedArgs sig\n</Location>\n'
        'ProxyPass "/nocanon/" "http://127.0.0.1:@back@/" nocanon\n' + PHP,
        docroot={"index.php": SCRIPT, "show.php": SCRIPT, "signed/show.php": SCRIPT},
        back=backend.port, **fpm.names())


def shown(answer):
    return dict(line.split("=", 1) for line in answer.text.splitlines())


# ---- Tokens in sight

def test_an_address_without_a_path_hides_its_tokens_too(web):
    """`GET http://host?avc=...`: no path, so nothing was taken out of line, headers and logs."""
    tok = tokens.token("/")
    answer = web.ask("http://chat.example?a=1&avc=" + tok, headers=[
        ("Authorization", "Bearer " + tok), ("Cookie", "a=b; __Host-avc=" + tok),
        ("Referer", "http://chat.example/?avc=" + tok)])
    seen = shown(answer)
    assert seen["HTTP_AUTHORIZATION"] == "" and seen["HTTP_COOKIE"] == "a=b"
    assert seen["HTTP_REFERER"] == "http://chat.example/"
    assert web.logged("GET http://chat.example?a=1&avc=")  # and no mac, as every stop checks


def test_a_cookie_is_ours_whatever_stands_before_the_equals_sign(web):
    tok = tokens.token("/show.php")
    assert shown(web.ask("/show.php", headers=[("Cookie", "a=b; __Host-avc =" + tok)]))[
        "HTTP_COOKIE"] == "a=b"


# ---- What belongs to others

def test_what_only_looks_like_a_mac_reaches_scripts_untouched(web):
    seen = shown(web.allowed(tokens.signed("/signed/show.php", query="sig=" + FOREIGN)))
    assert seen["QUERY_STRING"] == "sig=" + FOREIGN
    assert seen["REQUEST_URI"] == "/signed/show.php?sig=" + FOREIGN
    seen = shown(web.allowed("/show.php", headers=[
        ("Cookie", "a=%s; __Host-avc=%s" % (FOREIGN, tokens.token("/")))]))
    assert seen["HTTP_COOKIE"] == "a=" + FOREIGN


@pytest.mark.parametrize("query", ["sig=" + FOREIGN, "sig=%s&avc=avc1~x~mac.%s" % (FOREIGN, "A" * 43)])
def test_what_only_looks_like_a_mac_reaches_a_proxied_server_untouched(web, backend, query):
    web.ask("/nocanon/x?" + query)
    assert backend.last()[0] == "GET /x?%s HTTP/1.1" % query
