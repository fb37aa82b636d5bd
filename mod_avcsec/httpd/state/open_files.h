/* SPDX-License-Identifier: Apache-2.0
 *
 * Since when each AvcFilesOpenUntil stands: what was changed later is not one of the files whose
 * links are older than the protection. The state directory remembers it (memory.h, kind "open"),
 * for a restart is no reason to open what came in between.
 */
#ifndef AVCSEC_OPEN_FILES_H
#define AVCSEC_OPEN_FILES_H

#include "httpd/config/config.h"

/* Phase post_config. Never an error: what cannot be remembered opens nothing, and a line says so.
 */
void avcsec_open_files_load(apr_pool_t *pconf, server_rec *main_server);

/* When the server first read the line that this section has for its AvcFiles; 0: it has none, or
 * nobody knows. */
apr_time_t avcsec_open_files_since(const avcsec_section_t *section);

#endif
