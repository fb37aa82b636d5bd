<?php
// SPDX-License-Identifier: Apache-2.0
//
// Runs the tour's steps. A browser can't choose the address that it comes from, so for
// everyone but the visitor this script asks, from one of the addresses that a machine has
// for itself (127.0.0.0/8): the media server's, and one that stands for a stranger's. It
// sends the requests of steps.php and no other.

declare(strict_types=1);

require_once __DIR__ . '/config.php';
require_once __DIR__ . '/links.php';
require_once __DIR__ . '/rtmp.php';

const VISITOR = '127.0.0.1';
const STRANGER = '127.0.0.9';
const ANSWER_MAX = 600;

/** Every step of every chapter, by its id. */
function steps(): array
{
    $steps = [];
    foreach (require __DIR__ . '/steps.php' as $chapter) {
        foreach ($chapter['steps'] as $step) {
            $steps[$step['id']] = $step;
        }
    }
    return $steps;
}

/** A step's request with its link made now: method, path, headers, body. */
function request_of(array $step): array
{
    $request = $step['request'];
    if (isset($request['rtmp'])) {
        return rtmp_request(...$request['rtmp']);
    }
    $headers = $request['headers'] ?? [];
    if (isset($request['form'])) {
        $headers['Content-Type'] = 'application/x-www-form-urlencoded';
    }
    return [
        'method' => $request['method'] ?? 'GET',
        'path' => isset($request['link']) ? link_of(...$request['link']) : path_of($request['path']),
        'headers' => $headers,
        'body' => isset($request['form']) ? http_build_query($request['form']) : null,
    ];
}

function link_of(string $kind, string $name): string
{
    return match ($kind) {
        'signed' => file_link($name),
        'changed' => preg_replace_callback('/(~mac\.)(.)/', fn ($m) => $m[1] . ($m[2] === 'A' ? 'B' : 'A'), file_link($name)),
        'borrowed' => str_replace('harbour.jpg', $name, file_link('harbour.jpg')),
        'short' => file_link($name, ['expires' => 1]),
        'mine' => file_link($name, ['ip' => VISITOR]),
        'live' => live_link($name),
        'leaving' => live_link($name, ['id' => 'tour-' . bin2hex(random_bytes(8))]),
        'player' => chat_link($name),
        'folder' => preg_replace('~[^/]*$~', '', chat_link()) . "uploadedFiles/$name",
    };
}

/** {token} stands for one that the chat client has just got, {piece} for a piece of the live stream. */
function path_of(string $path): string
{
    if (str_contains($path, '{piece}')) {
        $playlist = (string) file_get_contents(getenv('SITE_ROOT') . '/live/evening.m3u8');
        return str_replace('{piece}', preg_match_all('/^.+\.ts$/m', $playlist, $found) ? $found[0][0] : '', $path);
    }
    if (!str_contains($path, '{token}')) {
        return $path;
    }
    $asked = ['method' => 'POST', 'path' => CHAT . '/token_request.php', 'body' => 'username=Zo%C3%AB',
        'headers' => ['Content-Type' => 'application/x-www-form-urlencoded']];
    parse_str(ask((string) getenv('SITE_ADDRESS'), VISITOR, $asked)['body'], $answer);
    return str_replace('{token}', rawurlencode((string) ($answer['token'] ?? '')), $path);
}

function address_of(string $who): string
{
    return match ($who) {
        'visitor', 'encoder' => VISITOR,
        'stranger' => STRANGER,
        'server' => explode(' ', (new Config())->parameter('$mediaserver'))[0],
    };
}

/** Ask a server (host:port) from an address of this machine. */
function ask(string $server, string $from, array $request): array
{
    $headers = ['Connection: close'];
    foreach ($request['headers'] as $name => $value) {
        $headers[] = "$name: $value";
    }
    $context = stream_context_create([
        'http' => ['method' => $request['method'], 'header' => $headers, 'content' => $request['body'] ?? '',
            'ignore_errors' => true, 'follow_location' => 0, 'timeout' => 10],
        'socket' => ['bindto' => "$from:0"],
    ]);
    $body = file_get_contents("http://$server{$request['path']}", false, $context);
    if ($body === false) {
        throw new RuntimeException("$server does not answer");
    }
    return answer_of($http_response_header, $body);
}

/** Status, headers by lower-case name, and the beginning of the body if it is text. */
function answer_of(array $lines, string $body): array
{
    $answer = ['status' => (int) (explode(' ', $lines[0])[1] ?? 0), 'headers' => []];
    foreach (array_slice($lines, 1) as $line) {
        [$name, $value] = explode(':', $line, 2) + [1 => ''];
        $answer['headers'][strtolower($name)] = trim($value);
    }
    $isText = mb_check_encoding($body, 'UTF-8');
    return $answer + ['body' => $isText ? mb_substr($body, 0, ANSWER_MAX) : strlen($body) . ' bytes'];
}
