/* SPDX-License-Identifier: Apache-2.0
 *
 * Queries: `avc` out for good and nothing else with it; names as PHP reads them
 * against a second reading, written after PHP's main/php_variables.c. Lines of the
 * input: the query, a name, what it may be read as.
 */
#include "fuzz.h"

#include "core/text/query.h"

#include <ctype.h>

/* ---- `avc` out ---- */

static bool is_token_piece(avcsec_slice_t piece)
{
    const char *equals = piece.len ? memchr(piece.p, '=', piece.len) : NULL;
    char name[16];
    size_t len = equals ? (size_t)(equals - piece.p) : piece.len, n = 0;

    for (size_t at = 0; at < len && n < sizeof(name); n++) {
        char digits[3] = "";

        if (at + 2 < len)
            memcpy(digits, piece.p + at + 1, 2);
        if (piece.p[at] == '%' && isxdigit((unsigned char)digits[0]) &&
            isxdigit((unsigned char)digits[1])) {
            name[n] = (char)strtol(digits, NULL, 16);
            at += 3;
        } else {
            name[n] = piece.p[at++];
        }
    }
    return n == 3 && memcmp(name, "avc", 3) == 0;
}

static void token_out(avcsec_slice_t query)
{
    char *out = fuzz_room(query.len), *again;
    avcsec_slice_t left = {out, avcsec_query_without_token(query, out)}, a = query, b, one, other;

    PROMISE(left.len <= query.len);
    again = fuzz_room(left.len);
    PROMISE(avcsec_query_without_token(left, again) == left.len);
    PROMISE(left.len == 0 || memcmp(again, left.p, left.len) == 0);
    /* The pieces that stay are the same, in the same order. */
    b = left;
    while (avcsec_slice_cut(&a, '&', &one)) {
        if (is_token_piece(one))
            continue;
        PROMISE(avcsec_slice_cut(&b, '&', &other) && avcsec_slice_equals(one, other));
    }
    PROMISE(!avcsec_slice_cut(&b, '&', &other) || (left.len == 0 && other.len == 0));
    free(out);
    free(again);
}

static void arguments(avcsec_slice_t query)
{
    avcsec_slice_t rest = query;
    avcsec_argument_t argument;
    size_t total = 0;

    while (avcsec_query_next(&rest, &argument)) {
        PROMISE(argument.name.p >= query.p &&
                argument.name.p + argument.name.len <= query.p + query.len);
        PROMISE(!argument.value.p || argument.value.p == argument.name.p + argument.name.len + 1);
        PROMISE(!argument.name.len || !memchr(argument.name.p, '=', argument.name.len));
        total += argument.name.len + argument.value.len;
    }
    PROMISE(total <= query.len);
}

/* ---- names ---- */

/* php_url_decode, in place; returns the length. */
static size_t url_decode(char *s, size_t len)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++)
        if (s[i] == '+') {
            s[n++] = ' ';
        } else if (s[i] == '%' && i + 2 < len && isxdigit((unsigned char)s[i + 1]) &&
                   isxdigit((unsigned char)s[i + 2])) {
            char digits[3] = {s[i + 1], s[i + 2], '\0'};

            s[n++] = (char)strtol(digits, NULL, 16);
            i += 2;
        } else {
            s[n++] = s[i];
        }
    return n;
}

static bool php_reads(avcsec_slice_t name, avcsec_slice_t plain, bool cut_at_bracket)
{
    char *copy = fuzz_string(name), *start = copy;
    bool is_same;

    copy[url_decode(copy, name.len)] = '\0';
    start += strspn(start, " ");
    if (cut_at_bracket)
        start[strcspn(start, "[")] = '\0';
    for (char *c = start; *c; c++)
        if (*c == ' ' || *c == '.' || *c == '[')
            *c = '_';
    is_same = strlen(start) == plain.len && memcmp(start, plain.p, plain.len) == 0;
    free(copy);
    return is_same;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    avcsec_slice_t rest = {(const char *)data, size}, query = fuzz_copy(fuzz_line(&rest)),
                   name = fuzz_copy(fuzz_line(&rest)), plain = fuzz_copy(fuzz_line(&rest));

    token_out(query);
    arguments(query);
    if (name.p && avcsec_slice_is_made_of(plain, AVCSEC_WORD)) {
        fuzz_accepted += avcsec_query_php_reads_as(name, plain);
        PROMISE(avcsec_query_php_reads_as(name, plain) ==
                (php_reads(name, plain, true) || php_reads(name, plain, false)));
        avcsec_query_has(query, plain, name);
        avcsec_query_has(query, plain, (avcsec_slice_t){0});
    }
    fuzz_free(query);
    fuzz_free(name);
    fuzz_free(plain);
    return 0;
}
