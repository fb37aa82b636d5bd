/* SPDX-License-Identifier: Apache-2.0
 *
 * What every protected answer says in its headers: caching, CORS, referrer policy, and
 * path tokens put back into redirects. And the answer to OPTIONS.
 */
#ifndef AVCSEC_ANSWER_H
#define AVCSEC_ANSWER_H

#include "facts.h"

/* A CORS preflight of the client's own request (Fetch standard). */
bool avcsec_answer_wants_preflight(const request_rec *r);

/* Answers OPTIONS without asking anybody behind: sets the headers, returns 204. */
int avcsec_answer_preflight(request_rec *r);

/* The same where these methods ("POST, OPTIONS") are all there is. */
int avcsec_answer_options(request_rec *r, const char *methods);

/* Phase register_hooks: the output filter, and the hooks that insert it. */
void avcsec_answer_register(apr_pool_t *p);

/* Hook fixups, last: AVC_SUB, AVC_ROLE, AVC_KID, AVC_REASON for scripts, from this
 * module only. */
int avcsec_answer_environment(request_rec *r);

#endif
