/* SPDX-License-Identifier: Apache-2.0
 *
 * Downloads of limited rate (claim rate), without a thread asleep for each: the kernel
 * paces the client's TCP connection (SO_MAX_PACING_RATE). A stream of HTTP/2 shares its
 * connection with others, so there, and where the kernel has no pacing, a thread sleeps
 * between pieces. Few may at a time: then the next has no limit.
 */
#ifndef AVCSEC_PACE_H
#define AVCSEC_PACE_H

#include "httpd.h"

/* Limits what this request's answer still sends to `rate` kB/s (1000 bytes), if it can. */
void avcsec_pace(request_rec *r, int64_t rate);

/* Hook post_read_request: the next request of a connection has no limit. */
int avcsec_pace_end(request_rec *r);

/* Phase register_hooks. */
void avcsec_pace_register(void);

#endif
