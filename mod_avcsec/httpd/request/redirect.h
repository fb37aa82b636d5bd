/* SPDX-License-Identifier: Apache-2.0
 *
 * What a redirect keeps of the tokens that the request had.
 */
#ifndef AVCSEC_REDIRECT_H
#define AVCSEC_REDIRECT_H

#include "httpd/request/facts.h"

/* A rule that copied the masked query gives the one that was sent. */
void avcsec_redirect_restore_query(request_rec *r, const avcsec_facts_t *facts);

/* Path tokens stand again in a redirect to this host, while they stay in their scope. */
void avcsec_redirect_restore_path_tokens(request_rec *r, const avcsec_facts_t *facts);

#endif
