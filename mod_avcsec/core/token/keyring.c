/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys: choosing one.
 */
#include "core/token/keyring.h"

#include "core/token/ome.h"

#include <string.h>

static const avcsec_slice_t purpose_words[AVCSEC_PURPOSES] = {
    {"", 0}, {"file", 4}, {"upload", 6}, {"call", 4}, {"session", 7},
};

avcsec_slice_t avcsec_purpose_word(avcsec_purpose_t purpose)
{
    return purpose_words[purpose < AVCSEC_PURPOSES ? purpose : AVCSEC_NO_PURPOSE];
}

avcsec_purpose_t avcsec_purpose_of(avcsec_slice_t word)
{
    for (int p = AVCSEC_FILE; p < AVCSEC_PURPOSES; p++)
        if (avcsec_slice_equals(word, purpose_words[p]))
            return (avcsec_purpose_t)p;
    return AVCSEC_NO_PURPOSE;
}

bool avcsec_realm_is_valid(avcsec_slice_t realm)
{
    return realm.len <= AVCSEC_REALM_MAX && avcsec_slice_is_made_of(realm, AVCSEC_VALUE);
}

const char *avcsec_key_kind_word(avcsec_key_kind_t kind)
{
    static const char *const words[] = {"", "hs256", "password", "ed25519", "es256", "webhook"};

    return words[kind <= AVCSEC_WEBHOOK ? kind : 0];
}

static bool is_pair(const avcsec_key_t *key)
{
    return key->kind == AVCSEC_ED25519 || key->kind == AVCSEC_ES256;
}

bool avcsec_key_take_pem(avcsec_key_t *key, avcsec_slice_t pem, bool signs)
{
    avcsec_algorithm_t algorithm =
        key->kind == AVCSEC_ES256 ? AVCSEC_ALGORITHM_ES256 : AVCSEC_ALGORITHM_EDDSA;

    if (!is_pair(key) || !avcsec_signing_key_read_pem(pem, algorithm, &key->signing))
        return false;
    if (!signs)
        avcsec_signing_key_drop_secret(&key->signing);
    memcpy(key->print, key->signing.x, sizeof(key->print));
    return true;
}

/* The ring may lie in shared memory that is being written: nothing says that an id ends in its
 * room, or that the count is one. */
static avcsec_slice_t kid_of(const avcsec_key_t *key)
{
    const char *end = memchr(key->kid, '\0', sizeof(key->kid));

    return (avcsec_slice_t){key->kid, end ? (size_t)(end - key->kid) : sizeof(key->kid)};
}

static size_t count_of(const avcsec_keyring_t *ring)
{
    size_t count = ring->count;

    return count < AVCSEC_KEYRING_MAX ? count : AVCSEC_KEYRING_MAX;
}

const avcsec_key_t *avcsec_keyring_find(const avcsec_keyring_t *ring, avcsec_slice_t kid)
{
    size_t count = count_of(ring);

    if (kid.len == 0 || kid.len > AVCSEC_KID_MAX)
        return NULL;
    for (size_t i = 0; i < count; i++)
        if (avcsec_slice_equals(kid_of(&ring->keys[i]), kid))
            return &ring->keys[i];
    return NULL;
}

bool avcsec_key_is_sound(const avcsec_key_t *key)
{
    return memchr(key->kid, '\0', sizeof(key->kid)) && key->kind > AVCSEC_NO_KIND &&
           key->kind <= AVCSEC_WEBHOOK &&
           (key->kind == AVCSEC_HS256 || key->u.text.len <= sizeof(key->u.text.bytes)) &&
           key->signing.algorithm < AVCSEC_ALGORITHMS &&
           key->signing.secret_len <= sizeof(key->signing.secret);
}

bool avcsec_key_is_for(const avcsec_key_t *key, avcsec_purpose_t purpose)
{
    return purpose > AVCSEC_NO_PURPOSE && purpose < AVCSEC_PURPOSES && key->kind == AVCSEC_HS256 &&
           (key->purposes & 1u << purpose);
}

static bool has_ended(const avcsec_key_t *key, int64_t now)
{
    return key->until && now >= key->until;
}

bool avcsec_key_verifies(const avcsec_key_t *key, avcsec_purpose_t purpose, int64_t now)
{
    return avcsec_key_is_for(key, purpose) && !has_ended(key, now);
}

const avcsec_key_t *avcsec_keyring_signer(const avcsec_keyring_t *ring, avcsec_purpose_t purpose,
                                          avcsec_slice_t kid, int64_t now)
{
    const avcsec_key_t *best = NULL;
    size_t count = count_of(ring);

    for (size_t i = 0; i < count; i++) {
        const avcsec_key_t *key = &ring->keys[i];

        if (!avcsec_key_verifies(key, purpose, now) || now < key->from ||
            (kid.p && !avcsec_slice_equals(kid, kid_of(key))))
            continue;
        if (!best || key->from > best->from)
            best = key;
    }
    return best;
}

static bool signs_jwt(const avcsec_key_t *key, avcsec_algorithm_t algorithm, int64_t now)
{
    return key->signing.secret_len && !has_ended(key, now) && now >= key->from &&
           (!algorithm || key->signing.algorithm == algorithm);
}

const avcsec_key_t *avcsec_keyring_jwt_signer(const avcsec_keyring_t *ring,
                                              avcsec_algorithm_t algorithm, int64_t now)
{
    const avcsec_key_t *best = NULL;
    size_t count = count_of(ring);

    for (size_t i = 0; i < count; i++) {
        const avcsec_key_t *key = &ring->keys[i];

        if (!signs_jwt(key, algorithm, now))
            continue;
        if (!best || is_pair(key) > is_pair(best) ||
            (is_pair(key) == is_pair(best) && key->from > best->from))
            best = key;
    }
    return best;
}

bool avcsec_key_is_public(const avcsec_key_t *key, int64_t now)
{
    return is_pair(key) && key->signing.algorithm && !has_ended(key, now);
}

bool avcsec_key_verifies_jwt(const avcsec_key_t *key, int64_t now)
{
    return key->signing.algorithm && !has_ended(key, now);
}

bool avcsec_key_is_password(const avcsec_key_t *key, avcsec_slice_t text, int64_t now)
{
    return key->kind == AVCSEC_PASSWORD && !has_ended(key, now) && key->u.text.len == text.len &&
           avcsec_mac_equals((const unsigned char *)key->u.text.bytes,
                             (const unsigned char *)text.p, text.len);
}

bool avcsec_key_signed_webhook(const avcsec_key_t *key, const avcsec_webhook_t *hook,
                               avcsec_slice_t body, int64_t now)
{
    return key->kind == AVCSEC_WEBHOOK && !has_ended(key, now) &&
           avcsec_webhook_is_by(hook, body, (avcsec_slice_t){key->u.text.bytes, key->u.text.len});
}

bool avcsec_key_signed_ome(const avcsec_key_t *key, avcsec_slice_t signature, avcsec_slice_t body,
                           int64_t now)
{
    return key->kind == AVCSEC_PASSWORD && !has_ended(key, now) &&
           avcsec_ome_is_by(signature, body, (avcsec_slice_t){key->u.text.bytes, key->u.text.len});
}

static bool find_in_ring(void *baton, avcsec_slice_t kid, avcsec_key_t *key)
{
    const avcsec_key_t *found = avcsec_keyring_find(baton, kid);

    if (found)
        *key = *found;
    return found != NULL;
}

avcsec_keys_t avcsec_keyring_keys(const avcsec_keyring_t *ring)
{
    return (avcsec_keys_t){find_in_ring, (void *)ring};
}
