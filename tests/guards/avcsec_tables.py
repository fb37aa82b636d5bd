# SPDX-License-Identifier: Apache-2.0
# Reads the three tables that the module is built from (reasons, notices,
# directives), and the manual, for the guards that compare lists.
import glob
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("AVCSEC_BUILD", os.path.join(ROOT, "build"))
MODULE = os.environ.get("AVCSEC_MODULE", os.path.join(BUILD, ".libs", "mod_avcsec.so"))
REASONS = "mod_avcsec/core/token/reasons.def"
NOTICES = "mod_avcsec/httpd/config/notices.def"
DIRECTIVES = "mod_avcsec/httpd/config/directives.def"


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def rows(path, macro, fields):
    """The first fields of each row `macro(a, b, …` of a table; at least one row."""
    row = re.compile(r"^%s\(\s*%s" % (macro, r"\s*,\s*".join([r"([^,()]+?)"] * fields) + r"\s*[,)]"),
                     re.MULTILINE)
    found = [match.groups() for match in row.finditer(read(path))]
    opened = re.findall(r"^[A-Z_]+\(", read(path), re.MULTILINE)
    if not found or len(found) != len(opened):
        sys.exit("%s: %d of %d rows understood as %s(…)" % (path, len(found), len(opened), macro))
    return found


def numbers():
    """{number: name} of every line the module can write; (faults) where two share one."""
    listed, faults = {}, []
    for path, macro in ((REASONS, "REASON"), (NOTICES, "NOTICE")):
        for name, number in rows(path, macro, 2):
            if int(number) in listed:
                faults.append("%s: %s and %s share number %s" % (path, listed[int(number)], name, number))
            listed[int(number)] = name
    return listed, faults


def manual():
    """All manual pages as one text, hand-written and generated ones, without roff's escapes."""
    pages = [page for room in (ROOT, BUILD) for page in
             glob.glob(os.path.join(room, "scripts", "man", "**", "*"), recursive=True)]
    return "\n".join(open(page, encoding="utf-8").read().replace("\\-", "-").replace("\\&", "")
                     for page in pages if os.path.isfile(page))


def end(faults):
    for fault in faults:
        print(fault)
    sys.exit(1 if faults else 0)
