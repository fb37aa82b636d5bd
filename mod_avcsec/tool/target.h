/* SPDX-License-Identifier: Apache-2.0
 *
 * URL-OR-PATH of the command line: taken apart, and put together with a token. Text
 * stays percent-encoded as it is.
 */
#ifndef AVCSEC_TARGET_H
#define AVCSEC_TARGET_H

#include "core/request/request.h"

typedef struct {
    avcsec_slice_t site;     /* "https://host:port"; empty for a path */
    avcsec_slice_t host;     /* "host:port"; absent for a path */
    avcsec_slice_t path;     /* from its '/' on, never empty */
    avcsec_slice_t query;    /* behind the '?'; absent without one */
    avcsec_slice_t fragment; /* from the '#' on; may be empty */
} avcsec_target_t;

/* The slices lie in `text`. False if it is neither; complains of nothing. */
bool avcsec_target_split(avcsec_slice_t text, avcsec_target_t *target);

/* The same, for something that is to be signed: complains, and refuses characters that
 * browsers would send otherwise than they stand there. */
bool avcsec_target_read(const char *text, avcsec_target_t *target);

/* The URL with the token in argument `avc`, or in the path behind `dir` segments (0:
 * before the last one). Terminated, to be freed by the caller; NULL without memory. */
char *avcsec_target_with_token(const avcsec_target_t *target, avcsec_slice_t token,
                               avcsec_carrier_t carrier, int64_t dir);

#endif
