/* SPDX-License-Identifier: Apache-2.0
 *
 * Files that a script names in its answer (X-Sendfile) and mod_xsendfile then sends: private
 * by place like any other.
 */
#ifndef AVCSEC_SENDFILE_H
#define AVCSEC_SENDFILE_H

#include "httpd.h"

/* Hook post_config. */
int avcsec_sendfile_prepare(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s);

/* Phase register_hooks. */
void avcsec_sendfile_register(void);

#endif
