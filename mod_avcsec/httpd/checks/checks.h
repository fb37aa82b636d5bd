/* SPDX-License-Identifier: Apache-2.0
 *
 * Configurations that would protect less than they say: refused before the server
 * starts, or warned of.
 */
#ifndef AVCSEC_CHECKS_H
#define AVCSEC_CHECKS_H

#include "httpd/config/config.h"

/* Hook check_config: OK, or !OK after a line that says file, line, reason and remedy. */
int avcsec_checks_run(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                      server_rec *main_server);

#endif
