/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading and checking webhooks.
 */
#include "core/token/webhook.h"

#include "core/text/b64url.h"
#include "core/token/mac.h"

#include <string.h>

#define ID_MAX 256
#define TIME_MAX 100000000000
#define SIGNATURE_CHARS 44 /* of 32 bytes, with their '=' */
#define BASE64_MAX 88      /* of 64 bytes */

/* The common base64 (RFC 4648, section 4), by way of its twin. Padding that is there has to
 * be right. */
static bool decode(avcsec_slice_t text, unsigned char *out, size_t *len)
{
    char twin[BASE64_MAX];
    size_t n = text.len;
    bool is_right;

    if (n > BASE64_MAX)
        return false;
    while (n && text.len % 4 == 0 && text.len - n < 2 && text.p[n - 1] == '=')
        n--;
    for (size_t i = 0; i < n; i++) {
        char c = text.p[i];

        if (c == '-' || c == '_')
            return false;
        twin[i] = c == '+' ? '-' : c == '/' ? '_' : c;
    }
    is_right = avcsec_b64url_decode((avcsec_slice_t){twin, n}, out, len);
    avcsec_wipe(twin, sizeof(twin));
    return is_right;
}

/* A dot would let one text be read as two messages; a comma or space comes of two headers. */
static bool is_id(avcsec_slice_t id)
{
    for (size_t i = 0; i < id.len; i++)
        if (id.p[i] <= ' ' || id.p[i] > '~' || id.p[i] == '.' || id.p[i] == ',')
            return false;
    return id.len > 0 && id.len <= ID_MAX;
}

/* version "," base64: whatever the version, lest a joined header pass for two signatures. */
static bool is_signature(avcsec_slice_t text)
{
    avcsec_slice_t value = text, version;

    avcsec_slice_cut(&value, ',', &version);
    if (!avcsec_slice_is_made_of(version, AVCSEC_LOWER | AVCSEC_DIGIT) || !value.len)
        return false;
    for (size_t i = 0; i < value.len; i++) {
        char c = value.p[i];

        if (!avcsec_is((unsigned char)c, AVCSEC_UPPER | AVCSEC_LOWER | AVCSEC_DIGIT) && c != '+' &&
            c != '/' && c != '=')
            return false;
    }
    return true;
}

/* Takes the next signature off *rest; false at the end. */
static bool next_signature(avcsec_slice_t *rest, unsigned char mac[AVCSEC_MAC_BYTES])
{
    avcsec_slice_t text, version;
    unsigned char bytes[AVCSEC_B64URL_BYTES(BASE64_MAX)];
    size_t len;

    while (avcsec_slice_cut(rest, ' ', &text)) {
        avcsec_slice_cut(&text, ',', &version);
        if (!avcsec_slice_equals(version, AVCSEC_LITERAL("v1")) || text.len != SIGNATURE_CHARS ||
            !decode(text, bytes, &len) || len != AVCSEC_MAC_BYTES)
            continue;
        memcpy(mac, bytes, AVCSEC_MAC_BYTES);
        return true;
    }
    return false;
}

static const char *read_signatures(avcsec_slice_t list)
{
    unsigned char mac[AVCSEC_MAC_BYTES];
    avcsec_slice_t rest = list, text;

    while (avcsec_slice_cut(&rest, ' ', &text))
        if (!is_signature(text))
            return "its signatures are not of the form v1,<base64>, between single spaces";
    return next_signature(&list, mac) ? NULL : "it has no signature of version v1";
}

static bool is_there(const avcsec_webhook_headers_t *headers)
{
    return headers->id.p || headers->timestamp.p || headers->signature.p;
}

const char *avcsec_webhook_read(const avcsec_webhook_headers_t *standard,
                                const avcsec_webhook_headers_t *svix, int64_t now,
                                avcsec_webhook_t *hook)
{
    bool is_svix = !is_there(standard);

    hook->headers = is_svix ? *svix : *standard;
    hook->sent = 0;
    if (!is_there(&hook->headers))
        return "it has no headers webhook-id, webhook-timestamp and webhook-signature";
    if (!is_svix && is_there(svix))
        return "it has headers webhook-... and svix-... as well: one set counts, not two";
    if (!hook->headers.id.p || !hook->headers.timestamp.p || !hook->headers.signature.p)
        return "of its headers -id, -timestamp and -signature one is missing";
    if (!is_id(hook->headers.id))
        return "its id is repeated, too long, or of other characters than a webhook's";
    if (!avcsec_slice_to_number(hook->headers.timestamp, TIME_MAX, &hook->sent))
        return "its time is repeated, or no number of seconds";
    if (hook->sent < now - AVCSEC_WEBHOOK_TOLERANCE || hook->sent > now + AVCSEC_WEBHOOK_TOLERANCE)
        return "it was sent more than 5 minutes ago, or in the future: compare both clocks";
    return read_signatures(hook->headers.signature);
}

const char *avcsec_webhook_read_secret(avcsec_slice_t text,
                                       unsigned char secret[AVCSEC_WEBHOOK_SECRET_MAX], size_t *len)
{
    static const char shape[] = "a webhook's secret is whsec_ and base64 of 24 to 64 bytes";
    unsigned char bytes[AVCSEC_B64URL_BYTES(BASE64_MAX)];
    avcsec_slice_t mark = AVCSEC_LITERAL("whsec_"), rest = text;
    bool is_right;

    if (!avcsec_slice_has_prefix(text, mark))
        return shape;
    rest.p += mark.len;
    rest.len -= mark.len;
    is_right = decode(rest, bytes, len) && *len >= 24 && *len <= AVCSEC_WEBHOOK_SECRET_MAX;
    if (is_right)
        memcpy(secret, bytes, *len);
    avcsec_wipe(bytes, sizeof(bytes));
    return is_right ? NULL : shape;
}

bool avcsec_webhook_is_by(const avcsec_webhook_t *hook, avcsec_slice_t body, avcsec_slice_t secret)
{
    const avcsec_slice_t dot = AVCSEC_LITERAL("."),
                         pieces[] = {hook->headers.id, dot, hook->headers.timestamp, dot, body};
    unsigned char right[AVCSEC_MAC_BYTES], sent[AVCSEC_MAC_BYTES];
    avcsec_slice_t rest = hook->headers.signature;
    bool is_by = false;

    if (!avcsec_hmac(secret, pieces, sizeof(pieces) / sizeof(pieces[0]), right))
        return false;
    while (next_signature(&rest, sent))
        is_by |= avcsec_mac_equals(right, sent, sizeof(right));
    avcsec_wipe(right, sizeof(right));
    return is_by;
}
