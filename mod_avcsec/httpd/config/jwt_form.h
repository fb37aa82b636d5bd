/* SPDX-License-Identifier: Apache-2.0
 *
 * Media servers that verify JWTs by themselves, and what each expects. A new one is a row.
 */
#ifndef AVCSEC_JWT_FORM_H
#define AVCSEC_JWT_FORM_H

#include "core/token/signing_key.h"

#include <stdbool.h>

typedef enum {
    AVCSEC_JWT_PLAIN = 0, /* nobody's: our own claims */
    AVCSEC_JWT_MEDIAMTX,
    AVCSEC_JWT_LIVEKIT,
    AVCSEC_JWT_ANT_MEDIA,
    AVCSEC_JWT_KINDS
} avcsec_jwt_kind_t;

typedef struct avcsec_jwt_form_t {
    const char *name;
    avcsec_jwt_kind_t kind;
    avcsec_algorithm_t algorithm; /* the one that it verifies; AVCSEC_NO_ALGORITHM: several */
    bool needs_pair;              /* it takes public keys from avcsec-jwks and shares no secret */
    bool is_issued_by_key;        /* iss is the key id */
} avcsec_jwt_form_t;

extern const avcsec_jwt_form_t avcsec_jwt_plain;

/* NULL if there is none of that name. */
const avcsec_jwt_form_t *avcsec_jwt_form_find(const char *name);

#endif
