/* SPDX-License-Identifier: Apache-2.0
 *
 * CLAIMS of the command line: an option for every claim, and the text that they become.
 * Always in one order, the one that the page signers have too, so that the same options
 * give the same token:
 *
 *     for kid iat exp nbf dir ip4 ip6 org mth sub role app act room id max fn disp rate
 *     len typ args x...
 */
#ifndef AVCSEC_CLAIMS_H
#define AVCSEC_CLAIMS_H

#include "core/token/token.h"
#include "options.h"

typedef struct {
    const char *purpose, *expires, *until, *window, *nbf, *dir, *max, *id, *sub, *role, *app, *room,
        *name, *disposition, *rate, *length, *args;
    avcsec_words_t ip, origin, method, act, type, claim;
    bool needs_id; /* no option: it gets a random id if none is given, as with max */
} avcsec_claim_options_t;

extern const avcsec_option_t avcsec_claim_options[];

/* A token without its mac. */
typedef struct {
    avcsec_purpose_t purpose;
    int64_t iat, exp, nbf; /* 0: none */
    size_t len;
    char text[AVCSEC_TOKEN_MAX];
} avcsec_claims_t;

/* Reads --purpose (default: file). False after a complaint. */
bool avcsec_claims_read_purpose(const char *word, avcsec_purpose_t *purpose);

/* Writes the claims for claims->purpose, to be signed by `key` now; `args` are the names
 * of signed arguments joined by '.', absent for none. False after a complaint. */
bool avcsec_claims_write(const avcsec_claim_options_t *options, const avcsec_key_t *key,
                         avcsec_slice_t args, int64_t now, avcsec_claims_t *claims);

#endif
