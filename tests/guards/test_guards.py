# SPDX-License-Identifier: Apache-2.0
# The guards themselves, on copies of the tree with a fault planted in it: a guard that sees
# nothing would pass for ever.
import os
import shutil
import subprocess

import pytest

GUARDS = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(GUARDS))


@pytest.fixture
def tree(tmp_path):
    """A copy of what the guard on includes reads."""
    shutil.copytree(os.path.join(TOP, "mod_avcsec"), tmp_path / "mod_avcsec")
    shutil.copy(os.path.join(TOP, "README.md"), tmp_path)
    return tmp_path


def includes_go_down(tree):
    done = subprocess.run([os.path.join(GUARDS, "includes-go-down"), str(tree)], capture_output=True, text=True)
    assert not done.stderr and (done.returncode != 0) == bool(done.stdout)
    return done.stdout


def plant(tree, path, line):
    with open(tree / "mod_avcsec" / path, "a", encoding="utf-8") as file:
        file.write(line + "\n")


def test_the_tree_as_it_is_has_no_fault(tree):
    assert includes_go_down(tree) == ""


@pytest.mark.parametrize("path, line, told", [
    ("httpd/config/basic.c", '#include "httpd/request/facts.h"', "above it"),
    ("httpd/state/rate.h", '#  include "httpd/mod_avcsec.c"', "above it"),
    ("httpd/files/pace.c", '#include "httpd/gate/gate.h"', "a room beside it"),
    ("httpd/checks/tree.h", '#include "httpd/session/jose.h"', "a room beside it"),
    ("httpd/gate/paths.c", "#include <httpd/files/files.h>", "a room beside it"),
    ("core/text/path.c", '#include "core/token/token.h"', "above it"),
    ("core/request/request.c", '#include "httpd/config/config.h"', "another house"),
    ("tool/sign.c", '#include "httpd/state/keyfile.h"', "another house"),
    ("httpd/session/issue.c", '#include "tool/claims.h"', "another house"),
    ("httpd/gate/gate.c", '#include "proofs.h"', "no path from mod_avcsec/"),
    ("httpd/gate/gate.c", '#include "../gate/proofs.h"', "no path from mod_avcsec/"),
    ("httpd/gate/gate.c", '#include "httpd/gate/no_such.h"', "no path from mod_avcsec/"),
])
def test_a_wrong_include_is_a_fault(tree, path, line, told):
    plant(tree, path, line)
    faults = includes_go_down(tree).splitlines()
    assert path in faults[0] and told in faults[0], faults
    assert not [fault for fault in faults[1:] if "in a circle" not in fault], faults


def test_files_that_include_each_other_are_a_fault(tree):
    plant(tree, "core/text/slice.h", '#include "core/text/path.h"')
    assert "in a circle: core/text/" in includes_go_down(tree)


def test_a_room_that_readme_does_not_name_is_a_fault(tree):
    os.mkdir(tree / "mod_avcsec" / "httpd" / "attic")
    plant(tree, "httpd/attic/old.c", "")
    assert "httpd/attic is not in README.md" in includes_go_down(tree)


def test_a_room_that_is_not_there_is_a_fault(tree):
    shutil.rmtree(tree / "mod_avcsec" / "tool")
    assert "names mod_avcsec/tool" in includes_go_down(tree)


def directives_are_tested(tree):
    done = subprocess.run([os.path.join(GUARDS, "directives-are-tested"), str(tree)], capture_output=True, text=True)
    assert not done.stderr, done.stderr
    return done.stdout if done.returncode else ""


DIRECTIVES = "mod_avcsec/httpd/config/directives.def"
DIRECTIVE_TESTS = "tests/e2e/checks/test_directives.py"


@pytest.mark.parametrize("path, text, instead, told", [
    (DIRECTIVE_TESTS, '"AvcHidden": ("", "one"', '"AvcVeiled": ("", "one"', "AvcHidden is set and merged by no test"),
    (DIRECTIVE_TESTS, '"AvcHidden": ["",', '"AvcVeiled": ["",', "AvcHidden is given no nonsense"),
    (DIRECTIVE_TESTS, '"test_the_limit_is_the_sections"', '"test_that_went"', "has no test_that_went"),
    (DIRECTIVES, "DIRECTIVE(AvcRealm", "DIRECTIVE(AvcDomain", "AvcDomain is set and merged by no test"),
    (DIRECTIVES, "read_hidden", "", ""),
])
def test_a_directive_without_its_tests_is_a_fault(tree, path, text, instead, told):
    for room in ("tests/e2e", "mod_avcsec"):
        shutil.copytree(os.path.join(TOP, room), tree / room, dirs_exist_ok=True)
    source = (tree / path).read_text(encoding="utf-8")
    (tree / path).write_text(source.replace(text, instead), encoding="utf-8")
    assert told in directives_are_tested(tree) and bool(told) == bool(directives_are_tested(tree))
