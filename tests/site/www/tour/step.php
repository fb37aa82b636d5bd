<?php
// SPDX-License-Identifier: Apache-2.0
//
// The tour's page asks here for a step: as=request for the request that the browser is to
// make itself; as=with to have it made from the step's own address; as=twin for what comes
// back from the same site without mod_avcsec.

declare(strict_types=1);

require __DIR__ . '/../../lib/tour.php';

$step = steps()[$_GET['id'] ?? ''] ?? null;
$as = $_GET['as'] ?? '';
if ($step === null || !in_array($as, ['request', 'with', 'twin'], true)) {
    http_response_code(404);
    exit;
}
$request = request_of($step);
$isRtmp = isset($step['request']['rtmp']);
$answer = match (true) {
    $as === 'request' => $request,
    $isRtmp => rtmp_ask($as === 'with' ? 'SITE_MEDIA_PORT' : 'SITE_OPEN_PORT', $request),
    default => ask((string) getenv($as === 'with' ? 'SITE_ADDRESS' : 'SITE_TWIN'), address_of($step['who']), $request),
};
header('Content-Type: application/json');
header('Cache-Control: no-store');
echo json_encode($answer, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR);
