/* SPDX-License-Identifier: Apache-2.0
 *
 * A JWT of somebody, taken apart: its JSON is parsed here, under limits, and judged in
 * core. Knows jansson and core, nothing of httpd, so that tests run it alone.
 */
#ifndef AVCSEC_JOSE_H
#define AVCSEC_JOSE_H

#include "core/session/jwt.h"

/* Owns memory between avcsec_jose_open and avcsec_jose_close. */
typedef struct {
    avcsec_jws_t jws; /* of the caller's text */
    avcsec_members_t header, claims;
    avcsec_slice_t signature; /* bytes */
    void *parsed_header, *parsed_claims;
    unsigned char bytes[AVCSEC_JWT_MAX]; /* what the signature decodes to */
} avcsec_jose_t;

/* Reads a token's header; nothing else of it is parsed before its signature is right.
 * False, and nothing to close, unless it is well-formed: one object, no name twice. */
bool avcsec_jose_open(avcsec_slice_t text, avcsec_jose_t *jose);

/* The header is one for this key, and the signature its own. AVCSEC_ALLOWED,
 * AVCSEC_MALFORMED, AVCSEC_UNKNOWN_KEY or AVCSEC_SIGNATURE. */
avcsec_verdict_t avcsec_jose_check(const avcsec_jose_t *jose, const avcsec_signing_key_t *key);

/* Reads the claims of a token whose signature is right. False unless they are one object,
 * no name twice. */
bool avcsec_jose_open_claims(avcsec_jose_t *jose);

void avcsec_jose_close(avcsec_jose_t *jose);

#endif
