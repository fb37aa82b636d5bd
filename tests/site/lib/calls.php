<?php
// SPDX-License-Identifier: Apache-2.0
//
// What the scripts that the media server calls have in common: reading a field of a
// given shape, and answering in the media server's own form. Anything of another
// shape is answered with a refusal; nothing that was sent is ever echoed.

declare(strict_types=1);

/** The field $name of a form, if it has that shape; else the request ends with 400. */
function field(string $name, string $shape, string $refusal): string
{
    $value = $_POST[$name] ?? null;
    if (!is_string($value) || !preg_match('/\A(?:' . $shape . ')\z/u', $value)) {
        answer(400, $refusal);
    }
    return $value;
}

function only_post(string $refusal): void
{
    if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
        header('Allow: POST');
        answer(405, $refusal);
    }
}

function answer(int $status, string $text): never
{
    http_response_code($status);
    header('Content-Type: text/plain; charset=utf-8');
    header('X-Content-Type-Options: nosniff');
    header('Cache-Control: no-store');
    echo $text;
    exit;
}
