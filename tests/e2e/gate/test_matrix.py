# SPDX-License-Identifier: Apache-2.0
# Every MPM, every wiring of PHP, every protocol: the gate, signed scripts and private files work
# and refuse alike in all of them.
import pytest

from avc import php, tokens
from avc.httpd import USUAL, Httpd
from avc.peers import MEDIA, STRANGER
from avc.tokens import signed, token

CONFIG = """
AvcKeyFile "@keys@"
AvcMediaServer 127.0.0.2
AvcMediaServerScripts avchat
AvcHidden avchat
<Location "/signed">
    AvcSignedURL On
</Location>
<Location "/files">
    AvcFiles "@private@"
</Location>
<Location "/called">
    AvcMediaServerOnly On
    AvcMediaServerProof any address token secret
</Location>
"""
SCRIPT = "<?php echo 'ran ', $_SERVER['REQUEST_METHOD'], ' ', $_SERVER['QUERY_STRING'];"
DOCROOT = {"chat/writeuserslist.php": SCRIPT, "chat/open.php": SCRIPT, "signed/a.php": SCRIPT,
           "called/on_publish.php": SCRIPT, "chat/wget.php": SCRIPT}
PROTOCOLS = {
    "HTTP/1.0": ["--http1.0"], "HTTP/1.1": ["--http1.1"], "h2c": ["--http2-prior-knowledge"],
    "HTTP/1.1 over TLS": ["--http1.1"], "h2 over TLS": ["--http2"],
}


@pytest.fixture(scope="module", params=["event", "worker", "prefork"])
def mpm(request):
    return request.param


@pytest.fixture(scope="module", params=sorted(php.WIRINGS))
def web(request, serve_one_after_another, mpm, fpm):
    wiring = request.param
    modules = USUAL + php.MODULES.get(wiring, {}).get(mpm, [])
    return serve_one_after_another(
        CONFIG + php.WIRINGS[wiring], modules=modules, mpm=mpm, tls=True, http2=mpm != "prefork",
        docroot=DOCROOT, private={"shell.php": SCRIPT, "a.txt": "private"}, **fpm.names())


@pytest.fixture(scope="module")
def serve_one_after_another():
    """Twelve servers in turn, not all at once."""
    running = []

    def start(*args, **how):
        while running:
            running.pop().stop()
        running.append(Httpd(*args, **how))
        return running[0].start()

    yield start
    while running:
        running.pop().stop()


# SPEC [conf-9]
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_everything_in_every_combination(web, protocol):
    options, tls = PROTOCOLS[protocol], "TLS" in protocol
    if web.mpm == "prefork" and "h2" in protocol:
        options = ["--http1.1"]             # httpd has no HTTP/2 with prefork and says so

    def ask(target, *more, **how):
        return web.curl(target, *options, *more, tls=tls, **how)

    # the gate
    web.is_refusal(ask("/chat/writeuserslist.php", source=STRANGER), "address")
    web.is_refusal(ask("/chat/writeuserslist.php/x.php", source=STRANGER), "address")
    if "h2" not in protocol:
        # Over HTTP/2 httpd resets the stream of a refused POST, and curl may trip over that.
        web.is_refusal(ask("/chat/writeuserslist.php", "-d", "xml=1", source=STRANGER), "address")
    assert ask("/chat/writeuserslist.php", "-d", "xml=1", source=MEDIA).text == "ran POST "
    assert ask("/chat/open.php?a=1", source=STRANGER).text == "ran GET a=1"
    web.is_refusal(ask("/chat/wget.php", source=MEDIA), "hidden")
    # call tokens of servers that can hold only a URL
    for carrier in ("path", "query"):
        target = signed("/called/on_publish.php", carrier, purpose="call", expires=None)
        assert ask(target).text == "ran GET "
        assert ask(target, "-d", "a=1").text == "ran POST "
        assert ask(target, "-H", "Content-Type: application/json", "-d", "{}").text == "ran POST "
    assert ask("/called/on_publish.php", "-u", "x:" + tokens.PASSWORD).text == "ran GET "
    # signed scripts
    for carrier in ("path", "query"):
        assert ask(signed("/signed/a.php", carrier)).text == "ran GET "
        web.is_refusal(ask(signed("/signed/a.php", carrier, expires=-5)), "expired", 410)
    assert ask("/signed/a.php", "-H", "Authorization: Bearer " + token("/signed/a.php")).text == "ran GET "
    assert ask("/signed/a.php", "-H", "Cookie: __Host-avc=" + token("/signed/a.php")).text == "ran GET "
    web.is_refusal(ask("/signed/a.php"), "no-token")
    # private files
    assert ask(signed("/files/a.txt")).text == "private"
    assert ask(signed("/files/a.txt"), "-r", "3-5").text == "vat"
    web.is_refusal(ask("/files/a.txt"), "no-token")
    answer = ask(signed("/files/shell.php"))
    if answer.status == 403:
        # ProxyPassMatch takes the address away from the private directory.
        web.is_refusal(answer, "shadowed")
    else:
        assert answer.text == SCRIPT and answer.get("content-type") == "application/octet-stream"
    web.log.assert_quiet()
