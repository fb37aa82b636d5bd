/* SPDX-License-Identifier: Apache-2.0
 *
 * Readers of AvcStore and AvcStateDir.
 */
#ifndef AVCSEC_CONFIG_STORE_H
#define AVCSEC_CONFIG_STORE_H

#include "httpd/config/config.h"

/* Each gets a pointer to its field: NULL, or how the sentence goes on behind the
 * directive's name. */
const char *avcsec_config_read_store(cmd_parms *cmd, void *field, int argc, char *const argv[]);
const char *avcsec_config_state_dir(cmd_parms *cmd, void *field, int argc, char *const argv[]);

/* What AvcStore named before a restart: works the address of a Redis out again, by its path.
 * NULL or a sentence. */
const char *avcsec_config_read_store_again(apr_pool_t *p, avcsec_store_t *store);

/* What the table in config.c calls them. */
#define read_store avcsec_config_read_store
#define read_state_dir avcsec_config_state_dir

#endif
