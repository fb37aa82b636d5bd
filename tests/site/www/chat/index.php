<?php
// SPDX-License-Identifier: Apache-2.0
//
// The chat room. It names shared files relatively, as AVChat's client does: whoever
// came by a signed link for this folder can open them, whoever did not cannot.

declare(strict_types=1);

require __DIR__ . '/../../lib/page.php';

$talk = [
    ['Zoë', 'Look what the evening did to the harbour:', 'harbour.jpg', 'A harbour with a lighthouse and a sailing boat at sunset'],
    ['Tomasz', 'Lovely. Mine has seen it all before.', 'cat.jpg', 'A cat on a table in front of a window'],
    ['Zoë', 'That is the look of a moderator.', null, null],
];
page_head('Harbour Lights: the chat', 'Chat');
?>
<h1>The quay</h1>
<p class="lead">You came in by a signed link for this folder. The pictures below are named simply
<code>uploadedFiles/…</code>, without a signature of their own, and inherit that right.</p>
<ol class="talk">
<?php foreach ($talk as [$who, $text, $picture, $shows]) { ?>
  <li><strong><?= e($who) ?></strong> <span><?= e($text) ?></span>
    <?php if ($picture !== null) { ?>
    <a href="uploadedFiles/<?= e($picture) ?>"><img src="uploadedFiles/<?= e($picture) ?>" alt="<?= e($shows) ?>" width="400" height="250"></a>
    <?php } ?>
  </li>
<?php } ?>
</ol>
<?php
page_foot();
