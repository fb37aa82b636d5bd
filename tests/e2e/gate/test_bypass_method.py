# SPDX-License-Identifier: Apache-2.0
# A token names the methods that it allows: what httpd asks inside for a request, mod_auth_form by
# what its form says, is asked by none that it does not.
import os
from urllib.parse import urlencode

import pytest

from avc.httpd import USUAL
from avc.tokens import signed, token

MODULES = USUAL + ["auth_form", "dav", "dav_fs", "request", "session", "session_cookie"]
CONFIG = """
AvcKeyFile "@keys@"
DavLockDB "@root@/run/dav"
<Location "/chat">
    AvcSignedURL On
</Location>
<Location "/live">
    AvcSessionFor play
</Location>
<LocationMatch "^/(chat|live)">
    Dav On
    AuthFormProvider file
    AuthType form
    AuthName chat
    AuthUserFile "@docroot@/users"
    Session On
    SessionCookieName session path=/
    Require valid-user
</LocationMatch>
"""
PLACES = ("chat", "live")
FORM = {"httpd_username": "anna", "httpd_password": "password", "httpd_mimetype": "text/plain", "httpd_body": "new"}


@pytest.fixture(scope="module", params=["event", "worker", "prefork"])
def web(request, serve):
    return serve(CONFIG, modules=MODULES, mpm=request.param, docroot={
        "users": "anna:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n", "chat/a.txt": "old", "live/a.txt": "old"})


def address(place, methods):
    if place == "chat":
        return signed("/chat/a.txt", mth=methods)
    return "/live/a.txt?avc=" + token(purpose="session", sub="YW5uYQ", act="play", mth=methods)


def send(web, place, methods, method):
    """The answer, and what is left of the file."""
    path = web.docroot + "/%s/a.txt" % place
    with open(path, "w", encoding="utf-8") as file:
        file.write("old")
    answer = web.ask(address(place, methods), "POST",
                     [("Content-Type", "application/x-www-form-urlencoded")],
                     urlencode(dict(FORM, httpd_method=method)).encode())
    if not os.path.exists(path):
        return answer, None
    with open(path, encoding="utf-8") as left:
        return answer, left.read()


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("methods, method, left", [("POST.DELETE", "DELETE", None), ("POST.PUT", "PUT", "new")])
def test_a_form_asks_by_a_method_that_the_token_allows(web, place, methods, method, left):
    answer, found = send(web, place, methods, method)
    assert answer.status < 300 and found == left, answer


@pytest.mark.parametrize("place", PLACES)
def test_what_it_only_reads_is_a_part_of_what_was_asked(web, place):
    answer, _ = send(web, place, "POST", "GET")
    assert answer.status == 200 and answer.text == "old"


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("method", ["DELETE", "PUT", "MKCOL", "PROPFIND", "OPTIONS", "OWN"])
def test_it_asks_by_no_other(web, place, method):
    answer, found = send(web, place, "POST", method)
    assert answer.status == 403 and found == "old", answer
    web.log.claim("AVC0012: method: ")
