/* SPDX-License-Identifier: Apache-2.0
 *
 * Looking up published keys, in children.
 */
#include "httpd/state/key_ring.h"

#include "httpd/state/keys.h"
#include "httpd/state/threads.h"

#include <sched.h>

/* A reader that met a writer tries again; a writer that died leaves an odd number, and
 * then there is no key: refused. */
#define TRIES 1000

static bool begin_read(const avcsec_ring_t *ring, unsigned *sequence)
{
    *sequence = atomic_load_explicit(&ring->published->sequence, memory_order_acquire);
    if (*sequence & 1)
        sched_yield();
    return !(*sequence & 1);
}

static bool was_steady(const avcsec_ring_t *ring, unsigned sequence)
{
    atomic_thread_fence(memory_order_acquire);
    return atomic_load_explicit(&ring->published->sequence, memory_order_relaxed) == sequence;
}

static bool find_key(void *baton, avcsec_slice_t kid, avcsec_key_t *key)
{
    const avcsec_ring_t *ring = baton;
    unsigned sequence;

    for (int i = 0; ring && i < TRIES; i++) {
        const avcsec_key_t *found;

        if (!begin_read(ring, &sequence))
            continue;
        if ((found = avcsec_keyring_find(&ring->published->keys, kid)))
            *key = *found;
        if (was_steady(ring, sequence))
            return found && avcsec_key_is_sound(key);
    }
    return false;
}

bool avcsec_ring_copy(const avcsec_ring_t *ring, size_t place, avcsec_key_t *key)
{
    unsigned sequence;

    for (int i = 0; i < TRIES; i++) {
        bool is_there;

        if (!begin_read(ring, &sequence))
            continue;
        is_there = place < AVCSEC_KEYRING_MAX && place < ring->published->keys.count;
        if (is_there)
            *key = ring->published->keys.keys[place];
        if (was_steady(ring, sequence))
            return is_there && avcsec_key_is_sound(key);
    }
    return false;
}

avcsec_keys_t avcsec_keys_of(const server_rec *s)
{
    return (avcsec_keys_t){find_key, avcsec_config_server(s)->ring};
}

bool avcsec_keys_has(const server_rec *s)
{
    return avcsec_config_server(s)->key_file != NULL;
}

bool avcsec_keys_is_password(const server_rec *s, avcsec_slice_t text, int64_t now,
                             char kid[AVCSEC_KID_MAX + 1])
{
    const avcsec_ring_t *ring = avcsec_config_server(s)->ring;
    bool is_one = false;
    avcsec_key_t key;

    for (size_t i = 0; ring && avcsec_ring_copy(ring, i, &key); i++)
        if (avcsec_key_is_password(&key, text, now)) {
            memcpy(kid, key.kid, AVCSEC_KID_MAX + 1);
            is_one = true;
        }
    avcsec_wipe(&key, sizeof(key));
    return is_one;
}

bool avcsec_keys_signed_ome(const server_rec *s, avcsec_slice_t signature, avcsec_slice_t body,
                            int64_t now, char kid[AVCSEC_KID_MAX + 1])
{
    const avcsec_ring_t *ring = avcsec_config_server(s)->ring;
    bool is_one = false;
    avcsec_key_t key;

    for (size_t i = 0; ring && avcsec_ring_copy(ring, i, &key); i++)
        if (avcsec_key_signed_ome(&key, signature, body, now)) {
            memcpy(kid, key.kid, AVCSEC_KID_MAX + 1);
            is_one = true;
        }
    avcsec_wipe(&key, sizeof(key));
    return is_one;
}

size_t avcsec_keys_signed_webhook(const server_rec *s, const avcsec_webhook_t *hook,
                                  avcsec_slice_t body, int64_t now,
                                  avcsec_signer_t signers[AVCSEC_WEBHOOK_SIGNERS])
{
    const avcsec_ring_t *ring = avcsec_config_server(s)->ring;
    avcsec_key_t key;
    size_t count = 0;

    for (size_t i = 0; ring && avcsec_ring_copy(ring, i, &key); i++) {
        if (!avcsec_key_signed_webhook(&key, hook, body, now))
            continue;
        if (count < AVCSEC_WEBHOOK_SIGNERS) {
            memcpy(signers[count].kid, key.kid, sizeof(key.kid));
            memcpy(signers[count].print, key.print, sizeof(key.print));
        }
        count++;
    }
    avcsec_wipe(&key, sizeof(key));
    return count;
}

/* Copies the key that signs now; false if there is none. */
static bool copy_signer(const avcsec_ring_t *ring, avcsec_purpose_t purpose, int64_t now,
                        avcsec_key_t *key)
{
    const avcsec_slice_t any = {0};
    unsigned sequence;

    for (int i = 0; ring && i < TRIES; i++) {
        const avcsec_key_t *found;

        if (!begin_read(ring, &sequence))
            continue;
        if ((found = avcsec_keyring_signer(&ring->published->keys, purpose, any, now)))
            *key = *found;
        if (was_steady(ring, sequence))
            return found && avcsec_key_is_sound(key);
    }
    return false;
}

/* The same for JWTs. */
static bool copy_jwt_signer(const avcsec_ring_t *ring, avcsec_algorithm_t algorithm, int64_t now,
                            avcsec_key_t *key)
{
    unsigned sequence;

    for (int i = 0; ring && i < TRIES; i++) {
        const avcsec_key_t *found;

        if (!begin_read(ring, &sequence))
            continue;
        if ((found = avcsec_keyring_jwt_signer(&ring->published->keys, algorithm, now)))
            *key = *found;
        if (was_steady(ring, sequence))
            return found && avcsec_key_is_sound(key);
    }
    return false;
}

/* NULL if the key that was found may sign what holds until `exp`; else why none does. */
static const char *judge_signer(bool is_found, int64_t exp, avcsec_key_t *key)
{
    bool outlives = is_found && key->until && exp > key->until;

    if (is_found && !outlives)
        return NULL;
    avcsec_wipe(key, sizeof(*key));
    return outlives
               ? "the token would outlive the key that signs now (until=): add the next key, whose "
                 "from= has come, to AvcKeyFile with `avcsec keygen`"
               : "no key of AvcKeyFile may sign now: add one with `avcsec keygen`, or look at its "
                 "from=, until= and for=";
}

const char *avcsec_keys_jwt_signer(const server_rec *s, avcsec_algorithm_t algorithm, int64_t now,
                                   int64_t exp, avcsec_key_t *key)
{
    bool is_found = copy_jwt_signer(avcsec_config_server(s)->ring, algorithm, now, key);

    return judge_signer(is_found, exp, key);
}

const char *avcsec_keys_signer(const server_rec *s, avcsec_purpose_t purpose, int64_t now,
                               int64_t exp, avcsec_key_t *key)
{
    bool is_found = copy_signer(avcsec_config_server(s)->ring, purpose, now, key);

    return judge_signer(is_found, exp, key);
}

bool avcsec_keys_at(const server_rec *s, size_t place, avcsec_key_t *key)
{
    const avcsec_ring_t *ring = avcsec_config_server(s)->ring;

    return ring && avcsec_ring_copy(ring, place, key);
}

void avcsec_keys_used(const server_rec *s, avcsec_slice_t kid, int64_t now)
{
    const avcsec_ring_t *ring = avcsec_config_server(s)->ring;
    const avcsec_key_t *key = ring ? avcsec_keyring_find(&ring->published->keys, kid) : NULL;
    _Atomic int64_t *last_used = key ? &ring->last_used[key - ring->published->keys.keys] : NULL;

    /* Once a second: the line of memory is shared by all children. */
    if (last_used && atomic_load_explicit(last_used, memory_order_relaxed) != now)
        atomic_store_explicit(last_used, now, memory_order_relaxed);
}

/* ---- This thread's macs ---- */

static void free_macs(void *mac)
{
    avcsec_mac_destroy(mac);
}

static avcsec_threads_kind_t macs = {.free = free_macs};

void avcsec_keys_prepare(apr_pool_t *pconf)
{
    avcsec_threads_prepare(&macs, pconf);
}

avcsec_mac_t *avcsec_keys_mac(void)
{
    avcsec_mac_t *mac = avcsec_threads_get(&macs);

    if (mac || !(mac = avcsec_mac_create()) || avcsec_threads_set(&macs, mac))
        return mac;
    avcsec_mac_destroy(mac);
    return NULL;
}
