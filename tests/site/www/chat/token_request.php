<?php
// SPDX-License-Identifier: Apache-2.0
//
// The chat client asks for a token before it connects: POST username. The token is
// random, for one use, and over after 30 seconds; what is kept is only its hash.

declare(strict_types=1);

require __DIR__ . '/../../lib/calls.php';

only_post('token=&writesuccess=false');
field('username', '\P{C}{1,60}', 'token=&writesuccess=false');
$token = bin2hex(random_bytes(16));
$kept = file_put_contents(__DIR__ . '/tokens/' . hash('sha256', $token), (string) time());
answer(200, "token=$token&writesuccess=" . ($kept === false ? 'false' : 'true'));
