# SPDX-License-Identifier: Apache-2.0
# AvcArguments: what an argument may be, whatever its spelling, in query, urlencoded body and
# cookies; what is right reaches the script whole, over HTTP/1.1 and 2, in every wiring of PHP.
import json

import pytest

from avc import httpd, tokens
from avc.backend import Backend
from avc.php import MODULES, WIRINGS

# What a script that trusts its arguments would do.
ECHO = """<?php header('Content-Type: application/json');
echo json_encode(['get' => $_GET['user'] ?? null, 'post' => $_POST['user'] ?? null,
    'cookie' => $_COOKIE['user'] ?? null, 'body' => strlen(file_get_contents('php://input')),
    'length' => $_SERVER['CONTENT_LENGTH'] ?? null, 'text' => strlen($_POST['text'] ?? '')]);"""
FORM = "application/x-www-form-urlencoded"
LIMIT = 1000
CONFIG = """
AvcKeyFile "@keys@"
AvcMediaServer 127.0.0.2
<Location "/chat">
    AvcArguments user "[A-Za-z0-9_]{1,20}"
    AvcArguments a_b "[a-z]*"
    AvcBodyLimit %d
</Location>
<Location "/chat/more">
    AvcArguments user "[a-m]+"
    AvcArguments other "\\d+"
</Location>
<Location "/chat/cleared">
    AvcArguments none
    AvcArguments other "\\d+"
</Location>
<Location "/chat/signed">
    AvcSignedURL On
</Location>
<Location "/chat/logged">
    AvcEnforce Log
    AvcMediaServerOnly On
</Location>
<Directory "@docroot@/pages">
    Options +Includes
    AddOutputFilter INCLUDES .shtml
</Directory>
<Directory "@docroot@/chat/inflated">
    SetInputFilter DEFLATE
</Directory>
""" % LIMIT
HTACCESS = """RewriteEngine On
RewriteRule "^short/(.*)$" "/chat/upload.php?user=$1" [QSA,NE]
RewriteRule "^plain$" "/chat/upload.php"
"""
SITE = {place + "upload.php": ECHO for place in (
    "chat/", "chat/more/", "chat/cleared/", "chat/signed/", "chat/logged/", "chat/index/", "open/", "chat/inflated/")}
SITE.update({
    "chat/a.txt": "static", ".htaccess": HTACCESS,
    "pages/in.shtml": '<!--#include virtual="/chat/a.txt?user=../x" -->',
    "pages/on.shtml": '<!--#include virtual="/chat/a.txt?user=zoe" -->',
    "chat/index/.htaccess": "DirectoryIndex upload.php\n",
    "chat/typed/upload.php": ECHO,
    "chat/typed/.htaccess": "RequestHeader set Content-Type %s\n" % FORM,
    "chat/biscuit/upload.php": ECHO,
    "chat/biscuit/.htaccess": 'RequestHeader set Cookie "user=%{QUERY_STRING}e"\n',
})


def wired(wiring):
    return CONFIG + WIRINGS[wiring] + 'Alias "/elsewhere" "@docroot@/chat"\n'


@pytest.fixture(scope="module")
def web(serve, fpm):
    return serve(wired("SetHandler"), docroot=SITE, http2=True, processes=2, **fpm.names())


def found(answer):
    return json.loads(answer.text)


def post(body, kind=FORM, **how):
    more = how.pop("more", [])
    return dict(how, method="POST", headers=[("Content-Type", kind)] + more,
                body=body if isinstance(body, bytes) else body.encode())


RIGHT = ["", "?", "?user=zoe", "?user=Zo%65_1", "?x=1&user=zoe&y=2", "?USER=../x", "?other=../x", "?a.b=abc", "?a_b=",
         "?a_b", "?x=;y=../", "?x=%3Buser=../x"]
WRONG = ["user=../../x", "user=%2e%2e%2fx", "user=..%5Cx", "user=", "user", "us%65r=../x", "%75ser=../x", "user=zoe%00",
         "user=zoe%00.php", "user=zoe%0a", "user=zoe%0d%0a", "user=two+words", "user=two%20words", "user=%c0%ae%c0%ae",
         "user=%c3%a9", "user=zoe/", "+user=../x", "%20%20user=../x", "user%00x=../x", "user=zoe%", "user=%252e%252e",
         "a.b=../x", "a+b=../x", "a%20b=../x", "a%2eb=../x", "a_b=A", "x=1;user=../x", "user=zoe;x=1", "x=1&&user=../",
         "user=%u002e", "user=" + "a" * 21, "user=../x#", "=&user=../x", "user==zoe"]
TWICE = ["user=zoe&user=zoe", "user=zoe&us%65r=zoe", "user=zoe&+user=zoe", "user=zoe&user%00=zoe", "a_b=a&a.b=a",
         "a.b=a&a+b=a", "a_b=a&a[b=a", "user=zoe&user[]=zoe", "x=1;user=zoe;user=zoe"]
ARRAYS = ["user[]=zoe", "user[0]=zoe", "user%5B%5d=zoe", "user[=zoe", "+user[x][y]=zoe", "a[b=a", "a.b[]=a", "user[]"]


# SPEC [conf-21]
@pytest.mark.parametrize("query", RIGHT)
def test_what_matches_or_is_absent_passes(web, query):
    web.allowed("/chat/upload.php" + query)
    web.allowed("/chat/upload.php", **post(query[1:]))


@pytest.mark.parametrize("text", [t.split("#")[0] for t in WRONG] + TWICE + ARRAYS)
def test_what_does_not_is_refused_in_the_query_and_in_the_body(web, text):
    web.refused("/chat/upload.php?" + text, "argument")
    web.refused("/chat/upload.php", "argument", **post(text))
    web.allowed("/open/upload.php?" + text)


def test_query_and_body_count_each_for_itself(web):
    answer = web.allowed("/chat/upload.php?user=zoe", **post("user=max"))
    assert (found(answer)["get"], found(answer)["post"]) == ("zoe", "max")


@pytest.mark.parametrize("cookie", ["user=zoe", "a=1; user=zoe", "user=", "user", "user[]=zoe", "us%65r=zoe", "a=1,user=zoe",
                                    "a=1;\tuser=zoe", " user =zoe", "a.b=abc"])
def test_no_cookie_has_the_name(web, cookie):
    web.refused("/chat/upload.php", "argument", headers=[("Cookie", cookie)])
    web.refused("/chat/upload.php", "argument", headers=[("Cookie", "x=1"), ("Cookie", cookie)])


def test_other_cookies_pass(web):
    web.allowed("/chat/upload.php", headers=[("Cookie", "PHPSESSID=user; USER=1; x=user=1")])


# -- bodies

@pytest.mark.parametrize("kind", [FORM.upper(), FORM + "; charset=utf-8", FORM + ";", FORM + " ", FORM + ",text/plain",
                                  FORM + " x", "text/plain, " + FORM])
def test_whatever_php_reads_as_a_form_is_read(web, kind):
    web.refused("/chat/upload.php", "argument", **post("user=../x", kind))
    web.allowed("/chat/upload.php", **post("user=zoe", kind))


@pytest.mark.parametrize("kind", ["application/octet-stream", "text/plain", "application/json", "image/jpeg",
                                  "multipart/form-data; boundary=" + FORM.replace("/", "-"),
                                  "multipart/form-data; boundary=x; type=" + FORM])
def test_other_bodies_are_not_read(web, kind):
    """Nor do they have a limit."""
    body = b"user=../x&" + b"x" * 3 * LIMIT
    answer = web.allowed("/chat/upload.php", **post(body, kind))
    assert "multipart" in kind or found(answer)["body"] == len(body)


def multipart(name, value):
    return ('--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n--b--\r\n' % (name, value)).encode()


def test_the_query_of_a_multipart_upload_is_judged(web):
    """As a player's upload sends it: the file in the body, who sends it in the query."""
    kind, body = "multipart/form-data; boundary=b", multipart("text", "x" * 5000)
    assert found(web.allowed("/chat/upload.php?user=zoe", **post(body, kind)))["text"] == 5000
    web.refused("/chat/upload.php?user=../x", "argument", **post(body, kind))


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "GET", "OPTIONS"])
def test_whatever_the_method(web, method):
    web.refused("/chat/upload.php", "argument", **dict(post("user=../x"), method=method))


def test_a_form_longer_than_the_limit_is_refused(web):
    text = "user=zoe&text=" + "x" * (LIMIT - 14)
    assert found(web.allowed("/chat/upload.php", **post(text)))["text"] == LIMIT - 14
    web.refused("/chat/upload.php", "too-large", status=413, **post(text + "x"))
    web.refused("/chat/upload.php", "too-large", status=413, **post("x=" + "x" * LIMIT + "&user=../x"))


def chunked(body, size=7):
    pieces = [body[i:i + size] for i in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def test_chunked_forms_are_read_and_reach_the_script(web):
    chunks = [("Transfer-Encoding", "chunked")]
    answer = found(web.allowed("/chat/upload.php", **post(chunked(b"user=zoe&text=" + b"x" * 500), more=chunks)))
    assert (answer["post"], answer["text"], answer["length"]) == ("zoe", 500, "514")
    web.refused("/chat/upload.php", "argument", **post(chunked(b"x=1&user=../x"), more=chunks))
    web.refused("/chat/upload.php", "too-large", status=413,
                **post(chunked(b"user=zoe&x=" + b"x" * LIMIT, 500), more=chunks))


def test_cookies_in_trailers_are_none(web):
    web.allowed("/chat/upload.php", **post(
        chunked(b"user=zoe")[:-2] + b"Cookie: user=../x\r\n\r\n", more=[("Transfer-Encoding", "chunked"), ("Trailer", "Cookie")]))


def test_over_http2(web):
    prior = "--http2-prior-knowledge"
    url = "/chat/upload.php"
    answer = web.curl(url + "?user=zoe", prior, "-d", "user=max&text=" + "x" * 700)
    assert answer.status == 200 and (found(answer)["get"], found(answer)["post"], found(answer)["text"]) == ("zoe", "max", 700)
    for options in (["-d", "user=../x"], ["-d", "user=zoe&user=zoe"], ["-b", "user=zoe"], ["-d", "x=1", "-H", "Content-Type: " + FORM.upper(), "-d", "user=/"]):
        assert web.curl(url, prior, *options).status == 403, options
        web.log.claim("AVC0006: argument: ")
    assert web.curl(url + "?user=../x", prior).status == 403
    web.log.claim("AVC0006: argument: ")
    assert web.curl(url, prior, "-d", "user=zoe&text=" + "x" * LIMIT).status == 413
    web.log.claim("AVC0028: too-large: ")


def test_a_compressed_form_is_none_that_anybody_could_check(web):
    """A filter may make another one of it."""
    for place in ("/chat/inflated/", "/chat/"):
        web.refused(place + "upload.php", "argument", **post(b"\x1f\x8b\x08", more=[("Content-Encoding", "gzip")]))
    web.allowed("/chat/upload.php", **post("user=zoe", more=[("Content-Encoding", "identity")]))


def test_a_form_that_does_not_come_in_whole_is_refused(web):
    request = b"POST /chat/upload.php HTTP/1.1\r\nHost: chat.example\r\nContent-Type: %s\r\n" % FORM.encode()
    web.raw(request + b"Transfer-Encoding: chunked\r\n\r\n8\r\nuser=zoe\r\nnonsense\r\n")
    web.log.claim("AVC0006: argument: .*did not come in whole")
    web.log.disregard("AH01587|AH0")


@pytest.mark.parametrize("trailer", ["Content-Type: " + FORM, "Cookie: user=../x"])
def test_trailers_bring_nothing_past_the_rule(serve_once, fpm, trailer):
    """Refused, or not what the script sees (RFC 9110, 6.5.1)."""
    web = serve_once("MergeTrailers On\n" + wired("SetHandler"), docroot=SITE, **fpm.names())
    body = chunked(b"user=../x")[:-2] + trailer.encode() + b"\r\n\r\n"
    answer = web.ask("/chat/upload.php", "POST", [("Transfer-Encoding", "chunked")], body)
    assert answer.status == 403 or (found(answer)["post"], found(answer)["cookie"]) == (None, None), answer
    web.log.disregard("AVC0006: argument: ")


# -- steps and places

def test_inside_the_server_as_well(web):
    for target in ("/short/..%2f..", "/short/a%20b", "/plain?user=../x", "/plain?user[]=zoe"):
        answer = web.ask(target)
        assert answer.status in (403, 404), target
        web.log.disregard("AVC0006: argument: |AH10508|AH10411")
    assert found(web.allowed("/short/zoe"))["get"] == "zoe"
    web.refused("/short/zoe?user=zoe", "argument")
    web.refused("/plain", "argument", **post("user=../x"))
    assert found(web.allowed("/plain", **post("user=zoe&text=abc")))["text"] == 3
    web.refused("/chat/index/", "argument", **post("user=../x"))
    assert found(web.allowed("/chat/index/", **post("user=zoe")))["post"] == "zoe"
    web.refused("/chat/index/?user=../x", "argument")
    web.refused("/chat/upload.php/path/info?user=../x", "argument")
    assert "static" in web.ask("/pages/on.shtml").text
    assert "static" not in web.ask("/pages/in.shtml").text
    web.log.disregard("AVC0006|unable to include")


def test_by_another_address_of_the_same_script(web):
    web.refused("/elsewhere/upload.php?user=../x", "argument")
    web.refused("/elsewhere/upload.php", "argument", **post("user=../x"))
    web.allowed("/elsewhere/upload.php?user=zoe")


def test_headers_that_an_htaccess_sets_are_seen(web):
    web.refused("/chat/typed/upload.php", "argument", **post("user=../x", "text/plain"))
    web.refused("/chat/biscuit/upload.php?..", "argument")


def test_rules_add_and_are_cleared(web):
    for query, reason in (("user=zoe", "argument"), ("user=abc", None), ("other=x", "argument"), ("other=1", None),
                          ("a_b=A", "argument")):
        if reason:
            web.refused("/chat/more/upload.php?" + query, reason)
        else:
            web.allowed("/chat/more/upload.php?" + query)
    web.allowed("/chat/cleared/upload.php?user=../x")
    web.refused("/chat/cleared/upload.php?other=x", "argument")


def test_a_token_is_asked_for_first(web):
    web.refused("/chat/signed/upload.php?user=../x", "no-token")
    web.allowed(tokens.signed("/chat/signed/upload.php", query="user=zoe", args=[("user", "zoe")]))
    web.refused(tokens.signed("/chat/signed/upload.php", query="user=../x", args=[("user", "../x")]), "argument")


def test_enforced_where_others_only_log(web):
    assert web.ask("/chat/logged/upload.php?user=zoe").status == 200
    web.log.claim("AVC0010: address: ")
    answer = web.ask("/chat/logged/upload.php?user=../x")
    assert answer.status == 403
    web.log.claim("AVC0006: argument: ")
    web.log.disregard("AVC0010: ")


def test_the_line_says_which_argument_and_what_of_it(web):
    for query, says in (("user=../x", "the argument user has a value that does not match"),
                        ("user=a&user=a", "the argument user stands there more than once"),
                        ("user[]=a", "the argument user stands there as an array")):
        assert web.ask("/chat/upload.php?" + query).status == 403
        web.log.claim("AVC0006: argument: /chat/upload.php: %s \\(AvcArguments\\)" % says)
    assert web.ask("/chat/upload.php", **post("user=/")).status == 403
    web.log.claim("the body's field user has a value")
    assert web.ask("/chat/upload.php", headers=[("Cookie", "user=zoe")]).status == 403
    web.log.claim("a cookie is called user as well")


@pytest.mark.parametrize("wiring", list(WIRINGS))
def test_in_every_wiring_of_php(serve_once, fpm, wiring):
    more = MODULES.get(wiring, {}).get("event", [])
    site = {name: text for name, text in SITE.items() if not name.endswith(".htaccess")}
    web = serve_once(wired(wiring), modules=httpd.USUAL + more, docroot=site, **fpm.names())
    answer = found(web.allowed("/chat/upload.php?user=zoe", **post("user=max&text=" + "x" * 900)))
    assert (answer["get"], answer["post"], answer["text"]) == ("zoe", "max", 900)
    for text in ("user=../x", "user[]=zoe"):
        web.refused("/chat/upload.php?" + text, "argument")
        web.refused("/chat/upload.php", "argument", **post(text))
        if wiring != "ProxyPassMatch":  # that one knows of no Alias
            web.refused("/elsewhere/upload.php", "argument", **post(text))


@pytest.mark.parametrize("mpm", ["worker", "prefork"])
def test_under_every_mpm(serve_once, fpm, mpm):
    web = serve_once(wired("SetHandler"), docroot=SITE, mpm=mpm, **fpm.names())
    assert found(web.allowed("/chat/upload.php", **post("user=max&text=abc")))["text"] == 3
    web.refused("/chat/upload.php", "argument", **post("user=../x"))


def test_proxied_servers_get_the_body_whole(serve_once):
    backend = Backend()
    web = serve_once(CONFIG + 'ProxyPass "/chat" "http://127.0.0.1:@backend@/chat"\n', backend=backend.port)
    try:
        web.allowed("/chat/upload.php?user=zoe", **post("user=max&text=abc"))
        assert backend.last()[2] == b"user=max&text=abc"
        count = len(backend.seen)
        web.refused("/chat/upload.php?user=zoe", "argument", **post("user=/&text=abc"))
        web.refused("/chat/upload.php?user=/", "argument")
        assert len(backend.seen) == count
    finally:
        backend.close()


# -- the regular expression

@pytest.mark.parametrize("regex, right, wrong", [
    ("a|ab", ["a", "ab"], ["abc", "b", "xab"]),
    ("^a$", ["a"], ["a%0a", "%0aa"]),
    ("(?i)cam\\.jpg", ["CAM.jpg", "cam.JPG"], ["CAMxjpg", "CAM.jpg.php"]),
    ("[^/]*", ["", "a", "%c0%af"], ["a/", "/"]),
    ("(a+)+", ["aaa"], ["a" * 2000 + "!"]),
    (".", ["a", "%00"], ["", "aa"]),
])
def test_the_whole_value_must_match(serve_once, regex, right, wrong):
    web = serve_once('AvcArguments x "%s"\n' % regex, keys=None, docroot={"a.txt": "a"})
    for value in right:
        web.allowed("/a.txt?x=" + value)
    for value in wrong:
        web.refused("/a.txt?x=" + value, "argument")


@pytest.mark.parametrize("words", ['x "("', 'x "a)|(?:b"', 'x "[a"', 'x "(?x)a #"', "x", 'a.b "x"', '"" "x"', 'none "x"', "x y z"])
def test_what_is_no_rule_is_refused_with_its_line(words):
    server = httpd.Httpd("\nAvcArguments %s\n" % words)
    code, printed = server.configtest()
    assert code != 0 and "AvcArguments" in printed and "line" in printed, printed
