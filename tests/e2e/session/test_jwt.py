# SPDX-License-Identifier: Apache-2.0
# JWTs that the server issues, as those read them who did not make them: jwcrypto and the
# command `jose`, by the shared secret or by what avcsec-jwks serves. What media servers expect,
# claims of the administrator, keys and their files, settings that could not work.
import base64
import json
import os
import signal
import subprocess
import time

import pytest
from jwcrypto import jwk, jws, jwt

from avc import httpd, settings, tokens
from avc.httpd import Httpd

pytestmark = pytest.mark.json
OWN = [("Origin", "http://chat.example"), ("Sec-Fetch-Site", "same-origin")]
LIVEKIT_SECRET = tokens.b64url(b"zautXStXM9iW3aD3FuyPH0TdK4GHPmHq")

CONFIG = """
AvcKeyFile "@keys@"
AvcTokenClaim aud media
<Location "/token">
    SetHandler avcsec-token
    AvcTokenFormat jwt
    AvcTokenSubject "%{HTTP:X-User}"
    AvcTokenLife 90
</Location>
<Location "/token/avc">
    AvcTokenFormat avc
</Location>
<Location "/token/hs256">
    AvcTokenFormat jwt HS256
</Location>
<Location "/token/es256">
    AvcTokenFormat jwt ES256
</Location>
<Location "/token/full">
    AvcTokenRole admin
    AvcTokenApp avchat30
    AvcTokenAct "publish play"
    AvcTokenRoom "%{HTTP:X-Room}"
</Location>
<Location "/token/mediamtx">
    AvcTokenFormat jwt mediamtx
    AvcTokenClaim aud null
    AvcTokenClaim aud mediamtx
</Location>
<Location "/token/mediamtx/room">
    AvcTokenRoom "%{HTTP:X-Room}"
    AvcTokenAct "%{HTTP:X-Act}"
    <If "%{HTTP:X-App} != ''">
        AvcTokenApp "%{HTTP:X-App}"
    </If>
</Location>
<Location "/token/livekit">
    AvcTokenFormat jwt livekit
    AvcTokenClaim aud livekit
</Location>
<Location "/token/livekit/room">
    AvcTokenRoom "%{HTTP:X-Room}"
    AvcTokenAct "connect play publish"
    AvcTokenRole "%{HTTP:X-Role}"
</Location>
<Location "/token/livekit/app">
    AvcTokenApp chat
</Location>
<Location "/token/ant-media">
    AvcTokenFormat jwt ant-media
    AvcTokenRoom "%{HTTP:X-Room}"
    AvcTokenAct "%{HTTP:X-Act}"
</Location>
<Location "/token/claims">
    AvcTokenClaim iss https://issuer.example
    AvcTokenClaim aud '["media","other"]'
    AvcTokenClaim name "%{HTTP:X-User} of %{HTTP:X-Room}"
    AvcTokenClaim level 3
    AvcTokenClaim guest true
    AvcTokenClaim digits '"007"'
    AvcTokenClaim bare 007
    AvcTokenClaim nested '{"room":"%{HTTP:X-Room}","tags":["a","%{HTTP:X-User}",1.5,null],"deep":{"x":false}}'
    AvcTokenClaim gone text
    AvcTokenClaim gone null
    <If "%{HTTP:X-Level} == 'four'">
        AvcTokenClaim level 4
    </If>
</Location>
<Location "/token/address">
    AvcTokenAddress On
</Location>
<Location "/token/nobody">
    AvcTokenClaim aud "%{HTTP:X-Aud}"
</Location>
<Location "/token/long">
    AvcTokenClaim long "%{HTTP:X-Long}"
</Location>
<Location "/jwks.json">
    SetHandler avcsec-jwks
</Location>
<Location "/verify">
    SetHandler avcsec-token-verify
    AvcMediaServer 127.0.0.1
    AvcTokenFormat jwt
</Location>
<Location "/verify/several">
    AvcTokenClaim aud '["media","other"]'
    AvcTokenClaim iss https://issuer.example
</Location>
<Location "/verify/avc">
    AvcTokenFormat avc
</Location>
"""


def make_pem(name, *how):
    """A private key that openssl makes, in the run's directory."""
    path = os.path.join(httpd.home.path, name)
    if not os.path.exists(path):
        subprocess.run(["openssl", *how, "-out", path], check=True, capture_output=True)
        os.chmod(path, 0o600)
        settings.give(path)
    return path


def ed25519(name="ed.pem"):
    return make_pem(name, "genpkey", "-algorithm", "ed25519")


def p256(name="ec.pem"):
    return make_pem(name, "ecparam", "-name", "prime256v1", "-genkey")


def key_file():
    return ("k1 hs256 %s for=session\nk2 hs256 %s\nAPIkey hs256 %s for=session from=2020-01-01T00:00:00Z\n"
            "pw password %s\ned ed25519 file:%s\nec es256 file:%s\n"
            "ended ed25519 file:%s until=2021-01-01T00:00:00Z\nnext ed25519 file:%s from=2090-01-01T00:00:00Z\n"
            % (tokens.SECRETS["k1"], tokens.SECRETS["k2"], LIVEKIT_SECRET, tokens.PASSWORD, ed25519(), p256(),
               ed25519("ended.pem"), ed25519("next.pem")))


@pytest.fixture(scope="module")
def web(serve):
    return serve(CONFIG, keys=key_file())


def post(web, target, **headers):
    named = [("X-" + name.title(), value) for name, value in headers.items()]
    return web.ask(target, "POST", [("Content-Length", "0")] + OWN + named)


def issued(web, target, **headers):
    """The token that a page gets there."""
    answer = post(web, target, **headers)
    web.log.poll()
    assert answer.status == 200 and not web.log.pending, "%r\n%s" % (answer, "\n".join(web.log.pending))
    return json.loads(answer.text)["token"]


def not_issued(web, target, *words, **headers):
    answer = post(web, target, **headers)
    assert answer.status == 403, answer
    line = web.log.claim("AVC0026: not-issued: ")[0]
    for word in words:
        assert word in line, line
    return line


def jwks(web):
    answer = web.allowed("/jwks.json")
    assert answer.get("Content-Type") == "application/jwk-set+json"
    return jwk.JWKSet.from_json(answer.text)


def shared(secret):
    return jwk.JWK(kty="oct", k=secret)


def read(token, key, algorithm, **expected):
    """Header and claims of a token that jwcrypto calls right."""
    checked = jwt.JWT(algs=[algorithm], check_claims=expected or None)
    checked.deserialize(token, key)
    return json.loads(checked.header), json.loads(checked.claims)


def verify_by_jose(token, key):
    """What the command `jose` says of it."""
    with open(os.path.join(httpd.home.path, "jose.jwk"), "w") as file:
        file.write(key.export())
    done = subprocess.run(["jose", "jws", "ver", "-i", "-", "-k", file.name, "-O", "-"], input=token,
                          capture_output=True, text=True)
    return done.returncode == 0 and json.loads(done.stdout)


# ---- Read by others --------------------------------------------------------------------------

def test_a_token_signed_with_ed25519_is_read_by_the_public_key_alone(web):
    token = issued(web, "/token", user="zo\u00eb".encode())
    keys = jwks(web)
    header, claims = read(token, keys, "EdDSA", iss="https://chat.example", aud="media")
    assert header == {"alg": "EdDSA", "kid": "ed", "typ": "avcsec+jwt"}
    assert set(claims) == {"iss", "aud", "sub", "exp", "iat", "nbf", "jti", "scope", "max"}
    assert claims["sub"] == "zo\u00eb" and claims["scope"] == "connect play"
    assert abs(claims["iat"] - time.time()) < 5 * settings.PATIENCE and claims["exp"] == claims["iat"] + 90
    assert claims["nbf"] == claims["iat"] - 30, "clocks may differ by AvcClockSkew"
    assert len(claims["jti"]) == 22
    assert json.loads(post(web, "/token").text)["expires"] >= claims["exp"]


def test_each_token_has_its_own_id(web):
    ids = {read(issued(web, "/token"), jwks(web), "EdDSA")[1]["jti"] for _ in range(20)}
    assert len(ids) == 20


def test_a_token_signed_with_es256_is_read_by_jwcrypto_and_jose(web):
    for _ in range(8):                                          # r and s are short now and then
        token = issued(web, "/token/es256")
        header, claims = read(token, jwks(web), "ES256", aud="media")
        assert header["kid"] == "ec" and "sub" not in claims
        assert verify_by_jose(token, jwks(web).get_key("ec")) == claims


def test_a_token_signed_with_a_shared_secret_is_read_by_jwcrypto_and_jose(web):
    token = issued(web, "/token/hs256")
    header, claims = read(token, shared(LIVEKIT_SECRET), "HS256", aud="media")
    assert header == {"alg": "HS256", "kid": "APIkey", "typ": "avcsec+jwt"}, "the one with the latest from"
    assert verify_by_jose(token, shared(LIVEKIT_SECRET)) == claims
    with pytest.raises(jws.InvalidJWSSignature):
        read(token, shared(tokens.SECRETS["k1"]), "HS256")
    assert not verify_by_jose(token, shared(tokens.SECRETS["k1"]))


def test_a_changed_token_is_wrong_for_others(web):
    head, body, mac = issued(web, "/token").split(".")
    said = json.loads(tokens.b64url_decode(body))
    forged = tokens.b64url(json.dumps(dict(said, sub="admin")).encode())
    with pytest.raises((jws.InvalidJWSSignature, jwt.JWTMissingKey)):
        read(".".join((head, forged, mac)), jwks(web), "EdDSA")


def test_the_format_is_that_of_the_section(web):
    assert issued(web, "/token/avc").startswith("avc1~for.session~")


def test_what_is_granted_stands_in_the_token(web):
    _, claims = read(issued(web, "/token/full", room="caf\u00e9 1".encode()), jwks(web), "EdDSA")
    assert claims["role"] == "admin" and claims["app"] == "avchat30"
    assert claims["scope"] == "play publish" and claims["room"] == "caf\u00e9 1"
    not_issued(web, "/token/full", "AvcTokenRoom", room="")


def test_a_token_bound_to_an_address_is_refused_where_nobody_would_look(web):
    not_issued(web, "/token/address", "AvcTokenAddress")


# ---- Public keys -----------------------------------------------------------------------------

def test_the_key_set_has_public_halves_and_nothing_else(web):
    answer = web.allowed("/jwks.json")
    keys = {key["kid"]: key for key in json.loads(answer.text)["keys"]}
    assert set(keys) == {"ed", "ec", "next"}, "one that has ended is gone, one to come is there"
    for kid, path in (("ed", ed25519()), ("ec", p256()), ("next", ed25519("next.pem"))):
        with open(path, "rb") as pem:
            own = jwk.JWK.from_pem(pem.read()[pem.seek(0):].split(b"PARAMETERS-----\n")[-1])
        assert {n: v for n, v in keys[kid].items() if n not in ("use", "alg", "kid")} == {
            n: v for n, v in own.export_public(as_dict=True).items() if n != "kid"}
        assert keys[kid]["use"] == "sig"
    assert keys["ed"]["alg"] == "EdDSA" and keys["ec"]["alg"] == "ES256"
    for secret in (*tokens.SECRETS.values(), LIVEKIT_SECRET, tokens.PASSWORD, '"d"', '"k"', "oct"):
        assert secret not in answer.text
    assert answer.words("Cache-Control") == ["public", "max-age=300"]
    assert answer.get("X-Content-Type-Options") == "nosniff"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_the_key_set_is_only_read(web, method):
    answer = web.ask("/jwks.json", method, [("Content-Length", "0")])
    assert answer.status == 405 and "GET" in answer.get("Allow")
    web.log.disregard("AVC")


def test_the_key_set_answers_head(web):
    answer = web.ask("/jwks.json", "HEAD")
    assert answer.status == 200 and answer.body == b""


def test_no_htaccess_makes_a_key_set(serve_once):
    server = serve_once('AvcKeyFile "@keys@"', keys=key_file(),
                        docroot={"x/.htaccess": "SetHandler avcsec-jwks\n", "x/a.txt": "text"})
    assert "kty" not in server.ask("/x/a.txt").text


# ---- What media servers expect ---------------------------------------------------------------

def mediamtx(web, **headers):
    header, claims = read(issued(web, "/token/mediamtx/room", **headers), jwks(web), "EdDSA", aud="mediamtx")
    assert header["typ"] == "JWT"
    return [(permission["action"], permission["path"]) for permission in claims["mediamtx_permissions"]]


def test_mediamtx_is_told_actions_and_paths(web):
    assert mediamtx(web, room="lobby", act="connect play") == [("read", "lobby")]
    assert mediamtx(web, room="lobby", act="publish") == [("publish", "lobby")]
    assert mediamtx(web, room="lobby", act="play publish", app="live") == [
        ("read", "live/lobby"), ("publish", "live/lobby")]
    _, claims = read(issued(web, "/token/mediamtx"), jwks(web), "EdDSA")
    assert claims["mediamtx_permissions"] == [{"action": "read", "path": ""}], "any path, as configured"


def test_no_visitor_chooses_a_pattern_for_mediamtx(web):
    """MediaMTX reads a path that starts with ~ as a regular expression."""
    line = not_issued(web, "/token/mediamtx/room", "regular expression", room="~.*", act="play")
    assert "~.*" not in line
    not_issued(web, "/token/mediamtx/room", "AvcTokenRoom", room="", act="play")
    assert mediamtx(web, room="~.*", act="play", app="live") == [("read", "live/~.*")]


def test_mediamtx_knows_nothing_but_play_and_publish(web):
    not_issued(web, "/token/mediamtx/room", "AvcTokenAct", room="lobby", act="connect upload")


def test_livekit_is_told_grants_in_its_own_form(web):
    token = issued(web, "/token/livekit/room", room="lobby", user="zoe", role="admin")
    header, claims = read(token, shared(LIVEKIT_SECRET), "HS256", iss="APIkey")
    assert header == {"alg": "HS256", "kid": "APIkey", "typ": "JWT"}
    assert claims["sub"] == "zoe"
    assert claims["video"] == {"roomJoin": True, "room": "lobby", "canPublish": True, "canSubscribe": True,
                               "canPublishData": True, "roomAdmin": True}


def test_livekit_gets_a_name_for_somebody_without_one(web):
    _, first = read(issued(web, "/token/livekit"), shared(LIVEKIT_SECRET), "HS256")
    _, second = read(issued(web, "/token/livekit"), shared(LIVEKIT_SECRET), "HS256")
    assert first["sub"] and first["sub"] != second["sub"], "two of one name put each other out"
    assert first["video"] == {"roomJoin": True, "canPublish": False, "canSubscribe": True, "canPublishData": False}


def test_livekit_knows_no_application(web):
    not_issued(web, "/token/livekit/app", "AvcTokenApp")


def test_ant_media_is_told_one_stream_and_what_for(web):
    for act, kind in (("connect play", "play"), ("publish", "publish")):
        token = issued(web, "/token/ant-media", room="stream1", act=act)
        _, claims = read(token, shared(LIVEKIT_SECRET), "HS256")
        assert claims["streamId"] == "stream1" and claims["type"] == kind
    not_issued(web, "/token/ant-media", "either", room="stream1", act="play publish")
    not_issued(web, "/token/ant-media", "either", room="stream1", act="connect")
    not_issued(web, "/token/ant-media", "AvcTokenRoom", room="", act="play")


# ---- Claims of the administrator ---------------------------------------------------------------

def test_claims_are_json_in_which_expressions_are_texts(web):
    _, claims = read(issued(web, "/token/claims", user="zoe", room="r1"), jwks(web), "EdDSA",
                     iss="https://issuer.example", aud="other")
    assert claims["aud"] == ["media", "other"] and claims["name"] == "zoe of r1"
    assert claims["level"] == 3 and claims["guest"] is True
    assert claims["digits"] == "007" and claims["bare"] == "007"
    assert claims["nested"] == {"room": "r1", "tags": ["a", "zoe", 1.5, None], "deep": {"x": False}}
    assert "gone" not in claims


def test_an_inner_section_overrules_one_claim_and_keeps_the_others(web):
    _, claims = read(issued(web, "/token/claims", user="zoe", level="four"), jwks(web), "EdDSA")
    assert claims["level"] == 4 and claims["guest"] is True


@pytest.mark.parametrize("name", [
    '","admin":true,"x":"', '"}', "true", "null", "7", '{"a":1}', "\\", "%{HTTP:X-Room}", "</script>",
])
def test_no_visitor_makes_a_claim(web, name):
    """What an expression gives is one text, whatever is in it."""
    _, claims = read(issued(web, "/token/claims", user=name, room=name), jwks(web), "EdDSA")
    assert claims["name"] == "%s of %s" % (name, name) and claims["nested"]["tags"][1] == name
    assert "admin" not in claims and claims["sub"] == name


def test_what_is_not_utf8_makes_no_token(web):
    line = not_issued(web, "/token/claims", "AvcTokenClaim", "UTF-8", room=b"\xff\xfe", user="zoe")
    assert "\\xff" not in line


def test_a_token_is_for_somebody(web):
    not_issued(web, "/token/nobody", "aud", aud="")


def test_a_token_does_not_grow_beyond_what_receivers_take(web):
    assert issued(web, "/token/long", long="x" * 2000)
    not_issued(web, "/token/long", "4096", long="x" * 4000)


# ---- Asked about here ----------------------------------------------------------------------------

FORM = [("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json")]


def ask_about(web, token, place="/verify", **how):
    """What the media server is told, as RFC 7662 has it."""
    body = ("token=" + token).encode()
    answer = web.ask(place, "POST", FORM + [("Content-Length", str(len(body)))], body, **how)
    assert answer.status == 200, answer
    return json.loads(answer.text)


def wrong(web, token, reason, place="/verify"):
    assert ask_about(web, token, place) == {"active": False}
    web.log.claim("AVC\\d{4}: %s: " % reason)


def made_elsewhere(key, algorithm, header=None, **changed):
    """A token by jwcrypto, as this server would make it but for what is changed; None: not there."""
    now = int(time.time())
    usual = {"iss": "https://chat.example", "aud": "media", "exp": now + 60, "iat": now,
             "jti": "AAECAwQFBgcICQoLDA0ODw", "scope": "connect play"}
    usual.update(changed)
    token = jws.JWS(json.dumps({n: v for n, v in usual.items() if v is not None}))
    named = {"alg": algorithm, "kid": "k1", "typ": "avcsec+jwt", **(header or {})}
    token.add_signature(key, protected=json.dumps({n: v for n, v in named.items() if v is not None}))
    return token.serialize(compact=True)


def by_k1(header=None, **changed):
    return made_elsewhere(shared(tokens.SECRETS["k1"]), "HS256", header, **changed)


def test_a_media_server_that_asks_about_a_jwt_is_told_what_it_says_once(web):
    token = issued(web, "/token", user="zo\u00eb".encode())
    said = ask_about(web, token)
    assert said["active"] is True and said["scope"] == "connect play" and said["sub"] == "zo\u00eb"
    assert said["jti"] == read(token, jwks(web), "EdDSA")[1]["jti"] and said["exp"] > time.time()
    wrong(web, token, "used-up")


def test_it_is_told_true_and_false_as_of_other_tokens(web):
    body = ("token=" + issued(web, "/token/es256")).encode()
    for wanted in ("true", "false"):
        answer = web.ask("/verify", "POST", FORM[:1] + [("Content-Length", str(len(body)))], body)
        assert (answer.status, answer.text) == (200, wanted)
    web.log.claim("AVC0013: used-up: ")


def test_a_jwt_in_a_query_is_refused(web):
    answer = web.ask("/verify?token=" + by_k1(), headers=FORM[1:])
    assert json.loads(answer.text) == {"active": False}
    assert "POST" in web.log.claim("AVC0002: malformed: ")[0]


def test_tokens_of_both_formats_are_judged_where_jwts_are_issued(web):
    assert ask_about(web, issued(web, "/token/avc"))["active"] is True
    wrong(web, issued(web, "/token"), "malformed", place="/verify/avc")


def test_a_token_that_others_made_with_the_shared_secret_is_right(web):
    assert ask_about(web, by_k1())["active"] is True
    several = by_k1(jti="AAECAwQFBgcICQoLDA0ODx", aud=["x", "media"], iss="https://issuer.example", max=2, room="r")
    assert ask_about(web, several, "/verify/several") == {"active": False}, "connect is not asked of a room"
    web.log.claim("AVC0022: room: ")


@pytest.mark.parametrize("reason, changed", [
    ("purpose", {"iss": "https://evil.example"}), ("purpose", {"aud": "other"}), ("purpose", {"aud": ["a", "b"]}),
    ("malformed", {"iss": None}), ("malformed", {"aud": None}), ("malformed", {"aud": {"media": 1}}),
    ("malformed", {"exp": None}), ("malformed", {"exp": "9999999999"}), ("malformed", {"exp": True}),
    ("expired", {"exp": 1700000000.5}), ("malformed", {"iat": None}), ("malformed", {"nbf": "1"}),
    ("not-yet-valid", {"nbf": 99999999999}), ("not-yet-valid", {"iat": 99999999999}),
    ("malformed", {"jti": None}), ("malformed", {"jti": 7}), ("malformed", {"jti": "short"}),
    ("malformed", {"scope": None}), ("malformed", {"scope": "admin"}), ("act", {"scope": "play"}),
    ("malformed", {"max": "1"}), ("malformed", {"room": ""}), ("role", {"role": "admin"}),
    ("malformed", {"sub": 1}), ("malformed", {"x": [[[[[[[1]]]]]]]}),
])
def test_claims_are_judged_strictly(web, reason, changed):
    wrong(web, by_k1(**changed), reason)


@pytest.mark.parametrize("reason, header", [
    ("unknown-key", {"kid": "nobody"}), ("unknown-key", {"kid": None}), ("unknown-key", {"kid": "pw"}),
    ("unknown-key", {"kid": "ended"}), ("unknown-key", {"kid": "ed"}), ("purpose", {"typ": "JWT"}),
    ("malformed", {"typ": None}), ("malformed", {"jwk": {"kty": "oct", "k": "AAAA"}}),
    ("malformed", {"jku": "https://evil.example/"}), ("malformed", {"zip": "DEF"}),
    ("signature", {"kid": "APIkey"}),
])
def test_headers_are_judged_strictly(web, reason, header):
    wrong(web, by_k1(header), reason)


def test_no_algorithm_and_no_key_of_ones_own_choice(web):
    """The attacks of RFC 8725: none, the public key as a secret, a family's other member."""
    now = int(time.time())
    body = tokens.b64url(json.dumps({"iss": "https://chat.example", "aud": "media", "exp": now + 60, "iat": now,
                                     "jti": "AAECAwQFBgcICQoLDA0ODw", "scope": "connect"}).encode())
    for algorithm in ("none", "None", "NONE", ""):
        head = tokens.b64url(json.dumps({"alg": algorithm, "kid": "k1", "typ": "avcsec+jwt"}).encode())
        wrong(web, head + "." + body + ".", "malformed")
        wrong(web, head + "." + body + ".AAAA", "unknown-key")
    public = jwks(web).get_key("ed").export_public(as_dict=True)["x"]
    wrong(web, made_elsewhere(shared(public), "HS256", {"kid": "ed"}), "unknown-key")
    wrong(web, made_elsewhere(jwk.JWK(kty="oct", k=tokens.b64url(b"x" * 64)), "HS512"), "unknown-key")
    wrong(web, made_elsewhere(jwk.JWK.generate(kty="OKP", crv="Ed25519"), "EdDSA", {"kid": "ed"}), "signature")
    wrong(web, made_elsewhere(jwk.JWK.generate(kty="EC", crv="P-256"), "ES256", {"kid": "ec"}), "signature")


def test_a_token_has_one_spelling(web):
    token = by_k1()
    for other in (token + "=", token + ".", "." + token, token.replace(".", "..", 1)):
        wrong(web, other, "malformed")
    for other in (token[:-1], token + "A"):
        wrong(web, other, "(malformed|signature)")
    assert token[-1] in "AEIMQUYcgkosw048", "32 bytes leave two bits, which are zero"
    wrong(web, token[:-1] + chr(ord(token[-1]) + 1), "malformed")


# ---- Keys -------------------------------------------------------------------------------------

LITTLE = """
AvcKeyFile "@keys@"
AvcTokenClaim aud media
<Location "/token">
    SetHandler avcsec-token
    AvcTokenFormat jwt
</Location>
<Location "/jwks.json">
    SetHandler avcsec-jwks
</Location>
"""


def test_a_pem_file_that_changes_is_used_without_a_reload(serve_once):
    server = serve_once(LITTLE, begin=False, keys=None)
    path = os.path.join(server.root, "conf", "ed.pem")
    os.link(ed25519("first.pem"), path)
    server.write_keys("ed ed25519 file:%s\n" % path)
    server.start()
    old = jwks(server)
    read(issued(server, "/token"), old, "EdDSA")
    os.replace(make_pem("copy.pem", "genpkey", "-algorithm", "ed25519"), path)
    server.log.claim("AVC0104: ", patience=15)
    token = issued(server, "/token")
    read(token, jwks(server), "EdDSA")
    with pytest.raises((jws.InvalidJWSSignature, jwt.JWTMissingKey)):  # newer versions of jwcrypto say so
        read(token, old, "EdDSA")


def test_a_bad_pem_file_is_reported_once_and_the_old_key_stays(serve_once):
    server = serve_once(LITTLE, begin=False, keys=None)
    path = os.path.join(server.root, "conf", "ed.pem")
    with open(ed25519("good.pem")) as good, open(path, "w") as out:
        text = good.read()
        out.write(text)
    os.chmod(path, 0o600)
    settings.give(path)
    server.write_keys("ed ed25519 file:%s\n" % path)
    server.start()
    before = jwks(server).export()
    with open(path, "w") as out:
        out.write(text.replace("MC4C", "MC4D"))
    assert "Ed25519" in server.log.claim("AVC0103: .*ed.pem", patience=15)[0]
    server.looked()
    server.log.assert_quiet()
    assert jwks(server).export() == before
    server.signal(signal.SIGUSR1)
    server.log.claim("AVC0103: .*ed.pem")
    assert jwks(server).export() == before
    with open(path, "w") as out:
        out.write(text)
    server.log.claim("AVC0104: ", patience=15)


@pytest.mark.root
def test_root_reads_what_children_cannot(serve_once):
    server = serve_once(LITTLE, begin=False, keys=None, started_by="root")
    path = os.path.join(server.root, "conf", "ed.pem")
    with open(ed25519("roots.pem")) as good, open(path, "w") as out:
        out.write(good.read())
    os.chmod(path, 0o600)
    os.chown(path, 0, 0)
    server.write_keys("ed ed25519 file:%s\n" % path)
    server.start()
    read(issued(server, "/token"), jwks(server), "EdDSA")


def test_private_halves_and_secrets_reach_only_children_that_sign(serve_once):
    """A server that issues no JWTs serves its public keys and holds no private one."""
    secret, lines = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", "ed ed25519 file:%s\n" % ed25519()
    config = 'AvcKeyFile "@keys@"\n<Location "/jwks.json">\nSetHandler avcsec-jwks\n</Location>\n'
    seeds = {"seed": base64.b64decode(open(ed25519()).read().split("-----")[2])[-32:],
             "secret": base64.urlsafe_b64decode(secret + "=")}
    keys = "k1 hs256 %s\n" % secret + lines
    silent = serve_once(config, keys=keys, mpm="prefork")
    assert jwks(silent).get_key("ed")
    assert not found_in_children(silent, seeds)
    signing = serve_once(LITTLE, keys=keys.replace("\ned", " for=session\ned"), mpm="prefork")
    assert found_in_children(signing, seeds) == {"seed", "secret"}, "else this test sees nothing"


def found_in_children(server, seeds):
    """Which of these bytes lie in the shared memory of a child that has served a request."""
    found = set()
    for child in subprocess.check_output(["pgrep", "-P", str(server.process.pid)], text=True).split():
        with open("/proc/%s/maps" % child) as maps, open("/proc/%s/mem" % child, "rb") as memory:
            for line in maps:
                span, rights = line.split()[:2]
                if "s" not in rights or "r" not in rights:
                    continue
                start, end = (int(side, 16) for side in span.split("-"))
                memory.seek(start)
                try:
                    block = memory.read(min(end - start, 1 << 24))
                except OSError:
                    continue
                found |= {name for name, bytes_ in seeds.items() if bytes_ in block}
    return found


# ---- Settings that could not work ----------------------------------------------------------------

def told(config, keys=None, **how):
    """(exit status, what configtest prints) of a server with these keys."""
    server = Httpd('AvcKeyFile "@keys@"\n' + config, keys=keys or key_file(), **how)
    status, printed = server.configtest()
    for secret in (*tokens.SECRETS.values(), LIVEKIT_SECRET):
        assert secret not in printed
    return status, printed


HS_ONLY = "k1 hs256 %s for=session\n" % tokens.SECRETS["k1"]
AUD = "AvcTokenClaim aud media\n"


@pytest.mark.parametrize("config, words, keys", [
    ("AvcTokenFormat jwt", ("AvcTokenClaim aud",), None),
    ("AvcTokenFormat saml", ('"avc" or "jwt"',), None),
    ("AvcTokenFormat avc HS256", ("nothing behind",), None),
    (AUD + "AvcTokenFormat jwt RS256", ("RS256",), None),
    (AUD + "AvcTokenFormat jwt none", ("none",), None),
    (AUD + "AvcTokenFormat jwt wowza", ("wowza",), None),
    ("AvcTokenFormat jwt livekit mediamtx", ("mediamtx",), None),
    ("AvcTokenFormat jwt livekit EdDSA", ("HS256",), None),
    ("AvcTokenFormat jwt mediamtx HS256", ("public keys",), None),
    ("AvcTokenFormat jwt mediamtx", ("ed25519",), HS_ONLY),
    (AUD + "AvcTokenFormat jwt EdDSA", ("ed25519",), HS_ONLY),
    (AUD + "AvcTokenFormat jwt", ("sign sessions",), "k1 hs256 %s for=file\n" % tokens.SECRETS["k1"]),
    ("AvcTokenClaim exp 5", ("AvcTokenLife",), None),
    ("AvcTokenClaim sub zoe", ("AvcTokenSubject",), None),
    ("AvcTokenClaim jti 5", ("by the module",), None),
    ("AvcTokenClaim video '{\"a\":1'", ("no JSON",), None),
    ("AvcTokenClaim video '{\"a\":1,\"a\":2}'", ("no JSON",), None),
    ("AvcTokenClaim video '{\"a%{HTTP:X}\":1}'", ("in a name",), None),
    ("AvcTokenClaim video '[[[[[[[1]]]]]]]'", ("nested",), None),
    ("AvcTokenClaim video '{\"a\":\"%{nosuch:\"}'", ("no expression",), None),
    ("AvcTokenClaim video", ("syntax",), None),
])
def test_what_cannot_work_is_refused(config, words, keys):
    status, printed = told(config, keys)
    assert status != 0, printed
    for word in words:
        assert word in printed, printed


def test_a_jwt_without_a_key_file_is_refused():
    status, printed = Httpd("AvcTokenFormat jwt mediamtx", keys=None).configtest()
    assert status != 0 and "AvcKeyFile" in printed, printed


def test_a_secret_that_opens_other_things_as_well_is_warned_of():
    status, printed = told("AvcTokenFormat jwt livekit", "k1 hs256 %s\n" % tokens.SECRETS["k1"])
    assert status == 0 and "AVC0102" in printed and "for=session" in printed, printed
    status, printed = told("AvcTokenFormat jwt livekit", HS_ONLY)
    assert status == 0 and "AVC" not in printed, printed


@pytest.mark.parametrize("spoil, words", [
    ("mode", ("0600",)), ("gone", ("cannot be opened",)), ("link", ("symbolic link",)),
    ("kind", ("Ed25519",)), ("passphrase", ("passphrase",)), ("empty", ("Ed25519",)),
])
def test_a_pem_file_that_cannot_be_used_is_refused(spoil, words):
    server = Httpd(LITTLE, keys=None)
    path = os.path.join(server.root, "conf", "a.pem")
    with open(ed25519()) as good, open(path, "w") as out:
        out.write("" if spoil == "empty" else good.read())
    os.chmod(path, 0o644 if spoil == "mode" else 0o600)
    if spoil in ("gone", "link", "kind", "passphrase"):
        os.unlink(path)
    if spoil == "link":
        os.symlink(ed25519(), path)
    elif spoil == "kind":
        os.link(p256("kind.pem"), path)
    elif spoil == "passphrase":
        subprocess.run(["openssl", "pkcs8", "-topk8", "-passout", "pass:abcd", "-in", ed25519(), "-out", path],
                       check=True)
        os.chmod(path, 0o600)
    if os.path.lexists(path):
        settings.give(path)
    server.write_keys("ed ed25519 file:%s\n" % path)
    status, printed = server.configtest()
    assert status != 0 and "key ed" in printed and path in printed, printed
    for word in words:
        assert word in printed, printed
