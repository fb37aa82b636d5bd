/* SPDX-License-Identifier: Apache-2.0
 *
 * Claims in words, for people. Judges nothing.
 */
#ifndef AVCSEC_WORDS_H
#define AVCSEC_WORDS_H

#include "core/token/token.h"

#define AVCSEC_WORDS_CHARS 512

/* What a claim means, one sentence without its full stop, to `out`, terminated. `scope`
 * is the token's, absent if the path is not known. The value may be ill-formed: then
 * nothing is said of it. Text in it that is not printable is left out. */
void avcsec_words_for_claim(avcsec_slice_t name, avcsec_slice_t value, avcsec_slice_t scope,
                            int64_t now, char out[AVCSEC_WORDS_CHARS]);

#endif
