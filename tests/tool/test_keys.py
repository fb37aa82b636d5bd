# SPDX-License-Identifier: Apache-2.0
# KEY: which files are taken, which key signs, what a page key can't do.
import os

import pytest

from conftest import ISSUED, SECRETS, TOKENS

K1 = "k1 hs256 " + SECRETS[0]
LINE = K1 + "\n"


def page_key(purpose, kid="k1", realm=""):
    return next(key["page_key"] for key in TOKENS["page_keys"]
                if (key["kid"], key["purpose"], key["realm"]) == (kid, purpose, realm))


def use(avcsec, path, *more):
    return avcsec("sign", "--key-file", path, "--expires", "1h", *more, "/a.jpg")


# ---- the file ----------------------------------------------------------------

def test_a_private_file_is_taken(avcsec):
    assert "kid.k1~" in use(avcsec, avcsec.write("keys", LINE)).line
    assert "kid.k1~" in use(avcsec, avcsec.write("keys2", LINE, 0o400)).line


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644, 0o660, 0o666])
def test_any_right_for_group_or_others_is_refused(avcsec, mode):
    path = avcsec.write("keys", LINE, mode)
    told = use(avcsec, path).complaint
    assert path in told and "chmod 600" in told


def test_a_symbolic_link_is_refused(avcsec):
    path = avcsec.write("keys", LINE)
    os.symlink(path, path + ".link")
    told = use(avcsec, path + ".link").complaint
    assert "symbolic link" in told and path + ".link" in told


def test_what_is_no_regular_file_is_refused(avcsec, tmp_path):
    os.mkfifo(tmp_path / "pipe", 0o600)
    os.mkdir(tmp_path / "folder", 0o700)
    for name in ("pipe", "folder"):
        assert "regular file" in use(avcsec, str(tmp_path / name)).complaint
    assert "regular file" in use(avcsec, "/dev/null").complaint


def test_a_file_of_somebody_else_is_refused(avcsec):
    if os.geteuid() == 0:
        path = avcsec.write("keys", LINE)
        os.chown(path, 65534, -1)
        assert "belongs neither to root nor to you" in use(avcsec, path).complaint
        os.chown(path, 0, 65534)
        assert "kid.k1~" in use(avcsec, path).line
    else:  # nobody else can make one; what is root's is taken only if it is private
        assert "group or others" in use(avcsec, "/etc/hostname").complaint


def test_a_page_key_file_that_cannot_be_read_is_named(avcsec, tmp_path):
    for path, reason in ((str(tmp_path), "Is a directory"), ("nowhere", "No such file"),
                         (avcsec.write("big", "x" * 65537), "larger than 64 KiB")):
        told = avcsec("sign", "--page-key", path, "--expires", "1h", "/a").complaint
        assert path in told and reason in told


def test_a_missing_file_is_named(avcsec):
    told = use(avcsec, "nowhere/keys").complaint
    assert "nowhere/keys" in told and "No such file" in told


def test_sixty_four_kibibytes_are_the_most(avcsec):
    padding = "#" * (64 * 1024 - len(LINE) - 1) + "\n"
    assert "kid.k1~" in use(avcsec, avcsec.write("full", LINE + padding)).line
    assert "larger than 64 KiB" in use(avcsec, avcsec.write("over", LINE + "#" + padding)).complaint


# SPEC [keys-11]
@pytest.mark.parametrize("text, line, reason", [
    ("", None, "no key"),
    ("# nothing\n\n", None, "no key"),
    (K1, None, "newline"),
    (LINE + LINE, 2, "already"),
    ("# x\n\nk1 hs256 tooshort\n", 3, "32 to 64 bytes"),
    (LINE + "k2 hs512 " + SECRETS[1] + "\n", 2, "hs256, ed25519, es256, password or webhook"),
    (LINE + "k2 hs256 " + SECRETS[1] + "=\n", 2, "base64url"),
    (LINE + "k2 hs256 " + SECRETS[1] + " from=2030\n", 2, "UTC"),
    (LINE + "k2 hs256 " + SECRETS[1] + " for=files\n", 2, "for="),
    (LINE + "this-key-id-is-too-long hs256 " + SECRETS[1] + "\n", 2, "key id"),
    (LINE + "k2 password too-short\n", 2, "20 to 128"),
    (LINE + "k2\n", 2, "key id, kind, key"),
    (LINE + "k2 hs256 \0" + SECRETS[1] + "\n", 2, "base64url"),
])
def test_a_bad_line_is_named_without_its_secret(avcsec, text, line, reason):
    path = avcsec.write("keys", text)
    told = use(avcsec, path).complaint
    assert path in told and reason in told
    assert ("line %s:" % line in told) if line else ("line " not in told.replace("last line", ""))


# ---- which key signs ---------------------------------------------------------

ROTATION = (K1 + "\n"
            "k2 hs256 " + SECRETS[1] + " from=2030-01-01T00:00:00Z\n"
            "k3 hs256 " + SECRETS[0] + " from=2030-06-01T00:00:00Z until=2030-12-31T00:00:00Z\n"
            "k4 hs256 " + SECRETS[1] + " from=2030-06-01T00:00:00Z\n"
            "u1 hs256 " + SECRETS[1] + " for=upload from=2031-01-01T00:00:00Z\n"
            "pw password 0123456789012345678901234\n")


# SPEC [keys-6]
@pytest.mark.parametrize("now, purpose, kid", [
    ("2029-12-31T23:59:59Z", "file", "k1"),
    ("2030-01-01T00:00:00Z", "file", "k2"),
    ("2030-06-01T00:00:00Z", "file", "k3"),
    ("2030-12-30T22:59:59Z", "file", "k3"),
    ("2030-12-31T00:00:00Z", "file", "k4"),
    ("2031-01-01T00:00:00Z", "file", "k4"),
    ("2031-01-01T00:00:00Z", "upload", "u1"),
])
def test_the_latest_from_signs(avcsec, now, purpose, kid):
    path = avcsec.write("keys", ROTATION)
    made = avcsec("sign", "--key-file", path, "--now", now, "--expires", "1h", "--purpose", purpose,
                  "/a")
    assert "~kid.%s~" % kid in made.line


@pytest.mark.parametrize("kid, purpose, now, reason", [
    ("k2", "file", "2029-12-31T23:59:59Z", "signs only from 2030-01-01T00:00:00Z"),
    ("k3", "file", "2030-12-31T00:00:00Z", "has ended, at 2030-12-31T00:00:00Z"),
    ("u1", "file", "2031-01-01T00:00:00Z", "not for file"),
    ("pw", "file", "2031-01-01T00:00:00Z", "password"),
    ("k9", "file", "2031-01-01T00:00:00Z", "no key k9"),
    ("k", "file", "2031-01-01T00:00:00Z", "no key k"),
    ("", "file", "2031-01-01T00:00:00Z", "no key"),
])
def test_a_key_that_may_not_sign_says_why(avcsec, kid, purpose, now, reason):
    path = avcsec.write("keys", ROTATION)
    words = ["--key-file", path, "--kid", kid, "--now", now, "--purpose", purpose]
    assert reason in avcsec("sign", *words, "--expires", "1h", "/a").complaint
    assert reason in avcsec("pagekey", *words).complaint


# SPEC [keys-8]
def test_no_token_outlives_its_key(avcsec):
    path = avcsec.write("keys", ROTATION)
    words = ["sign", "--key-file", path, "--now", "2030-12-01T00:00:00Z", "/a"]
    assert "kid.k3~" in avcsec(*words, "--until", "2030-12-31T00:00:00Z").line
    told = avcsec(*words, "--until", "2030-12-31T00:00:01Z").complaint
    assert "outlive its key k3" in told and "2030-12-31T00:00:00Z" in told


def test_no_token_outlives_its_page_key(avcsec):
    end = 1893450600
    word = page_key("file", "k3")
    assert word.endswith("~%d" % end)
    words = ["sign", "--now", str(ISSUED), "/a"]
    assert avcsec(*words, "--until", str(end), env={"AVC_PAGE_KEY": word}).status == 0
    assert "outlive" in avcsec(*words, "--until", str(end + 1),
                               env={"AVC_PAGE_KEY": word}).complaint


# ---- page keys ---------------------------------------------------------------

@pytest.mark.parametrize("purpose", ["upload", "call", "session"])
@pytest.mark.parametrize("command", ["sign", "token"])
def test_a_page_key_for_files_makes_nothing_else(avcsec, command, purpose):
    env = {"AVC_PAGE_KEY": page_key("file")}
    told = avcsec(command, "--expires", "1h", "--purpose", purpose, "/a", env=env).complaint
    assert "no page key is for " + purpose in told
    assert avcsec(command, "--expires", "1h", "/a", env=env).status == 0


def test_a_page_key_renamed_for_another_purpose_makes_what_the_server_refuses(avcsec, keys):
    forged = page_key("file").replace("~file~", "~session~")
    made = avcsec("token", "--expires", "1h", "--purpose", "session",
                  env={"AVC_PAGE_KEY": forged}).line
    told = avcsec("verify", "--key-file", keys, "--purpose", "session", "--header",
                  "Authorization: Bearer " + made, "/")
    assert (told.status, told.out) == (1, "signature\n")


def test_the_first_page_key_that_has_not_ended_signs(avcsec):
    old, new, other = page_key("file", "k3"), page_key("file", "k2"), page_key("upload")
    path = avcsec.write("page.keys", "\n\t %s\r\n%s %s\f%s" % (other, old, new, page_key("file")),
                        0o640)
    words = ["sign", "--page-key", path, "--expires", "1s", "/a", "--now"]
    assert "~kid.k3~" in avcsec(*words, "1893450599").line
    assert "~kid.k2~" in avcsec(*words, "1893450600").line
    only = avcsec("sign", "--expires", "1s", "/a", "--now", "1893450600",
                  env={"AVC_PAGE_KEY": old}).complaint
    assert "the page key for file has ended" in only


def test_page_keys_verify_too(avcsec, keys):
    for purpose in ("file", "upload"):
        url = avcsec("sign", "--key-file", keys, "--kid", "k1", "--expires", "1h", "--purpose",
                     purpose, "--carrier", "path", "/a/b.jpg").line
        words = ["verify", "--purpose", purpose, url]
        both = page_key("file") + " " + page_key("upload")
        assert avcsec(*words, env={"AVC_PAGE_KEY": both}).out == "ok\n"
        assert avcsec(*words, env={"AVC_PAGE_KEY": page_key(purpose)}).out == "ok\n"
        assert avcsec(*words, env={"AVC_PAGE_KEY": page_key("call")}).out == "unknown-key\n"
        assert avcsec(*words, env={"AVC_PAGE_KEY": page_key(purpose, "k2")}).out == "unknown-key\n"
        wrong = page_key(purpose, realm="site-a")
        assert avcsec(*words, env={"AVC_PAGE_KEY": wrong}).out == "signature\n"


@pytest.mark.parametrize("text", [
    "", " \n ", "avck1", "avck1~k1~file", "avck1~k1~file~short", "k1 hs256 " + SECRETS[0],
    page_key("file") + "~", page_key("file") + "~0", page_key("file") + "~1893450600000",
    page_key("file")[:-1], page_key("file") + "A", page_key("file").replace("k1", "k1/"),
    page_key("file").replace("file", "files"), page_key("file").upper(),
])
def test_a_bad_page_key_is_refused_and_not_shown(avcsec, text):
    path = avcsec.write("page.keys", text)
    told = avcsec("sign", "--page-key", path, "--expires", "1h", "/a").complaint
    assert path in told and "page key" in told
    for word in text.split():
        for part in word.split("~"):
            assert len(part) < 20 or part not in told
    if text.strip():
        told = avcsec("sign", "--expires", "1h", "/a", env={"AVC_PAGE_KEY": text}).complaint
        assert "AVC_PAGE_KEY: page key 1" in told


def test_which_bad_page_key_is_told(avcsec):
    text = page_key("file") + " " + page_key("file")[:-1]
    assert "page key 2" in avcsec("sign", "--expires", "1h", "/a",
                                  env={"AVC_PAGE_KEY": text}).complaint


def test_the_key_is_named_in_one_way(avcsec, keys):
    env = {"AVC_PAGE_KEY": page_key("file", "k2")}
    page = avcsec.write("page", page_key("file"))
    words = ["sign", "--expires", "1h", "/a"]
    assert "give the key" in avcsec(*words).complaint
    assert "give the key" in avcsec(*words, env={"AVC_PAGE_KEY": ""}).complaint
    assert "one of them" in avcsec(*words, "--key-file", keys, "--page-key", page).complaint
    for more in (["--kid", "k1"], ["--realm", "r"]):
        assert "--key-file" in avcsec(*words, *more, env=env).complaint
        assert "--key-file" in avcsec(*words, *more, "--page-key", page).complaint
    # What is said on the command line comes before the environment.
    assert "~kid.k1~" in avcsec(*words, "--key-file", keys, env=env).line
    assert "~kid.k1~" in avcsec(*words, "--page-key", page, env=env).line
    assert "~kid.k2~" in avcsec(*words, env=env).line


@pytest.mark.parametrize("realm", ["", "a/b", "r" * 65, "r~", "r\xe9", " r"])
def test_a_bad_realm_is_refused(avcsec, keys, realm):
    assert "--realm" in avcsec("pagekey", "--key-file", keys, "--purpose", "file", "--realm",
                               realm).complaint


def test_page_keys_of_realms_differ(avcsec, keys):
    made = {avcsec("pagekey", "--key-file", keys, "--purpose", "file", *realm).line
            for realm in ([], ["--realm", "a"], ["--realm", "b"], ["--realm", "r" * 64])}
    assert len(made) == 4


def test_pagekey_needs_file_and_purpose(avcsec, keys):
    assert "--purpose" in avcsec("pagekey", "--key-file", keys).complaint
    assert "--key-file" in avcsec("pagekey", "--purpose", "file").complaint
    assert "--key-file" in avcsec("pagekey", "--purpose", "file",
                                  env={"AVC_PAGE_KEY": page_key("file")}).complaint
