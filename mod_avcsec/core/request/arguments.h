/* SPDX-License-Identifier: Apache-2.0
 *
 * Query arguments that need no signature below AvcSignedURL (SPEC: AvcUnsignedArgs):
 * what players, counters and advertisers add to a link on their own.
 */
#ifndef AVCSEC_ARGUMENTS_H
#define AVCSEC_ARGUMENTS_H

#include "core/text/query.h"

/* What holds where nothing else is said: patterns, as avcsec_slice_matches reads them. */
#define AVCSEC_UNSIGNED_ARGS 16
extern const avcsec_slice_t avcsec_unsigned_args[AVCSEC_UNSIGNED_ARGS];

/* The argument's raw name matches one of the patterns, and neither its name nor its value
 * holds a ';'. */
bool avcsec_argument_may_be_unsigned(const avcsec_argument_t *argument,
                                     const avcsec_slice_t *patterns, size_t count);

#endif
