/* SPDX-License-Identifier: Apache-2.0
 *
 * Headers of a request that speak for somebody else: those by which proxies say whom they ask
 * for, and X-Avc-*, which nobody but this module may set. Servers behind read "_" and other
 * signs in a name as "-": so does this.
 */
#ifndef AVCSEC_FORWARDING_H
#define AVCSEC_FORWARDING_H

#include "httpd/request/facts.h"

/* X-Avc-* leave the request, and cannot be called for removal on the next hop. */
void avcsec_forwarding_drop_own(request_rec *r);

/* A header of this name is one by which a proxy says that it asks for another. */
bool avcsec_forwarding_is_header(const char *name);

/* Hooks post_read_request, right before and right behind mod_remoteip: whether it takes the
 * client's address from a header. An address from the PROXY protocol is none: whoever sent
 * that may still have sent any header. */
int avcsec_forwarding_before_remoteip(request_rec *r);
int avcsec_forwarding_behind_remoteip(request_rec *r);

/* Hook post_read_request, last: forwarding headers that nobody vouches for
 * (AvcScrubHeaders). */
int avcsec_forwarding_scrub(request_rec *r);

/* Phase register_hooks: the filter for trailers that httpd merges into the headers. */
void avcsec_forwarding_register(void);

/* The client's own request, or an inner one: with MergeTrailers, what comes behind a body may
 * bring no header in that was taken out before it. */
void avcsec_forwarding_watch_trailers(request_rec *r);

#endif
