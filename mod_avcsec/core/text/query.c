/* SPDX-License-Identifier: Apache-2.0
 *
 * The query of a request: arguments, tokens out, names as PHP reads them.
 */
#include "core/text/query.h"

#include <string.h>

static avcsec_argument_t split(avcsec_slice_t piece)
{
    avcsec_argument_t argument = {.value = piece};

    avcsec_slice_cut(&argument.value, '=', &argument.name);
    return argument;
}

bool avcsec_query_next(avcsec_slice_t *rest, avcsec_argument_t *argument)
{
    avcsec_slice_t piece;

    while (avcsec_slice_cut(rest, '&', &piece))
        if (piece.len) {
            *argument = split(piece);
            return true;
        }
    return false;
}

bool avcsec_query_is_token(avcsec_argument_t argument)
{
    return avcsec_slice_unescapes_to(argument.name, AVCSEC_LITERAL("avc"));
}

size_t avcsec_query_without_token(avcsec_slice_t query, char *out)
{
    avcsec_slice_t rest = query, piece;
    bool is_first = true;
    size_t len = 0;

    while (avcsec_slice_cut(&rest, '&', &piece)) {
        if (avcsec_query_is_token(split(piece)))
            continue;
        if (!is_first)
            out[len++] = '&';
        if (piece.len)
            memcpy(out + len, piece.p, piece.len);
        len += piece.len;
        is_first = false;
    }
    return len;
}

/* One decoded byte of a form's name or value; *at moves behind it. */
static unsigned char next_byte(avcsec_slice_t s, size_t *at)
{
    int escaped = avcsec_escape_at(s.p + *at, s.len - *at);
    unsigned char c = (unsigned char)s.p[*at];

    *at += escaped < 0 ? 1 : 3;
    if (escaped >= 0)
        return (unsigned char)escaped;
    return c == '+' ? ' ' : c;
}

static bool reads_as(avcsec_slice_t name, avcsec_slice_t plain, bool cut_at_bracket)
{
    size_t at = 0, len = 0;

    while (at < name.len) {
        unsigned char c = next_byte(name, &at);

        if (c == '\0' || (c == '[' && cut_at_bracket))
            break;
        if (c == ' ' && len == 0)
            continue;
        if (c == ' ' || c == '.' || c == '[')
            c = '_';
        if (len == plain.len || c != (unsigned char)plain.p[len])
            return false;
        len++;
    }
    return len == plain.len;
}

bool avcsec_query_php_reads_as(avcsec_slice_t name, avcsec_slice_t plain)
{
    return reads_as(name, plain, true) || reads_as(name, plain, false);
}

static bool value_is(avcsec_slice_t raw, avcsec_slice_t value)
{
    size_t at = 0, len = 0;

    while (at < raw.len) {
        unsigned char c = avcsec_to_lower(next_byte(raw, &at));

        if (len == value.len || c != avcsec_to_lower((unsigned char)value.p[len]))
            return false;
        len++;
    }
    return len == value.len;
}

bool avcsec_query_has(avcsec_slice_t query, avcsec_slice_t name, avcsec_slice_t value)
{
    avcsec_argument_t argument;

    while (avcsec_query_next(&query, &argument))
        if (avcsec_query_php_reads_as(argument.name, name) &&
            (!value.p || value_is(argument.value, value)))
            return true;
    return false;
}

static bool holds(avcsec_slice_t text, char c)
{
    return text.len && memchr(text.p, c, text.len);
}

/* A ';' parts arguments for some servers, in names as well. */
bool avcsec_query_single(avcsec_slice_t query, avcsec_slice_t name, char *room,
                         avcsec_slice_t *value)
{
    avcsec_argument_t argument, found = {.name = {0}};
    size_t count = 0;

    value->p = NULL;
    value->len = 0;
    if (holds(query, ';'))
        return false;
    while (avcsec_query_next(&query, &argument))
        if (avcsec_query_php_reads_as(argument.name, name)) {
            found = argument;
            count++;
        }
    if (count == 0)
        return true;
    if (count > 1 || !avcsec_slice_equals(found.name, name) || holds(found.value, '+'))
        return false;
    *value = (avcsec_slice_t){room, avcsec_slice_unescape(found.value, false, room)};
    return true;
}
