# SPDX-License-Identifier: Apache-2.0
# Whatever a log is told to write of a request, it writes without a mac: in a virtual host with
# keys and in one without, of redirects that keep a token, of malformed requests, and while a
# request still runs.
import os
import re
import threading

import pytest

from avc import client, php, settings
from avc.backend import Backend
from avc.httpd import USUAL
from avc.scripts import SHOW
from avc.tokens import signed, token

MAC = re.compile(r"mac(?:\.|%2e|%252e)[a-z0-9_-]{17,}", re.I)
# Everything that mod_log_config can write of a request, but for bodies and numbers.
FORMATS = ("%r %U %q %f %m %H %R %s %u %V %v %{Referer}i %{Authorization}i %{Cookie}i %{X-Own}i %{Location}o "
           "%{Link}o %{QUERY_STRING}e %{REQUEST_URI}e %{SCRIPT_URI}e %{SCRIPT_URL}e %{SCRIPT_FILENAME}e "
           "%{PATH_INFO}e %{PATH_TRANSLATED}e %{REDIRECT_URL}e %{REDIRECT_QUERY_STRING}e %{UNIQUE_ID}e %{early}e "
           "%{avc-reason}n %{error-notes}n %{own}n %{sid}C %{__Host-avc}C %{X-Own}^ti %{X-Own}^to "
           "%{REQUEST_URI}x %{THE_REQUEST}x %{QUERY_STRING}x %{REQUEST_FILENAME}x %{HTTP_REFERER}x %{HTTP_COOKIE}x "
           "%{HTTP:Authorization}x %{PATH_INFO}x")
CONFIG = """
ExtendedStatus On
SeeRequestTail On
LogFormat "%s" all
CustomLog "@root@/logs/all.log" all
CustomLog "@root@/logs/later.log" "%%>r|%%<r|%%>U|%%<U|%%>q|%%<q|%%>f|%%<f"
SetEnvIf Request_URI "(.*)" early=$1
RewriteEngine On
ProxyPass "/back" "http://127.0.0.1:@back@/back"
<Location "/server-status">
    SetHandler server-status
</Location>
<VirtualHost 127.0.0.1:@port@>
    ServerName chat.example
    DocumentRoot "@docroot@"
    AvcKeyFile "@keys@"
    <Location "/signed">
        AvcSignedURL On
        LogMessage "seen %%{REQUEST_URI} %%{QUERY_STRING} %%{THE_REQUEST}" hook=all
    </Location>
    RewriteEngine On
    RewriteOptions Inherit
    Header set Link "expr=%%{HTTP:X-Link}" "expr=-n %%{HTTP:X-Link}"
    Redirect "/signed/moved" "http://chat.example:@port@/signed/show.php"
    Redirect "/away" "https://elsewhere.example/"
    @script@
</VirtualHost>
<VirtualHost 127.0.0.1:@port@>
    ServerName plain.example
    DocumentRoot "@docroot@"
    RewriteEngine On
    RewriteOptions Inherit
    Header set Link "expr=%%{HTTP:X-Link}" "expr=-n %%{HTTP:X-Link}"
    Redirect "/signed/moved" "http://chat.example:@port@/signed/show.php"
    Redirect "/away" "https://elsewhere.example/"
    @script@
</VirtualHost>
""" % FORMATS
SCRIPT = '<FilesMatch "\\.php$">\nSetHandler "proxy:unix:@socket@|fcgi://localhost"\n</FilesMatch>\n'
DOCROOT = {"signed/show.php": SHOW, "open/show.php": SHOW, "open/dir/index.html": "x", "signed/a.txt": "a", "signs/x": "x",
           "open/slow.php": "<?php file_put_contents('@mark@', '1'); usleep(600000); echo 'done';"}
MODULES = USUAL + ["unique_id", "ssl", "socache_shmcb", "log_debug", "log_forensic", "speling"]


@pytest.fixture(scope="module")
def backend():
    server = Backend()
    yield server
    server.close()


@pytest.fixture(scope="module")
def web(serve, fpm, backend):
    server = serve(CONFIG.replace("@script@", SCRIPT), docroot=DOCROOT, modules=MODULES, http2=True,
                   loglevel="notice", back=backend.port, **fpm.names())
    server.log.disregard("AH01873")
    return server


def requests(name, port):
    """Targets and headers of all sorts: each carrier, each ending."""
    own = "http://%s:%d" % (name, port)
    for path in ("/signed/show.php", "/open/show.php", "/signed/moved", "/away/x", "/open/dir", "/open/none.txt",
                 "/open/shwo.php", "/open/show.php/more/info", "/back/x", "/server-status", "/signed/a.txt"):
        tok = token(path, dir=1) if path.count("/") > 1 else token(path)
        for target in (path + "?avc=" + tok, path + "?a=1&%61vc=" + tok.replace("~", "%7E").replace(".", "%2E"),
                       "/~" + tok + path, path.replace("/", "/~%s/" % tok, 1) + "?avc=" + tok,
                       own + path + "?avc=" + tok, path + "/~" + tok, path + "?x=" + tok + "&y"):
            yield target, []
        yield path, [("Authorization", "Bearer " + tok)]
        yield path, [("Cookie", "sid=%s; __Host-avc=%s" % (tok, tok))]
        yield path, [("Referer", own + "/~%s/x?avc=%s" % (tok, tok))]
        # What a server in front adds, and what a page says of its own.
        yield path, [("X-Own", path + "?avc=" + tok)]
        yield path + "?avc=" + tok, [("X-Own", path + "?avc=" + tok)]
        yield "/signs/x", [("X-Link", "</signed/a.txt?avc=%s>; rel=preload" % tok)]


@pytest.mark.smoke
@pytest.mark.parametrize("name", ["chat.example", "plain.example"])
@pytest.mark.parametrize("protocol", ["1", "2"])
def test_no_format_of_an_access_log_writes_a_mac(web, backend, name, protocol):
    # What an application signs itself, too.
    backend.answers["/back/x"] = (302, [("Location", signed("/back/y", kid="k2"))], b"")
    host = "%s:%d" % (name, web.port)
    for target, headers in requests(name, web.port):
        if protocol == "1":
            client.request(web.port, target, headers=headers, host=host)
        elif target.startswith("/"):
            options = [word for pair in headers for word in ("-H", "%s: %s" % pair)]
            client.curl(web.port, target, "--http2-prior-knowledge", *options, host=name)
    web.log.disregard(r"AVC\d{4}: |AH01630|AH01276|AH00036|AH00127|AH01071|AH10244")
    for log in ("all.log", "later.log"):
        with open(os.path.join(web.root, "logs", log), errors="replace") as file:
            content = file.read()
        assert "mac.*" in content and "avc1~" in content
        assert not MAC.search(content), (log, MAC.search(content).group(0)[:24],
                                         [line for line in content.splitlines() if MAC.search(line)][0])


@pytest.mark.parametrize("protocol", ["1", "2"])
def test_a_redirect_that_keeps_its_token_shows_none_in_the_log(web, protocol):
    """The client gets it whole, also over HTTP/2, where log and answer go their ways side by side."""
    for carrier in ("query", "path"):
        target = signed("/signed/moved", carrier, dir=1)
        tok = re.search("avc1~[^/]*", target.split("?")[0] if carrier == "path" else target).group(0)
        for _ in range(10):
            answer = client.request(web.port, target, host="chat.example:%d" % web.port) if protocol == "1" else \
                client.curl(web.port, target, "--http2-prior-knowledge")
            assert answer.status == 302 and tok in answer.get("Location"), answer
    with open(os.path.join(web.root, "logs", "all.log"), errors="replace") as file:
        assert re.search(r"http://chat\.example:\d+/signed/\S*avc1~\S*mac\.\*", file.read())


def test_malformed_requests_show_none_either(web):
    tok = token("/open/show.php")
    for data in ("GET /~%s/open/show.php HTTP/1.1\r\n\r\n", "GET /x?avc=%s HTTP/1.1\r\nHost: a b\r\n\r\n",
                 "GET /x HTTP/1.1\r\nAuthorization: Bearer %s\r\n\r\n", "GET x/~%s HTTP/1.1\r\nHost: chat.example\r\n\r\n",
                 "GET ~%s/x HTTP/1.1\r\nHost: chat.example\r\n\r\n", "GET /%%zz/~%s HTTP/1.1\r\nHost: chat.example\r\n\r\n",
                 "GET /x HTTP/1.1\r\nHost: chat.example\r\nCookie: __Host-avc=%s\r\nbad line\r\n\r\n",
                 "GET /~%s/../../x HTTP/1.1\r\nHost: chat.example\r\n\r\n", "GET /~%s/x%%00 HTTP/1.1\r\nHost: chat.example\r\n\r\n",
                 "GET /~%s/x HTTP/3.7\r\nHost: chat.example\r\n\r\n", "OPTIONS *?avc=%s HTTP/1.1\r\nHost: chat.example\r\n\r\n",
                 "CONNECT ~%s:80 HTTP/1.1\r\nHost: chat.example\r\n\r\n", "GET http://u:%s@h/x HTTP/1.1\r\nHost: h\r\n\r\n",
                 "GET /x HTTP/1.1\r\nHost: chat.example\r\nExpect: foo\r\nReferer: /~%s/\r\nAuthorization: Bearer " + tok +
                 "\r\n\r\n", "GET /~%s/" + "x" * 9000 + " HTTP/1.1\r\nHost: chat.example\r\n\r\n"):
        web.raw((data % tok).encode())
    web.log.disregard(r"AH\d{5}|AVC\d{4}")
    for log in ("all.log", "later.log", "access.log"):
        path = os.path.join(web.root, "logs", log)
        with open(path, errors="replace") as file:
            content = file.read()
        assert not MAC.search(content), [line for line in content.splitlines() if MAC.search(line)][0]


@pytest.mark.parametrize("name", ["chat.example", "plain.example"])
@pytest.mark.parametrize("mpm", ["event", "worker", "prefork"])
def test_server_status_while_a_request_runs(serve_once, fpm, backend, name, mpm):
    docroot = {path: text.replace("@mark@", settings.REPOSITORY) for path, text in DOCROOT.items()}
    web = serve_once(CONFIG.replace("@script@", SCRIPT), docroot=docroot, modules=MODULES, mpm=mpm, http2=mpm != "prefork",
                     loglevel="notice", back=backend.port, **fpm.names())
    web.log.disregard("AH01873|AH00161")
    short = token("/open/slow.php", expires=None, issued=None, kid="k1")
    targets = ["/~%s/open/slow.php" % short, "/open/slow.php?avc=" + short]
    # mod_http2 does without prefork.
    for protocol in ("--http1.1", "--http2-prior-knowledge")[:1 if mpm == "prefork" else 2]:
        running = [threading.Thread(target=client.curl, args=(web.port, target, protocol), kwargs={"host": name})
                   for target in targets]
        for thread in running:
            thread.start()

        def shown():
            text = "".join(client.request(web.port, "/server-status" + more).text for more in ("", "?notable"))
            assert not MAC.search(text), MAC.search(text).group(0)
            return "slow.php" in text
        settings.until(shown, pause=0.05)
        for thread in running:
            thread.join()
    web.log.disregard(r"AVC\d{4}: |AH0")


AUDITED = """
ForensicLog "@root@/logs/forensic.log"
SecRuleEngine DetectionOnly
SecRequestBodyAccess On
SecResponseBodyAccess On
SecResponseBodyMimeType text/html text/plain
SecAuditEngine On
SecAuditLogType Serial
SecAuditLog "@root@/logs/audit.log"
SecAuditLogParts ABCDEFGHIJKZ
SecRule RESPONSE_HEADERS:Location "@rx ." "id:1,phase:3,pass,log,auditlog,msg:'%{MATCHED_VAR}'"
SecRule RESPONSE_HEADERS:Location "@rx ." "id:2,phase:5,pass,log,auditlog,msg:'%{MATCHED_VAR}'"
SecRule REQUEST_URI "@rx ." "id:3,phase:5,pass,log,auditlog,msg:'%{REQUEST_URI} %{REQUEST_LINE} %{QUERY_STRING}'"
<Location "/signed">
    AvcSignedURL On
</Location>
AvcKeyFile "@keys@"
Redirect "/signed/moved" "http://chat.example:@port@/signed/a.txt"
Redirect "/signed/away" "https://elsewhere.example/"
<Directory "@docroot@/open">
    RewriteEngine On
    RewriteRule "^gone" "http://chat.example:@port@/open/a.txt" [R]
    RewriteRule "^out" "https://elsewhere.example/open/a.txt" [R]
</Directory>
"""


@pytest.mark.smoke
def test_redirects_in_audit_and_forensic_logs(serve_once):
    """Headers and pages of redirects that keep a token, and of those that keep none."""
    web = serve_once(AUDITED, modules=USUAL + ["log_forensic", "security2", "unique_id"], docroot=DOCROOT,
                     http2=True, loglevel="debug", outside='SecDataDir "@root@/run"\nSecTmpDir "@root@/run"')
    web.log.expected.append(r"AVC\d{4}: |ModSecurity")  # over HTTP/2 also when the answer has come
    for path, stays in (("/signed/moved", True), ("/signed/away", False), ("/open/gone", True), ("/open/out", False),
                        ("/open/dir", True)):
        for carrier in ("query", "path"):
            tok = token(path, dir=1)
            target = path + "?avc=" + tok if carrier == "query" else path.replace("/", "/~%s/" % tok, 1)
            for _ in range(3):
                answer = client.request(web.port, target, host="chat.example:%d" % web.port)
                assert answer.status in (301, 302) and (tok in answer.get("Location")) == stays, answer
                assert not MAC.search(answer.text), answer.text
                client.curl(web.port, target, "--http2-prior-knowledge")
    for log in ("forensic.log", "audit.log", "access.log", "error.log"):
        with open(os.path.join(web.root, "logs", log), errors="replace") as file:
            content = file.read()
        assert content and not MAC.search(content), (log, [l for l in content.splitlines() if MAC.search(l)][:2])
