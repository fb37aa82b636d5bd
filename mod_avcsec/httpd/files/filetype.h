/* SPDX-License-Identifier: Apache-2.0
 *
 * What a private file is called when it is downloaded.
 */
#ifndef AVCSEC_FILETYPE_H
#define AVCSEC_FILETYPE_H

#include "apr_pools.h"

#include <stdbool.h>

/* Content-Disposition for that name (bytes; UTF-8 where it is any), with an ASCII form
 * for all and filename* where that is not the whole name (RFC 6266, RFC 8187). */
const char *avcsec_filetype_disposition(apr_pool_t *p, bool is_inline, const char *name);

/* Content-Security-Policy of what is shown or played. */
const char *avcsec_filetype_sandbox(const char *type);

#endif
