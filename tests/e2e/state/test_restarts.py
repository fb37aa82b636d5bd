# SPDX-License-Identifier: Apache-2.0
# No graceful or full restart ends a server for a reason of this module: what cannot be had is kept
# from before, or refused; and what configtest refuses closes the virtual hosts that it is about.
import os
import signal

import pytest

from avc import settings, tokens
from avc.httpd import USUAL
from avc.tokens import signed

SIGNED = 'AvcKeyFile "@keys@"\n<Location "/signed">\nAvcSignedURL On\n</Location>\n'
DOCROOT = {"signed/a.txt": "content", "open.txt": "open", "two/open.txt": "open"}
HOWS = [signal.SIGUSR1, signal.SIGHUP]
HOST = """
<VirtualHost 127.0.0.1:@port@>
    ServerName %s.example
    %s
</VirtualHost>
"""
# Each protects less than it says, and configtest says so.
OPEN = {
    "two lists that allow": "AvcMediaServer 127.0.0.2\nAvcMediaServer 127.0.0.3\n"
                            "AvcMediaServerScripts open",
    "keys in the document root": 'AvcKeyFile "@docroot@/k"',
    "the quick handler": 'AvcKeyFile "@keys@"\nAvcHidden secret\nCacheEnable disk "/"\nCacheRoot "@root@/run"',
}


def hosts(one):
    return HOST % ("one", one) + HOST % ("two", 'DocumentRoot "@docroot@/two"')


# SPEC [conf-26]
@pytest.mark.parametrize("mpm", ["event", "worker", "prefork"])
@pytest.mark.parametrize("how", HOWS)
def test_a_host_that_would_protect_less_than_it_says_is_closed_and_the_others_go_on(serve_once, mpm, how):
    web = serve_once(hosts("AvcHidden secret"), keys=None, docroot=DOCROOT, mpm=mpm)
    web.write_config(hosts(OPEN["two lists that allow"]))
    assert web.configtest()[0] != 0
    web.signal(how)
    web.log.claim("AVC0127: .*httpd.conf line .*AvcMediaServer stands in this section already")
    assert web.is_running()
    answer = web.ask("/open.txt", host="one.example")
    assert (answer.status, answer.get("Retry-After") is not None) == (503, True)
    assert "no-store" in answer.words("Cache-Control")
    web.log.claim("AVC0039: closed: /open.txt")
    web.allowed("/open.txt", host="two.example", shows="open")
    web.write_config(hosts("AvcHidden secret"))
    web.signal(how)
    web.allowed("/open.txt", host="one.example", shows="open")


@pytest.mark.parametrize("what", ["keys in the document root", "the quick handler"])
def test_what_is_about_one_host_closes_that_one(serve_once, what):
    web = serve_once(hosts("AvcHidden secret"), docroot=DOCROOT, modules=USUAL + ["cache", "cache_disk"])
    web.write_secret(os.path.join(web.docroot, "k"), tokens.KEY_FILE)
    web.write_config(hosts(OPEN[what]))
    assert web.configtest()[0] != 0
    web.graceful()
    web.log.claim("AVC0127: ", count=None)
    assert web.ask("/open.txt", host="one.example").status == 503
    web.log.claim("AVC0039: closed: ")
    web.allowed("/open.txt", host="two.example", shows="open")


def test_what_stands_outside_virtual_hosts_closes_them_all(serve_once):
    web = serve_once(hosts(""), keys=None, docroot=DOCROOT)
    web.write_config("AvcMediaServer 127.0.0.2\nAvcMediaServer 127.0.0.3\n" + hosts(""))
    web.graceful()
    web.log.claim("AVC0127: ")
    for name in ("one", "two"):
        assert web.ask("/open.txt", host=name + ".example").status == 503
    web.log.claim("AVC0039: closed: ", count=2)


def test_a_line_of_a_macro_closes_every_host_that_uses_it(serve_once):
    macro = "<Macro Twice>\nAvcMediaServer 127.0.0.2\nAvcMediaServer 127.0.0.3\n</Macro>\n"
    web = serve_once(hosts(""), keys=None, docroot=DOCROOT, modules=USUAL + ["macro"])
    web.write_config(macro + HOST % ("one", "Use Twice") + HOST % ("two", 'DocumentRoot "@docroot@/two"\nUse Twice') +
                     HOST % ("three", 'DocumentRoot "@docroot@/two"'))
    web.graceful()
    web.log.claim("AVC0127: ", count=None)
    for name, status in (("one", 503), ("two", 503), ("three", 200)):
        assert web.ask("/open.txt", host=name + ".example").status == status
    web.log.claim("AVC0039: closed: ", count=2)


def test_a_closed_host_says_nothing_but_no(serve_once):
    """A media server takes a redirect to an error page for a yes."""
    page = "ErrorDocument 503 http://www.example.org/sorry\nRedirect /open.txt http://www.example.org/\n"
    web = serve_once(hosts(""), keys=None, docroot=DOCROOT)
    web.write_config(hosts(page + OPEN["two lists that allow"]))
    web.graceful()
    web.log.claim("AVC0127: ")
    for method in ("GET", "POST", "HEAD", "OPTIONS", "PROPFIND"):
        for path in ("/open.txt", "/", "/none", "/~avc1~x/open.txt"):
            answer = web.ask(path, method, host="one.example")
            assert answer.status == 503 and answer.get("Location") is None, (method, path, answer)
    web.log.claim("AVC0039: closed: ", count=20)


def test_an_admins_command_keeps_such_a_configuration_from_the_server(serve_once):
    web = serve_once(hosts("AvcHidden secret"), keys=None, docroot=DOCROOT)
    before = web.generations()
    web.write_config(hosts(OPEN["two lists that allow"]))
    for verb in ("graceful", "restart"):
        status, printed = web.control(verb)
        assert status != 0 and "AVC0101" in printed, printed
    assert web.generations() == before
    web.allowed("/open.txt", host="one.example", shows="open")
    web.write_config(hosts("AvcHidden secret"))


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("spoil", ["missing", "everybody may write"])
def test_a_private_directory_that_changed_ends_nothing(serve_once, how, spoil):
    """An upload guide's chmod, or a disk that is not mounted, at the nightly reload."""
    config = 'AvcKeyFile "@keys@"\n<Location "/files">\nAvcFiles "@private@"\n</Location>\n'
    web = serve_once(config, docroot=DOCROOT, private={"a.txt": "private"})
    if spoil == "missing":
        os.rename(web.private, web.private + ".away")
    else:
        os.chmod(web.private, 0o777)
    status, printed = web.configtest()
    assert status != 0 and "AvcFiles" in printed, printed
    web.signal(how)
    web.log.claim("AVC0102: .*AvcFiles", count=None)
    web.allowed("/open.txt", shows="open")
    if spoil == "missing":
        assert web.ask(signed("/files/a.txt")).status in (403, 404)
        web.log.disregard(r"AVC\d{4}: ")
        os.rename(web.private + ".away", web.private)
    os.chmod(web.private, 0o755)
    web.signal(how)
    web.allowed(signed("/files/a.txt"), shows="private")


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("spoil", ["missing", "readable by all", "no key"])
def test_a_bad_pem_file_keeps_the_keys(serve_once, how, spoil):
    keys = tokens.KEY_FILE + "ed ed25519 file:@pem@\n"
    web = serve_once(SIGNED, docroot=DOCROOT, keys=None, begin=False)
    pem = os.path.join(web.root, "conf", "ed.pem")
    web.write_secret(pem, PEM)
    web.write_keys(keys.replace("@pem@", pem))
    web.start()
    if spoil == "missing":
        os.unlink(pem)
    else:
        web.write_secret(pem, "no key" if spoil == "no key" else PEM, 0o644 if "readable" in spoil else 0o600)
    assert web.configtest()[0] != 0
    web.signal(how)
    web.log.claim("AVC0103: AvcKeyFile .*ed.pem", count=None)
    web.allowed(signed("/signed/a.txt"), shows="content")
    web.write_secret(pem, PEM)
    web.looked(2)
    web.log.disregard("AVC010[34]: ")


PEM = """-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f
-----END PRIVATE KEY-----
"""


NEW = """
AvcKeyFile "@keys@"
AvcRealm new
AvcRevocations "@root@/conf/revoked"
<Location "/signed">
    AvcSignedURL On
</Location>
<Location "/token">
    SetHandler avcsec-token
    AvcTokenRate 5/60
</Location>
"""


@pytest.mark.parametrize("how", HOWS)
def test_a_restart_without_memory_to_share_ends_nothing_and_opens_nothing(serve_once, how):
    web = serve_once(SIGNED, docroot=DOCROOT, faults=True, outside="AvcStore file:uses:2048")
    link = tokens.limited("/signed/a.txt", 2)
    web.allowed(link, source="127.0.0.5")
    web.outside = "AvcStore file:uses:4096"
    web.write_config(NEW)
    web.set_fault("m")
    web.signal(how)
    web.log.claim("AVC0105: AvcKeyFile .*out of memory")
    web.log.claim("AVC0108: AvcRevocations .*out of memory; tokens of its sites are answered 503")
    web.log.claim("AVC0106: no memory or no randomness for AvcTokenRate")
    web.log.claim("AVC0123: AvcStore .*out of memory; uses are counted in .*/uses as before")
    web.allowed("/open.txt", shows="open")
    for attempt in (link, signed("/signed/a.txt"), signed("/signed/a.txt", realm="new")):
        assert web.ask(attempt).status in (403, 503)
    assert web.ask("/token", "POST").status in (403, 429, 503)
    web.log.disregard(r"AVC\d{4}: ")
    web.set_fault("-")
    web.signal(how)
    web.log.disregard("AVC012[24]: |AVC010[49]: ")
    web.allowed(signed("/signed/a.txt", realm="new"), shows="content")


@pytest.mark.parametrize("mpm", ["event", "worker", "prefork"])
def test_children_that_have_no_memory_to_read_keys_from_end_themselves_alone(serve_once, mpm):
    web = serve_once(SIGNED, docroot=DOCROOT, faults=True, mpm=mpm)
    web.set_fault("c")
    os.kill(web.process.pid, signal.SIGUSR1)
    web.log.claim("AVC0106: no memory to read keys from", count=None, patience=20)
    web.set_fault("-")
    assert settings.until(lambda: answers(web), 60)
    assert web.is_running()
    web.log.disregard("AVC0106: no memory to read keys from")
    web.allowed(signed("/signed/a.txt"), shows="content")


def answers(web):
    try:
        return web.ask("/open.txt").status == 200
    except OSError:
        return False


# -- what configtest says of keys

@pytest.mark.parametrize("lines, said", [
    ("k1 hs256 %s until=2001-01-01T00:00:00Z\n", "no key of kind hs256 that still holds: the last one ended 2001"),
    ("k1 hs256 %s from=2090-01-01T00:00:00Z\n", "no key of kind hs256 that may sign yet: the first one begins 2090"),
    ("k1 hs256 %s until=2001-01-01T00:00:00Z\nk2 hs256 " + tokens.SECRETS["k2"] + " from=2090-01-01T00:00:00Z\n",
     "may sign yet"),
    ("k1 hs256 %s until=2001-01-01T00:00:00Z\npw password " + tokens.PASSWORD + " until=2001-01-01T00:00:00Z\n",
     "no key of kind hs256 that still holds"),
])
def test_a_key_file_with_which_nothing_can_be_done_is_refused(serve_once, lines, said):
    web = serve_once(SIGNED, keys=lines % tokens.SECRETS["k1"], begin=False)
    status, printed = web.configtest()
    assert status != 0 and "AVC0101" in printed and said in printed, printed
    web.start()
    assert any(said in line for line in web.log.claim("AVC0102: ", count=None)), "time alone keeps no server from starting"


@pytest.mark.parametrize("lines, said", [
    ("k1 hs256 %s\npw password " + tokens.PASSWORD + " until=2001-01-01T00:00:00Z\n", "of kind password"),
    ("k1 hs256 %s from=2090-01-01T00:00:00Z\npw password " + tokens.PASSWORD + "\n", "of kind hs256 that may sign yet"),
])
def test_keys_that_are_over_or_not_yet_are_told_of(serve_once, lines, said):
    web = serve_once(SIGNED, keys=lines % tokens.SECRETS["k1"], begin=False)
    status, printed = web.configtest()
    assert status == 0 and "AVC0102" in printed and said in printed, printed


@pytest.mark.parametrize("lines", [
    "k1 hs256 %s until=2001-01-01T00:00:00Z\nk2 hs256 " + tokens.SECRETS["k2"] + "\n",
    "k1 hs256 %s until=2090-01-01T00:00:00Z\nk2 hs256 " + tokens.SECRETS["k2"] + " from=2089-01-01T00:00:00Z\n",
])
def test_keys_in_rotation_are_right(serve_once, lines):
    web = serve_once(SIGNED, keys=lines % tokens.SECRETS["k1"], begin=False)
    assert web.configtest() == (0, "Syntax OK\n")


# -- what must not be published

PUBLISHED = {
    "the key file": ('AvcKeyFile "@docroot@/sub/k"\n', ""),
    "the key file by a link": ('AvcKeyFile "@root@/there/sub/k"\n', ""),
    "the revocations": ('AvcKeyFile "@keys@"\nAvcRevocations "@docroot@/sub/r"\n', ""),
    "the store": ('AvcKeyFile "@keys@"\n', 'AvcStore "file:@docroot@/sub/uses"\n'),
    "the state directory": ('AvcKeyFile "@keys@"\n', 'AvcStateDir "@docroot@/sub/state"\n'),
    "a private key": ('AvcKeyFile "@root@/conf/pair"\n', ""),
    "by an alias": ('AvcKeyFile "@keys@"\nAlias "/conf" "@root@/conf"\n', ""),
    "of another host": ('AvcKeyFile "@root@/other/k"\n' +
                        '<VirtualHost *:1>\nServerName v\nDocumentRoot "@root@/other"\n</VirtualHost>\n', ""),
}


@pytest.mark.parametrize("what", sorted(PUBLISHED))
def test_secrets_and_state_below_a_document_root_are_refused(serve_once, what):
    config, outside = PUBLISHED[what]
    web = serve_once(config, docroot={"sub/x.txt": "x"}, begin=False, outside=outside,
                     has_state="AvcStateDir" not in outside)
    os.makedirs(web.root + "/other")
    os.symlink(web.docroot, web.root + "/there")
    for path in (web.docroot + "/sub/k", web.root + "/other/k"):
        web.write_secret(path, tokens.KEY_FILE)
    web.write_secret(web.docroot + "/sub/ed.pem", PEM)
    web.write_secret("conf/pair", tokens.KEY_FILE + "ed ed25519 file:%s/sub/ed.pem\n" % web.docroot)
    status, printed = web.configtest()
    assert status != 0 and "AVC0101" in printed and "where anybody could fetch it" in printed, printed
    with pytest.raises(AssertionError, match="AVC0101"):
        web.start()
    web.log.disregard("AVC01|AH00014|AH00016|AH00020")
