<?php
// SPDX-License-Identifier: Apache-2.0
//
// The tour's encoder and player: ffmpeg, which comes to the media server as any encoder or
// player would, with the token that a step gives it or with none. An answer has the form of
// a web server's, with words for its status, and what ffmpeg showed for its body.

declare(strict_types=1);

const ON_AIR = 'let in';
const TURNED_AWAY = 'turned away';
const FFMPEG = ['/usr/bin/ffmpeg', '-nostdin', '-hide_banner', '-loglevel', 'error'];

/** The request of a step as it is shown: what is done, and where. */
function rtmp_request(string $what, string $stream, string $key): array
{
    $token = $key === '' ? '' : '?avc=' . getenv($key);
    return ['method' => $what, 'path' => rtmp_url('SITE_MEDIA_PORT', $stream . $token), 'headers' => [], 'body' => null];
}

function rtmp_url(string $port, string $stream): string
{
    return 'rtmp://127.0.0.1:' . getenv($port) . "/live/$stream";
}

/** What comes of a step's request at the media server that listens at $port. */
function rtmp_ask(string $port, array $request): array
{
    $stream = substr(strrchr($request['path'], '/'), 1);
    $url = rtmp_url($port, $stream);
    $way = $request['method'] === 'PUBLISH'
        ? ['-f', 'lavfi', '-i', 'testsrc=size=64x48:rate=10', '-t', '0.5', '-c:v', 'flv', '-f', 'flv', $url]
        : ['-rw_timeout', '5000000', '-analyzeduration', '300000', '-i', $url, '-frames:v', '1', '-f', 'null', '-'];
    $process = proc_open([...FFMPEG, ...$way], [['file', '/dev/null', 'r'], ['file', '/dev/null', 'w'], ['pipe', 'w']], $pipes);
    $shown = stream_get_contents($pipes[2]);
    $isIn = proc_close($process) === 0;
    return ['status' => $isIn ? ON_AIR : TURNED_AWAY, 'headers' => [], 'body' => trim(preg_replace('/\?avc=\S+:/', ':', $shown))];
}
