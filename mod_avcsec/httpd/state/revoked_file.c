/* SPDX-License-Identifier: Apache-2.0
 *
 * The revocations file on disk.
 */
#include "httpd/state/revoked_file.h"

#include "httpd/config/notice.h"
#include "httpd/state/memory.h"
#include "httpd/state/revocations.h"
#include "httpd/state/state_dir.h"

#include "core/text/utc.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

APLOG_USE_MODULE(avcsec);

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

const char *avcsec_revoked_read(apr_pool_t *p, const char *path, avcsec_revocations_t *list,
                                struct stat *st)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
    const char *error;
    char text[128];

    memset(st, 0, sizeof(*st));
    if (fd < 0)
        return apr_psprintf(p, "cannot be opened: %s", apr_strerror(errno, text, sizeof(text)));
    error = fstat(fd, st) ? "cannot be examined" : check_file(st);
    if (!error)
        error = parse(p, fd, (size_t)st->st_size, list);
    close(fd);
    return error;
}

/* ---- A file that had lines ---- */

const char *avcsec_revoked_doubt(apr_pool_t *p, const char *path, const char *where, int64_t until)
{
    bool is_gone = avcsec_revoked_is_missing(path);
    char time[AVCSEC_UTC_CHARS + 1];

    if (until <= (int64_t)apr_time_sec(apr_time_now()))
        return NULL;
    avcsec_utc_format(until, time);
    return apr_psprintf(p,
                        "%s, and what it took back is to be so till %s: put the lines back%s%s%s",
                        is_gone ? "is gone" : "has no lines any more", time,
                        where ? ". If all of that may open again, remove " : "",
                        where ? avcsec_memory_file(p, where, AVCSEC_MEMORY_REVOKED, path) : "",
                        where && !is_gone ? " and write the file once more" : "");
}

/* ---- Making one ---- */

static const char *check_making(apr_pool_t *p, const char *path)
{
    const char *parent = avcsec_parent_of(p, path);
    bool is_nowhere;
    const char *error = avcsec_guarded_directory(p, parent, &is_nowhere);
    char text[128];

    if (!error && access(parent, W_OK | X_OK))
        error = apr_psprintf(p, "cannot be written: %s", apr_strerror(errno, text, sizeof(text)));
    return error ? apr_psprintf(p, "is not there, and a start cannot make it: %s %s", parent, error)
                 : NULL;
}

const char *avcsec_revoked_make(apr_pool_t *p, const server_rec *s, const char *path)
{
    const char *error = check_making(p, path);
    char text[128];
    int fd;

    if (error)
        return error;
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return apr_psprintf(p, "is not there, and cannot be made: %s",
                            apr_strerror(errno, text, sizeof(text)));
    close(fd);
    avcsec_log_notice(s, AVCSEC_NOTICE_REVOCATIONS_MADE,
                      "AvcRevocations %s was not there, and was made: nothing is taken back", path);
    return NULL;
}

/* ---- Before a start ---- */

static const char *check_lines(apr_pool_t *p, const char *path, const char *where)
{
    avcsec_revocations_t *list = malloc(sizeof(*list));
    const char *error = "cannot be read: out of memory";
    struct stat st;

    if (list)
        error = avcsec_revoked_read(p, path, list, &st);
    if (!error && list->count == 0 && where)
        error = avcsec_revoked_doubt(p, path, where,
                                     avcsec_memory_read(p, where, AVCSEC_MEMORY_REVOKED, path));
    free(list);
    return error;
}

/* Who starts the server may have that right. */
static bool lacks_right(const char *path, int right)
{
    return geteuid() != 0 && access(path, right) && errno == EACCES;
}

const char *avcsec_revocations_check(apr_pool_t *p, const server_rec *main_server,
                                     const avcsec_revocations_file_t *file, bool *is_denied,
                                     const char **advice)
{
    avcsec_state_dir_t dir;
    const char *where = avcsec_state_dir_look(p, main_server, &dir) ? NULL : dir.path, *error;

    *advice = NULL;
    *is_denied = false;
    if (!avcsec_revoked_is_missing(file->path)) {
        *is_denied = lacks_right(file->path, R_OK);
        return check_lines(p, file->path, where);
    }
    if (where && (error = avcsec_revoked_doubt(
                      p, file->path, where,
                      avcsec_memory_read(p, where, AVCSEC_MEMORY_REVOKED, file->path))))
        return error;
    *is_denied = lacks_right(avcsec_parent_of(p, file->path), W_OK | X_OK);
    /* A start makes its state directory first. */
    error = where && !dir.is_there && !strcmp(avcsec_parent_of(p, file->path), where)
                ? NULL
                : check_making(p, file->path);
    if (!error)
        *advice = "is not there: a start makes it, empty";
    return error;
}
