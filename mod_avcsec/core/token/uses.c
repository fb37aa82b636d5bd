/* SPDX-License-Identifier: Apache-2.0
 *
 * Counting uses: one table, compare and swap, nothing that waits for a dead process.
 */
#include "core/token/uses.h"

#include <sched.h>

#define COUNT_BITS 28
#define COUNT_MASK ((UINT64_C(1) << COUNT_BITS) - 1)
#define PHASE_SHIFT COUNT_BITS
#define UNTIL_SHIFT (COUNT_BITS + 2)
#define UNTIL_MAX ((INT64_C(1) << 34) - 1)

/* In which a slot is entered, or given up. A process that were stopped for longer, between
 * two instructions, could spoil the slot of another. */
#define ENTRY_SECONDS 60
#define TRIES 10000

typedef enum { EMPTY = 0, TENTATIVE = 1, LIVE = 2 } phase_t;

static uint64_t make_state(int64_t until, phase_t phase, uint64_t count)
{
    int64_t end = until > UNTIL_MAX ? UNTIL_MAX : until;

    return (uint64_t)end << UNTIL_SHIFT | (uint64_t)phase << PHASE_SHIFT | (count & COUNT_MASK);
}

static int64_t until_of(uint64_t state)
{
    return (int64_t)(state >> UNTIL_SHIFT);
}

static phase_t phase_of(uint64_t state)
{
    return (phase_t)(state >> PHASE_SHIFT & 3);
}

static uint64_t count_of(uint64_t state)
{
    return state & COUNT_MASK;
}

static bool is_over(uint64_t state, int64_t now)
{
    return phase_of(state) == EMPTY || until_of(state) < now;
}

/* What a look at a key's window found. */
typedef struct {
    avcsec_slot_t *slot; /* of the key, not over; NULL: none */
    uint64_t state;      /* of that slot */
    avcsec_slot_t *free; /* the first whose time is over; NULL: the window is full */
    uint64_t free_state;
} look_t;

static void look_at(avcsec_slot_t *slot, uint64_t key, int64_t now, look_t *found)
{
    uint64_t state = atomic_load(&slot->state);

    if (!is_over(state, now)) {
        if (atomic_load(&slot->key) == key) {
            found->slot = slot;
            found->state = state;
        }
    } else if (!found->free) {
        found->free = slot;
        found->free_state = state;
    }
}

/* Once a free slot is known, only slots with the key are looked at closer: who enters one
 * writes its key before it looks for others, so that of two at least one sees the other. */
static void look_between(avcsec_slot_t *slot, const avcsec_slot_t *end, uint64_t key,
                         const avcsec_slot_t *mine, int64_t now, look_t *found)
{
    for (; slot < end && !found->slot; slot++) {
        if (found->free)
            while (atomic_load(&slot->key) != key)
                if (++slot == end)
                    return;
        if (slot != mine)
            look_at(slot, key, now, found);
    }
}

/* Looks for the key, passing over the slot `mine` (or NULL). */
static look_t look(const avcsec_uses_t *uses, uint64_t key, const avcsec_slot_t *mine, int64_t now)
{
    const size_t home = (size_t)(key >> 16) & (uses->count - 1), left = uses->count - home;
    avcsec_slot_t *const slots = uses->slots;
    look_t found = {NULL, 0, NULL, 0};

    if (left >= AVCSEC_USES_WINDOW) {
        look_between(slots + home, slots + home + AVCSEC_USES_WINDOW, key, mine, now, &found);
    } else {
        look_between(slots + home, slots + uses->count, key, mine, now, &found);
        look_between(slots, slots + AVCSEC_USES_WINDOW - left, key, mine, now, &found);
    }
    return found;
}

/* Another slot of the key is there, and `mine` must go: always for one that lives, and of
 * two that are being entered for the one that stands later in memory. Waits for the other
 * to go where that is its part. */
static bool must_yield(const avcsec_uses_t *uses, uint64_t key, const avcsec_slot_t *mine,
                       int64_t now)
{
    for (int i = 0; i < TRIES; i++) {
        look_t other = look(uses, key, mine, now);

        if (!other.slot)
            return false;
        if (phase_of(other.state) == LIVE || other.slot < mine)
            return true;
        sched_yield();
    }
    return true;
}

static void note_overwritten(const avcsec_uses_t *uses, uint64_t state)
{
    int64_t known = atomic_load(uses->overwritten), end = until_of(state);

    for (int i = 0; i < TRIES && phase_of(state) == LIVE && end > known; i++)
        if (atomic_compare_exchange_weak(uses->overwritten, &known, end))
            return;
}

/* Enters the key as tentative: *slot and *state are then this caller's. False if another
 * caller was faster. */
static bool enter(const avcsec_uses_t *uses, uint64_t key, const look_t *place, int64_t now,
                  avcsec_slot_t **slot, uint64_t *state)
{
    uint64_t expected = place->free_state;

    /* The count of a tentative slot tells its key, so that no state is like another's. */
    *state = make_state(now + ENTRY_SECONDS, TENTATIVE, key);
    *slot = place->free;
    note_overwritten(uses, expected);
    if (!atomic_compare_exchange_strong(&(*slot)->state, &expected, *state))
        return false;
    atomic_store(&(*slot)->key, key);
    if (!must_yield(uses, key, *slot, now))
        return true;
    expected = *state;
    atomic_compare_exchange_strong(&(*slot)->state, &expected, 0);
    return false;
}

/* Finds the key's living slot, or enters it. GRANTED: entered, tentative. RUNNING: it was
 * there, living. FULL: no room, or nothing moved. */
static avcsec_use_t find_or_enter(const avcsec_uses_t *uses, uint64_t key, int64_t now,
                                  avcsec_slot_t **slot, uint64_t *state)
{
    for (int i = 0; i < TRIES; i++) {
        look_t found = look(uses, key, NULL, now);

        if (found.slot && phase_of(found.state) == LIVE) {
            *slot = found.slot;
            *state = found.state;
            return AVCSEC_USE_RUNNING;
        }
        if (found.slot) {
            sched_yield();
            continue;
        }
        if (!found.free)
            return AVCSEC_USE_FULL;
        if (enter(uses, key, &found, now, slot, state))
            return AVCSEC_USE_GRANTED;
    }
    return AVCSEC_USE_FULL;
}

/* Makes a tentative slot live. False if it took so long that somebody else has it. */
static bool confirm(avcsec_slot_t *slot, uint64_t tentative, int64_t until, uint64_t count)
{
    return atomic_compare_exchange_strong(&slot->state, &tentative, make_state(until, LIVE, count));
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* What is sent again may count for longer than it did the first time. */
static avcsec_use_t count_one(const avcsec_uses_t *uses, const avcsec_claim_t *claim, int64_t now)
{
    for (int i = 0; i < TRIES; i++) {
        avcsec_slot_t *slot;
        uint64_t state;
        avcsec_use_t found = find_or_enter(uses, claim->token, now, &slot, &state);

        if (found == AVCSEC_USE_FULL)
            return found;
        if (found == AVCSEC_USE_GRANTED) {
            if (confirm(slot, state, claim->until, 1))
                return AVCSEC_USE_GRANTED;
        } else if (count_of(state) >= claim->max) {
            return AVCSEC_USE_REFUSED;
        } else if (atomic_compare_exchange_strong(&slot->state, &state,
                                                  make_state(later(until_of(state), claim->until),
                                                             LIVE, count_of(state) + 1))) {
            return AVCSEC_USE_GRANTED;
        }
    }
    return AVCSEC_USE_FULL;
}

static int64_t end_of_use(const avcsec_claim_t *claim, int64_t now)
{
    int64_t end = now + claim->grace;

    return end < claim->until ? end : claim->until;
}

/* One more request of a use that runs. False if it ended meanwhile. */
static bool go_along(avcsec_slot_t *slot, uint64_t state, const avcsec_claim_t *claim, int64_t now)
{
    uint64_t count = count_of(state) < COUNT_MASK ? count_of(state) + 1 : COUNT_MASK;

    return atomic_compare_exchange_strong(&slot->state, &state,
                                          make_state(end_of_use(claim, now), LIVE, count));
}

/* The client's slot is entered and tentative: its other requests wait for what comes. */
static avcsec_use_t begin_use(const avcsec_uses_t *uses, const avcsec_claim_t *claim, int64_t now,
                              avcsec_slot_t *slot, uint64_t state)
{
    avcsec_use_t counted = count_one(uses, claim, now);

    if (counted != AVCSEC_USE_GRANTED) {
        atomic_compare_exchange_strong(&slot->state, &state, 0);
        return counted;
    }
    return confirm(slot, state, end_of_use(claim, now), 1) ? AVCSEC_USE_GRANTED : AVCSEC_USE_FULL;
}

avcsec_use_t avcsec_uses_claim(const avcsec_uses_t *uses, const avcsec_claim_t *claim, int64_t now)
{
    /* It was judged in time; its count may be gone by now. So may that of one whose end was
     * past before the clock was set back. */
    if (claim->until < now || (claim->until <= atomic_load(uses->overwritten) &&
                               !look(uses, claim->token, NULL, now).slot))
        return AVCSEC_USE_REFUSED;
    if (!claim->client)
        return count_one(uses, claim, now);
    for (int i = 0; i < TRIES; i++) {
        avcsec_slot_t *slot;
        uint64_t state;
        avcsec_use_t found = find_or_enter(uses, claim->client, now, &slot, &state);

        if (found == AVCSEC_USE_FULL)
            return found;
        if (found == AVCSEC_USE_GRANTED)
            return begin_use(uses, claim, now, slot, state);
        if (go_along(slot, state, claim, now))
            return AVCSEC_USE_RUNNING;
    }
    return AVCSEC_USE_FULL;
}

bool avcsec_uses_is_running(const avcsec_uses_t *uses, const avcsec_claim_t *claim, int64_t now)
{
    for (int i = 0; i < TRIES && claim->client; i++) {
        look_t found = look(uses, claim->client, NULL, now);

        if (!found.slot)
            return false;
        if (phase_of(found.state) == TENTATIVE)
            sched_yield();
        else if (go_along(found.slot, found.state, claim, now))
            return true;
    }
    return false;
}

static void uncount(const avcsec_uses_t *uses, uint64_t token, int64_t now)
{
    for (int i = 0; i < TRIES; i++) {
        look_t found = look(uses, token, NULL, now);

        if (!found.slot || phase_of(found.state) != LIVE || !count_of(found.state))
            return;
        if (atomic_compare_exchange_strong(&found.slot->state, &found.state, found.state - 1))
            return;
    }
}

/* Each request of a use that came to nothing takes itself back, and the last the use. */
void avcsec_uses_release(const avcsec_uses_t *uses, const avcsec_claim_t *claim, int64_t now)
{
    if (!claim->client) {
        uncount(uses, claim->token, now);
        return;
    }
    for (int i = 0; i < TRIES; i++) {
        look_t found = look(uses, claim->client, NULL, now);
        uint64_t count;

        if (!found.slot || phase_of(found.state) != LIVE)
            return;
        count = count_of(found.state);
        if (count == COUNT_MASK) /* nobody knows how many more went along */
            return;
        if (!atomic_compare_exchange_strong(&found.slot->state, &found.state,
                                            count > 1 ? found.state - 1 : 0))
            continue;
        if (count <= 1)
            uncount(uses, claim->token, now);
        return;
    }
}

uint32_t avcsec_uses_counted(const avcsec_uses_t *uses, uint64_t token, int64_t now)
{
    look_t found = look(uses, token, NULL, now);

    return found.slot && phase_of(found.state) == LIVE ? (uint32_t)count_of(found.state) : 0;
}
