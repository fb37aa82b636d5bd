/* SPDX-License-Identifier: Apache-2.0
 *
 * The module's block on the server-status page.
 */
#ifndef AVCSEC_STATUS_H
#define AVCSEC_STATUS_H

#include "apr_pools.h"

/* Phase register_hooks, if mod_status is there. */
void avcsec_status_register(apr_pool_t *p);

#endif
