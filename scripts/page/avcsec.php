<?php
// SPDX-License-Identifier: Apache-2.0
//
// Signed links and tokens for a site behind mod_avcsec, made with a page key.
// Owns: choosing the page key, writing claims, encoding the path, the mac. Refuses
// (AvcsecError) whatever the server would call malformed, and never repeats a key in
// a message. It cannot verify a token. avcsec.py and avcsec.mjs beside it give the
// same bytes for the same options, and the same messages.

declare(strict_types=1);

/** What was asked for can't be signed; the message says what to do. */
final class AvcsecError extends InvalidArgumentException
{
}

/**
 *     require 'avcsec.php';                       // AVC_PAGE_KEY is in the environment
 *     $link = Avcsec::sign('/chat/uploadedFiles/photo.jpg', ['expires' => '1h']);
 */
final class Avcsec
{
    private const LATEST = 10 ** 11; // Unix seconds; what is above was meant as milliseconds
    private const NUMBER_MAX = 10 ** 15;
    private const SAFE_INTEGER = 2 ** 53 - 1; // whole numbers that every language holds exactly
    private const VALUE_MAX = 256;
    private const TOKEN_MAX = 1024;
    private const NAME_MAX = 192; // bytes of a file name: 256 characters in base64url
    private const UNITS = ['' => 1, 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86400, 'w' => 604800];
    private const PAGE_KEY = 'avck1~([A-Za-z0-9_-]{1,16})~(file|upload|call|session)'
        . '~([A-Za-z0-9_-]{42}[AEIMQUYcgkosw048])(?:~([1-9][0-9]{0,11}))?';

    /** Claims in the order in which they are written, each with its option. */
    private const CLAIMS = [
        'nbf' => 'nbf', 'dir' => 'dir', 'ip4' => 'ip', 'ip6' => 'ip', 'org' => 'origin',
        'mth' => 'method', 'sub' => 'sub', 'role' => 'role', 'app' => 'app', 'act' => 'act',
        'room' => 'room', 'id' => 'id', 'max' => 'max', 'fn' => 'name', 'disp' => 'disposition',
        'rate' => 'rate', 'len' => 'length', 'typ' => 'type',
    ];
    private const OTHER_OPTIONS = [
        'key', 'purpose', 'expires', 'until', 'window', 'now',
        'args', 'unsigned', 'literal', 'claim',
    ];

    /**
     * The signed URL: path and query, to be put behind the site's scheme and host.
     *
     * Options are those of token(), and
     *
     * carrier: 'query' (default) puts the token into argument `avc`, 'path' into a path
     *     segment of its own, which relative links and playlists inherit.
     * force: true allows a playlist (.m3u8, .mpd), and a page (.html, .htm) with carrier
     *     'path', to be opened without what it names relatively; else they need
     *     carrier 'path' and `dir`.
     *
     * @param string $path decoded, from the site's root ('/chat/my photo.jpg'); it is encoded
     *     here. Any bytes: a file's name need not be UTF-8.
     * @param array<string, mixed> $options
     * @throws AvcsecError
     */
    public static function sign(string $path, #[SensitiveParameter] array $options = []): string
    {
        self::checkNames($options, ['carrier', 'force']);
        $carrier = self::choice('carrier', $options['carrier'] ?? 'query', ['query', 'path']);
        $force = self::flag('force', $options);
        $segments = self::segments($path, $options);
        [$token, $query, $dir] = self::make($segments, $options, $carrier);
        if (!$force && ($carrier === 'query' || $dir === null)) {
            self::checkRelative(end($segments), $carrier);
        }
        if ($carrier === 'query') {
            $query[] = 'avc=' . $token;
        } else {
            array_splice($segments, $dir === null ? -1 : $dir + 1, 0, ['~' . $token]);
        }
        return implode('/', $segments) . ($query ? '?' . implode('&', $query) : '');
    }

    /** Players and browsers ask for what a playlist or page names without its query. */
    private static function checkRelative(string $name, string $carrier): void
    {
        $endings = $carrier === 'query' ? 'm3u8|mpd' : 'html?|m3u8|mpd';
        if (preg_match("/\.($endings)(%3B.*)?\z/i", $name)) {
            throw new AvcsecError('path names others relatively, which this token would not '
                . 'open: give carrier path and dir, or force');
        }
    }

    /**
     * The bare token, for a stream key, `Authorization: Bearer` or a session. Options:
     *
     * key: page keys as `avcsec pagekey` prints them, separated by white space; the
     *     first for the purpose that has not ended signs. Default: AVC_PAGE_KEY.
     * purpose: 'file' (default), 'upload', 'call' or 'session'.
     * expires: seconds from now, or '90s', '30m', '1h', '7d', '4w'; or
     * until: Unix seconds, or '2030-01-31T12:00:00Z'. One of the two is required,
     *     except for purpose 'call'.
     * window: like `expires`; the same options give the same token for so long, and it
     *     holds up to so much longer. Not with `max` or `id`.
     * nbf: not before, like `until`.       now: Unix seconds, for tests.
     * ip: client's address or network, '192.0.2.0/24', '2001:db8::/48'; one of each
     *     family. An IPv4-mapped address means IPv4.
     * dir: 1 to 64; the token opens everything below the first `dir` segments.
     * max: 1 to 1000000 uses.              id: 16 to 64 of A-Z a-z 0-9 - . _; made
     *     at random if `max` needs one.
     * method: 'GET', ['PUT', 'POST'].      origin: 'chat.example', hosts of pages.
     * sub, room: text; user, room or stream name.
     * role, app, act: what a session may do; act is 'connect', 'play', 'publish', …
     * name: file name of the download, shortened to 192 bytes.
     * disposition: 'inline' or 'attachment'.
     * rate: kB/s (1000 bytes).             length: bytes of the largest upload.
     * type: 'image', ['image', 'audio']; kinds of upload.
     * args: the query's arguments, decoded, ['size' => 'small'] or [['size', 'small']];
     *     all are signed, in their order. With `dir` none is.
     * unsigned: names in `args` that are not to be signed, or true for all.
     * literal: true if the path's '?', '#' or '%41' are part of a name.
     * claim: the application's own, ['xnote' => 'a-b'].
     *
     * Format: mod_avcsec's "Token", version avc1.
     *
     * @param ?string $path as for sign(); not needed for purpose 'session'
     * @param array<string, mixed> $options
     * @throws AvcsecError
     */
    public static function token(?string $path, #[SensitiveParameter] array $options = []): string
    {
        self::checkNames($options, []);
        $bare = $path === null && ($options['purpose'] ?? '') === 'session';
        return self::make($bare ? null : self::segments($path, $options), $options, 'query')[0];
    }

    // What is signed

    /** @return array{string, list<string>, ?int} token, encoded arguments, dir */
    private static function make(
        ?array $segments,
        #[SensitiveParameter] array $options,
        string $carrier,
    ): array {
        $purposes = ['file', 'upload', 'call', 'session'];
        $purpose = self::choice('purpose', $options['purpose'] ?? 'file', $purposes);
        $now = self::number('now', $options['now'] ?? time(), self::LATEST);
        [$kid, $secret, $end] = self::pageKey($options, $purpose, $now);
        unset($options['key']); // so that no trace shows it from here on
        $dir = self::depth($options, $purpose, $segments);
        [$query, $signed] = self::arguments($options, $carrier);
        $text = 'avc1~for.' . $purpose . '~kid.' . $kid;
        $names = array_keys($signed);
        foreach (self::claims($options, $purpose, $now, $end, $names) as [$name, $value]) {
            $text .= '~' . $name . '.' . $value;
        }
        $scope = self::scope($segments, $purpose, $dir);
        $lines = implode("\n", ['avcsec-v1', $scope, $text, ...array_values($signed), '']);
        $token = $text . '~mac.' . self::b64url(hash_hmac('sha256', $lines, $secret, true));
        if (strlen($token) > self::TOKEN_MAX) {
            throw new AvcsecError('the token would have more than 1024 characters: '
                . 'sign fewer claims');
        }
        return [$token, $query, $dir];
    }

    private static function scope(?array $segments, string $purpose, ?int $dir): string
    {
        if ($purpose === 'session' || $segments === null) {
            return '*';
        }
        $kept = $dir === null ? $segments : [...array_slice($segments, 0, $dir + 1), ''];
        return implode('/', $kept);
    }

    private static function depth(array $options, string $purpose, ?array $segments): ?int
    {
        if (!isset($options['dir'])) {
            return null;
        }
        $dir = self::number('dir', $options['dir'], 64);
        if ($purpose === 'session' || $segments === null) {
            throw new AvcsecError("dir can't stand on a session, which has no path");
        }
        if ($dir > count($segments) - 2) {
            throw new AvcsecError("dir: the path has not that many segments, each followed by '/'");
        }
        return $dir;
    }

    // Page keys

    /** @return array{string, string, ?int} kid, secret bytes, end */
    private static function pageKey(
        #[SensitiveParameter] array $options,
        string $purpose,
        int $now,
    ): array {
        $text = $options['key'] ?? getenv('AVC_PAGE_KEY');
        $text = is_string($text) ? $text : '';
        $words = preg_split('/[ \t\r\n\f\x0b]+/', $text, -1, PREG_SPLIT_NO_EMPTY);
        if (!$words) {
            throw new AvcsecError('no page key: give option key or set AVC_PAGE_KEY; '
                . '`avcsec pagekey` makes one');
        }
        $keys = [];
        foreach ($words as $i => $word) { // no array_map: a trace would show its arguments
            $keys[] = self::readPageKey($word, $i + 1);
        }
        $purposes = array_column($keys, 'purpose');
        foreach (array_keys($purposes, $purpose, true) as $i) {
            if ($keys[$i]['end'] === null || $keys[$i]['end'] > $now) {
                return [$keys[$i]['kid'], $keys[$i]['secret'], $keys[$i]['end']];
            }
        }
        if (in_array($purpose, $purposes, true)) {
            throw new AvcsecError("page key for $purpose has ended: hand out a new one, "
                . "`avcsec pagekey --purpose $purpose` makes it");
        }
        $others = implode(', ', array_unique($purposes));
        throw new AvcsecError("no page key for $purpose, only for $others: "
            . "`avcsec pagekey --purpose $purpose` makes one");
    }

    /** @return array{kid: string, purpose: string, secret: string, end: ?int} */
    private static function readPageKey(#[SensitiveParameter] string $word, int $number): array
    {
        $ok = preg_match('/\A' . self::PAGE_KEY . '\z/', $word, $found);
        $end = isset($found[4]) ? (int) $found[4] : null;
        if (!$ok || $end > self::LATEST) {
            throw new AvcsecError("page key $number is not well-formed: "
                . 'give it as `avcsec pagekey` printed it');
        }
        $secret = base64_decode(strtr($found[3], '-_', '+/'), true);
        return ['kid' => $found[1], 'purpose' => $found[2], 'secret' => $secret, 'end' => $end];
    }

    // Path and arguments

    /** @return list<string> the encoded segments; the first is empty, the last may be */
    private static function segments(?string $path, #[SensitiveParameter] array $options): array
    {
        if ($path === null) {
            throw new AvcsecError('path must be text or bytes');
        }
        if (!str_starts_with($path, '/')) {
            throw new AvcsecError("path must begin with '/': give it without scheme and host");
        }
        $strange = preg_match('/[?#]|%[0-9A-Fa-f]{2}/', $path, $found);
        if ($strange && !self::flag('literal', $options)) {
            throw new AvcsecError("path holds '$found[0]': give it decoded, and arguments as "
                . 'option args; or give literal, if that is part of a name');
        }
        if (preg_match('/[\x00-\x1f\x7f\\\\]/', $path)) {
            throw new AvcsecError('path holds a backslash or a control character');
        }
        $segments = explode('/', $path);
        if (in_array('', array_slice($segments, 1, -1), true)) {
            throw new AvcsecError('path has an empty segment: give it without doubled slashes');
        }
        foreach ($segments as $segment) {
            if (in_array(explode(';', $segment)[0], ['.', '..'], true)) {
                throw new AvcsecError("path has a '.' or '..' segment: give it resolved");
            }
            if (str_starts_with($segment, '~avc1~')) {
                throw new AvcsecError('path holds a token already: give it without');
            }
        }
        return array_map('rawurlencode', $segments);
    }

    /** @return array{list<string>, array<string>} all as "name=value", encoded; the signed ones */
    private static function arguments(array $options, string $carrier): array
    {
        $exempt = self::exempt($options);
        $query = $signed = $loose = [];
        foreach (self::pairs('args', $options['args'] ?? []) as [$name, $value]) {
            if (in_array('avc', self::phpNames($name), true)) {
                throw new AvcsecError("args: '$name' is the token's own name: rename it");
            }
            $line = rawurlencode($name) . '=' . rawurlencode(self::scalar("args: '$name'", $value));
            $query[] = $line;
            if ($exempt === true || in_array($name, $exempt, true)) {
                $loose[] = $name;
            } elseif (!preg_match('/\A[A-Za-z0-9_-]+\z/', $name)) {
                throw new AvcsecError("args: '$name' can't be signed: rename it, "
                    . 'or name it in unsigned');
            } elseif (isset($signed[$name])) {
                throw new AvcsecError("args: '$name' stands there twice, which can't be signed");
            } else {
                $signed[$name] = $line;
            }
        }
        foreach ($loose as $name) {
            [$cut, $joined] = self::phpNames($name);
            if (isset($signed[$cut]) || isset($signed[$joined])) {
                throw new AvcsecError("args: PHP reads '$name' as a signed argument: rename it");
            }
        }
        if ($signed && $carrier === 'path') {
            throw new AvcsecError("args: a token in the path can't sign arguments: "
                . 'use carrier query, or name them in unsigned');
        }
        return [$query, $signed];
    }

    /** @return true|list<string> true: no argument is signed; else the names that are not */
    private static function exempt(array $options): bool|array
    {
        $unsigned = $options['unsigned'] ?? false;
        if (!is_bool($unsigned) && !(is_array($unsigned) && array_is_list($unsigned))) {
            throw new AvcsecError('unsigned must be a list of names, or true');
        }
        if ($unsigned === true || isset($options['dir'])) {
            return true;
        }
        return array_map(fn ($name) => self::scalar('unsigned', $name), $unsigned ?: []);
    }

    /** @return array{string, string} a decoded name as PHP reads it, in its two ways with '[' */
    private static function phpNames(string $name): array
    {
        $read = strtr(explode("\0", ltrim($name, ' '))[0], ' .', '__');
        return [explode('[', $read)[0], strtr($read, '[', '_')];
    }

    // Claims

    /** @return list<array{string, string}> in the order in which they are written */
    private static function claims(
        array $options,
        string $purpose,
        int $now,
        ?int $end,
        array $signed,
    ): array {
        [$iat, $window] = self::window($options, $now);
        $exp = self::exp($options, $purpose, $now, $end);
        if ($exp !== null && isset($options['expires'])) {
            $whole = $exp - $now + $iat + $window; // asked for at any moment of the window
            $exp = min($whole, self::LATEST, $end ?? self::LATEST);
        }
        $options = self::withId($options, $exp);
        $claims = [['iat', (string) $iat]];
        if ($exp !== null) {
            $claims[] = ['exp', (string) $exp];
        }
        foreach (self::CLAIMS as $claim => $option) {
            $value = isset($options[$option]) ? self::claim($claim, $options[$option]) : null;
            if ($value !== null) {
                $claims[] = [$claim, self::fits($option, $value)];
            }
        }
        if ($exp !== null && isset($options['nbf']) && self::time('nbf', $options['nbf']) >= $exp) {
            throw new AvcsecError('nbf must be before the end');
        }
        if ($signed) {
            $claims[] = ['args', self::fits('args', implode('.', $signed))];
        }
        return [...$claims, ...self::ownClaims($options)];
    }

    private static function claim(string $claim, mixed $value): ?string
    {
        return match ($claim) {
            'nbf' => (string) self::time('nbf', $value),
            'dir' => (string) self::number('dir', $value, 64),
            'ip4', 'ip6' => self::network($claim, $value),
            'org' => self::hosts($value),
            'mth' => self::words('method', $value, '[A-Z][A-Z0-9_-]*', 'words of A-Z 0-9 - _'),
            'sub', 'room' => self::b64url(self::text($claim, $value)),
            'role' => self::match('role', $value, '[A-Za-z0-9_-]+', 'of A-Z a-z 0-9 _ -'),
            'app' => self::match('app', $value, '[A-Za-z0-9._-]+', 'of A-Z a-z 0-9 - . _'),
            'act' => self::words('act', $value, '[a-z]+', 'words of a-z'),
            'id' => self::match(
                'id',
                $value,
                '[A-Za-z0-9._-]{16,64}',
                '16 to 64 of A-Z a-z 0-9 - . _',
            ),
            'max' => (string) self::number('max', $value, 1000000),
            'fn' => self::fileName($value),
            'disp' => self::choice('disposition', $value, ['inline', 'attachment']),
            'rate' => (string) self::number('rate', $value, self::NUMBER_MAX),
            'len' => (string) self::number('length', $value, self::NUMBER_MAX),
            'typ' => self::words('type', $value, '[a-z0-9-]+', 'words of a-z 0-9 -'),
        };
    }

    /** @return array{int, int} when the token's window began, and its length */
    private static function window(array $options, int $now): array
    {
        if (!isset($options['window'])) {
            return [$now, 0];
        }
        if (isset($options['max']) || isset($options['id'])) {
            throw new AvcsecError("window can't stand beside max or id, which make each token "
                . 'another');
        }
        $window = self::seconds('window', $options['window']);
        if ($window > $now) {
            throw new AvcsecError('window is too long');
        }
        return [$now - $now % $window, $window];
    }

    private static function exp(array $options, string $purpose, int $now, ?int $end): ?int
    {
        if (isset($options['expires'], $options['until'])) {
            throw new AvcsecError('expires and until: give one of them');
        }
        if (isset($options['expires'])) {
            $exp = $now + self::seconds('expires', $options['expires']);
        } elseif (isset($options['until'])) {
            $exp = self::time('until', $options['until']);
        } elseif ($purpose === 'call') {
            return null;
        } else {
            throw new AvcsecError('expires or until is needed: say how long the token holds');
        }
        if ($exp <= $now) {
            throw new AvcsecError('until is over already');
        }
        if ($exp > self::LATEST) {
            throw new AvcsecError('expires is too long');
        }
        if ($end !== null && $exp > $end) {
            throw new AvcsecError("the token would outlive its page key, which ends at $end: "
                . 'let it end earlier, or hand out a new page key');
        }
        return $exp;
    }

    /** Uses are counted by id: `max` gets a random one of 128 bits. */
    private static function withId(array $options, ?int $exp): array
    {
        if (!isset($options['max'])) {
            return $options;
        }
        if ($exp === null) {
            throw new AvcsecError('max needs expires or until');
        }
        return $options + ['id' => self::b64url(random_bytes(16))];
    }

    /** @return list<array{string, string}> */
    private static function ownClaims(array $options): array
    {
        $claims = [];
        foreach (self::pairs('claim', $options['claim'] ?? []) as [$name, $value]) {
            if (!preg_match('/\Ax[a-z0-9]{1,7}\z/', $name)) {
                throw new AvcsecError("claim: '$name' must be x and 1 to 7 of a-z 0-9");
            }
            if (isset($claims[$name])) {
                throw new AvcsecError("claim: '$name' stands there twice");
            }
            $label = "claim: '$name'";
            $text = self::match($label, $value, '[A-Za-z0-9._-]+', 'of A-Z a-z 0-9 - . _');
            $claims[$name] = [$name, self::fits($label, $text)];
        }
        return array_values($claims);
    }

    private static function fits(string $option, string $value): string
    {
        if (strlen($value) > self::VALUE_MAX) {
            throw new AvcsecError("$option is too long: more than 256 characters in the token");
        }
        return $value;
    }

    /** The claim ip4 or ip6 of option ip, null without one. */
    private static function network(string $family, mixed $value): ?string
    {
        $found = [];
        foreach (self::list('ip', $value, ' ,') as $item) {
            [$claim, $text] = self::readNetwork($item);
            if (isset($found[$claim])) {
                throw new AvcsecError('ip: give one network of each family');
            }
            $found[$claim] = $text;
        }
        return $found[$family] ?? null;
    }

    /** @return array{string, string} claim and value */
    private static function readNetwork(string $item): array
    {
        // as dual-stack sockets show IPv4 clients
        $item = preg_replace('/\A::[Ff]{4}:([0-9.]+)\z/', '$1', $item);
        $octet = '(?:0|[1-9][0-9]{0,2})';
        $shape = "~\A($octet(?:\.$octet){3}|[0-9A-Fa-f:]+)(?:/([1-9][0-9]{0,2}))?\z~";
        $ok = preg_match($shape, $item, $found) && filter_var($found[1], FILTER_VALIDATE_IP);
        $bytes = $ok ? inet_pton($found[1]) : '';
        $most = 8 * strlen($bytes);
        $prefix = (int) ($found[2] ?? $most);
        if (!$ok || $prefix > $most) {
            throw new AvcsecError('ip must be an address or network, '
                . 'like 192.0.2.0/24 or 2001:db8::/48');
        }
        $bits = implode('', array_map(fn ($c) => sprintf('%08b', ord($c)), str_split($bytes)));
        if (str_contains(substr($bits, $prefix), '1')) {
            throw new AvcsecError('ip has bits set behind its prefix: clear them');
        }
        if (str_starts_with($bytes, str_repeat("\0", 10) . "\xff\xff")) {
            throw new AvcsecError('ip is an IPv4-mapped network: write it as IPv4');
        }
        $text = strtr(strtolower($found[1]), ':', '_');
        return [$most === 32 ? 'ip4' : 'ip6', $prefix === $most ? $text : "$text-$prefix"];
    }

    /** A name of at most 192 bytes: cut between characters, its extension kept. */
    private static function fileName(mixed $value): string
    {
        $name = self::text('name', $value);
        if (strlen($name) > self::NAME_MAX) {
            $dot = strrpos($name, '.');
            $extension = $dot && strlen($name) - $dot <= 32 ? substr($name, $dot) : '';
            $cut = self::NAME_MAX - strlen($extension);
            while ((ord($name[$cut]) & 0xC0) === 0x80) {
                $cut--;
            }
            $name = substr($name, 0, $cut) . $extension;
        }
        return self::b64url($name);
    }

    private static function hosts(mixed $value): string
    {
        $hosts = self::list('origin', $value, ' ,');
        $label = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
        foreach ($hosts as $host) {
            if (strlen($host) > 253 || !preg_match("/\A$label(?:\.$label)*\z/", $host)) {
                throw new AvcsecError('origin must be host names, without scheme and port');
            }
        }
        // not strtolower: before PHP 8.2 it obeys the locale, and Turkish has its own i
        $letters = array_combine(range('A', 'Z'), range('a', 'z'));
        $lower = fn ($host) => strtr($host, $letters);
        return implode('_', self::once('origin', array_map($lower, $hosts)));
    }

    // Reading options

    /** No option is passed over in silence: a misspelt or missing `ip` binds nothing. */
    private static function checkNames(#[SensitiveParameter] array $options, array $more): void
    {
        $known = [...self::OTHER_OPTIONS, ...array_values(self::CLAIMS), ...$more];
        foreach ($options as $name => $value) {
            if (!in_array((string) $name, $known, true)) {
                throw new AvcsecError("there is no option '$name' here");
            }
            if ($value === null) {
                throw new AvcsecError("$name has no value: leave it out, or give one");
            }
        }
    }

    private static function flag(string $option, #[SensitiveParameter] array $options): bool
    {
        $value = $options[$option] ?? false;
        if (!is_bool($value)) {
            throw new AvcsecError("$option must be true or false");
        }
        return $value;
    }

    /** Text as it is, a whole number in digits; null for all else. True is no number. */
    private static function plain(mixed $value): ?string
    {
        if (is_int($value)) {
            return abs($value) <= self::SAFE_INTEGER ? (string) $value : null;
        }
        return is_string($value) && preg_match('//u', $value) ? $value : null;
    }

    private static function scalar(string $option, mixed $value): string
    {
        return self::plain($value)
            ?? throw new AvcsecError("$option must be text in UTF-8 or a whole number");
    }

    private static function number(string $option, mixed $value, int $most): int
    {
        $text = self::plain($value) ?? '';
        if (!preg_match('/\A[1-9][0-9]{0,15}\z/', $text) || (int) $text > $most) {
            throw new AvcsecError("$option must be a whole number from 1 to $most");
        }
        return (int) $text;
    }

    private static function time(string $option, mixed $value): int
    {
        $shape = '/\A(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})Z\z/';
        if (!preg_match($shape, self::plain($value) ?? '', $found)) {
            return self::number($option, $value, self::LATEST);
        }
        [, $year, $month, $day, $hour, $minute, $second] = array_map('intval', $found);
        if (!checkdate($month, $day, $year) || $hour > 23 || $minute > 59 || $second > 59) {
            throw new AvcsecError("$option is no date of the calendar");
        }
        $time = gmmktime($hour, $minute, $second, $month, $day, $year);
        return self::number($option, $time, self::LATEST);
    }

    private static function seconds(string $option, mixed $value): int
    {
        if (!preg_match('/\A([1-9][0-9]{0,10})([smhdw]?)\z/', self::plain($value) ?? '', $found)) {
            throw new AvcsecError("$option must be seconds, or like 90s, 30m, 1h, 7d, 4w");
        }
        return (int) $found[1] * self::UNITS[$found[2]];
    }

    private static function choice(string $option, mixed $value, array $choices): string
    {
        if (!in_array($value, $choices, true)) {
            throw new AvcsecError("$option must be one of " . implode(', ', $choices));
        }
        return $value;
    }

    private static function match(
        string $option,
        mixed $value,
        string $pattern,
        string $meaning,
    ): string {
        $text = self::scalar($option, $value);
        if (!preg_match("/\A(?:$pattern)\z/", $text)) {
            throw new AvcsecError("$option must be $meaning");
        }
        return $text;
    }

    private static function text(string $option, mixed $value): string
    {
        $text = self::scalar($option, $value);
        if ($text === '' || preg_match('/[\x{00}-\x{1f}\x{7f}-\x{9f}]/u', $text)) {
            throw new AvcsecError("$option is empty or holds a control character");
        }
        return $text;
    }

    /** @return non-empty-list<string> */
    private static function list(string $option, mixed $value, string $separators): array
    {
        $items = is_string($value) ? preg_split("/[$separators]+/", $value) : $value;
        if (!is_array($items) || !$items || !array_is_list($items)) {
            throw new AvcsecError("$option must be text or a list of texts");
        }
        return array_map(fn ($item) => self::scalar($option, $item), $items);
    }

    private static function words(
        string $option,
        mixed $value,
        string $pattern,
        string $meaning,
    ): string {
        $words = self::list($option, $value, ' ,.');
        $read = fn ($word) => self::match($option, $word, $pattern, $meaning);
        return implode('.', self::once($option, array_map($read, $words)));
    }

    private static function once(string $option, array $items): array
    {
        if (array_unique($items) !== $items) {
            throw new AvcsecError("$option names one twice");
        }
        return $items;
    }

    /**
     * A list counts as pairs, for PHP can't tell ['a', 'b'] from [0 => 'a', 1 => 'b'].
     *
     * @return list<array{string, mixed}>
     */
    private static function pairs(string $option, mixed $value): array
    {
        if (!is_array($value)) {
            throw new AvcsecError("$option must be names with their values");
        }
        if (!array_is_list($value)) {
            $value = array_map(null, array_keys($value), array_values($value));
        }
        foreach ($value as $pair) {
            if (!is_array($pair) || !array_is_list($pair) || count($pair) !== 2) {
                throw new AvcsecError("$option must be names with their values");
            }
        }
        return array_map(fn ($pair) => [self::scalar($option, $pair[0]), $pair[1]], $value);
    }

    private static function b64url(string $bytes): string
    {
        return rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
    }
}
