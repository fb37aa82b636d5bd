/* SPDX-License-Identifier: Apache-2.0
 *
 * How many within a time, for each of many, counted in a block of memory that is handed
 * in and that several processes may share: without locks, without pointers.
 *
 * Each has a bucket that holds `count` and is refilled evenly within `span`. What is kept of
 * a bucket is one number, the moment at which it will be full again (the "theoretical arrival
 * time" of the generic cell rate algorithm, ITU-T I.371); from then on the slot is as good
 * as empty and another may take it. Where all neighbours count, a new one takes the place of
 * the one that would be full first: whoever has addresses enough to crowd the table has a
 * bucket for each of them anyway, and could otherwise shut everybody else out. (Two processes
 * that enter the same one at the same moment may enter it twice; the second bucket is
 * forgotten when full.)
 *
 *     slot = who (22 bits of a keyed hash), full again at (42 bits: milliseconds since 1970)
 */
#ifndef AVCSEC_QUOTA_H
#define AVCSEC_QUOTA_H

#include "core/text/slice.h"

#include <stdatomic.h>

#define AVCSEC_QUOTA_WINDOW 16   /* neighbours that one may lie in */
#define AVCSEC_QUOTA_SLOTS 65536 /* 512 KiB */

typedef struct {
    _Atomic uint64_t slots[AVCSEC_QUOTA_SLOTS]; /* zeroed memory is an empty table */
} avcsec_quota_t;

typedef struct {
    int64_t count; /* 1 to 1000 * span */
    int64_t span;  /* seconds, 1 to 86400 */
} avcsec_quota_rate_t;

/* Takes one out of the bucket of `who`, 64 bits of a keyed hash: no stranger may choose
 * them. False if there is none: *wait is the number of seconds until there will be, at
 * least 1. */
bool avcsec_quota_take(avcsec_quota_t *quota, uint64_t who, const avcsec_quota_rate_t *rate,
                       int64_t now_ms, int64_t *wait);

#endif
