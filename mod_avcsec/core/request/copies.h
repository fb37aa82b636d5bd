/* SPDX-License-Identifier: Apache-2.0
 *
 * Copies of the token in a request's query, in what others make of that query: as it was
 * sent, or as they were shown it ("mac.*"), escaped once more or not.
 */
#ifndef AVCSEC_COPIES_H
#define AVCSEC_COPIES_H

#include "core/text/slice.h"

/* The piece of a query ("name=value") is an argument `avc`. */
bool avcsec_copies_is_token(avcsec_slice_t piece);

/* Writes `text` to `out` (text.len bytes; may be the text itself), each mac of an argument
 * `avc` of the query `sent` as "*", and returns the length. */
size_t avcsec_copies_hide(avcsec_slice_t sent, avcsec_slice_t text, char *out);

/* How a query is written that another was made into. */
typedef struct {
    avcsec_slice_t sent;  /* the request's query */
    avcsec_slice_t shown; /* the same as others were shown it; absent: as it was sent */
    avcsec_slice_t query; /* the other one */
    bool is_home;         /* who gets it may have what the request had */
    bool leaves_real;     /* a copy of what was sent stays, one of what was shown never does */
    avcsec_slice_t piece; /* the argument to put in: where a copy stands, or else behind all
                             others, but not beside another argument `avc`; absent: none */
} avcsec_copies_t;

/* Writes it to `out` (room for both queries and one more), without other copies, and with
 * arguments that were shown without a mac as they were sent, if it stays at home. Absent: no
 * query is left. */
avcsec_slice_t avcsec_copies_write(const avcsec_copies_t *copies, char *out);

#endif
