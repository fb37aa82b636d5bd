/* SPDX-License-Identifier: Apache-2.0
 *
 * Directives of other modules that this one reads along, because they say what a script is told.
 * In the server's configuration they are the administrator's; in an .htaccess of a host with
 * protections they may not say what runs, or for whom.
 */
#ifndef AVCSEC_SHARED_H
#define AVCSEC_SHARED_H

#include "httpd.h"
#include "http_config.h"

#include <stdbool.h>

/* ProxyFCGISetEnvIf and ProxyFCGIBackendType of mod_proxy_fcgi. */
const char *avcsec_shared_read_environment(cmd_parms *cmd, void *section, const char *condition,
                                           const char *name, const char *value);
const char *avcsec_shared_read_backend(cmd_parms *cmd, void *section, const char *type);

/* Rows for the command table. */
#define AVCSEC_SHARED_COMMANDS                                                                     \
    AP_INIT_TAKE23("ProxyFCGISetEnvIf", avcsec_shared_read_environment, NULL, OR_FILEINFO,         \
                   "of mod_proxy_fcgi: what runs, and for whom, no .htaccess may say"),            \
        AP_INIT_TAKE1("ProxyFCGIBackendType", avcsec_shared_read_backend, NULL, OR_FILEINFO,       \
                      "of mod_proxy_fcgi: GENERIC may stand in no .htaccess")

/* Some line of the configuration says GENERIC: FastCGI servers are not told that a proxy asks. */
bool avcsec_shared_hides_proxy(void);

/* At the start of each configuration. */
void avcsec_shared_reset(void);

#endif
