/* SPDX-License-Identifier: Apache-2.0
 *
 * Private files (AvcFiles): mapped by no directory walk, touched by no other module's
 * handler, type or filter, opened beneath their directory, sent as what they are or as a
 * download, never run and never rendered.
 */
#ifndef AVCSEC_FILES_H
#define AVCSEC_FILES_H

#include "httpd/config/config.h"

/* Hooks translate_name (behind rewriting, aliases and proxies), map_to_storage,
 * type_checker, and handler (behind the gate). */
int avcsec_files_translate(request_rec *r);
int avcsec_files_map(request_rec *r);
int avcsec_files_type(request_rec *r);
int avcsec_files_serve(request_rec *r);

/* Hook post_config. */
int avcsec_files_prepare(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s);

#endif
