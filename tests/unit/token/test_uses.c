/* SPDX-License-Identifier: Apache-2.0
 *
 * Counting uses: never more than a token has, whoever races and whoever is killed while
 * counting; what a client goes along with, gives back, and where there is no room.
 */
#include "../check.h"

#include "core/token/uses.h"

#include <sys/wait.h>

#define NOW INT64_C(1767225600)
#define LIFE 600

enum { SLOTS = AVCSEC_USES_SLOTS_MIN, CHILDREN = 8, TOKENS = 400 };

static avcsec_uses_t uses = {NULL, SLOTS, NULL};

static void empty(void)
{
    memset(uses.slots, 0, SLOTS * sizeof(avcsec_slot_t));
    *uses.overwritten = 0;
}

/* Keys as they come out of a mac: spread, never 0. */
static uint64_t key_of(uint64_t number)
{
    return (number + 1) * UINT64_C(0x9e3779b97f4a7c15);
}

static avcsec_claim_t claim_of(uint64_t token, uint64_t client, uint32_t max)
{
    return (avcsec_claim_t){key_of(token), client ? key_of(1000000 * client + token) : 0, max,
                            NOW + LIFE, 60};
}

static avcsec_use_t claim(uint64_t token, uint64_t client, uint32_t max, int64_t now)
{
    avcsec_claim_t c = claim_of(token, client, max);

    return avcsec_uses_claim(&uses, &c, now);
}

static void one_after_the_other(void)
{
    empty();
    for (int i = 0; i < 3; i++)
        check(claim(1, 0, 3, NOW) == AVCSEC_USE_GRANTED, "use %d of 3", i + 1);
    check(claim(1, 0, 3, NOW + LIFE) == AVCSEC_USE_REFUSED, "the fourth is refused to the end");
    check(claim(1, 0, 3, NOW + LIFE + 1) == AVCSEC_USE_REFUSED,
          "and after it, when its count may be forgotten");
    check(claim(2, 0, 1, NOW) == AVCSEC_USE_GRANTED, "another token has its own");
}

static void clients(void)
{
    avcsec_claim_t first = claim_of(1, 1, 2), second = claim_of(1, 2, 2);

    empty();
    check(claim(1, 1, 2, NOW) == AVCSEC_USE_GRANTED, "a client begins a use");
    check(claim(1, 1, 2, NOW + 50) == AVCSEC_USE_RUNNING, "and goes on with it");
    check(claim(1, 1, 2, NOW + 100) == AVCSEC_USE_RUNNING, "from its last request on");
    check(claim(1, 2, 2, NOW + 100) == AVCSEC_USE_GRANTED, "another client begins one");
    check(claim(1, 3, 2, NOW + 100) == AVCSEC_USE_REFUSED, "a third finds none");
    avcsec_uses_release(&uses, &first, NOW + 100);
    check(claim(1, 3, 2, NOW + 100) == AVCSEC_USE_REFUSED, "what others went along with stays");
    avcsec_uses_release(&uses, &second, NOW + 100);
    check(!avcsec_uses_is_running(&uses, &second, NOW + 100), "a use alone is given back");
    check(claim(1, 3, 2, NOW + 100) == AVCSEC_USE_GRANTED, "and somebody else has it");
    check(claim(1, 1, 2, NOW + 161) == AVCSEC_USE_REFUSED, "who stays away begins anew");
}

/* A player asks for several pieces at once. */
static void requests_that_fail_together(void)
{
    avcsec_claim_t first = claim_of(1, 1, 1);

    empty();
    check(claim(1, 1, 1, NOW) == AVCSEC_USE_GRANTED, "a client begins a use");
    for (int i = 0; i < 2; i++)
        check(claim(1, 1, 1, NOW) == AVCSEC_USE_RUNNING, "request %d goes along", i + 2);
    for (int i = 0; i < 2; i++) {
        avcsec_uses_release(&uses, &first, NOW);
        check(claim(1, 2, 1, NOW) == AVCSEC_USE_REFUSED, "%d of 3 came to nothing", i + 1);
    }
    avcsec_uses_release(&uses, &first, NOW);
    check(avcsec_uses_counted(&uses, first.token, NOW) == 0, "all of them did: it is back");
    avcsec_uses_release(&uses, &first, NOW);
    check(avcsec_uses_counted(&uses, first.token, NOW) == 0, "and comes back once");
    check(claim(1, 2, 1, NOW) == AVCSEC_USE_GRANTED, "for somebody else");
}

/* Keys of the window at `home`, as nobody can choose them. */
static void full(uint64_t home)
{
    avcsec_claim_t c = {0, 0, 1, NOW + LIFE, 60};

    empty();
    for (uint64_t i = 0; i < AVCSEC_USES_WINDOW; i++) {
        c.token = home << 16 | (i + 1);
        check(avcsec_uses_claim(&uses, &c, NOW) == AVCSEC_USE_GRANTED, "neighbour %d", (int)i);
    }
    c.token = home << 16 | 99;
    check(avcsec_uses_claim(&uses, &c, NOW) == AVCSEC_USE_FULL, "no room is no grant");
    c.token = home << 16 | 5;
    check(avcsec_uses_claim(&uses, &c, NOW) == AVCSEC_USE_REFUSED, "and nothing is forgotten");
    c.token = home << 16 | 99;
    c.until += LIFE;
    check(avcsec_uses_claim(&uses, &c, NOW + LIFE + 1) == AVCSEC_USE_GRANTED,
          "who is over makes room");
}

/* A count whose time was over is gone when the clock goes back; the token is good again. */
static void a_clock_that_is_set_back(void)
{
    avcsec_claim_t c = {0, 0, 1, NOW + LIFE, 60};

    empty();
    for (uint64_t i = 0; i < AVCSEC_USES_WINDOW; i++) {
        c.token = UINT64_C(77) << 16 | (i + 1);
        check(avcsec_uses_claim(&uses, &c, NOW) == AVCSEC_USE_GRANTED, "neighbour %d", (int)i);
    }
    c.until = NOW + 10 * LIFE;
    for (uint64_t i = 0; i < AVCSEC_USES_WINDOW; i++) {
        c.token = UINT64_C(77) << 16 | (i + 101);
        check(avcsec_uses_claim(&uses, &c, NOW + LIFE + 1) == AVCSEC_USE_GRANTED,
              "%d takes an old place", (int)i);
    }
    c = (avcsec_claim_t){UINT64_C(78) << 16 | 1, 0, 1, NOW + LIFE, 60};
    check(avcsec_uses_claim(&uses, &c, NOW) == AVCSEC_USE_REFUSED, "its count may be gone");
    c.until++;
    check(avcsec_uses_claim(&uses, &c, NOW) == AVCSEC_USE_GRANTED, "that of a later one is not");
    c.token = UINT64_C(77) << 16 | 101;
    c.max = 2;
    check(avcsec_uses_claim(&uses, &c, NOW) == AVCSEC_USE_GRANTED, "what is counted is counted on");
}

/* ---- Many at once ---- */

static _Atomic unsigned *granted; /* of each token, by all children */

/* Claims every token for `max` uses, thrice; each child begins elsewhere. */
static void claim_all(int child, uint32_t max, bool as_clients, int64_t now)
{
    for (int i = 0; i < 3 * TOKENS; i++) {
        uint64_t token = (uint64_t)((i + child * 3) % TOKENS);
        /* Two children are one client. */
        uint64_t client = as_clients ? (uint64_t)child / 2 + 1 : 0;

        if (claim(token, client, max, now) == AVCSEC_USE_GRANTED)
            atomic_fetch_add(&granted[token], 1);
    }
}

static int tokens_granted(unsigned uses_of_each)
{
    int count = 0;

    for (int i = 0; i < TOKENS; i++)
        count += atomic_load(&granted[i]) == uses_of_each;
    return count;
}

static void race(uint32_t max, bool as_clients)
{
    pid_t pids[CHILDREN];
    int status;

    empty();
    memset((void *)granted, 0, TOKENS * sizeof(*granted));
    for (int i = 0; i < CHILDREN; i++)
        if (!(pids[i] = fork())) {
            claim_all(i, max, as_clients, NOW);
            _exit(0);
        }
    for (int i = 0; i < CHILDREN; i++)
        check(waitpid(pids[i], &status, 0) == pids[i] && status == 0, "process %d ends", i);
    check(tokens_granted(max) == TOKENS, "each of %d tokens is granted %u times", TOKENS, max);
}

/* Children are killed wherever they are; what they had entered is soon free, and what was
 * granted stays so. */
static void killed(void)
{
    int most = 0;

    empty();
    memset((void *)granted, 0, TOKENS * sizeof(*granted));
    for (int i = 0; i < 40; i++) {
        pid_t pid = fork();

        if (!pid)
            for (;;)
                claim_all(i, 2, false, NOW);
        usleep((useconds_t)(i % 7) * 30);
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
    }
    claim_all(0, 2, false, NOW + 61);
    for (int i = 0; i < TOKENS; i++) {
        most = (int)granted[i] > most ? (int)granted[i] : most;
        if (claim((uint64_t)i, 0, 2, NOW + 61) != AVCSEC_USE_REFUSED)
            check(false, "token %d is used up or can be", i);
    }
    check(most <= 2, "nobody who was killed made a use more");
}

int main(void)
{
    check_start();
    uses.slots = mmap(NULL, SLOTS * sizeof(avcsec_slot_t), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    granted = mmap(NULL, TOKENS * sizeof(*granted), PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    uses.overwritten = mmap(NULL, sizeof(*uses.overwritten), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (uses.slots == MAP_FAILED || granted == MAP_FAILED || uses.overwritten == MAP_FAILED)
        return 2;
    one_after_the_other();
    clients();
    requests_that_fail_together();
    full(77);
    full(SLOTS - 3); /* over the end of the table, and on from its start */
    full(SLOTS - AVCSEC_USES_WINDOW);
    a_clock_that_is_set_back();
    race(1, false);
    race(3, false);
    race(1, true);
    killed();
    return check_end();
}
