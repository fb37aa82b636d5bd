/* SPDX-License-Identifier: Apache-2.0
 *
 * What a redirect keeps of the tokens that the request had (SPEC section 2, "Path tokens").
 *
 * A token goes along where it still opens something and whoever has it already asked: in its
 * scope, on a host of this site. Anywhere else it is taken out, whoever put it there. Which
 * hosts are this site's own, the caller says.
 */
#ifndef AVCSEC_REDIRECT_CORE_H
#define AVCSEC_REDIRECT_CORE_H

#include "core/request/request.h"
#include "core/text/url.h"

typedef struct {
    const avcsec_request_t *request;
    const avcsec_reading_t *reading;
    /* The query as others were shown it, with "mac.*" for macs and otherwise piece by piece as
     * it came; absent where it held nothing to hide. */
    avcsec_slice_t masked;
    const avcsec_keys_t *keys;
    avcsec_mac_t *mac;
    bool is_followed;   /* clients go there by themselves: 3xx, and 201 */
    bool is_created;    /* 201: they add to it what they have in their query, as before */
    bool is_home;       /* the host may have what this one has */
    bool is_same_name;  /* the host has the name that was asked: a session goes along */
    bool is_same_place; /* scheme, host and port are those that were asked */
} avcsec_redirect_t;

/* Room for a rewritten Location. */
#define AVCSEC_REDIRECT_ROOM(redirect, location_len)                                               \
    (24 * ((redirect)->request->path.len + (location_len)) +                                       \
     4 * ((redirect)->request->query.len + (location_len)) + 64)

/* The Location as it may be sent; `url` is what avcsec_url_read made of it. The location
 * itself where nothing is to be changed, else text in `room`. */
avcsec_slice_t avcsec_redirect_write(const avcsec_redirect_t *redirect, avcsec_slice_t location,
                                     const avcsec_url_t *url, char *room);

#endif
