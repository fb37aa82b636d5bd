# SPDX-License-Identifier: Apache-2.0
# What all commands have in common: help, options, exit statuses, completion.
import os
import re
import subprocess

import pytest

from conftest import COMMANDS, TOOL, TOP


def options_of(text):
    return re.findall(r"^  (--[a-z-]+)", text, re.M)


def test_help_lists_the_commands(avcsec):
    for word in ("--help", "-h", "help"):
        told = avcsec(word)
        assert (told.status, told.err) == (0, "")
        assert re.findall(r"^  ([a-z]+) ", told.out, re.M) == list(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(avcsec, command):
    told = avcsec(command, "--help")
    assert (told.status, told.err) == (0, "")
    assert told.out.startswith("Usage: avcsec %s " % command)
    assert max(len(line) for line in told.out.splitlines()) <= 88
    assert {"--json", "--help"} <= set(options_of(told.out))
    assert avcsec(command, "-h").out == told.out
    assert avcsec(command, "/a", "--help").out == told.out


def test_version(avcsec):
    with open(os.path.join(TOP, "configure.ac")) as source:
        version = re.search(r"AC_INIT\(\[mod_avcsec\],\s*\[([^\]]+)\]", source.read())[1]
    assert avcsec("--version").line == "avcsec " + version


# SPEC [command-9]
@pytest.mark.parametrize("words, reason", [
    ([], "name a command"),
    ([""], "name a command"),
    (["signs"], "'signs'"),
    (["--json"], "'--json'"),
    (["\x1b[31m"], "?[31m"),
    (["sign", "--nothing", "/a"], "--nothing"),
    (["sign", "--expire", "1h", "/a"], "--expire"),
    (["sign", "-e", "1h", "/a"], "'-e'"),
    (["sign", "---expires", "1h", "/a"], "---expires"),
    (["sign", "--", "--expires"], "starts with '/'"),
    (["sign", "/a", "--expires"], "needs a value"),
    (["sign", "--json=yes", "/a"], "has no value"),
    (["sign", "--force", "--force=", "/a"], "has no value"),
    (["sign", "--now", "yesterday", "--expires", "1h", "/a"], "--now"),
    (["sign", "--sub", "x", "--sub", "y", "/a"], "--sub stands twice"),
    (["verify", *["--header", "A: b"] * 65, "/a"], "more than 64"),
    (["explain", *["/a"] * 65], "more than 64"),
    (["explain"], "give"),
    (["explain", "/a", "/b"], "'/b'"),
    (["pagekey", "x"], "too many"),
    (["token", "/a", "/b"], "too many"),
])
def test_wrong_usage(avcsec, words, reason):
    assert reason in avcsec(*words).complaint


def test_options_and_words_mix(avcsec, keys):
    words = ["--key-file", keys, "--now", "1893448800", "--expires", "1h"]
    plain = avcsec("sign", *words, "/a").line
    assert plain == avcsec("sign", "/a", *words).line
    assert plain == avcsec("sign", *words[:2], "/a", *words[2:]).line
    assert plain == avcsec("sign", "--key-file=" + keys, "--now=1893448800", "--expires=1h", "--",
                           "/a").line


def test_output_that_cannot_be_written_is_no_success(keys):
    for words in (["sign", "--key-file", keys, "--expires", "1h", "/a"],
                  ["verify", "--key-file", keys, "/a"], ["explain", "/a"], ["--help"]):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([TOOL, *words], stdout=full, stderr=subprocess.PIPE)
        assert done.returncode == 2 and b"could not be written" in done.stderr


# ---- bash completion ---------------------------------------------------------

def complete(*words, directory="/"):
    """What bash offers for the last word."""
    script = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _avcsec; '
              'printf "%s\\n" "${COMPREPLY[@]}"')
    source = os.path.join(TOP, "scripts", "completion", "avcsec")
    done = subprocess.run(["bash", "--norc", "-c", script, "bash", source, *words], check=True,
                          capture_output=True, text=True, cwd=str(directory),
                          env={"PATH": os.path.dirname(TOOL) + ":/usr/bin:/bin"})
    assert done.stderr == ""
    return done.stdout.split()


def test_completion_offers_the_commands():
    assert os.path.basename(TOOL) == "avcsec"
    assert set(complete("avcsec", "")) == set(COMMANDS) | {"--help", "--version"}
    assert complete("avcsec", "ver") == ["verify"]


@pytest.mark.parametrize("command", COMMANDS)
def test_completion_offers_every_option(avcsec, command):
    told = options_of(avcsec(command, "--help").out)
    assert len(told) >= 2
    assert complete("avcsec", command, "--") == told


def test_completion_offers_values_and_files(tmp_path):
    (tmp_path / "my.keys").write_text("")
    assert complete("avcsec", "sign", "--purpose", "") == ["file", "upload", "call", "session"]
    assert complete("avcsec", "sign", "--carrier", "p") == ["path"]
    assert complete("avcsec", "sign", "--key-file", "my", directory=tmp_path) == ["my.keys"]
    assert complete("avcsec", "sign", "--sub", "") == []
