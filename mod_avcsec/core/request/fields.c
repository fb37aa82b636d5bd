/* SPDX-License-Identifier: Apache-2.0
 *
 * Fields of forms, by their names.
 */
#include "core/request/fields.h"

#include "core/text/query.h"

#include <string.h>

/* ---- Names ---- */

static bool has_bracket(avcsec_slice_t name)
{
    for (size_t at = 0; at < name.len; at++)
        if (name.p[at] == '[' || avcsec_escape_at(name.p + at, name.len - at) == '[')
            return true;
    return false;
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
        if (!avcsec_query_php_reads_as(field.name, demand->name))
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

bool avcsec_fields_in_cookie(avcsec_slice_t cookie, avcsec_slice_t name)
{
    avcsec_slice_t piece;

    while (next_piece(&cookie, ";,", &piece)) {
        avcsec_argument_t field;

        cut_name(avcsec_slice_trim(piece), &field);
        if (avcsec_query_php_reads_as(avcsec_slice_trim(field.name), name))
            return true;
    }
    return false;
}

/* PHP takes what stands before the first ';', ',' or space; others the last of several fields
 * that httpd has joined. */
bool avcsec_fields_are_in_body(avcsec_slice_t content_type)
{
    avcsec_slice_t type, word;

    while (avcsec_slice_cut(&content_type, ',', &type))
        if (avcsec_slice_next_word(&type, "; \t", &word) &&
            avcsec_slice_equals_nocase(word, AVCSEC_LITERAL("application/x-www-form-urlencoded")))
            return true;
    return false;
}
