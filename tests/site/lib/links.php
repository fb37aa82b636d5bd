<?php
// SPDX-License-Identifier: Apache-2.0
//
// The site's links. It knows a page key (AVC_PAGE_KEY), which signs links to files and
// nothing else; it never sees the server's key file.

declare(strict_types=1);

require_once __DIR__ . '/avcsec.php';

const CHAT = '/chat';

/** A link to one shared file, for an hour. */
function file_link(string $name, array $options = []): string
{
    return Avcsec::sign(CHAT . '/uploadedFiles/' . $name, $options + ['expires' => '1h']);
}

/** A link to the live stream, and with it to each of its pieces. */
function live_link(string $name, array $options = []): string
{
    return Avcsec::sign("/live/$name", $options + ['expires' => '1h', 'dir' => 1, 'carrier' => 'path']);
}

/** A link into the chat; what its page names relatively inherits the right to open. */
function chat_link(string $below = 'index.php'): string
{
    return Avcsec::sign(CHAT . '/' . $below, ['expires' => '1h', 'dir' => 1, 'carrier' => 'path']);
}
