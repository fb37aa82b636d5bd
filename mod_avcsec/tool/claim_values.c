/* SPDX-License-Identifier: Apache-2.0
 *
 * Values of claims.
 */
#include "claim_values.h"

#include "complain.h"
#include "core/text/b64url.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool avcsec_claims_append(avcsec_claims_t *claims, avcsec_slice_t s)
{
    if (claims->len + s.len > sizeof(claims->text))
        return avcsec_complain("the token would be longer than %d characters: sign fewer claims",
                               AVCSEC_TOKEN_MAX);
    memcpy(claims->text + claims->len, s.p, s.len);
    claims->len += s.len;
    return true;
}

bool avcsec_claims_put(avcsec_claims_t *claims, const char *option, avcsec_slice_t name,
                       avcsec_slice_t value)
{
    if (value.len > AVCSEC_CLAIM_VALUE_MAX)
        return avcsec_complain("--%s is too long: a claim has at most %d characters", option,
                               AVCSEC_CLAIM_VALUE_MAX);
    if (!avcsec_slice_is_made_of(value, AVCSEC_VALUE))
        return avcsec_complain("--%s: a value is of A-Z a-z 0-9 - . _", option);
    return avcsec_claims_append(claims, AVCSEC_LITERAL("~")) &&
           avcsec_claims_append(claims, name) &&
           avcsec_claims_append(claims, AVCSEC_LITERAL(".")) && avcsec_claims_append(claims, value);
}

bool avcsec_claims_put_number(avcsec_claims_t *claims, const char *option, avcsec_slice_t name,
                              int64_t number)
{
    char digits[24];
    int len = snprintf(digits, sizeof(digits), "%" PRId64, number);

    return avcsec_claims_put(claims, option, name, (avcsec_slice_t){digits, (size_t)len});
}

bool avcsec_claims_put_plain(avcsec_claims_t *claims, const char *option, avcsec_slice_t name,
                             const void *field)
{
    const char *const *text = field;

    return !*text || avcsec_claims_put(claims, option, name, avcsec_slice_of(*text));
}

static bool put_bytes(avcsec_claims_t *claims, const char *option, avcsec_slice_t name,
                      avcsec_slice_t bytes)
{
    char value[AVCSEC_B64URL_CHARS(AVCSEC_CLAIM_VALUE_MAX)];

    if (!avcsec_slice_is_text(bytes))
        return avcsec_complain("--%s is empty, not UTF-8, or has a control character", option);
    if (AVCSEC_B64URL_CHARS(bytes.len) > AVCSEC_CLAIM_VALUE_MAX)
        return avcsec_complain("--%s is too long: at most %d bytes", option,
                               AVCSEC_B64URL_BYTES(AVCSEC_CLAIM_VALUE_MAX));
    return avcsec_claims_put(
        claims, option, name,
        (avcsec_slice_t){value,
                         avcsec_b64url_encode((const unsigned char *)bytes.p, bytes.len, value)});
}

bool avcsec_claims_put_text(avcsec_claims_t *claims, const char *option, avcsec_slice_t name,
                            const void *field)
{
    const char *const *text = field;

    return !*text || put_bytes(claims, option, name, avcsec_slice_of(*text));
}

bool avcsec_claims_put_file_name(avcsec_claims_t *claims, const char *option, avcsec_slice_t name,
                                 const void *field)
{
    enum { most = AVCSEC_B64URL_BYTES(AVCSEC_CLAIM_VALUE_MAX), longest_extension = 32 };
    avcsec_slice_t text = avcsec_slice_of(*(const char *const *)field), extension = {"", 0};
    char cut[most];
    const char *dot;
    size_t len;

    if (text.len <= most || !avcsec_slice_is_text(text))
        return !text.p || put_bytes(claims, option, name, text);
    dot = strrchr(text.p, '.');
    if (dot && dot > text.p && strlen(dot) <= longest_extension)
        extension = avcsec_slice_of(dot);
    for (len = most - extension.len; ((unsigned char)text.p[len] & 0xc0) == 0x80; len--)
        ;
    memcpy(cut, text.p, len);
    memcpy(cut + len, extension.p, extension.len);
    return put_bytes(claims, option, name, (avcsec_slice_t){cut, len + extension.len});
}

/* ---- Lists ---- */

/* Of a list that people wrote: "a,b", "a b". */
#define BETWEEN_WORDS " ,"

/* All words of a repeated option, each as `write` writes it, joined by `joint`. */
static bool put_list(avcsec_claims_t *claims, const char *option, avcsec_slice_t name,
                     const avcsec_words_t *words, char joint,
                     bool (*write)(avcsec_slice_t word, char *out))
{
    char value[AVCSEC_CLAIM_VALUE_MAX + 1];
    avcsec_slice_t rest, word;
    size_t len = 0;

    if (words->count == 0)
        return true;
    for (size_t i = 0; i < words->count; i++)
        for (rest = avcsec_slice_of(words->items[i]);
             avcsec_slice_next_word(&rest, BETWEEN_WORDS, &word);) {
            if (len + 1 + word.len > AVCSEC_CLAIM_VALUE_MAX)
                return avcsec_complain("--%s is too long: a claim has at most %d characters",
                                       option, AVCSEC_CLAIM_VALUE_MAX);
            if (len)
                value[len++] = joint;
            if (!write(word, value + len))
                return avcsec_complain("--%s is host names, without scheme and port", option);
            len += word.len;
        }
    if (len == 0)
        return avcsec_complain("--%s is empty", option);
    return avcsec_claims_put(claims, option, name, (avcsec_slice_t){value, len});
}

static bool write_word(avcsec_slice_t word, char *out)
{
    memcpy(out, word.p, word.len);
    return true;
}

bool avcsec_claims_put_words(avcsec_claims_t *claims, const char *option, avcsec_slice_t name,
                             const void *field)
{
    return put_list(claims, option, name, field, '.', write_word);
}

static bool write_host(avcsec_slice_t word, char *out)
{
    for (size_t i = 0; i < word.len; i++) {
        out[i] = (char)avcsec_to_lower((unsigned char)word.p[i]);
        if (!avcsec_is((unsigned char)out[i], AVCSEC_VALUE) || out[i] == '_')
            return false;
    }
    return true;
}

bool avcsec_claims_put_hosts(avcsec_claims_t *claims, const char *option, avcsec_slice_t name,
                             const void *field)
{
    return put_list(claims, option, name, field, '_', write_host);
}

/* ---- Addresses ---- */

/* "192.0.2.0/24" as "192.0.2.0-24", "2001:DB8::/48" as "2001_db8__-48"; a length that
 * says the whole address is left out. */
static avcsec_slice_t write_network(avcsec_slice_t text, bool is_ip4, char *out)
{
    avcsec_slice_t bits = text, address;
    size_t len = 0;

    avcsec_slice_cut(&bits, '/', &address);
    for (; len < address.len; len++)
        out[len] = address.p[len] == ':' ? '_' : (char)avcsec_to_lower((unsigned char)text.p[len]);
    if (bits.p &&
        !avcsec_slice_equals(bits, is_ip4 ? AVCSEC_LITERAL("32") : AVCSEC_LITERAL("128"))) {
        out[len++] = '-';
        memcpy(out + len, bits.p, bits.len);
        len += bits.len;
    }
    return (avcsec_slice_t){out, len};
}

static bool put_network(avcsec_claims_t *claims, avcsec_slice_t text, bool is_ip4)
{
    avcsec_slice_t mapped = AVCSEC_LITERAL("::ffff:"), head = {text.p, mapped.len}, value;
    avcsec_peer_t peer;
    const char *error = avcsec_peer_parse(text, &peer);
    char out[64];

    if (error)
        return avcsec_complain("--ip: %s", error);
    if (avcsec_address_is_ip4(&peer.low) != is_ip4)
        return true;
    /* Dual-stack sockets show IPv4 clients so. */
    if (text.len > mapped.len && avcsec_slice_equals_nocase(head, mapped)) {
        text.p += mapped.len;
        text.len -= mapped.len;
    }
    value = text.len < sizeof(out) ? write_network(text, is_ip4, out) : text;
    if (!avcsec_peer_parse_claim(value, is_ip4, &peer))
        return avcsec_complain("--ip: a token names one address or network of each family, as "
                               "192.0.2.0/24 or 2001:db8::/48");
    return avcsec_claims_put(claims, "ip", is_ip4 ? AVCSEC_LITERAL("ip4") : AVCSEC_LITERAL("ip6"),
                             value);
}

static bool put_networks(avcsec_claims_t *claims, const avcsec_words_t *words, bool is_ip4)
{
    size_t before = claims->len;
    avcsec_slice_t rest, word;

    for (size_t i = 0; i < words->count; i++)
        for (rest = avcsec_slice_of(words->items[i]);
             avcsec_slice_next_word(&rest, BETWEEN_WORDS, &word);) {
            size_t len = claims->len;

            if (!put_network(claims, word, is_ip4))
                return false;
            if (len != before && claims->len != len)
                return avcsec_complain("--ip: give one network of each family");
        }
    return true;
}

bool avcsec_claims_put_ip4(avcsec_claims_t *claims, const char *option, avcsec_slice_t name,
                           const void *field)
{
    (void)option;
    (void)name;
    return put_networks(claims, field, true);
}

bool avcsec_claims_put_ip6(avcsec_claims_t *claims, const char *option, avcsec_slice_t name,
                           const void *field)
{
    (void)option;
    (void)name;
    return put_networks(claims, field, false);
}
