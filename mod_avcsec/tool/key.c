/* SPDX-License-Identifier: Apache-2.0
 *
 * KEY: which keys a command was given, and which of them signs or verifies.
 */
#include "key.h"

#include "complain.h"
#include "core/text/utc.h"
#include "core/token/key_text.h"
#include "secretfile.h"

#include <stdlib.h>
#include <string.h>

#define ENVIRONMENT "AVC_PAGE_KEY"

#define KEY_FILE_ROWS                                                                              \
    {"key-file", "F", offsetof(avcsec_key_options_t, key_file), AVCSEC_OPTION_TEXT,                \
     "the key file"},                                                                              \
        {"kid", "K", offsetof(avcsec_key_options_t, kid), AVCSEC_OPTION_TEXT,                      \
         "only this key of it"},                                                                   \
    {                                                                                              \
        "realm", "R", offsetof(avcsec_key_options_t, realm), AVCSEC_OPTION_TEXT,                   \
            "the site's AvcRealm"                                                                  \
    }

const avcsec_option_t avcsec_key_file_options[] = {KEY_FILE_ROWS, {.name = NULL}};

const avcsec_option_t avcsec_key_options[] = {
    KEY_FILE_ROWS,
    {"page-key", "F", offsetof(avcsec_key_options_t, page_key), AVCSEC_OPTION_TEXT,
     "or a file that holds page keys;\nwithout either, they stand in " ENVIRONMENT},
    {.name = NULL},
};

struct avcsec_key_box_t {
    bool has_page_keys; /* several may then have one id */
    avcsec_slice_t kid; /* only this key; absent: all */
    avcsec_keyring_t ring;
    /* What the verifiers are for. */
    avcsec_purpose_t asked;
    int64_t now;
};

/* ---- Opening ---- */

static const char *in_environment(void)
{
    const char *keys = getenv(ENVIRONMENT);

    return keys && *keys ? keys : NULL;
}

bool avcsec_key_box_is_named(const avcsec_key_options_t *options)
{
    return options->key_file || options->kid || options->realm || options->page_key ||
           in_environment();
}

static bool read_key_file(const avcsec_key_options_t *options, avcsec_key_box_t *box)
{
    avcsec_slice_t realm = avcsec_slice_of(options->realm);
    avcsec_secret_t secret;
    const char *error = NULL;
    size_t line = 0;
    bool is_read;

    if (realm.p && !avcsec_realm_is_valid(realm))
        return avcsec_complain("--realm: a realm is 1 to 64 of A-Z a-z 0-9 - . _");
    is_read = avcsec_secret_read_key_file(options->key_file, &secret);
    if (is_read)
        error = avcsec_keyring_parse((avcsec_slice_t){secret.bytes, secret.len}, realm, &box->ring,
                                     &line);
    avcsec_secret_wipe(&secret);
    if (error && line)
        return avcsec_complain("%s: line %zu: %s", options->key_file, line, error);
    if (error)
        return avcsec_complain("%s: %s", options->key_file, error);
    if (is_read && box->kid.p && !avcsec_keyring_find(&box->ring, box->kid))
        return avcsec_complain("%s: it has no key %s", options->key_file, options->kid);
    return is_read;
}

static bool is_white(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Adds the page keys of a text, separated by white space. */
static bool add_page_keys(const char *where, avcsec_slice_t text, avcsec_key_box_t *box,
                          avcsec_keyring_t *one)
{
    for (size_t i = 0, start; i < text.len;) {
        const char *error;

        for (start = i; i < text.len && !is_white(text.p[i]); i++)
            ;
        if (i == start) {
            i++;
            continue;
        }
        error = avcsec_keyring_parse_page_key((avcsec_slice_t){text.p + start, i - start}, one);
        if (!error && box->ring.count == AVCSEC_KEYRING_MAX)
            error = "there are too many";
        if (error)
            return avcsec_complain("%s: page key %zu: %s", where, box->ring.count + 1, error);
        box->ring.keys[box->ring.count++] = one->keys[0];
    }
    return box->ring.count ? true : avcsec_complain("%s: there is no page key in it", where);
}

static bool read_page_keys(const avcsec_key_options_t *options, avcsec_key_box_t *box)
{
    const char *where = options->page_key ? options->page_key : ENVIRONMENT;
    avcsec_keyring_t *one = calloc(1, sizeof(*one));
    avcsec_secret_t secret = {NULL, 0};
    bool is_read = false;

    box->has_page_keys = true;
    if (!one)
        avcsec_complain("there is no memory");
    else if (options->kid || options->realm)
        avcsec_complain("--kid and --realm go with --key-file: a page key holds both");
    else if (!options->page_key)
        is_read = add_page_keys(where, avcsec_slice_of(in_environment()), box, one);
    else if (avcsec_secret_read(options->page_key, &secret))
        is_read = add_page_keys(where, (avcsec_slice_t){secret.bytes, secret.len}, box, one);
    avcsec_secret_wipe(&secret);
    if (one)
        avcsec_wipe(one->keys, sizeof(one->keys[0]));
    free(one);
    return is_read;
}

static bool fill(const avcsec_key_options_t *options, avcsec_key_box_t *box)
{
    if (options->key_file && options->page_key)
        return avcsec_complain("--key-file and --page-key: give one of them");
    if (options->key_file)
        return read_key_file(options, box);
    if (options->page_key || in_environment())
        return read_page_keys(options, box);
    return avcsec_complain("give the key: --key-file, --page-key, or " ENVIRONMENT
                           " in the environment");
}

avcsec_key_box_t *avcsec_key_box_open(const avcsec_key_options_t *options)
{
    avcsec_key_box_t *box = calloc(1, sizeof(*box));

    if (!box) {
        avcsec_complain("there is no memory");
        return NULL;
    }
    box->kid = avcsec_slice_of(options->kid);
    if (!fill(options, box)) {
        avcsec_key_box_close(box);
        return NULL;
    }
    return box;
}

void avcsec_key_box_close(avcsec_key_box_t *box)
{
    if (!box)
        return;
    avcsec_wipe(box->ring.keys, box->ring.count * sizeof(box->ring.keys[0]));
    free(box);
}

/* ---- Signing ---- */

static bool explain_no_page_key(const avcsec_key_box_t *box, const char *purpose)
{
    for (size_t i = 0; i < box->ring.count; i++)
        if (avcsec_key_is_for(&box->ring.keys[i], avcsec_purpose_of(avcsec_slice_of(purpose))))
            return avcsec_complain("the page key for %s has ended: get a new one from "
                                   "avcsec pagekey --purpose %s",
                                   purpose, purpose);
    return avcsec_complain("no page key is for %s: get one from avcsec pagekey --purpose %s",
                           purpose, purpose);
}

static bool explain_no_key(const avcsec_key_box_t *box, avcsec_purpose_t purpose, int64_t now)
{
    const char *word = avcsec_purpose_word(purpose).p;
    const avcsec_key_t *key = NULL;
    char from[AVCSEC_UTC_CHARS + 1], until[AVCSEC_UTC_CHARS + 1];

    if (box->has_page_keys)
        return explain_no_page_key(box, word);
    if (box->kid.p)
        key = avcsec_keyring_find(&box->ring, box->kid);
    if (!key)
        return avcsec_complain("the key file has no key that may sign for %s now", word);
    if (key->kind == AVCSEC_PASSWORD)
        return avcsec_complain("key %s is a password, which signs nothing", key->kid);
    if (key->kind == AVCSEC_WEBHOOK)
        return avcsec_complain("key %s verifies webhooks and signs nothing", key->kid);
    if (key->kind != AVCSEC_HS256)
        return avcsec_complain("key %s is no hs256 key, the only kind that signs tokens", key->kid);
    if (!avcsec_key_is_for(key, purpose))
        return avcsec_complain("key %s is not for %s (for=)", key->kid, word);
    avcsec_utc_format(key->from, from);
    avcsec_utc_format(key->until, until);
    return now < key->from ? avcsec_complain("key %s signs only from %s on", key->kid, from)
                           : avcsec_complain("key %s has ended, at %s", key->kid, until);
}

/* SPEC: the first page key for the purpose that has not ended signs. */
static const avcsec_key_t *first_page_key(const avcsec_keyring_t *ring, avcsec_purpose_t purpose,
                                          int64_t now)
{
    for (size_t i = 0; i < ring->count; i++)
        if (avcsec_key_verifies(&ring->keys[i], purpose, now))
            return &ring->keys[i];
    return NULL;
}

const avcsec_key_t *avcsec_key_box_signer(const avcsec_key_box_t *box, avcsec_purpose_t purpose,
                                          int64_t now)
{
    const avcsec_key_t *key = box->has_page_keys
                                  ? first_page_key(&box->ring, purpose, now)
                                  : avcsec_keyring_signer(&box->ring, purpose, box->kid, now);

    if (!key)
        explain_no_key(box, purpose, now);
    return key;
}

/* ---- Verifying ---- */

static const avcsec_key_t *page_key_of(const avcsec_key_box_t *box, avcsec_slice_t kid,
                                       avcsec_purpose_t purpose)
{
    const avcsec_key_t *best = NULL;

    for (size_t i = 0; i < box->ring.count; i++) {
        const avcsec_key_t *key = &box->ring.keys[i];

        if (!avcsec_slice_equals(kid, avcsec_slice_of(key->kid)) ||
            !avcsec_key_is_for(key, purpose))
            continue;
        if (avcsec_key_verifies(key, purpose, box->now))
            return key;
        best = best ? best : key;
    }
    return best;
}

/* Page keys of one key are one key again. Only the purpose that is asked for needs an
 * end: the end of others does not count (SPEC, "Path tokens"). */
static bool find_page_key(const avcsec_key_box_t *box, avcsec_slice_t kid, avcsec_key_t *key)
{
    *key = (avcsec_key_t){.kind = AVCSEC_HS256};
    for (int p = AVCSEC_FILE; p < AVCSEC_PURPOSES; p++) {
        const avcsec_key_t *one = page_key_of(box, kid, (avcsec_purpose_t)p);

        if (!one)
            continue;
        memcpy(key->kid, one->kid, sizeof(key->kid));
        key->purposes |= 1u << p;
        key->u.derived[p] = one->u.derived[p];
        if ((avcsec_purpose_t)p == box->asked)
            key->until = one->until;
    }
    return key->purposes != 0;
}

static bool find(void *baton, avcsec_slice_t kid, avcsec_key_t *key)
{
    const avcsec_key_box_t *box = baton;
    const avcsec_key_t *found;

    if (box->has_page_keys)
        return find_page_key(box, kid, key);
    if (box->kid.p && !avcsec_slice_equals(kid, box->kid))
        return false;
    found = avcsec_keyring_find(&box->ring, kid);
    if (found)
        *key = *found;
    return found != NULL;
}

avcsec_keys_t avcsec_key_box_verifiers(avcsec_key_box_t *box, avcsec_purpose_t asked, int64_t now)
{
    box->asked = asked;
    box->now = now;
    return (avcsec_keys_t){find, box};
}
