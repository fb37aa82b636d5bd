/* SPDX-License-Identifier: Apache-2.0
 * httpd's parent looks after its children once a second, and every tenth time it runs the
 * monitor hook. Preloaded into httpd, this makes that second short, or long while a test holds it;
 * no other sleep and no clock changes. What a mapped file holds tells a test when whatever it
 * changed has been looked at. */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { SECOND = 1000000, SHORT = 25000 };

typedef struct {
    int64_t seconds; /* that the parent has slept */
    int64_t hold;    /* a test says: sleep on */
    int64_t holds;   /* it does */
} shared_t;

static volatile shared_t *shared;
static pid_t parent;

__attribute__((constructor)) static void map_shared(void)
{
    const char *name = getenv("AVC_HASTE_FILE");
    int fd = name ? open(name, O_RDWR | O_CLOEXEC) : -1;

    parent = getpid();
    if (fd < 0)
        return;
    void *page = mmap(NULL, sizeof(shared_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (page != MAP_FAILED)
        shared = page;
    close(fd);
}

static int sleep_for(int64_t time)
{
    return nanosleep(&(struct timespec){time / SECOND, time % SECOND * 1000}, NULL);
}

/* APR's, in microseconds; like APR's, it ends early when a signal comes. */
void apr_sleep(int64_t time)
{
    if (!shared || time != SECOND || getpid() != parent) {
        sleep_for(time);
        return;
    }
    shared->seconds++;
    int was_woken = sleep_for(SHORT);
    shared->holds = shared->hold;
    while (!was_woken && shared->hold)
        was_woken = sleep_for(SHORT);
    shared->holds = 0;
}
