/* SPDX-License-Identifier: Apache-2.0
 *
 * The JWK set. Its values are base64url and key ids: nothing in it needs escaping.
 */
#include "httpd/session/jwks.h"

#include "httpd/config/handlers.h"
#include "httpd/request/facts.h"
#include "httpd/state/keys.h"

#include "core/session/jwt.h"
#include "core/text/b64url.h"

#include "apr_strings.h"
#include "http_log.h"
#include "http_protocol.h"
#include "http_request.h"

APLOG_USE_MODULE(avcsec);

static const char handler[] = "avcsec-jwks";

static const char *encode(apr_pool_t *p, const unsigned char bytes[AVCSEC_PAIR_BYTES])
{
    char *text = apr_palloc(p, AVCSEC_B64URL_CHARS(AVCSEC_PAIR_BYTES) + 1);

    text[avcsec_b64url_encode(bytes, AVCSEC_PAIR_BYTES, text)] = '\0';
    return text;
}

/* RFC 8037, 2; RFC 7518, 6.2.1. */
static const char *jwk_of(apr_pool_t *p, const avcsec_key_t *key)
{
    bool is_p256 = key->signing.algorithm == AVCSEC_ALGORITHM_ES256;

    return apr_pstrcat(p,
                       is_p256 ? "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\""
                               : "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"",
                       encode(p, key->signing.x), is_p256 ? "\",\"y\":\"" : "",
                       is_p256 ? encode(p, key->signing.y) : "", "\",\"kid\":\"", key->kid,
                       "\",\"use\":\"sig\",\"alg\":\"",
                       avcsec_algorithm_word(key->signing.algorithm).p, "\"}", NULL);
}

static const char *make_set(const request_rec *r)
{
    int64_t now = avcsec_facts_now();
    const char *keys = "";
    avcsec_key_t key;

    for (size_t i = 0; avcsec_keys_at(r->server, i, &key); i++)
        if (avcsec_key_is_public(&key, now))
            keys = apr_pstrcat(r->pool, keys, *keys ? "," : "", jwk_of(r->pool, &key), NULL);
    avcsec_wipe(&key, sizeof(key));
    return apr_pstrcat(r->pool, "{\"keys\":[", keys, "]}\n", NULL);
}

int avcsec_jwks_answer(request_rec *r)
{
    if (!avcsec_handlers_may_be_ours(r->handler) || strcmp(r->handler, handler) ||
        !avcsec_handlers_is_set(r, handler))
        return DECLINED;
    ap_allow_methods(r, REPLACE_ALLOW, "GET", "HEAD", "OPTIONS", NULL);
    if (r->method_number == M_OPTIONS)
        return DECLINED;
    if (r->method_number != M_GET)
        return HTTP_METHOD_NOT_ALLOWED;
    ap_set_content_type(r, "application/jwk-set+json");
    /* Short enough that a key that is added can sign soon. */
    apr_table_setn(r->headers_out, "Cache-Control", "public, max-age=300");
    apr_table_setn(r->headers_out, "X-Content-Type-Options", "nosniff");
    ap_rputs(make_set(r), r);
    return OK;
}
