/* SPDX-License-Identifier: Apache-2.0
 *
 * The first look at a request, before anything was taken out of it.
 */
#ifndef AVCSEC_GATHER_H
#define AVCSEC_GATHER_H

#include "httpd.h"

/* Hook post_read_request, before every other module: gathers, and takes tokens out of
 * what others may log. */
int avcsec_gather(request_rec *r);

#endif
