<?php
// SPDX-License-Identifier: Apache-2.0
//
// The chat client sends a file: POST multipart, field Filedata. Keeps pictures and text
// under a name of its own making, in the private directory. Answers in the client's form.

declare(strict_types=1);

require __DIR__ . '/../../lib/calls.php';
require __DIR__ . '/../../lib/store.php';

const BYTES_MAX = 524288;
const KINDS = ['jpg', 'jpeg', 'png', 'gif', 'webp', 'txt'];

only_post('?result=fail');
$file = $_FILES['Filedata'] ?? null;
if (!is_array($file) || $file['error'] !== UPLOAD_ERR_OK || $file['size'] > BYTES_MAX) {
    answer(400, '?result=fail');
}
$kind = strtolower(pathinfo((string) $file['name'], PATHINFO_EXTENSION));
if (!in_array($kind, KINDS, true)) {
    answer(200, '?result=notallowed');
}
$name = bin2hex(random_bytes(8)) . '.' . $kind;
if (!move_uploaded_file($file['tmp_name'], Store::uploads() . '/' . $name)) {
    answer(500, '?result=fail');
}
answer(200, '?result=success&fileurl=uploadedFiles/' . $name);
