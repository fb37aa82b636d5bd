/* SPDX-License-Identifier: Apache-2.0
 *
 * Points and spans of time as people write them on a command line.
 */
#ifndef AVCSEC_WHEN_H
#define AVCSEC_WHEN_H

#include "core/text/slice.h"

/* The time of --now, or of the clock if it is NULL. False after a complaint. */
bool avcsec_when_now(const char *now, int64_t *seconds);

/* "2030-01-31T12:00:00Z" or Unix seconds. False after a complaint that names `option`. */
bool avcsec_when_read(const char *option, const char *text, int64_t *seconds);

/* "30", "30s", "15m", "1h", "90d", "4w". False after a complaint. */
bool avcsec_when_read_span(const char *option, const char *text, int64_t *seconds);

/* Writes a span in words, "3 days 4 hours", to `out`, terminated; its sign is dropped. */
#define AVCSEC_SPAN_CHARS 64
void avcsec_when_span_in_words(int64_t seconds, char out[AVCSEC_SPAN_CHARS]);

#endif
