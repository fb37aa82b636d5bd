/* SPDX-License-Identifier: Apache-2.0
 *
 * The last look before a proxied server is asked: which of its members a balancer chose.
 */
#ifndef AVCSEC_BACKEND_H
#define AVCSEC_BACKEND_H

#include "httpd.h"

/* Phase pre_config. A member of a balancer has a path of its own, which nobody knows before it
 * is chosen. */
int avcsec_backend_register(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp);

#endif
