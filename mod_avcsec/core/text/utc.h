/* SPDX-License-Identifier: Apache-2.0
 *
 * Points in time as people write them. The clock itself stays outside.
 */
#ifndef AVCSEC_UTC_H
#define AVCSEC_UTC_H

#include "core/text/slice.h"

#define AVCSEC_UTC_CHARS 20 /* "2030-01-01T00:00:00Z" */

/* Reads RFC 3339 in UTC, whole seconds, exactly "YYYY-MM-DDThh:mm:ssZ", from 1970
 * on, into Unix seconds. No leap second: Unix time has none. */
bool avcsec_utc_parse(avcsec_slice_t text, int64_t *seconds);

/* Writes Unix seconds, from 0 to the end of the year 9999, in that form to `out`
 * (AVCSEC_UTC_CHARS + 1 bytes, terminated). Beyond that range: "-". */
void avcsec_utc_format(int64_t seconds, char out[AVCSEC_UTC_CHARS + 1]);

#endif
