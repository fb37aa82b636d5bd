# SPDX-License-Identifier: Apache-2.0
# Private servers in front that ask the web server before they serve: Debian's nginx with
# auth_request, and HAProxy with a few lines of Lua.
from .service import Service

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


def front(web, files, command):
    return Service(files, command, web=web.port, docroot=web.docroot)


def nginx(web):
    return front(web, {"nginx.conf": NGINX}, ["/usr/sbin/nginx", "-c", "@root@/nginx.conf", "-p", "@root@",
                                              "-e", "@root@/error.log"])


def haproxy(web):
    return front(web, {"haproxy.cfg": HAPROXY, "ask.lua": LUA},
                 ["/usr/sbin/haproxy", "-db", "-f", "@root@/haproxy.cfg"])
