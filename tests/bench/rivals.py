# SPDX-License-Identifier: Apache-2.0
# What else one could take, each set up as its own manual says: nginx with secure_link, njs and
# Lua, lighttpd with mod_magnet, httpd with mod_auth_openidc, httpd with PHP scripts.
import os

import httpd
import links
from avc.php import binary as php_fpm
from server import Server

NGINX = """
worker_processes 1;
pid @root@/run/nginx.pid;
error_log @root@/logs/error.log;
load_module /usr/lib/nginx/modules/ndk_http_module.so;
load_module /usr/lib/nginx/modules/ngx_http_lua_module.so;
load_module /usr/lib/nginx/modules/ngx_http_js_module.so;
events { worker_connections 256; }
http {
    include /etc/nginx/mime.types;
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 100000000;
    client_body_temp_path @root@/tmp/body;
    proxy_temp_path @root@/tmp/proxy;
    fastcgi_temp_path @root@/tmp/fastcgi;
    uwsgi_temp_path @root@/tmp/uwsgi;
    scgi_temp_path @root@/tmp/scgi;
    js_path @root@;
    js_import links from links.js;
    js_set $is_right links.isRight;
    server {
        listen 127.0.0.1:@port@;
        listen 127.0.0.1:@tls@ ssl http2;
        ssl_certificate @certificate@;
        ssl_certificate_key @key@;
        location /plain/ { root @home@/htdocs; }
        location /md5/ {
            secure_link $arg_md5,$arg_expires;
            secure_link_md5 "$secure_link_expires$uri @secret@";
            if ($secure_link = "") { return 403; }
            if ($secure_link = "0") { return 410; }
            alias @home@/private/;
        }
        location /njs/ {
            if ($is_right != "1") { return 403; }
            alias @home@/private/;
        }
        location /lua/ {
            access_by_lua_file @root@/links.lua;
            alias @home@/private/;
        }
    }
}
"""

NJS = """
const hmac = require('crypto');
function isRight(r) {
    const until = r.args.exp;
    const mac = hmac.createHmac('sha256', '@secret@').update(`${r.uri}\\n${until}`)
        .digest('base64url');
    return mac === r.args.mac && Number(until) > Date.now() / 1000 ? '1' : '0';
}
export default { isRight };
"""

# OpenSSL's HMAC by LuaJIT's foreign functions: Debian packages no faster one for Lua.
LUA = """
local ffi = require "ffi"
if not hmac_is_declared then
    ffi.cdef[[
        const void *EVP_sha256(void);
        unsigned char *HMAC(const void *md, const void *key, int key_len,
                            const unsigned char *d, size_t n, unsigned char *out, unsigned *len);
    ]]
    hmac_is_declared, hmac_out = true, ffi.new("unsigned char[32]")
end
local secret, args = "@secret@", ngx.req.get_uri_args()
local text = ngx.var.uri .. "\\n" .. tostring(args.exp)
ffi.C.HMAC(ffi.C.EVP_sha256(), secret, #secret, text, #text, hmac_out, nil)
local mac = ngx.encode_base64(ffi.string(hmac_out, 32), true):gsub("+", "-"):gsub("/", "_")
if mac ~= args.mac or not (tonumber(args.exp) and tonumber(args.exp) > ngx.time()) then
    return ngx.exit(403)
end
"""

LIGHTTPD = """
server.modules = ("mod_magnet")
server.document-root = "@home@/htdocs"
server.bind = "127.0.0.1"
server.port = @port@
server.errorlog = "@root@/logs/error.log"
server.upload-dirs = ("@root@/tmp")
server.max-keep-alive-requests = 1000000
mimetype.assign = (".jpg" => "image/jpeg")
$HTTP["url"] =~ "^/magnet/" {
    magnet.attract-physical-path-to = ("@root@/links.lua")
}
"""

# mod_secdownload left lighttpd in 1.4.64; its successor is a script like this one.
MAGNET = """
local r = lighty.r
local path = r.req_attr["uri.path"]
local exp, mac = string.match(r.req_attr["uri.query"] or "", "^exp=(%d+)&mac=(%x+)$")
if not exp or tonumber(exp) <= os.time() then return 403 end
local right = lighty.c.hmac("sha256", "@secret@", path .. "\\n" .. exp)
if not lighty.c.digest_eq(right, mac) then return 403 end
r.req_attr["physical.path"] = "@home@/private" .. string.sub(path, 8)
return
"""

OPENIDC = """
OIDCOAuthVerifySharedKeys "plain##@secret@"
<Location "/jwt">
    AuthType oauth20
    Require valid-user
</Location>
Alias "/jwt" "@home@/private"
<Directory "@home@/private">
    Require all granted
</Directory>
"""

FPM = """
[global]
error_log = @root@/logs/error.log
daemonize = no
[bench]
listen = @root@/run/php.sock
pm = static
pm.max_children = 16
"""

PHP_SITE = """
Alias "/readfile" "@root@/links.php"
Alias "/sendfile" "@root@/links.php"
Alias "/phpcheck" "@root@/check.php"
XSendFilePath "@home@/private"
<FilesMatch "^(links|check)\.php$">
    Require all granted
    AcceptPathInfo On
    XSendFile On
    SetHandler "proxy:unix:@socket@|fcgi://localhost"
</FilesMatch>
"""

PHP = r"""<?php
$path = explode('?', $_SERVER['REQUEST_URI'])[0];
$until = $_GET['exp'] ?? '';
$mac = rtrim(strtr(base64_encode(hash_hmac('sha256', "$path\n$until", '@secret@', true)),
                   '+/', '-_'), '=');
if (!hash_equals($mac, $_GET['mac'] ?? '') || $until < time()) {
    http_response_code(403);
    exit;
}
$file = '@home@/private' . $_SERVER['PATH_INFO'];
header('Content-Type: image/jpeg');
if (strncmp($path, '/sendfile/', 10) === 0) {
    header("X-Sendfile: $file");
} else {
    header('Content-Length: ' . filesize($file));
    readfile($file);
}
"""

# As AVChat's token_verify.php, which looks for a file and removes it, but for more than one use.
PHP_CHECK = r"""<?php
$token = $_POST['avc'] ?? '';
$file = preg_match('/^[A-Za-z0-9_-]{16,64}$/', $token) ? @fopen("@home@/tokens/$token", 'r+') : false;
[$until, $room, $left] = $file && flock($file, LOCK_EX) ? explode(' ', fgets($file)) : [0, '', 0];
if ($until <= time() || $left < 1 || $room !== ($_POST['name'] ?? '')) {
    http_response_code(403);
    exit;
}
rewind($file);
fwrite($file, "$until $room " . ($left - 1) . "\n");
"""


class Fpm(Server):
    """PHP's processes; they listen on a socket of their own."""

    def is_ready(self):
        return os.path.exists(self.root + "/run/php.sock")


def nginx(where):
    conf = ["nginx", "-p", "@root@", "-c", "@root@/nginx.conf", "-e", "@root@/logs/error.log", "-g"]
    return Server(where, "nginx",
                  {"nginx.conf": NGINX, "links.js": NJS, "links.lua": LUA},
                  conf + ["daemon off;"], conf + ["daemon off; master_process off;"],
                  secret=links.SECRET)


def lighttpd(where):
    run = ["lighttpd", "-D", "-f", "@root@/lighttpd.conf"]
    return Server(where, "lighttpd", {"lighttpd.conf": LIGHTTPD, "links.lua": MAGNET}, run, run,
                  secret=links.SECRET)


def openidc(where):
    return httpd.lean(where, "httpd openidc", with_module=False, extra=OPENIDC,
                      extra_modules=("authn_core", "authz_user", "alias", "auth_openidc"),
                      secret=links.SECRET)


def php(where):
    fpm = Fpm(where, "php-fpm", {"fpm.conf": FPM, "links.php": PHP},
              [php_fpm(), "-F", "-y", "@root@/fpm.conf"])
    server = httpd.lean(where, "httpd php", with_module=False, extra=PHP_SITE,
                        extra_modules=("alias", "proxy", "proxy_fcgi", "xsendfile"),
                        socket=fpm.root + "/run/php.sock", secret=links.SECRET)
    server.files.update({"links.php": PHP, "check.php": PHP_CHECK})
    server.helpers = (fpm,)
    return server
