/* SPDX-License-Identifier: Apache-2.0
 *
 * What one claim of a use costs in the table that all processes of a server share, as it
 * stands in the store's file: nanoseconds of processor time each, for 1, 4 and 16
 * processes at once, as JSON; the best of several passes. "first" is the only use of a
 * token, "again" a further use of tokens that all processes use.
 *
 *     uses_claims
 */
#include "core/token/uses.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SLOTS 262144
#define CLAIMS 96000 /* of all processes together: the table is then a third full */
#define SHARED 20000 /* tokens of "again" */
#define PASSES 15
#define NOW 1767225600

typedef struct {
    _Atomic unsigned ready;
    _Atomic uint64_t nanoseconds, refused;
    _Alignas(64) _Atomic int64_t overwritten;
    avcsec_slot_t slots[SLOTS];
} shared_t;

static shared_t *shared;

static void stop(const char *why)
{
    fprintf(stderr, "uses_claims: %s\n", why);
    exit(2);
}

/* Well spread, as a mac is, and never 0 (splitmix64). */
static uint64_t key_of(uint64_t n)
{
    n = (n + 1) * UINT64_C(0x9e3779b97f4a7c15);
    n = (n ^ n >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    n = (n ^ n >> 27) * UINT64_C(0x94d049bb133111eb);
    return (n ^ n >> 31) | 1;
}

static uint64_t processor_time(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* One process of `clients`: waits for the others, then claims its part. */
static void claim_all(unsigned me, unsigned clients, bool is_first)
{
    const avcsec_uses_t uses = {shared->slots, SLOTS, &shared->overwritten};
    avcsec_claim_t claim = {.max = is_first ? 1 : 1000000, .until = NOW + 60};
    uint64_t begun, refused = 0;

    atomic_fetch_add(&shared->ready, 1);
    while (atomic_load(&shared->ready) < clients)
        usleep(100);
    for (size_t i = 0; i < SLOTS; i += 64) /* no page fault is counted */
        atomic_load(&shared->slots[i].key);
    begun = processor_time();
    for (uint64_t i = me; i < CLAIMS; i += clients) {
        claim.token = key_of(is_first ? i : i * 7919 % SHARED);
        refused += avcsec_uses_claim(&uses, &claim, NOW) != AVCSEC_USE_GRANTED;
    }
    atomic_fetch_add(&shared->nanoseconds, processor_time() - begun);
    atomic_fetch_add(&shared->refused, refused);
}

static double time_pass(unsigned clients, bool is_first)
{
    memset(shared, 0, sizeof(*shared));
    for (unsigned me = 0; me < clients; me++) {
        pid_t child = fork();

        if (child < 0)
            stop("no process to be had");
        if (child == 0) {
            claim_all(me, clients, is_first);
            _exit(0);
        }
    }
    while (wait(NULL) > 0)
        continue;
    if (shared->refused)
        stop("a claim was refused");
    return (double)shared->nanoseconds / CLAIMS;
}

static void report(const char *name, bool is_first)
{
    static const unsigned clients[] = {1, 4, 16};

    printf("\"%s\": {", name);
    for (size_t i = 0; i < sizeof(clients) / sizeof(clients[0]); i++) {
        double best = 1e18;

        for (int pass = 0; pass < PASSES; pass++) {
            double each = time_pass(clients[i], is_first);

            best = each < best ? each : best;
        }
        printf("%s\"%u\": %.1f", i ? ", " : "", clients[i], best);
        fflush(stdout);
    }
    printf("}");
}

int main(void)
{
    shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        stop("no memory");
    setvbuf(stdout, NULL, _IOFBF, BUFSIZ);
    printf("{");
    fflush(stdout);
    report("first", true);
    printf(", ");
    fflush(stdout);
    report("again", false);
    puts("}");
    return 0;
}
