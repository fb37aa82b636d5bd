# SPDX-License-Identifier: Apache-2.0
# httpd in two configurations: lean, as somebody would write it for speed, and Debian's own as
# the package ships it. Each has the module loaded and serves the same files open and protected.
import glob
import os
import re

from server import Server
from avc.httpd import DEBIAN as DEBIAN_MODULES
from avc.settings import HTTPD as BINARY, HTTPD_MODULES as MODULES

DEBIAN = "/etc/apache2"
DEBIAN_CONFS = ("charset localized-error-pages other-vhosts-access-log security "
                "serve-cgi-bin").split()

PROTECTED = """
AvcStateDir "@root@/state"
AvcKeyFile "@home@/avcsec.keys"
<Location "/files">
    AvcFiles "@home@/private"
</Location>
<Location "/signed">
    AvcSignedURL On
</Location>
"""

TLS = """
SSLSessionCache "shmcb:@root@/run/ssl_cache(512000)"
Listen 127.0.0.1:@tls@ https
<VirtualHost 127.0.0.1:@tls@>
    DocumentRoot "@home@/htdocs"
    SSLEngine On
    SSLCertificateFile "@certificate@"
    SSLCertificateKeyFile "@key@"
</VirtualHost>
"""

LEAN = """
ServerRoot "@root@"
DefaultRuntimeDir "@root@/run"
PidFile "@root@/run/httpd.pid"
Mutex file:@root@/run default
ServerName 127.0.0.1
Listen 127.0.0.1:@port@
ErrorLog "@root@/logs/error.log"
TypesConfig /etc/mime.types
StartServers 1
ServerLimit 1
ThreadLimit 64
ThreadsPerChild @threads@
MaxRequestWorkers @threads@
MinSpareThreads 1
MaxSpareThreads @threads@
MaxKeepAliveRequests 0
EnableSendfile On
EnableMMAP Off
DocumentRoot "@home@/htdocs"
<Directory />
    AllowOverride None
    Options FollowSymLinks
    Require all denied
</Directory>
<Directory "@home@/htdocs">
    Require all granted
</Directory>
"""


def load_line(where, name):
    path = where.module if name == "avcsec" else "%s/mod_%s.so" % (MODULES, name)
    return "LoadModule %s_module %s\n" % (name, path)


def command(conf):
    return [BINARY, "-f", conf, "-DFOREGROUND"]


def count_command(conf):
    """One process with few threads, for callgrind."""
    return [BINARY, "-f", conf, "-X", "-c", "ThreadsPerChild 4", "-c", "MaxRequestWorkers 4",
            "-c", "MinSpareThreads 1", "-c", "MaxSpareThreads 4"]


def lean(where, name="httpd lean", with_tls=False, extra_modules=(), extra="", with_module=True,
         directives=PROTECTED, **more):
    modules = ["mpm_event", "authz_core", "mime"] + list(extra_modules)
    text = LEAN
    if with_module:
        modules.append("avcsec")
        text += directives
    if with_tls:
        modules += ["ssl", "socache_shmcb", "http2"]
        text += "Protocols h2 h2c http/1.1\n" + TLS
    conf = "".join(load_line(where, m) for m in sorted(modules)) + text + extra
    return Server(where, name, {"httpd.conf": conf}, command("@root@/httpd.conf"),
                  count_command("@root@/httpd.conf"), threads=64, **more)


def read(path):
    with open(path) as file:
        return file.read()


def debian_files(where, with_tls, extra_modules, extra):
    """A copy of the package's /etc/apache2: ports, document root and modules are ours."""
    modules = {"mpm_event"} | set(DEBIAN_MODULES) | set(extra_modules)
    if with_tls:
        modules |= {"ssl", "socache_shmcb", "http2"}
    files = {"magic": read(DEBIAN + "/magic"),
             "mods-enabled/avcsec.load": load_line(where, "avcsec"),
             "ports.conf": "Listen 127.0.0.1:@port@\n"}
    for module in modules:
        for path in glob.glob("%s/mods-available/%s.*" % (DEBIAN, module)):
            files["mods-enabled/" + os.path.basename(path)] = read(path)
    for conf in DEBIAN_CONFS:
        files["conf-enabled/%s.conf" % conf] = read("%s/conf-available/%s.conf" % (DEBIAN, conf))
    site = read(DEBIAN + "/sites-available/000-default.conf")
    site = site.replace("*:80", "127.0.0.1:@port@").replace("/var/www/html", "@home@/htdocs")
    if with_tls:
        site += TLS.replace("</VirtualHost>",
                            "    CustomLog ${APACHE_LOG_DIR}/access.log combined\n</VirtualHost>")
    files["sites-enabled/000-default.conf"] = site
    main = read(DEBIAN + "/apache2.conf").replace("/var/www/", "@home@/htdocs/")
    main = re.sub(r"(?m)^(User|Group) .*\n", "", main)
    files["apache2.conf"] = (
        'ServerRoot "@root@"\nMutex file:@root@/run default\n'
        "Define APACHE_RUN_DIR @root@/run\nDefine APACHE_LOCK_DIR @root@/run\n"
        "Define APACHE_PID_FILE @root@/run/httpd.pid\nDefine APACHE_LOG_DIR @root@/logs\n"
        "ServerName 127.0.0.1\n" + main + PROTECTED +
        ("Protocols h2 h2c http/1.1\n" if with_tls else "") + extra)
    return files


def debian(where, name="httpd Debian", with_tls=False, extra_modules=(), extra="", **more):
    return Server(where, name, debian_files(where, with_tls, extra_modules, extra),
                  command("@root@/apache2.conf"), count_command("@root@/apache2.conf"), **more)
