/* SPDX-License-Identifier: Apache-2.0
 *
 * Whose a host is that an address names: this site's own, or somebody else's. What the
 * request's Host header says counts for nothing here.
 */
#ifndef AVCSEC_HOSTS_H
#define AVCSEC_HOSTS_H

#include "httpd.h"

#include "core/text/url.h"

/* The client may take tokens of this request along to where the address leads. If not, *why
 * says it of this server's own names, for the administrator; NULL of all others. */
bool avcsec_hosts_is_home(const request_rec *r, const avcsec_url_t *url, const char **why);

/* The host has the name that this request asked for. */
bool avcsec_hosts_is_same_name(const request_rec *r, const avcsec_url_t *url);

/* And the same scheme and port. */
bool avcsec_hosts_is_same_place(const request_rec *r, const avcsec_url_t *url);

/* The client came by https, as far as anybody can tell: to this server, or to what stands in
 * front. */
bool avcsec_hosts_is_https(const request_rec *r);

#endif
