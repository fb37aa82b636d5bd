<?php
// SPDX-License-Identifier: Apache-2.0
//
// The media server tells who is in which room: POST xml, nr_of_users, instance.
// Keeps names and rooms for the site's front page; users' addresses are not kept.

declare(strict_types=1);

require __DIR__ . '/../../lib/calls.php';
require __DIR__ . '/../../lib/store.php';

const XML_MAX = 262144;

only_post('&result=false');
field('instance', '[A-Za-z0-9_.-]{1,64}', '&result=false');
$count = (int) field('nr_of_users', '[0-9]{1,6}', '&result=false');
$xml = $_POST['xml'] ?? '';
if (!is_string($xml) || strlen($xml) > XML_MAX || !str_starts_with(ltrim($xml), '<rooms>')) {
    answer(400, '&result=false');
}
$done = Store::put('users', ['count' => $count, 'rooms' => rooms($xml), 'at' => time()]);
answer($done ? 200 : 500, $done ? '&result=true' : '&result=false');

/** Room names with their users' names. The list is small and flat, so no XML library is asked. */
function rooms(string $xml): array
{
    $rooms = [];
    preg_match_all('~<room\b([^>]*)>(.*?)</room>~s', $xml, $found, PREG_SET_ORDER);
    foreach ($found as [, $attributes, $inside]) {
        preg_match_all('~<user\b([^>]*)>~', $inside, $users);
        $rooms[] = ['name' => name($attributes), 'users' => array_map('name', $users[1])];
    }
    return $rooms;
}

function name(string $attributes): string
{
    preg_match('~\bname="([^"]*)"~', $attributes, $found);
    return mb_substr(html_entity_decode($found[1] ?? '', ENT_QUOTES | ENT_XML1, 'UTF-8'), 0, 60);
}
