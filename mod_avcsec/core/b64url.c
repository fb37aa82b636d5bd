/* SPDX-License-Identifier: Apache-2.0
 *
 * base64url without padding, canonical only.
 */
#include "b64url.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

size_t avcsec_b64url_encode(const unsigned char *bytes, size_t len, char *out)
{
    uint32_t bits = 0;
    unsigned count = 0;
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        bits = bits << 8 | bytes[i];
        for (count += 8; count >= 6; count -= 6)
            out[n++] = alphabet[bits >> (count - 6) & 63];
    }
    if (count)
        out[n++] = alphabet[bits << (6 - count) & 63];
    return n;
}

static int value_of(unsigned char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

bool avcsec_b64url_decode(avcsec_slice_t text, unsigned char *out, size_t *len)
{
    uint32_t bits = 0;
    unsigned count = 0;
    size_t n = 0;

    if (text.len % 4 == 1)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        int value = value_of((unsigned char)text.p[i]);

        if (value < 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
        count += 6;
        if (count >= 8) {
            count -= 8;
            out[n++] = (unsigned char)(bits >> count);
        }
    }
    *len = n;
    return (bits & ((1u << count) - 1)) == 0;
}

bool avcsec_b64url_is_text(avcsec_slice_t text)
{
    unsigned char bytes[AVCSEC_B64URL_BYTES(256)];
    size_t len;

    return text.len <= 256 && avcsec_b64url_decode(text, bytes, &len) &&
           avcsec_slice_is_text((avcsec_slice_t){(const char *)bytes, len});
}
