/* SPDX-License-Identifier: Apache-2.0
 *
 * Text for logs. Prefers to hide too much: a log line is no contract.
 */
#include "redact.h"

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

/* The end of "mac." if it starts at `at`, else 0. */
static size_t end_of_mark(avcsec_slice_t text, size_t at)
{
    static const char mark[] = "mac.";
    size_t used;

    for (const char *m = mark; *m; m++, at += used)
        if (at >= text.len || decode_deep(text, at, &used) != (unsigned char)*m)
            return 0;
    return at;
}

/* Where a run of base64url that starts at `at` ends; 0 if it is short. */
static size_t end_of_mac(avcsec_slice_t text, size_t at)
{
    size_t count = 0, used = 1;

    for (; at < text.len; at += used, count++) {
        unsigned char c = (unsigned char)text.p[at];

        used = 1;
        if (c == '%')
            c = decode_deep(text, at, &used);
        if (!avcsec_is(c, AVCSEC_WORD))
            break;
    }
    return count > HARMLESS ? at : 0;
}

/* Bytes before the next one that a mark may start with. */
static size_t gap(avcsec_slice_t text, size_t at)
{
    size_t len = 0;

    while (at + len < text.len && text.p[at + len] != 'm' && text.p[at + len] != '%')
        len++;
    return len;
}

size_t avcsec_redact(avcsec_slice_t text, char *out)
{
    size_t at = 0, len = 0;

    while (at < text.len) {
        size_t plain = gap(text, at), mark, end;

        memcpy(out + len, text.p + at, plain);
        len += plain;
        at += plain;
        if (at == text.len)
            break;
        mark = end_of_mark(text, at);
        end = mark ? end_of_mac(text, mark) : 0;
        if (!end) {
            out[len++] = text.p[at++];
            continue;
        }
        memcpy(out + len, text.p + at, mark - at);
        len += mark - at;
        out[len++] = '*';
        at = end;
    }
    return len;
}

bool avcsec_redact_is_needless(avcsec_slice_t text)
{
    for (size_t at = 0; (at += gap(text, at)) < text.len; at++) {
        size_t mark = end_of_mark(text, at);

        if (mark && end_of_mac(text, mark))
            return false;
    }
    return true;
}
