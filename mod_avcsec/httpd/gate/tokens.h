/* SPDX-License-Identifier: Apache-2.0
 *
 * The gate's part that asks for tokens. A signed URL and a session are judged once, as the client
 * asked for them; what httpd makes of the request inside inherits that under the same setting.
 * Each returns OK, or the status.
 */
#ifndef AVCSEC_TOKENS_H
#define AVCSEC_TOKENS_H

#include "httpd/config/config.h"

#include "core/token/verdict.h"

/* AvcFiles and AvcSignedURL. */
int avcsec_tokens_check_signed(request_rec *r, const avcsec_section_t *section);

/* AvcSessionFor. */
int avcsec_tokens_check_session(request_rec *r, const avcsec_section_t *section);

/* A path token is checked although nobody asks for it, lest any text in a path made another
 * spelling of it. Late: before handlers, when every Require line has been asked. */
int avcsec_tokens_check_idle(request_rec *r, bool is_late);

/* Refuses, and keeps caches away; what the whole gate does. */
int avcsec_gate_refuse(request_rec *r, avcsec_verdict_t verdict, const char *detail,
                       bool only_logs);

/* While AvcEnforce only logs, what is behind answers its preflights itself, as before. */
bool avcsec_gate_leaves_preflight(const request_rec *r, bool only_logs);

#endif
