/* SPDX-License-Identifier: Apache-2.0
 *
 * At which addresses of a server a file lies, for files that were not asked for by one.
 */
#ifndef AVCSEC_ADDRESSES_H
#define AVCSEC_ADDRESSES_H

#include "httpd/config/config.h"

/* Decoded paths, of const char *; each once. By document root and aliases, as the configuration
 * and this step have them, and as the page lies that includes it. */
const apr_array_header_t *avcsec_addresses_of(request_rec *r, const char *file);

#endif
