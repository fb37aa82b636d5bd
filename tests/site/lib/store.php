<?php
// SPDX-License-Identifier: Apache-2.0
//
// The site's data: who is in the chat, reports, recordings; and the shared files.
// Everything lies in the directory SITE_DATA, outside the document root, under names
// that this file chooses. No address of a user is kept.

declare(strict_types=1);

final class Store
{
    private const LINES_MAX = 500;

    /** Keep a value under a name of letters and digits; whole or not at all. */
    public static function put(string $name, array $value): bool
    {
        $path = self::path($name);
        $fresh = tempnam(dirname($path), 'new');
        return $fresh !== false
            && file_put_contents($fresh, json_encode($value, JSON_THROW_ON_ERROR)) !== false
            && rename($fresh, $path);
    }

    public static function get(string $name): array
    {
        $text = is_file(self::path($name)) ? file_get_contents(self::path($name)) : '[]';
        $value = json_decode((string) $text, true);
        return is_array($value) ? $value : [];
    }

    /** Add a record to a list that forgets its oldest ones. */
    public static function add(string $name, array $record): bool
    {
        $records = [...self::get($name), $record];
        return self::put($name, array_slice($records, -self::LINES_MAX));
    }

    /** Where uploaded files lie: the private directory, or, unprotected, in the document root. */
    public static function uploads(): string
    {
        return getenv('SITE_UPLOADS') ?: __DIR__ . '/../www/chat/uploadedFiles';
    }

    private static function path(string $name): string
    {
        if (!preg_match('/\A[a-z]+[a-z0-9]*\z/', $name)) {
            throw new InvalidArgumentException('a name in the store is of a-z and 0-9');
        }
        $directory = getenv('SITE_DATA');
        if ($directory === false) {
            throw new RuntimeException('SITE_DATA names no directory');
        }
        return "$directory/$name.json";
    }
}
