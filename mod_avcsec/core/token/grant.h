/* SPDX-License-Identifier: Apache-2.0
 *
 * What a session token says that a server issues: values from an administrator's
 * expressions go in, claims come out. Refuses a value that no token can carry, and an
 * empty one where a token without the claim would allow more.
 */
#ifndef AVCSEC_GRANT_H
#define AVCSEC_GRANT_H

#include "core/token/token.h"

typedef enum {
    AVCSEC_GRANT_SUB = 0,
    AVCSEC_GRANT_ROLE,
    AVCSEC_GRANT_APP,
    AVCSEC_GRANT_ACT, /* words between spaces, commas or dots */
    AVCSEC_GRANT_ROOM,
    AVCSEC_GRANT_VALUES
} avcsec_grant_value_t;

typedef struct {
    int64_t life, max;                          /* seconds; uses, 0: as many as one likes */
    avcsec_slice_t values[AVCSEC_GRANT_VALUES]; /* as they were given; absent: no such claim */
    bool has_client;                            /* only this client's network */
    avcsec_address_t client;
} avcsec_grant_t;

/* NULL, or what is wrong with a value: a sentence that goes on from the name of what
 * gave it, without the value. An empty sub or role is nobody's and stays out; an empty app,
 * act or room would open all of them. */
const char *avcsec_grant_check(avcsec_grant_value_t which, avcsec_slice_t value);

/* It lets do that ("play", ...); without act it lets connect and play. */
bool avcsec_grant_allows(const avcsec_grant_t *grant, avcsec_slice_t act);

/* They grant the same. */
bool avcsec_grant_equals(const avcsec_grant_t *a, const avcsec_grant_t *b);

/* Writes "avc1~for.session~kid....", ready for avcsec_token_sign. `id`: 16 to 64 characters,
 * unique. NULL, or what is wrong. */
const char *avcsec_grant_write(const avcsec_grant_t *grant, avcsec_slice_t kid, avcsec_slice_t id,
                               int64_t now, char text[AVCSEC_TOKEN_MAX], size_t *len);

#endif
