# SPDX-License-Identifier: Apache-2.0
# AvcArguments in front of servers that read requests otherwise than PHP: names in brackets, other
# charsets, bodies without a type, addresses that a proxy took as they came.
import os

import pytest

from avc.backend import Backend
from avc.httpd import USUAL

FORM = "application/x-www-form-urlencoded"
LIMIT = 1000
CONFIG = """
<Location "/chat">
    AvcArguments user "[A-Za-z0-9_]{1,20}"
    AvcBodyLimit %d
</Location>
ProxyPass "/chat/raw" "http://127.0.0.1:@backend@/raw" nocanon
ProxyPass "/chat" "http://127.0.0.1:@backend@/chat"
RewriteEngine On
RewriteRule "^/chat/raw/fixed$" "/chat/raw/other?user=zoe" [PT]
""" % LIMIT


@pytest.fixture(scope="module")
def backend():
    server = Backend()
    yield server
    server.close()


@pytest.fixture(scope="module")
def web(serve, backend):
    return serve(CONFIG, keys=None, backend=backend.port, http2=True)


def post(body, kind=None, more=(), method="POST"):
    return dict(method=method, headers=([("Content-Type", kind)] if kind is not None else []) + list(more), body=body)


# SPEC [conf-21]
@pytest.mark.parametrize("name", ["[user]", "%5buser%5D", "user]", "]user", "[[user]]", "[user][x]", "[]user[]", "[us%65r]", "[user"])
def test_names_in_brackets_are_arrays(web, name):
    web.refused("/chat/x?%s=../x" % name, "argument")
    web.refused("/chat/x?%s=zoe" % name, "argument")
    web.refused("/chat/x", "argument", **post(("%s=../x" % name).encode(), FORM))


def test_other_names_with_brackets_pass(web):
    for name in ("[users]", "x[user]", "users]", "[", "[]", "%5d"):
        web.allowed("/chat/x?%s=../x" % name)


EBCDIC = "%A4%A2%85%99=%4B%4B%61%A7"  # user=../x for ibm037


@pytest.mark.parametrize("kind", [FORM + "; charset=ibm037", FORM + ";charset=\"IBM037\"", FORM + "; CharSet = cp037",
                                  FORM + "; charset='utf-16'", FORM + ";charset=utf-8;charset=utf-7", "text/plain; charset=utf-7",
                                  FORM + "; charset*=utf-8''cp037", FORM + "; charset=utf-8-sig"])
def test_a_charset_in_which_letters_are_other_bytes_is_refused(web, kind):
    web.refused("/chat/x?" + EBCDIC, "argument", headers=[("Content-Type", kind)])
    if kind.startswith(FORM):
        web.refused("/chat/x", "argument", **post(EBCDIC.encode(), kind))


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", "\"utf-8\"", "us-ascii", "ISO-8859-1", "windows-1252", "KOI8-R", "gbk", ""])
def test_usual_charsets_pass(web, charset):
    web.allowed("/chat/x?user=zoe", **post(b"user=zoe", "%s; charset=%s" % (FORM, charset)))
    web.refused("/chat/x", "argument", **post(b"user=/", "%s; charset=%s" % (FORM, charset)))


def test_what_says_nothing_of_arguments_has_any_charset(web):
    web.allowed("/chat/x", **post("zoë".encode("utf-16"), "text/xml; charset=utf-16"))
    web.allowed("/chat/x?user=zoe", **post(b"x", "multipart/form-data; boundary=charset"))


@pytest.mark.parametrize("kind", [None, "", FORM + "x", FORM + "/x"])
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_body_without_a_type_is_read_as_a_form(web, backend, kind, method):
    """Perl's CGI, Python's cgi and Rack do so."""
    web.refused("/chat/x", "argument", **post(b"user=../x", kind, method=method))
    web.refused("/chat/x", "argument", **post(b"9\r\nuser=../x\r\n0\r\n\r\n", kind, [("Transfer-Encoding", "chunked")], method))
    web.allowed("/chat/x?user=zoe", **post(b'{"user": "../x"}', kind, method=method))
    assert backend.last()[2] == b'{"user": "../x"}'


def test_a_long_one_is_no_form_and_says_so(web, backend):
    """Whoever uploads bytes without naming them may go on; nobody behind takes them for a form."""
    body = b"user=../x&" + b"\x00\xff" * LIMIT
    for how in (post(body), post(body[:100], more=[("Content-Encoding", "gzip")])):
        web.allowed("/chat/x?user=zoe", **how)
        assert backend.last()[2] == how["body"]
        assert backend.last()[1].get("content-type") == "application/octet-stream"
    answer = web.curl("/chat/x", "--http2-prior-knowledge", "-d", "user=../x", "-H", "Content-Type:")
    assert answer.status == 403
    web.log.claim("AVC0006: argument: ")


def test_an_address_that_goes_out_as_it_came_is_judged_as_it_came(web, backend):
    web.allowed("/chat/raw/fixed?user=max")
    web.refused("/chat/raw/x?user=../x", "argument")
    web.refused("/chat/raw/fixed?user=../x", "argument")


SAID = """#!/bin/sh
printf 'Content-Type: text/plain\\n\\n%s %s ' "$REQUEST_METHOD" "$CONTENT_TYPE"; head -c "${CONTENT_LENGTH:-0}"
"""
KEPT = """
<Location "/chat">
    AvcArguments user "[A-Za-z0-9_]{1,20}"
</Location>
<Directory "@docroot@">
    Options +Includes +ExecCGI
    AddOutputFilter INCLUDES .shtml
    AddHandler cgi-script .cgi
    KeptBodySize 1000
</Directory>
<Location "/chat/closed">
    AuthType form
    AuthName x
    AuthFormProvider file
    AuthUserFile "@root@/conf/users"
    Session On
    SessionCookieName session path=/
    Require valid-user
</Location>
"""


def test_bodies_that_httpd_keeps_are_judged(serve_once):
    """For parts of a page, and for what a login form says that it would have been."""
    page = '<!--#include virtual="/chat/x.cgi" -->'
    web = serve_once(KEPT, keys=None, docroot={"chat/x.cgi": SAID, "chat/closed/x.cgi": SAID, "page.shtml": page},
                     modules=USUAL + ["cgid", "request", "auth_form", "session", "session_cookie"], begin=False)
    for name in ("chat/x.cgi", "chat/closed/x.cgi"):
        os.chmod(os.path.join(web.docroot, name), 0o755)
    with open(os.path.join(web.root, "conf", "users"), "w") as users:
        users.write("me:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n")  # password
    web.start()
    assert "user=zoe" in web.allowed("/page.shtml", **post(b"user=zoe", FORM)).text
    assert "user=" not in web.ask("/page.shtml", **post(b"user=../x", FORM)).text
    web.log.disregard("AVC0006|unable to include")
    login = ("httpd_username=me&httpd_password=password&httpd_method=POST&httpd_mimetype=%s&httpd_body="
             % FORM.replace("/", "%2f")).encode()
    assert web.allowed("/chat/closed/x.cgi", **post(login + b"user%3dzoe", FORM)).text == "POST %s user=zoe" % FORM
    web.refused("/chat/closed/x.cgi", "argument", **post(login + b"user%3d..%2fx", FORM))
