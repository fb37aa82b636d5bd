/* SPDX-License-Identifier: Apache-2.0
 *
 * Addresses of callers, and sets of them as administrators write them: an
 * address, a network, or a range as in AVChat's adminsAllowedFromTheseIps.
 */
#ifndef AVCSEC_PEER_H
#define AVCSEC_PEER_H

#include "core/text/slice.h"

typedef struct {
    unsigned char bytes[16]; /* IPv4 as its IPv4-mapped form, ::ffff:a.b.c.d (RFC 4291, 2.5.5.2) */
} avcsec_address_t;

/* Reads dotted IPv4 without leading zeros, or IPv6, mapped forms included; no
 * zone, no brackets, no port. */
bool avcsec_address_parse(avcsec_slice_t text, avcsec_address_t *address);

bool avcsec_address_is_ip4(const avcsec_address_t *address);

/* What one client has: an IPv4 address, the /64 of an IPv6 address. */
avcsec_address_t avcsec_address_network(const avcsec_address_t *address);

typedef struct {
    avcsec_address_t low, high; /* both included, of one family */
} avcsec_peer_t;

/* Reads "a", "a/bits" or "a-b". Returns NULL or a sentence that says what to write
 * instead: host bits, backward ranges, mixed families, lengths that do not fit the
 * family ("::ffff:10.0.0.0/8" would be half of IPv6) and "/0" are refused. */
const char *avcsec_peer_parse(avcsec_slice_t text, avcsec_peer_t *peer);

/* Reads the value of claim ip4 or ip6 ("192.0.2.0-24", "2001_db8__-48"); no
 * embedded IPv4, no host bits, lower case. */
bool avcsec_peer_parse_claim(avcsec_slice_t value, bool is_ip4, avcsec_peer_t *peer);

/* The address lies in the set; never if it is of the other family. */
bool avcsec_peer_contains(const avcsec_peer_t *peer, const avcsec_address_t *address);

#endif
