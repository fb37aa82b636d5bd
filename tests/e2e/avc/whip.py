# SPDX-License-Identifier: Apache-2.0
# A media server's HTTP side that believes everybody: WHIP and WHEP as RFC 9725 has them (POST
# opens, PATCH and DELETE go on at the session's URL), upgrades to WebSocket, and a page.
import http.server
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, headers=(), body=b""):
        length = int(self.headers.get("Content-Length") or 0)
        self.server.seen.append((self.command, self.path, dict(self.headers), self.rfile.read(length)))
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.headers.get("Upgrade", "").lower() == "websocket":
            self.answer(101, [("Upgrade", "websocket"), ("Connection", "Upgrade")])
            self.close_connection = True
        else:
            self.answer(200, body=b"status")

    def do_POST(self):
        self.answer(201, [("Location", self.server.base + self.path.split("?")[0] + "/session1"),
                          ("ETag", '"e"'), ("Content-Type", "application/sdp"),
                          ("Link", '<stun:stun.example>; rel="ice-server"')], b"v=0 answer")

    def do_PATCH(self):
        self.answer(204)

    def do_DELETE(self):
        self.answer(200)

    def do_OPTIONS(self):
        self.answer(200, [("Accept-Post", "application/sdp")])

    def log_message(self, *_):
        pass


class WhipServer(http.server.ThreadingHTTPServer):
    """base: what stands in front of a session's path, "" or "http://host:port"."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.port, self.seen, self.base = self.server_port, [], ""
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self.shutdown()
        self.server_close()
