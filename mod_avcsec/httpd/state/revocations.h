/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens that are taken back (AvcRevocations): the file, watched by the parent and
 * published to the children like the keys. A start makes one that is not there. A server that
 * runs keeps the list it has when the file is bad, gone or emptied; what the state directory
 * remembers (memory.h) tells a start that the file had lines.
 */
#ifndef AVCSEC_REVOCATIONS_H
#define AVCSEC_REVOCATIONS_H

#include "httpd/config/config.h"

#include "core/token/token.h"
#include "core/token/verdict.h"

/* Phase check_config: NULL, or why a start could not use this file; *is_denied: who starts
 * the server may well do what whoever asks here may not. *advice: NULL, or what a start would do.
 * Changes nothing. */
const char *avcsec_revocations_check(apr_pool_t *p, const server_rec *main_server,
                                     const avcsec_revocations_file_t *file, bool *is_denied,
                                     const char **advice);

/* Phase post_config: NULL, or a sentence that ends a start. A server that runs goes on with the
 * list it has, or refuses all tokens of a server whose first list it cannot read. */
const char *avcsec_revocations_load(apr_pool_t *pconf, server_rec *main_server);

/* Phase monitor, in the parent. */
void avcsec_revocations_refresh(apr_pool_t *p, server_rec *main_server);

/* AVCSEC_ALLOWED, AVCSEC_REVOKED, or AVCSEC_STORE: nobody knows. */
avcsec_verdict_t avcsec_revocations_judge(const server_rec *s, const avcsec_token_t *token,
                                          int64_t now);

#endif
