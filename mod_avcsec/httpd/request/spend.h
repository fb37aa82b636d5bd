/* SPDX-License-Identifier: Apache-2.0
 *
 * When a use of a token is spent (SPEC, "Uses"): right before the handlers of a step run, that
 * of the client's own request or a part of a page, never in look-ups; given back if what ran
 * answers 4xx or 5xx.
 */
#ifndef AVCSEC_SPEND_H
#define AVCSEC_SPEND_H

#include "httpd/config/config.h"

/* Hook handler, behind the gate: DECLINED, the status of a refusal, or what all other handlers
 * say, which it runs to know what becomes of the use. Leaves private files to
 * avcsec_spend_for_file. */
int avcsec_spend_before_handlers(request_rec *r);

/* Once it is known that a private file is there and will be sent: OK, or a status. */
int avcsec_spend_for_file(request_rec *r);

/* What ran for this step answered that; whoever sends a private file says so himself. */
void avcsec_spend_settle(request_rec *r, int status);

#endif
