/* SPDX-License-Identifier: Apache-2.0
 * When the event MPM stops a child, close_worker_sockets() looks at the socket that each worker
 * had last, while a worker whose connection is over gives that memory back: once in fifty stops
 * under load the child dies of it, with and without this module. Preloaded, this says of a socket
 * whose memory is gone what httpd asks there, that it is closed; so a child that crashes is a
 * finding, whenever it does. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

static int (*next)(int *, void *);
static uintptr_t page;

__attribute__((constructor)) static void find_next(void)
{
    *(void **)&next = dlsym(RTLD_NEXT, "apr_os_sock_get");
    page = (uintptr_t)sysconf(_SC_PAGESIZE);
}

int apr_os_sock_get(int *fd, void *socket)
{
    void *start = (void *)((uintptr_t)socket & ~(page - 1));

    if (next && !msync(start, page, MS_ASYNC))
        return next(fd, socket);
    *fd = -1;
    return 0;
}
