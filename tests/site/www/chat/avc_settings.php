<?php
// SPDX-License-Identifier: Apache-2.0
//
// The settings of chat and admin client: GET admin=true for the admin client, userId.
// Answers a=b&key=value…, values percent-encoded. The id that bans go by is made of the
// address that the site believes its visitor to have, in the order that AVChat uses.

declare(strict_types=1);

require __DIR__ . '/../../lib/calls.php';

$settings = [
    'connectionstring' => 'rtmp://127.0.0.1/avchat30/_definst_',
    'welcomeMessage' => 'Welcome to Harbour Lights',
    'maxUploadFileSize' => '524288',
    'clientUniqueIdentifier' => $_SERVER['HTTP_CLIENT_IP'] ?? $_SERVER['HTTP_X_FORWARDED_FOR'] ?? $_SERVER['REMOTE_ADDR'],
];
if (($_GET['admin'] ?? '') === 'true') {
    $settings += ['adminCanKick' => '1', 'adminCanBan' => '1', 'adminCanSeeUsersIps' => '1'];
}
$text = 'a=b';
foreach ($settings as $name => $value) {
    $text .= "&$name=" . rawurlencode($value);
}
answer(200, $text);
