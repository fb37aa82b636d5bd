/* SPDX-License-Identifier: Apache-2.0
 *
 * Revocations: reading, writing, covering.
 */
#include "core/token/revocation.h"

#include "core/text/b64url.h"
#include "core/text/utc.h"

#include <string.h>

static const avcsec_slice_t kinds[] = {{"all", 3}, {"id", 2}, {"sub", 3}, {"kid", 3}};

static bool read_kind(avcsec_slice_t word, avcsec_revocation_t *entry)
{
    for (unsigned k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
        if (avcsec_slice_equals(word, kinds[k])) {
            entry->kind = k;
            return true;
        }
    return false;
}

static bool is_value(const avcsec_revocation_t *entry, avcsec_slice_t value)
{
    switch (entry->kind) {
    case AVCSEC_REVOKE_ID:
        return value.len >= 16 && value.len <= 64 && avcsec_slice_is_made_of(value, AVCSEC_VALUE);
    case AVCSEC_REVOKE_SUB:
        return avcsec_b64url_is_text(value);
    case AVCSEC_REVOKE_KID:
        return value.len <= AVCSEC_KID_MAX && avcsec_slice_is_made_of(value, AVCSEC_WORD);
    default:
        return false;
    }
}

static const char *what_it_takes(const avcsec_revocation_t *entry)
{
    switch (entry->kind) {
    case AVCSEC_REVOKE_ID:
        return "an id is 16 to 64 of A-Z a-z 0-9 - . _, as `avcsec explain` shows it of a token; "
               "one that is shorter is in no token";
    case AVCSEC_REVOKE_KID:
        return "a kid is 1 to 16 of A-Z a-z 0-9 _ -, as in the key file";
    default:
        return "behind sub stands the user as in tokens, in base64url; `avcsec revoke --sub` "
               "writes it so";
    }
}

static const char *read_times(avcsec_slice_t line, avcsec_revocation_t *entry)
{
    avcsec_slice_t word, name;

    while (avcsec_slice_next_on_line(&line, &word)) {
        avcsec_slice_t value = word;
        bool is_before;
        int64_t *time;

        avcsec_slice_cut(&value, '=', &name);
        is_before = avcsec_slice_equals(name, AVCSEC_LITERAL("before"));
        if (!is_before && !avcsec_slice_equals(name, AVCSEC_LITERAL("until")))
            return "behind the value stand before= and until=, nothing else";
        time = is_before ? &entry->before : &entry->until;
        if (*time || !avcsec_utc_parse(value, time))
            return "a time is UTC as in 2030-01-31T00:00:00Z, and stands once";
    }
    if (!entry->until)
        return "until= is missing: when the entry may be forgotten";
    if (entry->kind == AVCSEC_REVOKE_ID && entry->before)
        return "an id is revoked whenever it was issued: leave before= out";
    return entry->kind == AVCSEC_REVOKE_ALL && !entry->before ? "all needs before=" : NULL;
}

bool avcsec_revocation_parse(avcsec_slice_t line, avcsec_revocation_t *entry, const char **error)
{
    avcsec_slice_t kind, value;

    memset(entry, 0, sizeof(*entry));
    *error = NULL;
    if (!avcsec_slice_next_on_line(&line, &kind))
        return false;
    if (!read_kind(kind, entry)) {
        *error = "a line starts with id, sub, kid or all";
        return false;
    }
    if (entry->kind != AVCSEC_REVOKE_ALL) {
        if (!avcsec_slice_next_on_line(&line, &value) || !is_value(entry, value)) {
            *error = what_it_takes(entry);
            return false;
        }
        memcpy(entry->value, value.p, value.len);
        entry->len = value.len;
    }
    *error = read_times(line, entry);
    return !*error;
}

const char *avcsec_revocations_parse(avcsec_slice_t text, int64_t now, avcsec_revocations_t *list,
                                     size_t *number)
{
    avcsec_slice_t line;
    const char *error;

    list->count = 0;
    *number = 0;
    if (text.len > AVCSEC_REVOCATIONS_FILE_MAX)
        return "it is larger than 1 MiB";
    if (text.len && text.p[text.len - 1] != '\n')
        return "its last line does not end with a newline: it may have been cut";
    while (avcsec_slice_cut(&text, '\n', &line) && text.p) {
        avcsec_revocation_t entry;

        ++*number;
        if (!avcsec_revocation_parse(line, &entry, &error)) {
            if (error)
                return error;
            continue;
        }
        if (entry.until <= now)
            continue;
        if (list->count == AVCSEC_REVOCATIONS_MAX)
            return "it has more than 4096 entries: revoke a key or a time instead";
        list->entries[list->count++] = entry;
    }
    *number = 0;
    return NULL;
}

bool avcsec_revocation_covers(const avcsec_revocation_t *entry, const avcsec_token_t *token,
                              int64_t now)
{
    const avcsec_slice_t value = {entry->value, entry->len};

    /* In shared memory that is being written; ids of webhooks are longer than any entry's. */
    if (value.len > sizeof(entry->value))
        return false;
    if (entry->until <= now || (entry->before && token->iat && token->iat >= entry->before))
        return false;
    switch (entry->kind) {
    case AVCSEC_REVOKE_ID:
        return token->id.p && avcsec_slice_equals(token->id, value);
    case AVCSEC_REVOKE_SUB:
        return token->sub.p && avcsec_slice_equals(token->sub, value);
    case AVCSEC_REVOKE_KID:
        return avcsec_slice_equals(token->kid, value);
    case AVCSEC_REVOKE_ALL:
        return entry->before != 0;
    }
    return true;
}

bool avcsec_revocations_include(const avcsec_revocations_t *list, const avcsec_token_t *token,
                                int64_t now)
{
    size_t count = list->count;

    /* A list in shared memory may be half of one and half of the next. */
    for (size_t i = 0; i < count && i < AVCSEC_REVOCATIONS_MAX; i++)
        if (avcsec_revocation_covers(&list->entries[i], token, now))
            return true;
    return false;
}

static char *append(char *out, avcsec_slice_t s)
{
    if (s.len)
        memcpy(out, s.p, s.len);
    return out + s.len;
}

static char *append_time(char *out, avcsec_slice_t name, int64_t seconds)
{
    char text[AVCSEC_UTC_CHARS + 1];

    if (!seconds)
        return out;
    avcsec_utc_format(seconds, text);
    return append(append(out, name), avcsec_slice_of(text));
}

size_t avcsec_revocation_write(const avcsec_revocation_t *entry,
                               char out[AVCSEC_REVOCATION_LINE_MAX])
{
    char *end = append(out, kinds[entry->kind]);

    if (entry->len) {
        *end++ = ' ';
        end = append(end, (avcsec_slice_t){entry->value, entry->len});
    }
    end = append_time(end, AVCSEC_LITERAL(" before="), entry->before);
    end = append_time(end, AVCSEC_LITERAL(" until="), entry->until);
    *end++ = '\n';
    *end = '\0';
    return (size_t)(end - out);
}
