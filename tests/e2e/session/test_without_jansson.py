# SPDX-License-Identifier: Apache-2.0
# A module that was built without jansson and hiredis: JWTs and a store in Redis are refused when
# the configuration is read, and say why; the module's own tokens and the set of public keys do
# without JSON.
import json
import os
import subprocess

import pytest

from avc import httpd, settings, tokens
from avc.httpd import Httpd

OWN = [("Origin", "http://chat.example"), ("Sec-Fetch-Site", "same-origin"), ("Content-Length", "0")]


@pytest.fixture(scope="module")
def module():
    """With nothing but what httpd, APR and OpenSSL need: AVCSEC_PLAIN_MODULE, else compiled here."""
    path = os.environ.get("AVCSEC_PLAIN_MODULE") or compiled()
    assert "jansson" not in subprocess.check_output(["ldd", path], text=True)
    return 'LoadModule avcsec_module "%s"\n' % path


def compiled():
    path = os.path.join(httpd.home.path, "without_jansson.so")
    flags = subprocess.check_output(["apxs", "-q", "INCLUDEDIR"], text=True).split()
    flags += subprocess.check_output(["apr-config", "--includedir"], text=True).split()
    tree = os.path.join(settings.REPOSITORY, "mod_avcsec")
    sources = [os.path.join(folder, name) for room in ("core", "httpd")
               for folder, _, names in os.walk(os.path.join(tree, room))
               for name in sorted(names) if name.endswith(".c")]
    subprocess.run(["gcc", "-shared", "-fPIC", "-std=gnu11", "-O1", "-D_GNU_SOURCE", "-I" + tree,
                    '-DAVCSEC_STATE_DIR="/nowhere"', '-DAVCSEC_VERSION="0"',
                    *("-isystem" + flag for flag in flags), *sources, "-lcrypto", "-o", path], check=True)
    return path


@pytest.mark.parametrize("line", [
    "AvcTokenFormat jwt", "AvcTokenFormat jwt livekit", "AvcTokenFormat jwt HS256", "AvcTokenClaim aud media",
])
def test_what_needs_json_is_refused_and_says_so(module, line):
    server = Httpd('AvcKeyFile "@keys@"\n' + line, avcsec="not by itself", outside=module)
    status, printed = server.configtest()
    assert status != 0 and "was built without jansson" in printed, printed


def test_a_store_in_redis_is_refused_and_says_so(module):
    server = Httpd('AvcKeyFile "@keys@"\nAvcStore redis://127.0.0.1', avcsec="not by itself", outside=module)
    status, printed = server.configtest()
    assert status != 0 and "was built without hiredis" in printed, printed


def test_its_own_tokens_and_public_keys_are_as_ever(module, serve_once):
    pem = os.path.join(httpd.home.path, "without.pem")
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", pem], check=True)
    settings.give(pem)
    server = serve_once("""
AvcKeyFile "@keys@"
<Location "/token">
    SetHandler avcsec-token
    AvcTokenFormat avc
</Location>
<Location "/jwks.json">
    SetHandler avcsec-jwks
</Location>
""", avcsec="not by itself", outside=module, keys=tokens.KEY_FILE + "ed ed25519 file:%s\n" % pem)
    answer = server.ask("/token", "POST", OWN)
    assert answer.status == 200 and json.loads(answer.text)["token"].startswith("avc1~for.session~"), answer
    assert [key["kid"] for key in json.loads(server.allowed("/jwks.json").text)["keys"]] == ["ed"]
