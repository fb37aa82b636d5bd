/* SPDX-License-Identifier: Apache-2.0
 *
 * What configtest wants to know of a key file.
 */
#include "httpd/state/key_check.h"

#include "httpd/state/keyfile.h"

#include "core/text/utc.h"

#include "apr_strings.h"
#include "http_log.h"

#include <stdlib.h>

APLOG_USE_MODULE(avcsec);

/* Of one kind: how many there are, what has ended, what has not begun. */
typedef struct {
    size_t count, ended, waiting;
    int64_t last_end, first_begin;
} span_t;

static span_t span_of(const avcsec_keyring_t *keys, avcsec_key_kind_t kind, int64_t now)
{
    span_t span = {0};

    for (size_t i = 0; i < keys->count; i++) {
        const avcsec_key_t *key = &keys->keys[i];

        if (key->kind != kind)
            continue;
        span.count++;
        if (key->until && key->until <= now) {
            span.ended++;
            span.last_end = key->until > span.last_end ? key->until : span.last_end;
        } else if (key->from > now) {
            span.waiting++;
            span.first_begin =
                !span.first_begin || key->from < span.first_begin ? key->from : span.first_begin;
        }
    }
    return span;
}

static const char *date(apr_pool_t *p, int64_t seconds)
{
    char text[AVCSEC_UTC_CHARS + 1];

    avcsec_utc_format(seconds, text);
    return apr_pstrdup(p, text);
}

/* Keys of a kind that nothing can be done with. */
static const char *describe(apr_pool_t *p, const avcsec_keyring_t *keys, int64_t now)
{
    for (avcsec_key_kind_t kind = AVCSEC_HS256; kind <= AVCSEC_WEBHOOK; kind++) {
        span_t span = span_of(keys, kind, now);
        bool signs = kind != AVCSEC_PASSWORD && kind != AVCSEC_WEBHOOK;

        if (span.count && span.ended == span.count)
            return apr_psprintf(
                p,
                "has no key of kind %s that still holds: the last one ended %s. Add "
                "one with `avcsec keygen`",
                avcsec_key_kind_word(kind), date(p, span.last_end));
        if (signs && span.waiting && span.ended + span.waiting == span.count)
            return apr_psprintf(p,
                                "has no key of kind %s that may sign yet: the first one begins %s. "
                                "Add one that holds till then with `avcsec keygen`",
                                avcsec_key_kind_word(kind), date(p, span.first_begin));
    }
    return NULL;
}

/* It holds, and where it is there to sign, it may. */
static bool is_alive(const avcsec_key_t *key, int64_t now)
{
    bool only_checks = key->kind == AVCSEC_PASSWORD || key->kind == AVCSEC_WEBHOOK;

    return (!key->until || key->until > now) && (only_checks || key->from <= now);
}

static void look_at(apr_pool_t *p, const avcsec_keyring_t *keys, void *baton)
{
    avcsec_keys_found_t *found = baton;
    apr_array_header_t *pems = apr_array_make(p, 2, sizeof(const char *));
    int64_t now = (int64_t)apr_time_sec(apr_time_now());
    const avcsec_key_t *signer;

    found->is_dead = true;
    for (size_t i = 0; i < keys->count; i++) {
        const avcsec_key_t *key = &keys->keys[i];
        bool is_pair = key->kind == AVCSEC_ED25519 || key->kind == AVCSEC_ES256;

        found->has_password |= key->kind == AVCSEC_PASSWORD;
        found->has_webhook |= key->kind == AVCSEC_WEBHOOK;
        found->is_dead &= !is_alive(key, now);
        found->has_secret |= key->signing.algorithm == AVCSEC_ALGORITHM_HS256;
        found->has_pair |= is_pair;
        if (is_pair)
            APR_ARRAY_PUSH(pems, const char *) = avcsec_keyfile_pem(p, key);
    }
    signer = avcsec_keyring_jwt_signer(keys, AVCSEC_ALGORITHM_HS256, now);
    if (signer && signer->purposes != 1u << AVCSEC_SESSION)
        found->shares_more = apr_pstrdup(p, signer->kid);
    found->is_over = describe(p, keys, now);
    found->pems = pems;
}

static const char *read_keys(apr_pool_t *p, const server_rec *s, bool *is_denied,
                             void (*look)(apr_pool_t *p, const avcsec_keyring_t *keys, void *baton),
                             void *baton)
{
    avcsec_keyring_t *keys = calloc(1, sizeof(*keys));
    avcsec_keyfile_t file = avcsec_keys_file_of(s);
    const char *error = "cannot be read: out of memory";
    avcsec_keyfile_state_t state;

    *is_denied = false;
    if (keys)
        error = avcsec_keyfile_read(p, &file, keys, &state, is_denied);
    if (!error)
        look(p, keys, baton);
    if (keys)
        avcsec_wipe(keys, AVCSEC_KEYRING_SIZE(keys->count));
    free(keys);
    return error;
}

const char *avcsec_keys_check(apr_pool_t *p, const server_rec *s, bool *is_denied,
                              avcsec_keys_found_t *found)
{
    *found = (avcsec_keys_found_t){false};
    return read_keys(p, s, is_denied, look_at, found);
}

static void tell(apr_pool_t *p, const avcsec_keyring_t *keys, void *baton)
{
    apr_array_header_t *told = baton;

    (void)p;
    for (size_t i = 0; i < keys->count; i++) {
        const avcsec_key_t *key = &keys->keys[i];
        avcsec_key_told_t *one = &APR_ARRAY_PUSH(told, avcsec_key_told_t);

        apr_cpystrn(one->kid, key->kid, sizeof(one->kid));
        one->kind = key->kind;
        one->purposes = key->purposes;
        one->from = key->from;
        one->until = key->until;
    }
}

const char *avcsec_keys_tell(apr_pool_t *p, const server_rec *s, apr_array_header_t **keys)
{
    bool is_denied;

    *keys = apr_array_make(p, 4, sizeof(avcsec_key_told_t));
    return read_keys(p, s, &is_denied, tell, *keys);
}
