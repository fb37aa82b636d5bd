/* SPDX-License-Identifier: Apache-2.0
 *
 * The revocations file, in shared memory. Each file has one mapping, which outlives
 * restarts; a sequence counter tells readers that the list changed while they read.
 */
#include "httpd/state/revocations.h"

#include "httpd/config/notice.h"
#include "httpd/config/phase.h"
#include "httpd/state/memory.h"
#include "httpd/state/revoked_file.h"
#include "httpd/state/shared.h"
#include "httpd/state/state_dir.h"

#include "core/token/revocation.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

APLOG_USE_MODULE(avcsec);

#define LAYOUT 3
#define TRIES 1000

typedef struct {
    _Atomic unsigned sequence; /* odd: being written; 0: nothing was read yet */
    avcsec_revocations_t list;
} shared_t;

typedef struct watched_t {
    const char *path;
    struct stat seen; /* of the file that was last read, also of one that was refused */
    bool is_read;     /* a list of it was published */
    int64_t until;    /* the latest of what that takes back ends then, Unix seconds; 0: nothing */
    shared_t *shared; /* the parent writes it and reads nothing of it */
    unsigned sequence;
    struct watched_t *next;
} watched_t;

typedef struct {
    int layout;
    watched_t *first;
} retained_t;

static retained_t *retained;

/* Where it is remembered that a file had lines, for the parent; NULL: nowhere. */
static const char *directory;

static retained_t *retain(void)
{
    static const char name[] = "mod_avcsec revocations";

    if (!retained && !(retained = ap_retained_data_get(name)))
        retained = ap_retained_data_create(name, sizeof(*retained));
    if (retained->layout != LAYOUT)
        *retained = (retained_t){LAYOUT, NULL};
    return retained;
}

/* ---- Publishing ---- */

static void publish(watched_t *watched, const avcsec_revocations_t *fresh)
{
    shared_t *shared = watched->shared;

    atomic_store(&shared->sequence, ++watched->sequence);
    atomic_thread_fence(memory_order_seq_cst);
    memcpy(&shared->list, fresh, AVCSEC_REVOCATIONS_SIZE(fresh->count));
    atomic_thread_fence(memory_order_seq_cst);
    atomic_store(&shared->sequence, ++watched->sequence);
}

static int64_t latest_of(const avcsec_revocations_t *list)
{
    int64_t latest = 0;

    for (size_t i = 0; i < list->count; i++)
        if (list->entries[i].until > latest)
            latest = list->entries[i].until;
    return latest;
}

bool avcsec_revoked_is_missing(const char *path)
{
    struct stat st;

    return lstat(path, &st) && errno == ENOENT;
}

/* Till when the file is known to take something back. What the disk remembers may be taken away
 * by who knows better. */
static int64_t known_until(apr_pool_t *p, const watched_t *watched)
{
    return directory ? avcsec_memory_read(p, directory, AVCSEC_MEMORY_REVOKED, watched->path)
                     : watched->until;
}

static void remember(apr_pool_t *p, const server_rec *s, watched_t *watched, int64_t until)
{
    const char *error = NULL;

    watched->until = until;
    if (directory &&
        avcsec_memory_read(p, directory, AVCSEC_MEMORY_REVOKED, watched->path) != until)
        error = avcsec_memory_write(p, directory, AVCSEC_MEMORY_REVOKED, watched->path, until);
    if (error)
        avcsec_log_notice(s, AVCSEC_NOTICE_ADVICE,
                          "AvcRevocations %s is in use, but %s %s: if its lines are lost, nobody "
                          "will notice",
                          watched->path,
                          avcsec_memory_file(p, directory, AVCSEC_MEMORY_REVOKED, watched->path),
                          error);
}

static const char *take(apr_pool_t *p, const server_rec *s, watched_t *watched,
                        const avcsec_revocations_t *list)
{
    const char *error =
        list->count ? NULL
                    : avcsec_revoked_doubt(p, watched->path, directory, known_until(p, watched));

    if (error)
        return error;
    publish(watched, list);
    watched->is_read = true;
    remember(p, s, watched, latest_of(list));
    return NULL;
}

static const char *refresh(apr_pool_t *p, const server_rec *s, watched_t *watched)
{
    avcsec_revocations_t *list = malloc(sizeof(*list));
    const char *error = "cannot be read: out of memory";

    if (list)
        error = avcsec_revoked_read(p, watched->path, list, &watched->seen);
    if (!error)
        error = take(p, s, watched, list);
    else
        lstat(watched->path, &watched->seen);
    free(list);
    return error;
}

static bool is_unchanged(const watched_t *watched)
{
    struct stat now;

    if (lstat(watched->path, &now))
        memset(&now, 0, sizeof(now));
    return now.st_dev == watched->seen.st_dev && now.st_ino == watched->seen.st_ino &&
           now.st_size == watched->seen.st_size &&
           now.st_mtim.tv_sec == watched->seen.st_mtim.tv_sec &&
           now.st_mtim.tv_nsec == watched->seen.st_mtim.tv_nsec &&
           now.st_ctim.tv_sec == watched->seen.st_ctim.tv_sec &&
           now.st_ctim.tv_nsec == watched->seen.st_ctim.tv_nsec;
}

static watched_t *watch(apr_pool_t *process, const char *path)
{
    watched_t *watched = retain()->first;

    while (watched && strcmp(watched->path, path))
        watched = watched->next;
    if (watched)
        return watched;
    watched = apr_pcalloc(process, sizeof(*watched));
    watched->path = apr_pstrdup(process, path);
    if (!(watched->shared = avcsec_shared_publish(process, sizeof(shared_t))))
        return NULL;
    watched->next = retained->first;
    retained->first = watched;
    return watched;
}

static const char *read_or_make(apr_pool_t *p, server_rec *s, watched_t *watched)
{
    const char *error = NULL;

    if (avcsec_revoked_is_missing(watched->path)) {
        if (!(error = avcsec_revoked_doubt(p, watched->path, directory, known_until(p, watched))))
            error = avcsec_revoked_make(p, s, watched->path);
    }
    return error ? error : refresh(p, s, watched);
}

/* NULL, or why a start ends. */
static const char *load_server(apr_pool_t *pconf, server_rec *s)
{
    avcsec_server_t *server = avcsec_config_server(s);
    watched_t *watched;
    const char *error = "cannot be read: out of memory";

    server->revoked = NULL;
    if (!server->revocations)
        return NULL;
    if ((watched = watch(s->process->pool, server->revocations->path))) {
        server->revoked = watched->shared;
        error = read_or_make(pconf, s, watched);
    }
    if (error && avcsec_phase_is_restart()) {
        avcsec_log_notice(s, AVCSEC_NOTICE_REVOCATIONS_REFUSED, "AvcRevocations %s %s; %s",
                          server->revocations->path, error,
                          watched && watched->is_read
                              ? "the list read before stays"
                              : "tokens of its sites are answered 503 until it can be read");
        return NULL;
    }
    return error ? apr_psprintf(pconf, "AvcRevocations %s %s", server->revocations->path, error)
                 : NULL;
}

static bool is_configured(const server_rec *s)
{
    while (s && !avcsec_config_server(s)->revocations)
        s = s->next;
    return s != NULL;
}

/* Where the store is in the runtime directory as well, the store says so. */
static void say_lack(const server_rec *s, const avcsec_state_dir_t *dir)
{
    const avcsec_store_t *store = avcsec_config_store(s);

    if (dir->lacking && (store->redis || store->path[0] == '/'))
        avcsec_log_notice(s, AVCSEC_NOTICE_STATE_DIR,
                          "AvcStateDir %s %s. Till then it is remembered in %s, which a reboot may "
                          "empty, that a revocations file had lines",
                          dir->absent, dir->lacking, dir->path);
}

static const char *find_directory(apr_pool_t *pconf, server_rec *main_server)
{
    avcsec_state_dir_t dir;
    const char *error = avcsec_state_dir_make(pconf, main_server, &dir);

    directory = error ? NULL : dir.path;
    if (!error)
        say_lack(main_server, &dir);
    else if (avcsec_phase_is_restart()) {
        avcsec_log_notice(main_server, AVCSEC_NOTICE_KEPT,
                          "AvcStateDir %s; if a revocations file is emptied, nobody will notice "
                          "after a stop",
                          error);
        error = NULL;
    }
    return error ? apr_pstrcat(pconf, "AvcStateDir ", error, NULL) : NULL;
}

const char *avcsec_revocations_load(apr_pool_t *pconf, server_rec *main_server)
{
    const char *error = NULL;

    directory = NULL;
    if (is_configured(main_server))
        error = find_directory(pconf, main_server);
    for (server_rec *s = main_server; s && !error; s = s->next)
        error = load_server(pconf, s);
    return error;
}

static bool is_in_use(const server_rec *s, const watched_t *watched)
{
    while (s && avcsec_config_server(s)->revoked != watched->shared)
        s = s->next;
    return s != NULL;
}

void avcsec_revocations_refresh(apr_pool_t *p, server_rec *main_server)
{
    for (watched_t *watched = retain()->first; watched; watched = watched->next) {
        const char *error;

        if (!is_in_use(main_server, watched) || is_unchanged(watched))
            continue;
        if ((error = refresh(p, main_server, watched)))
            avcsec_log_notice(main_server, AVCSEC_NOTICE_REVOCATIONS_REFUSED,
                              "AvcRevocations %s %s; the list read before stays", watched->path,
                              error);
        else
            avcsec_log_notice(main_server, AVCSEC_NOTICE_REVOCATIONS_CHANGED,
                              "AvcRevocations %s changed and is in use", watched->path);
    }
}

/* ---- Asking, in children ---- */

avcsec_verdict_t avcsec_revocations_judge(const server_rec *s, const avcsec_token_t *token,
                                          int64_t now)
{
    const avcsec_server_t *server = avcsec_config_server(s);
    const shared_t *shared = server->revoked;

    if (!server->revocations)
        return AVCSEC_ALLOWED;
    for (int i = 0; shared && i < TRIES; i++) {
        unsigned sequence = atomic_load_explicit(&shared->sequence, memory_order_acquire);
        bool is_covered;

        if (sequence == 0)
            return AVCSEC_STORE;
        if (sequence & 1) {
            sched_yield();
            continue;
        }
        is_covered = avcsec_revocations_include(&shared->list, token, now);
        atomic_thread_fence(memory_order_acquire);
        if (atomic_load_explicit(&shared->sequence, memory_order_relaxed) == sequence)
            return is_covered ? AVCSEC_REVOKED : AVCSEC_ALLOWED;
    }
    return AVCSEC_STORE; /* a writer died in between */
}
