# SPDX-License-Identifier: Apache-2.0
# A Debian machine in a directory: /etc, /var and /usr/local of the examples lie in there, and
# httpd with the module runs on it. Runs console examples as they are printed and holds what
# they print against the example; "..." stands for anything.
import os
import re
import shlex
import shutil
import subprocess
import time

from avc import settings, tokens
from avc.httpd import USUAL, Httpd

from examples import TOP

OURS = re.compile(r"(?<![\w./:~-])/(etc|var|usr/local)(?=/)")
# Stand-ins for the machine's own httpd: the only commands of the examples that are not real.
APACHECTL = """#!/bin/sh
case $1 in
configtest) exec %s ;;
-t) shift; exec %s "$@" ;;
graceful) exit 0 ;; # the test starts the server
esac
exit 2
"""
SCRIPT = """exec 2>&1 </dev/null
cd "$AVCSEC_TOP" || exit
%s
"""


class Step:
    """A command and the lines that it should print; None: not shown."""

    def __init__(self, command):
        self.command, self.shown = command, []

    def pattern(self):
        """Three dots are anything, a line of them any lines; dots in front of them stand for dots."""
        return "".join(r"(?:.*\n)*" if line == "..." else
                       r"\.*.*?".join(map(re.escape, re.split(r"\.{3,}", line))) + r"\n"
                       for line in self.shown) + r"\Z"


def steps_of(text):
    found, goes_on = [], False
    for line in text.splitlines():
        if goes_on:
            found[-1].command += "\n" + line
        elif re.match(r"[$#] ", line):
            found.append(Step(line[2:]))
        else:
            assert found, "a console example starts with a prompt: " + line
            found[-1].shown.append(line)
            continue
        goes_on = line.endswith("\\")
    return found


class Machine:
    def __init__(self, config, modules=USUAL, pages=None):
        self.server = Httpd("", modules=modules + ["macro", "remoteip"], keys=None, private=None,
                            started_by="root" if settings.AS_ROOT else None)
        self.root = self.server.root
        for path in ("etc/apache2/mods-available", "etc/apache2/mods-enabled", "var/log/apache2",
                     "etc/apache2/conf-available", "etc/apache2/conf-enabled", "var/lib", "var/www", "usr/local", "bin", "state"):
            os.makedirs(os.path.join(self.root, path), exist_ok=True)
        with open(os.path.join(self.root, "etc/apache2/mods-available/macro.load"), "w") as load:
            load.write("LoadModule macro_module /usr/lib/apache2/modules/mod_macro.so\n")
        docroot = os.path.join(self.root, "var/www/html")
        shutil.rmtree(self.server.docroot)
        os.mkdir(docroot)
        self.server.docroot = self.server.names["docroot"] = docroot
        self.plant(pages or {})
        self.shim("apachectl", APACHECTL % ((shlex.join(self.server.command("-t")),) * 2))
        self.configure(config)

    def shim(self, name, text):
        path = os.path.join(self.root, "bin", name)
        with open(path, "w") as out:
            out.write(text)
        os.chmod(path, 0o755)

    def plant(self, files):
        """{path on the machine: text}; readable by httpd's user."""
        for name, text in files.items():
            path = self.path(name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as out:
                out.write(text)
            os.chmod(path, 0o644)

    def path(self, path):
        return OURS.sub(lambda found: self.root + found.group(0), path)

    def configure(self, config):
        """A date of old links is too far ahead on the page, and would be over on some day."""
        near = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 30 * 86400))
        config = re.sub(r"(AvcFilesOpenUntil )\d{4}-\d\d-\d\d", r"\g<1>" + near, config)
        self.server.write_config(self.path(config))

    def has_keys(self, path="/etc/apache2/avcsec.keys"):
        """The key file of the e2e tests and a revocations file, where no example has made them."""
        real = self.path(path)
        if not os.path.exists(real):
            with open(real, "w") as out:
                os.fchmod(out.fileno(), 0o600)
                out.write(tokens.KEY_FILE)
                out.write("ed ed25519 file:%s\n" % self.make_pem("/etc/apache2/ed.pem", "-algorithm", "ed25519"))

        self.server.write_secret(os.path.join(self.root, "etc/apache2/avcsec.revoked"), "")

    def make_pem(self, path, *how):
        """A private key there; its path on this machine."""
        real = self.path(path)
        subprocess.run(["openssl", "genpkey", *how, "-out", real], check=True, capture_output=True)
        os.chmod(real, 0o600)
        return real

    def environment(self):
        tools = [os.path.join(self.root, "bin"), os.path.join(self.root, "usr/local/bin"),
                 os.path.dirname(settings.tool()), "/usr/sbin", "/usr/bin", "/bin"]
        return {"PATH": os.pathsep.join(tools), "HOME": self.root, "LC_ALL": "C.UTF-8",
                "AVCSEC_TOP": TOP, "DESTDIR": self.root, "PYTHONDONTWRITEBYTECODE": "1",
                "APACHE_CONFDIR": os.path.join(self.root, "etc/apache2"),
                "APACHE_STATE_DIRECTORY": os.path.join(self.root, "state")}

    def run(self, words, directory=TOP, status=0, **variables):
        """What a program prints."""
        done = subprocess.run(words, cwd=directory, env=dict(self.environment(), **variables),
                              capture_output=True, text=True, timeout=300)
        assert done.returncode == status, "%s\n%s%s" % (words, done.stdout, done.stderr)
        assert done.stderr == "", done.stderr
        return done.stdout

    def console(self, text):
        """Runs an example; each command succeeds (or shows a refusal) and prints what stands there."""
        steps = steps_of(text)
        script = "\n".join("%s\nprintf '\\n@@@%%d\\n' $?" % self.path(step.command) for step in steps)
        done = subprocess.run(["bash", "-c", SCRIPT % script], env=self.environment(),
                              capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stdout
        parts = re.split(r"\n@@@(\d+)\n", done.stdout)
        for step, printed, status in zip(steps, parts[0::2], parts[1::2]):
            printed = printed + "\n" if printed and not printed.endswith("\n") else printed
            wanted = "1" if step.shown and step.shown[0].startswith("Refused") else "0"
            assert status == wanted, "%s: status %s\n%s" % (step.command, status, printed)
            if step.shown:
                assert re.match(step.pattern(), printed), "%s printed\n%s\ninstead of\n%s" % (
                    step.command, printed, "\n".join(step.shown))
        return done.stdout
