# SPDX-License-Identifier: Apache-2.0
# A small HTTP server behind httpd's proxy: records each request as it arrived (line, headers,
# body) and answers what the test laid out for its path. It looks at nothing else.
import socketserver
import threading
from http.server import BaseHTTPRequestHandler


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        self.server.seen.append((self.requestline, list(self.headers.items()), body))
        status, headers, content = self.server.answers.get(
            self.path.split("?")[0], (200, [], b"from behind"))
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        if status not in (204, 304):
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD" and status not in (204, 304):
            self.wfile.write(content)

    def __getattr__(self, name):
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def log_message(self, *args):
        pass


class Backend(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.port = self.server_address[1]
        self.seen = []
        self.answers = {}
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def last(self):
        """(request line, {lower-case header: value}, body) of the last request."""
        line, headers, body = self.seen[-1]
        return line, {name.lower(): value for name, value in headers}, body

    def close(self):
        self.shutdown()
        self.server_close()
