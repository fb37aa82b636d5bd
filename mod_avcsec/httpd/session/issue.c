/* SPDX-License-Identifier: Apache-2.0
 *
 * Issuing session tokens: what they say, and making one.
 */
#include "httpd/session/issue.h"

#include "httpd/request/log.h"
#include "httpd/session/jwt.h"
#include "httpd/state/keys.h"
#include "httpd/state/rate.h"

#include "core/text/b64url.h"
#include "core/token/signed_text.h"

#include "ap_expr.h"
#include "apr_general.h"
#include "apr_strings.h"
#include "http_log.h"

APLOG_USE_MODULE(avcsec);

/* ---- What a token says ---- */

/* A value from a string of the request; what is wrong with it, for the log. The value itself
 * may be anybody's secret. */
static const char *read_value(request_rec *r, const char *directive,
                              const avcsec_expression_t *expression, avcsec_grant_value_t which,
                              avcsec_slice_t *value)
{
    const char *error = NULL, *text;

    if (!expression || !expression->parsed)
        return NULL;
    text = ap_expr_str_exec(r, expression->parsed, &error);
    if (error || !text)
        return apr_psprintf(r->pool, "%s (%s line %d) cannot be evaluated", directive,
                            expression->place.file, expression->place.line);
    *value = avcsec_slice_of(text);
    if ((error = avcsec_grant_check(which, *value)))
        return apr_psprintf(r->pool, "%s (%s line %d) %s", directive, expression->place.file,
                            expression->place.line, error);
    return NULL;
}

const char *avcsec_issue_read_grant(request_rec *r, const avcsec_section_t *section,
                                    avcsec_grant_t *grant)
{
    const struct {
        const char *directive;
        const avcsec_expression_t *expression;
        avcsec_grant_value_t which;
    } values[] = {
        {"AvcTokenSubject", section->token_subject, AVCSEC_GRANT_SUB},
        {"AvcTokenRole", section->token_role, AVCSEC_GRANT_ROLE},
        {"AvcTokenApp", section->token_app, AVCSEC_GRANT_APP},
        {"AvcTokenAct", section->token_act, AVCSEC_GRANT_ACT},
        {"AvcTokenRoom", section->token_room, AVCSEC_GRANT_ROOM},
    };
    const char *error = NULL;

    memset(grant, 0, sizeof(*grant));
    grant->life = section->token_life == AVCSEC_UNSET ? 60 : section->token_life;
    grant->max = section->token_uses == AVCSEC_UNSET ? 1 : section->token_uses;
    grant->has_client = section->token_address == 1;
    if (grant->has_client)
        grant->client = avcsec_facts_client(r);
    for (size_t i = 0; !error && i < sizeof(values) / sizeof(values[0]); i++)
        error = read_value(r, values[i].directive, values[i].expression, values[i].which,
                           &grant->values[values[i].which]);
    return error;
}

/* ---- Making one ---- */

/* 128 random bits: unique, and nobody guesses one. */
static bool make_id(char id[AVCSEC_B64URL_CHARS(16)])
{
    unsigned char bytes[16];

    if (apr_generate_random_bytes(bytes, sizeof(bytes)))
        return false;
    avcsec_b64url_encode(bytes, sizeof(bytes), id);
    return true;
}

static const char *sign(apr_pool_t *p, const avcsec_grant_t *grant, const avcsec_key_t *key,
                        int64_t now, const char **out)
{
    const avcsec_signed_target_t anywhere = {{0}, {0}};
    char text[AVCSEC_TOKEN_MAX], id[AVCSEC_B64URL_CHARS(16)];
    avcsec_mac_t *mac = avcsec_keys_mac();
    avcsec_token_t token;
    const char *error;
    size_t len;

    if (!mac || !make_id(id))
        return "no randomness, or OpenSSL failed";
    if (!(error = avcsec_grant_write(grant, avcsec_slice_of(key->kid),
                                     (avcsec_slice_t){id, sizeof(id)}, now, text, &len)) &&
        !(error = avcsec_token_sign(text, &len, &anywhere, &key->u.derived[AVCSEC_SESSION], mac,
                                    &token)))
        *out = apr_pstrmemdup(p, text, len);
    return error;
}

static bool is_within_rate(request_rec *r, const avcsec_token_rate_t *rate, avcsec_obstacle_t *why)
{
    avcsec_address_t client = avcsec_facts_client(r);

    if (!rate || !rate->is_on)
        return true;
    why->verdict = AVCSEC_RATE;
    return avcsec_rate_take(r->server, rate, &client, &why->wait);
}

/* An avc token. NULL, or why there is none. */
static const char *make_avc(request_rec *r, apr_pool_t *pool, const avcsec_grant_t *grant,
                            int64_t now, const char **token)
{
    avcsec_key_t key;
    const char *error = avcsec_keys_signer(r->server, AVCSEC_SESSION, now, now + grant->life, &key);

    if (!error && !(error = sign(pool, grant, &key, now, token)))
        avcsec_keys_used(r->server, avcsec_slice_of(key.kid), now);
    avcsec_wipe(&key, sizeof(key));
    return error;
}

static const avcsec_issued_t *make_token(request_rec *r, avcsec_facts_t *facts,
                                         const avcsec_section_t *section,
                                         const avcsec_grant_t *grant, avcsec_obstacle_t *why)
{
    apr_pool_t *pool = facts->root->pool;
    avcsec_issued_t *issued = apr_pcalloc(pool, sizeof(*issued));
    int64_t now = avcsec_facts_now();

    issued->exp = now + grant->life;
    issued->format = section->token_format;
    issued->claims = section->token_claim;
    issued->grant = *grant;
    for (int i = 0; i < AVCSEC_GRANT_VALUES; i++)
        if (grant->values[i].p)
            issued->grant.values[i].p =
                apr_pstrmemdup(pool, grant->values[i].p, grant->values[i].len);
    if (!is_within_rate(r, section->token_rate, why))
        return NULL;
    why->detail = avcsec_jwt_is_wanted(section)
                      ? avcsec_jwt_issue(r, grant, now, pool, &issued->token)
                      : make_avc(r, pool, grant, now, &issued->token);
    return why->detail ? NULL : issued;
}

/* Merging makes new lists of the same claims. */
static bool are_same_claims(const apr_array_header_t *a, const apr_array_header_t *b)
{
    if (!a || !b || a->nelts != b->nelts)
        return !a && !b;
    for (int i = 0; i < a->nelts; i++)
        if (APR_ARRAY_IDX(a, i, avcsec_token_claim_t).value !=
            APR_ARRAY_IDX(b, i, avcsec_token_claim_t).value)
            return false;
    return true;
}

bool avcsec_issue_is_of(const avcsec_issued_t *issued, const avcsec_section_t *section,
                        const avcsec_grant_t *grant)
{
    return issued && issued->format == section->token_format &&
           are_same_claims(issued->claims, section->token_claim) &&
           avcsec_grant_equals(&issued->grant, grant);
}

const avcsec_issued_t *avcsec_issue(request_rec *r, avcsec_obstacle_t *why)
{
    const avcsec_section_t *section = avcsec_config_section(r);
    avcsec_facts_t *facts = avcsec_facts(r);
    avcsec_grant_t grant;

    *why = (avcsec_obstacle_t){AVCSEC_NOT_ISSUED, NULL, 0};
    if (!facts || (why->detail = avcsec_issue_read_grant(r, section, &grant)))
        return NULL;
    if (avcsec_issue_is_of(facts->issued, section, &grant))
        return facts->issued;
    facts->issued = make_token(r, facts, section, &grant, why);
    return facts->issued;
}

int avcsec_issue_refuse(request_rec *r, const avcsec_obstacle_t *why)
{
    if (why->verdict == AVCSEC_RATE)
        apr_table_setn(r->err_headers_out, "Retry-After",
                       apr_psprintf(r->pool, "%" APR_INT64_T_FMT, (apr_int64_t)why->wait));
    return avcsec_log_refusal(r, why->verdict, why->detail, false);
}
