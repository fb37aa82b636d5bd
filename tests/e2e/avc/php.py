# SPDX-License-Identifier: Apache-2.0
# PHP for the tests: one PHP-FPM for the whole run (a TCP and a Unix socket, ordinary user), and
# the four ways in which sites wire PHP into httpd. Knows nothing of mod_avcsec.
import glob
import os
import re
import subprocess
import time

from . import processes, settings
from .plant import fill

POOL = """
[global]
error_log = @home@/fpm.log
daemonize = no
[tcp]
listen = 127.0.0.1:@fpm@
pm = static
pm.max_children = 3
clear_env = no
catch_workers_output = yes
[unix]
listen = @home@/fpm.sock
listen.mode = 0666
pm = static
pm.max_children = 3
catch_workers_output = yes
"""

# Every wiring runs every *.php below the document root, path info included.
WIRINGS = {
    "SetHandler": '<FilesMatch "\\.php$">\n'
                  'SetHandler "proxy:unix:@socket@|fcgi://localhost"\n</FilesMatch>\n',
    "ProxyPassMatch": 'ProxyPassMatch "^/(.*\\.php(/.*)?)$" "fcgi://127.0.0.1:@fpm@@docroot@/$1"\n',
    "RewriteRule-P": '<Directory "@docroot@">\nRewriteEngine On\n'
                     'RewriteRule "^(.*\\.php(/.*)?)$" "fcgi://127.0.0.1:@fpm@@docroot@/$1" [P]\n'
                     '</Directory>\n',
    "CGI": 'ScriptAlias "/cgi-php/" "@home@/cgi/"\nAction php-script "/cgi-php/php-cgi"\n'
           '<FilesMatch "\\.php$">\nSetHandler php-script\n</FilesMatch>\n'
           '<Directory "@home@/cgi">\nOptions FollowSymLinks ExecCGI\nRequire all granted\n'
           '</Directory>\n',
}
MODULES = {"CGI": {"event": ["cgid"], "worker": ["cgid"], "prefork": ["cgi"]}}


def binary():
    """PHP-FPM, which Debian calls by its version; the newest that is there."""
    found = sorted(glob.glob("/usr/sbin/php-fpm*"), key=lambda path: [int(n) for n in re.findall(r"\d+", path)])
    assert found, "there is no /usr/sbin/php-fpm*"
    return found[-1]


class Php:
    """Starts with the first server that needs it; names() fills the wirings' @names@."""

    def __init__(self, home_path, free_port):
        self.home, self.free_port = home_path, free_port
        self.process = None

    def names(self):
        self.start()
        return {"home": self.home, "fpm": self.port, "socket": os.path.join(self.home, "fpm.sock")}

    def start(self):
        if self.process:
            return
        self.port = self.free_port()
        cgi = os.path.join(self.home, "cgi")
        os.makedirs(cgi, exist_ok=True)
        with open(os.path.join(cgi, "php-cgi"), "w") as out:
            out.write("#!/bin/sh\nexec /usr/bin/php-cgi \"$@\"\n")
        os.chmod(os.path.join(cgi, "php-cgi"), 0o755)
        conf = os.path.join(self.home, "fpm.conf")
        with open(conf, "w") as out:
            out.write(fill(POOL, {"home": self.home, "fpm": self.port}))
        log = os.path.join(self.home, "fpm.log")
        open(log, "w").close()
        settings.give(log)
        self.process = subprocess.Popen(
            settings.as_user([binary(), "-n", "-F", "-y", conf]), start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.time() + 10 * settings.PATIENCE
        while not os.path.exists(os.path.join(self.home, "fpm.sock")):
            assert self.process.poll() is None and time.time() < deadline, open(log).read()
            time.sleep(0.02)

    def stop(self):
        if self.process:
            processes.end(self.process, 10 * settings.PATIENCE)
