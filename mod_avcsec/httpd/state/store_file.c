/* SPDX-License-Identifier: Apache-2.0
 *
 * Uses, counted in memory that all processes share. The parent takes the file
 * (store_disk.h); children and later generations inherit the memory. Counts last over
 * restarts and over a clean stop; after anything else they begin anew, and tokens that are
 * older than they count as used up.
 */
#include "httpd/state/store_kind.h"

#include "httpd/config/notice.h"
#include "httpd/state/keys.h"
#include "httpd/state/shared.h"
#include "httpd/state/store_disk.h"

#include "core/token/ledger.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"

#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

APLOG_USE_MODULE(avcsec);

#define LAYOUT 4

/* Outlives restarts; nothing in it points into this module. In the memory of the parent, where
 * no child writes: each has a copy of its own. */
typedef struct {
    int layout;
    int fd;
    pid_t owner; /* the parent */
    const char *path;
    avcsec_counts_t counts; /* its slots: what all share; NULL: there is no store */
    uint32_t number;        /* which of the stores that this server has had */
} retained_t;

/* Which store counts, whatever version of this module opened it. */
typedef struct {
    uint32_t last;
    _Atomic uint32_t *current; /* published */
} succession_t;

static retained_t *retained;
static succession_t *succession;

static retained_t *retain(void)
{
    /* Another layout may be of another size. */
    static const char name[] = "mod_avcsec store " APR_STRINGIFY(LAYOUT);

    if (!retained && !(retained = ap_retained_data_get(name)))
        retained = ap_retained_data_create(name, sizeof(*retained));
    return retained;
}

static succession_t *succeed(void)
{
    static const char name[] = "mod_avcsec store succession";

    if (!succession && !(succession = ap_retained_data_get(name)))
        succession = ap_retained_data_create(name, sizeof(*succession));
    return succession;
}

static bool prepare_succession(apr_pool_t *process)
{
    if (!succeed()->current)
        succession->current = avcsec_shared_publish(process, sizeof(*succession->current));
    return succession->current != NULL;
}

/* From here on, those who count in an earlier store refuse. */
static uint32_t announce(void)
{
    atomic_store(succeed()->current, ++succession->last);
    return succession->last;
}

/* ---- Opening ---- */

/* Where something was counted before, tokens of this very second may have been used. */
static bool begin(avcsec_counts_t *counts, bool is_first)
{
    counts->born = apr_time_sec(apr_time_now()) + !is_first;
    return getrandom(counts->seed.bytes, sizeof(counts->seed.bytes), 0) ==
           sizeof(counts->seed.bytes);
}

static void drop(void)
{
    if (!retained->counts.slots)
        return;
    munmap(retained->counts.slots, retained->counts.count * sizeof(avcsec_slot_t));
    if (retained->fd >= 0)
        close(retained->fd);
    memset(retained, 0, sizeof(*retained));
}

/* NULL, or how the sentence goes on behind the path. */
static const char *take(apr_pool_t *pconf, const avcsec_store_t *store, apr_pool_t *process)
{
    bool has_another = retained->counts.slots != NULL;
    bool is_ours = has_another && !strcmp(retained->path, store->path);
    avcsec_counts_t counts = {.count = store->slots};
    const char *doubt = "", *error = NULL;
    int fd;

    counts.slots = avcsec_shared_count(counts.count * sizeof(avcsec_slot_t));
    if (!counts.slots || !prepare_succession(process))
        return "cannot be counted in: out of memory";
    fd = avcsec_store_disk_take(pconf, store->path, is_ours, &counts, &doubt, &error);
    /* While this server counted in one store, it knows of no other what came after it. */
    if (fd >= 0 && !doubt && has_another) {
        memset(counts.slots, 0, counts.count * sizeof(avcsec_slot_t));
        doubt = "was not in use while this server counted elsewhere";
    }
    if (fd >= 0 && doubt && !begin(&counts, !*doubt && !has_another))
        error = "cannot be begun: there is no randomness";
    if (error) {
        munmap(counts.slots, counts.count * sizeof(avcsec_slot_t));
        if (fd >= 0)
            close(fd);
        return error;
    }
    drop();
    *retained =
        (retained_t){LAYOUT, fd, getpid(), apr_pstrdup(process, store->path), counts, announce()};
    return NULL;
}

/* ---- The end ---- */

static void say_unwritten(const server_rec *s, const char *why)
{
    if (s)
        avcsec_log_notice(s, AVCSEC_NOTICE_STORE_UNWRITTEN, "AvcStore %s %s", retained->path, why);
}

/* The server stops: its children have ended, and who should not have refuses from here on.
 * When it only reads its configuration anew, all goes on. */
static apr_status_t rest(void *server)
{
    const char *error;
    apr_pool_t *p;

    if (ap_state_query(AP_SQ_MAIN_STATE) != AP_SQ_MS_EXITING || !retain()->counts.slots ||
        retained->owner != getpid() || apr_pool_create(&p, NULL) != APR_SUCCESS)
        return APR_SUCCESS;
    announce();
    error = avcsec_store_disk_write(p, retained->path, retained->fd, &retained->counts);
    if (error)
        say_unwritten(server, error);
    retained->counts.slots = NULL;
    apr_pool_destroy(p);
    return APR_SUCCESS;
}

void avcsec_store_file_register(apr_pool_t *pconf)
{
    apr_pool_cleanup_register(pconf, NULL, rest, apr_pool_cleanup_null);
}

void avcsec_store_file_enter_child(void)
{
    if (retain()->counts.slots && retained->owner != getpid() && retained->fd >= 0) {
        close(retained->fd);
        retained->fd = -1;
    }
}

void avcsec_store_file_leave(void)
{
    if (retain()->counts.slots)
        announce();
    drop();
}

static const char *open_file(apr_pool_t *pconf, server_rec *main_server,
                             const avcsec_store_t *store)
{
    const char *error = NULL;

    succeed();
    if (!retain()->counts.slots || strcmp(retained->path, store->path) ||
        retained->counts.count != store->slots) {
        if ((error = take(pconf, store, main_server->process->pool)))
            return apr_psprintf(pconf, "AvcStore %s %s", store->path, error);
        if ((error = avcsec_store_disk_reserve(pconf, retained->fd, store->slots)))
            say_unwritten(main_server, error);
    }
    /* Before the logs are closed. */
    apr_pool_cleanup_register(pconf, main_server, rest, apr_pool_cleanup_null);
    return NULL;
}

/* ---- Spending ---- */

static avcsec_uses_t uses_of(const retained_t *store)
{
    return (avcsec_uses_t){store->counts.slots, store->counts.count};
}

/* Nobody else counts in another store: a child whose parent has died could go on beside the
 * next server. */
static bool is_current(const retained_t *store)
{
    return store->counts.slots && atomic_load(succession->current) == store->number &&
           (getppid() == store->owner || getpid() == store->owner);
}

/* 64 bits that nobody outside can choose; never 0. */
static uint64_t key_of(const server_rec *s, const avcsec_token_t *token,
                       const avcsec_address_t *client)
{
    unsigned char name[AVCSEC_MAC_BYTES];
    avcsec_mac_t *macs = avcsec_keys_mac();
    uint64_t key;

    if (!macs || !avcsec_ledger_name(token, client, avcsec_config_server(s)->realm,
                                     &retained->counts.seed, macs, name))
        return 0;
    memcpy(&key, name, sizeof(key));
    return key ? key : 1;
}

/* False if nothing can be counted. */
static bool make_claim(const server_rec *s, const avcsec_token_t *token,
                       const avcsec_address_t *client, avcsec_claim_t *claim)
{
    if (!retained || !is_current(retained))
        return false;
    claim->token = key_of(s, token, NULL);
    claim->client = client ? key_of(s, token, client) : 0;
    claim->max = (uint32_t)token->max;
    claim->until = token->exp;
    claim->grace = avcsec_config_use_grace(s);
    return claim->token && (!client || claim->client);
}

static avcsec_verdict_t spend(const server_rec *s, const avcsec_token_t *token,
                              const avcsec_address_t *client, int64_t now, bool *is_counted)
{
    avcsec_claim_t claim;
    avcsec_uses_t uses;

    *is_counted = false;
    if (!make_claim(s, token, client, &claim))
        return AVCSEC_STORE;
    if (token->iat < retained->counts.born)
        return AVCSEC_USED_UP;
    uses = uses_of(retained);
    switch (avcsec_uses_claim(&uses, &claim, now)) {
    case AVCSEC_USE_GRANTED:
    case AVCSEC_USE_RUNNING:
        *is_counted = true;
        return AVCSEC_ALLOWED;
    case AVCSEC_USE_FULL:
        avcsec_log_notice(s, AVCSEC_NOTICE_STORE_FULL,
                          "AvcStore %s is full: give it more entries, or tokens shorter lives",
                          retained->path);
        return AVCSEC_STORE;
    case AVCSEC_USE_REFUSED:
        break;
    }
    return AVCSEC_USED_UP;
}

static bool is_running(const server_rec *s, const avcsec_token_t *token,
                       const avcsec_address_t *client, int64_t now)
{
    avcsec_claim_t claim;
    avcsec_uses_t uses;

    if (!make_claim(s, token, client, &claim))
        return false;
    uses = uses_of(retained);
    return avcsec_uses_is_running(&uses, &claim, now);
}

static void give_back(const server_rec *s, const avcsec_token_t *token,
                      const avcsec_address_t *client, int64_t now)
{
    avcsec_claim_t claim;
    avcsec_uses_t uses;

    if (!make_claim(s, token, client, &claim))
        return;
    uses = uses_of(retained);
    avcsec_uses_release(&uses, &claim, now);
}

/* Only AvcRevocations takes back here, and that is known already. */
static avcsec_verdict_t pass(const server_rec *s, const avcsec_token_t *token, int64_t now)
{
    (void)s, (void)token, (void)now;
    return AVCSEC_ALLOWED;
}

const avcsec_store_kind_t avcsec_store_file = {open_file, spend, is_running, give_back, pass};
