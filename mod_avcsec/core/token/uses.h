/* SPDX-License-Identifier: Apache-2.0
 *
 * Counting uses of tokens (SPEC, "Uses") in a block of memory that is handed in, and
 * that several processes may share: without locks, without pointers.
 *
 * The block is a table of slots. A slot counts the uses of one token, or holds one use
 * that runs: a client that comes back within the grace. A key is the truncated mac of
 * what it stands for; a key lies in one of WINDOW neighbouring slots. A slot whose time
 * is over may be taken by another key; nothing that still counts is ever overwritten:
 * a full window refuses. A clock that is set back makes tokens good again whose counts may
 * have been overwritten by then: the latest end of these is kept, and a token that ends no
 * later and is not counted is refused.
 *
 *     slot   = key (64 bits), state (64 bits)
 *     state  = until (34 bits: Unix seconds), phase (2 bits), count (28 bits)
 *
 * Two processes that enter the same key at the same time may take two slots. Each enters
 * its slot as TENTATIVE, then looks again: who sees another slot of the key gives its own
 * back and tries anew, so that at most one stays; readers wait for tentative slots. A
 * process that dies in between leaves a slot whose time is soon over.
 */
#ifndef AVCSEC_USES_H
#define AVCSEC_USES_H

#include "core/text/slice.h"

#include <stdatomic.h>

typedef struct {
    _Atomic uint64_t key, state;
} avcsec_slot_t;

#define AVCSEC_USES_WINDOW 32

/* How many slots such a table has at least; its number of slots is a power of two. */
#define AVCSEC_USES_SLOTS_MIN 1024

typedef struct {
    avcsec_slot_t *slots; /* the caller's; zeroed memory is an empty table */
    size_t count;         /* a power of two, at least AVCSEC_USES_SLOTS_MIN */
    /* The latest end of what was overwritten, Unix seconds; shared as the slots are. */
    _Atomic int64_t *overwritten;
} avcsec_uses_t;

typedef enum {
    AVCSEC_USE_REFUSED = 0, /* used as often as it may */
    AVCSEC_USE_GRANTED,     /* one use was counted */
    AVCSEC_USE_RUNNING,     /* a use of this client runs: nothing was counted */
    AVCSEC_USE_FULL         /* no room to count it: refuse, and say so */
} avcsec_use_t;

/* What is to be counted. Keys are not zero, and no stranger may choose them. */
typedef struct {
    uint64_t token;  /* realm, kid, purpose and id */
    uint64_t client; /* these and the client's network; 0: each claim is a use of its own */
    uint32_t max;    /* 1 to 1000000 */
    int64_t until;   /* the token's end, Unix seconds */
    int64_t grace;   /* seconds that a use goes on without a request of its client */
} avcsec_claim_t;

/* Claims one use. Never grants more than `max`, whoever races. */
avcsec_use_t avcsec_uses_claim(const avcsec_uses_t *uses, const avcsec_claim_t *claim, int64_t now);

/* A use of this client runs; keeps it running. Counts nothing. */
bool avcsec_uses_is_running(const avcsec_uses_t *uses, const avcsec_claim_t *claim, int64_t now);

/* Takes a request back that was granted, or went along, and came to nothing (an answer 4xx or
 * 5xx). The use itself comes back when all requests that went along have come to nothing. */
void avcsec_uses_release(const avcsec_uses_t *uses, const avcsec_claim_t *claim, int64_t now);

/* How often the token was used. */
uint32_t avcsec_uses_counted(const avcsec_uses_t *uses, uint64_t token, int64_t now);

#endif
