<?php
// SPDX-License-Identifier: Apache-2.0
//
// The tour: what is asked, what comes back, and which line of the configuration does it.
// The page only lays it out; tour.js does the steps, one after the other.

declare(strict_types=1);

require __DIR__ . '/../../lib/page.php';
require __DIR__ . '/../../lib/tour.php';

const WHO = ['visitor' => 'You, in this browser', 'server' => 'The media server', 'stranger' => 'A stranger', 'encoder' => 'An encoder or player'];

$config = new Config();
$chapters = require __DIR__ . '/../../lib/steps.php';
$steps = steps();
$use = $config->line('Use');
page_head('mod_avcsec: a tour of a protected chat site', 'Security tour', '/assets/tour.js');
?>
<section class="hero">
  <div>
    <p class="eyebrow">mod_avcsec, shown live</p>
    <h1>A chat site, attacked politely</h1>
    <p class="lead">This page asks the server it comes from <?= count($steps) ?> questions: some as its guests would,
    most as somebody would who means no good. You see what comes back, what comes back without
    mod_avcsec, and the line of configuration that makes the difference.</p>
    <div class="progress" id="progress" role="status" aria-live="polite">
      <progress id="bar" max="<?= count($steps) ?>" value="0" aria-label="Steps done"></progress>
      <span id="sum">The tour starts by itself.</span>
    </div>
    <p><button class="button" id="again" type="button" disabled>Ask again</button></p>
    <noscript><p class="note">The questions are asked by a script of this page; your browser has scripts switched off.</p></noscript>
  </div>
  <?php require __DIR__ . '/../../lib/pictures/hero.svg'; ?>
</section>

<nav class="chapters" aria-label="Chapters"><ol>
<?php foreach ($chapters as $chapter) { ?>
  <li><a href="#<?= $chapter['id'] ?>"><?= e($chapter['title']) ?></a> <span class="count" data-chapter="<?= $chapter['id'] ?>"></span></li>
<?php } ?>
</ol></nav>

<section class="note">
  <h2>Who asks</h2>
  <p>Your browser can’t choose the address it comes from. It asks as what it is, a visitor at
  <code><?= VISITOR ?></code>. For the media server (<code><?= e(address_of('server')) ?></code>) and for a stranger
  (<code><?= STRANGER ?></code>) a small script of this site asks, from those addresses: a machine has all of
  <code>127.0.0.*</code> to itself. For an encoder or a player it runs ffmpeg. “Without” is the same site once more, in the same server, without the two lines below.</p>
</section>

<?php foreach ($chapters as $number => $chapter) { ?>
<section class="chapter" id="<?= $chapter['id'] ?>" aria-labelledby="<?= $chapter['id'] ?>-title">
  <header>
    <?php require __DIR__ . '/../../lib/pictures/' . $chapter['picture'] . '.svg'; ?>
    <div><h2 id="<?= $chapter['id'] ?>-title"><?= $number + 1 ?>. <?= e($chapter['title']) ?></h2><p><?= e($chapter['intro']) ?></p></div>
  </header>
  <div class="steps">
<?php foreach ($chapter['steps'] as $at => $step) {
    step_card($config, $step, ($number + 1) . '.' . ($at + 1));
} ?>
  </div>
</section>
<?php } ?>

<section class="chapter" id="configuration">
  <h2>All of the configuration</h2>
  <p>What the owner of this site wrote into the virtual host, <?= e($use['file']) ?>:</p>
  <pre tabindex="0"><code><?= e($config->line('AvcKeyFile')['text'] . "\n" . $use['text']) ?></code></pre>
  <p>What comes with mod_avcsec for AVChat, avcsec-avchat.conf, and is filled in by that line:</p>
  <pre tabindex="0"><code><?= e($config->macro()) ?></code></pre>
  <p>For live video and the old client, live.conf:</p>
  <pre tabindex="0"><code><?= e($config->file('live.conf')) ?></code></pre>
  <p>All of it is read from the files that the server has loaded. For other software the directives stand on their own.</p>
</section>

<script type="application/json" id="steps"><?= json_encode(array_values(array_map('expectation_of', $steps)), JSON_HEX_TAG | JSON_HEX_AMP | JSON_THROW_ON_ERROR) ?></script>
<?php
page_foot();

/** What the script must know of a step; the request itself it asks for when it comes to it. */
function expectation_of(array $step): array
{
    return array_intersect_key($step, array_flip(['id', 'who', 'title', 'wait', 'with', 'twin']));
}

function step_card(Config $config, array $step, string $number): void
{
    ?>
    <article class="step <?= isset($step['use']) ? 'is-use' : 'is-try' ?>" id="<?= $step['id'] ?>" data-number="<?= $number ?>" data-state="waiting">
      <header><h3><span class="number"><?= $number ?></span> <?= e($step['title']) ?></h3> <span class="badge" data-part="badge">waiting</span></header>
      <p class="who who-<?= $step['who'] ?>"><?= WHO[$step['who']] ?>, <code><?= e(address_of($step['who'])) ?></code></p>
      <p><b><?= isset($step['use']) ? 'Ordinary use.' : 'What somebody tries.' ?></b> <?= e($step['use'] ?? $step['try']) ?></p>
      <p class="asked"><code data-part="asked">…</code></p>
      <dl<?= $step['twin'] === null ? ' class="alone"' : '' ?>>
        <div class="with"><dt>With mod_avcsec</dt><dd data-part="with">…</dd></div>
        <?php if ($step['twin'] !== null) { ?>
        <div class="twin"><dt>Without</dt><dd data-part="twin">…</dd></div>
        <?php } ?>
      </dl>
      <div data-part="shown"></div>
      <p><b>What happens.</b> <?= e($step['so']) ?></p>
      <p class="log" data-part="log" hidden></p>
      <p class="faults" data-part="faults" hidden></p>
      <ul class="lines" aria-label="The configuration that does it">
      <?php foreach (array_map([$config, 'line'], $step['lines']) as $line) { ?>
        <li><code><?= e($line['effect']) ?></code> <small><?= e($line['file']) ?>, line <?= $line['number'] ?></small></li>
      <?php } ?>
      </ul>
    </article>
    <?php
}
