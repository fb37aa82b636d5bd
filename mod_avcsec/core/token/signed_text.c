/* SPDX-License-Identifier: Apache-2.0
 *
 * What a mac covers: gathering it, signing, checking.
 */
#include "core/token/signed_text.h"

#include "core/text/b64url.h"
#include "core/text/path.h"
#include "core/text/query.h"

#include <string.h>

#define ARGS_MAX (AVCSEC_CLAIM_VALUE_MAX / 2)

bool avcsec_token_scope(const avcsec_token_t *token, avcsec_slice_t path, avcsec_slice_t *scope)
{
    *scope = token->purpose == AVCSEC_SESSION ? AVCSEC_LITERAL("*") : path;
    return !token->dir || avcsec_path_scope(path, token->dir, scope);
}

bool avcsec_token_argument(avcsec_slice_t query, avcsec_slice_t name, avcsec_slice_t *value)
{
    avcsec_argument_t argument;

    while (avcsec_query_next(&query, &argument))
        if (avcsec_slice_equals(argument.name, name)) {
            *value = argument.value;
            return true;
        }
    return false;
}

bool avcsec_token_compute(const avcsec_token_t *token, const avcsec_signed_target_t *target,
                          const avcsec_mac_key_t *key, avcsec_mac_t *mac,
                          unsigned char out[AVCSEC_MAC_BYTES])
{
    avcsec_slice_t pieces[5 + 4 * ARGS_MAX], rest = token->args, name, value;
    const avcsec_slice_t lf = AVCSEC_LITERAL("\n");
    size_t n = 0;

    pieces[n++] = AVCSEC_LITERAL("avcsec-v1\n");
    if (!avcsec_token_scope(token, target->path, &pieces[n++]))
        return false;
    pieces[n++] = lf;
    pieces[n++] = token->signed_text;
    pieces[n++] = lf;
    while (avcsec_slice_cut(&rest, '.', &name)) {
        if (!avcsec_token_argument(target->query, name, &value))
            return false;
        pieces[n++] = name;
        pieces[n++] = AVCSEC_LITERAL("=");
        pieces[n++] = value;
        pieces[n++] = lf;
    }
    return avcsec_mac_compute(mac, key, pieces, n, out);
}

bool avcsec_token_is_right(const avcsec_token_t *token, const avcsec_signed_target_t *target,
                           const avcsec_mac_key_t *key, avcsec_mac_t *mac)
{
    unsigned char right[AVCSEC_MAC_BYTES];
    bool is_right = avcsec_token_compute(token, target, key, mac, right) &&
                    avcsec_mac_equals(right, token->mac, sizeof(right));

    /* The right mac of a forged token is worth as much as a key. */
    avcsec_wipe(right, sizeof(right));
    return is_right;
}

const char *avcsec_token_sign(char text[AVCSEC_TOKEN_MAX], size_t *len,
                              const avcsec_signed_target_t *target, const avcsec_mac_key_t *key,
                              avcsec_mac_t *mac, avcsec_token_t *token)
{
    const size_t mark_len = sizeof(AVCSEC_MAC_MARK) - 1;
    unsigned char right[AVCSEC_MAC_BYTES] = {0};
    size_t signed_len = *len, end = *len + mark_len + AVCSEC_B64URL_CHARS(AVCSEC_MAC_BYTES);
    const char *error;

    if (end > AVCSEC_TOKEN_MAX)
        return "the token would be longer than 1024 characters";
    memcpy(text + signed_len, AVCSEC_MAC_MARK, mark_len);
    avcsec_b64url_encode(right, sizeof(right), text + signed_len + mark_len);
    if ((error = avcsec_token_parse((avcsec_slice_t){text, end}, token)))
        return error;
    if (!avcsec_token_compute(token, target, key, mac, right))
        return token->dir ? "the path has not as many segments as dir, each followed by a slash"
                          : "an argument that is to be signed is not in the query";
    avcsec_b64url_encode(right, sizeof(right), text + signed_len + mark_len);
    *len = end;
    return avcsec_token_parse((avcsec_slice_t){text, end}, token);
}
