/* SPDX-License-Identifier: Apache-2.0
 *
 * Servers behind a proxy read paths otherwise than httpd (SPEC: "Servers behind read paths
 * otherwise"): each reading is judged, and the strictest verdict counts.
 */
#ifndef AVCSEC_READINGS_H
#define AVCSEC_READINGS_H

#include "httpd/config/config.h"

/* Both are for a step that a proxied server will get, as things stand, in a server that
 * protects something, and OK for all others. */

/* OK, or the status of a refusal: its path is malformed. */
int avcsec_readings_check(request_rec *r);

/* Asks `decide` once for each other reading of the address, while the step has that address
 * and its sections. OK, or the first refusal. */
int avcsec_readings_decide(request_rec *r, int (*decide)(request_rec *r));

#endif
