# SPDX-License-Identifier: Apache-2.0
"""The token's grammar and mac, written a second time from the specification.

Owns what a signer's result must look like to be well-formed; shares no line with
the signers. Refuses to guess: an unknown claim is an error.
"""
import base64
import hashlib
import hmac
import ipaddress
import re
import unicodedata

NUMBER = r"[1-9][0-9]{0,15}"


def b64url(text):
    data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    assert base64.urlsafe_b64encode(data).decode().rstrip("=") == text
    return data


def number(most):
    def check(value):
        assert re.fullmatch(NUMBER, value) and int(value) <= most
    return check


def shape(pattern):
    def check(value):
        assert re.fullmatch(pattern, value)
    return check


def listed(pattern, separator="."):
    def check(value):
        items = value.split(separator)
        assert all(re.fullmatch(pattern, i) for i in items) and len(set(items)) == len(items)
    return check


def text(value):
    plain = b64url(value).decode("utf-8")
    assert plain and not any(unicodedata.category(c) == "Cc" for c in plain)


def network(version):
    def check(value):
        address = value.replace("-", "/").replace("_", ":")
        assert ipaddress.ip_network(address, strict=True).version == version
        assert value == value.lower() and (version == 4 or "." not in value)
    return check


time = number(10**11)
CLAIMS = {
    "exp": time, "nbf": time, "iat": time, "dir": number(64), "ip4": network(4), "ip6": network(6),
    "org": listed(r"[a-z0-9.-]+", "_"), "mth": listed("[A-Z][A-Z0-9_-]*"), "id": shape("[A-Za-z0-9._-]{16,64}"),
    "max": number(1000000), "sub": text, "role": shape("[A-Za-z0-9_-]+"),
    "app": shape("[A-Za-z0-9._-]+"), "act": listed("[a-z]+"), "room": text, "fn": text,
    "disp": shape("inline|attachment"), "rate": number(10**15), "len": number(10**15),
    "typ": listed("[a-z0-9-]+"), "args": listed("(?!avc$)[A-Za-z0-9_-]+"),
}


def read(token):
    """The claims of a well-formed token as a dict, purpose and kid included."""
    assert len(token) <= 1024
    fields = token.split("~")
    assert fields[0] == "avc1" and fields[1].startswith("for.") and fields[2].startswith("kid.")
    pairs = [field.split(".", 1) for field in fields[1:]]
    claims = dict(pairs)
    assert len(claims) == len(pairs) and pairs[-1][0] == "mac" and len(b64url(claims["mac"])) == 32
    for name, value in pairs:
        assert re.fullmatch(r"[a-z][a-z0-9]{0,7}", name)
        assert re.fullmatch(r"[A-Za-z0-9._-]{1,256}", value)
        if name not in ("for", "kid", "mac") and not name.startswith("x"):
            CLAIMS[name](value)
    assert claims["for"] in ("file", "upload", "call", "session") and "iat" in claims
    assert "exp" in claims or claims["for"] == "call"
    assert not ("dir" in claims and claims["for"] == "session")
    assert "max" not in claims or {"id", "exp"} <= set(claims)
    return claims


def mac_is_right(token, page_keys, canonical_path, query):
    """The mac fits one of the page keys, this path and this raw query."""
    claims = read(token)
    scope = canonical_path
    if claims["for"] == "session":
        scope = "*"
    elif "dir" in claims:
        parts = canonical_path.split("/")
        assert len(parts) > int(claims["dir"]) + 1
        scope = "/".join(parts[: int(claims["dir"]) + 1]) + "/"
    raw = dict(pair.split("=", 1) for pair in query.split("&") if pair)
    lines = [f"{name}={raw[name]}" for name in claims.get("args", "").split(".") if name]
    signed = "\n".join(["avcsec-v1", scope, token.rpartition("~mac.")[0], *lines]) + "\n"
    secrets = [word.split("~")[3] for word in page_keys.split()
               if word.split("~")[1:3] == [claims["kid"], claims["for"]]]
    macs = [hmac.new(b64url(s), signed.encode(), hashlib.sha256).digest() for s in secrets]
    return b64url(claims["mac"]) in macs
