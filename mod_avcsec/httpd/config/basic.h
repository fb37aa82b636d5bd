/* SPDX-License-Identifier: Apache-2.0
 *
 * Readers of directives that take a switch, a number, a path or a list of plain words.
 */
#ifndef AVCSEC_CONFIG_BASIC_H
#define AVCSEC_CONFIG_BASIC_H

#include "httpd/config/config.h"

/* Each gets a pointer to its field: NULL, or how the sentence goes on behind the
 * directive's name. */
const char *avcsec_config_flag(cmd_parms *cmd, void *field, int argc, char *const argv[]);
const char *avcsec_config_enforce(cmd_parms *cmd, void *field, int argc, char *const argv[]);
const char *avcsec_config_files_policy(cmd_parms *cmd, void *field, int argc, char *const argv[]);
const char *avcsec_config_store_failure(cmd_parms *cmd, void *field, int argc, char *const argv[]);
const char *avcsec_config_client_address(cmd_parms *cmd, void *field, int argc, char *const argv[]);
const char *avcsec_config_seconds(cmd_parms *cmd, void *field, int argc, char *const argv[]);
const char *avcsec_config_day(cmd_parms *cmd, void *field, int argc, char *const argv[]);
const char *avcsec_config_switch(cmd_parms *cmd, void *field, int argc, char *const argv[]);
const char *avcsec_config_key_file(cmd_parms *cmd, void *field, int argc, char *const argv[]);
const char *avcsec_config_revocations(cmd_parms *cmd, void *field, int argc, char *const argv[]);
const char *avcsec_config_realm(cmd_parms *cmd, void *field, int argc, char *const argv[]);
const char *avcsec_config_files(cmd_parms *cmd, void *field, int argc, char *const argv[]);
const char *avcsec_config_file_cookie(cmd_parms *cmd, void *field, int argc, char *const argv[]);
const char *avcsec_config_origins(cmd_parms *cmd, void *field, int argc, char *const argv[]);

/* What the table in config.c calls them. */
#define read_flag avcsec_config_flag
#define read_enforce avcsec_config_enforce
#define read_files_policy avcsec_config_files_policy
#define read_store_failure avcsec_config_store_failure
#define read_client_address avcsec_config_client_address
#define read_seconds avcsec_config_seconds
#define read_day avcsec_config_day
#define read_switch avcsec_config_switch
#define read_key_file avcsec_config_key_file
#define read_revocations avcsec_config_revocations
#define read_realm avcsec_config_realm
#define read_files avcsec_config_files
#define read_file_cookie avcsec_config_file_cookie
#define read_origins avcsec_config_origins

#endif
