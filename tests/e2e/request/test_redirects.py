# SPDX-License-Identifier: Apache-2.0
# Redirects: a token goes along where it still opens something, on this site's own hosts, and
# nowhere else, whoever made the redirect. Real clients follow them.
import re
import subprocess
import urllib.parse

import pytest

from avc import client, httpd
from avc.backend import Backend
from avc.httpd import USUAL
from avc.tokens import signed, tampered, token

MODULES = USUAL + ["speling", "cgid", "userdir", "ssl", "socache_shmcb", "remoteip"]
MACS = re.compile(r"mac(?:\.|%2e|%252e)[A-Za-z0-9_-]{43}", re.I)

# Names with these keys on a plain and a TLS port, some by wildcard, and others that are no
# place for a token of chat.example.
HOSTS = """
Listen 127.0.0.1:@plain@
Listen 127.0.0.1:@secure@ https
AvcKeyFile "@keys@"
AvcRedirectHosts outer.example
ProxyPass "/live" "http://127.0.0.1:@back@/live"
<Location "/signed">
    AvcSignedURL On
</Location>
<Location "/live">
    AvcSignedURL On
</Location>
<Location "/talk">
    AvcSessionFor connect
</Location>
<VirtualHost 127.0.0.1:@plain@>
    ServerName default.example
    RewriteEngine On
    RewriteOptions Inherit
</VirtualHost>
<VirtualHost 127.0.0.1:@plain@>
    ServerName chat.example
    ServerAlias www.chat.example *.wild.example
    RewriteEngine On
    RewriteRule "^/signed/qsa$" "https://www.chat.example:@secure@/signed/a.txt?lang=en" [R,QSA]
    RewriteRule "^/signed/drops$" "https://chat.example:@secure@/signed/a.txt?" [R]
    RewriteCond %{QUERY_STRING} .
    RewriteRule "^/signed/tidy/" "%{REQUEST_URI}?" [R,L]
    RewriteCond %{HTTP:X-Secure} .
    RewriteRule "^" "https://chat.example:@secure@%{REQUEST_URI}" [R=301,L]
    RewriteCond %{HTTP:X-Www} .
    RewriteCond %{HTTP_HOST} !^www
    RewriteRule "^" "http://www.chat.example:@plain@%{REQUEST_URI}" [R=302,L]
    RewriteCond %{HTTP:X-To} (.+)
    RewriteRule "^" "%1%{REQUEST_URI}" [R=302,L,NE]
    Redirect "/signed/away" "https://elsewhere.example/signed/away"
    RedirectMatch "^/signed/match/(.*)$" "http://www.chat.example:@plain@/signed/$1"
    ErrorDocument 404 "http://www.chat.example:@plain@/signed/missing.txt"
</VirtualHost>
<VirtualHost 127.0.0.1:@secure@>
    ServerName chat.example
    ServerAlias www.chat.example
    SSLEngine on
    SSLCertificateFile "@cert@"
    SSLCertificateKeyFile "@key@"
    RewriteEngine On
    RewriteCond %{HTTP:X-Plain} .
    RewriteRule "^" "http://chat.example:@plain@%{REQUEST_URI}" [R=302,L]
</VirtualHost>
<VirtualHost 127.0.0.1:@plain@>
    ServerName realm.example
    AvcRealm another
</VirtualHost>
<VirtualHost 127.0.0.1:@plain@>
    ServerName keys.example
    AvcKeyFile "@root@/conf/other.keys"
</VirtualHost>
<VirtualHost 127.0.0.1:@plain@>
    ServerName https://offloaded.example
    AvcRedirectHosts offloaded.example
</VirtualHost>
<VirtualHost 127.0.0.1:@plain@>
    ServerName unlisted.example
    AvcRedirectHosts none
    RewriteEngine On
    RewriteCond %{HTTP:X-To} (.+)
    RewriteRule "^" "%1%{REQUEST_URI}" [R=302,L,NE]
</VirtualHost>
<VirtualHost 127.0.0.1:@plain@>
    ServerName inherits.example
    RewriteEngine On
    RewriteCond %{HTTP:X-To} (.+)
    RewriteRule "^" "%1%{REQUEST_URI}" [R=302,L,NE]
</VirtualHost>
<VirtualHost 127.0.0.1:@plain@>
    ServerName listed.example
    AvcRedirectHosts partner.example cdn.example:8443 [2001:db8::1]
    RewriteEngine On
    RewriteCond %{HTTP:X-To} (.+)
    RewriteRule "^" "%1%{REQUEST_URI}" [R=302,L,NE]
</VirtualHost>
"""
HTACCESS = """RewriteEngine On
RewriteCond %{HTTPS} !=on
RewriteRule "^" "https://chat.example:@secure@%{REQUEST_URI}" [R=301,L]
"""
GO = ("mode", 0o755, "#!/bin/sh\necho \"Status: 302\nLocation: $HTTP_X_LOCATION\n\"\n")
DOCROOT = {
    "open/.htaccess": "", "signed/a.txt": "content of a", "signed/missing.txt": "the page for what is missing",
    "signed/dir/index.html": "index of dir", "signed/Spelled.txt": "spelled",
    "signed/forced/b.txt": "content of b", "signed/tidy/c.txt": "content of c",
    "open/dir/index.html": "open dir", "open/a.txt": "open",
    "signed/go.cgi": GO, "open/go.cgi": GO, "talk/go.cgi": GO,
}
DIRECTORY = """
Options +ExecCGI +FollowSymLinks
AddHandler cgi-script .cgi
AllowOverride All
CheckSpelling On
Require all granted
"""


@pytest.fixture(scope="module")
def backend():
    server = Backend()
    yield server
    server.close()


def begin(backend, mpm="event"):
    key, cert = httpd.home.certificate()
    modules = ["cgi" if mpm == "prefork" and name == "cgid" else name for name in MODULES]
    plain, secure = httpd.free_port(), httpd.free_port()
    server = httpd.Httpd(HOSTS, modules=modules, docroot=DOCROOT, directory=DIRECTORY, mpm=mpm, http2=mpm != "prefork",
                         plain=plain, secure=secure, back=backend.port, key=key, cert=cert)
    server.plain, server.secure = plain, secure
    server.write_secret("conf/other.keys", "k1 hs256 " + "A" * 43 + "\n")
    with open(server.docroot + "/signed/forced/.htaccess", "w") as out:
        out.write(server.fill(HTACCESS))
    server.start()
    server.log.disregard("AVC0102: .*share keys and realm|AH01873")
    return server


@pytest.fixture(scope="module")
def web(backend):
    server = begin(backend)
    yield server
    httpd.stop_all([server])


@pytest.fixture(autouse=True)
def a_lost_token_is_told_now_and_then(web):
    """Once a minute: by which of the tests depends on how long they take."""
    yield
    web.log.disregard("AVC0120: ")


def at(web, target, name="chat.example", tls=False, headers=(), **how):
    """Asks one of the virtual hosts for a target, by its name and port."""
    port = web.secure if tls else web.plain
    return client.request(port, target, headers=headers, host="%s:%d" % (name, port), tls=tls, **how)


def led_to(answer):
    """Scheme, host with port and the rest of where a redirect leads."""
    assert answer.status in (201, 301, 302, 303, 307, 308), answer
    return re.match(r"(?:(https?)://([^/?#]*))?(.*)", answer.get("Location")).groups()


def follow(web, target, *options, tls=False, name="chat.example"):
    """(status, body, URL in the end) of what curl makes of it."""
    port = web.secure if tls else web.plain
    hosts = ["chat.example", "www.chat.example", "a.wild.example", "default.example", "realm.example"]
    command = ["curl", "-sS", "-L", "-k", "--path-as-is", "--globoff", "-m", "20", "--max-redirs", "6"]
    for host in hosts:
        for each in (web.plain, web.secure):
            command += ["--resolve", "%s:%d:127.0.0.1" % (host, each)]
    command += ["-w", "\n%{http_code} %{url_effective}"] + list(options)
    command += ["%s://%s:%d%s" % ("https" if tls else "http", name, port, target)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.returncode == 0, done.stderr
    body, _, last = done.stdout.decode().rpartition("\n")
    status, _, url = last.partition(" ")
    return int(status), body, url


def kept(answer, tok):
    return tok in answer.get("Location", "")


def nowhere(answer):
    """No mac and no token anywhere in the answer, its page included."""
    text = "".join("%s: %s\n" % pair for pair in answer.headers) + answer.text
    return not MACS.search(text)


# -- clients follow

# SPEC [path-5]
@pytest.mark.smoke
@pytest.mark.parametrize("protocol", ["--http1.1", "--http2"])
@pytest.mark.parametrize("how", ["X-Secure: 1", "X-Www: 1"])
@pytest.mark.parametrize("carrier", ["query", "path"])
def test_a_client_that_follows_gets_the_file(web, carrier, how, protocol):
    status, body, url = follow(web, signed("/signed/a.txt", carrier), "-H", how, protocol)
    start = ("http://www.chat.example:%d/" % web.plain if how == "X-Www: 1" else
             "https://chat.example:%d/" % web.secure)
    assert (status, body) == (200, "content of a"), (status, body, url)
    assert url.startswith(start) and url.count("avc1~") == 1, url


@pytest.mark.parametrize("mpm", ["worker", "prefork"])
def test_the_same_with_other_processes(backend, mpm):
    server = begin(backend, mpm)
    try:
        for carrier in ("query", "path"):
            assert follow(server, signed("/signed/a.txt", carrier), "-H", "X-Secure: 1")[0] == 200
        assert follow(server, signed("/signed/forced/b.txt"))[1] == "content of b"
        answer = at(server, signed("/signed/away"))
        assert led_to(answer)[1] == "elsewhere.example" and nowhere(answer), answer
    finally:
        httpd.stop_all([server])


@pytest.mark.smoke
def test_a_rule_in_an_htaccess_that_forces_https(web):
    """It runs when the gate has taken the token out of the query."""
    for target in (signed("/signed/forced/b.txt"), signed("/signed/forced/b.txt", "path"),
                   signed("/signed/forced/b.txt") + "&utm_source=x",
                   "/signed/forced/b.txt?utm_source=x&%61vc=" +
                   token("/signed/forced/b.txt").replace("~", "%7E").replace("-", "%2D")):
        status, body, url = follow(web, target)
        assert (status, body) == (200, "content of b"), (target, status, url)
        assert ("utm_source=x" in url) == ("utm_source" in target), url


def test_the_slash_of_a_directory(web):
    for carrier in ("query", "path"):
        status, body, url = follow(web, signed("/signed/dir", carrier, dir=1) if carrier == "query" else
                                   "/signed/~%s/dir" % token("/signed/x", dir=1))
        assert (status, body) == (200, "index of dir"), (carrier, url)
    answer = at(web, signed("/signed/dir"))
    assert led_to(answer)[2] == "/signed/dir/", "a token for the path without its slash opens no other"


def test_a_name_that_was_misspelt(web):
    answer = at(web, signed("/signed/spelled.txt", dir=1))
    tok = re.search(r"avc=(.*)", led_to(answer)[2]).group(1)
    assert led_to(answer)[2] == "/signed/Spelled.txt?avc=" + tok
    assert at(web, led_to(answer)[2]).text == "spelled"
    assert "avc" not in led_to(at(web, signed("/signed/spelled.txt")))[2]


def test_what_a_page_for_errors_is(web):
    status, body, _ = follow(web, signed("/signed/nothing.txt", dir=1))
    assert (status, body) == (200, "the page for what is missing")
    web.log.disregard(r"AVC\d{4}: not-found: ")


# SPEC [path-7]
def test_a_rule_that_copies_or_drops_the_query(web):
    tok = token("/signed/qsa", dir=1)
    for target, query in (("/signed/qsa", "lang=en&avc=" + tok), ("/signed/drops", "avc=" + tok),
                          ("/signed/match/a.txt", "avc=" + tok)):
        scheme, host, rest = led_to(at(web, target + "?avc=" + tok))
        assert rest == "/signed/a.txt?" + query, rest


def test_a_rule_that_takes_queries_away_makes_no_loop(web):
    status, _, url = follow(web, signed("/signed/tidy/c.txt"))
    assert status == 403 and url.endswith("/signed/tidy/c.txt"), "without its query, as the rule says"
    web.log.claim("AVC0001: no-token: ")
    answer = at(web, signed("/signed/tidy/c.txt", query="utm_x=1"))
    assert led_to(answer)[2].startswith("/signed/tidy/c.txt?avc="), "another address than was asked"


# -- and take it nowhere else

ELSEWHERE = [
    "https://elsewhere.example", "http://chat.example@elsewhere.example", "http://chat.example:@plain@@elsewhere.example",
    "http://user:pass@chat.example:@plain@", "//elsewhere.example", "/\\elsewhere.example", "\\\\elsewhere.example",
    "http:/\\elsewhere.example", "http:\\\\elsewhere.example", "https:elsewhere.example", "https:chat.example",
    "http:/chat.example:@plain@", "///elsewhere.example", "http:///elsewhere.example", "HTTP://ELSEWHERE.EXAMPLE",
    "/\t/elsewhere.example", "\t//elsewhere.example", "ht\ttp://elsewhere.example", "ftp://chat.example:@plain@",
    "javascript://chat.example:@plain@", "data:text/html,", "http://chat.example.elsewhere.example:@plain@",
    "http://notchat.example:@plain@", "http://chat.example.:@plain@", "http://chat.example:1", "http://chat.example",
    "https://chat.example", "http://chat.example:0@plain@", "http://chat.example:@plain@0", "http://chat.example:@plain@.",
    "http://chat.example:+@plain@", "http://chat.example:", "http://[::1]:@plain@", "http://[::ffff:127.0.0.1]:@plain@",
    "http://127.0.0.1:@plain@", "http://2130706433:@plain@", "http://localhost:@plain@", "http://ch%61t.example:@plain@",
    "http://chat\u3002example:@plain@", "http://ch\u00e4t.example:@plain@", "http://xn--cht-pla.example:@plain@",
    "http://elsewhere.example#@chat.example:@plain@", "http://elsewhere.example?@chat.example:@plain@",
    "http://elsewhere.example\\@chat.example:@plain@", "http://chat.example:@plain@\\@elsewhere.example",
    "http://a.wild.example:@plain@", "http://realm.example:@plain@", "http://keys.example:@plain@",
    "http://default.example:@secure@", "https://realm.example:@secure@", "https://partner.example",
]


# SPEC [path-7]
@pytest.mark.parametrize("to", ELSEWHERE)
def test_no_token_goes_elsewhere(web, to):
    """By a rule of the virtual host, which copies the masked query; by a script where the token is
    asked for, and by one where it is not; with the query copied, or not."""
    to = web.fill(to).replace("\\t", "\t")
    for carrier in ("query", "path"):
        target = signed("/signed/a.txt", carrier, dir=1)
        answers = [at(web, target, headers=[("X-To", to)])]
        for script in ("/signed/go.cgi", "/open/go.cgi"):
            target = signed(script, carrier, dir=1)
            query = target.partition("?")[2]
            for copied in ("", "?" + query, "?x=1&" + query + "#y", "/~" + query[4:] + "/x"):
                answers.append(at(web, target, headers=[("X-Location", to + "/signed/a.txt" + copied)]))
        for answer in answers:
            assert answer.status in (302, 400, 403, 500, 502), answer
            if answer.status == 302:
                assert nowhere(answer), (carrier, answer)
    web.log.disregard("AH02429|AH02430|AH01220|AH02812|AH10244|AH00127|AH10508")


def test_a_copied_query_loses_nothing_but_the_token(web):
    tok = token("/signed/away")
    for query, left in (("avc=" + tok, ""), ("a=1&avc=" + tok, "?a=1"), ("avc=" + tok + "&a=1&&b", "?a=1&&b"),
                        ("a=1&%61vc=" + tok.replace("~", "%7e") + "&b=2", "?a=1&b=2"), ("a=1", "?a=1"),
                        ("avc=own", "?avc=own"), ("avc=" + tok + "&avc=" + tampered(tok), "")):
        answer = at(web, "/signed/away?" + query)
        assert answer.get("Location") == "https://elsewhere.example/signed/away" + left, (query, answer)


# SPEC [path-5]
def test_never_from_https_to_http(web):
    for carrier in ("query", "path"):
        answer = at(web, signed("/signed/a.txt", carrier), tls=True, headers=[("X-Plain", "1")])
        assert led_to(answer) == ("http", "chat.example:%d" % web.plain, "/signed/a.txt") and nowhere(answer)
        # What stands in front says that the client came by https.
        answer = at(web, signed("/signed/a.txt", carrier),
                    headers=[("X-Www", "1"), ("X-Forwarded-Proto", "https")])
        assert led_to(answer)[0] == "http" and nowhere(answer), answer


def test_a_wrong_token_goes_nowhere(web):
    for carrier in ("query", "path"):
        target = signed("/signed/a.txt", carrier)
        tok = re.search("avc1~[^/]*", target.split("?")[0] if carrier == "path" else target).group(0)
        answer = at(web, target.replace(tok, tampered(tok)), headers=[("X-Secure", "1")])
        assert led_to(answer)[2] == "/signed/a.txt" and nowhere(answer), answer
        other = target.replace("/a.txt", "/missing.txt")
        answer = at(web, other, headers=[("X-Secure", "1")])
        assert led_to(answer)[2] == "/signed/missing.txt" and nowhere(answer), answer


# SPEC [path-3]
def test_a_token_that_is_over_goes_along(web):
    """The client learns at its end that the link is over, and not that it has none."""
    for carrier in ("query", "path"):
        status, _, url = follow(web, signed("/signed/a.txt", carrier, expires=-5), "-H", "X-Secure: 1")
        assert status == 410 and "avc1~" in url, url
        web.log.claim("AVC0007: expired: ")


# SPEC [path-5]
def test_a_token_stays_in_its_scope(web):
    host = "http://www.chat.example:%d" % web.plain
    for to, stays in (
            ("/signed/other.txt", False), ("/signed/./go.cgi", True), ("/signed/x/../go.cgi", True),
            ("/signed/x/%2e%2E/go.cgi", True), ("/signed//%67o.cgi", True), ("/signed/../open/a.txt", False),
            ("/signed/..;/go.cgi", False), ("/signed/%2fgo.cgi", False), ("/signed/go.cgi/x", False),
            ("/signed/go.cgi/", False), ("/Signed/go.cgi", False), ("/signed/go.cgi%00", False),
            ("/signed/go.cgi#top", True), ("/signed/go.cgi?x=1", True), ("", False), ("?x", False)):
        for carrier in ("query", "path"):
            answer = at(web, signed("/signed/go.cgi", carrier), headers=[("X-Location", host + to)])
            assert ("avc1~" in answer.get("Location")) == stays, (carrier, to, answer)
            if stays:
                again = at(web, led_to(answer)[2].partition("#")[0], headers=[("X-Location", "/")])
                assert again.status == (403 if "x=1" in to else 302), (to, again)
        web.log.disregard("AVC0006: argument: ")


def test_signed_arguments_go_along_or_the_token_does_not(web):
    args = [("id", "7")]
    target = signed("/signed/a.txt", query="id=7", args=args)
    location = at(web, target, headers=[("X-Secure", "1")]).get("Location")
    assert location.endswith(target), location
    answer = at(web, signed("/signed/drops", query="id=7", args=args, dir=1))
    assert nowhere(answer) and led_to(answer)[2] == "/signed/a.txt", "an argument that is signed is gone"


# -- sessions

# SPEC [path-6]
@pytest.mark.parametrize("how", ["query", "path"])
def test_a_session_goes_along_to_the_same_name_only(web, how):
    tok = token("/", purpose="session")
    target = "/talk/go.cgi?avc=" + tok if how == "query" else "/~%s/talk/go.cgi" % tok
    for to, stays in (("http://chat.example:@plain@/open/a.txt", True), ("/elsewhere/a.txt", True),
                      ("https://chat.example:@secure@/x", True), ("a.txt", True),
                      ("http://www.chat.example:@plain@/talk/a.txt", False),
                      ("http://CHAT.example:@plain@", True), ("//chat.example:@plain@/x", True),
                      ("http://chat.example:1/talk/a.txt", False)):
        answer = at(web, target, headers=[("X-Location", web.fill(to))])
        assert answer.status == 302 and ("avc1~" in answer.get("Location")) == stays, (to, answer)
    answer = at(web, target, name="elsewhere.example",
                headers=[("X-Location", web.fill("http://chat.example:@plain@/talk/a.txt"))])
    assert nowhere(answer), "another name than was asked"


# -- which hosts are this site's own

@pytest.mark.parametrize("carrier", ["query", "path"])
def test_what_the_host_header_says_makes_no_host_this_sites_own(web, carrier):
    for name in ("elsewhere.example", "a.wild.example", "127.0.0.1", "[::1]", "chat.example.elsewhere.example"):
        answer = at(web, signed("/signed/dir", carrier, dir=1) if carrier == "query" else
                    "/signed/~%s/dir" % token("/signed/x", dir=1), name=name)
        assert led_to(answer)[2] == "/signed/dir/" and nowhere(answer), (name, answer)
    answer = client.request(web.plain, signed("/signed/dir", dir=1), host="chat.example:1")
    assert led_to(answer)[1] == "chat.example:1" and nowhere(answer), answer


# SPEC [token-6]
def test_the_same_host_however_it_is_asked(web):
    """A relative address leads to where it was asked."""
    for name in ("a.wild.example", "elsewhere.example", "127.0.0.1"):
        for to, path in (("/signed/a.txt", "/signed/a.txt"), ("a.txt", "/signed/a.txt"),
                         ("../signed/./a.txt?x=1", "/signed/a.txt"), ("dir/", "/signed/dir/"),
                         ("?x=1", "/signed/go.cgi")):
            for carrier in ("query", "path"):
                answer = at(web, signed("/signed/go.cgi", carrier, dir=1), name=name,
                            headers=[("X-Location", to)])
                location = answer.get("Location")
                assert "avc1~" in location, (to, answer)
                left = re.sub("/~[^/?]*|[?&]avc=[^&]*|[?]x=1", "", location)
                assert left in (path, to.partition("?")[0]), (to, answer)


# SPEC [path-5] [conf-17]
def test_listed_hosts(web):
    tok = token("/signed/a.txt")
    for to, stays in (("https://partner.example", True), ("http://PARTNER.example:8080", True),
                      ("https://cdn.example:8443", True), ("https://cdn.example", False),
                      ("https://www.partner.example", False), ("http://[2001:DB8::1]:81", True),
                      ("http://[2001:db8::2]:81", False), ("https://x@partner.example", False)):
        answer = at(web, "/signed/a.txt?avc=" + tok, name="listed.example", headers=[("X-To", to)])
        assert kept(answer, tok) == stays, (to, answer)
    answer = at(web, "/signed/a.txt?avc=" + tok, name="listed.example",
                headers=[("X-To", "http://partner.example"), ("X-Forwarded-Proto", "https")])
    assert nowhere(answer), "never from https to http"


def test_lists_of_hosts_take_each_others_place(web):
    tok = token("/signed/a.txt")
    for name, stays in (("inherits.example", True), ("listed.example", False), ("unlisted.example", False)):
        answer = at(web, "/signed/a.txt?avc=" + tok, name=name, headers=[("X-To", "https://outer.example")])
        assert kept(answer, tok) == stays, (name, answer)


@pytest.mark.parametrize("carrier", ["query", "path"])
def test_a_name_that_something_in_front_listens_for(web, carrier):
    """TLS ends at a proxy, or a container's port has another number outside."""
    target = signed("/signed/dir", dir=1) if carrier == "query" else "/signed/~%s/dir" % token("/signed/x", dir=1)
    for headers in ([], [("X-Forwarded-Proto", "https")]):
        answer = client.request(web.plain, target, host="offloaded.example", headers=headers)
        assert answer.get("Location").startswith("https://offloaded.example/signed/"), answer
        assert "avc1~" in answer.get("Location"), answer
    answer = client.request(web.plain, target, host="chat.example")
    assert answer.get("Location") == "http://chat.example/signed/dir/", "nothing is known to listen there"


def test_a_redirect_that_loses_its_token_by_the_port_says_says_so_once_a_minute(backend):
    server = begin(backend)
    try:
        for _ in range(3):
            at(server, signed("/signed/a.txt"), headers=[("X-To", "https://chat.example")])
        line, = server.log.claim("AVC0120: ")
        assert "AvcRedirectHosts" in line and "avc1~" not in line, line
    finally:
        httpd.stop_all([server])


# SPEC [conf-17]
@pytest.mark.parametrize("line, word", [
    ("AvcRedirectHosts https://www.example.org", "without scheme"), ("AvcRedirectHosts *.example.org", "without scheme"),
    ("AvcRedirectHosts www.example.org/x", "without scheme"), ("AvcRedirectHosts a.example,b.example", "one by"),
    ("AvcRedirectHosts www.example.org.", "without scheme"), ("AvcRedirectHosts www.example.org:0", "without scheme"),
    ("AvcRedirectHosts user@example.org", "without scheme"), ("AvcRedirectHosts b\u00fccher.example", "without scheme"),
    ("AvcRedirectHosts none a.example\nAvcRedirectHosts b.example", "already"),
    ("AvcRedirectHosts a.example\nAvcRedirectHosts b.example", "already"),
    ("<Location /x>\nAvcRedirectHosts a.example\n</Location>", "AvcRedirectHosts"), ("AvcRedirectHosts", "syntax")])
def test_what_is_no_list_of_hosts_is_an_error(serve_once, line, word):
    status, printed = serve_once('AvcKeyFile "@keys@"\n' + line, begin=False).configtest()
    assert status != 0 and word in printed, printed


def test_a_client_that_names_no_host(web):
    for version, host in (("1.0", None), ("1.0", "chat.example:%d" % web.plain)):
        for carrier in ("query", "path"):
            answer = client.request(web.plain, signed("/signed/go.cgi", carrier), version=version, host=host,
                                    headers=[("X-Location", "http://default.example:%d/signed/go.cgi" % web.plain)])
            assert "avc1~" in answer.get("Location"), answer
    answer = client.request(web.plain, "/talk/go.cgi?avc=" + token("/", purpose="session"), version="1.0", host=None,
                            headers=[("X-Location", "http://default.example:%d/x" % web.plain)])
    assert nowhere(answer), "a session goes to the name that was asked"


# -- what a proxied application answers

@pytest.mark.smoke
def test_sessions_of_whep_and_uploads_keep_the_token(web, backend):
    """201 with a Location: the client goes on there by itself."""
    for to in ("/live/session/1", "session/1", "http://chat.example:%d/live/session/1" % web.plain):
        backend.answers["/live/room7"] = (201, [("Location", to)], b"")
        answer = at(web, signed("/live/room7", "path", dir=1))
        assert answer.status == 201 and "avc1~" in answer.get("Location"), (to, answer)
        rest = urllib.parse.urljoin("/live/room7", led_to(answer)[2])
        assert at(web, rest).status == 200, rest
        assert backend.last()[0] == "GET /live/session/1 HTTP/1.1"
        # What a client has in its query, it adds itself.
        answer = at(web, signed("/live/room7", dir=1))
        assert answer.get("Location") == to, answer


def test_each_of_two_locations(web, backend):
    tok = token("/open/a.txt", dir=1)
    own = "http://chat.example:%d/open/b.txt" % web.plain
    with open(web.docroot + "/open/.htaccess", "w") as out:
        out.write("Header always set Location https://elsewhere.example/?avc=%s\n"
                  "Header always add Location %s?avc=%s\nHeader add Location //elsewhere.example/%s\n"
                  % (tok, own, tok, tok))
    answer = at(web, "/open/a.txt?avc=" + tok)
    with open(web.docroot + "/open/.htaccess", "w") as out:
        out.write("")
    assert own + "?avc=" + tok in answer.all("Location"), answer
    assert "https://elsewhere.example/" in answer.all("Location"), answer
    assert not [one for one in answer.all("Location") if "elsewhere" in one and MACS.search(one)], answer


@pytest.mark.parametrize("flags", ["R", "R,QSA", "R,NE", "R,B", "R,QSA,B", "R,BNP"])
@pytest.mark.parametrize("to", ["https://elsewhere.example/open/a.txt", "https://elsewhere.example/open/a.txt?%{QUERY_STRING}",
                                "https://elsewhere.example/?next=%{QUERY_STRING}", "https://elsewhere.example/%{QUERY_STRING}",
                                "https://elsewhere.example/#%{QUERY_STRING}", "https://elsewhere.example/%{THE_REQUEST}",
                                "https://%{QUERY_STRING}.elsewhere.example/", "http://chat.example@elsewhere.example/$1?%1"])
def test_however_a_rule_copies_it(web, to, flags):
    """Where nobody asks for the token, rules see it whole."""
    for path, folder in (("/open/a.txt", "open"), ("/signed/forced/b.txt", "signed/forced")):
        with open(web.docroot + "/%s/.htaccess" % folder) as file:
            before = file.read()
        with open(web.docroot + "/%s/.htaccess" % folder, "w") as out:
            out.write('RewriteEngine On\nRewriteCond %%{QUERY_STRING} "(.*)"\nRewriteRule "(.*)" "%s" [%s]\n' % (to, flags))
        tok = token(path, dir=1)
        for query in ("avc=" + tok, "a=1&avc=" + tok + "&b=2", "%61vc=" + tok.replace("~", "%7E").replace("-", "%2D"),
                      "avc=" + tok.replace("~", "%7e") + "&avc=" + token(path)):
            answer = at(web, path + "?" + query)
            assert answer.status in (302, 403), answer
            assert nowhere(answer) and not re.search(r"mac(%[0-9a-f]+|\\.)([a-z0-9_-]|%[0-9a-f]{2}){40}",
                                                     answer.text + repr(answer.headers), re.I), (query, answer)
        with open(web.docroot + "/%s/.htaccess" % folder, "w") as out:
            out.write(before)
        web.log.disregard(r"AVC\d{4}: |AH10508|AH10410|AH10411")


def test_other_headers_with_addresses_show_no_token(web, backend):
    """What is asked for is not there for the application to see; what is not, it may copy."""
    target = signed("/open/a.txt")
    tok = target.partition("avc=")[2]
    config = [("Refresh", "0; url=https://elsewhere.example/?avc=" + tok),
              ("Link", "<//elsewhere.example/x?avc=%s>; rel=preload" % tok),
              ("Content-Location", "https://elsewhere.example/x?y=1&avc=" + tok.replace("~", "%7E"))]
    for name, value in config:
        with open(web.docroot + "/open/.htaccess", "w") as out:
            out.write('Header always set %s "%s"\n' % (name, value.replace("%", "%%")))
        answer = at(web, target)
        assert answer.status == 200 and "elsewhere.example" in answer.get(name) and nowhere(answer), answer
    with open(web.docroot + "/open/.htaccess", "w") as out:
        out.write('Header always set Link "</open/b.css?avc=%s>; rel=preload"\n' % tok)
    assert tok in at(web, target).get("Link"), "to where it was asked"
    with open(web.docroot + "/open/.htaccess", "w") as out:
        out.write("")


def test_what_a_page_signs_itself_is_left_alone(web):
    """A fresh link, here or to a server that has the same keys."""
    fresh = token("/signed/a.txt", kid="k2")
    for to in ("http://chat.example:%d" % web.plain, "https://elsewhere.example", ""):
        for target in (signed("/open/go.cgi", dir=1), signed("/signed/go.cgi", dir=1)):
            answer = at(web, target, headers=[("X-Location", to + "/signed/a.txt?avc=" + fresh)])
            assert answer.get("Location") == to + "/signed/a.txt?avc=" + fresh, answer
        answer = at(web, signed("/open/go.cgi", "path"),
                    headers=[("X-Location", to + "/signed/~%s/a.txt" % fresh)])
        assert answer.get("Location") == to + "/signed/~%s/a.txt" % fresh, answer


def test_another_argument_that_holds_a_link_comes_through(web):
    """Where to go after signing in, say."""
    inner = signed("/signed/a.txt").replace("?", "%3F").replace("=", "%3D")
    for to, whole in (("https://chat.example:@secure@", True), ("https://elsewhere.example", False)):
        answer = at(web, "/open/login?next=" + inner, headers=[("X-To", web.fill(to))])
        assert (led_to(answer)[2] == "/open/login?next=" + inner) == whole, answer
        assert nowhere(answer) != whole


# -- what a media server is answered

def test_a_new_name_for_a_media_server_stays_a_name(serve_once, fpm):
    """nginx-rtmp takes the Location of a 3xx for the stream's name: no address is made of it."""
    web = serve_once("""
    AvcKeyFile "@keys@"
    <Location "/hooks">
        AvcMediaServerOnly On
        AvcMediaServerProof token
    </Location>
    """, docroot={"hooks/on_publish.cgi": GO}, directory=DIRECTORY.replace("CheckSpelling On\n", ""),
        modules=USUAL + ["cgid"])
    for carrier in ("query", "path"):
        target = signed("/hooks/on_publish.cgi", carrier, purpose="call", dir=1)
        for name in ("room7-new", "rtmp://media.example/live/room7"):
            answer = web.ask(target, headers=[("X-Location", name)], host="chat.example:%d" % web.port)
            assert answer.status == 302 and answer.get("Location") == name, answer
