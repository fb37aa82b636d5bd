/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads AvcArguments: names, and regular expressions that are compiled here, once.
 */
#ifndef AVCSEC_CONFIG_ARGUMENTS_H
#define AVCSEC_CONFIG_ARGUMENTS_H

#include "httpd/config/config.h"

/* Gets a pointer to its field: NULL, or how the sentence goes on behind the directive's name. */
const char *avcsec_config_arguments(cmd_parms *cmd, void *field, int argc, char *const argv[]);

/* What the table in config.c calls it. */
#define read_arguments avcsec_config_arguments

#endif
