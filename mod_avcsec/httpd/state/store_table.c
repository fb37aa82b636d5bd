/* SPDX-License-Identifier: Apache-2.0
 *
 * Taking the file of the store, and giving it back at the end.
 */
#include "httpd/state/store_table.h"

#include "httpd/config/notice.h"
#include "httpd/state/shared.h"

#include "core/text/utc.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"

#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

APLOG_USE_MODULE(avcsec);

#define LAYOUT 5

#define NOTED_EVERY 30 /* seconds: so much may pass till the file knows the time */
#define NOTED_LATE 90  /* and so much till the disk has it */
#define CLOCK_SLACK 2  /* by which clocks are corrected all the time */

/* Outlives restarts; nothing in it points into this module. In the memory of the parent, where
 * no child writes: each has a copy of its own. */
typedef struct {
    int layout;
    int fd;
    pid_t owner; /* the parent */
    const char *path;
    avcsec_counts_t counts; /* its table is what all share; without slots there is no store */
    uint32_t number;        /* which of the stores that this server has had */
    int64_t noted;          /* the last counts.seen that the file has */
    bool is_clock_back;     /* and it was said */
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

/* The table, and behind it what else is counted there. */
static size_t size_of(size_t slots)
{
    return slots * sizeof(avcsec_slot_t) + sizeof(_Atomic int64_t);
}

static bool make_table(avcsec_counts_t *counts, size_t slots)
{
    counts->uses.count = slots;
    if (!(counts->uses.slots = avcsec_shared_count(size_of(slots))))
        return false;
    counts->uses.overwritten = (_Atomic int64_t *)(void *)(counts->uses.slots + slots);
    return true;
}

static void drop_table(avcsec_counts_t *counts)
{
    if (counts->uses.slots)
        munmap(counts->uses.slots, size_of(counts->uses.count));
    counts->uses.slots = NULL;
}

/* Tokens may be dated ahead by so much, and by whichever site. */
static int64_t largest_skew(const server_rec *s)
{
    int64_t skew = 0;

    for (; s; s = s->next)
        if (avcsec_config_clock_skew(s) > skew)
            skew = avcsec_config_clock_skew(s);
    return skew;
}

/* Where something was counted before, tokens that are good now may have been used: those of this
 * very second, those that are dated ahead, and where the clock was set back, all to its old
 * time. */
static bool begin(avcsec_counts_t *counts, const server_rec *main_server, bool is_first)
{
    int64_t now = (int64_t)apr_time_sec(apr_time_now());

    memset(counts->uses.slots, 0, size_of(counts->uses.count));
    counts->follows = !is_first;
    counts->leeway = largest_skew(main_server);
    counts->born = is_first ? now : (now > counts->seen ? now : counts->seen + NOTED_LATE) + 1;
    return getrandom(counts->seed.bytes, sizeof(counts->seed.bytes), 0) ==
           sizeof(counts->seed.bytes);
}

static void drop(void)
{
    if (!retained->counts.uses.slots)
        return;
    drop_table(&retained->counts);
    if (retained->fd >= 0)
        close(retained->fd);
    memset(retained, 0, sizeof(*retained));
}

/* What an earlier version left where it had its store, or this one while the state directory
 * was out of reach. */
static bool was_elsewhere(apr_pool_t *p, const char *path)
{
    const char *there = ap_runtime_dir_relative(p, "avcsec.uses");

    return there && strcmp(there, path) && avcsec_store_disk_remove(p, there);
}

static void say_begun(const server_rec *s, const char *path, const char *why)
{
    avcsec_log_notice(
        s, AVCSEC_NOTICE_STORE_BEGUN,
        "AvcStore %s %s: counting begins anew, and tokens with max that are older are "
        "used-up",
        path, why);
}

/* NULL, or how the sentence goes on behind the path. */
static const char *take(apr_pool_t *pconf, const avcsec_store_t *store, server_rec *main_server)
{
    apr_pool_t *process = main_server->process->pool;
    bool has_another = retained->counts.uses.slots != NULL;
    avcsec_counts_t counts = {.seen = retained->counts.seen};
    const char *doubt = "", *error = NULL;
    int fd;

    if (!make_table(&counts, store->slots) || !prepare_succession(process)) {
        drop_table(&counts);
        return "cannot be counted in: out of memory";
    }
    fd = avcsec_store_disk_take(pconf, store->path, has_another ? retained->fd : -1, &counts,
                                &doubt, &error);
    /* While this server counted in one store, it knows of no other what came after it. */
    if (!error && (!doubt || !*doubt) && has_another)
        doubt = "was not in use while this server counted elsewhere";
    if (!error && (!doubt || !*doubt) && was_elsewhere(pconf, store->path))
        doubt = "was not in use while uses were counted in the runtime directory";
    if (!error && doubt && !begin(&counts, main_server, !*doubt))
        error = "cannot be begun: there is no randomness";
    if (error) {
        drop_table(&counts);
        if (fd >= 0)
            close(fd);
        return error;
    }
    if (doubt && *doubt)
        say_begun(main_server, store->path, doubt);
    drop();
    *retained = (retained_t){.layout = LAYOUT,
                             .fd = fd,
                             .owner = getpid(),
                             .path = apr_pstrdup(process, store->path),
                             .counts = counts,
                             .number = announce()};
    return NULL;
}

/* The clock stands before a time that was here already: the line is said once. */
static void watch_clock(const server_rec *s, avcsec_counts_t *counts)
{
    int64_t now = (int64_t)apr_time_sec(apr_time_now());

    if (now + CLOCK_SLACK < counts->seen && !retained->is_clock_back) {
        char then[AVCSEC_UTC_CHARS + 1];

        avcsec_utc_format(counts->seen, then);
        avcsec_log_notice(s, AVCSEC_NOTICE_CLOCK,
                          "AvcStore %s: the clock was set back by %" APR_INT64_T_FMT
                          " seconds: tokens with max are used-up where their counts may be gone, "
                          "or where they are older than the store, till %s at the longest. If the "
                          "clock was wrong before, stop the server, remove this file, and start",
                          retained->path, (apr_int64_t)(counts->seen - now), then);
        retained->is_clock_back = true;
    }
    if (now >= counts->seen) {
        counts->seen = now;
        retained->is_clock_back = false;
    }
}

void avcsec_store_table_watch(const server_rec *s)
{
    int64_t now = (int64_t)apr_time_sec(apr_time_now());

    if (!retain()->counts.uses.slots || retained->owner != getpid())
        return;
    watch_clock(s, &retained->counts);
    if (retained->counts.seen - retained->noted >= NOTED_EVERY && now >= retained->noted) {
        if (retained->fd >= 0)
            avcsec_store_disk_note(retained->fd, &retained->counts);
        retained->noted = retained->counts.seen;
    }
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

    if (ap_state_query(AP_SQ_MAIN_STATE) != AP_SQ_MS_EXITING || !retain()->counts.uses.slots ||
        retained->owner != getpid() || apr_pool_create(&p, NULL) != APR_SUCCESS)
        return APR_SUCCESS;
    announce();
    watch_clock(server, &retained->counts);
    error = avcsec_store_disk_write(p, retained->path, retained->fd, &retained->counts);
    if (error)
        say_unwritten(server, error);
    retained->counts.uses.slots = NULL;
    apr_pool_destroy(p);
    return APR_SUCCESS;
}

void avcsec_store_table_register(apr_pool_t *pconf)
{
    apr_pool_cleanup_register(pconf, NULL, rest, apr_pool_cleanup_null);
}

void avcsec_store_table_enter_child(void)
{
    if (retain()->counts.uses.slots && retained->owner != getpid() && retained->fd >= 0) {
        close(retained->fd);
        retained->fd = -1;
    }
}

void avcsec_store_table_leave(void)
{
    if (retain()->counts.uses.slots)
        announce();
    drop();
}

const char *avcsec_store_table_open(apr_pool_t *pconf, server_rec *main_server,
                                    const avcsec_store_t *store)
{
    const char *error = NULL;

    succeed();
    if (!retain()->counts.uses.slots || strcmp(retained->path, store->path) ||
        retained->counts.uses.count != store->slots) {
        if ((error = take(pconf, store, main_server)))
            return apr_psprintf(pconf, "AvcStore %s %s", store->path, error);
        if ((error = avcsec_store_disk_reserve(pconf, retained->fd, store->slots)))
            say_unwritten(main_server, error);
    }
    watch_clock(main_server, &retained->counts);
    /* Before the logs are closed. */
    apr_pool_cleanup_register(pconf, main_server, rest, apr_pool_cleanup_null);
    return NULL;
}

/* ---- Counting, in children ---- */

const avcsec_counts_t *avcsec_store_table(void)
{
    /* Nobody else counts in another store: a child whose parent has died could go on beside
     * the next server. */
    return retained && retained->counts.uses.slots &&
                   atomic_load(succession->current) == retained->number &&
                   (getppid() == retained->owner || getpid() == retained->owner)
               ? &retained->counts
               : NULL;
}

const char *avcsec_store_table_path(void)
{
    return retain()->path;
}
