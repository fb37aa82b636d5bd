/* SPDX-License-Identifier: Apache-2.0
 *
 * How what runs for a step of a request answers it: a script, a server behind, a file. Not
 * what httpd makes of that afterwards (a range that is not there, an ErrorDocument).
 */
#ifndef AVCSEC_OUTCOME_H
#define AVCSEC_OUTCOME_H

#include "httpd.h"

/* The status is known; nothing has been sent yet. Called once at most. 304 only says that
 * the client has the file. */
typedef void avcsec_outcome_known_t(request_rec *r, int status);

/* Phase handler: runs the other handlers for this step and returns what they do. `known` is told
 * as soon as the first of what they answer comes, or when they have nothing to answer. */
int avcsec_outcome_run(request_rec *r, avcsec_outcome_known_t *known);

/* Phase register_hooks. */
void avcsec_outcome_register(void);

#endif
