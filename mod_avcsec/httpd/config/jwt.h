/* SPDX-License-Identifier: Apache-2.0
 *
 * Readers of AvcTokenFormat and AvcTokenClaim.
 */
#ifndef AVCSEC_CONFIG_JWT_H
#define AVCSEC_CONFIG_JWT_H

#include "httpd/config/config.h"

/* Each gets a pointer to its field: NULL, or how the sentence goes on behind the
 * directive's name. */
const char *avcsec_config_token_format(cmd_parms *cmd, void *field, int argc, char *const argv[]);
const char *avcsec_config_token_claim(cmd_parms *cmd, void *field, int argc, char *const argv[]);

/* What the table in config.c calls them. */
#define read_token_format avcsec_config_token_format
#define read_token_claim avcsec_config_token_claim

#endif
