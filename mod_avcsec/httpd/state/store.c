/* SPDX-License-Identifier: Apache-2.0
 *
 * Which store is asked, and what it is asked for which token.
 */
#include "httpd/state/store.h"

#include "httpd/state/revocations.h"
#include "httpd/state/store_kind.h"

static const avcsec_store_kind_t *kind; /* set by the parent, inherited by children */

static const avcsec_store_kind_t *kind_of(const avcsec_store_t *store)
{
#ifdef AVCSEC_HAVE_HIREDIS
    if (store->redis)
        return &avcsec_store_redis;
#endif
    (void)store;
    return &avcsec_store_file;
}

static bool is_needed(const server_rec *s)
{
    while (s && !avcsec_config_server(s)->key_file)
        s = s->next;
    return s != NULL;
}

void avcsec_store_register(apr_pool_t *pconf)
{
    avcsec_store_file_register(pconf);
}

void avcsec_store_enter_child(void)
{
    avcsec_store_file_enter_child();
}

const char *avcsec_store_check(apr_pool_t *p, const server_rec *main_server,
                               const avcsec_store_t **store, bool *is_denied)
{
    *store = avcsec_config_store(p, main_server);
    *is_denied = false;
#ifdef AVCSEC_HAVE_HIREDIS
    if ((*store)->redis && is_needed(main_server))
        return avcsec_store_redis_check(p, *store, is_denied);
#endif
    return NULL;
}

const char *avcsec_store_open(apr_pool_t *pconf, server_rec *main_server)
{
    const avcsec_store_t *store = avcsec_config_store(pconf, main_server);

    kind = NULL;
    if (!is_needed(main_server))
        return NULL;
    kind = kind_of(store);
    if (kind != &avcsec_store_file)
        avcsec_store_file_leave();
    return kind->open(pconf, main_server, store);
}

avcsec_verdict_t avcsec_store_judge(void *server, const avcsec_token_t *token, int64_t now)
{
    if (avcsec_revocations_cover(server, token, now))
        return AVCSEC_REVOKED;
    return token->max || !kind ? AVCSEC_ALLOWED : kind->pass(server, token, now);
}

avcsec_verdict_t avcsec_store_spend(const server_rec *s, const avcsec_token_t *token,
                                    const avcsec_address_t *client, int64_t now, bool *is_counted)
{
    *is_counted = false;
    if (!token->max)
        return AVCSEC_ALLOWED;
    return kind ? kind->spend(s, token, client, now, is_counted) : AVCSEC_STORE;
}

avcsec_verdict_t avcsec_store_pass(const server_rec *s, const avcsec_token_t *token, int64_t now)
{
    return token->max && kind ? kind->pass(s, token, now) : AVCSEC_ALLOWED;
}

bool avcsec_store_is_running(const server_rec *s, const avcsec_token_t *token,
                             const avcsec_address_t *client, int64_t now)
{
    return token->max && kind && kind->is_running(s, token, client, now);
}

void avcsec_store_give_back(const server_rec *s, const avcsec_token_t *token,
                            const avcsec_address_t *client, int64_t now)
{
    if (token->max && kind)
        kind->give_back(s, token, client, now);
}
