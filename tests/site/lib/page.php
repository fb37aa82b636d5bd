<?php
// SPDX-License-Identifier: Apache-2.0
//
// What every page of the site shares: escaping, safety headers, head and foot.
// It sends no script or style but the site's own, and loads nothing from elsewhere.

declare(strict_types=1);

function e(string $text): string
{
    return htmlspecialchars($text, ENT_QUOTES | ENT_SUBSTITUTE, 'UTF-8');
}

/** Start a page; $active is the entry of the menu that is the page itself. */
function page_head(string $title, string $active, string $script = ''): void
{
    header('Content-Type: text/html; charset=utf-8');
    header("Content-Security-Policy: default-src 'none'; img-src 'self'; media-src 'self' blob:; frame-src 'self'; "
        . "style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; "
        . "base-uri 'none'; frame-ancestors 'none'");
    header('X-Content-Type-Options: nosniff');
    header('Referrer-Policy: strict-origin-when-cross-origin');
    header('Cache-Control: no-store');
    echo "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n",
        '<meta name="viewport" content="width=device-width, initial-scale=1">', "\n",
        '<meta name="color-scheme" content="light dark">', "\n",
        '<title>', e($title), "</title>\n",
        '<link rel="icon" href="/assets/lighthouse.svg" type="image/svg+xml">', "\n",
        '<link rel="stylesheet" href="/assets/site.css">', "\n",
        $script === '' ? '' : '<script src="' . e($script) . "\" type=\"module\"></script>\n",
        "</head>\n<body>\n",
        '<a class="skip" href="#main">Skip to the content</a>', "\n";
    page_menu($active);
    echo "<main id=\"main\">\n";
}

function page_menu(string $active): void
{
    echo '<header class="bar"><a class="brand" href="/">',
        '<svg viewBox="0 0 24 24" width="26" height="26" aria-hidden="true">',
        '<path d="M10 8h4l1.500 13h-7z" fill="#f6efe3"/><path d="M9.300 13.500h5.400l.35 3h-6.100z" fill="#d1495b"/>',
        '<rect x="10" y="5" width="4" height="3" fill="#ffd166"/><path d="M9.500 5 12 2.500 14.500 5z" fill="#d1495b"/>',
        '<path d="M14 6.200 23 3v7z" fill="#ffd166" opacity=".55"/></svg>Harbour Lights</a><nav aria-label="Site"><ul>';
    foreach (['/' => 'Home', '/tour/' => 'Security tour'] as $href => $name) {
        echo '<li><a href="', $href, '"', $name === $active ? ' aria-current="page"' : '', '>', $name, '</a></li>';
    }
    echo "</ul></nav></header>\n";
}

function page_foot(): void
{
    echo "</main>\n<footer class=\"foot\"><p>A small site that shows mod_avcsec. It runs on this machine only, ",
        "loads nothing from elsewhere, and is gone when the demo ends.</p></footer>\n</body>\n</html>\n";
}
