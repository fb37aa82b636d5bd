/* SPDX-License-Identifier: Apache-2.0
 *
 * base64url without padding, canonical only.
 */
#include "core/text/b64url.h"

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

#define VALID 64
#define V(c, value) [c] = (value) + VALID
#define V4(c, value)                                                                               \
    V(c, value), V((c) + 1, (value) + 1), V((c) + 2, (value) + 2), V((c) + 3, (value) + 3)
#define V10(c, value)                                                                              \
    V4(c, value), V4((c) + 4, (value) + 4), V((c) + 8, (value) + 8), V((c) + 9, (value) + 9)
#define V26(c, value)                                                                              \
    V10(c, value), V10((c) + 10, (value) + 10), V4((c) + 20, (value) + 20),                        \
        V((c) + 24, (value) + 24), V((c) + 25, (value) + 25)

/* A character's value plus VALID; 0 for all that is not of the alphabet. */
static const unsigned char values[256] = {
    V26('A', 0), V26('a', 26), V10('0', 52), V('-', 62), V('_', 63),
};

bool avcsec_b64url_decode(avcsec_slice_t text, unsigned char *out, size_t *len)
{
    const unsigned char *p = (const unsigned char *)text.p;
    uint32_t bits = 0;
    unsigned count = 0;
    size_t i = 0, n = 0;

    if (text.len % 4 == 1)
        return false;
    for (; text.len - i >= 4; i += 4) {
        unsigned a = values[p[i]], b = values[p[i + 1]], c = values[p[i + 2]], d = values[p[i + 3]];

        if (!(a & b & c & d & VALID))
            return false;
        bits = (a & 63) << 18 | (b & 63) << 12 | (c & 63) << 6 | (d & 63);
        out[n++] = (unsigned char)(bits >> 16);
        out[n++] = (unsigned char)(bits >> 8);
        out[n++] = (unsigned char)bits;
    }
    for (; i < text.len; i++) {
        unsigned value = values[p[i]];

        if (!value)
            return false;
        bits = bits << 6 | (value & 63);
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
