/* SPDX-License-Identifier: Apache-2.0
 *
 * AvcRedirectHosts: hosts that may have what this one has.
 */
#ifndef AVCSEC_CONFIG_HOSTS_H
#define AVCSEC_CONFIG_HOSTS_H

#include "httpd/config/config.h"

/* As the readers in basic.h. */
const char *avcsec_config_redirect_hosts(cmd_parms *cmd, void *field, int argc, char *const argv[]);
#define read_redirect_hosts avcsec_config_redirect_hosts

/* The server's AvcRedirectHosts has this host, for this port or for all. */
bool avcsec_config_lists_host(const server_rec *s, avcsec_slice_t host, int port);

#endif
