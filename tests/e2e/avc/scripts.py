# SPDX-License-Identifier: Apache-2.0
# PHP scripts that several tests plant: one that shows everything it was told, so that a test can
# look for what must not be there.

# All of $_SERVER, $_GET, $_COOKIE and the headers as JSON.
SHOW = """<?php
header('Content-Type: application/json');
echo json_encode(['server' => $_SERVER, 'get' => $_GET, 'cookie' => $_COOKIE,
                  'env' => getenv(), 'body' => file_get_contents('php://input')],
                 JSON_INVALID_UTF8_SUBSTITUTE);
"""
