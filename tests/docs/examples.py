# SPDX-License-Identifier: Apache-2.0
# Finds the examples of README.md, of the manual page and of conf/avcsec.conf. Every block
# has a kind, and a kind that nobody runs is an error: no example is left out by accident.
import os
import re

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
KINDS = ("console", "apache", "php", "js", "python", "nginx", "haproxy", "text")


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as file:
        return file.read()


class Block:
    """One example: what kind, its text, the heading above it, its line."""

    def __init__(self, kind, text, heading, line):
        self.kind, self.text, self.heading, self.line = kind, text, heading, line

    def __repr__(self):
        return "line %d, %s, %s" % (self.line, self.heading, self.kind)


def of_readme():
    text, found, heading = read("README.md"), [], ""
    for part in re.finditer(r"^## ([^\n]*)$|^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        if part.group(1):
            heading = part.group(1)
            continue
        assert part.group(2) in KINDS, "```%s is a kind that no test runs" % part.group(2)
        found.append(Block(part.group(2), part.group(3), heading, text.count("\n", 0, part.start()) + 1))
    return found


# What a block of the manual page is, by what stands in it.
MANUAL_KINDS = (
    ("console", r"^\$ "),
    ("grammar", r"^<kid> "),
    ("revocations", r"^id <id> "),
    ("logline", r"^AVC\d{4}: "),
    ("properties", r"^\w+=http"),
    ("nginx-rtmp", r"^on_publish http"),
    ("nginx-rtmp-relay", r"^application live \{"),
    ("srs", r"^http_hooks \{"),
    ("mediamtx", r"^authMethod: "),
    ("nginx", r"^map \$request "),
    ("nginx-asks", r"^location .*auth_request"),
    ("apache", r"^(Avc|Require|ServerName|LogFormat|LoadModule|RemoteIP|ProxyPass|<Location|<Directory|Listen)"),
)


def of_manual():
    text, found, heading = read("scripts/man/mod_avcsec.5"), [], ""
    for part in re.finditer(r"^\.S[hs] ([^\n]*)$|^\.Bd -literal[^\n]*\n(.*?)^\.Ed$", text,
                            re.MULTILINE | re.DOTALL):
        if part.group(1):
            heading = part.group(1)
            continue
        plain = part.group(2).replace("\\e", "\\").replace("\\&", "")
        kinds = [kind for kind, pattern in MANUAL_KINDS if re.search(pattern, plain)]
        line = text.count("\n", 0, part.start()) + 1
        assert kinds, "nobody knows what the example in line %d is:\n%s" % (line, plain)
        found.append(Block(kinds[0], plain, heading, line))
    return found


def of_kind(blocks, *kinds):
    found = [block for block in blocks if block.kind in kinds]
    assert found, "there is no example of kind %s" % (kinds,)
    return found
