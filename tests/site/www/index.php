<?php
// SPDX-License-Identifier: Apache-2.0
//
// The site's front page: who is in the chat, as the media server has told, and what was
// shared there, by links that are signed as the page is made.

declare(strict_types=1);

require __DIR__ . '/../lib/page.php';
require __DIR__ . '/../lib/links.php';
require __DIR__ . '/../lib/store.php';

const PICTURES = [
    'harbour.jpg' => ['Evening at the quay', 'A harbour with a lighthouse and a sailing boat at sunset'],
    'cat.jpg' => ['The moderator', 'A cat on a table in front of a window'],
];
$users = Store::get('users') + ['count' => 0, 'rooms' => []];
page_head('Harbour Lights, a small community with a video chat', 'Home');
?>
<section class="welcome">
  <svg viewBox="0 0 800 260" preserveAspectRatio="xMidYMax slice" role="img" aria-label="A lighthouse above the sea in the evening">
    <defs><linearGradient id="sky" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#16234d"/><stop offset=".6" stop-color="#7a4a7c"/><stop offset="1" stop-color="#f4a259"/></linearGradient>
    <linearGradient id="beam" x1="1" y1="0" x2="0" y2="0"><stop offset="0" stop-color="#ffe9a8" stop-opacity=".6"/><stop offset="1" stop-color="#ffe9a8" stop-opacity="0"/></linearGradient></defs>
    <rect width="800" height="204" fill="url(#sky)"/>
    <circle cx="600" cy="200" r="46" fill="#ffdf9e"/><path d="M0 200 90 150 170 185 260 135 360 204H0z" fill="#2a2450"/>
    <rect y="198" width="800" height="62" fill="#182049"/><path d="M132 76 0 30v74z" fill="url(#beam)"/>
    <path d="M150 204h-24l6-122h26l6 122z" fill="#f3ece2"/><path d="M129 142h31l1.500 30h-34z" fill="#d1495b"/><rect x="131" y="66" width="28" height="18" fill="#ffe9a8"/><path d="M128 66l17-18 17 18z" fill="#3a2b52"/>
    <g transform="translate(-70 4)"><path d="M420 214h120l-22 26h-76z" fill="#0f1434"/><path d="M482 130v82h56z" fill="#f7f1e5"/><path d="M474 142v70h-36z" fill="#e9d8c3"/></g>
  </svg>
  <div class="over"><h1>Harbour Lights</h1><p>A small community with a video chat.</p>
  <p><a class="button" href="<?= e(chat_link()) ?>">Enter the chat</a> <a class="button quiet" href="<?= e(chat_link('player.shtml')) ?>">The old client</a> <a class="button quiet" href="/tour/">Take the security tour</a></p></div>
</section>
<section aria-labelledby="now">
  <h2 id="now">In the chat now: <?= (int) $users['count'] ?></h2>
  <?php if ($users['rooms'] === []) { ?>
  <p>The media server has not told yet. In the tour it does.</p>
  <?php } ?>
  <ul class="rooms">
  <?php foreach ($users['rooms'] as $room) { ?>
    <li><strong><?= e($room['name']) ?></strong> <?= e(implode(', ', $room['users'])) ?></li>
  <?php } ?>
  </ul>
</section>
<section aria-labelledby="shared">
  <h2 id="shared">Shared lately</h2>
  <ul class="gallery">
  <?php foreach (PICTURES as $name => [$title, $shows]) { ?>
    <li><figure><a href="<?= e(file_link($name)) ?>"><img src="<?= e(file_link($name)) ?>" alt="<?= e($shows) ?>" width="400" height="250"></a><figcaption><?= e($title) ?></figcaption></figure></li>
  <?php } ?>
    <li><figure><video src="<?= e(file_link('evening.webm')) ?>" controls muted width="400" height="250" aria-label="The harbour in the evening"></video><figcaption>The same, moving</figcaption></figure></li>
  </ul>
  <p class="small">Each picture has a link of its own, signed for it when this page was made; it is over in an hour.</p>
</section>
<?php
page_foot();
