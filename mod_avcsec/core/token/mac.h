/* SPDX-License-Identifier: Apache-2.0
 *
 * The cryptography: deriving keys, computing and comparing macs, wiping. Nothing but this and
 * signing_key.c talks to OpenSSL.
 */
#ifndef AVCSEC_MAC_H
#define AVCSEC_MAC_H

#include "core/text/slice.h"

#define AVCSEC_MAC_BYTES 32

typedef struct {
    unsigned char bytes[AVCSEC_MAC_BYTES];
} avcsec_mac_key_t; /* K of SPEC: one secret, one purpose, one realm */

/* K = HKDF-SHA-256(secret, salt "", info "avcsec-v1/" purpose ["/" realm], 32 bytes),
 * RFC 5869. An empty realm is no realm. False if OpenSSL fails; *key is then zero. */
bool avcsec_mac_derive(avcsec_slice_t secret, avcsec_slice_t purpose, avcsec_slice_t realm,
                       avcsec_mac_key_t *key);

/* Computes macs and remembers prepared contexts of the keys it was last used with
 * (half a microsecond instead of two for each mac). Belongs to one thread. */
typedef struct avcsec_mac_t avcsec_mac_t;

/* NULL if OpenSSL has no HMAC or no memory. */
avcsec_mac_t *avcsec_mac_create(void);

/* Wipes and frees; NULL is allowed. */
void avcsec_mac_destroy(avcsec_mac_t *mac);

/* HMAC-SHA-256 of the `count` pieces one behind the other. False if OpenSSL fails. */
bool avcsec_mac_compute(avcsec_mac_t *mac, const avcsec_mac_key_t *key,
                        const avcsec_slice_t *pieces, size_t count,
                        unsigned char out[AVCSEC_MAC_BYTES]);

/* The same with any key, once: for secrets that others have chosen. */
bool avcsec_hmac(avcsec_slice_t key, const avcsec_slice_t *pieces, size_t count,
                 unsigned char out[AVCSEC_MAC_BYTES]);

#define AVCSEC_SHA1_BYTES 20

/* HMAC-SHA-1, which is for what others sign so, and nothing of ours. */
bool avcsec_hmac_sha1(avcsec_slice_t key, avcsec_slice_t text,
                      unsigned char out[AVCSEC_SHA1_BYTES]);

/* Equal, in a time that does not depend on where they differ. */
bool avcsec_mac_equals(const unsigned char *a, const unsigned char *b, size_t len);

/* Overwrites a secret in a way that no compiler leaves out. */
void avcsec_wipe(void *secret, size_t len);

#endif
