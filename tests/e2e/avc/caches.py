# SPDX-License-Identifier: Apache-2.0
# Caches in front, as sites have them: Debian's nginx with proxy_cache, and another httpd with
# mod_cache. Both keep whatever they may, by its path alone, so that whoever asks for the path
# gets what the last one got; both say in X-Cache whether an answer came out of the cache.
from . import httpd
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
    proxy_cache_path @root@/cache keys_zone=all:1m;
    server {
        listen 127.0.0.1:@port@;
        location / {
            proxy_pass http://127.0.0.1:@web@;
            proxy_http_version 1.1;
            proxy_set_header Host chat.example;
            proxy_cache all;
            proxy_cache_key $uri$http_x_case;
            proxy_cache_valid any 10m;
            add_header X-Cache $upstream_cache_status always;
        }
    }
}
"""

# Without the module, its log would hold the tokens.
HTTPD = """
LogFormat "-" tests
ProxyPass "/" "http://127.0.0.1:@web@/"
ProxyPreserveHost On
CacheRoot "@root@/run"
CacheEnable disk "/"
CacheIgnoreQueryString On
CacheDefaultExpire 600
CacheIgnoreNoLastMod On
CacheHeader On
CacheQuickHandler Off
"""


def nginx(web):
    """A started nginx in front of this server."""
    return Service({"nginx.conf": NGINX}, ["/usr/sbin/nginx", "-c", "@root@/nginx.conf", "-p", "@root@",
                                           "-e", "@root@/error.log"], web=web.port)


def in_httpd(serve, web):
    """An httpd in front of this server, without mod_avcsec."""
    return serve(HTTPD, modules=httpd.USUAL + ["cache", "cache_disk"], avcsec="not at all", web=web.port)


def is_hit(answer):
    return "HIT" in answer.get("X-Cache", "")
