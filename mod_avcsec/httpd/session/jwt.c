/* SPDX-License-Identifier: Apache-2.0
 *
 * Issuing JWTs, and judging those in no media server's form.
 */
#include "httpd/session/jwt.h"

#include "httpd/request/facts.h"
#include "httpd/session/jose.h"
#include "httpd/session/jwt_claims.h"
#include "httpd/state/keys.h"

#include "core/session/jwt.h"
#include "core/text/b64url.h"

#include "apr_general.h"
#include "apr_strings.h"
#include "http_log.h"

#include <stdlib.h>

APLOG_USE_MODULE(avcsec);

bool avcsec_jwt_is_wanted(const avcsec_section_t *section)
{
    return section->token_format && section->token_format->is_jwt;
}

bool avcsec_jwt_is_meant(const avcsec_section_t *section, const avcsec_wish_t *wish)
{
    return avcsec_jwt_is_wanted(section) && !section->token_format->form && wish->token.p &&
           !avcsec_slice_has_prefix(wish->token, AVCSEC_LITERAL("avc1~"));
}

#ifdef AVCSEC_HAVE_JANSSON

static const char own_type[] = "avcsec+jwt"; /* typ of tokens in no other server's form */

/* ---- The compact form ---- */

/* Appends base64url of `text`. */
static char *encode(char *end, const char *text)
{
    return end + avcsec_b64url_encode((const unsigned char *)text, strlen(text), end);
}

/* typ says what it is to us; the media servers of ready forms know "JWT" only. */
static const char *header_of(apr_pool_t *p, const avcsec_key_t *key, const avcsec_jwt_form_t *form)
{
    return apr_psprintf(p, "{\"alg\":\"%s\",\"kid\":\"%s\",\"typ\":\"%s\"}",
                        avcsec_algorithm_word(key->signing.algorithm).p, key->kid,
                        *form->name ? "JWT" : own_type);
}

static const char *sign(apr_pool_t *pool, const avcsec_key_t *key, const char *header,
                        const char *claims, const char **token)
{
    size_t room = AVCSEC_B64URL_CHARS(strlen(header)) + AVCSEC_B64URL_CHARS(strlen(claims)) +
                  AVCSEC_B64URL_CHARS(AVCSEC_SIGNATURE_BYTES) + 3,
           len;
    unsigned char signature[AVCSEC_SIGNATURE_BYTES];
    char *text, *end;

    if (room > AVCSEC_JWT_MAX)
        return "the token would be longer than 4096 characters";
    end = text = apr_palloc(pool, room);
    end = encode(end, header);
    *end++ = '.';
    end = encode(end, claims);
    if (!avcsec_signing_key_sign(&key->signing, avcsec_slice_between(text, end), signature, &len))
        return "OpenSSL failed";
    *end++ = '.';
    end += avcsec_b64url_encode(signature, len, end);
    *end = '\0';
    *token = text;
    return NULL;
}

static const char *write_token(request_rec *r, const avcsec_jwt_writer_t *w,
                               const avcsec_jwt_form_t *form, const avcsec_key_t *key, int64_t now,
                               apr_pool_t *pool, const char **token)
{
    const char *error = avcsec_jwt_say_claims(r, w, form, now);
    char *text;

    if (error)
        return error;
    if (!(text = json_dumps(w->claims, JSON_COMPACT)))
        return "out of memory";
    error = sign(pool, key, header_of(r->pool, key, form), text, token);
    free(text);
    return error;
}

static const char *issue_with(request_rec *r, const avcsec_grant_t *grant,
                              const avcsec_jwt_form_t *form, const avcsec_key_t *key, int64_t now,
                              apr_pool_t *pool, const char **token)
{
    unsigned char bytes[16];
    char id[AVCSEC_B64URL_CHARS(sizeof(bytes)) + 1];
    avcsec_jwt_writer_t w = {json_object(),
                             grant,
                             key->kid,
                             id,
                             avcsec_grant_allows(grant, AVCSEC_LITERAL("play")),
                             avcsec_grant_allows(grant, AVCSEC_LITERAL("publish"))};
    const char *error = "no randomness";

    if (!apr_generate_random_bytes(bytes, sizeof(bytes))) {
        id[avcsec_b64url_encode(bytes, sizeof(bytes), id)] = '\0';
        error = write_token(r, &w, form, key, now, pool, token);
    }
    json_decref(w.claims);
    return error;
}

const char *avcsec_jwt_issue(request_rec *r, const avcsec_grant_t *grant, int64_t now,
                             apr_pool_t *pool, const char **token)
{
    const avcsec_token_format_t *format = avcsec_config_section(r)->token_format;
    const avcsec_jwt_form_t *form = format->form ? format->form : &avcsec_jwt_plain;
    const char *error;
    avcsec_key_t key;

    if ((error =
             avcsec_keys_jwt_signer(r->server, format->algorithm, now, now + grant->life, &key)))
        return error;
    if (form->needs_pair && key.signing.algorithm == AVCSEC_ALGORITHM_HS256)
        error = "no ed25519 or es256 key of AvcKeyFile may sign now, and this media server takes "
                "public keys only";
    else
        error = issue_with(r, grant, form, &key, now, pool, token);
    if (!error)
        avcsec_keys_used(r->server, avcsec_slice_of(key.kid), now);
    avcsec_wipe(&key, sizeof(key));
    return error;
}

/* ---- Judging ---- */

static apr_status_t close_jose(void *jose)
{
    avcsec_jose_close(jose);
    return APR_SUCCESS;
}

/* Whom this section would name as issuer, and for whom: the first of several. */
static const char *read_parties(request_rec *r, avcsec_jwt_policy_t *policy)
{
    const avcsec_grant_t nothing = {.life = 0};
    avcsec_jwt_writer_t w = {json_object(), &nothing, "", "", false, false};
    const char *error;
    json_t *aud;

    avcsec_jwt_say_issuer(r, &w, &avcsec_jwt_plain);
    if (!(error = avcsec_jwt_say_configured(r, &w, avcsec_config_section(r)->token_claim)) &&
        !(error = avcsec_jwt_check_parties(&w))) {
        aud = json_object_get(w.claims, "aud");
        aud = json_is_array(aud) ? json_array_get(aud, 0) : aud;
        policy->audience = avcsec_slice_of(apr_pstrdup(r->pool, json_string_value(aud)));
        policy->issuer = avcsec_slice_of(
            apr_pstrdup(r->pool, json_string_value(json_object_get(w.claims, "iss"))));
    }
    json_decref(w.claims);
    return error;
}

/* The signature, by the key that the header names; that key says which algorithm. */
static avcsec_verdict_t check_signature(request_rec *r, const avcsec_jose_t *jose, int64_t now,
                                        avcsec_token_t *token)
{
    avcsec_keys_t keys = avcsec_keys_of(r->server);
    avcsec_slice_t kid = avcsec_jwt_kid(&jose->header);
    avcsec_verdict_t verdict = AVCSEC_UNKNOWN_KEY;
    avcsec_key_t key;

    if (kid.p && keys.find(keys.baton, kid, &key) && avcsec_key_verifies_jwt(&key, now))
        verdict = avcsec_jose_check(jose, &key.signing);
    if (verdict == AVCSEC_ALLOWED) {
        token->kid = kid;
        memcpy(token->key_print, key.print, sizeof(token->key_print));
    }
    avcsec_wipe(&key, sizeof(key));
    return verdict;
}

static avcsec_verdict_t check_claims(request_rec *r, avcsec_jose_t *jose,
                                     const avcsec_policy_t *asked, int64_t now,
                                     avcsec_token_t *token, const char **detail)
{
    avcsec_jwt_policy_t policy = {
        avcsec_slice_of(own_type), {NULL, 0}, {NULL, 0}, asked->clock_skew};
    const avcsec_token_t by_key = *token;
    avcsec_jwt_claims_t judged;
    avcsec_verdict_t verdict;

    if (!avcsec_jose_open_claims(jose))
        return AVCSEC_MALFORMED;
    if ((*detail = read_parties(r, &policy)))
        return AVCSEC_PURPOSE;
    verdict = avcsec_jwt_check_claims(&jose->header, &jose->claims, &policy, now, &judged);
    if (verdict != AVCSEC_ALLOWED)
        return verdict;
    if (!avcsec_jwt_to_session(&jose->claims, &judged, apr_palloc(r->pool, AVCSEC_JWT_ROOM), token))
        return AVCSEC_MALFORMED;
    token->kid = by_key.kid;
    memcpy(token->key_print, by_key.key_print, sizeof(token->key_print));
    return asked->check_revoked ? asked->check_revoked(asked->revoked_baton, token, now)
                                : AVCSEC_ALLOWED;
}

void avcsec_jwt_judge(request_rec *r, const avcsec_wish_t *wish, const avcsec_policy_t *policy,
                      int64_t now, avcsec_judgement_t *judgement)
{
    avcsec_jose_t *jose = apr_palloc(r->pool, sizeof(*jose));
    avcsec_token_t *token = &judgement->token;

    judgement->verdict = AVCSEC_MALFORMED;
    if (r->method_number != M_POST) {
        judgement->detail = "a JWT in a query is one in every log on the way: ask by POST";
        return;
    }
    if (!avcsec_jose_open(wish->token, jose))
        return;
    /* What is judged points into it. */
    apr_pool_cleanup_register(r->pool, jose, close_jose, apr_pool_cleanup_null);
    judgement->verdict = check_signature(r, jose, now, token);
    if (judgement->verdict != AVCSEC_ALLOWED)
        return;
    judgement->has_token = true;
    token->purpose = AVCSEC_SESSION;
    judgement->verdict = check_claims(r, jose, policy, now, token, &judgement->detail);
    if (judgement->verdict == AVCSEC_ALLOWED)
        judgement->verdict = avcsec_admission_allows(token, wish);
}

#else /* AvcTokenFormat jwt is refused when the configuration is read */

const char *avcsec_jwt_issue(request_rec *r, const avcsec_grant_t *grant, int64_t now,
                             apr_pool_t *pool, const char **token)
{
    (void)r, (void)grant, (void)now, (void)pool, (void)token;
    return "this module was built without jansson";
}

void avcsec_jwt_judge(request_rec *r, const avcsec_wish_t *wish, const avcsec_policy_t *policy,
                      int64_t now, avcsec_judgement_t *judgement)
{
    (void)r, (void)wish, (void)policy, (void)now;
    judgement->verdict = AVCSEC_MALFORMED;
}

#endif
