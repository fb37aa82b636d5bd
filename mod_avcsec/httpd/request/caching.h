/* SPDX-License-Identifier: Apache-2.0
 *
 * Caching of answers that are not everybody's: whatever a script, a server behind or the
 * configuration of others says, here only what is stricter stays of it.
 */
#ifndef AVCSEC_CACHING_H
#define AVCSEC_CACHING_H

#include "httpd/request/facts.h"

/* Refused, missing behind a token, with an issued token in it: no-store. Judged, protected, or a
 * page that may hold such a part: private, no longer than what is left of the tokens. */
void avcsec_caching_set(request_rec *r, avcsec_facts_t *facts);

#endif
