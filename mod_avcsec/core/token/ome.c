/* SPDX-License-Identifier: Apache-2.0
 *
 * Checking signatures of OvenMediaEngine.
 */
#include "core/token/ome.h"

#include "core/text/b64url.h"
#include "core/token/mac.h"

#define CHARS AVCSEC_B64URL_CHARS(AVCSEC_SHA1_BYTES)

static bool decode(avcsec_slice_t signature, unsigned char mac[AVCSEC_SHA1_BYTES])
{
    unsigned char bytes[AVCSEC_B64URL_BYTES(CHARS)];
    size_t len = 0;

    if (signature.len == CHARS + 1 && signature.p[CHARS] == '=')
        signature.len = CHARS;
    if (signature.len != CHARS || !avcsec_b64url_decode(signature, bytes, &len) ||
        len != AVCSEC_SHA1_BYTES)
        return false;
    memcpy(mac, bytes, AVCSEC_SHA1_BYTES);
    return true;
}

bool avcsec_ome_is_signature(avcsec_slice_t signature)
{
    unsigned char mac[AVCSEC_SHA1_BYTES];

    return decode(signature, mac);
}

bool avcsec_ome_is_by(avcsec_slice_t signature, avcsec_slice_t body, avcsec_slice_t secret)
{
    unsigned char sent[AVCSEC_SHA1_BYTES], right[AVCSEC_SHA1_BYTES];
    bool is_by = decode(signature, sent) && avcsec_hmac_sha1(secret, body, right) &&
                 avcsec_mac_equals(sent, right, sizeof(right));

    avcsec_wipe(right, sizeof(right));
    return is_by;
}
