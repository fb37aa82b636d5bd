/* SPDX-License-Identifier: Apache-2.0
 *
 * Shared memory: sealed files without a name where the system has them, so that a child's
 * mapping cannot be made writable again; elsewhere memory that children protect.
 */
#include "httpd/state/shared.h"

#include "httpd/config/notice.h"

#include "http_config.h"
#include "http_log.h"
#include "mpm_common.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

APLOG_USE_MODULE(avcsec);

typedef struct region_t {
    void *memory;
    size_t size;
    int fd; /* -1: it is no sealed file */
    struct region_t *next;
} region_t;

/* Outlives restarts; in the parent's own memory. */
typedef struct {
    pid_t owner;
    region_t *first;
} retained_t;

static retained_t *retain(void)
{
    static const char name[] = "mod_avcsec shared 1";
    retained_t *retained = ap_retained_data_get(name);

    return retained ? retained : ap_retained_data_create(name, sizeof(*retained));
}

/* A file that can neither shrink under those who map it nor be mapped anew to write. -1: this
 * system has none. */
#ifdef F_SEAL_FUTURE_WRITE
static int make_file(size_t size)
{
    int fd = memfd_create("avcsec", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    if (fd >= 0 && ftruncate(fd, (off_t)size)) {
        close(fd);
        return -1;
    }
    return fd;
}

static bool seal(int fd)
{
    return !fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL);
}
#else
static int make_file(size_t size)
{
    (void)size;
    return -1;
}

static bool seal(int fd)
{
    (void)fd;
    return false;
}
#endif

static void *map(size_t size, int flags, int fd)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | flags, fd, 0);

    return memory == MAP_FAILED ? NULL : memory;
}

/* Secrets are no part of a core dump. */
static void hide(void *memory, size_t size)
{
#ifdef MADV_DONTDUMP
    madvise(memory, size, MADV_DONTDUMP);
#else
    (void)memory, (void)size;
#endif
}

static void *map_sealed(size_t size, int *fd)
{
    void *memory;

    *fd = make_file(size);
    memory = *fd < 0 ? NULL : map(size, 0, *fd);
    if (memory && seal(*fd))
        return memory;
    if (memory)
        munmap(memory, size);
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
    return NULL;
}

void *avcsec_shared_publish(apr_pool_t *process, size_t size)
{
    retained_t *retained = retain();
    region_t *region = apr_pcalloc(process, sizeof(*region));

    region->size = size;
    if (!(region->memory = map_sealed(size, &region->fd)) &&
        !(region->memory = map(size, MAP_ANONYMOUS | MAP_NORESERVE, -1)))
        return NULL;
    hide(region->memory, size);
    retained->owner = getpid();
    region->next = retained->first;
    retained->first = region;
    return region->memory;
}

void *avcsec_shared_count(size_t size)
{
    return map(size, MAP_ANONYMOUS, -1);
}

/* In its place comes a mapping that was never writable. */
static bool close_region(const region_t *region)
{
    if (region->fd < 0)
        return !mprotect(region->memory, region->size, PROT_READ);
    if (mmap(region->memory, region->size, PROT_READ, MAP_SHARED | MAP_FIXED, region->fd, 0) ==
        MAP_FAILED)
        return false;
    hide(region->memory, region->size);
    close(region->fd);
    return true;
}

void avcsec_shared_close(apr_pool_t *pchild, server_rec *s)
{
    const retained_t *retained = retain();

    (void)pchild;
    /* Under -X the parent answers by itself. */
    if (retained->owner == getpid())
        return;
    for (const region_t *region = retained->first; region; region = region->next)
        if (!close_region(region)) {
            avcsec_log_notice(s, AVCSEC_NOTICE_INTERNAL, "no memory to read keys from");
            /* Others will be tried. Of one that is sick httpd thinks that all are, and ends. */
            exit(APEXIT_CHILDINIT);
        }
}
