/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening beneath: openat2(2), or one component after the other where the kernel or a
 * container's filter has none.
 */
#include "httpd/files/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/syscall.h>
#endif
#ifdef SYS_openat2
#include <linux/openat2.h>
#endif

#define FILE_FLAGS (O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW)
#define TRIES 8

static int open_at_once(int directory, const char *name)
{
#ifdef SYS_openat2
    struct open_how how = {
        .flags = FILE_FLAGS,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    long fd;

    /* EAGAIN: somebody renamed something on the way. */
    for (int i = 0; i < TRIES; i++)
        if ((fd = syscall(SYS_openat2, directory, name, &how, sizeof(how))) >= 0 || errno != EAGAIN)
            return (int)fd;
#else
    (void)directory, (void)name;
    errno = ENOSYS;
#endif
    return -1;
}

static int is_dots(const char *part, size_t len)
{
    return (len == 1 && part[0] == '.') || (len == 2 && part[0] == '.' && part[1] == '.');
}

static int open_by_component(int directory, const char *name)
{
    int at = dup(directory);
    char part[256];

    while (at >= 0) {
        size_t len = strcspn(name, "/");
        int is_last = name[len] == '\0', next;

        if (len == 0 || is_dots(name, len) || len >= sizeof(part)) {
            close(at);
            errno = len >= sizeof(part) ? ENAMETOOLONG : EXDEV;
            return -1;
        }
        memcpy(part, name, len);
        part[len] = '\0';
        next =
            openat(at, part, is_last ? FILE_FLAGS : O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        close(at);
        if (is_last)
            return next;
        at = next;
        name += len + 1;
    }
    return -1;
}

/* The directory's descriptor, kept by each thread for a second: opening it anew for each
 * file costs as much as the file, and one that is replaced must not be served for long. */
static int open_directory(const char *directory)
{
    static _Thread_local struct {
        char *name;
        int fd;
        time_t opened;
    } kept = {NULL, -1, 0};
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    if (kept.name && kept.opened == now.tv_sec && !strcmp(kept.name, directory))
        return kept.fd;
    if (kept.name)
        close(kept.fd);
    free(kept.name);
    kept.fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    kept.name = kept.fd < 0 ? NULL : strdup(directory);
    kept.opened = now.tv_sec;
    if (kept.fd >= 0 && !kept.name) {
        close(kept.fd);
        errno = ENOMEM;
        return -1;
    }
    return kept.fd;
}

int avcsec_open_beneath(const char *directory, const char *name)
{
    int base = open_directory(directory), fd;

    if (base < 0)
        return -1;
    fd = open_at_once(base, name);
    if (fd < 0 && (errno == ENOSYS || errno == EPERM || errno == EINVAL))
        fd = open_by_component(base, name);
    return fd;
}
