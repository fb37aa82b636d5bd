/* SPDX-License-Identifier: Apache-2.0
 *
 * Guesses about wrong signatures: one table of changes.
 */
#include "guess.h"

#include "core/token/signed_text.h"

#include <stdlib.h>
#include <string.h>

/* A change writes what `text` may have been to `out` (3 * text.len + 2 bytes) and returns
 * its length. */
typedef size_t change_t(avcsec_slice_t text, char *out);

static size_t keep(avcsec_slice_t text, char *out)
{
    if (text.len)
        memcpy(out, text.p, text.len);
    return text.len;
}

static size_t add_slash(avcsec_slice_t text, char *out)
{
    out[keep(text, out)] = '/';
    return text.len + 1;
}

static size_t drop_slash(avcsec_slice_t text, char *out)
{
    size_t len = keep(text, out);

    return len > 1 && out[len - 1] == '/' ? len - 1 : len;
}

static size_t decode(avcsec_slice_t text, char *out)
{
    return avcsec_slice_unescape(text, false, out);
}

static size_t encode_percents(avcsec_slice_t text, char *out)
{
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++) {
        out[len++] = text.p[i];
        if (text.p[i] == '%') {
            memcpy(out + len, "25", 2);
            len += 2;
        }
    }
    return len;
}

static size_t plus_to_space(avcsec_slice_t text, char *out)
{
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.p[i] == '+') {
            memcpy(out + len, "%20", 3);
            len += 3;
        } else
            out[len++] = text.p[i];
    }
    return len;
}

static size_t space_to_plus(avcsec_slice_t text, char *out)
{
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++) {
        bool is_space = avcsec_escape_at(text.p + i, text.len - i) == ' ';

        out[len++] = is_space ? '+' : text.p[i];
        i += is_space ? 2 : 0;
    }
    return len;
}

/* The hexadecimal digits of all escapes in one case. */
static size_t change_escapes(avcsec_slice_t text, char *out, bool is_lower)
{
    for (size_t i = keep(text, out); i-- > 0;)
        for (size_t k = 1; k <= 2 && avcsec_escape_at(out + i, text.len - i) >= 0; k++) {
            unsigned char low = avcsec_to_lower((unsigned char)out[i + k]);

            out[i + k] = (char)(is_lower || !avcsec_is(low, AVCSEC_LOWER) ? low : low - 'a' + 'A');
        }
    return text.len;
}

static size_t lower_escapes(avcsec_slice_t text, char *out)
{
    return change_escapes(text, out, true);
}

static size_t upper_escapes(avcsec_slice_t text, char *out)
{
    return change_escapes(text, out, false);
}

static const struct {
    change_t *path, *query;
    const char *sentence;
} guesses[] = {
    {add_slash, keep, "it is right for this path with a slash at its end"},
    {drop_slash, keep, "it is right for this path without the slash at its end"},
    {decode, keep, "it is right for this path decoded once more: something encoded it twice"},
    {encode_percents, keep,
     "it is right for this path encoded once more: something decoded it on the way"},
    {keep, plus_to_space,
     "it is right if the query has '%20' for '+': sign arguments as browsers send them"},
    {keep, space_to_plus,
     "it is right if the query has '+' for '%20': sign arguments as browsers send them"},
    {keep, decode, "it is right if the query is decoded once more: something encoded it twice"},
    {keep, lower_escapes,
     "it is right with lower-case escapes in the query: something wrote them anew on the way"},
    {keep, upper_escapes,
     "it is right with upper-case escapes in the query: something wrote them anew on the way"},
};

static bool is_right(const avcsec_target_t *target, const avcsec_token_t *token,
                     const avcsec_key_t *key)
{
    avcsec_mac_t *mac = avcsec_mac_create();
    avcsec_case_t judged = {.room = NULL};
    bool is_good = false;

    if (mac && avcsec_case_read(target, &judged) && judged.reading.is_resolved) {
        avcsec_signed_target_t covered = {judged.reading.canonical, judged.request.query};

        is_good = avcsec_token_is_right(token, &covered, &key->u.derived[token->purpose], mac);
    }
    avcsec_case_free(&judged);
    avcsec_mac_destroy(mac);
    return is_good;
}

static bool try_one(size_t i, const avcsec_reading_t *reading, const avcsec_token_t *token,
                    const avcsec_key_t *key)
{
    size_t path_room = 3 * reading->left.len + 2, query_room = 3 * reading->query.len + 2;
    char *room = malloc(path_room + query_room);
    avcsec_target_t target = {.site = {NULL, 0}};
    bool is_it = false;

    if (room) {
        target.path = (avcsec_slice_t){room, guesses[i].path(reading->left, room)};
        if (reading->query.p)
            target.query = (avcsec_slice_t){room + path_room,
                                            guesses[i].query(reading->query, room + path_room)};
        is_it = is_right(&target, token, key);
    }
    free(room);
    return is_it;
}

const char *avcsec_guess(const avcsec_inquiry_t *inquiry, const avcsec_token_t *token)
{
    avcsec_keys_t keys = avcsec_key_box_verifiers(inquiry->keys, token->purpose, inquiry->now);
    const char *sentence = NULL;
    avcsec_key_t key;

    if (!keys.find(keys.baton, token->kid, &key))
        return NULL;
    for (size_t i = 0; !sentence && i < sizeof(guesses) / sizeof(guesses[0]); i++)
        if (try_one(i, &inquiry->judged->reading, token, &key))
            sentence = guesses[i].sentence;
    avcsec_wipe(&key, sizeof(key));
    return sentence;
}
