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

/* It may be a handler of this module; else it is none. */
static inline bool avcsec_handlers_may_be_ours(const char *name)
{
    return name && (name[0] | 0x20) == 'a' && (name[1] | 0x20) == 'v';
}

/* A handler that answers media servers and servers in front: its name as this module spells
 * it; NULL if it is none. */
const char *avcsec_handlers_answering(const char *name);

/* The one of them that SetHandler names for this request, whoever wrote the line, once
 * sections are merged; NULL: none. */
const char *avcsec_handlers_asked(request_rec *r);

/* SetHandler `name` holds for this request, and an administrator wrote it. From phase
 * post_perdir_config on. */
bool avcsec_handlers_is_set(request_rec *r, const char *name);

#endif
