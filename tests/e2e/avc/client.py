# SPDX-License-Identifier: Apache-2.0
# Clients that send exactly what they are told: a raw socket for HTTP/0.9 to 1.1 (no
# normalising, malformed on purpose, any source address of 127.0.0.0/8) and curl for HTTP/2.
# They judge nothing.
import socket
import ssl
import subprocess

from . import settings

# Believes any certificate: nobody signed that of these tests. It does not read the machine's
# list of authorities, which would take longer than all the rest of a request.
TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
TLS.check_hostname = False
TLS.verify_mode = ssl.CERT_NONE


class Response:
    """Status, headers in order, body. status is 0 for HTTP/0.9 and 'no answer'."""

    def __init__(self, status, headers, body, version="", interim=()):
        self.status = status
        self.headers = headers
        self.body = body
        self.version = version
        self.interim = interim

    def all(self, name):
        return [v for n, v in self.headers if n.lower() == name.lower()]

    def get(self, name, default=None):
        """A header's value; two lines of one name come joined, as a cache would read them."""
        values = self.all(name)
        return ", ".join(values) if values else default

    def words(self, name):
        """The comma-separated words of a header, lower case."""
        return [w.strip().lower() for w in (self.get(name) or "").split(",") if w.strip()]

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    def __repr__(self):
        return "<%s %r %r>" % (self.status, self.headers, self.body[:300])


def unchunk(data):
    out = b""
    while data:
        size, _, rest = data.partition(b"\r\n")
        count = int(size.split(b";")[0], 16)
        if count == 0:
            return out
        out += rest[:count]
        data = rest[count + 2:]
    return out


def parse(data):
    """Reads a whole answer; interim 1xx answers are collected in front of the final one."""
    interim = []
    while True:
        if not data.startswith(b"HTTP/"):
            return Response(0, [], data, interim=interim)
        head, _, body = data.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        version, status = lines[0].split(" ")[:2]
        headers = [tuple(p.strip() for p in line.split(":", 1)) for line in lines[1:] if ":" in line]
        if 100 <= int(status) < 200 and status != "101":
            interim.append(int(status))
            data = body
            continue
        answer = Response(int(status), headers, body, version, interim)
        if "chunked" in answer.words("Transfer-Encoding"):
            answer.body = unchunk(body)
        return answer


def connect(port, source=None, tls=False, timeout=None, address="127.0.0.1", mss=None):
    """A connection; mss makes its segments as small as those of real networks."""
    sock = socket.socket()
    sock.settimeout(timeout or 15 * settings.PATIENCE)
    if mss:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, mss)
    if source:
        sock.bind((source, 0))
    sock.connect((address, port))
    if tls:
        sock = TLS.wrap_socket(sock, server_hostname="chat.example")
    return sock


def read_all(sock):
    pieces = []
    while True:
        try:
            piece = sock.recv(65536)
        except (ConnectionResetError, ssl.SSLEOFError):
            break
        if not piece:
            break
        pieces.append(piece)
    return b"".join(pieces)


def exchange(port, data, **how):
    """Sends bytes, half-closes nothing, reads until the server closes."""
    with connect(port, **how) as sock:
        try:
            sock.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass
        return read_all(sock)


def compose(target, method="GET", headers=(), body=b"", version="1.1", host="chat.example"):
    """The bytes of one request; target and headers go out as they are."""
    if isinstance(target, str):
        target = target.encode("utf-8")
    lines = [method.encode() + b" " + target + b" HTTP/" + version.encode()]
    if host is not None:
        lines.append(b"Host: " + host.encode())
    for name, value in headers:
        lines.append(name.encode() + b": " + (value if isinstance(value, bytes)
                                              else value.encode("utf-8")))
    names = {name.lower() for name, _ in headers}
    if body and "content-length" not in names and "transfer-encoding" not in names:
        lines.append(b"Content-Length: %d" % len(body))
    if "connection" not in names:
        lines.append(b"Connection: close")
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def request(port, target, method="GET", headers=(), body=b"", version="1.1",
            host="chat.example", **how):
    return parse(exchange(port, compose(target, method, headers, body, version, host), **how))


def http09(port, target, **how):
    return exchange(port, b"GET " + target.encode() + b"\r\n", **how)


def curl(port, target, *options, scheme="http", host="chat.example", source=None):
    """One request with curl, target as it is; returns the last answer of its dialogue."""
    command = ["curl", "-sS", "-i", "-k", "--path-as-is", "--globoff", "-m", str(20 * settings.PATIENCE),
               "--resolve", "%s:%d:127.0.0.1" % (host, port), "--suppress-connect-headers"]
    if source:
        command += ["--interface", source]
    command += list(options) + ["%s://%s:%d%s" % (scheme, host, port, target)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.returncode == 0, "curl: %s" % done.stderr.decode()
    return parse_curl(done.stdout)


def parse_curl(data):
    """curl -i prints HTTP/2 heads too, dechunks, and shows interim answers first."""
    interim = []
    while True:
        head, _, body = data.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        status = int(lines[0].split(" ")[1])
        headers = [tuple(p.strip() for p in line.split(":", 1)) for line in lines[1:] if ":" in line]
        if 100 <= status < 200:
            interim.append(status)
            data = body
            continue
        return Response(status, headers, body, lines[0].split(" ")[0], interim)
