/* SPDX-License-Identifier: Apache-2.0
 *
 * Slices: comparing, cutting, unescaping. Refuses to allocate, and to look at
 * the locale.
 */
#include "core/text/slice.h"

#include <string.h>

unsigned char avcsec_to_lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c + ('a' - 'A')) : c;
}

bool avcsec_slice_equals_nocase(avcsec_slice_t a, avcsec_slice_t b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (avcsec_to_lower((unsigned char)a.p[i]) != avcsec_to_lower((unsigned char)b.p[i]))
            return false;
    return true;
}

bool avcsec_slice_cut(avcsec_slice_t *rest, char separator, avcsec_slice_t *piece)
{
    const char *at;

    if (!rest->p)
        return false;
    at = rest->len ? memchr(rest->p, separator, rest->len) : NULL;
    if (!at) {
        *piece = *rest;
        *rest = (avcsec_slice_t){NULL, 0};
        return true;
    }
    *piece = avcsec_slice_between(rest->p, at);
    *rest = avcsec_slice_between(at + 1, rest->p + rest->len);
    return true;
}

static size_t span(avcsec_slice_t s, const char *between, bool is_between)
{
    size_t n = 0;

    while (n < s.len && (s.p[n] && strchr(between, s.p[n])) == is_between)
        n++;
    return n;
}

bool avcsec_slice_next_word(avcsec_slice_t *rest, const char *between, avcsec_slice_t *word)
{
    size_t before = span(*rest, between, true);

    *word = (avcsec_slice_t){rest->p + before, rest->len - before};
    word->len = span(*word, between, false);
    rest->p += before + word->len;
    rest->len -= before + word->len;
    return word->len > 0;
}

bool avcsec_slice_next_on_line(avcsec_slice_t *line, avcsec_slice_t *word)
{
    return avcsec_slice_next_word(line, " \t", word) && word->p[0] != '#';
}

avcsec_slice_t avcsec_slice_trim(avcsec_slice_t s)
{
    while (s.len && (s.p[0] == ' ' || s.p[0] == '\t')) {
        s.p++;
        s.len--;
    }
    while (s.len && (s.p[s.len - 1] == ' ' || s.p[s.len - 1] == '\t'))
        s.len--;
    return s;
}

#define EACH_OF_16(c) c, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c
#define EACH_OF_26(c) EACH_OF_16(c), c, c, c, c, c, c, c, c, c, c
#define EACH_OF_10(c) c, c, c, c, c, c, c, c, c, c

const unsigned char avcsec_classes[256] = {
    EACH_OF_16(AVCSEC_CONTROL), EACH_OF_16(AVCSEC_CONTROL),       ['-'] = AVCSEC_DASH,
    ['.'] = AVCSEC_DOT,         ['0'] = EACH_OF_10(AVCSEC_DIGIT), ['A'] = EACH_OF_26(AVCSEC_UPPER),
    ['_'] = AVCSEC_UNDERSCORE,  ['a'] = EACH_OF_26(AVCSEC_LOWER), ['~'] = AVCSEC_TILDE,
    [0x7f] = AVCSEC_CONTROL,
};

bool avcsec_slice_is_made_of(avcsec_slice_t s, unsigned classes)
{
    for (size_t i = 0; i < s.len; i++)
        if (!avcsec_is((unsigned char)s.p[i], classes))
            return false;
    return s.len > 0;
}

bool avcsec_slice_has_control(avcsec_slice_t s)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones * 0x80;
    size_t i = 0;

    /* Eight bytes at once, while none of them is below 0x20 or 0x7f: such a one borrows from
     * its top bit. */
    for (; s.len - i >= sizeof(ones); i += sizeof(ones)) {
        uint64_t bytes, del;

        memcpy(&bytes, s.p + i, sizeof(bytes));
        del = bytes ^ ones * 0x7f;
        if ((((bytes - ones * 0x20) & ~bytes) | ((del - ones) & ~del)) & tops)
            break;
    }
    for (; i < s.len; i++)
        if (avcsec_is((unsigned char)s.p[i], AVCSEC_CONTROL))
            return true;
    return false;
}

bool avcsec_slice_to_number(avcsec_slice_t s, int64_t max, int64_t *number)
{
    int64_t n = 0;

    if (s.len == 0 || s.len > 16 || s.p[0] == '0')
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        n = n * 10 + (s.p[i] - '0');
    }
    if (n > max)
        return false;
    *number = n;
    return true;
}

static int hex_value(unsigned char c)
{
    if (avcsec_is(c, AVCSEC_DIGIT))
        return c - '0';
    c = avcsec_to_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int avcsec_escape_at(const char *p, size_t len)
{
    int high, low;

    if (len < 3 || p[0] != '%')
        return -1;
    high = hex_value((unsigned char)p[1]);
    low = hex_value((unsigned char)p[2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* The next byte of s after one decoding; *at moves behind it. */
static unsigned char next_unescaped(avcsec_slice_t s, size_t *at)
{
    int escaped = s.p[*at] == '%' ? avcsec_escape_at(s.p + *at, s.len - *at) : -1;

    if (escaped < 0)
        return (unsigned char)s.p[(*at)++];
    *at += 3;
    return (unsigned char)escaped;
}

size_t avcsec_slice_unescape(avcsec_slice_t s, bool plus_is_space, char *out)
{
    size_t at = 0, len = 0;

    if (s.len && !plus_is_space && !memchr(s.p, '%', s.len)) {
        memcpy(out, s.p, s.len);
        return s.len;
    }
    while (at < s.len) {
        bool is_plus = s.p[at] == '+';
        unsigned char c = next_unescaped(s, &at);

        out[len++] = (char)(is_plus && plus_is_space ? ' ' : c);
    }
    return len;
}

static bool unescapes_to(avcsec_slice_t s, avcsec_slice_t plain, bool whole)
{
    size_t at = 0, i = 0;

    if (s.len < plain.len)
        return false;
    while (i < plain.len && at < s.len)
        if (next_unescaped(s, &at) != (unsigned char)plain.p[i++])
            return false;
    return i == plain.len && (!whole || at == s.len);
}

bool avcsec_slice_unescapes_to(avcsec_slice_t s, avcsec_slice_t plain)
{
    /* An escape is longer than what it means. */
    return s.len <= plain.len ? avcsec_slice_equals(s, plain)
                              : memchr(s.p, '%', s.len) && unescapes_to(s, plain, true);
}

bool avcsec_slice_unescapes_to_prefix(avcsec_slice_t s, avcsec_slice_t plain)
{
    return unescapes_to(s, plain, false);
}

/* Reads one character of UTF-8; 0 when it is ill-formed (NUL is no text either). */
static uint32_t read_character(const unsigned char *p, size_t len, size_t *used)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = p[0] < 0x80 ? 1 : p[0] < 0xc0 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    uint32_t c;

    if (n == 0 || n > len || p[0] > 0xf4)
        return 0;
    c = n == 1 ? p[0] : p[0] & (0xffu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (p[i] & 0x3fu);
    }
    *used = n;
    return c < smallest[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) ? 0 : c;
}

bool avcsec_slice_is_text(avcsec_slice_t s)
{
    size_t at = 0, used = 0;

    while (at < s.len) {
        uint32_t c = read_character((const unsigned char *)s.p + at, s.len - at, &used);

        if (c < 0x20 || (c >= 0x7f && c <= 0x9f))
            return false;
        at += used;
    }
    return s.len > 0;
}

bool avcsec_slice_matches(avcsec_slice_t s, avcsec_slice_t pattern, bool nocase)
{
    size_t i = 0, k = 0, star = SIZE_MAX, retry = 0;

    /* Most patterns say how a name ends, and most names end otherwise. */
    if (s.len && pattern.len && pattern.p[pattern.len - 1] != '*' &&
        avcsec_to_lower((unsigned char)s.p[s.len - 1]) !=
            avcsec_to_lower((unsigned char)pattern.p[pattern.len - 1]))
        return false;
    /* On a mismatch only the last star needs another try: linear for one star,
     * never worse than the product of the lengths. */
    while (i < s.len) {
        unsigned char a = (unsigned char)s.p[i],
                      b = k < pattern.len ? (unsigned char)pattern.p[k] : 0;

        if (k < pattern.len && b == '*') {
            star = k++;
            retry = i;
        } else if (k < pattern.len &&
                   (nocase ? avcsec_to_lower(a) == avcsec_to_lower(b) : a == b)) {
            i++;
            k++;
        } else if (star != SIZE_MAX) {
            k = star + 1;
            i = ++retry;
        } else {
            return false;
        }
    }
    while (k < pattern.len && pattern.p[k] == '*')
        k++;
    return k == pattern.len;
}
