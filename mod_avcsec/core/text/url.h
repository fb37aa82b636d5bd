/* SPDX-License-Identifier: Apache-2.0
 *
 * An address as it stands in a header of an answer (Location), read as strictly as the
 * pickiest client and as widely as the laxest: what two clients could take for two places
 * is odd.
 */
#ifndef AVCSEC_URL_H
#define AVCSEC_URL_H

#include "core/text/slice.h"

typedef enum {
    AVCSEC_URL_ODD = 0, /* another scheme, a user, a backslash, a control character, ... */
    AVCSEC_URL_LOCAL,   /* a path, a query or a fragment alone: to where it was asked */
    AVCSEC_URL_FULL     /* http and https with a host */
} avcsec_url_kind_t;

/* All slices lie in the text. */
typedef struct {
    avcsec_url_kind_t kind;
    bool is_https;        /* FULL */
    avcsec_slice_t host;  /* FULL: as it is written, of IPv6 without brackets */
    int port;             /* FULL: the scheme's own where none is written */
    avcsec_slice_t front; /* what stands before the path: empty if LOCAL or ODD */
    avcsec_slice_t path;  /* raw; of ODD whatever stands before the query */
    avcsec_slice_t query; /* raw; absent without a '?' */
    avcsec_slice_t end;   /* "#fragment", or empty */
} avcsec_url_t;

/* Reads a URL reference (RFC 3986, 4.1). "//host/" has the scheme of the page it is for:
 * is_https says which. */
void avcsec_url_read(avcsec_slice_t text, bool is_https, avcsec_url_t *url);

/* A host as it stands in an address: "name", "192.0.2.7" or "[2001:db8::1]", each with
 * ":port" or without (*port 0). The host comes back without brackets. False on all that is no
 * such thing, also on a name that ends in a dot, and on what is not ASCII. */
bool avcsec_url_read_host(avcsec_slice_t text, avcsec_slice_t *host, int *port);

#endif
