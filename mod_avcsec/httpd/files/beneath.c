/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening beneath: openat2(2), or one component after the other where the kernel or a
 * container's filter has none.
 */
#include "httpd/files/beneath.h"

#include "httpd/state/threads.h"

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
    int at = fcntl(directory, F_DUPFD_CLOEXEC, 0);
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
typedef struct {
    char *name; /* NULL: none is open */
    int fd;
    time_t opened;
} kept_t;

static void forget(kept_t *kept)
{
    if (kept->name)
        close(kept->fd);
    free(kept->name);
    kept->name = NULL;
}

static void free_kept(void *kept)
{
    forget(kept);
    free(kept);
}

static avcsec_threads_kind_t directories = {.free = free_kept};

void avcsec_beneath_prepare(apr_pool_t *pconf)
{
    avcsec_threads_prepare(&directories, pconf);
}

static kept_t *kept_by_thread(void)
{
    kept_t *kept = avcsec_threads_get(&directories);

    if (kept || !(kept = calloc(1, sizeof(*kept))) || avcsec_threads_set(&directories, kept))
        return kept;
    free(kept);
    return NULL;
}

static int open_directory(const char *directory)
{
    kept_t *kept = kept_by_thread();
    struct timespec now;

    if (!kept) {
        errno = ENOMEM;
        return -1;
    }
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (kept->name && kept->opened == now.tv_sec && !strcmp(kept->name, directory))
        return kept->fd;
    forget(kept);
    kept->fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (kept->fd < 0)
        return -1;
    if (!(kept->name = strdup(directory))) {
        close(kept->fd);
        errno = ENOMEM;
        return -1;
    }
    kept->opened = now.tv_sec;
    return kept->fd;
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
