/* SPDX-License-Identifier: Apache-2.0
 *
 * Issuing session tokens: who asks, what the token says, and how the answer looks. One
 * token for each request of a client, however many steps httpd makes of it.
 */
#include "session.h"

#include "answer.h"
#include "facts.h"
#include "handlers.h"
#include "jwt.h"
#include "keys.h"
#include "log.h"
#include "rate.h"

#include "../core/b64url.h"
#include "../core/grant.h"

#include "ap_expr.h"
#include "apr_general.h"
#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"
#include "http_protocol.h"
#include "http_request.h"
#include "util_filter.h"

APLOG_USE_MODULE(avcsec);

static const char for_pages[] = "avcsec-token", for_avchat[] = "avcsec-token-request",
                  variable[] = "AVC_TOKEN", methods[] = "POST, OPTIONS";

typedef struct avcsec_issued_t {
    avcsec_grant_t grant;
    const avcsec_token_format_t *format; /* this and `claims` are of the section that made it */
    const apr_array_header_t *claims;
    const char *token;
    int64_t exp;
} avcsec_issued_t;

/* Why there is none. */
typedef struct {
    avcsec_verdict_t verdict;
    const char *detail; /* NULL: the verdict's own sentence */
    int64_t wait;       /* of AVCSEC_RATE: seconds */
} obstacle_t;

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

static const char *read_grant(request_rec *r, const avcsec_section_t *section,
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

static bool is_within_rate(request_rec *r, const avcsec_token_rate_t *rate, obstacle_t *why)
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
                                         const avcsec_grant_t *grant, obstacle_t *why)
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

/* It is what this section would issue now. */
static bool is_of(const avcsec_issued_t *issued, const avcsec_section_t *section,
                  const avcsec_grant_t *grant)
{
    return issued && issued->format == section->token_format &&
           are_same_claims(issued->claims, section->token_claim) &&
           avcsec_grant_equals(&issued->grant, grant);
}

/* The token that this request got already, if it is still right; else a new one. */
static const avcsec_issued_t *issue(request_rec *r, obstacle_t *why)
{
    const avcsec_section_t *section = avcsec_config_section(r);
    avcsec_facts_t *facts = avcsec_facts(r);
    avcsec_grant_t grant;

    *why = (obstacle_t){AVCSEC_NOT_ISSUED, NULL, 0};
    if (!facts || (why->detail = read_grant(r, section, &grant)))
        return NULL;
    if (is_of(facts->issued, section, &grant))
        return facts->issued;
    facts->issued = make_token(r, facts, section, &grant, why);
    return facts->issued;
}

static int refuse(request_rec *r, const obstacle_t *why)
{
    if (why->verdict == AVCSEC_RATE)
        apr_table_setn(r->err_headers_out, "Retry-After",
                       apr_psprintf(r->pool, "%" APR_INT64_T_FMT, (apr_int64_t)why->wait));
    return avcsec_log_refusal(r, why->verdict, why->detail, false);
}

/* ---- Who asks ---- */

static bool is_from_page(const request_rec *r, const avcsec_request_t *wire)
{
    const avcsec_origins_t *list = avcsec_config_section(r)->origins;

    return avcsec_request_is_from_page(wire,
                                       list ? (const avcsec_slice_t *)list->origins->elts : NULL,
                                       list ? (size_t)list->origins->nelts : 0);
}

/* Flash's own player sends no Origin; some of them a Referer, some nothing at all. */
static bool is_from_swf(const request_rec *r, const avcsec_request_t *wire)
{
    avcsec_request_t swf = *wire;
    const char *host;

    if (wire->origin.p || wire->sec_fetch_site.p)
        return is_from_page(r, wire);
    if (!wire->referer.p)
        return true;
    if (!(host = strstr(wire->referer.p, "://")))
        return false;
    host += 3;
    swf.origin = avcsec_slice_between(wire->referer.p, host + strcspn(host, "/?#"));
    return is_from_page(r, &swf);
}

/* A form with one field `username`; what it says is the client's own invention. */
static bool is_avchat_form(request_rec *r)
{
    enum { most_fields = 16, most_bytes = 8192 };
    apr_array_header_t *pairs = NULL;
    int count = 0;

    if (ap_parse_form_data(r, NULL, &pairs, most_fields, most_bytes) != OK || !pairs)
        return false;
    for (int i = 0; i < pairs->nelts; i++)
        count += !strcmp(APR_ARRAY_IDX(pairs, i, ap_form_pair_t).name, "username");
    return count == 1;
}

/* ---- The two handlers ---- */

static int write_answer(request_rec *r, const char *type, const char *text)
{
    ap_set_content_type(r, type);
    ap_set_content_length(r, (apr_off_t)strlen(text));
    apr_table_setn(r->headers_out, "Cache-Control", "no-store");
    apr_table_setn(r->headers_out, "X-Content-Type-Options", "nosniff");
    ap_rputs(text, r);
    return OK;
}

static int answer_page(request_rec *r, const avcsec_facts_t *facts)
{
    const avcsec_issued_t *issued;
    obstacle_t why = {AVCSEC_ORIGIN,
                      "tokens are for pages of this host, and of those that AvcOrigins lists; the "
                      "browser names another, or none (Origin, Sec-Fetch-Site)",
                      0};
    int status;

    if (!is_from_page(r, &facts->wire))
        return refuse(r, &why);
    if ((status = ap_discard_request_body(r)) != OK)
        return status;
    if (!(issued = issue(r, &why)))
        return refuse(r, &why);
    return write_answer(r, "application/json",
                        apr_psprintf(r->pool, "{\"token\":\"%s\",\"expires\":%" APR_INT64_T_FMT "}",
                                     issued->token, (apr_int64_t)issued->exp));
}

/* AVChat's SWF reads no answer but 200 (its player gives it none). */
static int answer_avchat(request_rec *r, const avcsec_facts_t *facts)
{
    const avcsec_issued_t *issued = NULL;
    obstacle_t why = {AVCSEC_FORM, "AVChat's SWF posts a form with a field username", 0};

    if (!is_from_swf(r, &facts->wire))
        why = (obstacle_t){AVCSEC_ORIGIN,
                           "the SWF runs in a page of another host; name it in AvcOrigins if it "
                           "is yours",
                           0};
    else if (is_avchat_form(r))
        issued = issue(r, &why);
    if (!issued)
        refuse(r, &why);
    return write_answer(
        r, "text/plain",
        issued ? apr_pstrcat(r->pool, "token=", issued->token, "&writesuccess=true", NULL)
               : "writesuccess=false");
}

static bool is_one_of_ours(const char *handler)
{
    return handler && (!strcmp(handler, for_pages) || !strcmp(handler, for_avchat));
}

static int refuse_method(request_rec *r)
{
    ap_allow_methods(r, REPLACE_ALLOW, "POST", "OPTIONS", NULL);
    avcsec_log_refusal(r, AVCSEC_METHOD, "tokens are asked for by POST", false);
    return HTTP_METHOD_NOT_ALLOWED;
}

int avcsec_session_answer(request_rec *r)
{
    avcsec_facts_t *facts = avcsec_facts(r);
    const obstacle_t not_set = {
        AVCSEC_NOT_ISSUED,
        "only SetHandler in the server's configuration makes a place that issues tokens, not an "
        ".htaccess, AddHandler or a rewrite",
        0};

    if (!is_one_of_ours(r->handler) || !facts)
        return DECLINED;
    facts->is_protected = facts->is_uncacheable = true;
    r->no_cache = 1;
    if (!avcsec_handlers_is_set(r, r->handler))
        return refuse(r, &not_set);
    if (r->method_number == M_OPTIONS)
        return avcsec_answer_options(r, methods);
    if (r->main || r->method_number != M_POST)
        return refuse_method(r);
    return strcmp(r->handler, for_pages) ? answer_avchat(r, facts) : answer_page(r, facts);
}

int avcsec_session_preflight(request_rec *r)
{
    avcsec_facts_t *facts = avcsec_facts(r);

    if (!facts || !avcsec_answer_wants_preflight(r) ||
        (!avcsec_handlers_is_set(r, for_pages) && !avcsec_handlers_is_set(r, for_avchat)))
        return DECLINED;
    facts->is_protected = true;
    return avcsec_answer_options(r, methods);
}

/* ---- The environment of pages ---- */

/* mod_actions runs an interpreter for the page: its path info is the page's address. */
static request_rec *page_of(request_rec *r)
{
    while (r->prev && r->path_info && !strcmp(r->path_info, r->prev->uri))
        r = r->prev;
    return r;
}

static bool has_includes(const request_rec *r)
{
    for (const ap_filter_t *f = r->output_filters; f; f = f->next)
        if (!strcasecmp(f->frec->name, "includes"))
            return true;
    return false;
}

/* "proxy:unix:/run/php.sock|fcgi://host": not of a proxy that has no environment. */
static bool is_proxied_script(const char *address)
{
    const char *scheme = strchr(address, '|');

    scheme = scheme ? scheme + 1 : address;
    return strncmp(scheme, "http", 4) && strncmp(scheme, "ws", 2) && strncmp(scheme, "h2", 2);
}

/* Something runs that reads the environment. Files that are sent as they are stay
 * cacheable; their handler is their type. */
static bool is_made(const request_rec *r)
{
    const char *handler = r->handler ? r->handler : AP_DEFAULT_HANDLER_NAME;

    if (has_includes(r))
        return true;
    if (r->filename && !strncmp(r->filename, "proxy:", 6))
        return is_proxied_script(r->filename + 6);
    if (!strncmp(handler, "proxy:", 6))
        return is_proxied_script(handler + 6);
    return strchr(handler, '/') ? !strncmp(handler, "application/x-httpd-", 20)
                                : strcmp(handler, AP_DEFAULT_HANDLER_NAME) != 0;
}

/* An ErrorDocument: httpd skips its login where the page that was refused has the same
 * settings, and whoever was refused gets no token. */
static bool is_error_page(const request_rec *r)
{
    for (; r; r = r->main ? r->main : r->prev)
        if (r->prev && ap_is_HTTP_ERROR(r->prev->status))
            return true;
    return false;
}

/* A page that the browser has already holds an older token. */
static void forget_conditions(request_rec *r)
{
    apr_table_unset(r->headers_in, "If-Modified-Since");
    apr_table_unset(r->headers_in, "If-None-Match");
}

/* The page is made without one; its script sees why. */
static void give_none(request_rec *r, avcsec_facts_t *facts, const obstacle_t *why)
{
    avcsec_verdict_t refused = facts->refused;

    avcsec_log_refusal(r, why->verdict, why->detail, false);
    facts->refused = refused;
    apr_table_setn(r->subprocess_env, "AVC_REASON", avcsec_verdict_word(why->verdict));
}

/* What a page includes gets the page's token where the same is granted, and none else. */
static const avcsec_issued_t *inherited(request_rec *r, const avcsec_facts_t *facts)
{
    const avcsec_section_t *section = avcsec_config_section(r);
    avcsec_grant_t grant;

    return facts->issued && !read_grant(r, section, &grant) && is_of(facts->issued, section, &grant)
               ? facts->issued
               : NULL;
}

int avcsec_session_environment(request_rec *r)
{
    avcsec_facts_t *facts = avcsec_facts(r);
    request_rec *page = page_of(r);
    const avcsec_issued_t *issued;
    obstacle_t why;

    if (!facts || !avcsec_switch_is_on(avcsec_config_section(page)->token_env) || !is_made(r) ||
        is_error_page(r))
        return DECLINED;
    if (r->main) {
        issued = inherited(page, facts);
    } else {
        facts->is_uncacheable = true;
        r->no_cache = 1;
        forget_conditions(r);
        if (!(issued = issue(page, &why)))
            give_none(r, facts, &why);
    }
    if (issued)
        apr_table_setn(r->subprocess_env, variable, issued->token);
    return DECLINED;
}

int avcsec_session_forget(request_rec *r)
{
    for (; r; r = r->next)
        apr_table_unset(r->subprocess_env, variable);
    return DECLINED;
}
