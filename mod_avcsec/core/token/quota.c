/* SPDX-License-Identifier: Apache-2.0
 *
 * Buckets in shared memory. Forgets no bucket but the fullest, and that for another.
 */
#include "core/token/quota.h"

#define TIME_BITS 42
#define TRIES 1000 /* against others who take at the same moment; more of them are no client's */
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

/* The slot of that tag; else the neighbour that is full first, or is already. */
static _Atomic uint64_t *find(avcsec_quota_t *quota, uint64_t who, uint64_t *seen)
{
    _Atomic uint64_t *found = NULL;

    for (size_t i = 0; i < AVCSEC_QUOTA_WINDOW; i++) {
        _Atomic uint64_t *slot = &quota->slots[(who + i) % AVCSEC_QUOTA_SLOTS];
        uint64_t state = atomic_load(slot);

        if (found && !is_slot_of(state, tag_of(who)) && full_at(state) >= full_at(*seen))
            continue;
        found = slot;
        *seen = state;
        if (is_slot_of(state, tag_of(who)))
            break;
    }
    return found;
}

static int64_t seconds_up(int64_t ms)
{
    return ms > 0 ? (ms + 999) / 1000 : 1;
}

/* When the bucket is full again; now, if it is or nothing was taken yet. A time later than
 * any bucket can have means that the clock went back. */
static int64_t bucket_at(uint64_t seen, uint64_t tag, int64_t now_ms, int64_t depth)
{
    int64_t at = is_slot_of(seen, tag) ? full_at(seen) : now_ms;

    return at < now_ms ? now_ms : at > now_ms + depth ? now_ms + depth : at;
}

bool avcsec_quota_take(avcsec_quota_t *quota, uint64_t who, const avcsec_quota_rate_t *rate,
                       int64_t now_ms, int64_t *wait)
{
    int64_t each = rate->span * 1000 / rate->count, depth = each * rate->count;
    uint64_t tag = tag_of(who);

    for (int i = 0; i < TRIES; i++) {
        uint64_t seen;
        _Atomic uint64_t *slot = find(quota, who, &seen);
        int64_t at = bucket_at(seen, tag, now_ms, depth);
        bool is_over = at + each > now_ms + depth;

        if (is_over)
            *wait = seconds_up(at + each - now_ms - depth);
        if (is_over && at == full_at(seen))
            return false;
        if (atomic_compare_exchange_strong(slot, &seen,
                                           tag << TIME_BITS | (uint64_t)(is_over ? at : at + each)))
            return !is_over;
    }
    *wait = rate->span;
    return false;
}
