/* SPDX-License-Identifier: Apache-2.0
 *
 * A revocations file as it lies on disk: whose it may be, what it says, and what a missing or
 * emptied one means. Keeps nothing.
 */
#ifndef AVCSEC_REVOKED_FILE_H
#define AVCSEC_REVOKED_FILE_H

#include "httpd/config/config.h"

#include "core/token/revocation.h"

#include <sys/stat.h>

/* Each returns NULL, or how the sentence goes on behind the path. */

/* Reads the file; *st is what was read, all zero if it could not be opened. */
const char *avcsec_revoked_read(apr_pool_t *p, const char *path, avcsec_revocations_t *list,
                                struct stat *st);

/* Why a file without lines, or none, is not believed: `until` has not come, till when this file is
 * known to take something back. `where`: the directory that remembers it, or NULL. */
const char *avcsec_revoked_doubt(apr_pool_t *p, const char *path, const char *where, int64_t until);

/* Makes an empty one, and says so. Never replaces anything. */
const char *avcsec_revoked_make(apr_pool_t *p, const server_rec *s, const char *path);

bool avcsec_revoked_is_missing(const char *path);

#endif
