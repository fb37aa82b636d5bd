<?php
// SPDX-License-Identifier: Apache-2.0
//
// The media server asks whether a token is right: GET token, and fms for those that
// want the answer as a variable. The body is exactly true or false. A token is good
// once: whoever removes its file first has used it.

declare(strict_types=1);

require __DIR__ . '/../../lib/calls.php';

const SECONDS = 30;

$token = $_GET['token'] ?? '';
$right = is_string($token) && preg_match('/\A[0-9a-f]{32}\z/', $token) && is_used_now($token);
answer(200, (isset($_GET['fms']) ? '&res=' : '') . ($right ? 'true' : 'false'));

function is_used_now(string $token): bool
{
    $path = __DIR__ . '/tokens/' . hash('sha256', $token);
    if (!is_file($path)) {
        return false;
    }
    $made = (int) file_get_contents($path);
    return unlink($path) && $made > time() - SECONDS;
}
