/* SPDX-License-Identifier: Apache-2.0
 *
 * Uses and revocations in a Redis that machines share: what is needed to ask it, which the
 * parent reads as root, and what its answers, or none, come to.
 */
#include "httpd/state/store_kind.h"

#ifdef AVCSEC_HAVE_HIREDIS

#include "httpd/config/notice.h"
#include "httpd/config/phase.h"
#include "httpd/state/keyfile.h"
#include "httpd/state/keys.h"
#include "httpd/state/redis_pool.h"

#include "core/token/ledger.h"

#include "apr_signal.h"
#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"

#include <stdatomic.h>
#include <sys/mman.h>

APLOG_USE_MODULE(avcsec);

#define MINUTE 60

/* What was said in the log, by whichever child. */
typedef struct {
    _Atomic int64_t lost_at; /* Unix seconds */
    _Atomic int is_lost;     /* and nobody has said yet that it is back */
} said_t;

static const avcsec_store_t *store;
static avcsec_redis_server_t whom;
static said_t *said;

/* ---- What it takes, read in the parent ---- */

/* Outlives restarts, so that a server that runs does not lose its password to a bad file. */
typedef struct {
    char path[1024], password[513];
} retained_t;

static retained_t *retain(void)
{
    static const char name[] = "mod_avcsec redis 1";
    retained_t *retained = ap_retained_data_get(name);

    return retained ? retained : ap_retained_data_create(name, sizeof(*retained));
}

static const char *read_password(apr_pool_t *p, const char *path, char **password, bool *is_denied)
{
    const char *error;
    size_t len;

    error = avcsec_keyfile_read_text(p, path, password, &len, is_denied);
    if (!error)
        error = avcsec_redis_password_of(*password, &len);
    return error ? apr_psprintf(p, "%s: the password file %s %s", store->path, path, error) : NULL;
}

static const char *load_password(apr_pool_t *pconf, const server_rec *s, const char *path)
{
    retained_t *retained = retain();
    bool is_denied = false;
    const char *error;
    char *password;

    whom.password = NULL;
    if (!path)
        return NULL;
    error = read_password(pconf, path, &password, &is_denied);
    if (error && (!avcsec_phase_is_restart() || strcmp(retained->path, path) != 0))
        return apr_pstrcat(pconf, "AvcStore ", error, NULL);
    if (error)
        avcsec_log_notice(s, AVCSEC_NOTICE_KEPT, "AvcStore %s; the one read before stays", error);
    else {
        apr_cpystrn(retained->path, path, sizeof(retained->path));
        apr_cpystrn(retained->password, password, sizeof(retained->password));
    }
    whom.password = retained->password;
    return NULL;
}

static apr_status_t free_tls(void *tls)
{
    avcsec_redis_tls_free(tls);
    return APR_SUCCESS;
}

static const char *load_tls(apr_pool_t *p, const avcsec_store_address_t *address,
                            struct ssl_ctx_st **tls)
{
    const char *error;

    *tls = NULL;
    if (!address->has_tls)
        return NULL;
    if (!(*tls = avcsec_redis_tls_create(address->ca_file, &error)))
        return apr_psprintf(p, "%s: %s %s", store->path,
                            address->ca_file ? address->ca_file : "this system", error);
    apr_pool_cleanup_register(p, *tls, free_tls, apr_pool_cleanup_null);
    return NULL;
}

const char *avcsec_store_redis_check(apr_pool_t *p, const avcsec_store_t *asked, bool *is_denied)
{
    const avcsec_store_address_t *address = asked->redis;
    struct ssl_ctx_st *tls;
    const char *error = NULL;
    char *password;

    store = asked;
    if (address->password_file)
        error = read_password(p, address->password_file, &password, is_denied);
    return error ? error : load_tls(p, address, &tls);
}

/* ---- Saying so ---- */

static void say_lost(const server_rec *s, const char *why)
{
    int64_t now = apr_time_sec(apr_time_now()), then = atomic_load(&said->lost_at);

    /* Any child may have written any time there. */
    if ((uint64_t)now - (uint64_t)then < MINUTE ||
        !atomic_compare_exchange_strong(&said->lost_at, &then, now))
        return;
    avcsec_log_notice(s, AVCSEC_NOTICE_STORE_UNREACHABLE, "AvcStore %s: %s; %s", store->path, why,
                      avcsec_config_needs_store(s) ? "tokens are answered 503 until it answers"
                                                   : "tokens pass uncounted (AvcStoreFailure)");
    atomic_store(&said->is_lost, 1);
}

static void say_back(const server_rec *s)
{
    if (atomic_load(&said->is_lost) && atomic_exchange(&said->is_lost, 0))
        avcsec_log_notice(s, AVCSEC_NOTICE_STORE_BACK, "AvcStore %s answers again", store->path);
}

/* ---- Asking ---- */

static avcsec_verdict_t without_answer(const server_rec *s, const char *why)
{
    if (why[0])
        say_lost(s, why);
    return AVCSEC_UNDECIDED;
}

/* What a verdict comes to if there was no answer. */
static avcsec_verdict_t settle(const server_rec *s, avcsec_verdict_t verdict)
{
    if (verdict != AVCSEC_UNDECIDED)
        return verdict;
    return avcsec_config_needs_store(s) ? AVCSEC_STORE : AVCSEC_ALLOWED;
}

static avcsec_verdict_t refuse_full(const server_rec *s)
{
    avcsec_log_notice(s, AVCSEC_NOTICE_STORE_FULL,
                      "AvcStore %s is full: give it more memory, or tokens shorter lives",
                      store->path);
    return AVCSEC_STORE;
}

/* The answer, by EVAL if Redis does not know the script any more. */
static avcsec_redis_kind_t run(avcsec_redis_t *redis, avcsec_ledger_command_t *command,
                               avcsec_redis_answer_t *answer)
{
    avcsec_redis_kind_t kind = avcsec_redis_ask(redis, command->words, command->count, answer);

    if (kind != AVCSEC_REDIS_ERROR || strncmp(answer->text, "NOSCRIPT", 8))
        return kind;
    command->words[0] = AVCSEC_LITERAL("EVAL");
    command->words[1] = avcsec_slice_of(avcsec_ledger_script);
    return avcsec_redis_ask(redis, command->words, command->count, answer);
}

static const char *why_not(const avcsec_redis_t *redis, const avcsec_redis_answer_t *answer)
{
    if (answer->kind == AVCSEC_REDIS_LOST)
        return redis->why;
    return answer->kind == AVCSEC_REDIS_ERROR && answer->text[0] ? answer->text
                                                                 : "it answered something else";
}

/* UNDECIDED: there was no answer. */
static avcsec_verdict_t ask(const server_rec *s, const avcsec_ledger_question_t *question)
{
    char why[AVCSEC_REDIS_WHY];
    avcsec_redis_t *redis = avcsec_redis_pool_take(why);
    avcsec_verdict_t verdict = AVCSEC_UNDECIDED;
    avcsec_mac_t *macs = avcsec_keys_mac();
    avcsec_ledger_command_t command;
    avcsec_redis_answer_t answer;
    bool is_full;

    if (!redis)
        return without_answer(s, why);
    if (!macs || !avcsec_ledger_ask(question, avcsec_slice_of(redis->digest),
                                    avcsec_slice_of(redis->run_id), macs, &command)) {
        avcsec_redis_pool_give(redis);
        return AVCSEC_STORE;
    }
    if (run(redis, &command, &answer) == AVCSEC_REDIS_TEXT)
        verdict = avcsec_ledger_read(avcsec_slice_of(answer.text));
    /* Before version 7 it stands within the sentence of what the script ran into. */
    is_full = answer.kind == AVCSEC_REDIS_ERROR && strstr(answer.text, "OOM ");
    if (verdict != AVCSEC_UNDECIDED || is_full) {
        avcsec_redis_pool_give(redis);
        say_back(s);
        return is_full ? refuse_full(s) : verdict;
    }
    apr_cpystrn(why, why_not(redis, &answer), sizeof(why));
    if (answer.kind == AVCSEC_REDIS_ERROR)
        avcsec_redis_pool_close(redis);
    else
        avcsec_redis_pool_fail(redis);
    return without_answer(s, why);
}

static avcsec_ledger_question_t question_of(const server_rec *s, avcsec_ledger_wish_t wish,
                                            const avcsec_token_t *token,
                                            const avcsec_address_t *client, int64_t now)
{
    return (avcsec_ledger_question_t){
        wish, token, client, avcsec_config_server(s)->realm, avcsec_config_use_grace(s), now};
}

static avcsec_verdict_t spend(const server_rec *s, const avcsec_token_t *token,
                              const avcsec_address_t *client, int64_t now, bool *is_counted)
{
    avcsec_ledger_question_t question = question_of(s, AVCSEC_LEDGER_SPEND, token, client, now);
    avcsec_verdict_t verdict = ask(s, &question);

    *is_counted = verdict == AVCSEC_ALLOWED;
    return settle(s, verdict);
}

static bool is_running(const server_rec *s, const avcsec_token_t *token,
                       const avcsec_address_t *client, int64_t now)
{
    avcsec_ledger_question_t question = question_of(s, AVCSEC_LEDGER_LOOK, token, client, now);

    return settle(s, ask(s, &question)) == AVCSEC_ALLOWED;
}

static void give_back(const server_rec *s, const avcsec_token_t *token,
                      const avcsec_address_t *client, int64_t now)
{
    avcsec_ledger_question_t question = question_of(s, AVCSEC_LEDGER_RELEASE, token, client, now);

    ask(s, &question);
}

static avcsec_verdict_t pass(const server_rec *s, const avcsec_token_t *token, int64_t now)
{
    avcsec_ledger_question_t question = question_of(s, AVCSEC_LEDGER_PASS, token, NULL, now);

    return settle(s, ask(s, &question));
}

/* ---- Opening ---- */

/* Asks once, so that it is born before it is needed and what is wrong is said at the start.
 * A Redis that is not there yet ends no start. */
static void try(const server_rec *s)
{
    const avcsec_token_t nobody = {.kid = AVCSEC_LITERAL("")};
    char why[AVCSEC_REDIS_WHY];
    avcsec_redis_t *redis = avcsec_redis_pool_take(why);

    if (!redis) {
        say_lost(s, why);
        return;
    }
    if (strcmp(redis->eviction, "noeviction"))
        avcsec_log_notice(s, AVCSEC_NOTICE_ADVICE,
                          "AvcStore %s: its maxmemory-policy is %s: when it is full it forgets "
                          "uses and revocations. Set noeviction",
                          store->path, redis->eviction[0] ? redis->eviction : "unknown");
    avcsec_redis_pool_give(redis);
    is_running(s, &nobody, NULL, apr_time_sec(apr_time_now()));
    avcsec_redis_pool_drop();
}

static apr_status_t unmap(void *memory)
{
    munmap(memory, sizeof(*said));
    return APR_SUCCESS;
}

static const char *open_redis(apr_pool_t *pconf, server_rec *main_server,
                              const avcsec_store_t *asked)
{
    const avcsec_store_address_t *address = asked->redis;
    apr_sigfunc_t *on_pipe;
    struct ssl_ctx_st *tls;
    const char *error;

    store = asked;
    if ((error = load_tls(pconf, address, &tls)))
        return apr_pstrcat(pconf, "AvcStore ", error, NULL);
    if ((error = load_password(pconf, main_server, address->password_file)))
        return error;
    whom =
        (avcsec_redis_server_t){address->host, address->user, whom.password,        address->port,
                                address->db,   tls,           avcsec_ledger_script, 0};
    said = mmap(NULL, sizeof(*said), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (said == MAP_FAILED)
        return "AvcStore: out of memory";
    apr_pool_cleanup_register(pconf, said, unmap, apr_pool_cleanup_null);
    avcsec_redis_pool_begin(&whom);
    /* A start does not ignore it yet, and OpenSSL writes to whoever hung up. */
    on_pipe = apr_signal(SIGPIPE, SIG_IGN);
    try(main_server);
    apr_signal(SIGPIPE, on_pipe);
    return NULL;
}

const avcsec_store_kind_t avcsec_store_redis = {open_redis, spend, is_running, give_back, pass};

#else
typedef int avcsec_store_redis_is_not_built_in;
#endif
