/* SPDX-License-Identifier: Apache-2.0
 *
 * What a kind of store can do; store.c picks the one that AvcStore names. Tokens that come
 * here have `max`, but for `pass`.
 */
#ifndef AVCSEC_STORE_KIND_H
#define AVCSEC_STORE_KIND_H

#include "httpd/config/config.h"

#include "core/token/token.h"
#include "core/token/verdict.h"

typedef struct {
    /* Phase post_config. NULL, or a sentence that ends the start. */
    const char *(*open)(apr_pool_t *pconf, server_rec *main_server, const avcsec_store_t *store);
    /* As avcsec_store_spend and its neighbours. */
    avcsec_verdict_t (*spend)(const server_rec *s, const avcsec_token_t *token,
                              const avcsec_address_t *client, int64_t now, bool *is_counted);
    bool (*is_running)(const server_rec *s, const avcsec_token_t *token,
                       const avcsec_address_t *client, int64_t now);
    void (*give_back)(const server_rec *s, const avcsec_token_t *token,
                      const avcsec_address_t *client, int64_t now);
    /* Whether the store knows that the token was taken back: AVCSEC_ALLOWED,
     * AVCSEC_REVOKED or AVCSEC_STORE. */
    avcsec_verdict_t (*pass)(const server_rec *s, const avcsec_token_t *token, int64_t now);
} avcsec_store_kind_t;

extern const avcsec_store_kind_t avcsec_store_file;

#ifdef AVCSEC_HAVE_HIREDIS
extern const avcsec_store_kind_t avcsec_store_redis;

/* Phase check_config: NULL, or why its password or authorities cannot be used. *is_denied:
 * whoever asks may not read the password. */
const char *avcsec_store_redis_check(apr_pool_t *p, const avcsec_store_t *store, bool *is_denied);
#endif

#endif
