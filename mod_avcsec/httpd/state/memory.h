/* SPDX-License-Identifier: Apache-2.0
 *
 * What the state directory remembers of a revocations file: till when something that it took
 * back is taken back. A file that is missing or was emptied, by a mistake or by somebody who
 * wants his link to open again, is noticed by it at the next start.
 *
 *     <state directory>/revoked-<16 hexadecimal digits>: "<Unix seconds> <path>\n"
 */
#ifndef AVCSEC_MEMORY_H
#define AVCSEC_MEMORY_H

#include "httpd.h"

#include <stdint.h>

/* The file that remembers of `path`, in this directory. */
const char *avcsec_memory_file(apr_pool_t *p, const char *directory, const char *path);

/* Till when, Unix seconds; 0: nothing is remembered. */
int64_t avcsec_memory_read(apr_pool_t *p, const char *directory, const char *path);

/* Remembers that; 0: forgets. NULL, or why not, as a sentence goes on behind the file's path. */
const char *avcsec_memory_write(apr_pool_t *p, const char *directory, const char *path,
                                int64_t until);

#endif
