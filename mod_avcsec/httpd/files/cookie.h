/* SPDX-License-Identifier: Apache-2.0
 *
 * Pages that give their visitors a cookie with a file token for a folder (AvcFileCookie), for
 * sites whose pages name files by addresses that no token can be put into. A page that a token
 * opened gives none, or whoever has one link would have the folder; nor does one that caches
 * may keep.
 */
#ifndef AVCSEC_COOKIE_H
#define AVCSEC_COOKIE_H

#include "httpd.h"

/* Hook insert_filter, behind all others: the headers of other modules are known when the
 * filter looks, and mod_cache has not seen the answer. */
void avcsec_cookie_insert(request_rec *r);

/* Phase register_hooks. */
void avcsec_cookie_register(void);

#endif
