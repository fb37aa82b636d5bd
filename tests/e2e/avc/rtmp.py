# SPDX-License-Identifier: Apache-2.0
# A private nginx with Debian's RTMP module, which asks the web server about its clients, and the
# clients: ffmpeg as a broadcaster's encoder (OBS sends the same), ffmpeg and rtmpdump as players.
import os
import signal
import subprocess
import time

from . import httpd
from .service import Service

CONFIG = """
load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
daemon off;
master_process off;
pid @root@/nginx.pid;
error_log @root@/error.log info;
events { worker_connections 256; }
rtmp {
    access_log off;
    server {
        listen 127.0.0.1:@port@;
        chunk_size 4096;
        @server@
        application live {
            live on;
            wait_video off;
            @application@
        }
        application other {
            live on;
            @application@
        }
    }
}
"""

FORM = "application/x-www-form-urlencoded"


def form(call="play", addr="192.0.2.7", name="room7", app="live", more=""):
    """The body with which nginx-rtmp asks; what the client appended stands at the end."""
    return ("app=%s&flashver=LNX%%209,0,124,2&swfurl=&tcurl=rtmp://127.0.0.1:1935/live&pageurl="
            "&addr=%s&clientid=1&call=%s&name=%s&start=4294966296&duration=0&reset=0%s"
            % (app, addr, call, name, more))


class MediaServer(Service):
    """server and application: lines for nginx.conf; they may use @web@, the web server's port."""

    def __init__(self, web, server="", application="", port=None):
        text = CONFIG.replace("@server@", server).replace("@application@", application)
        super().__init__({"nginx.conf": text}, ["/usr/sbin/nginx", "-c", "@root@/nginx.conf", "-p", "@root@",
                                                "-e", "@root@/error.log"], port, web=web.port)

    def log(self):
        return self.printed("error.log")

    def url(self, app="live", query=""):
        return "rtmp://127.0.0.1:%d/%s%s" % (self.port, app, "?" + query if query else "")


class Broadcast:
    """Publishes a test picture as OBS does: server URL and stream key, joined by a slash."""

    def __init__(self, server_url, key):
        self.process = subprocess.Popen(
            ["ffmpeg", "-hide_banner", "-loglevel", "error", "-re", "-f", "lavfi", "-i",
             "testsrc=size=128x96:rate=10", "-t", "60", "-c:v", "flv", "-g", "5", "-f", "flv",
             server_url + "/" + key],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            start_new_session=True)

    def is_refused(self, patience=8):
        """The encoder gives up by itself, with an error."""
        try:
            return self.process.wait(patience) != 0
        except subprocess.TimeoutExpired:
            return False

    def stop(self):
        if self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
        return self.process.stderr.read().decode("utf-8", "replace")

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.stop()


def dump(server_url, stream, *options, patience=6):
    """(bytes of the stream, what rtmpdump printed); it is stopped once it has a picture."""
    path = os.path.join(httpd.home.path, "dump.flv")
    if os.path.exists(path):
        os.remove(path)
    with open(path + ".txt", "wb+") as printed:
        player = subprocess.Popen(
            ["rtmpdump", "-r", server_url, "-y", stream, "--live", "-m", str(patience), "-o", path]
            + list(options), stdin=subprocess.DEVNULL, stdout=printed, stderr=printed,
            start_new_session=True)
        deadline = time.time() + patience
        while player.poll() is None and size_of(path) < 5000 and time.time() < deadline:
            time.sleep(0.05)
        if player.poll() is None:
            os.kill(player.pid, signal.SIGKILL)
        player.wait()
        printed.seek(0)
        return size_of(path), printed.read().decode("utf-8", "replace")


def size_of(path):
    return os.path.getsize(path) if os.path.exists(path) else 0


def play(url, seconds=1):
    """Frames that ffmpeg decoded, and what it printed."""
    done = subprocess.run(
        ["ffmpeg", "-hide_banner", "-loglevel", "error", "-rw_timeout", "5000000",
         "-analyzeduration", "300000", "-probesize", "32768", "-i", url, "-t",
         str(seconds), "-f", "framemd5", "-"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=30)
    frames = [line for line in done.stdout.splitlines() if line and not line.startswith(b"#")]
    return len(frames), done.stderr.decode("utf-8", "replace")
