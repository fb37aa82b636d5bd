# SPDX-License-Identifier: Apache-2.0
# The command and a page signer, two programs that share no line, give the same link for the
# same options, and the command's verifier takes it.
import importlib.util
import os
import random
from urllib.parse import quote

import pytest

from conftest import ISSUED, TOKENS, TOP

spec = importlib.util.spec_from_file_location(
    "page_signer", os.path.join(TOP, "scripts", "page", "avcsec.py"))
signer = importlib.util.module_from_spec(spec)
spec.loader.exec_module(signer)

LETTERS = ["a", "Z", "9", "-", ".", "_", "~", " ", "%", "+", "&", "=", "#", "?", "'", "(", "[", ";",
           ":", "@", ",", "|", "\"", "é", "ß", "☃", "😀", "\u202e"]
TEXTS = ["Zoë", "a/b ☃", "x" * 192, "100 %", "\u202eabc", "a\u00a0b", "😀"]
CHOICES = {
    "nbf": [ISSUED, ISSUED + 5, "2029-12-31T22:00:07Z"],
    "window": [30, "90s", "1h", "1d"],
    "ip": ["192.0.2.0/24", "192.0.2.7", "::ffff:192.0.2.7", "2001:DB8::/48", "2001:db8::1/128",
           "192.0.2.7,2001:db8::/32", "::1 10.0.0.0/8"],
    "origin": ["chat.example", "WWW.chat.example,chat.example", "a b c-d.example"],
    "method": ["GET", "GET,POST", "PUT POST"],
    "sub": TEXTS, "room": TEXTS, "role": ["admin", "a_B-9"], "app": ["live", "chat.v2"],
    "act": ["connect", "connect,publish", "play upload"],
    "id": ["0123456789abcdef", "x" * 64, "._-" * 6],
    "name": TEXTS + ["a" * 300 + ".jpg", "é" * 150 + ".tar.gz", "☃" * 80, ".x" + "y" * 400],
    "disposition": ["inline", "attachment"],
    "rate": [1, 512, 10 ** 15], "length": [1, 10 ** 9], "type": ["image", "image,audio"],
}


def made_up(chance):
    """A path, its query and options, as both understand them."""
    depth = chance.randint(1, 5)
    names = ["".join(chance.choice(LETTERS) for _ in range(chance.randint(1, 8)))
             for _ in range(depth)]
    names = [name if name.split(";")[0] not in (".", "..") else "dots" for name in names]
    path = "/" + "/".join(names) + chance.choice(["", "/"])
    options = {"purpose": chance.choice(["file", "upload", "call", "session"]),
               "expires": chance.choice(["30", "90s", "15m", "1h", "7d"])}
    for option in chance.sample(sorted(CHOICES), chance.randint(0, 8)):
        options[option] = chance.choice(CHOICES[option])
    if options["purpose"] == "session" or chance.random() < .5:
        pass
    elif path.count("/") > 1:
        options["dir"] = chance.randint(1, path.count("/") - 1)
    if "window" in options:
        options.pop("id", None)
    if "id" in options and chance.random() < .5:
        options["max"] = chance.choice([1, 1000000])
    carrier = chance.choice(["query", "path"])
    args = []
    if carrier == "query" or "dir" in options:
        args = [(name, "".join(chance.choice(LETTERS) for _ in range(chance.randint(0, 6))))
                for name in chance.sample(["a", "B", "size", "user_id", "x-1"],
                                          chance.randint(0, 3))]
    claims = [("x" + name, chance.choice(["1", "a-b.c_d"]))
              for name in chance.sample(["", "n", "note", "a1b2c3d"], chance.randint(0, 2)) if name]
    return path, args, options, carrier, claims


def word_for(purpose):
    return next(key["page_key"] for key in TOKENS["page_keys"]
                if (key["kid"], key["purpose"], key["realm"]) == ("k1", purpose, ""))


@pytest.mark.parametrize("seed", range(120))
def test_same_options_same_link(avcsec, keys, seed):
    path, args, options, carrier, claims = made_up(random.Random(seed))
    word = word_for(options["purpose"])
    extra = dict(options, carrier=carrier, force=True, literal=True)
    if args:
        extra["args"] = args
    if claims:
        extra["claim"] = claims
    theirs = signer.sign(path, key=word, now=ISSUED, **extra)
    words = ["--now", str(ISSUED), "--carrier", carrier, "--force"]
    for option, value in options.items():
        words += ["--" + option, str(value)]
    for name, value in claims:
        words += ["--claim", name + "=" + value]
    query = "&".join(name + "=" + quote(value, safe="-._~") for name, value in args)
    given = quote(path, safe="/-._~") + ("?" + query if query else "")
    ours = avcsec("sign", *words, given, env={"AVC_PAGE_KEY": word}).line
    assert ours == theirs
    told = avcsec("verify", "--json", "--key-file", keys, "--purpose", options["purpose"],
                  "--strict-args" if "dir" not in options else "--json", "--now", str(ISSUED + 8),
                  *fitting(options), ours)
    assert told.json["verdict"] == ("used-up" if "max" in options else "ok"), told.out
    assert told.json["path"] == quote(path, safe="/-._~")


def fitting(options):
    """The request that the options want."""
    words = []
    if "method" in options:
        words += ["--method", options["method"].replace(",", " ").split()[0]]
    if "origin" in options:
        host = options["origin"].replace(",", " ").split()[0].lower()
        words += ["--header", "Origin: https://%s:8443" % host]
    if "ip" in options:
        first = options["ip"].replace(",", " ").split()[0].split("/")[0]
        words += ["--client", first]
    return words
