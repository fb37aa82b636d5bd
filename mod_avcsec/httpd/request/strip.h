/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens out of what others see: handlers, scripts, proxied servers, logs.
 *
 * Path tokens, our Bearer and our cookie leave at once and for good. The argument `avc` is
 * masked ("mac.*") until the gate knows whether anybody asks for it; then it leaves, or
 * comes back for a script that has its own use for such an argument.
 */
#ifndef AVCSEC_STRIP_H
#define AVCSEC_STRIP_H

#include "httpd/request/facts.h"

/* Before any other module sees the request. */
void avcsec_strip_early(request_rec *r, avcsec_facts_t *facts);

/* Headers alone, of a request that never got as far. */
void avcsec_strip_headers(request_rec *r);

/* In a virtual host without keys, which may share pages with one that has some: the Referer
 * stands in the error log, too. */
void avcsec_strip_foreign_referer(request_rec *r);

/* Once the gate, or a `Require avc-token`, has decided what is asked of this step; the
 * steps that it was made from share the decision. */
void avcsec_strip_settle(request_rec *r, avcsec_facts_t *facts);

/* Takes the header out that proved a caller by a secret. */
void avcsec_strip_secret(request_rec *r, const char *header);

#endif
