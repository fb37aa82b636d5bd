/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading and writing Cache-Control.
 */
#include "core/text/cache_control.h"

#include <string.h>

#define LONGEST INT64_C(2147483648) /* RFC 9111, 1.2.2: longer counts as that */

typedef struct {
    char *out;
    size_t len;
} writer_t;

static void put(writer_t *writer, avcsec_slice_t text)
{
    if (text.len)
        memcpy(writer->out + writer->len, text.p, text.len);
    writer->len += text.len;
}

static void put_directive(writer_t *writer, avcsec_slice_t name)
{
    put(writer, AVCSEC_LITERAL(", "));
    put(writer, name);
}

static void put_number(writer_t *writer, int64_t number)
{
    char digits[20], *first = digits + sizeof(digits);
    uint64_t left = (uint64_t)number;

    do
        *--first = (char)('0' + left % 10);
    while ((left /= 10) != 0);
    put(writer, avcsec_slice_between(first, digits + sizeof(digits)));
}

/* Commas in a quoted string divide nothing. */
static bool next_directive(avcsec_slice_t *rest, avcsec_slice_t *directive)
{
    bool is_quoted = false;
    size_t at = 0;

    if (!rest->p)
        return false;
    for (; at < rest->len && (is_quoted || rest->p[at] != ','); at++)
        if (is_quoted && rest->p[at] == '\\')
            at++;
        else if (rest->p[at] == '"')
            is_quoted = !is_quoted;
    at = at < rest->len ? at : rest->len;
    *directive = avcsec_slice_trim((avcsec_slice_t){rest->p, at});
    *rest = at < rest->len ? (avcsec_slice_t){rest->p + at + 1, rest->len - at - 1}
                           : (avcsec_slice_t){NULL, 0};
    return true;
}

static avcsec_slice_t unquoted(avcsec_slice_t value)
{
    return value.len > 1 && value.p[0] == '"' && value.p[value.len - 1] == '"'
               ? (avcsec_slice_t){value.p + 1, value.len - 2}
               : value;
}

/* What is no number of seconds is none. */
static int64_t seconds_of(avcsec_slice_t value)
{
    int64_t seconds = 0;

    value = unquoted(value);
    for (size_t i = 0; i < value.len; i++) {
        if (!avcsec_is((unsigned char)value.p[i], AVCSEC_DIGIT))
            return 0;
        seconds = seconds * 10 + (value.p[i] - '0');
        if (seconds > LONGEST)
            seconds = LONGEST;
    }
    return seconds;
}

/* Names of fields, and nothing that a careless reader could take for a directive. */
static bool is_field_list(avcsec_slice_t value)
{
    avcsec_slice_t list = unquoted(value);

    if (list.p == value.p || !list.len)
        return false;
    for (size_t i = 0; i < list.len; i++)
        if (!avcsec_is((unsigned char)list.p[i], AVCSEC_WORD) && list.p[i] != ',' &&
            list.p[i] != ' ')
            return false;
    return true;
}

static bool is_named(avcsec_slice_t name, avcsec_slice_t directive)
{
    return avcsec_slice_equals_nocase(name, directive);
}

/* Not for these fields, or, where it is not clear which, not at all. */
static void put_no_cache(writer_t *writer, avcsec_slice_t value)
{
    put_directive(writer, AVCSEC_LITERAL("no-cache"));
    if (is_field_list(value)) {
        put(writer, AVCSEC_LITERAL("="));
        put(writer, value);
    }
}

static void put_strict(writer_t *writer, avcsec_slice_t name)
{
    static const avcsec_slice_t strict[] = {
        {"no-store", 8}, {"must-revalidate", 15}, {"proxy-revalidate", 16}, {"no-transform", 12}};

    for (size_t i = 0; i < sizeof(strict) / sizeof(strict[0]); i++)
        if (is_named(name, strict[i]))
            put_directive(writer, strict[i]);
}

static void put_age(writer_t *writer, int64_t age, const avcsec_freshness_t *freshness)
{
    if (age < 0 && !freshness->is_told)
        return;
    if (freshness->most >= 0 && (age < 0 || age > freshness->most))
        age = freshness->most;
    if (age < 0)
        return;
    put_directive(writer, AVCSEC_LITERAL("max-age="));
    put_number(writer, age);
}

size_t avcsec_cache_control_private(avcsec_slice_t field, const avcsec_freshness_t *freshness,
                                    char *out)
{
    static const char first[] = "private";
    writer_t writer = {memcpy(out, first, sizeof(first) - 1), sizeof(first) - 1};
    avcsec_slice_t directive, name;
    int64_t age = -1;

    while (next_directive(&field, &directive)) {
        avcsec_slice_t value = directive;

        avcsec_slice_cut(&value, '=', &name);
        name = avcsec_slice_trim(name);
        value = avcsec_slice_trim(value);
        if (is_named(name, AVCSEC_LITERAL("max-age")))
            age = age < 0 || seconds_of(value) < age ? seconds_of(value) : age;
        else if (is_named(name, AVCSEC_LITERAL("no-cache")))
            put_no_cache(&writer, value);
        else
            put_strict(&writer, name);
    }
    put_age(&writer, age, freshness);
    return writer.len;
}

avcsec_sharing_t avcsec_cache_control_sharing(avcsec_slice_t field)
{
    static const avcsec_slice_t never[] = {{"private", 7}, {"no-store", 8}, {"no-cache", 8}};
    avcsec_sharing_t sharing = AVCSEC_SHARING_UNSAID;
    avcsec_slice_t directive, name;

    while (next_directive(&field, &directive)) {
        bool is_age;

        avcsec_slice_cut(&directive, '=', &name);
        name = avcsec_slice_trim(name);
        for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
            if (is_named(name, never[i]) && !directive.p)
                return AVCSEC_UNSHARED;
        is_age =
            is_named(name, AVCSEC_LITERAL("max-age")) || is_named(name, AVCSEC_LITERAL("s-maxage"));
        if (is_named(name, AVCSEC_LITERAL("public")) ||
            (is_age && seconds_of(avcsec_slice_trim(directive))))
            sharing = AVCSEC_SHARED;
        else if (is_age && sharing == AVCSEC_SHARING_UNSAID)
            sharing = AVCSEC_UNSHARED;
    }
    return sharing;
}
