# SPDX-License-Identifier: Apache-2.0
# What comes with the module to read its log lines: the filter of Fail2Ban, by fail2ban-regex, and
# the script of Logwatch.
import os
import re
import subprocess

import pytest

from avc.tokens import signed

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
EXAMPLES = os.path.join(TOP, "conf", "examples")
CONFIG = """
AvcKeyFile "@keys@"
AvcHidden secret
AvcMediaServer 127.0.0.9
<Location "/signed">
    AvcSignedURL On
</Location>
<Location "/rolled-out">
    AvcEnforce Log
    AvcMediaServerProof secret
    AvcMediaServerOnly On
</Location>
<Location "/media">
    AvcMediaServerProof secret
    AvcMediaServerOnly On
</Location>
"""


@pytest.fixture(scope="module")
def log(serve):
    """The error log of a server that was asked for everything once."""
    web = serve(CONFIG, docroot={"signed/a.txt": "x", "rolled-out": "x", "secret.txt": "x"}, mpm="event")
    forged = re.sub(r"mac\..{9}", "mac.AAAAAAAAA", signed("/signed/a.txt"))
    unknown = signed("/signed/a.txt").replace("kid.k1", "kid.k9")
    for path in ("/secret.txt", forged, unknown, "/media", "/rolled-out", "/signed/a.txt",
                 "/signed/a.txt?avc=avc1~for.file", signed("/signed/a.txt", expires=-60)):
        web.ask(path)
    web.log.claim(r"AVC00\d\d: ", count=8)
    yield os.path.join(web.root, "logs", "error.log")


def matched(log, filter_=os.path.join(EXAMPLES, "fail2ban-filter.conf"), mode="normal"):
    """Numbers and reasons of the lines that Fail2Ban would count, and what it printed."""
    done = subprocess.run(["fail2ban-regex", "--print-all-matched", log, "%s[mode=%s]" % (filter_, mode)],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    counted = re.search(r"^\|- Matched line\(s\):\n(.*?)^`-", done.stdout, re.MULTILINE | re.DOTALL)
    return re.findall(r"\] AVC(\d{4}): ([a-z-]+): ", counted[1] if counted else ""), done.stdout


def test_fail2ban_counts_who_guesses_and_nobody_else(log):
    found, printed = matched(log)
    assert sorted(word for _, word in found) == ["hidden", "secret", "signature", "unknown-key"], printed
    more, printed = matched(log, mode="aggressive")
    assert sorted(word for _, word in more) == ["hidden", "malformed", "no-token", "secret", "signature", "unknown-key"], \
        printed


@pytest.mark.parametrize("line", [
    "[Sat Nov 28 19:00:00.000001 2026] [avcsec:error] [pid 12:tid 13] [client 192.0.2.7:41234] AVC0015: hidden: /x: y",
    "[Sat Nov 28 19:00:00.000001 2026] [avcsec:error] [pid 12] [client 192.0.2.7:41234] AVC0015: hidden: /x: y",
    "[Sat Nov 28 19:00:00 2026] [avcsec:error] [pid 12:tid 13] [client 2001:db8::7:41234] AVC0005: signature: /x: y",
    "[Sat Nov 28 19:00:00 2026] [avcsec:error] [pid 12:tid 13] [remote 192.0.2.9:80] [client 192.0.2.7:1] AVC0014: secret: /: y",
])
def test_fail2ban_reads_each_form_of_the_line(tmp_path, line):
    path = tmp_path / "error.log"
    path.write_text(line + "\n")
    assert len(matched(str(path))[0]) == 1


@pytest.mark.parametrize("line", [
    # What a client writes stands behind its own address, never in front.
    "[Sat Nov 28 19:00:00 2026] [core:error] [pid 12:tid 13] [client 192.0.2.7:1] AH00135: Invalid URI "
    "[avcsec:error] [pid 1] [client 198.51.100.1:1] AVC0015: hidden: /: y",
    "[Sat Nov 28 19:00:00 2026] [avcsec:warn] [pid 12:tid 13] [client 192.0.2.7:1] AVC0007: expired: /: "
    "[client 198.51.100.1:1] AVC0015: hidden: /: y",
    "[Sat Nov 28 19:00:00 2026] [avcsec:error] [pid 12:tid 13] [client 192.0.2.7:1] AVC0050: hidden: /: y",
    "[Sat Nov 28 19:00:00 2026] [avcsec:error] [pid 12:tid 13] AVC0105: key file",
])
def test_fail2ban_is_not_led_by_what_a_client_writes(tmp_path, line):
    path = tmp_path / "error.log"
    path.write_text(line + "\n")
    assert matched(str(path))[0] == []


def test_fail2ban_reads_the_jail():
    with open(os.path.join(EXAMPLES, "fail2ban-jail.conf"), encoding="utf-8") as jail:
        text = jail.read()
    assert "filter   = avcsec" in text and "[avcsec]" in text
    read = ("import sys, configparser; c = configparser.RawConfigParser(); c.read(sys.argv[1]); "
            "assert c['avcsec']['maxretry'] == '10'")
    subprocess.run(["/usr/bin/python3", "-c", read, os.path.join(EXAMPLES, "fail2ban-jail.conf")], check=True)


def test_logwatch_sums_up(log):
    with open(log, encoding="utf-8") as lines:
        text = lines.read()
    text += ("[Sat Nov 28 19:00:00 2026] [avcsec:error] [pid 1:tid 1] AVC0103: /etc/k line 1: refused\n"
             + "".join("[Sat Nov 28 19:00:00 2026] [avcsec:error] [pid 1:tid 1] [client 192.0.2.%d:1] AVC0015: hidden: /: y\n"
                       % number for number in range(9)))
    done = subprocess.run(["perl", os.path.join(EXAMPLES, "logwatch-avcsec")], input=text, capture_output=True, text=True,
                          check=True, timeout=60)
    assert done.stderr == ""
    assert re.search(r"AVC0015 hidden +10\n", done.stdout) and "and 5 more addresses" in done.stdout, done.stdout
    assert "AVC0103 (1 times): /etc/k line 1: refused" in done.stdout
    assert subprocess.run(["perl", os.path.join(EXAMPLES, "logwatch-avcsec")], input="nothing\n", capture_output=True,
                          text=True, check=True, timeout=60).stdout == ""
