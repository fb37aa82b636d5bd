<?php
// SPDX-License-Identifier: Apache-2.0
//
// Runs batches of signing jobs, a line of JSON in and one out, with scripts/page/avcsec.php.
// Owns no expectation. {"$bytes": base64} in a job stands for bytes that JSON can't carry.

declare(strict_types=1);

require __DIR__ . '/../../scripts/page/avcsec.php';

function bytes(mixed $value): mixed
{
    if (!is_array($value)) {
        return $value;
    }
    return isset($value['$bytes']) ? base64_decode($value['$bytes']) : array_map('bytes', $value);
}

while (($line = fgets(STDIN)) !== false) {
    $answers = [];
    foreach (json_decode($line, true, 64, JSON_THROW_ON_ERROR) as $job) {
        ['call' => $call, 'path' => $path, 'options' => $options] = bytes($job);
        try {
            $answers[] = ['made' => Avcsec::$call($path, $options)];
        } catch (AvcsecError $error) {
            $answers[] = ['refused' => $error->getMessage()];
        }
    }
    echo json_encode($answers, JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE), "\n";
}
