/* SPDX-License-Identifier: Apache-2.0
 *
 * Where keys are published: one mapping for a key file and a realm.
 */
#ifndef AVCSEC_KEY_RING_H
#define AVCSEC_KEY_RING_H

#include "core/token/keyring.h"

#include <stdatomic.h>

/* In shared memory: the parent writes, children read. No pointers. */
struct avcsec_ring_t {
    _Atomic unsigned sequence; /* odd: being written */
    _Atomic int64_t read_at;   /* Unix seconds; 0: never */
    _Atomic int64_t last_used[AVCSEC_KEYRING_MAX];
    avcsec_keyring_t keys;
};

/* Copies the key at that place; false behind the last. */
bool avcsec_ring_copy(const struct avcsec_ring_t *ring, size_t place, avcsec_key_t *key);

#endif
