/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads AvcFilesOpenUntil: till when links from before AvcFiles hold.
 */
#ifndef AVCSEC_CONFIG_OPEN_UNTIL_H
#define AVCSEC_CONFIG_OPEN_UNTIL_H

#include "httpd/config/config.h"

/* Further ahead nobody means it: somebody has mistyped a year. */
#define AVCSEC_OPEN_MOST (90 * 86400)

/* Gets a pointer to its field: NULL, or how the sentence goes on behind the directive's name. */
const char *avcsec_config_open_until(cmd_parms *cmd, void *field, int argc, char *const argv[]);

/* What the table in config.c calls it. */
#define read_open_until avcsec_config_open_until

/* It opens something at this moment: it is not over, and not too far ahead. */
bool avcsec_open_until_is_on(const avcsec_open_until_t *line, int64_t now);

/* The setting of an AvcFiles is one that this line may stand beside, in its section, or around
 * or below it. */
bool avcsec_open_until_covers(const avcsec_setting_t *line, const avcsec_setting_t *files);

#endif
