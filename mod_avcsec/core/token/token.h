/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens: the grammar and every claim (SPEC, section 2).
 *
 *     token = "avc1~for." purpose "~kid." kid *( "~" name "." value ) "~mac." mac
 *
 * Strict: what SPEC calls malformed is malformed, even if the mac is right.
 */
#ifndef AVCSEC_TOKEN_H
#define AVCSEC_TOKEN_H

#include "core/text/peer.h"
#include "core/token/keyring.h"

#define AVCSEC_TOKEN_MAX 1024
#define AVCSEC_MAC_MARK "~mac."
#define AVCSEC_CLAIM_VALUE_MAX 256
#define AVCSEC_TIME_MAX 100000000000 /* seconds; above it somebody wrote milliseconds */

typedef struct {
    avcsec_slice_t text;        /* the whole token */
    avcsec_slice_t signed_text; /* without "~mac." and the mac */
    avcsec_purpose_t purpose;
    /* Claims; absent slices and zero numbers are not in the token. Lists and
     * base64url stand as they are in the token. */
    avcsec_slice_t kid, id, org, mth, sub, role, app, act, room, fn, disp, typ, args;
    int64_t exp, nbf, iat, dir, max, rate, len;
    bool has_ip4, has_ip6;
    avcsec_peer_t ip4, ip6;
    unsigned char mac[AVCSEC_MAC_BYTES];
    unsigned char key_print[AVCSEC_KEY_PRINT]; /* of the key that it was judged right by */
} avcsec_token_t;

/* The purpose that a text shows: what stands between "avc1~for." and the next '~'.
 * AVCSEC_NO_PURPOSE if that is none of the four, or the text starts otherwise. */
avcsec_purpose_t avcsec_token_shows(avcsec_slice_t text);

/* Reads a token; slices of *token point into `text`. NULL, or what is wrong with
 * it, for `explain` and for logs; *token is then of no use. */
const char *avcsec_token_parse(avcsec_slice_t text, avcsec_token_t *token);

/* The token lets this method through: claim mth, or the purpose's own methods; GET
 * implies HEAD. */
bool avcsec_token_allows_method(const avcsec_token_t *token, avcsec_slice_t method);

/* `word` is one of those that `separator` joins in `list`. */
bool avcsec_token_list_has(avcsec_slice_t list, char separator, avcsec_slice_t word);

#endif
