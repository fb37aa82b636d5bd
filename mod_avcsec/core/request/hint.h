/* SPDX-License-Identifier: Apache-2.0
 *
 * What has often happened where a request is refused: for the line in the log and for
 * `avcsec explain`. Guesses for people; nothing is decided by them.
 */
#ifndef AVCSEC_HINT_H
#define AVCSEC_HINT_H

#include "core/request/request.h"

/* A sentence that begins with a capital letter, or NULL. is_part: the request was for a part
 * of the file (Range). */
const char *avcsec_hint(avcsec_verdict_t verdict, const avcsec_reading_t *reading, bool is_part);

#endif
