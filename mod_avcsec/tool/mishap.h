/* SPDX-License-Identifier: Apache-2.0
 *
 * What may have happened to a link on its way, by its look.
 */
#ifndef AVCSEC_MISHAP_H
#define AVCSEC_MISHAP_H

#include "finding.h"

/* What something did to the text of the link before this verdict, as a sentence; or NULL. */
const char *avcsec_mishap(const avcsec_inquiry_t *inquiry, avcsec_verdict_t verdict);

/* What core's hint says of the request; or NULL. */
const char *avcsec_mishap_hint(const avcsec_inquiry_t *inquiry, avcsec_verdict_t verdict);

#endif
