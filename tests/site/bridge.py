#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Takes bytes from a WebSocket to a TCP port of this machine and back: bridge.py PORT TARGET-PORT

A page cannot open a TCP connection, so Ruffle reaches the media server through this. It listens
on 127.0.0.1, knows one target, and neither reads nor changes what goes through: whether somebody
may connect is the media server's question, as for everybody else.
"""

import asyncio
import base64
import hashlib
import sys

ACCEPT = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, 1.3
BINARY, CLOSE = 0x82, 0x88


async def shake_hands(reader, writer):
    lines = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
    headers = dict(line.split(b": ", 1) for line in lines[1:] if b": " in line)
    key = {name.lower(): value for name, value in headers.items()}[b"sec-websocket-key"]
    answer = base64.b64encode(hashlib.sha1(key + ACCEPT).digest())
    writer.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                 b"Connection: Upgrade\r\nSec-WebSocket-Accept: " + answer + b"\r\n\r\n")


async def read_frame(reader):
    """(opcode, payload); what a browser sends is masked."""
    first, size = await reader.readexactly(2)
    size &= 0x7F
    if size > 125:
        size = int.from_bytes(await reader.readexactly(2 if size == 126 else 8), "big")
    mask = await reader.readexactly(4)
    payload = await reader.readexactly(size)
    return first & 0x0F, bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


async def to_media(browser, media):
    while True:
        opcode, payload = await read_frame(browser)
        if opcode == CLOSE & 0x0F:
            return
        media.write(payload)
        await media.drain()


async def to_browser(media, browser):
    while data := await media.read(4096):
        size = bytes([len(data)]) if len(data) < 126 else b"\x7e" + len(data).to_bytes(2, "big")
        browser.write(bytes([BINARY]) + size + data)
        await browser.drain()
    browser.write(bytes([CLOSE, 0]))
    await browser.drain()


async def carry(reader, writer, target):
    outward = None
    try:
        await shake_hands(reader, writer)
        inward, outward = await asyncio.open_connection("127.0.0.1", target)
        ways = [asyncio.create_task(way) for way in (to_media(reader, outward), to_browser(inward, writer))]
        _, open_ways = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in open_ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
    except (OSError, asyncio.IncompleteReadError, KeyError):
        pass  # one of the two went away, or it was no WebSocket
    finally:
        for end in (writer, outward):
            if end:
                end.close()


async def main():
    port, target = (int(word) for word in sys.argv[1:3])
    server = await asyncio.start_server(lambda r, w: carry(r, w, target), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
