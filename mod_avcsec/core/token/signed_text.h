/* SPDX-License-Identifier: Apache-2.0
 *
 * What the mac of a token covers (SPEC, section 2).
 *
 *     mac = HMAC-SHA-256(K, "avcsec-v1" LF scope LF token-without-mac LF
 *                           *( name "=" raw value LF ))
 */
#ifndef AVCSEC_SIGNED_TEXT_H
#define AVCSEC_SIGNED_TEXT_H

#include "core/token/token.h"

/* What the mac covers beside the token's own text. */
typedef struct {
    avcsec_slice_t path;  /* canonical; scope of a session is "*" whatever it is */
    avcsec_slice_t query; /* raw, for signed arguments */
} avcsec_signed_target_t;

/* The scope of a token for that path. False if the path has not as many segments as
 * claim dir asks for. */
bool avcsec_token_scope(const avcsec_token_t *token, avcsec_slice_t path, avcsec_slice_t *scope);

/* Finds a signed argument: its raw value, by its literal name; the first counts.
 * False if there is none. */
bool avcsec_token_argument(avcsec_slice_t query, avcsec_slice_t name, avcsec_slice_t *value);

/* Computes the mac of a parsed token. False if its scope or a signed argument is not
 * there, or OpenSSL fails. */
bool avcsec_token_compute(const avcsec_token_t *token, const avcsec_signed_target_t *target,
                          const avcsec_mac_key_t *key, avcsec_mac_t *mac,
                          unsigned char out[AVCSEC_MAC_BYTES]);

/* The token's mac is the right one. Constant time in the mac. */
bool avcsec_token_is_right(const avcsec_token_t *token, const avcsec_signed_target_t *target,
                           const avcsec_mac_key_t *key, avcsec_mac_t *mac);

/* Signs: appends "~mac." and the mac to the *len characters of claims that stand in
 * `text`, "avc1~for....", and parses the result into *token. NULL, or a sentence
 * (nothing malformed is ever signed). */
const char *avcsec_token_sign(char text[AVCSEC_TOKEN_MAX], size_t *len,
                              const avcsec_signed_target_t *target, const avcsec_mac_key_t *key,
                              avcsec_mac_t *mac, avcsec_token_t *token);

#endif
