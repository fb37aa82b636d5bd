/* SPDX-License-Identifier: Apache-2.0
 *
 * Virtual hosts whose configuration a restart found to protect less than it says. httpd has no
 * way back to the old one, and neither ending the server nor opening what should be closed is
 * right: these hosts answer nothing till a restart reads what is right.
 */
#ifndef AVCSEC_CLOSED_H
#define AVCSEC_CLOSED_H

#include "httpd.h"

/* Hook quick_handler, in front of everything, mod_cache too. */
int avcsec_closed_refuse(request_rec *r, int is_lookup);

#endif
