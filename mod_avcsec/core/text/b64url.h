/* SPDX-License-Identifier: Apache-2.0
 *
 * base64url without padding (RFC 4648, section 5). Canonical only: a decoder
 * that ignores unused bits would let one token have several spellings.
 */
#ifndef AVCSEC_B64URL_H
#define AVCSEC_B64URL_H

#include "core/text/slice.h"

/* Characters that `bytes` bytes take, and bytes that `chars` characters hold. */
#define AVCSEC_B64URL_CHARS(bytes) (((bytes)*8 + 5) / 6)
#define AVCSEC_B64URL_BYTES(chars) ((chars)*6 / 8)

/* Writes AVCSEC_B64URL_CHARS(len) characters to out, no NUL; returns their number. */
size_t avcsec_b64url_encode(const unsigned char *bytes, size_t len, char *out);

/* Decodes into out, which has room for AVCSEC_B64URL_BYTES(text.len) bytes.
 * False on another alphabet, padding, an impossible length or unused bits that
 * are not zero; out is then undefined. */
bool avcsec_b64url_decode(avcsec_slice_t text, unsigned char *out, size_t *len);

/* The text decodes to UTF-8 without control characters (avcsec_slice_is_text);
 * at most 256 characters of base64url. */
bool avcsec_b64url_is_text(avcsec_slice_t text);

#endif
