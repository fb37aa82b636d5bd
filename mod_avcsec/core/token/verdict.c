/* SPDX-License-Identifier: Apache-2.0
 *
 * Verdicts: the table of reasons.def, read by verdict.
 */
#include "core/token/verdict.h"

typedef struct {
    int number, status;
    const char *word, *sentence;
} reason_t;

static const reason_t reasons[AVCSEC_VERDICTS] = {
#define REASON(name, number, word, status, sentence)                                               \
    [AVCSEC_##name] = {number, status, word, sentence},
#include "core/token/reasons.def"
#undef REASON
    [AVCSEC_ALLOWED] = {0, 200, "ok", ""},
};

static const reason_t *reason_of(avcsec_verdict_t verdict)
{
    bool is_known = verdict > AVCSEC_UNDECIDED && verdict < AVCSEC_VERDICTS;

    return &reasons[is_known ? verdict : AVCSEC_MALFORMED];
}

const char *avcsec_verdict_word(avcsec_verdict_t verdict)
{
    return reason_of(verdict)->word;
}

int avcsec_verdict_number(avcsec_verdict_t verdict)
{
    return reason_of(verdict)->number;
}

int avcsec_verdict_status(avcsec_verdict_t verdict)
{
    return reason_of(verdict)->status;
}

const char *avcsec_verdict_sentence(avcsec_verdict_t verdict)
{
    return reason_of(verdict)->sentence;
}
