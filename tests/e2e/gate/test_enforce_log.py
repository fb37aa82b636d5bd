# SPDX-License-Identifier: Apache-2.0
# AvcEnforce Log, for a roll-out: decides, logs and counts but lets pass; for the media server,
# the admin area and AvcSignedURL only.
import pytest

from avc import tokens
from avc.peers import ADMIN, MEDIA, STRANGER
from avc.tokens import signed

CONFIG = """
AvcKeyFile "@keys@"
AvcEnforce Log
AvcMediaServer 127.0.0.2
AvcAdmin 127.0.0.3
AvcMediaServerScripts avchat
AvcAdminScripts avchat
<Location "/signed">
    AvcSignedURL On
</Location>
<Location "/files">
    AvcFiles "@private@"
</Location>
<Location "/enforced">
    AvcEnforce On
    AvcSignedURL On
</Location>
"""


@pytest.fixture(scope="module")
def web(serve):
    return serve(CONFIG, private={"a.txt": "private"}, docroot={
        "chat/writeuserslist.php": "script", "chat/admin.html": "area", "signed/a.txt": "content",
        "enforced/a.txt": "content"})


# SPEC [conf-5]
@pytest.mark.parametrize("target, body, reason", [
    ("/chat/writeuserslist.php", "script", "address"), ("/chat/admin.html", "area", "address"),
    ("/signed/a.txt", "content", "no-token"),
    (tokens.signed("/signed/other.txt").replace("other", "a"), "content", "signature"),
    (tokens.signed("/signed/a.txt", expires=-5), "content", "expired"),
    ("/signed/~" + tokens.tampered(tokens.token("/signed/", dir=1)) + "/a.txt", "content",
     "signature"),
])
def test_what_would_be_refused_is_logged_and_let_pass(web, target, body, reason):
    answer = web.ask(target, source=STRANGER)
    assert answer.status == 200 and answer.text == body
    web.log.claim(r"AVC\d{4}: %s: " % reason)


def test_the_note_for_the_access_log_is_set_too(web):
    web.ask("/signed/a.txt?mark=logmode")
    web.log.claim(r"AVC\d{4}: no-token: ")
    assert "reason=no-token" in web.logged("mark=logmode")[0]


def test_what_is_allowed_is_silent(web):
    web.allowed("/chat/writeuserslist.php", source=MEDIA, shows="script")
    web.allowed("/chat/admin.html", source=ADMIN, shows="area")
    web.allowed(tokens.signed("/signed/a.txt"), shows="content")


# SPEC [conf-5]
def test_private_files_are_enforced_all_the_same(web):
    web.refused("/files/a.txt", "no-token")
    web.refused(tokens.signed("/files/a.txt", expires=-5), "expired", status=410)
    web.allowed(tokens.signed("/files/a.txt"), shows="private")


def test_a_forged_path_token_is_enforced_all_the_same(web):
    forged = tokens.tampered(tokens.token("/open.txt"))
    web.refused("/~" + forged + "/chat/admin.html", "signature", source=ADMIN)


def test_a_section_may_enforce_already(web):
    web.refused("/enforced/a.txt", "no-token")
    web.allowed(tokens.signed("/enforced/a.txt"), shows="content")


def test_preflights_are_left_to_what_is_behind(web):
    """Before the roll-out, the backend answered them; a 204 of ours would break its own CORS."""
    for headers in ([], [("Origin", "https://app.example"), ("Access-Control-Request-Method", "GET")]):
        answer = web.ask("/signed/a.txt", "OPTIONS", headers=headers)
        assert answer.status == 200 and "GET" in answer.get("Allow"), answer
        answer = web.ask("/enforced/a.txt", "OPTIONS", headers=headers)
        assert answer.status == 204, answer


# -- what is enforced all the same

HANDLERS = """
AvcKeyFile "@keys@"
AvcEnforce Log
AvcMediaServer 127.0.0.2
AvcMediaServerProof token
AvcMediaServerScripts avchat
AvcAdmin 127.0.0.3
AvcAdminProof token
AvcAdminScripts avchat
<Location "/chat/token_verify.php">
    SetHandler avcsec-token-verify
</Location>
<Location "/admission">
    SetHandler avcsec-admission
    AvcAdmission nginx-rtmp
</Location>
<Location "/check">
    SetHandler avcsec-check
    AvcCheck nginx
</Location>
<Location "/signed">
    AvcSignedURL On
</Location>
<Location "/signed/required">
    Require avc-token file
</Location>
<Location "/required">
    AvcMediaServerOnly On
    Require avc-token call
</Location>
<Location "/private">
    AvcFiles "@private@"
    AvcSignedURL On
</Location>
"""
FORM = [("Content-Type", "application/x-www-form-urlencoded")]


@pytest.fixture(scope="module", params=["event", "worker", "prefork"])
def asked(request, serve):
    return serve(HANDLERS, mpm=request.param, private={"a.txt": "private"}, docroot={
        "chat/sendReport.php": "script", "chat/admin.html": "area", "signed/a.txt": "content",
        "signed/required/a.txt": "content", "required/a.txt": "content"})


def once(path, purpose="call"):
    return tokens.limited(path, purpose=purpose, expires=600)


def test_our_own_handlers_answer_no_call_token_that_was_spent(asked):
    session = tokens.token("/", purpose="session", act="connect.publish")
    publish = "call=publish&app=live&name=a&addr=192.0.2.7&clientid=1&avc=" + session
    file = [("X-Original-URI", signed("/x")), ("X-Original-Method", "GET"), ("X-Real-IP", "192.0.2.7")]
    for path, headers, body in (("/chat/token_verify.php", FORM, b"token=" + session.encode()),
                                ("/admission", FORM, publish.encode()), ("/check/x", file, b"")):
        link, method = once(path), "POST" if body else "GET"
        asked.allowed(link, method, headers, body, source=MEDIA)
        asked.refused(link, "used-up", method, headers, body, source=MEDIA)
        asked.refused(path, "no-token", method, headers, body, source=MEDIA)


@pytest.mark.parametrize("path, purpose", [
    ("/signed/required/a.txt", "file"), ("/required/a.txt", "call"), ("/private/a.txt", "file")])
def test_what_a_require_line_or_a_private_file_asks_for_is_counted_and_refused(asked, path, purpose):
    link = once(path, purpose)
    asked.allowed(link, source=MEDIA)
    asked.refused(link, "used-up", source=STRANGER)


@pytest.mark.parametrize("path, purpose", [
    ("/chat/sendReport.php", "call"), ("/chat/admin.html", "call"), ("/signed/a.txt", "file")])
def test_what_only_logs_lets_a_spent_token_pass(asked, path, purpose):
    link = once(path, purpose)
    asked.allowed(link, source=MEDIA)
    assert asked.ask(link, source=STRANGER).status == 200
    asked.log.claim(r"AVC\d{4}: used-up: .* would be refused")


def test_what_is_refused_says_so_behind_what_would_have_been(asked):
    answer = asked.ask("/required/a.txt", source=MEDIA)
    assert answer.status == 403
    asked.log.claim(r"AVC\d{4}: no-token: .* would be refused")
    asked.log.claim(r"AVC\d{4}: no-token: (?!.* would be refused)")
    asked.log.claim("AH01630")
