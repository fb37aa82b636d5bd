/* SPDX-License-Identifier: Apache-2.0
 *
 * Text for logs. Prefers to hide too much: a log line is no contract.
 */
#include "core/text/redact.h"

#include <string.h>

/* So many characters of a mac tell an attacker nothing yet. */
#define HARMLESS 16

/* The byte at `at` after as many decodings as it takes ("%257E" is '~'), and how many
 * bytes it is made of. */
static unsigned char decode_deep(avcsec_slice_t text, size_t at, size_t *used)
{
    int value = avcsec_escape_at(text.p + at, text.len - at);

    *used = value < 0 ? 1 : 3;
    while (value == '%' && at + *used + 2 <= text.len) {
        char again[3] = {'%', text.p[at + *used], text.p[at + *used + 1]};

        value = avcsec_escape_at(again, sizeof(again));
        if (value < 0)
            return '%';
        *used += 2;
    }
    return value < 0 ? (unsigned char)text.p[at] : (unsigned char)value;
}

size_t avcsec_redact_match(avcsec_slice_t text, size_t at, avcsec_slice_t plain)
{
    size_t used = 1;

    for (size_t i = 0; i < plain.len; i++, at += used) {
        unsigned char c;

        if (at >= text.len)
            return 0;
        used = 1;
        c = text.p[at] == '%' ? decode_deep(text, at, &used) : (unsigned char)text.p[at];
        if (c != (unsigned char)plain.p[i])
            return 0;
    }
    return at;
}

static size_t end_of_mark(avcsec_slice_t text, size_t at, const char *mark)
{
    return avcsec_redact_match(text, at, avcsec_slice_of(mark));
}

/* Where a run of base64url that starts at `at` ends; *count characters. */
static size_t end_of_run(avcsec_slice_t text, size_t at, size_t *count)
{
    size_t used = 1;

    for (*count = 0; at < text.len; at += used, ++*count) {
        used = 1;
        if (avcsec_is((unsigned char)text.p[at], AVCSEC_WORD))
            continue;
        if (text.p[at] != '%' || !avcsec_is(decode_deep(text, at, &used), AVCSEC_WORD))
            break;
    }
    return at;
}

/* Where the signature starts of a JWT that starts at `at`, else 0. Up to *tried, nothing
 * starts one: what has been read in vain is not read again for each "eyJ" in it. */
static size_t signature_of_jwt(avcsec_slice_t text, size_t at, size_t *tried)
{
    size_t count;

    if (at < *tried || !end_of_mark(text, at, "eyJ"))
        return 0;
    *tried = at = end_of_run(text, at, &count);
    at = end_of_mark(text, at, ".");
    return at ? end_of_mark(text, end_of_run(text, at, &count), ".") : 0;
}

/* Whether a secret starts with what is at `at`: from *from to *to it is to be hidden. */
static bool find_secret(avcsec_slice_t text, size_t at, size_t *tried, size_t *from, size_t *to)
{
    size_t count;

    if (!(*from = end_of_mark(text, at, "mac.")) && !(*from = signature_of_jwt(text, at, tried)))
        return false;
    *to = end_of_run(text, *from, &count);
    return count > HARMLESS;
}

/* ---- Finding marks ---- */

/* Where the next marks stand in a text. Most have none, and need not be read byte by byte for
 * that. */
typedef struct {
    avcsec_slice_t text;
    bool has_escape; /* a mark may stand anywhere */
    size_t mac, jwt; /* else: the next that have been found, or the text's length */
} marks_t;

/* `mark` as it stands, from `at` on; the length if there is none. It is looked for by one of its
 * letters, a rare one in addresses. */
static size_t find_plain(avcsec_slice_t text, size_t at, avcsec_slice_t mark, size_t letter)
{
    const char *from, *end;

    if (text.len < at + mark.len)
        return text.len;
    from = text.p + at + letter;
    end = text.p + text.len;
    while ((from = memchr(from, mark.p[letter], (size_t)(end - from)))) {
        from -= letter;
        if ((size_t)(end - from) >= mark.len && !memcmp(from, mark.p, mark.len))
            return (size_t)(from - text.p);
        from += letter + 1;
    }
    return text.len;
}

/* A mark starts with an escape, or with its first byte and then its second or an escape. */
static const char second[256] = {['%'] = '%', ['m'] = 'a', ['e'] = 'y'};

/* Bytes before the next place where a mark may start. */
static size_t gap(avcsec_slice_t text, size_t at)
{
    size_t i = at;

    for (; i < text.len; i++) {
        char next = second[(unsigned char)text.p[i]];

        if (next && (text.p[i] == '%' || i + 1 == text.len || text.p[i + 1] == '%' ||
                     text.p[i + 1] == next))
            break;
    }
    return i - at;
}

static size_t next_mark(marks_t *marks, size_t at)
{
    if (marks->has_escape)
        return at + gap(marks->text, at);
    if (marks->mac < at)
        marks->mac = find_plain(marks->text, at, AVCSEC_LITERAL("mac."), 0);
    if (marks->jwt < at)
        marks->jwt = find_plain(marks->text, at, AVCSEC_LITERAL("eyJ"), 2);
    return marks->mac < marks->jwt ? marks->mac : marks->jwt;
}

static marks_t marks_in(avcsec_slice_t text)
{
    marks_t marks = {text, text.len && memchr(text.p, '%', text.len), 0, 0};

    if (!marks.has_escape) {
        marks.mac = find_plain(text, 0, AVCSEC_LITERAL("mac."), 0);
        marks.jwt = find_plain(text, 0, AVCSEC_LITERAL("eyJ"), 2);
    }
    return marks;
}

/* ---- Hiding ---- */

size_t avcsec_redact(avcsec_slice_t text, char *out)
{
    marks_t marks = marks_in(text);
    size_t at = 0, len = 0, tried = 0;

    while (at < text.len) {
        size_t plain = next_mark(&marks, at) - at, from, to;

        memcpy(out + len, text.p + at, plain);
        len += plain;
        at += plain;
        if (at == text.len)
            break;
        if (!find_secret(text, at, &tried, &from, &to)) {
            out[len++] = text.p[at++];
            continue;
        }
        memcpy(out + len, text.p + at, from - at);
        len += from - at;
        out[len++] = '*';
        at = to;
    }
    return len;
}

bool avcsec_redact_is_needless(avcsec_slice_t text)
{
    marks_t marks = marks_in(text);
    size_t tried = 0, from, to;

    for (size_t at = 0; (at = next_mark(&marks, at)) < text.len; at++)
        if (find_secret(text, at, &tried, &from, &to))
            return false;
    return true;
}
