<?php
// SPDX-License-Identifier: Apache-2.0
//
// Reads the configuration that httpd has loaded (the files in SITE_CONF), so that the
// tour shows the lines themselves and not a copy of them. A line that is asked for and
// is not there is an error.

declare(strict_types=1);

final class Config
{
    /** @var list<array{file: string, number: int, text: string, raw: string}> */
    private array $lines = [];
    /** @var array<string, string> the macro's parameters, as the Use line fills them */
    private array $parameters = [];

    public function __construct()
    {
        foreach (explode(':', (string) getenv('SITE_CONF')) as $path) {
            $texts = file($path, FILE_IGNORE_NEW_LINES);
            foreach ($texts ?: throw new RuntimeException("$path can't be read") as $i => $text) {
                $this->lines[] = ['file' => basename($path), 'number' => $i + 1, 'text' => trim($text), 'raw' => $text];
            }
        }
        $names = self::words($this->one('<Macro')['text'], 2);
        $names[] = rtrim((string) array_pop($names), '>');
        $this->parameters = array_combine($names, self::words($this->one('Use')['text'], 2));
    }

    /** The line that begins with a directive, and perhaps words: file, number, text, and how it reads with the words of the Use line filled in. */
    public function line(string $directive): array
    {
        $line = $this->one($directive);
        $effect = strtr($line['text'], $this->parameters);
        return $line + ['effect' => str_replace('${SITE_ROOT}', (string) getenv('SITE_ROOT'), $effect)];
    }

    /** What the Use line says for a parameter, for instance $mediaserver. */
    public function parameter(string $name): string
    {
        return $this->parameters[$name] ?? throw new RuntimeException("the macro has no $name");
    }

    /** A file without its comments. */
    public function file(string $name): string
    {
        $isShown = fn (array $line): bool => $line['file'] === $name && $line['text'] !== '' && $line['text'][0] !== '#';
        return implode("\n", array_column(array_filter($this->lines, $isShown), 'raw'));
    }

    /** The macro without its comments: all that protects the site. */
    public function macro(): string
    {
        $text = '';
        $isInside = false;
        foreach ($this->lines as $line) {
            $isInside = $isInside || str_starts_with($line['text'], '<Macro');
            if ($isInside && $line['text'] !== '' && $line['text'][0] !== '#') {
                $text .= $line['raw'] . "\n";
            }
            $isInside = $isInside && $line['text'] !== '</Macro>';
        }
        return $text;
    }

    private function one(string $directive): array
    {
        foreach ($this->lines as $line) {
            if (preg_match('~^' . preg_quote($directive, '~') . '(\s|$)~', $line['text'])) {
                return $line;
            }
        }
        throw new RuntimeException("the configuration in use has no line with $directive");
    }

    /** The words of a line after the first $skip, with quotes taken off. */
    private static function words(string $text, int $skip): array
    {
        preg_match_all('~"([^"]*)"|(\S+)~', $text, $found, PREG_SET_ORDER);
        $words = array_map(fn ($one) => $one[2] ?? $one[1], $found);
        return array_slice($words, $skip);
    }
}
