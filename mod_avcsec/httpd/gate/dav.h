/* SPDX-License-Identifier: Apache-2.0
 *
 * WebDAV. What a request names beside its own address is judged like a request of its own: the
 * Destination of a COPY or MOVE, and what lies below a folder that is listed, copied, moved,
 * deleted or written over.
 */
#ifndef AVCSEC_DAV_H
#define AVCSEC_DAV_H

#include "httpd.h"

/* Phase pre_config: from then on mod_dav asks here before it lists anything. */
int avcsec_dav_register(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp);

/* Before handlers: OK, or the status of a refusal. */
int avcsec_dav_check(request_rec *r);

#endif
