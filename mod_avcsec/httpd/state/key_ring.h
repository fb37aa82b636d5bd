/* SPDX-License-Identifier: Apache-2.0
 *
 * Where keys are published: one mapping for a key file and a realm.
 */
#ifndef AVCSEC_KEY_RING_H
#define AVCSEC_KEY_RING_H

#include "core/token/keyring.h"

#include <stdatomic.h>

/* The parent writes, children read (httpd/state/shared.h). No pointers. */
typedef struct {
    _Atomic unsigned sequence; /* odd: being written */
    _Atomic int64_t read_at;   /* Unix seconds; 0: never */
    avcsec_keyring_t keys;
} avcsec_published_keys_t;

/* In each process's own memory. */
struct avcsec_ring_t {
    avcsec_published_keys_t *published;
    _Atomic int64_t *last_used; /* of each key, AVCSEC_KEYRING_MAX of them; children write */
};

/* Copies the key at that place; false behind the last, and at what is none. */
bool avcsec_ring_copy(const struct avcsec_ring_t *ring, size_t place, avcsec_key_t *key);

#endif
