#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Vectors as lines for the unit tests, as the core reads no JSON. One vector a line,
# fields separated by TAB, in them \n, \t and \\ escaped, null as \N. Which fields,
# says each function here. Usage: vectors.py hmac|page-keys|tokens|requests
import json
import pathlib
import sys
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


if __name__ == "__main__":
    {"hmac": hmac, "page-keys": page_keys, "tokens": tokens, "requests": requests}[sys.argv[1]]()
