# SPDX-License-Identifier: Apache-2.0
# Sites that share a store and call their keys alike: a count belongs to the key itself, so that
# nobody can use up what another site has given away. A message that several keys have signed
# counts for each of them.
import secrets

import pytest

from avc import tokens, webhooks
from avc.redis import Redis, next_second

SITE = """
<VirtualHost 127.0.0.1:@port@>
    ServerName %(name)s.example
    AvcKeyFile "@root@/conf/%(name)s.keys"
    AvcMediaServer 127.0.0.1
    AvcMediaServerProof webhook
    AvcMediaServerScripts hook
    <Location "/signed">
        AvcSignedURL On
    </Location>
    <Location "/call">
        AvcMediaServerProof token
        AvcMediaServerOnly On
    </Location>
    <Location "/verify">
        SetHandler avcsec-token-verify
        AvcMediaServerProof address
    </Location>
</VirtualHost>
"""
SECRETS = {"one": tokens.SECRETS["k1"], "two": tokens.SECRETS["k2"]}
KEYS = {"one": "k1 hs256 %s\nhook webhook %s\n" % (SECRETS["one"], webhooks.SECRET),
        "two": "k1 hs256 %s\nhook webhook %s\n" % (SECRETS["two"], webhooks.OTHER)}
DOCROOT = {"signed/a.txt": "content", "call/a.txt": "content", "hook.txt": "hook"}
BODY = b'{"type":"stream.started"}'


@pytest.fixture(scope="module", params=["file", pytest.param("redis", marks=pytest.mark.redis)])
def web(request, home):
    from avc import httpd
    redis = Redis().start() if request.param == "redis" else None
    server = httpd.Httpd("".join(SITE % {"name": name} for name in ("one", "two")), keys=None,
                         docroot=DOCROOT, outside="AvcStore " + redis.url if redis else "")
    for name, text in KEYS.items():
        server.write_secret("conf/%s.keys" % name, text)
    server.start()
    if redis:
        next_second()
    yield server
    server.stop()
    if redis:
        redis.kill()


def link(site, name, path, purpose):
    return path + "?avc=" + tokens.token(path, purpose, "k1", secret=SECRETS[site], id=name, max=1)


# SPEC [use-13]
@pytest.mark.parametrize("path, purpose", [("/signed/a.txt", "file"), ("/call/a.txt", "call")])
def test_the_same_id_by_keys_of_one_name_is_two_counts(web, path, purpose):
    name = secrets.token_hex(12)
    web.allowed(link("one", name, path, purpose), host="one.example")
    web.allowed(link("two", name, path, purpose), host="two.example")
    for site in SECRETS:
        web.refused(link(site, name, path, purpose), "used-up", host=site + ".example", source="127.0.0.9")


def test_sessions_of_two_sites_are_two_counts(web):
    name = secrets.token_hex(12)
    for answer in ("true", "false"):
        for site in SECRETS:
            tok = tokens.token("/", "session", "k1", secret=SECRETS[site], id=name, max=1)
            said = web.ask("/verify?token=" + tok, host=site + ".example").text
            assert answer in said, (site, said)
    web.log.claim(r"AVC\d{4}: used-up: ", count=2)


def ask_hook(web, site, headers):
    return web.ask("/hook.txt", "GET", headers, BODY, host=site + ".example")


def test_a_message_of_one_site_is_not_the_others(web):
    name = webhooks.new_id()
    for site, secret in (("one", webhooks.SECRET), ("two", webhooks.OTHER)):
        assert ask_hook(web, site, webhooks.headers(BODY, name, secret=secret)).status == 200
        assert ask_hook(web, site, webhooks.headers(BODY, name, secret=secret)).status == 403
    web.log.claim(r"AVC\d{4}: used-up: ", count=2)


def test_a_message_by_two_keys_counts_for_both(web):
    """Whoever sends it again leaves out the signature that it was counted by."""
    web.write_secret("conf/one.keys", KEYS["one"] + "next webhook %s\n" % webhooks.OTHER)
    web.graceful()
    web.log.disregard("AVC0104: ")
    name = webhooks.new_id()
    first = webhooks.headers(BODY, name)
    sent = dict(first)["webhook-timestamp"]
    by_old, by_new = (webhooks.signature(BODY, name, sent, secret)
                      for secret in (webhooks.SECRET, webhooks.OTHER))

    def send(signatures):
        return ask_hook(web, "one", [("webhook-id", name), ("webhook-timestamp", sent),
                                     ("webhook-signature", signatures), webhooks.TYPE]).status

    assert send(by_new + " " + by_old) == 200
    for signatures in (by_old, by_new, by_old + " " + by_new):
        assert send(signatures) == 403
    web.log.claim(r"AVC\d{4}: used-up: ", count=3)
