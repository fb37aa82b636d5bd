#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Vectors as lines for the unit tests, as the core reads no JSON. One vector a line,
# fields separated by TAB, in them \n, \t and \\ escaped, null as \N. Which fields,
# says each function here. Usage: vectors.py hmac|page-keys|tokens|requests|jws|jws-made
import json
import os
import pathlib
import subprocess
import sys
import tempfile
from urllib.parse import quote, urlencode

VECTORS = pathlib.Path(__file__).resolve().parent.parent / "vectors"


def load(name):
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


def emit(*fields):
    def escape(field):
        if field is None:
            return "\\N"
        text = str(field).replace("\\", "\\\\")
        return text.replace("\n", "\\n").replace("\t", "\\t")

    print("\t".join(escape(field) for field in fields))


def hmac():
    """id, key, message, tag (hexadecimal), 1 if valid: of 32-byte keys, tags whole or cut."""
    for group in load("external/wycheproof_hmac_sha256.json")["testGroups"]:
        if group["keySize"] != 256:
            continue
        for test in group["tests"]:
            emit(test["tcId"], test["key"], test["msg"], test["tag"], int(test["result"] == "valid"))


def page_keys():
    """key file, kid, purpose, realm, page key"""
    data = load("token_v1.json")
    for key in data["page_keys"]:
        emit(data["key_file"], key["kid"], key["purpose"], key["realm"], key["page_key"])


def tokens():
    """label, key file, kid, purpose, realm, canonical path, query, claims as they stand in
    the token, the text that is signed, the token"""
    data = load("token_v1.json")
    for vector in data["vectors"]:
        claims = "".join(f"~{name}.{value}" for name, value in vector["claims"])
        emit(vector["label"], data["key_file"], vector["kid"], vector["purpose"],
             vector["realm"], quote(vector["path"], safe="/~"), urlencode([tuple(pair) for pair in vector["args"]]),
             f"avc1~for.{vector['purpose']}~kid.{vector['kid']}{claims}",
             vector["string_to_sign"], vector["token"])


def requests():
    """label, key file, realm, clock skew, host, path, query, asked, method, client, now,
    strict (0 or 1), verdict, canonical path, remaining query, then headers "Name: value" """
    data = load("request_v1.json")
    for vector in data["vectors"]:
        path, mark, query = vector["target"].partition("?")
        emit(vector["label"], data["key_file"], vector["realm"], data["clock_skew"],
             data["host"], path, query if mark else None, vector["asked"], vector["method"],
             vector["client"], vector["now"], int(vector["strict_args"]), vector["want"],
             vector["path"], vector["query"], *(": ".join(header) for header in vector["headers"]))


# Four labels of Wycheproof's file are wrong. 367 and 370 are called invalid for a padding
# that got lost: their text is that of 357, a valid one. 372 and 373 are called valid though
# a "?" stands in their base64url, which RFC 7515, 5.2, and RFC 4648, 3.3, refuse.
RIGHT_LABELS = {367: 1, 370: 1, 372: 0, 373: 0}
HERE_ARE = {"HS256", "ES256", "RS256"}


def jws():
    """id, comment, key as JWK, token, 1 if valid: Wycheproof's of keys for HS256, ES256, RS256,
    and those with a key that is not for signatures or names another algorithm than the token"""
    for group in load("external/wycheproof_json_web_signature.json")["testGroups"]:
        key = group.get("public") or group["private"]
        for test in group["tests"]:
            concerns_us = key.get("alg", "RS256") in HERE_ARE or test["result"] == "invalid"
            if concerns_us and isinstance(test["jws"], str):
                right = RIGHT_LABELS.get(test["tcId"], int(test["result"] == "valid"))
                emit(test["tcId"], test["comment"], json.dumps(key), test["jws"], right)


def jose(*arguments, text=None):
    return subprocess.run(["jose", *arguments], input=text, check=True, capture_output=True, text=True).stdout


def made_by_jose(kind):
    """A key and a token of the command `jose`."""
    with tempfile.TemporaryDirectory() as room:
        path = os.path.join(room, "key")
        jose("jwk", "gen", "-i", json.dumps({"alg": kind}), "-o", path)
        token = jose("jws", "sig", "-c", "-I-", "-k", path,
                     "-s", json.dumps({"protected": {"alg": kind, "typ": "JWT"}}), text='{"iss":"jose"}')
        return json.loads(pathlib.Path(path).read_text(encoding="utf-8")), token.strip()


def made_by_jwcrypto(kind):
    from jwcrypto import jwk, jwt
    shape = {"HS256": {"kty": "oct", "size": 256}, "ES256": {"kty": "EC", "crv": "P-256"},
             "RS256": {"kty": "RSA", "size": 2048}, "EdDSA": {"kty": "OKP", "crv": "Ed25519"}}[kind]
    key = jwk.JWK.generate(**shape)
    token = jwt.JWT(header={"alg": kind, "typ": "JWT"}, claims={"iss": "jwcrypto"})
    token.make_signed_token(key)
    return json.loads(key.export()), token.serialize()


def jws_made():
    """The same of tokens that `jose` and jwcrypto make: right, and with another key, algorithm
    or text"""
    for maker, kinds in ((made_by_jose, ("HS256", "ES256", "RS256")),
                         (made_by_jwcrypto, ("HS256", "ES256", "RS256", "EdDSA"))):
        for kind in kinds:
            key, token = maker(kind)
            other, _ = maker(kind)
            header, payload, signature = token.split(".")
            name = "%s %s" % (maker.__name__, kind)

            def say(what, key, token, right):
                key = {n: v for n, v in key.items() if n not in ("d", "p", "q", "dp", "dq", "qi", "key_ops")}
                emit(name, what, json.dumps(dict(key, alg=kind)), token, right)
            say("as it was made", key, token, 1)
            say("another key", other, token, 0)
            say("another text", key, ".".join((header, payload[:-2] + "AA", signature)), 0)
            say("padded", key, token + "=", 0)


if __name__ == "__main__":
    {"hmac": hmac, "page-keys": page_keys, "tokens": tokens, "requests": requests, "jws": jws,
     "jws-made": jws_made}[sys.argv[1]]()
