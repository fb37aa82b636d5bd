# SPDX-License-Identifier: Apache-2.0
# Token checks in httpd: the question of a media server to mod_avcsec, which counts in its file or
# in a Redis, and beside it to the least that any handler of httpd has to do.
import os
import subprocess

import httpd
import place
from server import Server

CHECKS = """
LoadModule floor_module "@home@/mod_floor.so"
<Location "/floor">
    SetHandler floor
</Location>
<Location "/check">
    SetHandler avcsec-admission
    AvcAdmission nginx-rtmp
    AvcMediaServer 127.0.0.1
</Location>
"""


def words_of(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.split()


def build_floor(where):
    """mod_floor.so in the run's directory."""
    flags = words_of("apxs", "-q", "CFLAGS") + words_of("apr-1-config", "--includes", "--cppflags")
    flags += ["-I" + words_of("apxs", "-q", "INCLUDEDIR")[0]]
    subprocess.run(["cc", "-O2", "-shared", "-fPIC"] + flags + [
        "-o", os.path.join(where.path, "mod_floor.so"), os.path.join(place.HERE, "mod_floor.c")],
        check=True)


def server(where, name="httpd checks", more=""):
    build_floor(where)
    return httpd.lean(where, name, extra=CHECKS + more)


def with_redis(where):
    redis = Server(where, "redis", {}, ["redis-server", "--bind", "127.0.0.1", "--port", "@port@",
                                        "--save", "", "--dir", "@root@/tmp"])
    made = server(where, "httpd checks redis", "AvcStore redis://127.0.0.1:%d\n" % redis.port)
    made.helpers = (redis,)
    return made
