# SPDX-License-Identifier: Apache-2.0
# make install and make uninstall, below a directory of their own: files go where this httpd's
# distribution wants them when they are installed, whatever was there when configure ran, what an
# owner changed stays, and nothing else does.
import os
import subprocess

import pytest

from examples import TOP

BUILD = os.environ.get("AVCSEC_BUILD", os.path.join(TOP, "build"))
APACHE = "/srv/no-such-httpd"
LAYOUTS = {
    "Debian": (["mods-available", "conf-available"], {
        "mods-available/avcsec.load", "mods-available/avcsec.conf", "conf-available/avcsec-avchat.conf",
        "conf-available/avcsec-avideo.conf"}),
    "Fedora": (["conf.modules.d", "conf.d"], {
        "conf.modules.d/55-avcsec.conf", "conf.d/avcsec.conf", "conf.d/avcsec-avchat.conf",
        "conf.d/avcsec-avideo.conf"}),
    "plain": ([], {
        "extra/avcsec.load", "extra/avcsec.conf", "extra/avcsec-avchat.conf", "extra/avcsec-avideo.conf"}),
}


def make(root, *targets):
    done = subprocess.run(["make", "-C", BUILD, "DESTDIR=%s" % root, "apachetop=" + APACHE, *targets],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def files(root):
    return {os.path.relpath(os.path.join(folder, name), root) for folder, _, names in os.walk(root)
            for name in names}


def folders(root):
    return {os.path.relpath(os.path.join(folder, name), root) for folder, names, _ in os.walk(root)
            for name in names}


def prepare(root, layout):
    for name in LAYOUTS[layout][0]:
        os.makedirs("%s%s/%s" % (root, APACHE, name))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_configuration_goes_where_the_distribution_has_it(tmp_path, layout):
    prepare(tmp_path, layout)
    make(tmp_path, "install")
    assert {os.path.relpath(name, APACHE[1:]) for name in files(tmp_path) if name.startswith(APACHE[1:])} \
        == LAYOUTS[layout][1]


def test_an_httpd_that_came_after_configure_gets_its_files_and_both_are_taken_away(tmp_path):
    make(tmp_path, "install")
    assert os.path.exists("%s%s/extra/avcsec.load" % (tmp_path, APACHE))
    prepare(tmp_path, "Debian")
    make(tmp_path, "install")
    assert os.path.exists("%s%s/mods-available/avcsec.load" % (tmp_path, APACHE))
    make(tmp_path, "uninstall")
    assert files(tmp_path) == set()
    left = folders(tmp_path)
    assert not [name for name in left if "avcsec" in name or "extra" in name or "completion" in name
                or "man/man" in name], left
    assert APACHE[1:] + "/mods-available" in left


def test_what_an_owner_changed_stays(tmp_path):
    prepare(tmp_path, "Debian")
    make(tmp_path, "install")
    conf = "%s%s/mods-available/avcsec.conf" % (tmp_path, APACHE)
    with open(conf, "a", encoding="utf-8") as file:
        file.write("AvcRealm mine\n")
    assert "is kept; the new one is" in make(tmp_path, "install")
    assert "was changed and is kept" in make(tmp_path, "uninstall")
    assert files(tmp_path) == {os.path.relpath(conf, tmp_path)}
