/* SPDX-License-Identifier: Apache-2.0
 *
 * Readers of the directives about media server, admin and hidden names; each gets a pointer
 * to its field and returns NULL or how the sentence goes on behind the directive's name.
 */
#ifndef AVCSEC_CONFIG_CALLER_H
#define AVCSEC_CONFIG_CALLER_H

#include "httpd/config/config.h"

/* Addresses; kinds of proof; bytes. */
const char *avcsec_config_peers(cmd_parms *cmd, void *field, int argc, char *const argv[]);
const char *avcsec_config_proof(cmd_parms *cmd, void *field, int argc, char *const argv[]);
const char *avcsec_config_body_limit(cmd_parms *cmd, void *field, int argc, char *const argv[]);

/* Names of scripts and folders, and the presets of each list. */
const char *avcsec_config_media_server_names(cmd_parms *cmd, void *field, int argc,
                                             char *const argv[]);
const char *avcsec_config_admin_names(cmd_parms *cmd, void *field, int argc, char *const argv[]);
const char *avcsec_config_hidden_names(cmd_parms *cmd, void *field, int argc, char *const argv[]);

/* What the table in config.c calls them. */
#define read_peers avcsec_config_peers
#define read_proof avcsec_config_proof
#define read_body_limit avcsec_config_body_limit
#define read_media_server_names avcsec_config_media_server_names
#define read_admin_names avcsec_config_admin_names
#define read_hidden_names avcsec_config_hidden_names

#endif
