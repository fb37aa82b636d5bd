/* SPDX-License-Identifier: Apache-2.0
 * A clock for tests, preloaded into httpd: wall-clock time comes from a mapped file that holds
 * one int64 of microseconds, 0 meaning the real time. So a test sets the time to the second and
 * changes it while the server runs. Monotonic clocks and timeouts stay real. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t *set_to;

__attribute__((constructor)) static void map_clock(void)
{
    const char *name = getenv("AVC_CLOCK_FILE");
    int fd = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;

    if (fd < 0)
        return;
    void *page = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);
    if (page != MAP_FAILED)
        set_to = page;
    close(fd);
}

int clock_gettime(clockid_t id, struct timespec *out)
{
    int64_t now = set_to && id == CLOCK_REALTIME ? *set_to : 0;

    if (now == 0)
        return (int)syscall(SYS_clock_gettime, id, out);
    out->tv_sec = now / 1000000;
    out->tv_nsec = now % 1000000 * 1000;
    return 0;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
    struct timespec now;

    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    out->tv_sec = now.tv_sec;
    out->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *out)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    if (out)
        *out = now.tv_sec;
    return now.tv_sec;
}
