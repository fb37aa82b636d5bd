/* SPDX-License-Identifier: Apache-2.0
 *
 * The query of a request, raw as it came: its arguments one by one, the `avc`
 * argument out of it, and names as PHP reads them (SPEC: "Arguments").
 */
#ifndef AVCSEC_QUERY_H
#define AVCSEC_QUERY_H

#include "core/text/slice.h"

typedef struct {
    avcsec_slice_t name;  /* raw bytes before the first '=' */
    avcsec_slice_t value; /* raw bytes after it; absent without '=' */
} avcsec_argument_t;

/* Takes the next argument off *rest; empty pieces ("a&&b") are passed over. False
 * at the end. Start with *rest as the whole query, absent for none. */
bool avcsec_query_next(avcsec_slice_t *rest, avcsec_argument_t *argument);

/* The argument's name, decoded once, is "avc". */
bool avcsec_query_is_token(avcsec_argument_t argument);

/* Copies `query` without its `avc` arguments to `out` (query.len bytes) and
 * returns the length; all other bytes stay as they are. */
size_t avcsec_query_without_token(avcsec_slice_t query, char *out);

/* PHP would store `name` under `plain` or as a part of it, by one of its two
 * readings of '[': decoded, '+' a space, leading spaces dropped, cut at NUL, space
 * and '.' as '_', then cut at the first '[' or every '[' as '_'. `plain` is of
 * A-Z a-z 0-9 _ -. Source: php_register_variable_ex in PHP's main/php_variables.c. */
bool avcsec_query_php_reads_as(avcsec_slice_t name, avcsec_slice_t plain);

/* The value of the argument `name`, decoded once into `room` (query.len bytes); absent if there
 * is none. False if servers may read it differently: one that stands there more than once, as
 * PHP reads names, or by another spelling of its name, and a value with a '+' or a ';'. `name`
 * as `plain` above. */
bool avcsec_query_single(avcsec_slice_t query, avcsec_slice_t name, char *room,
                         avcsec_slice_t *value);

/* One of the arguments, as PHP reads names, is `name`, with a value that decodes
 * to `value` whatever its case (any value, when that is absent). */
bool avcsec_query_has(avcsec_slice_t query, avcsec_slice_t name, avcsec_slice_t value);

#endif
