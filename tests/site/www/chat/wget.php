<?php
// SPDX-License-Identifier: Apache-2.0
//
// AVChat's script of this name fetches any address for whoever asks. This one only has
// the name, so that the tour can show that nobody reaches it.

declare(strict_types=1);

require __DIR__ . '/../../lib/calls.php';

answer(200, 'wget.php answers');
