/* SPDX-License-Identifier: Apache-2.0
 *
 * `Require avc-...`, for those who compose their own rules: subject to what httpd lets
 * .htaccess and Satisfy do.
 */
#ifndef AVCSEC_REQUIRE_H
#define AVCSEC_REQUIRE_H

#include "httpd/config/config.h"

/* `Require avc-media-server`, `Require avc-admin`, `Require avc-token <purpose>`: what they
 * deny is a part of what an administrator composes. */
void avcsec_require_register(apr_pool_t *p);

#endif
