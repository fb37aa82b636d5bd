/* SPDX-License-Identifier: Apache-2.0
 *
 * Making a token, for `sign` and `token`: which arguments are signed, the mac, and a
 * look with the verifier's eyes before anything is handed out.
 */
#ifndef AVCSEC_ISSUE_H
#define AVCSEC_ISSUE_H

#include "claims.h"
#include "key.h"
#include "target.h"

typedef struct {
    avcsec_common_t common;
    avcsec_key_options_t key;
    avcsec_claim_options_t claims;
} avcsec_issue_options_t;

typedef struct {
    avcsec_token_t token; /* its slices lie in `text` */
    size_t len;
    char text[AVCSEC_TOKEN_MAX];
} avcsec_issued_t;

/* Makes the token for `target` that this carrier can hold, and judges it as the module
 * would. False after a complaint. */
bool avcsec_issue(const avcsec_issue_options_t *options, const avcsec_target_t *target,
                  avcsec_carrier_t carrier, avcsec_issued_t *issued);

/* Writes the members of JSON that say what was made. */
void avcsec_issue_write_json(const avcsec_issued_t *issued);

#endif
