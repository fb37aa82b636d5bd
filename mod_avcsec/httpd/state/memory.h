/* SPDX-License-Identifier: Apache-2.0
 *
 * What the state directory remembers, a number for a name. Of a revocations file ("revoked"):
 * till when, in Unix seconds, something that it took back is taken back; one that is missing or
 * was emptied, by a mistake or by somebody who wants his link to open again, is noticed by it at
 * the next start. Of AvcFilesOpenUntil ("open"): since when it stands, in microseconds.
 *
 *     <state directory>/<kind>-<16 hexadecimal digits>: "<number> <name>\n"
 */
#ifndef AVCSEC_MEMORY_H
#define AVCSEC_MEMORY_H

#include "httpd.h"

#include <stdint.h>

#define AVCSEC_MEMORY_REVOKED "revoked"
#define AVCSEC_MEMORY_OPEN "open"

/* The file that remembers of `name`, in this directory. */
const char *avcsec_memory_file(apr_pool_t *p, const char *directory, const char *kind,
                               const char *name);

/* 0: nothing is remembered. */
int64_t avcsec_memory_read(apr_pool_t *p, const char *directory, const char *kind,
                           const char *name);

/* Remembers that; 0: forgets. NULL, or why not, as a sentence goes on behind the file's path. */
const char *avcsec_memory_write(apr_pool_t *p, const char *directory, const char *kind,
                                const char *name, int64_t number);

#endif
