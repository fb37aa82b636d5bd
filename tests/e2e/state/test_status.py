# SPDX-License-Identifier: Apache-2.0
# server-status shows the module in one short block: keys and when each was last used, refusals
# by reason, the last change of the key file. For people and for ?auto; never a secret.
import re
import time

import pytest

from avc import tokens
from avc.tokens import signed

CONFIG = """
AvcKeyFile "@keys@"
AvcMediaServer 127.0.0.2
AvcMediaServerScripts avchat
ExtendedStatus On
<Location "/files">
    AvcFiles "@private@"
</Location>
<Location "/server-status">
    SetHandler server-status
</Location>
"""


@pytest.fixture(scope="module", params=["event", "prefork"])
def web(request, serve):
    return serve(CONFIG, mpm=request.param, processes=2, private={"a.txt": "x"},
                 docroot={"chat/writeuserslist.php": "script"})


def block(server):
    """The module's part of the page as text, without tags."""
    page = server.ask("/server-status").text
    start = page.lower().find("avcsec")
    assert start >= 0, page
    return re.sub(r"<[^>]+>", " ", page[start:])


def automatic(server):
    """The module's lines of ?auto as a dictionary."""
    lines = [line.split(": ", 1) for line in server.ask("/server-status?auto").text.splitlines()
             if line.lower().startswith("avc") and ": " in line]
    assert lines
    return dict(lines)


def count_of(server, reason):
    found = [v for k, v in automatic(server).items() if reason.replace("-", "") in
             k.lower().replace("-", "").replace("_", "")]
    return int(found[0]) if found else 0


def test_refusals_are_counted_over_all_processes(web):
    before = {r: count_of(web, r) for r in ("no-token", "signature", "expired", "address")}
    for _ in range(12):
        web.refused("/files/a.txt", "no-token")
    for _ in range(3):
        web.refused("/files/a.txt?avc=" + tokens.tampered(tokens.token("/files/a.txt")), "signature")
    web.refused(signed("/files/a.txt", expires=-5), "expired", status=410)
    web.refused("/chat/writeuserslist.php", "address")
    web.allowed(signed("/files/a.txt"))
    after = {r: count_of(web, r) for r in before}
    assert {r: after[r] - before[r] for r in before} == {
        "no-token": 12, "signature": 3, "expired": 1, "address": 1}
    text = block(web)
    for reason in before:
        assert re.search(re.escape(reason) + r"\D+%d\b" % after[reason], text), text


def test_keys_and_their_last_use(web):
    web.allowed(signed("/files/a.txt", kid="k1"))
    text, lines = block(web), automatic(web)
    for kid in ("k1", "k2", "pw"):
        assert re.search(r"\b%s\b" % kid, text), text
    year = time.strftime("%Y", time.gmtime())
    assert year in text, text
    assert any("k1" in k + v for k, v in lines.items()), lines


def test_the_last_change_of_the_key_file(web):
    assert "avcsec.keys" in block(web) or re.search("key file", block(web), re.I)


def test_no_secret_is_shown(web):
    for query in ("", "?auto", "?notable"):
        page = web.ask("/server-status" + query).text
        for secret in list(tokens.SECRETS.values()) + [tokens.PASSWORD]:
            assert secret not in page


def test_the_page_is_well_formed(web):
    page = web.ask("/server-status").text
    assert page.count("<table") == page.count("</table>") and page.count("<dl>") == page.count("</dl>")


def test_counts_survive_a_reload(web):
    web.refused("/files/a.txt", "no-token")
    before = count_of(web, "no-token")
    web.graceful()
    assert count_of(web, "no-token") >= before
    web.log.disregard("AVC0104: ")


def test_without_protection_nothing_is_shown(serve_once):
    server = serve_once('<Location "/server-status">\nSetHandler server-status\n</Location>', keys=None)
    page = server.ask("/server-status")
    assert page.status == 200 and "k1" not in page.text
