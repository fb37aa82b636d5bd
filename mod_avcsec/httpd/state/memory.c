/* SPDX-License-Identifier: Apache-2.0
 *
 * Remembering revocations files.
 */
#include "httpd/state/memory.h"

#include "core/text/slice.h"

#include "apr_strings.h"
#include "http_log.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

APLOG_USE_MODULE(avcsec);

#define TIME_MAX 100000000000000 /* a line may say the year 9999 */

/* FNV-1a: to give each path a name, not to hide it. */
static uint64_t sum_of(const char *path)
{
    uint64_t sum = 14695981039346656037u;

    for (; *path; path++)
        sum = (sum ^ (unsigned char)*path) * 1099511628211u;
    return sum;
}

const char *avcsec_memory_file(apr_pool_t *p, const char *directory, const char *path)
{
    char name[64];

    snprintf(name, sizeof(name), "revoked-%016llx", (unsigned long long)sum_of(path));
    return apr_pstrcat(p, directory, "/", name, NULL);
}

/* Only what is root's or the starter's, and nobody else's to write. */
static bool read_guarded(const char *name, char *text, size_t room, size_t *len)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    struct stat st;
    ssize_t n = -1;

    if (fd < 0)
        return false;
    if (!fstat(fd, &st) && S_ISREG(st.st_mode) && (st.st_uid == 0 || st.st_uid == geteuid()) &&
        !(st.st_mode & 022))
        n = read(fd, text, room);
    close(fd);
    *len = n > 0 ? (size_t)n : 0;
    return n > 0;
}

int64_t avcsec_memory_read(apr_pool_t *p, const char *directory, const char *path)
{
    char text[PATH_MAX + 64];
    avcsec_slice_t rest, number;
    int64_t until = 0;
    size_t len;

    if (!read_guarded(avcsec_memory_file(p, directory, path), text, sizeof(text), &len) ||
        text[len - 1] != '\n')
        return 0;
    rest = (avcsec_slice_t){text, len - 1};
    avcsec_slice_cut(&rest, ' ', &number);
    return avcsec_slice_equals(rest, avcsec_slice_of(path)) &&
                   avcsec_slice_to_number(number, TIME_MAX, &until)
               ? until
               : 0;
}

static bool write_text(const char *fresh, int fd, const char *text)
{
    size_t len = strlen(text);
    bool is_done = write(fd, text, len) == (ssize_t)len && !fsync(fd);

    if (close(fd))
        is_done = false;
    if (!is_done)
        unlink(fresh);
    return is_done;
}

static const char *errno_text(apr_pool_t *p, const char *what)
{
    char text[128];

    return apr_psprintf(p, "%s: %s", what, apr_strerror(errno, text, sizeof(text)));
}

const char *avcsec_memory_write(apr_pool_t *p, const char *directory, const char *path,
                                int64_t until)
{
    const char *name = avcsec_memory_file(p, directory, path);
    char *fresh = apr_pstrcat(p, name, ".XXXXXX", NULL);
    int fd;

    if (!until)
        return unlink(name) && errno != ENOENT ? errno_text(p, "cannot be removed") : NULL;
    fd = mkostemp(fresh, O_CLOEXEC);
    if (fd < 0 ||
        !write_text(fresh, fd,
                    apr_psprintf(p, "%" APR_INT64_T_FMT " %s\n", (apr_int64_t)until, path)))
        return errno_text(p, "cannot be written");
    if (!rename(fresh, name))
        return NULL;
    unlink(fresh);
    return errno_text(p, "cannot be written");
}
