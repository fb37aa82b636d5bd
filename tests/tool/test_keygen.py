# SPDX-License-Identifier: Apache-2.0
# avcsec keygen: lines that the key file takes, and keys of which no two are alike.
import base64
import os
import re
import stat
import subprocess

import pytest


def line(avcsec, *words):
    return avcsec("keygen", *words).line


def test_thirty_two_random_bytes(avcsec):
    made = [line(avcsec) for _ in range(40)]
    for one in made:
        assert re.fullmatch(r"k20[0-9]{6}-[0-9a-f]{4} hs256 [A-Za-z0-9_-]{43}", one)
        assert len(base64.urlsafe_b64decode(one.split()[2] + "=")) == 32
    assert len({one.split()[2] for one in made}) == 40
    assert len({one.split()[0] for one in made}) > 35
    # Every bit of the secret changes.
    secrets = [int.from_bytes(base64.urlsafe_b64decode(one.split()[2] + "="), "big")
               for one in made]
    ones = zeros = 0
    for secret in secrets:
        ones, zeros = ones | secret, zeros | ~secret
    assert ones & (2 ** 256 - 1) == zeros & (2 ** 256 - 1) == 2 ** 256 - 1


def test_lines_make_a_key_file(avcsec):
    lines = [line(avcsec, "--kid", "k1"), line(avcsec, "--kid", "pw", "--kind", "password"),
             line(avcsec, "--kid", "up", "--for", "upload,call", "--from", "2020-01-01T00:00:00Z",
                  "--until", "2090-01-01T00:00:00Z"),
             line(avcsec, "--kid", "e1", "--kind", "ed25519")]
    keys = avcsec.write("keys", "".join(one + "\n" for one in lines))
    url = avcsec("sign", "--key-file", keys, "--expires", "1h", "/a").line
    assert "~kid.k1~" in url
    assert avcsec("verify", "--key-file", keys, "--purpose", "file", url).out == "ok\n"
    assert "~kid.up~" in avcsec("sign", "--key-file", keys, "--purpose", "call", "/a").line
    assert lines[2].endswith(" for=upload,call from=2020-01-01T00:00:00Z "
                             "until=2090-01-01T00:00:00Z")


def test_a_password_is_long_and_plain(avcsec):
    assert re.fullmatch(r"pw password [A-Za-z0-9_-]{43}", line(avcsec, "--kid", "pw", "--kind",
                                                               "password"))


def test_a_webhooks_secret_is_one_that_senders_take(avcsec):
    one, other = (line(avcsec, "--kid", "h", "--kind", "webhook") for _ in range(2))
    assert re.fullmatch(r"h webhook whsec_[A-Za-z0-9+/]{43}=", one) and one != other
    assert len(base64.b64decode(one.split("_")[1], validate=True)) == 32
    keys = avcsec.write("keys", one + "\n")
    assert "verifies webhooks" in avcsec("sign", "--key-file", keys, "--kid", "h", "--expires", "1h", "/a").complaint


def test_ed25519_writes_a_private_pem_that_openssl_reads(avcsec, tmp_path):
    pem = tmp_path / "e1.pem"
    assert line(avcsec, "--kid", "e1", "--kind", "ed25519") == "e1 ed25519 file:%s" % pem
    assert stat.S_IMODE(os.stat(pem).st_mode) == 0o600
    told = subprocess.run(["openssl", "pkey", "-in", str(pem), "-noout", "-text"],
                          capture_output=True, text=True, check=True).stdout
    assert "ED25519 Private-Key" in told
    again = subprocess.run(["openssl", "pkey", "-in", str(pem)], capture_output=True, check=True)
    assert again.stdout == pem.read_bytes()
    other = tmp_path / "elsewhere.pem"
    assert line(avcsec, "--kid", "e2", "--kind", "ed25519", "--pem", str(other)).endswith(str(other))
    assert other.read_bytes() != pem.read_bytes()


def test_the_pem_is_private_whatever_the_umask(avcsec, tmp_path):
    line(avcsec, "--kid", "e1", "--kind", "ed25519")
    old = os.umask(0)
    try:
        line(avcsec, "--kid", "e2", "--kind", "ed25519")
    finally:
        os.umask(old)
    assert stat.S_IMODE(os.stat(tmp_path / "e2.pem").st_mode) == 0o600


def test_no_file_is_overwritten(avcsec, tmp_path):
    there = avcsec.write("e1.pem", "precious")
    assert "is there already" in avcsec("keygen", "--kid", "e1", "--kind", "ed25519").complaint
    os.symlink("nowhere", tmp_path / "link.pem")
    told = avcsec("keygen", "--kind", "ed25519", "--pem", "link.pem").complaint
    assert "link.pem" in told
    assert open(there).read() == "precious" and not os.path.exists(tmp_path / "nowhere")


@pytest.mark.parametrize("words, reason", [
    (["--kid", ""], "key id"),
    (["--kid", "seventeen-letters"], "key id"),
    (["--kid", "a b"], "key id"),
    (["--kid", "a.b"], "key id"),
    (["--kid", "ké"], "key id"),
    (["--kind", "es256"], "hs256, password, webhook or ed25519"),
    (["--kind", "HS256"], "hs256, password, webhook or ed25519"),
    (["--for", "files"], "for="),
    (["--for", "file,file"], "twice"),
    (["--for", "file", "--kind", "password"], "hs256 keys only"),
    (["--from", "tomorrow"], "UTC"),
    (["--from", "2030-02-30T00:00:00Z"], "UTC"),
    (["--from", "2031-01-01T00:00:00Z", "--until", "2030-01-01T00:00:00Z"], "not after"),
    (["--until", "2030-01-01T00:00:00Z\nk9 hs256 " + "A" * 43], "white space"),
    (["--for", "file from=2030-01-01T00:00:00Z"], "white space"),
    (["--pem", "x.pem"], "ed25519"),
    (["--kind", "ed25519", "--pem", "a b.pem"], "white space"),
    (["--kind", "ed25519", "--pem", "a\nb.pem"], "white space"),
    (["--kind", "ed25519", "--pem", "nowhere/x.pem"], "No such file"),
    (["--kind", "ed25519", "--pem", "x" * 300], "255"),
    (["word"], "too many"),
    (["--realm", "r"], "no option --realm"),
])
def test_what_makes_no_key(avcsec, tmp_path, words, reason):
    assert reason in avcsec("keygen", *words).complaint
    assert os.listdir(tmp_path) == []


def test_json(avcsec, tmp_path):
    told = avcsec("keygen", "--json", "--kid", "k1").json
    assert told["kid"] == "k1" and told["kind"] == "hs256"
    assert re.fullmatch(r"k1 hs256 [A-Za-z0-9_-]{43}", told["line"])
    told = avcsec("keygen", "--json", "--kid", "e1", "--kind", "ed25519").json
    assert told["pem"] == str(tmp_path / "e1.pem")


def test_a_full_disk_is_no_success(avcsec):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([__import__("conftest").TOOL, "keygen"], stdout=full,
                              stderr=subprocess.PIPE)
    assert done.returncode == 2 and b"could not be written" in done.stderr
