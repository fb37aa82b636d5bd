<?php
// SPDX-License-Identifier: Apache-2.0
//
// What the server's logs say. from=N: mod_avcsec's lines in the error log after byte N.
// count=1: how many links stand in the logs, with and without their signature.

declare(strict_types=1);

$logs = (string) getenv('SITE_LOGS');
header('Content-Type: application/json');
header('Cache-Control: no-store');
$answer = isset($_GET['count']) ? count_links($logs) : lines_after("$logs/error.log", (int) ($_GET['from'] ?? 0));
echo json_encode($answer, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_PRETTY_PRINT | JSON_INVALID_UTF8_SUBSTITUTE);

function count_links(string $logs): array
{
    $text = file_get_contents("$logs/access.log") . file_get_contents("$logs/error.log");
    return [
        'links with their signature' => preg_match_all('/mac\.[A-Za-z0-9_-]{43}/', $text),
        'links without it' => substr_count($text, 'mac.*'),
        'one of them' => preg_match('/"[A-Z]+ \S*mac\.\*\S*/', $text, $found) ? $found[0] : '',
    ];
}

function lines_after(string $path, int $from): array
{
    $text = (string) file_get_contents($path, false, null, $from);
    preg_match_all('/\bAVC\d{4}: .*/', $text, $found);
    return ['to' => $from + strlen($text), 'lines' => $found[0]];
}
