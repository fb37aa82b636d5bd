/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a Redis is, as administrators write it. A password never stands there, only the
 * file that holds it:
 *
 *     redis://[[user]:password-file@]host[:port][/db]
 *     rediss://...[?ca=file]        by TLS, verified by these authorities
 */
#ifndef AVCSEC_REDIS_URL_H
#define AVCSEC_REDIS_URL_H

#include "core/text/slice.h"

#define AVCSEC_REDIS_PORT 6379
#define AVCSEC_REDIS_DB_MAX 65535

typedef struct {
    bool has_tls;
    avcsec_slice_t user;          /* absent: Redis's own default user */
    avcsec_slice_t password_file; /* absent: no password */
    avcsec_slice_t host;          /* a name or an address, an IPv6 address without brackets */
    avcsec_slice_t ca_file;       /* absent: what the system trusts */
    int64_t port, db;
} avcsec_redis_url_t;

/* The text starts as such an address does. */
bool avcsec_redis_url_is_meant(avcsec_slice_t text);

/* Reads one; slices of *url point into `text`. NULL, or what to write instead. */
const char *avcsec_redis_url_parse(avcsec_slice_t text, avcsec_redis_url_t *url);

#endif
