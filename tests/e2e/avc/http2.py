# SPDX-License-Identifier: Apache-2.0
# HTTP/2 frame by frame, over a plain connection: a client that goes on sending whatever it is told,
# and that knows what came and when.
import struct
import time

from . import client

DATA, HEADERS, RST_STREAM, SETTINGS, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 7, 8
END_STREAM, END_HEADERS, ACK = 1, 4, 1
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def literal(text):
    data = text.encode()
    assert len(data) < 127
    return bytes([len(data)]) + data


def field(name, value):
    """Never indexed, never compressed."""
    return b"\x00" + literal(name) + literal(value)


class Stream:
    """What was received for one request: (seconds since it was sent, kind, flags, payload)."""

    def __init__(self):
        self.begun, self.frames = time.monotonic(), []

    def has(self, kind, flags=0):
        return any(k == kind and f & flags == flags for _, k, f, _ in self.frames)

    def when(self, kind):
        return [at for at, k, _, _ in self.frames if k == kind]

    def reset_code(self):
        codes = [struct.unpack(">I", data)[0] for _, kind, _, data in self.frames if kind == RST_STREAM]
        return codes[0] if codes else None


class Connection:
    def __init__(self, port):
        self.sock = client.connect(port)
        self.sock.sendall(PREFACE + frame(SETTINGS, 0, 0))
        self.next, self.streams, self.rest = 1, {}, b""
        self.window = 65535

    def begin(self, path, method="POST", body_follows=True):
        """Sends the head of a request; its stream's number."""
        number, self.next = self.next, self.next + 2
        head = b"".join(field(*pair) for pair in (
            (":method", method), (":scheme", "http"), (":authority", "chat.example"), (":path", path)))
        self.streams[number] = Stream()
        self.sock.sendall(frame(HEADERS, END_HEADERS | (0 if body_follows else END_STREAM), number, head))
        return number

    def send(self, number, data, is_last=False):
        self.sock.sendall(frame(DATA, END_STREAM if is_last else 0, number, data))

    def receive(self, seconds):
        """Takes in what comes within this time; False once the connection is closed."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.sock.settimeout(max(0.001, end - time.monotonic()))
            try:
                data = self.sock.recv(65536)
            except TimeoutError:
                break
            if not data:
                return False
            self.rest += data
            self.take()
        return True

    def take(self):
        while len(self.rest) >= 9:
            length = int.from_bytes(self.rest[:3], "big")
            if len(self.rest) < 9 + length:
                return
            kind, flags, number = struct.unpack(">BBI", self.rest[3:9])
            payload, self.rest = self.rest[9:9 + length], self.rest[9 + length:]
            if kind == SETTINGS and not flags & ACK:
                self.sock.sendall(frame(SETTINGS, ACK, 0))
            if number in self.streams:
                stream = self.streams[number]
                stream.frames.append((time.monotonic() - stream.begun, kind, flags, payload))

    def close(self):
        self.sock.close()
