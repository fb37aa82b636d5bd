/* SPDX-License-Identifier: Apache-2.0
 *
 * Quotas: how many, when again, who else; a full table, a clock that goes back, and
 * processes that race.
 */
#include "../check.h"

#include "core/token/quota.h"

#include <sys/wait.h>

#define NOW INT64_C(1767225600000)

static avcsec_quota_t *quota;
static const avcsec_quota_rate_t three = {3, 60};

static void empty(void)
{
    memset(quota, 0, sizeof(*quota));
}

static uint64_t who(uint64_t tag, uint64_t place)
{
    return tag << 42 | place;
}

/* How many of `times` are taken at that moment. */
static int taken(uint64_t whose, const avcsec_quota_rate_t *rate, int64_t now, int times)
{
    int64_t wait;
    int count = 0;

    for (int i = 0; i < times; i++)
        count += avcsec_quota_take(quota, whose, rate, now, &wait);
    return count;
}

static int64_t waits(uint64_t whose, const avcsec_quota_rate_t *rate, int64_t now)
{
    int64_t wait = 0;

    return avcsec_quota_take(quota, whose, rate, now, &wait) ? -1 : wait;
}

static void one_bucket(void)
{
    const uint64_t me = who(7, 1);

    empty();
    check(taken(me, &three, NOW, 5) == 3, "three at once, no more");
    check(waits(me, &three, NOW) == 20, "then one after a third of the time");
    check(waits(me, &three, NOW + 19001) == 1, "which comes nearer, in whole seconds");
    check(taken(me, &three, NOW + 20000, 5) == 1, "then it is there");
    check(taken(me, &three, NOW + 50000, 5) == 1, "and the next");
    check(taken(me, &three, NOW + 500000, 5) == 3, "after a rest all three");
    check(taken(who(8, 1), &three, NOW + 500000, 5) == 3, "a neighbour has his own");
    check(taken(who(0, 1), &three, NOW + 500000, 5) == 3, "whoever he is");
}

static void rates(void)
{
    static const avcsec_quota_rate_t table[] = {{1, 1},  {1, 86400}, {1000, 1},
                                                {7, 60}, {59, 60},   {1000000, 86400}};

    for (size_t i = 0; i < COUNT_OF(table); i++) {
        int64_t count = table[i].count;

        empty();
        check(taken(9, &table[i], NOW, (int)count + 3) == count, "%d in %d seconds are taken",
              (int)count, (int)table[i].span);
        check(taken(9, &table[i], NOW + table[i].span * 1000, (int)count + 3) == count,
              "and again after that time");
    }
}

static void full(void)
{
    empty();
    for (uint64_t tag = 1; tag <= AVCSEC_QUOTA_WINDOW; tag++)
        taken(who(tag, 100), &three, NOW, tag == 7 ? 1 : 3);
    check(taken(who(99, 100), &three, NOW, 5) == 3, "where all count, a new one finds a place");
    check(waits(who(99, 100), &three, NOW) == 20, "and is counted");
    for (uint64_t tag = 1; tag <= AVCSEC_QUOTA_WINDOW; tag++)
        if (tag != 7)
            check(waits(who(tag, 100), &three, NOW) == 20, "%d is not forgotten", (int)tag);
    check(taken(who(7, 100), &three, NOW, 5) == 3, "but who had taken least");
    empty();
    check(taken(who(5, AVCSEC_QUOTA_SLOTS - 1), &three, NOW, 3) == 3 &&
              taken(who(6, AVCSEC_QUOTA_SLOTS - 1), &three, NOW, 3) == 3 && quota->slots[0] != 0,
          "behind the last slot comes the first");
}

static void clock_goes_back(void)
{
    empty();
    taken(3, &three, NOW, 3);
    check(waits(3, &three, NOW - 86400000) == 20, "a clock that went back by a day: over");
    check(taken(3, &three, NOW - 86400000 + 20000, 3) == 1, "but for no day");
}

static void races(void)
{
    enum { children = 8, tries = 4000, count = 1000 };
    static const avcsec_quota_rate_t rate = {count, 3600};
    int *sums = mmap(NULL, sizeof(int) * (children + 1), PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pids[children];
    int status;

    empty();
    /* The slot stands before they race for what is in it. */
    sums[children] = taken(11, &rate, NOW, 1);
    for (int i = 0; i < children; i++)
        if (!(pids[i] = fork())) {
            sums[i] = taken(11, &rate, NOW, tries);
            _exit(0);
        }
    for (int i = 0; i < children; i++) {
        check(waitpid(pids[i], &status, 0) == pids[i] && status == 0, "process %d ends", i);
        sums[children] += sums[i];
    }
    check(sums[children] == count, "racing takes all there is and no more");
}

int main(void)
{
    check_start();
    quota = mmap(NULL, sizeof(*quota), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (quota == MAP_FAILED)
        return 2;
    one_bucket();
    rates();
    full();
    clock_goes_back();
    races();
    return check_end();
}
