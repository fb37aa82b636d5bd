/* SPDX-License-Identifier: Apache-2.0
 *
 * When a use of a token is spent (SPEC, "Uses"): right before a handler runs, for the
 * client's own request, never in look-ups; given back if the answer is not 2xx.
 */
#ifndef AVCSEC_SPEND_H
#define AVCSEC_SPEND_H

#include "httpd/config/config.h"

/* Hook handler, behind the gate: DECLINED, or the status of a refusal. Leaves private
 * files to avcsec_spend_for_file. */
int avcsec_spend_before_handlers(request_rec *r);

/* Once it is known that a private file is there and will be sent: OK, or a status. */
int avcsec_spend_for_file(request_rec *r);

/* Once the answer's status is known. */
void avcsec_spend_settle(request_rec *r);

#endif
