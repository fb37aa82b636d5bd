/* SPDX-License-Identifier: Apache-2.0
 *
 * How many tokens a client's network gets (AvcTokenRate), counted for all processes in
 * memory that outlives restarts. Refuses where it cannot count.
 */
#ifndef AVCSEC_RATE_H
#define AVCSEC_RATE_H

#include "httpd/config/config.h"

#include "core/token/quota.h"

/* Phase post_config: the shared memory, if any AvcTokenRate stands in the configuration. */
int avcsec_rate_prepare(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s);

/* Takes one token from what this client's network may have under this setting. *wait:
 * otherwise, the seconds until there will be one. */
bool avcsec_rate_take(const server_rec *s, const avcsec_token_rate_t *rate,
                      const avcsec_address_t *client, int64_t *wait);

#endif
