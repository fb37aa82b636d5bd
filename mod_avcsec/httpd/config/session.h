/* SPDX-License-Identifier: Apache-2.0
 *
 * Readers of the directives about issued tokens; each gets a pointer to its field and
 * returns NULL or how the sentence goes on behind the directive's name.
 */
#ifndef AVCSEC_CONFIG_SESSION_H
#define AVCSEC_CONFIG_SESSION_H

#include "httpd/config/config.h"

/* An httpd expression for one claim, or "none"; one without variables is checked at once. */
const char *avcsec_config_token_subject(cmd_parms *cmd, void *field, int argc, char *const argv[]);
const char *avcsec_config_token_role(cmd_parms *cmd, void *field, int argc, char *const argv[]);
const char *avcsec_config_token_app(cmd_parms *cmd, void *field, int argc, char *const argv[]);
const char *avcsec_config_token_act(cmd_parms *cmd, void *field, int argc, char *const argv[]);
const char *avcsec_config_token_room(cmd_parms *cmd, void *field, int argc, char *const argv[]);

/* Seconds; uses or "unlimited"; "tokens/seconds" or "Off". */
const char *avcsec_config_token_life(cmd_parms *cmd, void *field, int argc, char *const argv[]);
const char *avcsec_config_token_uses(cmd_parms *cmd, void *field, int argc, char *const argv[]);
const char *avcsec_config_token_rate(cmd_parms *cmd, void *field, int argc, char *const argv[]);

/* What the table in config.c calls them. */
#define read_token_subject avcsec_config_token_subject
#define read_token_role avcsec_config_token_role
#define read_token_app avcsec_config_token_app
#define read_token_act avcsec_config_token_act
#define read_token_room avcsec_config_token_room
#define read_token_life avcsec_config_token_life
#define read_token_uses avcsec_config_token_uses
#define read_token_rate avcsec_config_token_rate

#endif
