/* SPDX-License-Identifier: Apache-2.0
 *
 * What can be found out about one token: what it says, what it signs, what refuses it.
 * Works without a key, and on tokens whose mac a log has removed: then everything but
 * the signature is judged. Never shows a mac.
 */
#ifndef AVCSEC_FINDING_H
#define AVCSEC_FINDING_H

#include "judge.h"
#include "key.h"
#include "source.h"

typedef enum {
    AVCSEC_SIGNATURE_NO_KEY = 0, /* not checked: no key was given */
    AVCSEC_SIGNATURE_MASKED,     /* ... a log has removed the mac */
    AVCSEC_SIGNATURE_NO_PATH,    /* ... the path is not known */
    AVCSEC_SIGNATURE_LATER,      /* ... something else is wrong already */
    AVCSEC_SIGNATURE_RIGHT,
    AVCSEC_SIGNATURE_WRONG
} avcsec_signature_t;

typedef struct {
    avcsec_carrier_t carrier; /* none: it was given alone */
    avcsec_slice_t text;      /* the token; not to be shown */
    const char *error;        /* of its grammar, or NULL */
    size_t bad_claim;         /* the claim that the error is about, `for` is 1; 0: none of them */
    avcsec_token_t token;     /* without an error */
    avcsec_slice_t scope;     /* absent if it is not known */
    bool is_passed_over;      /* another one comes first */
    avcsec_signature_t signature;
    avcsec_verdict_t verdict;
    const char *detail; /* a sentence, or NULL */
    char argument[64];  /* the name that detail is about, or empty */
} avcsec_finding_t;

/* What findings are made from. */
typedef struct {
    const avcsec_source_t *source;
    const avcsec_case_t *judged; /* of source->target; NULL for a bare token */
    avcsec_key_box_t *keys;      /* NULL: none */
    int64_t now;
} avcsec_inquiry_t;

/* Fills *finding, whose carrier and text are set. False after a complaint. */
bool avcsec_finding_make(const avcsec_inquiry_t *inquiry, avcsec_finding_t *finding);

#endif
