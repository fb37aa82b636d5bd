/* SPDX-License-Identifier: Apache-2.0
 *
 * Takes tokens back in a Redis (AvcStore redis://...).
 */
#ifndef AVCSEC_REVOKE_REDIS_H
#define AVCSEC_REVOKE_REDIS_H

#include "core/token/revocation.h"

/* The text is a Redis's address. False after a complaint. */
bool avcsec_revoke_redis_reads(const char *text);

/* Writes the entry, for all servers that ask this Redis, at once. False after a complaint. */
bool avcsec_revoke_redis_add(const char *text, const avcsec_revocation_t *entry, int64_t now);

#endif
