// SPDX-License-Identifier: Apache-2.0
//
// As much of RTMP as it takes to be let in or turned away: handshake, one "connect", and the
// answer. Flash has NetConnection for this, which Ruffle lacks; so it goes over a plain socket.
// It plays and publishes nothing, and reads no further than the answer.

import flash.events.Event;
import flash.events.ProgressEvent;
import flash.net.ObjectEncoding;
import flash.net.Socket;
import flash.utils.ByteArray;

class Rtmp {
    static inline var PACKET = 1536;
    static inline var CHUNK = 128;
    static inline var SET_CHUNK_SIZE = 1;
    static inline var COMMAND = 20;

    final socket = new Socket();
    final arrived = new ByteArray();
    final command: Dynamic;
    final tell: String -> Void;
    var incomingChunk = CHUNK;
    var isGreeted = false;
    var isOver = false;

    /** Connects; tell gets NetConnection's code, "refused" with a description, or "closed". */
    public function new(host: String, port: Int, app: String, tell: String -> Void) {
        this.tell = tell;
        command = {app: app, tcUrl: 'rtmp://$host:$port/$app', flashVer: "Haxe", objectEncoding: 0};
        socket.addEventListener(Event.CONNECT, _ -> greet());
        socket.addEventListener(ProgressEvent.SOCKET_DATA, _ -> read());
        socket.addEventListener(Event.CLOSE, _ -> end("closed"));
        socket.addEventListener(flash.events.IOErrorEvent.IO_ERROR, e -> end(e.text));
        socket.addEventListener(flash.events.SecurityErrorEvent.SECURITY_ERROR, e -> end(e.text));
        socket.connect(host, port);
    }

    function end(word: String) {
        if (isOver) return;
        isOver = true;
        tell(word);
    }

    function greet() {
        final hello = bytes();
        hello.writeByte(3);
        hello.length += PACKET;
        send(hello);
    }

    function read() {
        socket.readBytes(arrived, arrived.length);
        if (!isGreeted && arrived.bytesAvailable >= 1 + 2 * PACKET) answerGreeting();
        while (isGreeted && !isOver && readMessage()) {}
    }

    function answerGreeting() {
        isGreeted = true;
        final echo = bytes();
        echo.writeBytes(arrived, 1, PACKET);
        send(echo);
        arrived.position = 1 + 2 * PACKET;
        sendCommand();
    }

    function sendCommand() {
        final body = bytes();
        for (word in (["connect", 1, command] : Array<Dynamic>)) body.writeObject(word);
        final length: Int = body.length;
        final message = bytes();
        for (byte in [3, 0, 0, 0, 0, length >> 8, length & 255, COMMAND, 0, 0, 0, 0])
            message.writeByte(byte);
        for (number in 0...Math.ceil(length / CHUNK)) {
            final at = number * CHUNK;
            if (at > 0) message.writeByte(0xC3);
            message.writeBytes(body, at, Std.int(Math.min(CHUNK, length - at)));
        }
        send(message);
    }

    /** One message whose header is a whole one, as all are before the answer; false: not all here yet. */
    function readMessage(): Bool {
        final start = arrived.position;
        if (arrived.bytesAvailable < 12) return false;
        var missing = arrived[start + 4] << 16 | arrived[start + 5] << 8 | arrived[start + 6];
        final kind = arrived[start + 7];
        final body = bytes();
        arrived.position = start + 12;
        while (missing > 0) {
            final piece = Std.int(Math.min(incomingChunk, missing));
            final lead = body.length > 0 ? 1 : 0;
            final here: Int = arrived.bytesAvailable;
            if (here < lead + piece) {
                arrived.position = start;
                return false;
            }
            arrived.position += lead;
            arrived.readBytes(body, body.length, piece);
            missing -= piece;
        }
        take(kind, body);
        return true;
    }

    function take(kind: Int, body: ByteArray) {
        body.position = 0;
        if (kind == SET_CHUNK_SIZE) incomingChunk = body.readInt();
        if (kind != COMMAND) return;
        final word: String = body.readObject();
        body.readObject();
        body.readObject();
        final status: Dynamic = body.readObject();
        end(word == "_result" ? status.code : 'refused: ${status.description}');
    }

    function send(what: ByteArray) {
        socket.writeBytes(what);
        socket.flush();
    }

    static function bytes(): ByteArray {
        final fresh = new ByteArray();
        fresh.objectEncoding = ObjectEncoding.AMF0;
        fresh.position = 0;
        return fresh;
    }
}
