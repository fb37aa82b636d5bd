/* SPDX-License-Identifier: Apache-2.0
 *
 * What must last beyond a request: uses of tokens, counted for all processes, and
 * revocations. Three answers: yes, no, could not ask.
 */
#ifndef AVCSEC_STORE_H
#define AVCSEC_STORE_H

#include "config.h"

#include "../core/peer.h"
#include "../core/token.h"
#include "../core/verdict.h"

/* Phase post_config: opens, takes over or makes the store, if any server has keys. NULL, or
 * a sentence. */
const char *avcsec_store_open(apr_pool_t *pconf, server_rec *main_server);

/* Spends one use of a token that was judged right. A token without `max` costs nothing.
 * With a client, its later requests within AvcUseGrace belong to the same use (purpose
 * file); NULL: each call is a use. AVCSEC_ALLOWED, AVCSEC_USED_UP, or AVCSEC_STORE if the
 * store could not be asked (503). */
avcsec_verdict_t avcsec_store_spend(const server_rec *s, const avcsec_token_t *token,
                                    const avcsec_address_t *client, int64_t now);

/* A use of this client runs already: nothing would be counted. */
bool avcsec_store_is_running(const server_rec *s, const avcsec_token_t *token,
                             const avcsec_address_t *client, int64_t now);

/* Takes back what avcsec_store_spend has just granted, for an answer that came to nothing. */
void avcsec_store_give_back(const server_rec *s, const avcsec_token_t *token,
                            const avcsec_address_t *client, int64_t now);

#endif
