/* SPDX-License-Identifier: Apache-2.0
 *
 * Remembering numbers.
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

#define NUMBER_MAX 1000000000000000000 /* the year 9999, in microseconds */

/* FNV-1a: to give each a file, not to hide it. */
static uint64_t sum_of(const char *name)
{
    uint64_t sum = 14695981039346656037u;

    for (; *name; name++)
        sum = (sum ^ (unsigned char)*name) * 1099511628211u;
    return sum;
}

const char *avcsec_memory_file(apr_pool_t *p, const char *directory, const char *kind,
                               const char *name)
{
    char sum[20];

    snprintf(sum, sizeof(sum), "-%016llx", (unsigned long long)sum_of(name));
    return apr_pstrcat(p, directory, "/", kind, sum, NULL);
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

int64_t avcsec_memory_read(apr_pool_t *p, const char *directory, const char *kind, const char *name)
{
    char text[2 * PATH_MAX + 64];
    avcsec_slice_t rest, word;
    int64_t number = 0;
    size_t len;

    if (!read_guarded(avcsec_memory_file(p, directory, kind, name), text, sizeof(text), &len) ||
        text[len - 1] != '\n')
        return 0;
    rest = (avcsec_slice_t){text, len - 1};
    avcsec_slice_cut(&rest, ' ', &word);
    return avcsec_slice_equals(rest, avcsec_slice_of(name)) &&
                   avcsec_slice_to_number(word, NUMBER_MAX, &number)
               ? number
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

const char *avcsec_memory_write(apr_pool_t *p, const char *directory, const char *kind,
                                const char *name, int64_t number)
{
    const char *file = avcsec_memory_file(p, directory, kind, name);
    char *fresh = apr_pstrcat(p, file, ".XXXXXX", NULL);
    int fd;

    if (!number)
        return unlink(file) && errno != ENOENT ? errno_text(p, "cannot be removed") : NULL;
    fd = mkostemp(fresh, O_CLOEXEC);
    if (fd < 0 ||
        !write_text(fresh, fd,
                    apr_psprintf(p, "%" APR_INT64_T_FMT " %s\n", (apr_int64_t)number, name)))
        return errno_text(p, "cannot be written");
    if (!rename(fresh, file))
        return NULL;
    unlink(fresh);
    return errno_text(p, "cannot be written");
}
