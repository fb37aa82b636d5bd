/* SPDX-License-Identifier: Apache-2.0
 *
 * Which address of a host a proxied server's stands for: what ProxyPass and its like say. A rule
 * in an .htaccess may ask the same server for the same thing, past the <Location> of it.
 */
#ifndef AVCSEC_BACKENDS_H
#define AVCSEC_BACKENDS_H

#include "httpd.h"
#include "apr_tables.h"

/* Phase post_config. */
int avcsec_backends_note(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s);

/* Addresses of `s` that its configuration has proxied to this URL, or to what it lies in; of
 * const char *. Every name of this machine itself that can be told as one is the same. */
const apr_array_header_t *avcsec_backends_find(apr_pool_t *p, const server_rec *s, const char *url);

#endif
