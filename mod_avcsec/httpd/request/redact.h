/* SPDX-License-Identifier: Apache-2.0
 *
 * Text from strangers, as logs may hold it: core's redaction, in a pool.
 */
#ifndef AVCSEC_REDACT_IN_POOL_H
#define AVCSEC_REDACT_IN_POOL_H

#include "apr_pools.h"

/* `text` with "*" for each mac and each signature of a JWT; the text itself where there is
 * none, NULL for NULL. */
const char *avcsec_redacted(apr_pool_t *p, const char *text);

#endif
