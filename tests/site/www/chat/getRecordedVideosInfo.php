<?php
// SPDX-License-Identifier: Apache-2.0
//
// The media server tells of a recording that is done: POST streamName, siteId, username.

declare(strict_types=1);

require __DIR__ . '/../../lib/calls.php';
require __DIR__ . '/../../lib/store.php';

only_post('&result=false');
$done = Store::add('recordings', [
    'at' => time(),
    'stream' => field('streamName', '[A-Za-z0-9_.-]{1,128}', '&result=false'),
    'site' => field('siteId', '[A-Za-z0-9_.-]{0,64}', '&result=false'),
    'user' => field('username', '\P{C}{0,60}', '&result=false'),
]);
answer($done ? 200 : 500, $done ? '&result=true' : '&result=false');
