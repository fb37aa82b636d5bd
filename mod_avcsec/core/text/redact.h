/* SPDX-License-Identifier: Apache-2.0
 *
 * Text for logs: every mac of a token and every signature of a JWT becomes "*", however it
 * is escaped, also in requests that are malformed and never reach a decision.
 */
#ifndef AVCSEC_REDACT_H
#define AVCSEC_REDACT_H

#include "core/text/slice.h"

/* Copies `text` to `out` (text.len bytes) and returns the length. Whatever follows
 * "mac.", or "eyJ" (the start of a JSON object in base64url) and two parts that end in ".",
 * and looks like the better part of a mac is replaced by "*". */
size_t avcsec_redact(avcsec_slice_t text, char *out);

/* Nothing in `text` would be replaced. */
bool avcsec_redact_is_needless(avcsec_slice_t text);

/* The end of `plain` if it starts at `at`, whichever of its bytes are escaped and how often;
 * else 0. `plain` is not empty. */
size_t avcsec_redact_match(avcsec_slice_t text, size_t at, avcsec_slice_t plain);

#endif
