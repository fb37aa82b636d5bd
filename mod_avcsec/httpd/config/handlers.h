/* SPDX-License-Identifier: Apache-2.0
 *
 * Handlers of this module by name. Only an administrator sets one, by SetHandler in the
 * server's configuration: an .htaccess (SetHandler, AddHandler, a rewrite) makes no place
 * that issues tokens.
 */
#ifndef AVCSEC_HANDLERS_H
#define AVCSEC_HANDLERS_H

#include "httpd.h"

#include <stdbool.h>

/* Phase post_config: remembers which SetHandler lines stand in the configuration. */
int avcsec_handlers_note(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s);

/* SetHandler `name` holds for this request, and an administrator wrote it. From phase
 * post_perdir_config on. */
bool avcsec_handlers_is_set(request_rec *r, const char *name);

#endif
