# SPDX-License-Identifier: Apache-2.0
# avcsec revoke: what it writes, what it keeps, what it refuses.
import json
import os
import stat
import subprocess

import pytest

TOOL = os.environ.get("AVCSEC_TOOL", "build/avcsec")
NOW = 1893456000  # 2030-01-01T00:00:00Z
NUMBER = "a" * 20


def revoke(path, *options, now=NOW):
    done = subprocess.run([TOOL, "revoke", "--file", str(path), "--now", str(now), *options],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=20)
    return done.returncode, done.stdout, done.stderr


def entries(path):
    with open(path) as text:
        return [line.rstrip("\n") for line in text if not line.startswith("#")]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "revoked"


@pytest.mark.parametrize("options, entry", [
    (["--id", NUMBER], "id %s until=2031-01-01T00:00:00Z" % NUMBER),
    (["--sub", "Zo\u00eb"], "sub Wm_Dqw until=2031-01-01T00:00:00Z"),
    (["--kid", "k1", "--keep", "1d"], "kid k1 until=2030-01-02T00:00:00Z"),
    (["--kid", "k1", "--before", "2029-12-31T00:00:00Z"],
     "kid k1 before=2029-12-31T00:00:00Z until=2031-01-01T00:00:00Z"),
    (["--before", "1893369600"], "all before=2029-12-31T00:00:00Z until=2031-01-01T00:00:00Z"),
])
def test_each_kind_of_entry(path, options, entry):
    assert revoke(path, *options) == (0, entry + "\n", "")
    assert entries(path) == [entry]
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    status, printed, _ = revoke(path, *options, "--json")
    assert status == 0 and json.loads(printed) == {"entry": entry}
    assert entries(path) == [entry]  # the same again is no second entry


def test_entries_that_are_over_are_left_out_and_others_stay(path):
    revoke(path, "--id", NUMBER, "--keep", "1d")
    revoke(path, "--kid", "k1", "--keep", "30d")
    assert revoke(path, "--kid", "k2", now=NOW + 86400)[0] == 0
    assert [line.split()[1] for line in entries(path)] == ["k1", "k2"]


@pytest.mark.parametrize("options", [
    [], ["--id", "short"], ["--id", NUMBER, "--kid", "k1"], ["--kid", "no such kid!"],
    ["--kid", "x" * 17], ["--sub", ""], ["--sub", "a\nb"], ["--sub", "x" * 300],
    ["--id", NUMBER, "--before", "2029-12-31T00:00:00Z"], ["--before", "yesterday"],
    ["--kid", "k1", "--keep", "long"], ["--kid", "k1", "word"],
])
def test_wrong_usage_changes_nothing(path, options):
    status, printed, said = revoke(path, *options)
    assert status == 2 and not printed and said.count("\n") == 1, said
    assert not os.path.exists(path)


@pytest.mark.parametrize("text", ["kid k1\n", "nonsense\n", "kid k1 until=2031-01-01T00:00:00Z"])
def test_a_file_that_is_no_list_is_left_alone(path, text):
    path.write_text(text)
    status, _, said = revoke(path, "--kid", "k2")
    assert status == 2 and "revoked" in said and path.read_text() == text


def test_a_link_is_not_followed(path, tmp_path):
    (tmp_path / "other").write_text("")
    path.symlink_to(tmp_path / "other")
    assert revoke(path, "--kid", "k2")[0] == 2
    assert (tmp_path / "other").read_text() == ""


def test_of_many_at_once_none_is_lost(path):
    """Two that read the same old list: the later one wrote the other's entry away."""
    names = ["token-number-%08d" % n for n in range(24)]
    running = [subprocess.Popen([TOOL, "revoke", "--file", str(path), "--id", name], stdout=subprocess.PIPE)
               for name in names]
    for one in running:
        one.communicate(timeout=30)
        assert one.returncode == 0
    text = path.read_text()
    assert all(name in text for name in names), text


def test_what_a_killed_command_left_stands_in_nobodys_way(path):
    fresh = path.parent / "revoked.new"
    fresh.write_text("kid half a li" * 50)
    assert revoke(path, "--kid", "k1")[0] == 0
    assert "half" not in path.read_text() and not fresh.exists()
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_stands_behind_a_zero_byte_is_not_dropped(path):
    text = b"kid k1 until=2099-01-01T00:00:00Z\n\0\nkid k3 until=2099-01-01T00:00:00Z\n"
    path.write_bytes(text)
    assert revoke(path, "--kid", "k2")[0] == 2 and path.read_bytes() == text
