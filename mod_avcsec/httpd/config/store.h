/* SPDX-License-Identifier: Apache-2.0
 *
 * Reader of AvcStore.
 */
#ifndef AVCSEC_CONFIG_STORE_H
#define AVCSEC_CONFIG_STORE_H

#include "httpd/config/config.h"

/* Gets a pointer to its field: NULL, or how the sentence goes on behind the directive's
 * name. */
const char *avcsec_config_read_store(cmd_parms *cmd, void *field, int argc, char *const argv[]);

/* What the table in config.c calls it. */
#define read_store avcsec_config_read_store

#endif
