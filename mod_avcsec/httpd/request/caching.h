/* SPDX-License-Identifier: Apache-2.0
 *
 * Caching of answers to a judged token and of refusals, and what a browser tells the next
 * server of where it was.
 */
#ifndef AVCSEC_CACHING_H
#define AVCSEC_CACHING_H

#include "httpd/request/facts.h"

/* Refused: no-store. Judged: private, no longer than what is left of the token. */
void avcsec_caching_set(request_rec *r, const avcsec_facts_t *facts);

/* strict-origin-when-cross-origin, unless a stricter one is set. */
void avcsec_caching_set_referrer_policy(request_rec *r);

#endif
