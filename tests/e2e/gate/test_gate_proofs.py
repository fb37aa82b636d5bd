# SPDX-License-Identifier: Apache-2.0
# What proves the media server besides its address: call tokens in every carrier and form of
# request that media servers send, passwords, and their combinations.
import base64

import pytest

from avc import tokens
from avc.peers import MEDIA, STRANGER

PATH = "/chat/writeuserslist.php"
FORM = ("application/x-www-form-urlencoded", b"xml=%3Crooms%2F%3E&nr_of_users=0&instance=_definst_")
JSON = ("application/json", b'{"action":"on_publish","stream":"room7"}')


def basic(password, user="media"):
    return "Basic " + base64.b64encode(("%s:%s" % (user, password)).encode()).decode()


CONFIG = """
AvcKeyFile "@keys@"
AvcMediaServer 127.0.0.2
AvcMediaServerScripts avchat
<Location "/">
    AvcMediaServerProof token
</Location>
<Location "/secret">
    AvcMediaServerProof secret
</Location>
<Location "/header">
    AvcMediaServerProof secret:X-Media-Secret
</Location>
<Location "/both">
    AvcMediaServerProof address token
</Location>
<Location "/any">
    AvcMediaServerProof any address token secret
</Location>
<Location "/all">
    AvcMediaServerProof address secret
</Location>
"""
FOLDERS = ("chat", "secret", "header", "both", "any", "all")


@pytest.fixture(scope="module")
def web(serve):
    return serve(CONFIG, docroot={d + "/writeuserslist.php": "script" for d in FOLDERS})


def call(path=PATH, carrier="path", **how):
    how.setdefault("expires", None)
    how.setdefault("issued", None)
    return tokens.signed(path, carrier=carrier, purpose="call", **how)


@pytest.mark.smoke
@pytest.mark.parametrize("carrier", ["path", "query"])
@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize("method, sent", [("GET", None), ("POST", FORM), ("POST", JSON)])
def test_a_call_token_in_the_url_opens_the_script(web, carrier, version, method, sent):
    """Servers that can hold only a URL send nothing else: nginx-rtmp, SRS, AVChat's settings."""
    headers = [("Content-Type", sent[0])] if sent else []
    web.allowed(call(carrier=carrier), method, headers, sent[1] if sent else b"", version=version,
                source=STRANGER, shows="script")


def test_a_call_token_as_bearer_opens_the_script(web):
    tok = tokens.token(PATH, purpose="call")
    web.allowed(PATH, headers=[("Authorization", "Bearer " + tok)], shows="script")


def test_a_call_token_in_a_cookie_does_not(web):
    tok = tokens.token(PATH, purpose="call")
    web.refused(PATH, "no-token", headers=[("Cookie", "__Host-avc=" + tok)])


def test_a_query_that_the_media_server_appends_is_left_alone(web):
    web.allowed(call() + "?token=abc&fms", shows="script")
    web.allowed(PATH + "?a=1&avc=" + tokens.token(PATH, purpose="call") + "&token=abc&a=2",
                shows="script")


@pytest.mark.parametrize("name, target, reason, status", [
    ("none", PATH, "no-token", 403),
    ("for a file", tokens.signed(PATH), "purpose", 403),
    ("for another script", PATH + "?avc=" + tokens.token("/chat/sendReport.php", purpose="call"),
     "signature", 403),
    ("tampered", PATH + "?avc=" + tokens.tampered(tokens.token(PATH, purpose="call")),
     "signature", 403),
    ("over", call(expires=-1, issued=-100), "expired", 410),
    ("not begun", call(expires=900, nbf=9999999999, issued=0), "not-yet-valid", 403),
    ("unknown key", PATH + "?avc=" + tokens.token(PATH, purpose="call", kid="k9"),
     "unknown-key", 403),
    ("password as key", PATH + "?avc=" + tokens.token(PATH, purpose="call", kid="pw"),
     "unknown-key", 403),
    ("other address", call(ip4="192.0.2.0-24"), "address", 403),
    ("other method", call(mth="POST"), "method", 403),
    ("junk", PATH + "?avc=junk", "malformed", 403),
])
def test_a_wrong_call_token_is_refused_for_its_reason(web, name, target, reason, status):
    web.refused(target, reason, status=status)
    web.refused(target, reason, status=status, source=MEDIA)


def test_a_listed_address_alone_proves_nothing_where_a_token_is_asked(web):
    web.refused(PATH, "no-token", source=MEDIA)


# SPEC [claim-1]
def test_a_call_token_without_an_end_does_not_age(web):
    web.allowed(call(issued=-10 ** 8), shows="script")


# -- passwords

# SPEC [keys-4]
@pytest.mark.smoke
@pytest.mark.parametrize("header", [
    ("Authorization", basic(tokens.PASSWORD)), ("Authorization", basic(tokens.PASSWORD, "")),
    ("Authorization", "Bearer " + tokens.PASSWORD), ("authorization", "basic" + basic(
        tokens.PASSWORD)[5:]),
])
def test_a_password_of_the_key_file_proves_the_media_server(web, header):
    web.allowed("/secret/writeuserslist.php", headers=[header], shows="script")
    web.allowed("/secret/writeuserslist.php", "POST", [header], b"xml=1", version="1.0",
                shows="script")


@pytest.mark.parametrize("headers", [
    [], [("Authorization", basic("wrong"))], [("Authorization", basic(tokens.PASSWORD + "x"))],
    [("Authorization", basic(tokens.PASSWORD[:-1]))], [("Authorization", basic(""))],
    [("Authorization", "Bearer ")], [("Authorization", "Bearer " + tokens.SECRETS["k1"])],
    [("Authorization", "Basic !!!")], [("Authorization", tokens.PASSWORD)],
    [("X-Media-Secret", tokens.PASSWORD)], [("Authorization", "Digest " + tokens.PASSWORD)],
    [("Proxy-Authorization", basic(tokens.PASSWORD))],
])
def test_anything_else_does_not(web, headers):
    web.refused("/secret/writeuserslist.php", "secret", headers=headers)
    web.refused("/secret/writeuserslist.php", "secret", headers=headers, source=MEDIA)


def test_the_refused_password_is_not_logged(web):
    wrong = "a-wrong-password-that-is-long-enough"
    web.refused("/secret/writeuserslist.php", "secret", headers=[("Authorization", basic(wrong))])
    web.refused("/secret/writeuserslist.php", "secret", headers=[("Authorization", "Bearer " + wrong)])
    assert wrong not in web.error_log() and tokens.PASSWORD not in web.error_log()


def test_a_password_in_a_named_header(web):
    target = "/header/writeuserslist.php"
    web.allowed(target, headers=[("X-Media-Secret", tokens.PASSWORD)], shows="script")
    web.allowed(target, headers=[("x-media-secret", tokens.PASSWORD)], shows="script")
    web.refused(target, "secret", headers=[("X-Media-Secret", "no")])
    web.refused(target, "secret", headers=[("X-Media-Secret", "")])
    web.refused(target, "secret", headers=[("Authorization", basic(tokens.PASSWORD))])
    web.refused(target, "secret")


# -- combinations

# SPEC [conf-8]
def test_all_kinds_are_needed_where_several_are_named(web):
    path = "/both/writeuserslist.php"
    web.allowed(call(path), source=MEDIA, shows="script")
    web.refused(call(path), "address", source=STRANGER)
    web.refused(path, "no-token", source=MEDIA)
    path = "/all/writeuserslist.php"
    secret = [("Authorization", basic(tokens.PASSWORD))]
    web.allowed(path, headers=secret, source=MEDIA, shows="script")
    web.refused(path, "address", headers=secret, source=STRANGER)
    web.refused(path, "secret", source=MEDIA)


# SPEC [conf-8]
def test_one_kind_is_enough_with_any(web):
    path = "/any/writeuserslist.php"
    web.allowed(path, source=MEDIA, shows="script")
    web.allowed(call(path), source=STRANGER, shows="script")
    web.allowed(path, headers=[("Authorization", basic(tokens.PASSWORD))], shows="script")
    answer = web.ask(path)
    assert answer.status == 403
    web.log.claim(r"AVC\d{4}: ")
    answer = web.ask(path + "?avc=" + tokens.tampered(tokens.token(path, purpose="call")))
    assert answer.status == 403
    web.log.claim(r"AVC\d{4}: ")


def test_a_wrong_token_from_the_listed_address_is_no_hindrance_with_any(web):
    path = "/any/writeuserslist.php"
    web.allowed(path + "?avc=" + tokens.tampered(tokens.token(path, purpose="call")), source=MEDIA,
                shows="script")


# SPEC [keys-3]
def test_a_key_for_calls_only_signs_nothing_else(serve_once):
    keys = tokens.KEY_FILE + "shared hs256 %s for=call\n" % tokens.SECRETS["k2"]
    config = """
    AvcKeyFile "@keys@"
    AvcMediaServerProof token
    AvcMediaServerScripts avchat
    <Location "/signed">
        AvcSignedURL On
    </Location>
    """
    web = serve_once(config, keys=keys, docroot={"chat/writeuserslist.php": "script",
                                                 "signed/a.txt": "content"})
    shared = {"kid": "shared", "secret": tokens.SECRETS["k2"]}
    web.allowed(tokens.signed(PATH, purpose="call", **shared), shows="script")
    web.refused(tokens.signed("/signed/a.txt", **shared), "unknown-key")
    web.allowed(tokens.signed("/signed/a.txt", kid="k2"), shows="content")


def test_realms_keep_sites_that_share_a_key_apart(serve_once):
    config = """
    AvcKeyFile "@keys@"
    AvcRealm site-a
    AvcMediaServerProof token
    AvcMediaServerScripts avchat
    """
    web = serve_once(config, docroot={"chat/writeuserslist.php": "script"})
    web.allowed(call(realm="site-a"), shows="script")
    web.refused(call(), "signature")
    web.refused(call(realm="site-b"), "signature")
