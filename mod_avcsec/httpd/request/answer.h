/* SPDX-License-Identifier: Apache-2.0
 *
 * What every protected answer says in its headers: caching, CORS, referrer policy, and
 * path tokens put back into redirects.
 */
#ifndef AVCSEC_ANSWER_H
#define AVCSEC_ANSWER_H

#include "httpd/request/facts.h"

/* Phase register_hooks: the output filter, and the hooks that insert it. */
void avcsec_answer_register(apr_pool_t *p);

#endif
