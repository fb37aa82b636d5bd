/* SPDX-License-Identifier: Apache-2.0
 *
 * Which pages of other origins may read an answer (AvcOrigins), and the answer to OPTIONS.
 */
#ifndef AVCSEC_CORS_H
#define AVCSEC_CORS_H

#include "httpd/request/facts.h"

/* A CORS preflight of the client's own request (Fetch standard). */
bool avcsec_cors_wants_preflight(const request_rec *r);

/* Answers OPTIONS without asking anybody behind: sets the headers, returns 204. */
int avcsec_cors_preflight(request_rec *r);

/* The same where these methods ("POST, OPTIONS") are all there is. */
int avcsec_cors_options(request_rec *r, const char *methods);

/* Sets or takes out the headers of CORS. */
void avcsec_cors_set(request_rec *r, const avcsec_facts_t *facts);

#endif
