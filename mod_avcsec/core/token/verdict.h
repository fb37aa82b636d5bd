/* SPDX-License-Identifier: Apache-2.0
 *
 * Verdicts: allowed, or the reason why not. The zero value refuses.
 */
#ifndef AVCSEC_VERDICT_H
#define AVCSEC_VERDICT_H

#include "core/text/slice.h"

typedef enum {
    AVCSEC_UNDECIDED = 0, /* nobody decided: refuses, as malformed */
#define REASON(name, number, word, status, sentence) AVCSEC_##name,
#include "core/token/reasons.def"
#undef REASON
    AVCSEC_ALLOWED,
    AVCSEC_VERDICTS /* how many there are */
} avcsec_verdict_t;

/* "ok", or the reason's word; never NULL. */
const char *avcsec_verdict_word(avcsec_verdict_t verdict);

/* The number of the reason's log line; 0 for AVCSEC_ALLOWED. */
int avcsec_verdict_number(avcsec_verdict_t verdict);

/* The HTTP status that a refusal has; 200 for AVCSEC_ALLOWED. */
int avcsec_verdict_status(avcsec_verdict_t verdict);

/* What an administrator should know or do; "" for AVCSEC_ALLOWED. */
const char *avcsec_verdict_sentence(avcsec_verdict_t verdict);

#endif
