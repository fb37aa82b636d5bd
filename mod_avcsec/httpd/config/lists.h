/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists that add: to what an outer section says, to the lines before, to the default.
 */
#ifndef AVCSEC_CONFIG_LISTS_H
#define AVCSEC_CONFIG_LISTS_H

#include "httpd/config/config.h"

/* What both say, `outer` first; "none" in the inner one leaves it alone. Either may be
 * NULL. */
const avcsec_names_t *avcsec_names_merge(apr_pool_t *p, const avcsec_names_t *outer,
                                         const avcsec_names_t *inner);

/* They came of the same lines in the same order. Either may be NULL. */
bool avcsec_names_are_same(const avcsec_names_t *a, const avcsec_names_t *b);

/* One that lasts as long as the pool, if its lines do; NULL stays NULL. */
const avcsec_names_t *avcsec_names_keep(apr_pool_t *p, const avcsec_names_t *names);

/* Each gets a pointer to its field: NULL, or how the sentence goes on behind the
 * directive's name. */
const char *avcsec_config_unsigned_args(cmd_parms *cmd, void *field, int argc, char *const argv[]);
const char *avcsec_config_inline_types(cmd_parms *cmd, void *field, int argc, char *const argv[]);

/* What the table in config.c calls them. */
#define read_unsigned_args avcsec_config_unsigned_args
#define read_inline_types avcsec_config_inline_types

#endif
