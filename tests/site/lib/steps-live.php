<?php
// SPDX-License-Identifier: Apache-2.0
//
// The chapter of the tour about live video and the old client; steps.php says how to read it.
// A request "rtmp" is an encoder's or a player's: what is done, the stream, and the name of
// the variable with its key.

declare(strict_types=1);

require_once __DIR__ . '/rtmp.php';

$live = ['AvcFiles "${SITE_ROOT}/live"'];
$asks = ['SetHandler avcsec-admission', 'AvcAdmission', 'AvcMediaServer 127.0.0.1'];
$away = fn (string $reason): array => ['status' => TURNED_AWAY, 'has' => 'Input/output error', 'reason' => $reason];
$in = ['status' => ON_AIR];

return [
    'id' => 'live', 'title' => 'Live video, and who may connect', 'picture' => 'live',
    'intro' => 'A real media server stands behind this site: nginx with its RTMP module. It asks the web server about '
        . 'everyone who wants to broadcast, to play or to connect, and makes HLS of what is on the air, into a folder that '
        . 'no web server shows. “Without” is a media server that asks nobody.',
    'steps' => [
        ['id' => 'live-show', 'who' => 'visitor', 'title' => 'Watching, by a signed link',
            'use' => 'An encoder broadcasts with its stream key; hls.js plays. The link is signed for the whole folder, '
                . 'so the player gets at every piece of the film.',
            'so' => 'The film runs.',
            'request' => ['link' => ['live', 'evening.m3u8']],
            'with' => ['status' => 200, 'has' => '#EXTM3U', 'shows' => 'live'], 'twin' => null, 'lines' => $live],
        ['id' => 'live-bare', 'who' => 'visitor', 'title' => 'Watching without a link',
            'try' => 'Takes the address of the stream from the page and puts it on another site, at your expense.',
            'so' => 'Refused: there is no playlist to be had.',
            'request' => ['path' => '/live/evening.m3u8'],
            'with' => ['status' => 403, 'reason' => 'no-token'],
            'twin' => ['status' => 200, 'has' => '#EXTM3U'], 'lines' => $live],
        ['id' => 'live-piece', 'who' => 'visitor', 'title' => 'A piece of the film, past the playlist',
            'try' => 'Counts: evening-1.ts, evening-2.ts. Often only the playlist is guarded.',
            'so' => 'Refused as well.',
            'request' => ['path' => '/live/{piece}'],
            'with' => ['status' => 403, 'reason' => 'no-token'], 'twin' => ['status' => 200], 'lines' => $live],
        ['id' => 'live-revoked', 'who' => 'visitor', 'title' => 'A viewer is shown the door',
            'use' => 'Somebody who is watching has to go. The owner takes that token back, by “avcsec revoke”, while the film runs.',
            'so' => 'Within 15 seconds no further piece comes, and the film stops. Everybody else goes on watching.',
            'request' => ['link' => ['leaving', 'evening.m3u8']],
            'with' => ['status' => 200, 'has' => '#EXTM3U', 'shows' => 'revoked', 'reason' => 'revoked', 'often' => true],
            'twin' => null, 'lines' => ['AvcRevocations', ...$live]],
        ['id' => 'live-publish', 'who' => 'encoder', 'title' => 'Broadcasting without a key',
            'try' => 'Knows the server and the name of a room, and broadcasts into it.',
            'so' => 'Turned away: the encoder shows an error.',
            'request' => ['rtmp' => ['PUBLISH', 'harbour', '']],
            'with' => $away('no-token'), 'twin' => $in, 'lines' => $asks],
        ['id' => 'live-room', 'who' => 'encoder', 'title' => 'Broadcasting with the key of another room',
            'try' => 'Has a key, for “evening”, and comes with it to the room “harbour”.',
            'so' => 'Turned away: a stream key says for which room it is.',
            'request' => ['rtmp' => ['PUBLISH', 'harbour', 'SITE_KEY_OF_ANOTHER_ROOM']],
            'with' => $away('room'), 'twin' => $in, 'lines' => $asks],
        ['id' => 'live-act', 'who' => 'encoder', 'title' => 'Broadcasting with a viewer’s token',
            'try' => 'May watch, and takes that token for a stream key.',
            'so' => 'Turned away: a token says what it is for.',
            'request' => ['rtmp' => ['PUBLISH', 'harbour', 'SITE_KEY_TO_WATCH']],
            'with' => $away('act'), 'twin' => $in, 'lines' => $asks],
        ['id' => 'live-past', 'who' => 'encoder', 'title' => 'Recording from the media server itself',
            'try' => 'Leaves the web site aside and asks the media server for the stream, with a program such as rtmpdump.',
            'so' => 'Turned away: the media server asks here first.',
            'request' => ['rtmp' => ['PLAY', 'evening', '']],
            'with' => $away('no-token'), 'twin' => $in, 'lines' => $asks],
        ['id' => 'live-swf', 'who' => 'visitor', 'title' => 'The old client: a SWF',
            'use' => 'Its page has a token for one connection in it, in FlashVars. The SWF, run by Ruffle, connects with it: once, '
                . 'and then once more with the same.',
            'so' => 'Let in the first time, and hung up on the second: whoever copies the token from the page comes too late.',
            'request' => ['link' => ['player', 'player.shtml']],
            'with' => ['status' => 200, 'has' => 'token=avc1~', 'shows' => 'swf', 'reason' => 'used-up'], 'twin' => null,
            'lines' => ['AvcTokenEnv', ...$asks]],
    ],
];
