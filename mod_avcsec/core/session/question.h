/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers to the questions of media servers. They take any 2xx, and nginx-rtmp any 3xx, for
 * a yes, whoever gave it: here it is decided whether an answer is one of whoever was asked.
 */
#ifndef AVCSEC_QUESTION_H
#define AVCSEC_QUESTION_H

#include "core/token/verdict.h"

typedef enum {
    AVCSEC_ASKED_NOBODY = 0, /* no media server asks here */
    AVCSEC_ASKED_SCRIPT,     /* that only the media server may call */
    AVCSEC_ASKED_HANDLER     /* of this module */
} avcsec_asked_t;

/* One answer, as it would be sent. */
typedef struct {
    avcsec_asked_t asked;
    bool is_own;             /* whoever was asked gave it */
    bool is_page_of_refusal; /* it stands for a refusal, as an ErrorDocument does */
    int status;
    avcsec_slice_t location; /* absent: none, or several */
} avcsec_reply_facts_t;

/* AVCSEC_ALLOWED: it may be sent. AVCSEC_REDIRECTED, AVCSEC_REPLACED: it would be somebody
 * else's yes. A refusal is nobody's yes. */
avcsec_verdict_t avcsec_question_judge(const avcsec_reply_facts_t *reply);

/* A Location that gives a stream another name, or sends it to another media server: a name
 * of 1 to 255 characters without any that means something in an address, or rtmp://...,
 * rtmps://... . */
bool avcsec_question_is_rename(avcsec_slice_t location);

#endif
