/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens that are taken back (AvcRevocations): the file, watched by the parent and
 * published to the children like the keys. A server that runs keeps the list it has when
 * the file is bad or gone.
 */
#ifndef AVCSEC_REVOCATIONS_H
#define AVCSEC_REVOCATIONS_H

#include "httpd/config/config.h"

#include "core/token/token.h"

/* Phase check_config: NULL, or why this file cannot be used. */
const char *avcsec_revocations_check(apr_pool_t *p, const avcsec_revocations_file_t *file);

/* Phase post_config: NULL, or a sentence at a cold start. */
const char *avcsec_revocations_load(apr_pool_t *pconf, server_rec *main_server);

/* Phase monitor, in the parent. */
void avcsec_revocations_refresh(apr_pool_t *p, server_rec *main_server);

/* For avcsec_policy_t; the baton is the server_rec. */
bool avcsec_revocations_cover(void *server, const avcsec_token_t *token, int64_t now);

#endif
