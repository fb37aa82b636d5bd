# SPDX-License-Identifier: Apache-2.0
# The manual pages: well-formed, complete, and every example does what it shows.
import os
import re
import subprocess

import pytest

from conftest import COMMANDS, SECRETS, TOOL, TOP

ROOM = os.path.join(TOP, "scripts", "man")
PAGES = ["avcsec.1"] + ["avcsec-%s.1" % command for command in COMMANDS]
ETC = "/etc/apache2/"


def page(name):
    with open(os.path.join(ROOM, name)) as source:
        return source.read()


# SPEC [command-10]
def test_every_command_has_its_page():
    assert sorted(name for name in os.listdir(ROOM) if name.endswith(".1")) == sorted(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_well_formed(name):
    done = subprocess.run(["groff", "-mdoc", "-Tutf8", "-ww", "-z", os.path.join(ROOM, name)],
                          capture_output=True, text=True, check=True)
    assert done.stderr == ""
    text = page(name)
    for section in ("NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS", "EXAMPLES", "SEE ALSO"):
        assert re.search(r"^\.Sh %s$" % section, text, re.M), section


@pytest.mark.parametrize("command", COMMANDS)
def test_page_and_help_have_the_same_options(avcsec, command):
    text = page("avcsec-%s.1" % command)
    explained = set(re.findall(r"^\.It Fl -([a-z-]+)", text, re.M))
    offered = set(re.findall(r"^  --([a-z-]+)", avcsec(command, "--help").out, re.M))
    elsewhere = {"key-file", "kid", "realm", "page-key"}
    if command == "token":  # its claims are those of sign
        elsewhere |= set(re.findall(r"^\.It Fl -([a-z-]+)", page("avcsec-sign.1"), re.M))
    if command in ("keygen", "pagekey", "revoke", "status"):
        elsewhere = set()
    for option in elsewhere - explained:
        assert option in offered or option in ("carrier", "force")
    assert explained - offered == set()
    assert offered - explained - elsewhere == set()
    synopsis = text.split(".Sh SYNOPSIS")[1].split(".Sh DESCRIPTION")[0]
    own = explained - (set() if command != "sign" else set(
        re.findall(r"^\.It Fl -([a-z-]+)", text.split(".Ss CLAIMS")[1], re.M)))
    for option in own:
        assert "Fl -" + option in synopsis, option


# SPEC [command-1]
def test_sign_tells_every_claim(avcsec):
    """The specification has an option for every claim; the page says how they are ordered."""
    order = re.search(r"for kid iat .*?then", page("avcsec-sign.1"), re.S)[0]
    for claim in ("exp nbf dir ip4 ip6 org mth sub role app act room id max fn disp rate len typ "
                  "args").split():
        assert re.search(r"\b%s\b" % claim, order)


# ---- examples ----------------------------------------------------------------

def examples(name):
    """(command, shown output) of every prompt in the page's examples, in order."""
    text = page(name).split(".Sh EXAMPLES")[1].split("\n.Sh ")[0]
    found = []
    for block in re.findall(r"^\.Bd -literal[^\n]*\n(.*?)^\.Ed", text, re.M | re.S):
        for line in block.replace("\\e", "\\").splitlines():
            if re.match(r"[$#] ", line):
                found.append([line[2:], []])
            elif line.startswith("> ") or found[-1][0].endswith("\\"):
                found[-1][0] += "\n" + line.lstrip("> ")
            else:
                found[-1][1].append(line)
    return found


def as_pattern(lines):
    """Shown output, in which "..." stands for anything on its line."""
    escaped = [r"[^\n]*?".join(re.escape(part) for part in line.split("...")) for line in lines]
    return "".join(line + "\n" for line in escaped)


@pytest.mark.parametrize("name", PAGES)
def test_examples_do_what_they_show(tmp_path, name):
    etc = str(tmp_path) + "/"
    if "keygen" not in page(name).split(".Sh EXAMPLES")[1].split("\n.Sh ")[0]:
        with open(etc + "avcsec.keys", "w") as out:
            os.fchmod(out.fileno(), 0o600)
            out.write("k1 hs256 " + SECRETS[0] + "\n")
    shown = examples(name)
    assert shown
    script = "umask 022\n"
    for number, (command, _) in enumerate(shown):
        script += "%s\nprintf '\\001%d:%%d\\001' $? >&3\n" % (command.replace(ETC, etc), number)
    log = etc + "log"
    with open(log, "wb") as out:
        done = subprocess.run(["bash", "-c", "exec 3>&1 2>&1\n" + script], stdout=out, cwd=etc,
                              env={"PATH": os.path.dirname(TOOL) + ":/usr/bin:/bin"}, timeout=60)
    assert done.returncode in (0, 1, 2)
    with open(log) as seen:
        parts = re.split(r"\x01(\d+):(\d+)\x01", seen.read())
    assert len(parts) == 3 * len(shown) + 1
    for number, (command, lines) in enumerate(shown):
        output, status = parts[3 * number], int(parts[3 * number + 2])
        assert re.fullmatch(as_pattern(lines).replace(re.escape(ETC), re.escape(etc)), output), \
            (command, output)
        wrong = any(line.startswith("avcsec ") for line in lines)
        refused = lines and re.fullmatch("[a-z-]+", lines[0]) and lines[0] != "ok"
        assert status == (2 if wrong else 1 if refused else 0), (command, status, output)
