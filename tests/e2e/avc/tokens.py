# SPDX-License-Identifier: Apache-2.0
# A token maker written from the contract (HKDF-SHA-256, HMAC-SHA-256, canonical path, scope).
# It shares nothing with the signers that the project ships, so that a common mistake shows;
# test_token_maker.py holds it against the published vectors. It signs anything it is told to,
# nonsense included: refusing is the server's part.
import base64
import hashlib
import hmac
import os
import secrets
import time

UNRESERVED = frozenset(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

SECRETS = {
    "k1": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
    "k2": "Ly1ouluLZIcmLDPq0s-VCAjMpRuxiy1JUJzisw8J-A4",
}
PASSWORD = "password-of-the-media-server"
KEY_FILE = ("# keys of the tests\n"
            "k1 hs256 " + SECRETS["k1"] + "\n"
            "k2 hs256 " + SECRETS["k2"] + "\n"
            "pw password " + PASSWORD + "\n")


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def b64url_decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def text_claim(text):
    """The value of a claim that carries UTF-8."""
    return b64url(text.encode())


def derive(secret, purpose, realm=""):
    """K of one purpose: HKDF-SHA-256 with an empty salt; 32 bytes are one block."""
    info = "avcsec-v1/" + purpose + ("/" + realm if realm else "")
    prk = hmac.new(bytes(32), b64url_decode(secret), hashlib.sha256).digest()
    return hmac.new(prk, info.encode() + b"\x01", hashlib.sha256).digest()


def canonical(path):
    """A decoded path with every byte but the unreserved ones and '/' percent-encoded."""
    raw = path if isinstance(path, bytes) else path.encode()
    return "".join(chr(b) if b in UNRESERVED or b == 0x2F else "%%%02X" % b for b in raw)


def scope_of(path, purpose, depth=None):
    if purpose == "session":
        return "*"
    encoded = canonical(path)
    if depth is None:
        return encoded
    segments = encoded.split("/")[1:int(depth) + 1]
    return "/" + "".join(segment + "/" for segment in segments)


def mac_of(body, scope, key, args=()):
    lines = ["avcsec-v1", scope, body] + ["%s=%s" % pair for pair in args]
    text = "".join(line + "\n" for line in lines)
    return b64url(hmac.new(key, text.encode(), hashlib.sha256).digest())


def assemble(purpose, kid, claims, path, realm="", args=(), secret=None):
    """The token of an ordered list of claims, exactly as given."""
    body = "avc1~for.%s~kid.%s" % (purpose, kid)
    body += "".join("~%s.%s" % pair for pair in claims)
    key = derive(secret or SECRETS.get(kid, SECRETS["k1"]), purpose, realm)
    scope = scope_of(path, purpose, dict(claims).get("dir"))
    return body + "~mac." + mac_of(body, scope, key, args)


def usual_life():
    """Ten minutes in a test. What stands in a table of tests is made when the tests are read, and
    has to last until the last of them."""
    return 600 if "PYTEST_CURRENT_TEST" in os.environ else 4 * 3600


def token(path="/", purpose="file", kid="k1", expires=usual_life, issued=0, realm="", args=None,
          secret=None, now=None, **claims):
    """A token for a decoded path; expires and issued are seconds from now (None: no claim).

    A signed claim stands in **claims by its wire name and value; args is a list of
    (name, raw value) that becomes the claim and the signed lines.
    """
    now = int(time.time()) if now is None else now
    expires = usual_life() if expires is usual_life else expires
    listed = []
    if issued is not None:
        listed.append(("iat", str(now + issued)))
    if expires is not None:
        listed.append(("exp", str(now + expires)))
    listed += [(name, str(value)) for name, value in claims.items()]
    if args:
        listed.append(("args", ".".join(name for name, _ in args)))
    return assemble(purpose, kid, listed, path, realm, args or (), secret)


def signed(path, carrier="query", query="", **how):
    """The request target that carries a token for a decoded path in the query or the path."""
    tok = token(path, **how)
    encoded = canonical(path)
    if carrier == "query":
        return encoded + "?" + (query + "&" if query else "") + "avc=" + tok
    segments = encoded.split("/")
    place = int(how["dir"]) + 1 if "dir" in how else len(segments) - 1
    segments.insert(place, "~" + tok)
    return "/".join(segments) + ("?" + query if query else "")


def tampered(tok):
    """The same token with one character of its mac replaced (the unused bits stay zero)."""
    head, mac = tok.rsplit("~mac.", 1)
    first = "A" if mac[0] != "A" else "B"
    return head + "~mac." + first + mac[1:]


def page_key(kid, purpose, realm="", until=None):
    word = "avck1~%s~%s~%s" % (kid, purpose, b64url(derive(SECRETS[kid], purpose, realm)))
    return word if until is None else word + "~%d" % until


def limited(path, uses=1, how="query", **claims):
    """The signed URL of a token that may be used so often."""
    return signed(path, how, id=secrets.token_hex(12), max=uses, **claims)
