/* SPDX-License-Identifier: Apache-2.0
 *
 * Buckets in shared memory. Refuses rather than forgets.
 */
#include "quota.h"

#define TIME_BITS 42
#define TIME_MASK ((UINT64_C(1) << TIME_BITS) - 1)

static uint64_t tag_of(uint64_t who)
{
    uint64_t tag = who >> TIME_BITS;

    return tag ? tag : 1; /* an untouched slot is nobody's */
}

static bool is_slot_of(uint64_t slot, uint64_t tag)
{
    return slot >> TIME_BITS == tag;
}

static int64_t full_at(uint64_t slot)
{
    return (int64_t)(slot & TIME_MASK);
}

/* The slot of that tag; else one that counts nothing any more; NULL if there is neither. */
static _Atomic uint64_t *find(avcsec_quota_t *quota, uint64_t who, int64_t now_ms, uint64_t *seen)
{
    _Atomic uint64_t *vacant = NULL;
    uint64_t vacant_seen = 0;

    for (size_t i = 0; i < AVCSEC_QUOTA_WINDOW; i++) {
        _Atomic uint64_t *slot = &quota->slots[(who + i) % AVCSEC_QUOTA_SLOTS];

        *seen = atomic_load(slot);
        if (is_slot_of(*seen, tag_of(who)))
            return slot;
        if (!vacant && full_at(*seen) <= now_ms) {
            vacant = slot;
            vacant_seen = *seen;
        }
    }
    *seen = vacant_seen;
    return vacant;
}

static int64_t seconds_up(int64_t ms)
{
    return ms > 0 ? (ms + 999) / 1000 : 1;
}

avcsec_quota_answer_t avcsec_quota_take(avcsec_quota_t *quota, uint64_t who,
                                        const avcsec_quota_rate_t *rate, int64_t now_ms,
                                        int64_t *wait)
{
    int64_t span = rate->span * 1000, each = (span + rate->count - 1) / rate->count, at;
    _Atomic uint64_t *slot;
    uint64_t seen;

    *wait = rate->span;
    for (;;) {
        if (!(slot = find(quota, who, now_ms, &seen)))
            return AVCSEC_QUOTA_FULL;
        at = is_slot_of(seen, tag_of(who)) ? full_at(seen) : 0;
        if (at < now_ms)
            at = now_ms;
        /* Later than any bucket can be: the clock went back. */
        if (at > now_ms + span)
            at = now_ms + span;
        if (at + each > now_ms + span) {
            *wait = seconds_up(at + each - now_ms - span);
            if (full_at(seen) <= now_ms + span)
                return AVCSEC_QUOTA_OVER;
            each = 0; /* writes the corrected time, and comes back */
        }
        if (atomic_compare_exchange_strong(slot, &seen,
                                           tag_of(who) << TIME_BITS | (uint64_t)(at + each)) &&
            each)
            return AVCSEC_QUOTA_TAKEN;
        each = (span + rate->count - 1) / rate->count;
    }
}
