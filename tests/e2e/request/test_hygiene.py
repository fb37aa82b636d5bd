# SPDX-License-Identifier: Apache-2.0
# What scripts, backends and logs get to see: no token behind the check, no mac in any log, no
# header or variable of ours that a client made up.
import json
import os
import re
import threading
import time

import pytest

from avc import php, tokens
from avc.httpd import USUAL
from avc.peers import MEDIA, PROXY, STRANGER
from avc.scripts import SHOW
from avc.tokens import signed, text_claim, token

CONFIG = """
AvcKeyFile "@keys@"
AvcMediaServer 127.0.0.2
AvcMediaServerScripts avchat
<Location "/signed">
    AvcSignedURL On
</Location>
<Location "/page">
    Require avc-token session
</Location>
<Location "/called">
    AvcMediaServerOnly On
    AvcMediaServerProof token
</Location>
<Location "/trial">
    AvcEnforce Log
    AvcSignedURL On
</Location>
"""
DOCROOT = {d + "/show.php": SHOW for d in ("signed", "page", "called", "open", "trial")}
DOCROOT.update({"error.php": SHOW, "chat/writeuserslist.php": SHOW})
MARKS = ("avc1", "mac.", "mac%2")


def seen(answer):
    assert answer.status == 200, answer
    return json.loads(answer.text)


def hidden_from_script(text):
    low = text.lower()
    return not any(mark in low for mark in MARKS)


@pytest.fixture(scope="module", params=sorted(php.WIRINGS))
def web(request, serve, fpm):
    modules = USUAL + php.MODULES.get(request.param, {}).get("event", [])
    return serve(CONFIG + php.WIRINGS[request.param], modules=modules, docroot=DOCROOT, **fpm.names())


def carriers(path, purpose):
    """(target, headers) for each way in which a token may come, and all of them escaped."""
    tok = token(path, purpose=purpose)
    escaped = tok.replace("~", "%7e").replace(".", "%2E")
    yield path + "?avc=" + tok, []
    yield path + "?%61vc=" + escaped, []
    yield signed(path, "path", purpose=purpose) if purpose != "session" else \
        "/~%s%s" % (tok, path), []
    yield path.replace("/show", "/~%s/show" % tok).replace("~", "%7e"), []
    yield path, [("Authorization", "Bearer " + tok)]
    if purpose in ("file", "session"):
        yield path, [("Cookie", "a=b; __Host-avc=" + tok + "; c=d")]


# SPEC [behind-2]
@pytest.mark.smoke
@pytest.mark.parametrize("path, purpose", [("/signed/show.php", "file"), ("/page/show.php", "session"),
                                           ("/called/show.php", "call")])
def test_a_script_behind_the_check_sees_no_token(web, path, purpose):
    tok = token(path, purpose=purpose)
    for target, headers in carriers(path, purpose):
        for referer in (None, "https://chat.example/~%s/x?avc=%s&z=1" % (tok, tok),
                        "https://chat.example/x?z=1&avc=" + tok):
            more = headers + ([("Referer", referer)] if referer else [])
            answer = web.allowed(target, headers=more)
            assert hidden_from_script(answer.text), (target, more, answer.text)
            server = seen(answer)["server"]
            assert server["REQUEST_URI"] == path, server
            assert server["QUERY_STRING"] == "" and seen(answer)["get"] == []
            assert server.get("HTTP_COOKIE") in (None, "a=b; c=d")


def test_what_else_the_request_holds_arrives_as_it_was(web):
    answer = web.allowed("/signed/show.php?avc=" + token("/signed/show.php"), headers=[
        ("Cookie", "sid=1; theme=dark"), ("Referer", "https://chat.example/page?a=1&b"),
        ("Authorization", "Bearer somebody-elses"), ("X-Own", "1")])
    server = seen(answer)["server"]
    assert server["HTTP_COOKIE"] == "sid=1; theme=dark" and server["HTTP_X_OWN"] == "1"
    assert server["HTTP_REFERER"] == "https://chat.example/page?a=1&b"


def test_where_no_token_is_asked_for_an_own_avc_argument_is_left_alone(web):
    shown = seen(web.allowed("/open/show.php?a=1&avc=hello&b"))
    assert shown["server"]["QUERY_STRING"] == "a=1&avc=hello&b" and shown["get"]["avc"] == "hello"


def test_path_tokens_are_gone_where_none_is_asked_for(web):
    answer = web.allowed("/open/~%s/show.php" % token("/open/", dir=1))
    assert hidden_from_script(answer.text) and seen(answer)["server"]["REQUEST_URI"] == "/open/show.php"


# -- what scripts learn of the token

def claims_of(answer):
    server = seen(answer)["server"]
    return {name: server[name] for name in server if "AVC_" in name}


# SPEC [claim-7]
def test_claims_reach_the_script(web):
    answer = web.allowed(signed("/page/show.php", purpose="session", sub=text_claim("Zo\u00eb B"),
                                role="publisher", kid="k2"))
    got = claims_of(answer)
    assert got["AVC_SUB"] == "Zo\u00eb B" and got["AVC_ROLE"] == "publisher"
    assert got["AVC_KID"] == "k2", got


MADE_UP = [("X-Avc-Sub", "admin"), ("X-Avc-Role", "admin"), ("x-avc-anything", "1"), ("X-AVC-KID", "k1"),
           ("AVC_SUB", "admin"), ("Avc-Sub", "admin")]


@pytest.mark.smoke
@pytest.mark.parametrize("target", ["/open/show.php", "/signed", "/page"])
def test_made_up_headers_never_reach_a_script(web, target):
    if target == "/signed":
        target = signed("/signed/show.php")
    if target == "/page":
        target = signed("/page/show.php", purpose="session")
    server = seen(web.allowed(target, headers=MADE_UP))["server"]
    assert not [n for n in server if n.startswith("HTTP_X_AVC") or n.startswith("REDIRECT_HTTP_X_AVC")]
    for name in ("AVC_SUB", "AVC_ROLE", "REDIRECT_AVC_SUB", "REDIRECT_AVC_ROLE"):
        assert server.get(name) in (None, ""), (name, server)


MADE_UP_VARIABLES = [
    "SetEnv AVC_SUB admin", "SetEnvIf Remote_Addr . AVC_SUB=admin", "SetEnv REDIRECT_AVC_SUB admin",
    "SetEnvIfExpr true AVC_SUB=admin",
]
MADE_UP_BY_REWRITING = [
    'RewriteEngine On\nRewriteRule "." "-" [E=AVC_SUB:admin]',
    'RewriteEngine On\nRewriteRule "." "-" [E=REDIRECT_AVC_SUB:admin]',
]


def ours_with(web, htaccess):
    """What a script in a folder with this .htaccess sees of variables with our names."""
    path = os.path.join(web.docroot, "open", ".htaccess")
    with open(path, "w") as out:
        out.write(htaccess + "\n")
    try:
        return claims_of(web.allowed("/open/show.php"))
    finally:
        os.unlink(path)


@pytest.mark.parametrize("line", MADE_UP_VARIABLES)
def test_variables_of_the_configuration_are_not_taken_for_ours(web, line):
    got = ours_with(web, line)
    assert "admin" not in got.values(), got


def test_variables_set_by_rewriting_are_not_taken_for_ours(serve_once, fpm):
    web = serve_once(CONFIG + php.WIRINGS["SetHandler"], docroot=DOCROOT, **fpm.names())
    for line in MADE_UP_BY_REWRITING:
        got = ours_with(web, line)
        assert "admin" not in got.values(), (line, got)


def test_the_reason_reaches_a_script_in_a_roll_out(web):
    answer = web.ask("/trial/show.php")
    web.log.claim(r"AVC\d{4}: no-token: ")
    assert claims_of(answer)["AVC_REASON"] == "no-token"
    answer = web.allowed(signed("/trial/show.php"))
    assert claims_of(answer).get("AVC_REASON", "") in ("", "ok"), claims_of(answer)


def test_an_error_page_that_is_a_script_sees_no_token(serve_once, fpm):
    config = CONFIG + "ErrorDocument 403 /error.php\nErrorDocument 410 /error.php\n" + \
        php.WIRINGS["SetHandler"]
    web = serve_once(config, docroot=DOCROOT, **fpm.names())
    path = "/signed/show.php"
    for target, reason, status in (
            (signed(path, expires=-5), "expired", 410),
            (signed(path, "path", expires=-5), "expired", 410),
            (path + "?avc=" + tokens.tampered(token(path)), "signature", 403),
            ("/signed/~" + tokens.tampered(token(path)) + "/show.php", "signature", 403)):
        answer = web.ask(target, headers=[("Referer", "https://chat.example" + signed(path))])
        assert answer.status == status, answer
        web.log.claim(r"AVC\d{4}: %s: " % reason)
        assert "REDIRECT_STATUS" in answer.text, answer
        assert hidden_from_script(answer.text), answer.text
        assert "no-store" in answer.words("Cache-Control")


def test_a_secret_beside_another_proof_stays_here(serve_once, fpm):
    """With "any", the address is enough; a right password that was sent as well is nobody's."""
    web = serve_once("""
    AvcKeyFile "@keys@"
    AvcMediaServer 127.0.0.2
    AvcMediaServerProof any address secret secret:X-Media
    AvcMediaServerScripts show
    CGIPassAuth On
    """.replace("CGIPassAuth On", "") + php.WIRINGS["SetHandler"], docroot=DOCROOT, **fpm.names())
    right = [("Authorization", "Bearer " + tokens.PASSWORD), ("X-Media", tokens.PASSWORD)]
    answer = web.allowed("/open/show.php", headers=right, source=MEDIA)
    assert tokens.PASSWORD not in answer.text, answer.text
    answer = web.allowed("/open/show.php", headers=[("X-Media", "another")], source=MEDIA)
    assert "another" in answer.text


def test_a_page_for_a_request_without_a_host_sees_no_token(serve_once, fpm):
    """Such a request never reaches the module; its ErrorDocument does."""
    web = serve_once(CONFIG + "ErrorDocument 400 /open/show.php\n" + php.WIRINGS["SetHandler"],
                     docroot=DOCROOT, **fpm.names())
    tok = token("/open/show.php")
    answer = web.raw(("GET /open/show.php HTTP/1.1\r\nAuthorization: Bearer %s\r\n"
                      "Cookie: a=b; __Host-avc=%s\r\nReferer: http://h/~%s/x?avc=%s\r\n\r\n"
                      % (tok, tok, tok, tok)).encode()).decode()
    assert answer.startswith("HTTP/1.1 400 ") and "a=b" in answer, answer
    assert hidden_from_script(answer), answer


# -- forwarding headers

FORWARDING = [("Client-IP", "192.0.2.66"), ("X-Forwarded-For", "192.0.2.66"),
              ("X-Real-IP", "192.0.2.66"), ("Forwarded", "for=192.0.2.66")]


def forwarded(server):
    return {n for n in server if n in ("HTTP_CLIENT_IP", "HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP",
                                       "HTTP_FORWARDED")}


def test_forwarding_headers_are_left_alone_by_default(web):
    server = seen(web.allowed("/open/show.php", headers=FORWARDING))["server"]
    assert len(forwarded(server)) == 4


# SPEC [conf-23]
@pytest.mark.smoke
def test_scrubbed_forwarding_headers(serve_once, fpm):
    """AVChat's bans key on Client-IP and X-Forwarded-For: a client must not choose them."""
    config = "AvcScrubHeaders On\n" + php.WIRINGS["SetHandler"]
    web = serve_once(config, keys=None, docroot=DOCROOT, **fpm.names())
    server = seen(web.allowed("/open/show.php", headers=FORWARDING))["server"]
    assert "HTTP_CLIENT_IP" not in server and "HTTP_X_FORWARDED_FOR" not in server
    assert not forwarded(server) and server["REMOTE_ADDR"] == STRANGER


def test_a_trusted_proxys_forwarding_headers_pass(serve_once, fpm):
    config = """
    AvcScrubHeaders On
    AvcClientAddress useragent
    RemoteIPHeader X-Forwarded-For
    RemoteIPInternalProxy 127.0.0.4
    """ + php.WIRINGS["SetHandler"]
    web = serve_once(config, modules=USUAL + ["remoteip"], keys=None, docroot=DOCROOT, **fpm.names())
    chain = [("X-Forwarded-For", "198.51.100.9, 192.0.2.66"), ("Client-IP", "192.0.2.66")]
    server = seen(web.allowed("/open/show.php", headers=chain, source=PROXY))["server"]
    assert server["REMOTE_ADDR"] == "192.0.2.66" and server["HTTP_CLIENT_IP"] == "192.0.2.66"
    server = seen(web.allowed("/open/show.php", headers=chain, source=STRANGER))["server"]
    assert server["REMOTE_ADDR"] == STRANGER and not forwarded(server), server


# -- logs

EVERY_LOG = CONFIG + """
ForensicLog "@root@/logs/forensic.log"
SecRuleEngine DetectionOnly
SecRequestBodyAccess On
SecResponseBodyAccess On
SecAuditEngine On
SecAuditLogType Serial
SecAuditLog "@root@/logs/audit.log"
SecAuditLogParts ABCDEFGHIJKZ
SecRule REQUEST_URI "@contains signed" "id:1,phase:1,pass,log,auditlog,msg:'seen %{REQUEST_URI}'"
SecRule ARGS "@rx ." "id:2,phase:2,pass,log,auditlog,msg:'arg %{MATCHED_VAR}'"
SecRule REQUEST_HEADERS "@rx avc1" "id:3,phase:1,pass,log,auditlog,msg:'header'"
LogFormat "%r|%U|%q|%{Referer}i|%{Authorization}i|%{Cookie}i|%{X}i|%f" everything
CustomLog "@root@/logs/everything.log" everything
CustomLog "@root@/logs/early.log" "%{UNIQUE_ID}e %>s %{early}e"
SetEnvIf Request_URI "(.*)" early=$1
<Location "/server-status">
    SetHandler server-status
</Location>
"""


# SPEC [keys-14]
@pytest.mark.smoke
@pytest.mark.parametrize("level", ["info", "debug"])
def test_no_log_of_httpds_holds_a_mac(serve_once, fpm, level):
    """Access, error, forensic and audit log, status page; every carrier, right and wrong."""
    web = serve_once(EVERY_LOG + php.WIRINGS["SetHandler"], docroot=DOCROOT, loglevel=level, tls=True,
                     http2=True, modules=USUAL + ["log_forensic", "security2", "unique_id"],
                     outside='SecDataDir "@root@/run"\nSecTmpDir "@root@/run"\nExtendedStatus On',
                     **fpm.names())
    for path, purpose in (("/signed/show.php", "file"), ("/page/show.php", "session"),
                          ("/open/show.php", "file"), ("/called/show.php", "call")):
        for target, headers in carriers(path, purpose):
            referer = [("Referer", "https://chat.example/~%s/a?avc=%s" % (
                token(path), token(path, kid="k2")))]
            for more in ([], referer):
                web.ask(target, headers=headers + more)
                web.ask(target, "POST", headers=headers + more, body=b"x=1")
                web.ask(target.replace("mac", "mbc"), headers=headers + more)
                web.ask(target + "x", headers=headers + more)
                options = [word for n, v in headers + more for word in ("-H", "%s: %s" % (n, v))]
                web.curl(target, "--http2-prior-knowledge", *options)
    web.log.disregard(r"AVC\d{4}: |ModSecurity|AH01630|AH01276")
    shown = "".join(web.ask("/server-status" + more).text for more in ("", "?auto", "?notable"))
    assert "GET /" in shown and not re.search(r"mac(\.|%2e)[a-z0-9_-]{43}", shown, re.I)
    for name in ("forensic.log", "audit.log", "everything.log", "early.log"):
        with open(os.path.join(web.root, "logs", name), errors="replace") as log:
            content = log.read()
        assert content, name
        # Where tokens show at all, they show without their mac.
        found = re.findall(r"(.{60})mac(?:\.|%2e)[a-z0-9_-]{43}", content, re.I)
        assert not found, (name, found[:5])


def test_the_access_log_shows_the_request_line_with_the_mac_cut(web):
    web.allowed(signed("/signed/show.php") + "&utm_x=cut")
    web.allowed(signed("/signed/show.php", "path") + "?utm_x=cutpath")
    line = web.logged("utm_x=cut ")[0]
    assert re.search(r'"GET /signed/show\.php\?avc=avc1~for\.file~kid\.k1~iat\.\d+~exp\.\d+~mac\.\*&utm_x=cut '
                     r'HTTP/1\.1" 200', line), line
    line = web.logged("utm_x=cutpath ")[0]
    assert re.search(r'"GET /signed/~avc1~for\.file~[^/]*~mac\.\*/show\.php\?utm_x=cutpath HTTP/1\.1" 200',
                     line), line


def test_a_jwt_stands_in_the_access_log_without_its_signature(web):
    """Ours or another's: the media server behind may take it from a query."""
    head, signature = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjF9.", "x" * 43
    referer = "http://chat.example/page?jwt=" + head + signature
    web.ask("/none.txt?utm_x=jwt&jwt=" + head + signature, headers=[("Referer", referer)])
    (line,) = web.logged("utm_x=jwt")
    assert "jwt=%s* HTTP/1.1" % head in line and "page?jwt=%s*" % head in line, line
    assert signature not in web.access_log()


# SPEC [answer-5]
def test_being_allowed_is_silent_and_being_refused_is_one_line(web):
    web.allowed(signed("/signed/show.php"))
    for _ in range(3):
        web.refused("/signed/show.php", "no-token")
    web.refused("/chat/writeuserslist.php", "address")
    web.allowed("/chat/writeuserslist.php", source=MEDIA)


def test_text_from_strangers_is_escaped_in_the_log(web):
    web.ask("/signed/show.php?avc=" + token("/signed/show.php") + "&bad%0aline%1b[31m=1&x=\u00e9")
    line = web.log.claim(r"AVC\d{4}: argument: ")[0]
    assert "\x1b" not in line and all(ord(c) >= 32 for c in line)


# SPEC [behind-3]
def test_the_status_page_shows_a_running_request_without_its_mac(serve_once, fpm):
    """While a script still runs its request line stands in the scoreboard."""
    config = CONFIG + php.WIRINGS["SetHandler"] + """
    ExtendedStatus On
    <Location "/server-status">
        SetHandler server-status
    </Location>
    """
    slow = "<?php usleep(700000); echo 'done';"
    web = serve_once(config, docroot={"signed/slow.php": slow, "open/slow.php": slow}, http2=True,
                     **fpm.names())
    targets = [signed("/signed/slow.php"), signed("/signed/slow.php", "path"),
               "/open/slow.php?avc=" + token("/open/slow.php"),
               "/open/~%s/slow.php" % token("/open/slow.php")]
    running = [threading.Thread(target=web.ask, args=(target,)) for target in targets[:3]]
    running += [threading.Thread(target=web.curl, args=(targets[3], "--http2-prior-knowledge"))]
    for thread in running:
        thread.start()
    shown = ""
    for _ in range(5):
        time.sleep(0.1)
        shown += web.ask("/server-status").text
    for thread in running:
        thread.join()
    assert "slow.php" in shown
    assert not re.search(r"mac(\.|%2e)[a-z0-9_-]{43}", shown, re.I)


# -- what a page hands on

INVITES = """<?php
$self = 'http://' . $_SERVER['HTTP_HOST'];
echo $self . $_SERVER['REQUEST_URI'], "\\n", $self . $_SERVER['PHP_SELF'], "\\n", $_SERVER['HTTP_REFERER'] ?? '', "\\n",
    $self . $_SERVER['SCRIPT_NAME'], "\\n", $_SERVER['SCRIPT_URI'] ?? '', "\\n", $self . ($_SERVER['DOCUMENT_URI'] ?? ''),
    "\\n", $self . dirname($_SERVER['REQUEST_URI']) . '/?room=7';
"""
INCLUDES = ('<!--#echo var="REQUEST_URI" --> <!--#echo var="DOCUMENT_URI" --> <!--#echo var="HTTP_REFERER" -->'
            '<!--#echo var="QUERY_STRING_UNESCAPED" --> <!--#echo var="SCRIPT_URI" --> <!--#printenv -->')


@pytest.mark.parametrize("protocol", ["--http1.1", "--http2-prior-knowledge"])
def test_an_invitation_that_a_page_makes_of_its_address_is_everybodys(serve_once, fpm, protocol):
    """It held the token of the visitor who invites."""
    config = CONFIG + php.WIRINGS["SetHandler"] + """
    RewriteEngine On
    <Directory "@docroot@">
        Options +Includes
        AddOutputFilter INCLUDES .shtml
    </Directory>
    """
    web = serve_once(config, docroot={"signed/invite.php": INVITES, "signed/invite.shtml": INCLUDES,
                                      "page/invite.php": INVITES}, http2=True, **fpm.names())
    for path, purpose in (("/signed/invite.php", "file"), ("/signed/invite.shtml", "file"),
                          ("/page/invite.php", "session")):
        tok = token(path, purpose=purpose)
        inner = path.replace("/invite", "/~%s/invite" % tok)
        answer = web.curl(inner + ("?room=7" if purpose == "session" else ""), protocol,
                          "-H", "Referer: http://chat.example%s?avc=%s" % (inner, tok))
        assert answer.status == 200 and path in answer.text and hidden_from_script(answer.text), answer.text
