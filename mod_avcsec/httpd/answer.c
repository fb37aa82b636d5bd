/* SPDX-License-Identifier: Apache-2.0
 *
 * Headers of answers, judged or refused.
 */
#include "answer.h"

#include "spend.h"
#include "webhook.h"

#include "../core/b64url.h"

#include "apr_date.h"
#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"
#include "http_protocol.h"
#include "http_request.h"
#include "util_filter.h"

APLOG_USE_MODULE(avcsec);

static ap_filter_rec_t *headers_filter;

static bool was_judged(const avcsec_facts_t *facts)
{
    return (facts->asked & ~1u) != 0;
}

static const char *get_header(const request_rec *r, const char *name)
{
    const char *value = apr_table_get(r->headers_out, name);

    return value ? value : apr_table_get(r->err_headers_out, name);
}

/* One value, whichever table it stood in; NULL: none. */
static void set_header(request_rec *r, const char *name, const char *value)
{
    apr_table_unset(r->err_headers_out, name);
    if (value)
        apr_table_setn(r->headers_out, name, value);
    else
        apr_table_unset(r->headers_out, name);
}

/* All values of a header in both tables, joined. */
static const char *joined_header(request_rec *r, const char *name)
{
    const char *plain = apr_table_getm(r->pool, r->headers_out, name);
    const char *always = apr_table_getm(r->pool, r->err_headers_out, name);

    return plain && always ? apr_pstrcat(r->pool, plain, ", ", always, NULL)
           : plain         ? plain
                           : always;
}

static void add_vary(request_rec *r, const char *field)
{
    const char *vary = joined_header(r, "Vary");

    if (!vary || !(ap_find_token(r->pool, vary, field) || ap_find_token(r->pool, vary, "*")))
        set_header(r, "Vary", vary ? apr_pstrcat(r->pool, vary, ", ", field, NULL) : field);
}

/* ---- CORS ---- */

static bool is_listed(const avcsec_origins_t *list, avcsec_slice_t origin)
{
    for (int i = 0; origin.p && i < list->origins->nelts; i++)
        if (avcsec_slice_equals_nocase(origin, APR_ARRAY_IDX(list->origins, i, avcsec_slice_t)))
            return true;
    return false;
}

static const char exposed[] =
    "Accept-Ranges, Content-Disposition, Content-Length, Content-Range, Date, ETag, Link, "
    "Location, "
    "Retry-After, Tus-Extension, Tus-Max-Size, Tus-Resumable, Tus-Version, Upload-Expires, "
    "Upload-Length, Upload-Offset";

static void set_cors(request_rec *r, const avcsec_facts_t *facts)
{
    const avcsec_origins_t *list = avcsec_config_section(r)->origins;
    bool is_one = list && is_listed(list, facts->wire.origin);

    if (!list || !list->origins->nelts)
        return;
    add_vary(r, "Origin");
    set_header(r, "Access-Control-Allow-Origin",
               is_one ? apr_pstrmemdup(r->pool, facts->wire.origin.p, facts->wire.origin.len)
                      : NULL);
    set_header(r, "Access-Control-Allow-Credentials",
               is_one && list->has_credentials ? "true" : NULL);
    if (is_one) {
        const char *own = joined_header(r, "Access-Control-Expose-Headers");

        set_header(r, "Access-Control-Expose-Headers",
                   own ? apr_pstrcat(r->pool, exposed, ", ", own, NULL) : exposed);
    }
}

bool avcsec_answer_wants_preflight(const request_rec *r)
{
    return r->method_number == M_OPTIONS && avcsec_facts_is_root(r) &&
           apr_table_get(r->headers_in, "Access-Control-Request-Method");
}

static bool is_field_list(const char *text)
{
    for (; *text; text++)
        if (!avcsec_is((unsigned char)*text, AVCSEC_WORD) && !strchr(", ", *text))
            return false;
    return true;
}

static void grant_preflight(request_rec *r, const char *methods)
{
    const char *headers = apr_table_get(r->headers_in, "Access-Control-Request-Headers");

    add_vary(r, "Access-Control-Request-Method");
    add_vary(r, "Access-Control-Request-Headers");
    set_header(r, "Access-Control-Allow-Methods", methods);
    if (headers && strlen(headers) <= 1024 && is_field_list(headers))
        set_header(r, "Access-Control-Allow-Headers", headers);
    set_header(r, "Access-Control-Max-Age", "600");
}

int avcsec_answer_options(request_rec *r, const char *methods)
{
    const avcsec_section_t *section = avcsec_config_section(r);
    const avcsec_facts_t *facts = avcsec_facts(r);

    set_header(r, "Allow", methods);
    if (facts && section->origins && is_listed(section->origins, facts->wire.origin) &&
        avcsec_answer_wants_preflight(r))
        grant_preflight(r, methods);
    return HTTP_NO_CONTENT;
}

int avcsec_answer_preflight(request_rec *r)
{
    return avcsec_answer_options(r, avcsec_config_section(r)->files
                                        ? "GET, HEAD, OPTIONS"
                                        : "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
}

/* ---- Caching ---- */

/* Seconds until the token that let this in is over; -1: never. */
static int64_t seconds_left(const avcsec_facts_t *facts)
{
    int64_t end = facts->opened ? facts->opened->token.exp : 0, now = avcsec_facts_now();

    return !end ? -1 : end > now ? end - now : 0;
}

static bool is_directive(avcsec_slice_t directive, const char *name)
{
    avcsec_slice_t rest = directive, word;

    avcsec_slice_cut(&rest, '=', &word);
    return avcsec_slice_equals_nocase(avcsec_slice_trim(word), avcsec_slice_of(name));
}

/* A directive as it may stay; NULL: it goes. */
static const char *kept_directive(request_rec *r, avcsec_slice_t directive, int64_t left)
{
    static const char *const shared[] = {
        "public", "private", "s-maxage", "stale-while-revalidate", "stale-if-error", NULL};
    const char *text = apr_pstrmemdup(r->pool, directive.p, directive.len);

    for (int i = 0; shared[i]; i++)
        if (is_directive(directive, shared[i]))
            return NULL;
    if (is_directive(directive, "max-age") && left >= 0) {
        const char *value = strchr(text, '=');

        value += value != NULL;
        while (value && (*value == '"' || *value == ' '))
            value++;
        if (!value || apr_atoi64(value) > left)
            return apr_psprintf(r->pool, "max-age=%" APR_INT64_T_FMT, (apr_int64_t)left);
    }
    return text;
}

static void shorten_caching(request_rec *r, const avcsec_facts_t *facts)
{
    avcsec_slice_t rest = avcsec_slice_of(joined_header(r, "Cache-Control")), directive;
    const char *value = "private", *expires = get_header(r, "Expires"), *kept;
    int64_t left = seconds_left(facts);

    while (avcsec_slice_cut(&rest, ',', &directive)) {
        directive = avcsec_slice_trim(directive);
        if (directive.len && (kept = kept_directive(r, directive, left)))
            value = apr_pstrcat(r->pool, value, ", ", kept, NULL);
    }
    set_header(r, "Cache-Control", value);
    if (expires && left >= 0) {
        apr_time_t end = apr_time_from_sec(facts->opened->token.exp);
        char *date = apr_palloc(r->pool, APR_RFC822_DATE_LEN);

        if (apr_date_parse_http(expires) > end && apr_rfc822_date(date, end) == APR_SUCCESS)
            set_header(r, "Expires", date);
    }
}

static void set_caching(request_rec *r, const avcsec_facts_t *facts)
{
    static const char *const of_proxies[] = {"Surrogate-Control", "CDN-Cache-Control",
                                             "Cloudflare-CDN-Cache-Control", NULL};
    /* By the gate, or by a `Require avc-token` that nothing else made up for. */
    bool is_refused = facts->refused != AVCSEC_UNDECIDED ||
                      (was_judged(facts) && !facts->opened && ap_is_HTTP_CLIENT_ERROR(r->status));
    bool is_missing = was_judged(facts) && r->status == HTTP_NOT_FOUND;

    if (!is_refused && !facts->is_uncacheable &&
        (!was_judged(facts) || (facts->is_sent_privately && !ap_is_HTTP_ERROR(r->status))))
        return;
    for (int i = 0; of_proxies[i]; i++)
        set_header(r, of_proxies[i], NULL);
    if (is_refused || is_missing || facts->is_uncacheable) {
        set_header(r, "Cache-Control", "no-store");
        set_header(r, "Expires", NULL);
    } else
        shorten_caching(r, facts);
}

static void set_referrer_policy(request_rec *r)
{
    static const char *const strict[] = {"no-referrer", "same-origin", "strict-origin",
                                         "strict-origin-when-cross-origin", NULL};
    avcsec_slice_t rest = avcsec_slice_of(joined_header(r, "Referrer-Policy")), policy = {0};

    /* Of a list, browsers take the last one that they know. */
    while (avcsec_slice_cut(&rest, ',', &policy))
        ;
    policy = avcsec_slice_trim(policy);
    for (int i = 0; strict[i]; i++)
        if (policy.p && avcsec_slice_equals_nocase(policy, avcsec_slice_of(strict[i])))
            return;
    set_header(r, "Referrer-Policy", strict[3]);
}

/* ---- Path tokens in redirects ---- */

/* The path of a redirect to this host, and what stands around it. */
typedef struct {
    avcsec_slice_t before, path, after;
} location_t;

static bool is_same_host(request_rec *r, avcsec_slice_t authority)
{
    avcsec_slice_t rest = authority, host;

    /* "http://this.host:80@another/": a user and a password, and another host. */
    if (authority.len && memchr(authority.p, '@', authority.len))
        return false;
    if (authority.len && authority.p[0] == '[') {
        rest = authority;
        avcsec_slice_cut(&rest, ']', &host);
        return r->hostname && avcsec_slice_equals_nocase((avcsec_slice_t){host.p + 1, host.len - 1},
                                                         avcsec_slice_of(r->hostname));
    }
    avcsec_slice_cut(&rest, ':', &host);
    return r->hostname && avcsec_slice_equals_nocase(host, avcsec_slice_of(r->hostname));
}

static bool split_location(request_rec *r, const char *url, location_t *location)
{
    const char *path = url, *end;

    if (!strncasecmp(url, "http://", 7) || !strncasecmp(url, "https://", 8)) {
        const char *host = strstr(url, "://") + 3;

        path = host + strcspn(host, "/?#");
        if (!is_same_host(r, avcsec_slice_between(host, path)))
            return false;
    }
    if (*path != '/' || (path == url && path[1] == '/'))
        return false;
    end = path + strcspn(path, "?#");
    location->before = avcsec_slice_between(url, path);
    location->path = avcsec_slice_between(path, end);
    location->after = avcsec_slice_of(end);
    return true;
}

static avcsec_slice_t canonical_of(request_rec *r, avcsec_slice_t raw)
{
    char *decoded = apr_palloc(r->pool, raw.len + 1), *canonical;
    avcsec_slice_t none = {0};
    size_t len;

    if (!avcsec_path_resolve(raw, decoded, &len))
        return none;
    canonical = apr_palloc(r->pool, AVCSEC_PATH_CANONICAL_MAX(len));
    return (avcsec_slice_t){canonical,
                            avcsec_path_encode((avcsec_slice_t){decoded, len}, canonical)};
}

static bool stays_in_scope(const avcsec_token_t *token, avcsec_slice_t from, avcsec_slice_t to)
{
    avcsec_slice_t scope, target;

    return token->purpose == AVCSEC_SESSION ||
           (avcsec_token_scope(token, from, &scope) && avcsec_token_scope(token, to, &target) &&
            avcsec_slice_equals(scope, target));
}

/* Puts `segment` behind the first `place` segments of `path`, or as far as it has any. */
static char *insert_segment(apr_pool_t *p, const char *path, avcsec_slice_t segment, size_t place)
{
    const char *at = path + 1, *slash;

    while (place-- && (slash = strchr(at, '/')))
        at = slash + 1;
    return apr_pstrcat(p, apr_pstrmemdup(p, path, (size_t)(at - path)),
                       apr_pstrmemdup(p, segment.p, segment.len), "/", at, NULL);
}

/* The raw path of a redirect with those path tokens of the request that stay in scope. */
static const char *with_path_tokens(request_rec *r, const avcsec_facts_t *facts,
                                    avcsec_slice_t target)
{
    avcsec_slice_t rest = facts->wire.path, segment, canonical = canonical_of(r, target);
    char *path = apr_pstrmemdup(r->pool, target.p, target.len);
    avcsec_token_t token;
    size_t place = 0;

    avcsec_slice_cut(&rest, '/', &segment);
    while (canonical.p && avcsec_slice_cut(&rest, '/', &segment)) {
        char *text = apr_palloc(r->pool, segment.len + 1);
        avcsec_slice_t plain = {text, avcsec_slice_unescape(segment, false, text)};

        if (avcsec_slice_has_prefix(plain, AVCSEC_LITERAL("~avc1~")) &&
            !avcsec_token_parse((avcsec_slice_t){plain.p + 1, plain.len - 1}, &token) &&
            stays_in_scope(&token, facts->reading.canonical, canonical))
            path = insert_segment(r->pool, path, segment, place);
        place++;
    }
    return path;
}

/* Redirects by rewrite rules and aliases come before anything was asked or judged. */
static bool are_path_tokens_right(request_rec *r, const avcsec_facts_t *facts)
{
    const avcsec_judgement_t *idle;

    if (!facts->has_path_tokens || facts->refused != AVCSEC_UNDECIDED)
        return false;
    if (facts->opened)
        return true;
    idle = avcsec_facts_judge(r, AVCSEC_NO_PURPOSE, false);
    return idle->verdict == AVCSEC_ALLOWED || idle->is_idle_session;
}

/* A rule that redirects before anybody is asked has copied the masked query: the browser
 * gets the one that it sent. */
static void restore_query(request_rec *r, const avcsec_facts_t *facts)
{
    const char *url = get_header(r, "Location"), *at;

    if (!url || !facts->masked_query || facts->is_gated || !(at = strstr(url, facts->masked_query)))
        return;
    set_header(r, "Location",
               apr_pstrcat(r->pool, apr_pstrmemdup(r->pool, url, (size_t)(at - url)),
                           facts->wire.query.p, at + strlen(facts->masked_query), NULL));
}

static void restore_path_tokens(request_rec *r, const avcsec_facts_t *facts)
{
    const char *url = get_header(r, "Location");
    location_t location;

    if (!url || !(ap_is_HTTP_REDIRECT(r->status) || r->status == HTTP_CREATED) ||
        strstr(url, "~avc1~") || !split_location(r, url, &location) ||
        !are_path_tokens_right(r, facts))
        return;
    set_header(r, "Location",
               apr_pstrcat(r->pool, apr_pstrmemdup(r->pool, location.before.p, location.before.len),
                           with_path_tokens(r, facts, location.path), location.after.p, NULL));
}

/* ---- The filter ---- */

/* RFC 9110, 15.5.17: how long the file is that has no such range. */
static void set_content_range(request_rec *r)
{
    if (r->status == HTTP_RANGE_NOT_SATISFIABLE && avcsec_facts_is_private_file(r))
        set_header(r, "Content-Range",
                   apr_psprintf(r->pool, "bytes */%" APR_OFF_T_FMT, r->finfo.size));
}

static apr_status_t filter_headers(ap_filter_t *f, apr_bucket_brigade *bb)
{
    request_rec *r = f->r;
    const avcsec_facts_t *facts = avcsec_facts(r);

    if (facts) {
        avcsec_spend_settle(r);
        avcsec_webhook_settle(r);
        set_content_range(r);
        set_cors(r, facts);
        set_caching(r, facts);
        if (was_judged(facts))
            set_referrer_policy(r);
        restore_query(r, facts);
        restore_path_tokens(r, facts);
        /* mod_cache has seen it; httpd itself would add an Expires of now. */
        r->no_cache = 0;
    }
    ap_remove_output_filter(f);
    return ap_pass_brigade(f->next, bb);
}

static void insert_filter(request_rec *r)
{
    const avcsec_facts_t *facts = avcsec_facts(r);

    const avcsec_section_t *section = avcsec_config_section(r);

    if (facts && !r->main &&
        (facts->is_protected || facts->has_path_tokens || facts->masked_query ||
         was_judged(facts) || facts->webhook || section->origins || facts->is_uncacheable ||
         avcsec_switch_is_on(section->token_env)))
        ap_add_output_filter_handle(headers_filter, NULL, r, r->connection);
}

void avcsec_answer_register(apr_pool_t *p)
{
    (void)p;
    /* Behind whatever else sets headers, before they are sent. */
    headers_filter = ap_register_output_filter("AVCSEC_HEADERS", filter_headers, NULL,
                                               (ap_filter_type)(AP_FTYPE_PROTOCOL - 1));
    ap_hook_insert_filter(insert_filter, NULL, NULL, APR_HOOK_LAST);
    ap_hook_insert_error_filter(insert_filter, NULL, NULL, APR_HOOK_LAST);
}

/* ---- The environment of scripts ---- */

int avcsec_answer_environment(request_rec *r)
{
    static const char *const names[] = {"AVC_SUB",
                                        "AVC_ROLE",
                                        "AVC_KID",
                                        "AVC_REASON",
                                        "AVC_TOKEN",
                                        "REDIRECT_AVC_SUB",
                                        "REDIRECT_AVC_ROLE",
                                        "REDIRECT_AVC_KID",
                                        "REDIRECT_AVC_REASON",
                                        "REDIRECT_AVC_TOKEN",
                                        NULL};
    const avcsec_facts_t *facts = avcsec_facts(r);
    const char *reason = facts ? apr_table_get(facts->root->notes, "avc-reason") : NULL;
    const avcsec_token_t *token = facts && facts->opened ? &facts->opened->token : NULL;
    const char *kid = facts ? apr_table_get(facts->root->notes, "avc-kid") : NULL;

    if (avcsec_facts_is_private_file(r)) /* no script sees it */
        return DECLINED;
    for (int i = 0; names[i]; i++)
        apr_table_unset(r->subprocess_env, names[i]);
    if (reason)
        apr_table_setn(r->subprocess_env, "AVC_REASON", reason);
    if (token && token->sub.p) {
        unsigned char *sub = apr_pcalloc(r->pool, AVCSEC_B64URL_BYTES(token->sub.len) + 1);
        size_t len;

        if (avcsec_b64url_decode(token->sub, sub, &len))
            apr_table_setn(r->subprocess_env, "AVC_SUB", (const char *)sub);
    }
    if (token && token->role.p)
        apr_table_setn(r->subprocess_env, "AVC_ROLE",
                       apr_pstrmemdup(r->pool, token->role.p, token->role.len));
    if (token)
        kid = apr_pstrmemdup(r->pool, token->kid.p, token->kid.len);
    if (kid)
        apr_table_setn(r->subprocess_env, "AVC_KID", kid);
    return DECLINED;
}
