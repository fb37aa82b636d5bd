/* SPDX-License-Identifier: Apache-2.0
 *
 * How servers behind a proxy may read a path otherwise than the proxy does (SPEC: "Servers
 * behind read paths otherwise"): they cut ";parameters" off its segments, and decode what is
 * still escaped, in either order.
 */
#ifndef AVCSEC_SPELLING_H
#define AVCSEC_SPELLING_H

#include "core/text/slice.h"

/* A segment that is "." or ".." up to its first ';', or a backslash: servers that resolve
 * these end elsewhere. '/' separates segments; `path` is decoded as often as wanted. */
bool avcsec_spelling_is_malformed(avcsec_slice_t path);

typedef enum {
    AVCSEC_AS_IT_STANDS = 0,
    AVCSEC_CUT,           /* without parameters */
    AVCSEC_DECODED,       /* once more */
    AVCSEC_DECODED_CUT,   /* decoded, then cut */
    AVCSEC_CUT_DECODED,   /* cut, then decoded: "/a;b%2Fc/d" is "/a/d" */
    AVCSEC_CUT_AS_IT_CAME /* the same, of the path that came over the wire */
} avcsec_spelling_t;
#define AVCSEC_SPELLINGS 6

/* Writes that reading of `path` to `out` (path.len + 1 bytes), slashes merged and dot segments
 * resolved; returns its length, or 0 if it leads above the root or does not begin there. */
size_t avcsec_spelling_read(avcsec_spelling_t as, avcsec_slice_t path, char *out);

#endif
