# SPDX-License-Identifier: Apache-2.0
# A server behind that goes along with an upgrade to WebSocket, or answers something else; and a
# client that asks for one. After 101 each line of the client comes back in capitals.
import base64
import hashlib
import os
import socketserver
import threading

import h2.config
import h2.connection
import h2.events

from . import client


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        line = self.rfile.readline().decode()
        key = b""
        while (header := self.rfile.readline().strip()):
            name, _, value = header.partition(b":")
            key = value.strip() if name.lower() == b"sec-websocket-key" else key
        self.server.seen.append(line.strip())
        status = self.server.status
        if status == 101:
            digest = hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
            self.wfile.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                             b"Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n" %
                             base64.b64encode(digest))
            for text in self.rfile:
                self.wfile.write(text.upper())
        elif status:
            self.wfile.write(b"HTTP/1.1 %d Said\r\nContent-Length: 4\r\nConnection: close\r\n\r\nsaid" % status)


class Server(socketserver.ThreadingTCPServer):
    """status: of the next answer; 0: hangs up without one."""
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.port, self.status, self.seen = self.server_address[1], 101, []
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self.shutdown()
        self.server_close()


def upgrade(port, target, protocol="websocket", headers=(), **how):
    """Asks; the status, and what came back for one line that was sent behind a 101."""
    key = base64.b64encode(os.urandom(16)).decode()
    said = [("Upgrade", protocol), ("Connection", "Upgrade"), ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", key)] + list(headers)
    with client.connect(port, **how) as sock:
        sock.sendall(client.compose(target, headers=said))
        got = b""
        while b"\r\n\r\n" not in got:
            piece = sock.recv(4096)
            if not piece:
                break
            got += piece
        # mod_proxy_wstunnel has no headers left for an error of its own.
        status = int(got.split(b" ")[1]) if got.startswith(b"HTTP/") else 0
        if status != 101:
            return status, ""
        sock.sendall(b"hello\n")
        return status, sock.recv(100).decode().strip()


def connect_over_http2(port, target):
    """The same by RFC 8441: the status, 200 where the server behind said 101."""
    config = h2.config.H2Configuration(validate_outbound_headers=False, normalize_outbound_headers=False)
    state = h2.connection.H2Connection(config=config)
    with client.connect(port) as sock:
        def until(kind):
            while True:
                for event in state.receive_data(sock.recv(65536)):
                    if isinstance(event, kind):
                        return event
                sock.sendall(state.data_to_send())
        state.initiate_connection()
        sock.sendall(state.data_to_send())
        until(h2.events.RemoteSettingsChanged)
        state.send_headers(state.get_next_available_stream_id(), [
            (":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "http"), (":path", target),
            (":authority", "chat.example"), ("sec-websocket-version", "13")])
        sock.sendall(state.data_to_send())
        return int(dict(until(h2.events.ResponseReceived).headers)[b":status"])
