# SPDX-License-Identifier: Apache-2.0
# Private servers in front that ask the web server before they serve: Debian's nginx with
# auth_request, and HAProxy with a few lines of Lua.
import os
import signal
import subprocess
import time

from . import httpd, settings

NGINX = """
daemon off;
master_process off;
pid @root@/nginx.pid;
error_log @root@/error.log info;
events { worker_connections 256; }
http {
    access_log off;
    client_body_temp_path @root@/t1; proxy_temp_path @root@/t2; fastcgi_temp_path @root@/t3;
    uwsgi_temp_path @root@/t4; scgi_temp_path @root@/t5;
    server {
        listen 127.0.0.1:@port@;
        location / {
            auth_request /ask;
            auth_request_set $reason $upstream_http_x_avc_reason;
            add_header X-Reason $reason always;
            root @docroot@;
        }
        location = /ask {
            internal;
            proxy_pass http://127.0.0.1:@web@/check/nginx;
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
            proxy_set_header X-Original-URI $request_uri;
            proxy_set_header X-Original-Method $request_method;
            proxy_set_header X-Real-IP $remote_addr;
        }
    }
}
"""

HAPROXY = """
global
    lua-load @root@/ask.lua
    maxconn 100
defaults
    mode http
    timeout connect 5s
    timeout client 10s
    timeout server 10s
frontend front
    bind 127.0.0.1:@port@
    http-request lua.ask
    http-request deny deny_status 401 if { var(txn.ask_status) -m str 401 }
    http-request deny deny_status 403 unless { var(txn.ask_status) -m str 200 }
    http-request return status 200 content-type text/plain string "content"
"""

# The agent asks by one question; what the client sent under these names does not count.
LUA = """
core.register_action("ask", { "http-req" }, function(txn)
    local headers = txn.http:req_get_headers()
    local asked = { ["x-forwarded-method"] = { txn.f:method() },
                    ["x-forwarded-uri"] = { txn.f:pathq() },
                    ["x-forwarded-for"] = { txn.f:src() },
                    ["x-forwarded-host"] = { txn.f:req_hdr("host") } }
    for _, name in ipairs({ "authorization", "cookie", "origin", "referer", "sec-fetch-site" }) do
        if headers[name] then asked[name] = { headers[name][0] } end
    end
    local answer = core.httpclient():get{ url = "http://127.0.0.1:@web@/check/haproxy",
                                          headers = asked }
    txn:set_var("txn.ask_status", tostring(answer and answer.status or 0))
end)
"""


class Front:
    """One server in front, stopped by its pid."""

    def __init__(self, web, files, make_command, port=None):
        self.root = httpd.home.new_root()
        self.port = port or httpd.free_port()
        self.command = make_command(self.root)
        for name, text in files.items():
            for key, value in (("root", self.root), ("port", self.port), ("web", web.port),
                               ("docroot", web.docroot)):
                text = text.replace("@%s@" % key, str(value))
            with open(os.path.join(self.root, name), "w") as out:
                out.write(text)
        settings.give(self.root)
        self.process = None

    def __enter__(self):
        with open(os.path.join(self.root, "stderr.txt"), "wb") as errors:
            self.process = subprocess.Popen(
                settings.as_user(self.command), stdin=subprocess.DEVNULL, stdout=errors,
                stderr=errors, start_new_session=True, cwd="/")
        deadline = time.time() + 10
        while httpd.port_is_free(self.port):
            assert self.process.poll() is None and time.time() < deadline, self.printed()
            time.sleep(0.02)
        return self

    def __exit__(self, kind, value, trace):
        os.kill(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            raise

    def printed(self):
        with open(os.path.join(self.root, "stderr.txt"), encoding="utf-8") as errors:
            return errors.read()


def nginx(web):
    return Front(web, {"nginx.conf": NGINX},
                 lambda root: ["/usr/sbin/nginx", "-c", root + "/nginx.conf", "-p", root, "-e",
                               root + "/error.log"])


def haproxy(web):
    return Front(web, {"haproxy.cfg": HAPROXY, "ask.lua": LUA},
                 lambda root: ["/usr/sbin/haproxy", "-db", "-f", root + "/haproxy.cfg"])
