/* SPDX-License-Identifier: Apache-2.0
 *
 * The revocations file, in shared memory. Each file has one mapping, which outlives
 * restarts; a sequence counter tells readers that the list changed while they read.
 */
#include "httpd/state/revocations.h"

#include "httpd/config/notice.h"
#include "httpd/state/keys.h"
#include "httpd/state/shared.h"

#include "core/token/revocation.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"

#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

APLOG_USE_MODULE(avcsec);

#define LAYOUT 2
#define TRIES 1000

typedef struct {
    _Atomic unsigned sequence; /* odd: being written */
    avcsec_revocations_t list;
} shared_t;

typedef struct watched_t {
    const char *path;
    struct stat seen; /* of the file that was last read, also of one that was refused */
    bool is_read;     /* a list of it was published */
    shared_t *shared; /* the parent writes it and reads nothing of it */
    unsigned sequence;
    struct watched_t *next;
} watched_t;

typedef struct {
    int layout;
    watched_t *first;
} retained_t;

static retained_t *retained;

static retained_t *retain(void)
{
    static const char name[] = "mod_avcsec revocations";

    if (!retained && !(retained = ap_retained_data_get(name)))
        retained = ap_retained_data_create(name, sizeof(*retained));
    if (retained->layout != LAYOUT)
        *retained = (retained_t){LAYOUT, NULL};
    return retained;
}

/* ---- Reading ---- */

static const char *check_file(const struct stat *st)
{
    if (!S_ISREG(st->st_mode))
        return "is not a regular file";
    if (st->st_uid != 0 && st->st_uid != geteuid())
        return "belongs neither to root nor to the user who starts the server";
    if (st->st_mode & 022)
        return "can be written by others than its owner; give it mode 0600";
    return st->st_size > AVCSEC_REVOCATIONS_FILE_MAX ? "is larger than 1 MiB" : NULL;
}

static ssize_t read_whole(int fd, char *text, size_t room)
{
    size_t len = 0;
    ssize_t n = 1;

    while (len < room && n != 0) {
        n = read(fd, text + len, room - len);
        if (n < 0 && errno != EINTR)
            return -1;
        len += n > 0 ? (size_t)n : 0;
    }
    return (ssize_t)len;
}

static const char *parse(apr_pool_t *p, int fd, size_t size, avcsec_revocations_t *list)
{
    char *text = malloc(size + 1);
    ssize_t len = text ? read_whole(fd, text, size + 1) : -1;
    const char *error = "cannot be read";
    size_t line = 0;

    if (len >= 0)
        error = avcsec_revocations_parse((avcsec_slice_t){text, (size_t)len},
                                         apr_time_sec(apr_time_now()), list, &line);
    free(text);
    return !error ? NULL
           : line ? apr_psprintf(p, "line %" APR_SIZE_T_FMT ": %s", line, error)
                  : apr_psprintf(p, "cannot be used: %s", error);
}

static const char *read_file(apr_pool_t *p, const char *path, avcsec_revocations_t *list,
                             struct stat *st)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
    const char *error;
    char text[128];

    memset(st, 0, sizeof(*st));
    if (fd < 0)
        return apr_psprintf(p, "cannot be opened: %s%s", apr_strerror(errno, text, sizeof(text)),
                            errno == ENOENT ? "; make an empty one" : "");
    error = fstat(fd, st) ? "cannot be examined" : check_file(st);
    if (!error)
        error = parse(p, fd, (size_t)st->st_size, list);
    close(fd);
    return error;
}

const char *avcsec_revocations_check(apr_pool_t *p, const avcsec_revocations_file_t *file)
{
    avcsec_revocations_t *list = malloc(sizeof(*list));
    const char *error = "cannot be read: out of memory";
    struct stat st;

    if (list)
        error = read_file(p, file->path, list, &st);
    free(list);
    return error;
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

static const char *refresh(apr_pool_t *p, watched_t *watched)
{
    avcsec_revocations_t *list = malloc(sizeof(*list));
    const char *error = "cannot be read: out of memory";

    if (list)
        error = read_file(p, watched->path, list, &watched->seen);
    if (!error) {
        publish(watched, list);
        watched->is_read = true;
    } else
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

static const char *load_server(apr_pool_t *pconf, server_rec *s)
{
    avcsec_server_t *server = avcsec_config_server(s);
    watched_t *watched;
    const char *error;

    server->revoked = NULL;
    if (!server->revocations)
        return NULL;
    if (!(watched = watch(s->process->pool, server->revocations->path)))
        return "AvcRevocations: out of memory";
    server->revoked = watched->shared;
    error = refresh(pconf, watched);
    if (error && watched->is_read) {
        avcsec_log_notice(s, AVCSEC_NOTICE_REVOCATIONS_REFUSED,
                          "AvcRevocations %s %s; the list read before stays", watched->path, error);
        return NULL;
    }
    return error ? apr_psprintf(pconf, "AvcRevocations %s %s", watched->path, error) : NULL;
}

const char *avcsec_revocations_load(apr_pool_t *pconf, server_rec *main_server)
{
    const char *error = NULL;

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
        if ((error = refresh(p, watched)))
            avcsec_log_notice(main_server, AVCSEC_NOTICE_REVOCATIONS_REFUSED,
                              "AvcRevocations %s %s; the list read before stays", watched->path,
                              error);
        else
            avcsec_log_notice(main_server, AVCSEC_NOTICE_REVOCATIONS_CHANGED,
                              "AvcRevocations %s changed and is in use", watched->path);
    }
}

/* ---- Asking, in children ---- */

bool avcsec_revocations_cover(void *server, const avcsec_token_t *token, int64_t now)
{
    const shared_t *shared = avcsec_config_server(server)->revoked;

    for (int i = 0; shared && i < TRIES; i++) {
        unsigned sequence = atomic_load_explicit(&shared->sequence, memory_order_acquire);
        bool is_covered;

        if (sequence & 1) {
            sched_yield();
            continue;
        }
        is_covered = avcsec_revocations_include(&shared->list, token, now);
        atomic_thread_fence(memory_order_acquire);
        if (atomic_load_explicit(&shared->sequence, memory_order_relaxed) == sequence)
            return is_covered;
    }
    return shared != NULL; /* a writer died in between: refuse */
}
