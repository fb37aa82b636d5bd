/* SPDX-License-Identifier: Apache-2.0
 *
 * Fields of forms, by their names.
 */
#include "core/request/fields.h"

#include "core/text/query.h"

#include <string.h>

/* ---- Names ---- */

/* One decoded byte; *at moves behind it. */
static unsigned char next_byte(avcsec_slice_t s, size_t *at)
{
    int escaped = avcsec_escape_at(s.p + *at, s.len - *at);
    unsigned char c = (unsigned char)s.p[*at];

    *at += escaped < 0 ? 1 : 3;
    return escaped < 0 ? c : (unsigned char)escaped;
}

static bool is_bracket(unsigned char c)
{
    return c == '[' || c == ']';
}

static bool has_bracket(avcsec_slice_t name)
{
    for (size_t at = 0; at < name.len;)
        if (is_bracket(next_byte(name, &at)))
            return true;
    return false;
}

/* Rack and Express take brackets in front of a name, and whatever follows one, for an array's:
 * "[user]" and "user]" are user. */
static bool is_in_brackets(avcsec_slice_t name, avcsec_slice_t plain)
{
    unsigned char c = '[';
    size_t at = 0, len = 0;

    while (at < name.len && is_bracket(c))
        c = next_byte(name, &at);
    while (len < plain.len && c == (unsigned char)plain.p[len]) {
        c = at < name.len ? next_byte(name, &at) : '[';
        len++;
    }
    return len == plain.len && is_bracket(c);
}

/* Most names are done with at their first byte: a megabyte may hold half a million. */
static bool is_named(avcsec_slice_t name, avcsec_slice_t plain)
{
    if (!name.len || (avcsec_is((unsigned char)*name.p, AVCSEC_WORD) && *name.p != *plain.p))
        return false;
    return avcsec_query_php_reads_as(name, plain) || is_in_brackets(name, plain);
}

static void cut_name(avcsec_slice_t piece, avcsec_argument_t *field)
{
    field->value = piece;
    avcsec_slice_cut(&field->value, '=', &field->name);
}

/* The next piece before one of the two separators. */
static bool next_piece(avcsec_slice_t *rest, const char separators[2], avcsec_slice_t *piece)
{
    size_t len = 0;

    if (!rest->p)
        return false;
    while (len < rest->len && rest->p[len] != separators[0] && rest->p[len] != separators[1])
        len++;
    *piece = (avcsec_slice_t){rest->p, len};
    *rest = len < rest->len ? avcsec_slice_between(rest->p + len + 1, rest->p + rest->len)
                            : (avcsec_slice_t){NULL, 0};
    return true;
}

/* ---- Forms ---- */

static avcsec_field_t judge_divided(avcsec_slice_t form, const char separators[2],
                                    const avcsec_demand_t *demand, char *room)
{
    avcsec_field_t found = AVCSEC_FIELD_PASSES;
    bool is_there = false;
    avcsec_slice_t piece;

    while (next_piece(&form, separators, &piece)) {
        avcsec_argument_t field;

        cut_name(piece, &field);
        if (!is_named(field.name, demand->name))
            continue;
        if (has_bracket(field.name))
            return AVCSEC_FIELD_ARRAY;
        if (is_there)
            return AVCSEC_FIELD_REPEATED;
        is_there = true;
        if (!demand->is_right(demand->baton, (avcsec_slice_t){room, avcsec_slice_unescape(
                                                                        field.value, true, room)}))
            found = AVCSEC_FIELD_WRONG;
    }
    return found;
}

avcsec_field_t avcsec_fields_judge(avcsec_slice_t form, const avcsec_demand_t *demand, char *room)
{
    avcsec_field_t found = judge_divided(form, "&&", demand, room);

    if (found != AVCSEC_FIELD_PASSES || !form.len || !memchr(form.p, ';', form.len))
        return found;
    return judge_divided(form, "&;", demand, room);
}

/* ---- Headers ---- */

static void skip(avcsec_slice_t *rest, const char *these)
{
    while (rest->len && *rest->p && strchr(these, *rest->p)) {
        rest->p++;
        rest->len--;
    }
}

bool avcsec_fields_in_cookie(avcsec_slice_t cookie, avcsec_slice_t name)
{
    /* PHP drops them all, and HttpProtocolOptions Unsafe lets them in. */
    static const char spaces[] = " \t\n\v\f\r";
    avcsec_slice_t piece;

    while (next_piece(&cookie, ";,", &piece)) {
        avcsec_argument_t field;

        skip(&piece, spaces);
        cut_name(piece, &field);
        if (avcsec_query_php_reads_as(avcsec_slice_trim(field.name), name))
            return true;
    }
    return false;
}

/* PHP takes what stands before the first ';', ',' or space; others the last of several fields
 * that httpd has joined, and Perl's CGI whatever begins so. */
bool avcsec_fields_are_in_body(avcsec_slice_t content_type)
{
    const avcsec_slice_t form = AVCSEC_LITERAL("application/x-www-form-urlencoded");
    avcsec_slice_t type, word;

    while (avcsec_slice_cut(&content_type, ',', &type))
        if (avcsec_slice_next_word(&type, "; \t", &word) && word.len >= form.len &&
            avcsec_slice_equals_nocase((avcsec_slice_t){word.p, form.len}, form))
            return true;
    return false;
}

/* ---- Charsets ---- */

/* Names of those in which ASCII is ASCII. */
static bool keeps_ascii(avcsec_slice_t charset)
{
    static const char *const usual[] = {
        "utf-8",        "utf8",      "us-ascii", "ascii",       "latin1", "iso-8859-*", "koi8-*",
        "windows-125*", "cp125*",    "euc-*",    "gb2312",      "gbk",    "gb18030",    "big5",
        "big5-hkscs",   "shift_jis", "tis-620",  "windows-874", NULL};
    int i = 0;

    while (usual[i] && !avcsec_slice_matches(charset, avcsec_slice_of(usual[i]), true))
        i++;
    return !charset.len || usual[i];
}

/* What is said behind the word; absent: it is no parameter. */
static avcsec_slice_t charset_behind(avcsec_slice_t rest)
{
    size_t len = 0;

    skip(&rest, " \t");
    /* Of RFC 2231, which no client uses for this: "charset*=", "charset*0=". */
    if (rest.len && *rest.p == '*')
        return AVCSEC_LITERAL("*");
    if (!rest.len || *rest.p != '=')
        return (avcsec_slice_t){NULL, 0};
    skip(&rest, "= \t\"'");
    while (len < rest.len && !strchr("; \t\"',", rest.p[len]))
        len++;
    return (avcsec_slice_t){rest.p, len};
}

bool avcsec_fields_keep_ascii(avcsec_slice_t content_type)
{
    const avcsec_slice_t word = AVCSEC_LITERAL("charset");

    for (size_t at = 0; at + word.len <= content_type.len; at++)
        if (avcsec_slice_equals_nocase((avcsec_slice_t){content_type.p + at, word.len}, word) &&
            !keeps_ascii(charset_behind(avcsec_slice_between(content_type.p + at + word.len,
                                                             content_type.p + content_type.len))))
            return false;
    return true;
}
