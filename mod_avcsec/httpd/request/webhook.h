/* SPDX-License-Identifier: Apache-2.0
 *
 * Proof by a signed body (Standard Webhooks). The body is read at the gate and given back;
 * each message counts once.
 */
#ifndef AVCSEC_WEBHOOK_PROOF_H
#define AVCSEC_WEBHOOK_PROOF_H

#include "httpd/config/config.h"

#include "core/token/verdict.h"

/* Judges the client's request that `r` is a step of, once. AVCSEC_ALLOWED, AVCSEC_UNSIGNED,
 * AVCSEC_TOO_LARGE, AVCSEC_USED_UP, or AVCSEC_STORE; *detail says more, or is NULL. */
avcsec_verdict_t avcsec_webhook_judge(request_rec *r, const char **detail);

/* The answer stands: one that is no success leaves the message to be sent again. */
void avcsec_webhook_settle(const request_rec *r);

#endif
