# SPDX-License-Identifier: Apache-2.0
# Redirects: a token goes along where it still opens something, on this site's own hosts, and
# nowhere else, whoever made the redirect. Real clients follow them.
import re
import subprocess

import pytest

from avc.backend import Backend
from avc.httpd import USUAL, free_port
from avc.tokens import room, signed, tampered, token
from avc import settings

MODULES = USUAL + ["speling", "cgid", "userdir", "ssl", "socache_shmcb", "remoteip"]
MACS = re.compile(r"mac(?:\.|%2e|%252e)[A-Za-z0-9_-]{43}", re.I)

# Names with these keys on a plain and a TLS port, some by wildcard, and others that are no
# place for a token of chat.example.
HOSTS = """
Listen 127.0.0.1:@plain@
Listen 127.0.0.1:@secure@ https
AvcKeyFile "@keys@"
ProxyPass "/live" "http://127.0.0.1:@back@/live"
<Location "/signed">
    AvcSignedURL On
</Location>
<Location "/live">
    AvcSignedURL On
</Location>
<VirtualHost 127.0.0.1:@plain@>
    ServerName default.example
    RewriteEngine On
    RewriteOptions Inherit
</VirtualHost>
<VirtualHost 127.0.0.1:@plain@>
    ServerName chat.example
    ServerAlias www.chat.example *.wild.example
    RewriteEngine On
    RewriteRule "^/signed/qsa$" "https://www.chat.example:@secure@/signed/a.txt?lang=en" [R,QSA]
    RewriteRule "^/signed/drops$" "https://chat.example:@secure@/signed/a.txt?" [R]
    RewriteRule "^/signed/tidy/" "%{REQUEST_URI}?" [R,L]
    RewriteCond %{HTTP:X-Secure} .
    RewriteRule "^" "https://chat.example:@secure@%{REQUEST_URI}" [R=301,L]
    RewriteCond %{HTTP:X-Www} .
    RewriteRule "^" "http://www.chat.example:@plain@%{REQUEST_URI}" [R=302,L]
    RewriteCond %{HTTP:X-To} (.+)
    RewriteRule "^" "%1%{REQUEST_URI}" [R=302,L,NE]
    Redirect "/signed/away" "https://elsewhere.example/signed/away"
    RedirectMatch "^/signed/match/(.*)$" "http://www.chat.example:@plain@/signed/$1"
    ErrorDocument 404 "http://www.chat.example:@plain@/signed/missing.txt"
</VirtualHost>
<VirtualHost 127.0.0.1:@secure@>
    ServerName chat.example
    ServerAlias www.chat.example
    SSLEngine on
    SSLCertificateFile "@cert@"
    SSLCertificateKeyFile "@key@"
    RewriteEngine On
    RewriteCond %{HTTP:X-Plain} .
    RewriteRule "^" "http://chat.example:@plain@%{REQUEST_URI}" [R=302,L]
</VirtualHost>
<VirtualHost 127.0.0.1:@plain@>
    ServerName realm.example
    AvcRealm another
</VirtualHost>
<VirtualHost 127.0.0.1:@plain@>
    ServerName keys.example
    AvcKeyFile "@root@/conf/other.keys"
</VirtualHost>
<VirtualHost 127.0.0.1:@plain@>
    ServerName listed.example
    AvcRedirectHosts partner.example cdn.example:8443 [2001:db8::1]
    RewriteEngine On
    RewriteCond %{HTTP:X-To} (.+)
    RewriteRule "^" "%1%{REQUEST_URI}" [R=302,L,NE]
</VirtualHost>
"""
HTACCESS = """RewriteEngine On
RewriteCond %{HTTPS} !=on
RewriteRule "^" "https://chat.example:@secure@%{REQUEST_URI}" [R=301,L]
"""
DOCROOT = {
    "signed/a.txt": "content of a", "signed/missing.txt": "the page for what is missing",
    "signed/dir/index.html": "index of dir", "signed/Spelled.txt": "spelled",
    "signed/forced/b.txt": "content of b", "signed/tidy/c.txt": "content of c",
    "open/dir/index.html": "open dir", "open/a.txt": "open",
    "signed/go.cgi": ("mode", 0o755, "#!/bin/sh\necho \"Status: 302\nLocation: $HTTP_X_LOCATION\n\"\n"),
    "open/go.cgi": ("mode", 0o755, "#!/bin/sh\necho \"Status: 302\nLocation: $HTTP_X_LOCATION\n\"\n"),
}
DIRECTORY = """
Options +ExecCGI +FollowSymLinks
AddHandler cgi-script .cgi
AllowOverride All
CheckSpelling On
Require all granted
"""


@pytest.fixture(scope="module")
def backend():
    server = Backend()
    yield server
    server.close()


def begin(serve, home, backend, mpm="event", **how):
    from avc import httpd
    key, cert = httpd.home.certificate()
    modules = [("cgi" if mpm == "prefork" and m == "cgid" else m) for m in MODULES]
    plain, secure = free_port(), free_port()
    server = serve(HOSTS, modules=modules, docroot=DOCROOT, directory=DIRECTORY, mpm=mpm,
                   begin=False, plain=plain, secure=secure, back=backend.port, key=key, cert=cert, **how)
    server.plain, server.secure = plain, secure
    server.write_secret("conf/other.keys", "k1 hs256 " + "A" * 43 + "\n")
    with open(server.docroot + "/signed/forced/.htaccess", "w") as out:
        out.write(server.fill(HTACCESS))
    return server.start()
