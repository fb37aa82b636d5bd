/* SPDX-License-Identifier: Apache-2.0
 *
 * Readers of the directives about checking sessions; each gets a pointer to its field and
 * returns NULL or how the sentence goes on behind the directive's name.
 */
#ifndef AVCSEC_CONFIG_ADMISSION_H
#define AVCSEC_CONFIG_ADMISSION_H

#include "httpd/config/config.h"

const char *avcsec_config_admission(cmd_parms *cmd, void *field, int argc, char *const argv[]);
const char *avcsec_config_check(cmd_parms *cmd, void *field, int argc, char *const argv[]);
const char *avcsec_config_session_for(cmd_parms *cmd, void *field, int argc, char *const argv[]);

/* What the table in config.c calls them. */
#define read_admission avcsec_config_admission
#define read_check avcsec_config_check
#define read_session_for avcsec_config_session_for

#endif
