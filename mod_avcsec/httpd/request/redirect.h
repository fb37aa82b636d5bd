/* SPDX-License-Identifier: Apache-2.0
 *
 * What an answer's Location keeps of the tokens that the request had, whoever made it.
 */
#ifndef AVCSEC_REDIRECT_H
#define AVCSEC_REDIRECT_H

#include "httpd/request/facts.h"

/* Hook insert_error_filter: httpd writes the Location of a redirect into the page that goes
 * with it, too. */
void avcsec_redirect_hide_in_page(request_rec *r);

/* Before the headers are sent: tokens stand in Location where they may and nowhere else, and
 * not in other headers that name addresses. */
void avcsec_redirect_settle(request_rec *r, avcsec_facts_t *facts);

#endif
