/* SPDX-License-Identifier: Apache-2.0
 *
 * What must last beyond a request: uses of tokens, counted for all processes, and
 * revocations. Three answers: yes, no, could not ask.
 */
#ifndef AVCSEC_STORE_H
#define AVCSEC_STORE_H

#include "httpd/config/config.h"

#include "core/text/peer.h"
#include "core/token/token.h"
#include "core/token/verdict.h"

/* Phase register_hooks. */
void avcsec_store_register(apr_pool_t *pconf);

/* Phase post_config: opens, takes over or makes the store, if any server has keys. NULL, or
 * a sentence. */
const char *avcsec_store_open(apr_pool_t *pconf, server_rec *main_server);

/* Phase child_init: gives up what is the parent's. */
void avcsec_store_enter_child(void);

/* What a check of the store found beside an error. */
typedef struct {
    avcsec_place_t place; /* of the line that it is about; its file is NULL: of no line */
    const char *path;     /* of its file; NULL: it has none */
    const char *advice;   /* a sentence, or NULL */
    bool is_denied;       /* whoever asks may not read what belongs to it, which says nothing */
} avcsec_store_finding_t;

/* Phase check_config: NULL, or why a start could not have the store: a sentence. */
const char *avcsec_store_check(apr_pool_t *p, const server_rec *main_server,
                               avcsec_store_finding_t *found);

/* Phase monitor, in the parent. */
void avcsec_store_watch(const server_rec *s);

/* For avcsec_policy_t; the baton is the server_rec. What AvcRevocations says of the token
 * and, of one without `max`, the store: AVCSEC_ALLOWED, AVCSEC_REVOKED, or AVCSEC_STORE.
 * One with `max` is asked about together with its use, in one round trip: whoever lets it
 * in calls avcsec_store_spend or, where nothing is counted, avcsec_store_pass. */
avcsec_verdict_t avcsec_store_judge(void *server, const avcsec_token_t *token, int64_t now);

avcsec_verdict_t avcsec_store_pass(const server_rec *s, const avcsec_token_t *token, int64_t now);

/* Spends one use of a token that was judged right. A token without `max` costs nothing.
 * With a client, its later requests within AvcUseGrace belong to the same use (purpose
 * file); NULL: each call is a use. AVCSEC_ALLOWED, AVCSEC_USED_UP, AVCSEC_REVOKED, or
 * AVCSEC_STORE if the store could not be asked (503). Only what *is_counted may be given
 * back: a token that passed because nobody could be asked (AvcStoreFailure) is not. */
avcsec_verdict_t avcsec_store_spend(const server_rec *s, const avcsec_token_t *token,
                                    const avcsec_address_t *client, int64_t now, bool *is_counted);

/* A use of this client runs already: nothing would be counted. */
bool avcsec_store_is_running(const server_rec *s, const avcsec_token_t *token,
                             const avcsec_address_t *client, int64_t now);

/* Takes back what avcsec_store_spend has just granted, for an answer that came to nothing. */
void avcsec_store_give_back(const server_rec *s, const avcsec_token_t *token,
                            const avcsec_address_t *client, int64_t now);

#endif
