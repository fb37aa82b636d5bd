/* SPDX-License-Identifier: Apache-2.0
 *
 * Slices: a pointer and a length into memory that stays the caller's.
 * Nothing here allocates or expects a terminating NUL.
 */
#ifndef AVCSEC_SLICE_H
#define AVCSEC_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    const char *p; /* NULL: absent, which differs from empty */
    size_t len;
} avcsec_slice_t;

/* A slice of a string literal. */
#define AVCSEC_LITERAL(s) ((avcsec_slice_t){(s), sizeof(s) - 1})

/* A slice of a NUL-terminated string; NULL gives the absent slice. */
static inline avcsec_slice_t avcsec_slice_of(const char *string)
{
    return (avcsec_slice_t){string, string ? strlen(string) : 0};
}

/* The bytes from `from` up to, not including, `to`. */
static inline avcsec_slice_t avcsec_slice_between(const char *from, const char *to)
{
    return (avcsec_slice_t){from, (size_t)(to - from)};
}

static inline bool avcsec_slice_equals(avcsec_slice_t a, avcsec_slice_t b)
{
    return a.len == b.len && (a.len == 0 || (a.p && b.p && memcmp(a.p, b.p, a.len) == 0));
}

/* ASCII letters compare without case; other bytes as they are. */
bool avcsec_slice_equals_nocase(avcsec_slice_t a, avcsec_slice_t b);

static inline bool avcsec_slice_has_prefix(avcsec_slice_t s, avcsec_slice_t prefix)
{
    return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.p, prefix.p, prefix.len) == 0);
}

/* Takes the piece before the next `separator` off the front of *rest, and the
 * separator with it. False when *rest is absent, which it becomes after the
 * last piece; so "a//" at '/' gives "a", "", "" and then false. */
bool avcsec_slice_cut(avcsec_slice_t *rest, char separator, avcsec_slice_t *piece);

/* Takes the next word off the front of *rest, and what stands before it: words are divided
 * by one or more of the characters of `between`. False if there is no other. */
bool avcsec_slice_next_word(avcsec_slice_t *rest, const char *between, avcsec_slice_t *word);

/* The same for a line of a file: words divided by spaces and tabs, up to a "#" that begins
 * one. */
bool avcsec_slice_next_on_line(avcsec_slice_t *line, avcsec_slice_t *word);

/* Without the spaces and tabs at both ends (RFC 9110, OWS). */
avcsec_slice_t avcsec_slice_trim(avcsec_slice_t s);

/* Classes of ASCII characters, whatever the locale; they add up. */
enum {
    AVCSEC_UPPER = 1,
    AVCSEC_LOWER = 2,
    AVCSEC_DIGIT = 4,
    AVCSEC_DASH = 8,
    AVCSEC_UNDERSCORE = 16,
    AVCSEC_DOT = 32,
    AVCSEC_TILDE = 64,
    AVCSEC_CONTROL = 128, /* 0 to 31 and 127 */
    AVCSEC_WORD = AVCSEC_UPPER | AVCSEC_LOWER | AVCSEC_DIGIT | AVCSEC_DASH | AVCSEC_UNDERSCORE,
    AVCSEC_VALUE = AVCSEC_WORD | AVCSEC_DOT,
    AVCSEC_UNRESERVED = AVCSEC_VALUE | AVCSEC_TILDE /* of a URI, RFC 3986 */
};

extern const unsigned char avcsec_classes[256];

static inline bool avcsec_is(unsigned char c, unsigned classes)
{
    return (avcsec_classes[c] & classes) != 0;
}

/* Every byte is of one of these classes, and there is at least one. */
bool avcsec_slice_is_made_of(avcsec_slice_t s, unsigned classes);

/* A control character is in it. */
bool avcsec_slice_has_control(avcsec_slice_t s);

/* ASCII lower case of one byte. */
unsigned char avcsec_to_lower(unsigned char c);

/* A decimal number from 1 to `max`, without sign, space or leading zero. */
bool avcsec_slice_to_number(avcsec_slice_t s, int64_t max, int64_t *number);

/* The value of the escape at p ("%41"), or -1 if these `len` bytes do not start
 * with a complete one. */
int avcsec_escape_at(const char *p, size_t len);

/* Decodes percent escapes once into `out`, which has room for s.len bytes; an
 * incomplete escape stays as it is. Returns the length. `plus_is_space` reads
 * '+' as a form does (application/x-www-form-urlencoded). */
size_t avcsec_slice_unescape(avcsec_slice_t s, bool plus_is_space, char *out);

/* s decoded once equals `plain`. Needs no memory. */
bool avcsec_slice_unescapes_to(avcsec_slice_t s, avcsec_slice_t plain);

/* s decoded once starts with `plain`. */
bool avcsec_slice_unescapes_to_prefix(avcsec_slice_t s, avcsec_slice_t plain);

/* Well-formed UTF-8 (RFC 3629: shortest form, no surrogates) without control
 * characters (U+0000 to U+001F, U+007F to U+009F), and not empty. */
bool avcsec_slice_is_text(avcsec_slice_t s);

/* s matches `pattern`, in which '*' stands for any run of bytes, also none. */
bool avcsec_slice_matches(avcsec_slice_t s, avcsec_slice_t pattern, bool nocase);

#endif
