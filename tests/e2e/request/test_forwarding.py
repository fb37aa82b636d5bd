# SPDX-License-Identifier: Apache-2.0
# Headers that speak for somebody else: who may say by them whom he asks for, and in which
# spellings and by which ways they come in all the same.
import json
import subprocess

import pytest

from avc import client, php, tokens
from avc.backend import Backend
from avc.httpd import USUAL
from avc.peers import MEDIA, PROXY, STRANGER
from avc.scripts import SHOW
from avc.tokens import signed, token

MODULES = USUAL + ["remoteip"]
DOCROOT = {"open/show.php": SHOW, "chat/writeuserslist.php": SHOW, "signed/show.php": SHOW}
FORGED = [(name, "192.0.2.66") for name in (
    "Client-IP", "X-Client-IP", "X-Forwarded-For", "X-Forwarded", "Forwarded", "Forwarded-For",
    "X-Real-IP", "True-Client-IP", "CF-Connecting-IP", "X-Cluster-Client-IP",
    "Proxy-Client-IP", "WL-Proxy-Client-IP", "X-Original-Forwarded-For")]


def spellings(name):
    """A header's name as servers behind may fold it."""
    yield name
    yield name.lower()
    yield name.upper()
    yield name.replace("-", "_")
    yield name.replace("-", "_", 1)
    yield name.lower().replace("-", ".")
    yield name.replace("-", "~")


@pytest.fixture(scope="module")
def backend():
    server = Backend()
    yield server
    server.close()


def begin(serve, fpm, backend, more, **how):
    config = """
    AvcKeyFile "@keys@"
    AvcMediaServer 127.0.0.2 198.51.100.7
    AvcMediaServerScripts avchat
    ProxyPass "/back" "http://127.0.0.1:@back@/back"
    <Location "/signed">
        AvcSignedURL On
    </Location>
    """ + more + php.WIRINGS["SetHandler"]
    how.setdefault("modules", MODULES)
    how.setdefault("http2", how.get("mpm") != "prefork")
    return serve(config, docroot=DOCROOT, back=backend.port, **how, **fpm.names())


SCRUB = "AvcScrubHeaders On\n"
PROTOCOL = SCRUB + "AvcClientAddress useragent\nRemoteIPProxyProtocol On\n" \
    "RemoteIPProxyProtocolExceptions 127.0.0.9\n"
HEADER = SCRUB + "AvcClientAddress useragent\nRemoteIPHeader X-Forwarded-For\n" \
    "RemoteIPInternalProxy 127.0.0.4\n"
TRUSTED = HEADER.replace("RemoteIPInternalProxy", "RemoteIPProxiesHeader X-Forwarded-By\nRemoteIPTrustedProxy")
MPMS = ["event", "worker", "prefork"]


def ask(web, target, headers=(), source=STRANGER, said=None, method="GET"):
    """Asks a server, behind a line of the PROXY protocol where `said` is an address."""
    data = client.compose(target, method, headers)
    if said:
        data = ("PROXY TCP4 %s 127.0.0.1 40000 %d\r\n" % (said, web.port)).encode() + data
    return client.parse(client.exchange(web.port, data, source=source))


def seen(answer):
    assert answer.status == 200, answer
    return json.loads(answer.text)["server"]


def forged_ones(server):
    return sorted(name for name, value in server.items() if "192.0.2.66" in str(value))


# -- the PROXY protocol

# SPEC [conf-23]
@pytest.mark.smoke
@pytest.mark.parametrize("mpm", MPMS)
def test_behind_the_proxy_protocol_a_clients_headers_are_its_own(serve_once, fpm, backend, mpm):
    """The balancer says who asks; what the client says besides, nobody vouches for."""
    web = begin(serve_once, fpm, backend, PROTOCOL, mpm=mpm)
    server = seen(ask(web, "/open/show.php", FORGED, said="203.0.113.5"))
    assert server["REMOTE_ADDR"] == "203.0.113.5" and not forged_ones(server), server
    # Who is let in without that line is nobody else either.
    server = seen(ask(web, "/open/show.php", FORGED, source="127.0.0.9"))
    assert server["REMOTE_ADDR"] == "127.0.0.9" and not forged_ones(server), server


def test_the_same_over_http2(serve_once, fpm, backend):
    web = begin(serve_once, fpm, backend, PROTOCOL + "RemoteIPHeader X-Forwarded-For\nRemoteIPTrustedProxy 127.0.0.5\n")
    options = [word for pair in FORGED for word in ("-H", "%s: %s" % pair)]
    server = seen(web.curl("/open/show.php", "--http2-prior-knowledge", "--haproxy-protocol", *options,
                           source="127.0.0.5"))
    assert server["REMOTE_ADDR"] == "127.0.0.5" and not forged_ones(server), server


@pytest.mark.parametrize("more", ["", "RemoteIPHeader X-Forwarded-For\nRemoteIPTrustedProxy 203.0.113.5\n",
                                  "RequestHeader unset X-Forwarded-For early\n"])
def test_the_media_server_behind_a_balancer_is_no_proxy(serve_once, fpm, backend, more):
    web = begin(serve_once, fpm, backend, PROTOCOL + more)
    answer = ask(web, "/chat/writeuserslist.php", said="198.51.100.7")
    assert answer.status == 200, answer
    # By a proxy that has the media server's address, everybody would be it.
    for name in ("X-Forwarded-For", "Via", "x_forwarded_for", "X-Real-IP", "CF_Connecting-IP"):
        answer = ask(web, "/chat/writeuserslist.php", [(name, "203.0.113.9")], said="198.51.100.7")
        assert answer.status == 403, (name, answer)
        line, = web.log.claim("AVC0010: address: ")
        assert "a proxy at 198.51.100.7" in line, line


def test_what_is_said_by_the_protocol_counts_for_tokens(serve_once, fpm, backend):
    web = begin(serve_once, fpm, backend, PROTOCOL)
    target = signed("/signed/show.php", ip4="203.0.113.5")
    assert ask(web, target, said="203.0.113.5").status == 200
    answer = ask(web, target, [("X-Forwarded-For", "203.0.113.5")], said="203.0.113.6")
    assert answer.status == 403, answer
    web.log.claim("AVC0010: address: ")


# -- a header of a trusted proxy

@pytest.mark.parametrize("config", [HEADER, TRUSTED], ids=["internal", "trusted"])
def test_a_trusted_proxy_vouches_for_what_was_taken_and_no_more(serve_once, fpm, backend, config):
    web = begin(serve_once, fpm, backend, config)
    for chain, left in (("203.0.113.5", None), ("192.0.2.66, 203.0.113.5", None),
                        ("192.0.2.66,192.0.2.66 ,203.0.113.5", None)):
        server = seen(ask(web, "/open/show.php", [("X-Forwarded-For", chain), ("X-Real-IP", "203.0.113.5")],
                          source=PROXY))
        assert server["REMOTE_ADDR"] == "203.0.113.5" and server["HTTP_X_REAL_IP"] == "203.0.113.5"
        assert server.get("HTTP_X_FORWARDED_FOR") == left, server
        ask(web, "/back/x", [("X-Forwarded-For", chain), ("X_Forwarded_For", "192.0.2.66"), ("client_ip", "192.0.2.66"),
                             ("Client-IP", "203.0.113.5")], source=PROXY)
        headers = backend.last()[1]
        assert headers["client-ip"] == "203.0.113.5" and "192.0.2.66" not in repr(headers), headers
    # Without its header, or with one that says nothing, the proxy speaks for itself.
    for value in (None, "", "unknown", "203.0.113.5, nonsense"):
        headers = FORGED if value is None else [(n, value if n == "X-Forwarded-For" else v) for n, v in FORGED]
        headers = [(n, v) for n, v in headers if value is not None or n != "X-Forwarded-For"]
        server = seen(ask(web, "/open/show.php", headers, source=PROXY))
        assert server["REMOTE_ADDR"] == PROXY and not forged_ones(server), (value, server)
        assert "HTTP_X_FORWARDED_FOR" not in server
    server = seen(ask(web, "/open/show.php", FORGED))
    assert server["REMOTE_ADDR"] == STRANGER and not forged_ones(server)


def test_the_media_server_behind_a_trusted_proxy(serve_once, fpm, backend):
    web = begin(serve_once, fpm, backend, HEADER)
    path = "/chat/writeuserslist.php"
    assert ask(web, path, [("X-Forwarded-For", "198.51.100.7")], source=PROXY).status == 200
    assert ask(web, path, [("X-Forwarded-For", "198.51.100.7"), ("Via", "1.1 front")], source=PROXY).status == 200
    # What stands before its address it said itself, and nothing goes by that.
    assert ask(web, path, [("X-Forwarded-For", "203.0.113.9, 198.51.100.7")], source=PROXY).status == 200
    assert ask(web, path, source=MEDIA).status == 200
    for headers, source in (([("X-Forwarded-For", "203.0.113.5")], PROXY),
                            ([("X-Forwarded-For", "198.51.100.7")], STRANGER),
                            ([("X-Forwarded-For", "203.0.113.9")], MEDIA), ([("Via", "1.1 x")], MEDIA),
                            ([("X_Forwarded_For", "203.0.113.9")], MEDIA),
                            ([("X-Forwarded_For", "198.51.100.7")], PROXY)):
        answer = ask(web, path, headers, source=source)
        assert answer.status == 403, (headers, source, answer)
        web.log.claim("AVC0010: address: ")


def test_another_header_of_mod_remoteip(serve_once, fpm, backend):
    """A virtual host's own line takes the place of the server's."""
    web = begin(serve_once, fpm, backend, "", outside=HEADER.replace("X-Forwarded-For", "X-Client-IP") + """
    <VirtualHost 127.0.0.1:@port@>
        ServerName chat.example
        DocumentRoot "@docroot@"
        RemoteIPHeader X-Real-IP
        RemoteIPInternalProxy 127.0.0.4
        <FilesMatch "\\.php$">
            SetHandler "proxy:unix:@socket@|fcgi://localhost"
        </FilesMatch>
    </VirtualHost>
    """)
    headers = [("X-Real-IP", "192.0.2.1"), ("X-Client-IP", "192.0.2.2"), ("Client-IP", "192.0.2.3")]
    server = seen(ask(web, "/open/show.php", headers, source=PROXY))
    assert server["REMOTE_ADDR"] == "192.0.2.1" and server["HTTP_CLIENT_IP"] == "192.0.2.3", server
    server = seen(ask(web, "/open/show.php", headers[1:], source=PROXY))
    assert server["REMOTE_ADDR"] == PROXY and "HTTP_CLIENT_IP" not in server, server
    web.log.disregard("AH10633: RemoteIP proxy entries")


def test_over_http2(serve_once, fpm, backend):
    web = begin(serve_once, fpm, backend, HEADER)
    for source, address, reaches in ((PROXY, "203.0.113.5", True), (STRANGER, STRANGER, False)):
        answer = web.curl("/open/show.php", "--http2-prior-knowledge", "-H", "X-Forwarded-For: 203.0.113.5",
                          "-H", "Client-IP: 203.0.113.5", "-H", "X_Forwarded_For: 192.0.2.66",
                          "-H", "X_Avc_Sub: admin", source=source)
        server = seen(answer)
        assert server["REMOTE_ADDR"] == address and ("HTTP_CLIENT_IP" in server) == reaches, server
        assert not [n for n in server if "AVC" in n and server[n]], server


# -- other spellings, other ways in

@pytest.mark.parametrize("protocol", ["1", "2"])
def test_no_spelling_reaches_a_proxied_server(serve_once, fpm, backend, protocol):
    web = begin(serve_once, fpm, backend, SCRUB)
    names = [spelt for name, _ in FORGED for spelt in spellings(name)]
    names += [spelt for name in ("X-Avc-Sub", "X-Avc-", "x-avc-reason") for spelt in spellings(name)]
    for name in sorted(set(names)):
        if protocol == "1":
            ask(web, "/back/x", [(name, "192.0.2.66"), (name, "192.0.2.66")])
        elif "~" not in name:
            web.curl("/back/x", "--http2-prior-knowledge", "-H", name + ": 192.0.2.66")
        line, headers, _ = backend.last()
        # mod_proxy adds one of its own, of the connection.
        assert "192.0.2.66" not in repr(headers), (name, headers)
        assert headers["x-forwarded-for"] == STRANGER, (name, headers)


def test_other_names_are_left_alone(serve_once, fpm, backend):
    web = begin(serve_once, fpm, backend, SCRUB)
    names = ["X-Forwarded-Proto", "X_Forwarded_Host_", "X-Avcx", "XAvc-Sub", "X-AvcSub", "X-Real-IPs", "Clientip",
             "Forward", "X-Av-c"]
    ask(web, "/back/x", [(name, "192.0.2.66") for name in names])
    assert [name for name in names if name.lower() not in backend.last()[1]] == []


def test_what_connection_names_is_still_what_this_server_says(serve_once, fpm, backend):
    """Headers that it nominates are taken out on the way to the next server."""
    web = begin(serve_once, fpm, backend, SCRUB + """
    RequestHeader set X-Avc-User "%{AVC_SUB}e"
    """)
    target = "/back/x"
    for value in ("X-Avc-User", "close, x-avc-user", "X-Avc-User, close", "x_avc_user", "X-Forwarded-For, X-Avc-User,,"):
        ask(web, target, [("Connection", value), ("X-Avc-User", "admin")])
        headers = backend.last()[1]
        assert "x-avc-user" in headers and "admin" not in repr(headers), (value, headers)
        assert headers["x-forwarded-for"] == STRANGER, (value, headers)
    ask(web, target, [("Connection", "close, X-Own"), ("X-Own", "1")])
    assert "x-own" not in backend.last()[1]


READS_BODY = """
MergeTrailers On
LuaHookFixups "@docroot@/read.lua" read
"""
# What reads a body before the handler: here Lua, elsewhere mod_security or mod_request.
LUA = "function read(r) r:requestbody(1000000) return apache2.DECLINED end\n"
TRAILERS = [("X-Avc-Sub", "TRAILED"), ("X_Avc_Role", "TRAILED"), ("Authorization", "Bearer TRAILED"),
            ("Cookie", "TRAILED=1"), ("X-Forwarded-For", "TRAILED"), ("client_ip", "TRAILED"),
            ("Referer", "http://TRAILED/"), ("Host", "TRAILED"), ("X-Own", "kept")]


def chunked(target, trailers, headers=()):
    lines = ["POST %s HTTP/1.1" % target, "Host: chat.example", "Connection: close",
             "Transfer-Encoding: chunked", "Trailer: X-Own"] + ["%s: %s" % pair for pair in headers]
    lines += ["", "3", "a=1", "0"] + ["%s: %s" % pair for pair in trailers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


@pytest.mark.smoke
@pytest.mark.parametrize("mpm", MPMS)
def test_trailers_bring_nothing_back(serve_once, fpm, backend, mpm):
    web = begin(serve_once, fpm, backend, SCRUB + READS_BODY, modules=MODULES + ["lua"], mpm=mpm)
    with open(web.docroot + "/read.lua", "w") as out:
        out.write(LUA)
    tok = token("/open/show.php", dir=1)
    for target in ("/open/show.php", "/open/show.php?avc=" + tok, signed("/signed/show.php", mth="POST")):
        answer = client.parse(client.exchange(web.port, chunked(target, TRAILERS)))
        assert answer.status == 200 and "TRAILED" not in answer.text, answer.text
    answer = client.parse(client.exchange(web.port, chunked("/open/show.php", TRAILERS)))
    assert seen(answer)["HTTP_X_OWN"] == "kept", "others are merged, as was asked for"
    client.exchange(web.port, chunked("/back/x", TRAILERS))
    assert "TRAILED" not in repr(backend.last()), backend.last()


def test_trailers_bring_no_secret_back(serve_once, fpm, backend):
    web = begin(serve_once, fpm, backend, READS_BODY + "AvcMediaServerProof secret:X-Media\n",
                modules=MODULES + ["lua"])
    with open(web.docroot + "/read.lua", "w") as out:
        out.write(LUA)
    secret = [("X-Media", tokens.PASSWORD)]
    answer = client.parse(client.exchange(web.port, chunked("/chat/writeuserslist.php", secret, secret)))
    assert answer.status == 200 and tokens.PASSWORD not in answer.text, answer.text


def test_trailers_of_http2_bring_nothing_back(serve_once, fpm, backend, tmp_path):
    web = begin(serve_once, fpm, backend, SCRUB + READS_BODY, modules=MODULES + ["lua"])
    with open(web.docroot + "/read.lua", "w") as out:
        out.write(LUA)
    body = tmp_path / "body"
    body.write_text("a=1")
    command = ["nghttp", "-v", "--no-push", "--data=" + str(body), "-H", ":authority: chat.example"]
    command += ["--trailer=%s: %s" % (name.lower(), value) for name, value in TRAILERS if name != "Host"]
    done = subprocess.run(command + ["http://127.0.0.1:%d/open/show.php" % web.port],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    printed = done.stdout.decode()
    shown = printed[printed.index('{"server"'):]
    assert '"HTTP_X_OWN":"kept"' in shown and "TRAILED" not in shown, printed


def test_a_page_for_a_malformed_request_gets_no_made_up_header(serve_once, fpm, backend):
    """Such a request never passes the hook that takes them out."""
    web = begin(serve_once, fpm, backend, SCRUB + "ErrorDocument 400 /open/show.php\n")
    answer = web.raw(b"GET /open/show.php HTTP/1.1\r\nX-Avc-Sub: MADE-UP\r\nX_Avc-Role: MADE-UP\r\n"
                     b"X-Forwarded-For: MADE-UP\r\nClient-IP: MADE-UP\r\n\r\n").decode()
    assert answer.startswith("HTTP/1.1 400 ") and "REDIRECT_STATUS" in answer and "MADE-UP" not in answer, answer
