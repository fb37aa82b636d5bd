/* SPDX-License-Identifier: Apache-2.0
 *
 * Signatures of JWS: which algorithm is used is said by the key, never by a token.
 */
#ifndef AVCSEC_SIGNING_KEY_H
#define AVCSEC_SIGNING_KEY_H

#include "core/token/mac.h"

typedef enum {
    AVCSEC_NO_ALGORITHM = 0,
    AVCSEC_ALGORITHM_HS256, /* RFC 7518, 3.2 */
    AVCSEC_ALGORITHM_ES256, /* RFC 7518, 3.4 */
    AVCSEC_ALGORITHM_EDDSA, /* RFC 8037, Ed25519 alone */
    AVCSEC_ALGORITHM_RS256, /* RFC 7518, 3.3; of others, to verify */
    AVCSEC_ALGORITHMS
} avcsec_algorithm_t;

#define AVCSEC_SECRET_MAX 64
#define AVCSEC_PAIR_BYTES 32      /* a coordinate, a scalar, a seed */
#define AVCSEC_SIGNATURE_BYTES 64 /* of EdDSA and ES256; HS256 has AVCSEC_MAC_BYTES */

/* Key material as a JWK has it (RFC 7518, 6): big-endian, of full length. Holds no
 * pointer. A zero algorithm signs and verifies nothing. */
typedef struct {
    avcsec_algorithm_t algorithm;
    size_t secret_len; /* 0: verifies only, and HS256 not even that */
    /* HS256: the secret. ES256: the scalar d. EdDSA: the seed. */
    unsigned char secret[AVCSEC_SECRET_MAX];
    unsigned char x[AVCSEC_PAIR_BYTES], y[AVCSEC_PAIR_BYTES]; /* public; EdDSA: x alone */
} avcsec_signing_key_t;

/* Reads a private key, PKCS #8 or SEC 1 in PEM, without passphrase, for ES256 (P-256) or
 * EdDSA (Ed25519). False if it is none, of another kind, or its halves do not fit. */
bool avcsec_signing_key_read_pem(avcsec_slice_t pem, avcsec_algorithm_t algorithm,
                                 avcsec_signing_key_t *key);

/* Leaves the public half of a pair, and nothing of a shared secret. */
void avcsec_signing_key_drop_secret(avcsec_signing_key_t *key);

/* Signs `text`. False if the key has no secret or OpenSSL fails. */
bool avcsec_signing_key_sign(const avcsec_signing_key_t *key, avcsec_slice_t text,
                             unsigned char signature[AVCSEC_SIGNATURE_BYTES], size_t *len);

/* The signature is of `text` by this key: raw bytes, r and s of ES256 side by side. */
bool avcsec_signing_key_verifies(const avcsec_signing_key_t *key, avcsec_slice_t text,
                                 avcsec_slice_t signature);

/* The same of RS256: modulus and exponent as a JWK has them, of 2048 to 8192 bits. */
bool avcsec_rs256_verifies(avcsec_slice_t n, avcsec_slice_t e, avcsec_slice_t text,
                           avcsec_slice_t signature);

#endif
