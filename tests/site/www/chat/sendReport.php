<?php
// SPDX-License-Identifier: Apache-2.0
//
// The media server passes on a user's report about another: POST ip, siteId, username,
// reason, description, roomId, roomName, reporter, webCamSnapURL, textChatSnapURL.
// Keeps who, why and where for the moderators.

declare(strict_types=1);

require __DIR__ . '/../../lib/calls.php';
require __DIR__ . '/../../lib/store.php';

only_post('&result=false');
$record = ['at' => time()];
foreach (['username' => 60, 'reason' => 60, 'description' => 500, 'roomName' => 60, 'reporter' => 60] as $name => $most) {
    $record[$name] = field($name, '[^\p{Cc}]{0,' . $most . '}', '&result=false');
}
$done = Store::add('reports', $record);
answer($done ? 200 : 500, $done ? '&result=true' : '&result=false');
