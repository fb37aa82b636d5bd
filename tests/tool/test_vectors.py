# SPDX-License-Identifier: Apache-2.0
# The published vectors, both ways: every token comes out of the signer as published, by a
# key file and by a page key, and every request gets its published verdict.
import base64
from urllib.parse import quote

import pytest

from conftest import ISSUED, REQUESTS, TOKENS

PLAIN = {"exp": "until", "nbf": "nbf", "dir": "dir", "id": "id", "max": "max", "role": "role",
         "app": "app", "disp": "disposition", "rate": "rate", "len": "length"}
TEXTS = {"sub": "sub", "room": "room", "fn": "name"}
LISTS = {"mth": ("method", "."), "act": ("act", "."), "typ": ("type", "."),
         "org": ("origin", "_")}


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()


def option(name, value):
    """The options that make one claim."""
    if name in PLAIN:
        return ["--" + PLAIN[name], value]
    if name in TEXTS:
        return ["--" + TEXTS[name], decode(value)]
    if name in LISTS:
        word, joint = LISTS[name]
        return ["--" + word, value.replace(joint, ",")]
    if name in ("ip4", "ip6"):
        return ["--ip", value.replace("_", ":").replace("-", "/")]
    assert name.startswith("x"), name
    return ["--claim", name + "=" + value]


def words_for(vector):
    words = ["--purpose", vector["purpose"], "--now", str(ISSUED)]
    for name, value in vector["claims"]:
        if name == "iat":
            assert value == str(ISSUED)
        elif name != "args":
            words += option(name, value)
    return words


def target_of(vector):
    query = "&".join("=".join(pair) for pair in vector["args"])
    return quote(vector["path"], safe="/-._~") + ("?" + query if query else "")


def labels(vectors):
    return [pytest.param(vector, id=vector["label"]) for vector in vectors]


# SPEC [token-3]
@pytest.mark.parametrize("vector", labels(TOKENS["vectors"]))
def test_token_is_the_published_one(avcsec, keys, vector):
    realm = ["--realm", vector["realm"]] if vector["realm"] else []
    made = avcsec("token", "--key-file", keys, "--kid", vector["kid"], *realm, *words_for(vector),
                  target_of(vector))
    assert made.line == vector["token"]


# SPEC [token-1]
@pytest.mark.parametrize("vector", labels(TOKENS["vectors"]))
def test_page_key_makes_the_published_token(avcsec, vector):
    word = next(key["page_key"] for key in TOKENS["page_keys"]
                if (key["kid"], key["purpose"], key["realm"]) ==
                (vector["kid"], vector["purpose"], vector["realm"]))
    made = avcsec("token", *words_for(vector), target_of(vector), env={"AVC_PAGE_KEY": word})
    assert made.line == vector["token"]


@pytest.mark.parametrize("vector", labels(TOKENS["vectors"]))
def test_explain_shows_the_published_text(avcsec, keys, vector):
    target = target_of(vector)
    url = target + ("&" if "?" in target else "?") + "avc=" + vector["token"]
    realm = ["--realm", vector["realm"]] if vector["realm"] else []
    told = avcsec("explain", "--json", "--key-file", keys, *realm, "--now", str(ISSUED), url)
    token, = told.json["tokens"]
    lines = token["signed_lines"]
    assert "\n".join(lines) + "\n" == vector["string_to_sign"]
    assert token["signature"] == "right"
    assert [(claim["name"], claim["value"]) for claim in token["claims"]][2:] == \
        [tuple(pair) for pair in vector["claims"]]
    assert all(claim["means"] for claim in token["claims"])


# SPEC [pagekey-1]
@pytest.mark.parametrize("vector", [
    pytest.param(vector, id="{kid} {purpose} {realm}".format(**vector))
    for vector in TOKENS["page_keys"]])
def test_page_key_is_the_published_one(avcsec, keys, vector):
    realm = ["--realm", vector["realm"]] if vector["realm"] else []
    words = ["--key-file", keys, "--kid", vector["kid"], "--purpose", vector["purpose"], *realm,
             "--now", str(ISSUED)]
    assert avcsec("pagekey", *words).line == vector["page_key"]
    told = avcsec("pagekey", "--json", *words).json
    assert told["page_key"] == vector["page_key"] and told["kid"] == vector["kid"]


def request_words(case):
    words = ["--method", case["method"], "--client", case["client"], "--now", str(case["now"]),
             "--clock-skew", str(REQUESTS["clock_skew"])]
    words += ["--purpose", case["asked"]] if case["asked"] else []
    words += ["--strict-args"] if case["strict_args"] else []
    headers = [": ".join(pair) for pair in case["headers"]]
    if not any(name.lower() == "host" for name, _ in case["headers"]):
        headers.append("Host: " + REQUESTS["host"])
    for header in headers:
        words += ["--header", header]
    return words


@pytest.fixture
def request_keys(avcsec):
    return avcsec.write("request.keys", REQUESTS["key_file"])


@pytest.mark.parametrize("case", labels(REQUESTS["vectors"]))
def test_request_gets_the_published_verdict(avcsec, request_keys, case):
    realm = ["--realm", case["realm"]] if case["realm"] else []
    words = ["--key-file", request_keys, *realm, *request_words(case), case["target"]]
    plain, told = avcsec("verify", *words), avcsec("verify", "--json", *words)
    assert plain.out == case["want"] + "\n"
    assert plain.status == told.status == (0 if case["want"] == "ok" else 1)
    answer = told.json
    assert answer["verdict"] == case["want"] and answer["valid"] is (case["want"] == "ok")
    assert (answer["path"], answer["query"]) == (case["path"], case["query"])
    assert answer["status"] == {"ok": 200, "expired": 410}.get(case["want"], 403)


@pytest.mark.parametrize("case", labels(
    case for case in REQUESTS["vectors"]
    if case["asked"] and "kid.k1" in case["target"] and not case["realm"]))
def test_page_keys_give_the_same_verdict(avcsec, case):
    words = " \n".join(key["page_key"] for key in TOKENS["page_keys"]
                       if key["kid"] == "k1" and not key["realm"])
    told = avcsec("verify", *request_words(case), case["target"], env={"AVC_PAGE_KEY": words})
    assert told.out == case["want"] + "\n"


@pytest.mark.parametrize("case", labels(REQUESTS["vectors"]))
def test_explain_copes_with_every_request(avcsec, request_keys, case):
    """It agrees with the verdict where that depends on nothing but the link; its JSON holds for
    all, and no mac of a token is shown."""
    realm = ["--realm", case["realm"]] if case["realm"] else []
    words = ["--key-file", request_keys, *realm, "--now", str(case["now"])]
    told = avcsec("explain", "--json", *words, case["target"])
    read = avcsec("explain", *words, case["target"])
    unkeyed = avcsec("explain", "--now", str(case["now"]), case["target"])
    assert told.status == read.status and told.json["verdict"] and read.out
    macs = [part.split("/")[0].split("&")[0] for part in case["target"].split("mac.")[1:]]
    for mac in macs:
        for answer in (told, read, unkeyed):
            assert len(mac) <= 16 or mac[:17] not in answer.out
    if case["want"] in ("expired", "unknown-key") and not case["headers"]:
        assert told.json["verdict"] == case["want"]
        assert read.out.startswith("Refused: %s (" % case["want"])
    if case["want"] == "ok" and case["asked"] and not case["headers"]:
        assert told.json["verdict"] == "ok", told.json
        assert unkeyed.status == 0
    if case["label"].startswith("malformed: ") and not case["headers"]:
        assert told.json["verdict"] == "malformed" and unkeyed.status == 1


def test_vectors_are_all_there():
    assert len(REQUESTS["vectors"]) > 150 and len(TOKENS["vectors"]) >= 10
