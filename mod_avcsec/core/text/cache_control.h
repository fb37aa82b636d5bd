/* SPDX-License-Identifier: Apache-2.0
 *
 * Cache-Control of an answer that is one client's (RFC 9111, 5.2.2; RFC 5861; RFC 8246).
 *
 *     Cache-Control = #( token [ "=" ( token / quoted-string ) ] )
 *
 * What keeps caches from keeping stays; what lets them keep longer, serve to others or serve
 * what is over goes, and so does what is not known: public, s-maxage, immutable, stale-...,
 * must-understand (which lets a cache ignore no-store), private for some fields only.
 */
#ifndef AVCSEC_CACHE_CONTROL_H
#define AVCSEC_CACHE_CONTROL_H

#include "core/text/slice.h"

/* How long a client may keep it, in seconds. */
typedef struct {
    int64_t most; /* -1: as long as the field says */
    bool is_told; /* written as max-age where the field has none */
} avcsec_freshness_t;

/* Room for what avcsec_cache_control_private writes, given a field of `len` characters. */
#define AVCSEC_CACHE_CONTROL_ROOM(len) (2 * (len) + 128)

/* Writes "private" and what may stay of `field` (absent: there was none) to `out`; returns the
 * length. What is not well-formed is read as its strictest. */
size_t avcsec_cache_control_private(avcsec_slice_t field, const avcsec_freshness_t *freshness,
                                    char *out);

/* What a field says of caches that serve several clients: that they may keep the answer
 * (public, s-maxage, max-age beyond 0), that they may not (private, no-store, no-cache,
 * max-age=0), or nothing. What forbids counts. */
typedef enum { AVCSEC_SHARING_UNSAID = 0, AVCSEC_SHARED, AVCSEC_UNSHARED } avcsec_sharing_t;
avcsec_sharing_t avcsec_cache_control_sharing(avcsec_slice_t field);

#endif
