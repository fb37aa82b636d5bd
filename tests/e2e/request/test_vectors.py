# SPDX-License-Identifier: Apache-2.0
# Every case of the published request vectors through the real module: same target bytes,
# headers, client address and second on the clock. What is asked is put up four ways
# (AvcSignedURL, AvcFiles, Require avc-token, nothing), one virtual host each.
import json
import os
import posixpath
import re
from urllib.parse import unquote_to_bytes

import pytest

from avc import httpd, settings, tokens

with open(os.path.join(settings.VECTORS, "request_v1.json")) as vectors:
    PUBLISHED = json.load(vectors)
CASES = PUBLISHED["vectors"]

ECHO = """<?php
header('Content-Type: application/json');
echo json_encode(['uri' => $_SERVER['REQUEST_URI'], 'query' => $_SERVER['QUERY_STRING'],
                  'get' => isset($_GET['avc'])]);
"""

VHOST = """
Listen 127.0.0.1:%(port)d
<VirtualHost 127.0.0.1:%(port)d>
    ServerName chat.example
    DocumentRoot "@docroot@/%(name)s"
    AvcKeyFile "@root@/conf/%(name)s.keys"
    AvcClockSkew 0
    AvcClientAddress useragent
    RemoteIPHeader X-Test-Client
    RemoteIPInternalProxy 127.0.0.1
    %(realm)s
    %(ask)s
</VirtualHost>
"""
# Everything that is let through reaches one script, under whatever path it was asked for.
ANSWER = """
    AliasMatch "^/.*" "@docroot@/%(name)s/echo.php"
    <Location "/">
        SetHandler "proxy:unix:@socket@|fcgi://localhost"
        %(rule)s
    </Location>
"""
WAYS = {
    "open": "Require all granted",
    "signed-url": "AvcSignedURL On",
    "require-file": "Require avc-token file",
    "require-upload": "Require avc-token upload",
    "require-call": "Require avc-token call",
    "require-session": "Require avc-token session",
    "files": None,
}


def ways_of(case):
    """The settings under which this case has to come out as published."""
    if case["asked"] is None:
        return ["open"]
    if case["asked"] == "file":
        return ["signed-url"] if case["strict_args"] else ["require-file", "files"]
    return ["require-" + case["asked"]]


def all_runs():
    for case in CASES:
        for way in ways_of(case):
            yield pytest.param(case, way, id="%s (%s)" % (case["label"], way))


class Site:
    def __init__(self, server, ports):
        self.server, self.ports, self.now = server, ports, None

    def ask(self, case, way):
        if case["now"] != self.now:
            self.now = case["now"]
            self.server.set_clock(self.now)
        headers = [tuple(pair) for pair in case["headers"]] + [("X-Test-Client", case["client"])]
        host = None if any(n.lower() == "host" for n, _ in headers) else PUBLISHED["host"]
        body = b"x" if case["method"] in ("POST", "PUT", "PATCH") else b""
        return httpd.client.request(self.ports[way, case["realm"]], case["target"], case["method"],
                                    headers, body, host=host)


@pytest.fixture(scope="module")
def site(serve, fpm):
    ports, text = {}, ""
    pages = {}
    for realm in sorted({case["realm"] for case in CASES}):
        for way, rule in WAYS.items():
            name = way + ("-" + realm if realm else "")
            ports[way, realm] = httpd.free_port()
            ask = ANSWER % {"name": name, "rule": rule}
            if way == "files":
                ask = '<Location "/">\nAvcFiles "@private@"\n</Location>\n'
            text += VHOST % {"port": ports[way, realm], "name": name, "ask": ask,
                             "realm": "AvcRealm " + realm if realm else ""}
            pages[name + "/echo.php"] = ECHO
    server = httpd.Httpd(text, modules=httpd.USUAL + ["remoteip"], docroot=pages, clock=1893452400,
                         private={"chat/uploadedFiles/room7/photo.jpg": b"\xff\xd8\xff"},
                         **fpm.names())
    for name in {name.split("/")[0] for name in pages}:
        path = os.path.join(server.root, "conf", name + ".keys")
        with open(path, "w") as out:
            os.fchmod(out.fileno(), 0o600)
            out.write(PUBLISHED["key_file"])
        settings.give(path)
    server.start()
    server.log.expected.append(r"AVC0125: ")    # each case sets the clock
    server.log.claim("AVC0102: .*the main server.* serves the same files", count=None)
    yield Site(server, ports)
    server.stop()


def normal(uri):
    """What a mapped path is: decoded, dots resolved, slashes merged, encoded as published."""
    path = unquote_to_bytes(uri.split("?")[0])
    clean = posixpath.normpath(re.sub(rb"/+", b"/", path))
    return tokens.canonical(clean + (b"/" if path.endswith(b"/") and clean != b"/" else b""))


def let_through(case, way, answer):
    if way == "files":
        # No such file, or a method that private files do not know: past the check all the same.
        there = case["path"] == "/chat/uploadedFiles/room7/photo.jpg"
        wanted = 405 if case["method"] not in ("GET", "HEAD") else 200 if there else 404
        assert answer.status == wanted, answer
        return
    assert answer.status == 200, answer
    if case["method"] == "HEAD":
        return
    seen = json.loads(answer.text)
    assert normal(seen["uri"]) == case["path"], seen
    assert seen["query"] == case["query"], seen
    assert (seen["uri"].split("?", 1) + [""])[1] == case["query"], seen
    if case["asked"]:
        assert not seen["get"], seen


# SPEC [claim-4] [claim-5] [claim-13]
@pytest.mark.parametrize("case, way", all_runs())
def test_published_request(site, case, way):
    answer = site.ask(case, way)
    log = site.server.log
    if case.get("core_only"):
        assert answer.status in (400, 404), answer
        log.disregard(r"AVC\d{4}: malformed: ")
        return
    if case["want"] == "ok":
        if way == "files" and answer.status == 404:
            log.disregard(r"AVC\d{4}: not-found: ")
        log.poll()
        assert not log.pending, log.pending
        let_through(case, way, answer)
        return
    log.claim(r"AVC\d{4}: %s: " % case["want"])
    if way.startswith("require"):
        log.disregard("AH01630: ")
    # Require composes yes and no only: httpd answers its own 403 for an expired token there.
    gone = case["want"] == "expired" and not way.startswith("require")
    assert answer.status == (410 if gone else 403), answer
    assert "no-store" in answer.words("Cache-Control"), answer


# SPEC [carrier-2]
def test_every_way_of_asking_has_cases():
    used = {way for case in CASES for way in ways_of(case)}
    assert used == set(WAYS) and len(CASES) > 150
