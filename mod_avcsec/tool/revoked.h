/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading a revocations file, for those who judge by it and for those who add to it.
 */
#ifndef AVCSEC_REVOKED_H
#define AVCSEC_REVOKED_H

#include "core/token/revocation.h"

#include <sys/stat.h>

/* What the file holds at `now`, the caller's to free; *st is the file's. Where there is no
 * file, NULL, or with `may_be_missing` an empty list and *st all zero. NULL after a
 * complaint. */
avcsec_revocations_t *avcsec_revoked_read(const char *path, bool may_be_missing, int64_t now,
                                          struct stat *st);

#endif
