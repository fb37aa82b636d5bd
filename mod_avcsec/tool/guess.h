/* SPDX-License-Identifier: Apache-2.0
 *
 * Why a signature is wrong: tries what often happens to links on their way. Says only
 * which change would make it right, never what the mac should have been.
 */
#ifndef AVCSEC_GUESS_H
#define AVCSEC_GUESS_H

#include "finding.h"

/* A sentence, or NULL if no change that is known makes the token right. */
const char *avcsec_guess(const avcsec_inquiry_t *inquiry, const avcsec_token_t *token);

#endif
