/* SPDX-License-Identifier: Apache-2.0
 *
 * Which store is asked, and what it is asked for which token.
 */
#include "httpd/state/store.h"

#include "httpd/config/notice.h"
#include "httpd/config/phase.h"
#include "httpd/config/store.h"
#include "httpd/state/revocations.h"
#include "httpd/state/state_dir.h"
#include "httpd/state/store_found.h"
#include "httpd/state/store_kind.h"
#include "httpd/state/store_table.h"

#include "apr_strings.h"
#include "http_log.h"

APLOG_USE_MODULE(avcsec);

/* Set by the parent, inherited by children. NULL: nothing can be counted. */
static const avcsec_store_kind_t *kind;

/* What counted last, as AvcStore has it; outlives restarts. */
typedef struct {
    char path[4096];
    uint32_t slots; /* 0: none did */
} retained_t;

static retained_t *retain(void)
{
    static const char name[] = "mod_avcsec store in use 2";
    retained_t *retained = ap_retained_data_get(name);

    return retained ? retained : ap_retained_data_create(name, sizeof(*retained));
}

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
    avcsec_store_table_register(pconf);
}

void avcsec_store_enter_child(void)
{
    avcsec_store_table_enter_child();
}

void avcsec_store_watch(const server_rec *s)
{
    avcsec_store_table_watch(s);
}

/* ---- Its place ---- */

/* The store of the configuration, with the path of its file worked out: in the state directory
 * where it is not absolute. */
static const char *find_place(apr_pool_t *p, const server_rec *main_server, bool makes,
                              avcsec_store_t *store, avcsec_state_dir_t *dir)
{
    const char *error, *name;

    *store = *avcsec_config_store(main_server);
    *dir = (avcsec_state_dir_t){.path = NULL};
    if (store->redis || store->path[0] == '/')
        return NULL;
    error = makes ? avcsec_state_dir_make(p, main_server, dir)
                  : avcsec_state_dir_look(p, main_server, dir);
    if (error)
        return apr_pstrcat(p, "AvcStateDir ", error, NULL);
    /* Where it was before there was a state directory. */
    name = dir->lacking && !store->place.file ? "avcsec.uses" : store->path;
    store->path = apr_pstrcat(p, dir->path, "/", name, NULL);
    return NULL;
}

static const char *describe_lack(apr_pool_t *p, const avcsec_state_dir_t *dir,
                                 const avcsec_store_t *store)
{
    return apr_psprintf(p,
                        "AvcStateDir %s %s. Till then uses are counted in %s, which a reboot may "
                        "empty: tokens with max that are older are used-up then",
                        dir->absent, dir->lacking, store->path);
}

const char *avcsec_store_check(apr_pool_t *p, const server_rec *main_server,
                               avcsec_store_finding_t *found)
{
    const char *error, *advice = NULL;
    avcsec_store_t *store = apr_palloc(p, sizeof(*store));
    avcsec_state_dir_t dir;

    *found = (avcsec_store_finding_t){.place = avcsec_config_store(main_server)->place};
    if (!is_needed(main_server))
        return NULL;
    error = find_place(p, main_server, false, store, &dir);
    found->is_denied = dir.is_denied;
    if (dir.place.file && error)
        found->place = dir.place;
    if (error)
        return error;
#ifdef AVCSEC_HAVE_HIREDIS
    if (store->redis) {
        error = avcsec_store_redis_check(p, store, &found->is_denied);
        return error ? apr_pstrcat(p, "AvcStore ", error, NULL) : NULL;
    }
#endif
    found->path = store->path;
    if (dir.lacking)
        found->advice = describe_lack(p, &dir, store);
    if (dir.path && !dir.is_there)
        return NULL;
    error = avcsec_store_check_place(p, store->path, store->slots, avcsec_phase_server(p),
                                     &found->is_denied, &advice);
    if (advice)
        found->advice = apr_psprintf(p, "AvcStore %s %s", store->path, advice);
    return error ? apr_psprintf(p, "AvcStore %s %s", store->path, error) : NULL;
}

/* ---- Opening ---- */

static const char *open_kind(apr_pool_t *pconf, server_rec *main_server,
                             const avcsec_store_t *store)
{
    const avcsec_store_kind_t *asked = kind_of(store);
    const char *error = asked->open(pconf, main_server, store);

    if (error)
        return error;
    if (asked != &avcsec_store_file)
        avcsec_store_table_leave();
    kind = asked;
    return NULL;
}

static void remember(const avcsec_store_t *store)
{
    retained_t *retained = retain();

    retained->slots = 0;
    if (strlen(store->path) >= sizeof(retained->path))
        return;
    apr_cpystrn(retained->path, store->path, sizeof(retained->path));
    retained->slots = store->slots ? store->slots : 1;
}

/* What counted last goes on, if it can be had. */
static bool go_on(apr_pool_t *pconf, server_rec *main_server)
{
    const retained_t *retained = retain();
    avcsec_store_t *before = apr_pcalloc(pconf, sizeof(*before));

    before->path = retained->path;
    before->slots = retained->slots;
    return retained->slots && !avcsec_config_read_store_again(pconf, before) &&
           !open_kind(pconf, main_server, before);
}

static void say_kept(const server_rec *s, const char *error, bool goes_on)
{
    if (goes_on)
        avcsec_log_notice(s, AVCSEC_NOTICE_KEPT, "%s; uses are counted in %s as before", error,
                          retain()->path);
    else
        avcsec_log_notice(s, AVCSEC_NOTICE_KEPT,
                          "%s; nothing can be counted: tokens with max are answered 503 until the "
                          "next restart that can",
                          error);
}

const char *avcsec_store_open(apr_pool_t *pconf, server_rec *main_server)
{
    avcsec_state_dir_t dir;
    avcsec_store_t *store = apr_palloc(pconf, sizeof(*store));
    const char *error;

    kind = NULL;
    if (!is_needed(main_server))
        return NULL;
    error = find_place(pconf, main_server, true, store, &dir);
    if (!error && dir.lacking)
        avcsec_log_notice(main_server, AVCSEC_NOTICE_STATE_DIR, "%s",
                          describe_lack(pconf, &dir, store));
    if (!error)
        error = open_kind(pconf, main_server, store);
    if (!error)
        remember(store);
    else if (avcsec_phase_is_restart()) {
        say_kept(main_server, error, go_on(pconf, main_server));
        error = NULL;
    }
    return error;
}

avcsec_verdict_t avcsec_store_judge(void *server, const avcsec_token_t *token, int64_t now)
{
    avcsec_verdict_t verdict = avcsec_revocations_judge(server, token, now);

    if (verdict != AVCSEC_ALLOWED)
        return verdict;
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
