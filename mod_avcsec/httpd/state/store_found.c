/* SPDX-License-Identifier: Apache-2.0
 *
 * Looking at what lies where the store shall lie.
 */
#include "httpd/state/store_found.h"

#include "httpd/state/state_dir.h"

#include "core/token/uses.h"

#include "apr_strings.h"
#include "http_log.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

APLOG_USE_MODULE(avcsec);

const char avcsec_store_mark[AVCSEC_STORE_MARK] = "avcsec uses\n";

off_t avcsec_store_size(size_t slots)
{
    return (off_t)(AVCSEC_STORE_HEAD + slots * sizeof(avcsec_slot_t));
}

static const char *errno_text(apr_pool_t *p, const char *what, int error)
{
    char text[128];

    return apr_psprintf(p, "%s: %s", what, apr_strerror(error, text, sizeof(text)));
}

/* Without opening it: a device may do something then. */
static const char *check_kind(apr_pool_t *p, const struct stat *st)
{
    const char *kind = S_ISLNK(st->st_mode)    ? "a symbolic link"
                       : S_ISDIR(st->st_mode)  ? "a directory"
                       : !S_ISREG(st->st_mode) ? "no regular file"
                                               : NULL;

    return kind ? apr_psprintf(p,
                               "is %s: name a file that is not there yet, which a start makes, or "
                               "that an earlier start has made",
                               kind)
                : NULL;
}

static bool has_mark(int fd)
{
    char begin[AVCSEC_STORE_MARK];

    return pread(fd, begin, sizeof(begin), 0) == (ssize_t)sizeof(begin) &&
           !memcmp(begin, avcsec_store_mark, sizeof(begin));
}

/* *failed: what the system said; 0: it is not the system's fault. */
static const char *find(apr_pool_t *p, const char *path, int *fd, int *failed)
{
    const char *error;
    struct stat st;

    *fd = -1;
    *failed = 0;
    if (lstat(path, &st)) {
        *failed = errno;
        return errno == ENOENT ? NULL : errno_text(p, "cannot be looked at", errno);
    }
    if ((error = check_kind(p, &st)))
        return error;
    *fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (*fd < 0) {
        *failed = errno;
        return errno == ENOENT ? NULL : errno_text(p, "cannot be opened", errno);
    }
    if (!fstat(*fd, &st) && S_ISREG(st.st_mode) && has_mark(*fd))
        return NULL;
    close(*fd);
    *fd = -1;
    return "is a file of something else, or was spoilt, and stays as it is: name another one, or "
           "move it away";
}

const char *avcsec_store_find(apr_pool_t *p, const char *path, int *fd)
{
    int failed;

    return find(p, path, fd, &failed);
}

/* ---- Before a start ---- */

/* Some other server counts by this file. */
static bool is_taken(int fd, pid_t server)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

    return !fcntl(fd, F_GETLK, &whole) && whole.l_type != F_UNLCK && whole.l_pid != server;
}

const char *avcsec_store_check_limit(apr_pool_t *p, off_t size)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_FSIZE, &limit) || limit.rlim_cur == RLIM_INFINITY ||
        limit.rlim_cur >= (rlim_t)size)
        return NULL;
    return apr_psprintf(p,
                        "needs %" APR_UINT64_T_FMT " bytes, more than this server may write to one "
                        "file (ulimit -f)",
                        (apr_uint64_t)size);
}

static const char *check_room(apr_pool_t *p, const char *directory, off_t size)
{
    struct statvfs disk;
    apr_uint64_t left;

    if (statvfs(directory, &disk))
        return NULL;
    left = (apr_uint64_t)disk.f_frsize * (apr_uint64_t)(geteuid() ? disk.f_bavail : disk.f_bfree);
    return left < (apr_uint64_t)size
               ? apr_psprintf(p,
                              "needs %" APR_UINT64_T_FMT
                              " bytes, and the disk has %" APR_UINT64_T_FMT " left",
                              (apr_uint64_t)size, left)
               : NULL;
}

static const char *check_directory(apr_pool_t *p, const char *directory, bool *is_denied)
{
    struct stat st;

    if (!stat(directory, &st) && !S_ISDIR(st.st_mode))
        return apr_psprintf(p, "lies in %s, which is no directory", directory);
    if (!access(directory, W_OK | X_OK))
        return NULL;
    *is_denied = errno == EACCES && geteuid() != 0;
    return apr_psprintf(
        p, "lies in %s, which %s", directory,
        errno_text(p, errno == ENOENT ? "must be made first" : "cannot be written", errno));
}

const char *avcsec_store_check_place(apr_pool_t *p, const char *path, size_t slots, pid_t server,
                                     bool *is_denied, const char **advice)
{
    const char *directory = avcsec_parent_of(p, path), *error;
    int fd, failed;
    bool is_new;

    *advice = NULL;
    error = find(p, path, &fd, &failed);
    is_new = fd < 0;
    *is_denied = failed == EACCES && geteuid() != 0;
    if (fd >= 0 && is_taken(fd, server))
        error = "is in use by another server; give each its own AvcStore";
    if (fd >= 0)
        close(fd);
    if (error || (error = check_directory(p, directory, is_denied)))
        return error;
    if (!(*advice = avcsec_store_check_limit(p, avcsec_store_size(slots))) && is_new)
        *advice = check_room(p, directory, avcsec_store_size(slots));
    return avcsec_store_check_limit(p, AVCSEC_STORE_HEAD);
}
