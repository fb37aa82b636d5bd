/* SPDX-License-Identifier: Apache-2.0
 *
 * What a private file's name says of it: its type, and its name for the download.
 */
#ifndef AVCSEC_FILETYPE_H
#define AVCSEC_FILETYPE_H

#include "apr_pools.h"

#include <stdbool.h>

/* The type by the name's last ending, whatever its case; "application/octet-stream" for
 * all that is not in the table. */
const char *avcsec_filetype_of(const char *name);

/* Content-Disposition for that name (bytes; UTF-8 where it is any), with an ASCII form
 * for all and filename* where that is not the whole name (RFC 6266, RFC 8187). */
const char *avcsec_filetype_disposition(apr_pool_t *p, bool is_inline, const char *name);

#endif
