# SPDX-License-Identifier: Apache-2.0
# conf/avcsec.conf changes nothing as it is shipped, and each of its lines loads when its "#"
# is taken away.
import os
import re

import pytest

from examples import TOP, read
from machine import Machine

SHIPPED = read("conf/avcsec.conf")
# Blocks of lines that start with "#" and no space: what an owner would uncomment.
OFFERED = re.findall(r"((?:^#(?:Avc|</?Location|    (?:Avc|SetHandler )).*\n)+)", SHIPPED, re.MULTILINE)


def test_as_shipped_it_is_inert():
    assert all(line.startswith("#") or not line for line in SHIPPED.splitlines())
    machine = Machine("Include " + os.path.join(TOP, "conf/avcsec.conf"),
                      pages={"/var/www/html/chat/writeuserslist.php": "open"})
    assert machine.server.configtest() == (0, "Syntax OK\n")
    with machine.server as server:
        server.allowed("/chat/writeuserslist.php", shows="open")


def test_it_offers_every_directive():
    rows = re.findall(r"^DIRECTIVE\((\w+),", read("mod_avcsec/httpd/config/directives.def"), re.MULTILINE)
    offered = re.findall(r"^#? *(Avc\w+)", "".join(OFFERED).replace("#", ""), re.MULTILINE)
    assert sorted(offered) == sorted(rows)


@pytest.mark.parametrize("offered", OFFERED, ids=lambda text: re.search(r"Avc\w+", text)[0])
def test_a_line_loads_when_its_sign_is_taken_away(offered):
    text = re.sub(r"^#", "", offered, flags=re.MULTILINE)
    known = "".join(line for line in ("AvcMediaServer 192.0.2.1\n", "AvcAdmin 192.0.2.1\n")
                    if not re.search("^%s " % line.split()[0], text, re.MULTILINE))
    if "AvcKeyFile" not in text:
        known += "AvcKeyFile /etc/apache2/avcsec.keys\n"
    if "useragent" in text:
        known += "RemoteIPHeader X-Forwarded-For\nRemoteIPInternalProxy 10.0.0.5\n"
    machine = Machine(known + text)
    machine.has_keys()
    os.makedirs(machine.path("/var/lib/avchat/uploads"))
    assert machine.server.configtest() == (0, "Syntax OK\n")


def test_all_lines_together_load():
    text = re.sub(r"^#", "", "".join(OFFERED), flags=re.MULTILINE)
    machine = Machine("RemoteIPHeader X-Forwarded-For\nRemoteIPInternalProxy 10.0.0.5\n" + text)
    machine.has_keys()
    os.makedirs(machine.path("/var/lib/avchat/uploads"))
    assert machine.server.configtest() == (0, "Syntax OK\n")
