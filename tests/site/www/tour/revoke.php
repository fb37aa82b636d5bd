<?php
// SPDX-License-Identifier: Apache-2.0
//
// Takes back one of the tour's own tokens, by its id, as the site's owner would do it: with
// the command. POST id. It takes back nothing else.

declare(strict_types=1);

require __DIR__ . '/../../lib/calls.php';

only_post('only by POST');
$id = field('id', 'tour-[0-9a-f]{16}', 'no such id');
$root = (string) getenv('SITE_ROOT');
$command = ["$root/bin/avcsec", 'revoke', '--file', "$root/conf/revoked", '--id', $id];
$process = proc_open($command, [['file', '/dev/null', 'r'], ['file', '/dev/null', 'w'], ['file', '/dev/null', 'w']], $pipes);
proc_close($process) === 0 ? answer(200, 'taken back') : answer(500, 'not taken back');
