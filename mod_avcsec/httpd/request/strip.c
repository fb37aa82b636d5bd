/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens out of what others see.
 */
#include "httpd/request/strip.h"

#include "httpd/request/redact.h"

#include "core/request/carriers.h"
#include "core/text/query.h"
#include "core/text/redact.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"

APLOG_USE_MODULE(avcsec);

static char *copy(apr_pool_t *p, avcsec_slice_t s)
{
    return s.p ? apr_pstrmemdup(p, s.p, s.len) : NULL;
}

/* ---- The request line ---- */

/* Everything of an absolute-form target before its path; "" in origin-form. */
static const char *authority_of(const request_rec *r)
{
    const char *target = r->unparsed_uri, *slashes;
    size_t len = 0;

    if (target[0] != '/' && (slashes = strstr(target, "://"))) {
        len = (size_t)(slashes + 3 - target);
        len += strcspn(target + len, "/?");
    }
    return len ? apr_pstrmemdup(r->pool, target, len) : "";
}

/* Makes r->unparsed_uri and r->the_request say this path (raw) and query. CGI's and
 * FPM's REQUEST_URI is read from the_request, a nocanon proxy's address from the other. */
static void rewrite_line(request_rec *r, const char *authority, const char *path, const char *query)
{
    r->unparsed_uri = apr_pstrcat(r->pool, authority, path, query ? "?" : "", query, NULL);
    r->the_request =
        apr_pstrcat(r->pool, r->method, " ", r->unparsed_uri, r->assbackwards ? "" : " ",
                    r->assbackwards ? "" : r->protocol, NULL);
}

/* It begins with '~', in one spelling or the other. */
static bool may_have_token(avcsec_slice_t path)
{
    return path.len && (memchr(path.p, '~', path.len) || memchr(path.p, '%', path.len));
}

static void cut_path_tokens(request_rec *r, avcsec_facts_t *facts)
{
    avcsec_slice_t raw = facts->wire.path;
    avcsec_path_tokens_t found;
    char *left, *texts;
    size_t len;

    if (!may_have_token(raw))
        return;
    left = apr_palloc(r->pool, raw.len + 2);
    texts = apr_palloc(r->pool, raw.len);
    len = avcsec_path_cut_tokens(raw, left, texts, &found);
    if (!found.count)
        return;
    left[len] = '\0';
    facts->has_path_tokens = true;
    /* One pointer for both, else httpd normalises one and maps the other. */
    r->uri = r->parsed_uri.path = left;
}

/* ---- Query and headers ---- */

static bool has_token_argument(avcsec_slice_t query)
{
    avcsec_argument_t argument;

    while (avcsec_query_next(&query, &argument))
        if (avcsec_query_is_token(argument))
            return true;
    return false;
}

static bool holds(avcsec_slice_t text, avcsec_slice_t mark)
{
    return text.len >= mark.len && memmem(text.p, text.len, mark.p, mark.len);
}

/* Writes `piece` to `out`, without a mac if it holds a token; what else looks like one
 * ("sig=hmac.0123...") belongs to somebody else. Returns its length. */
static size_t put_masked(avcsec_slice_t piece, bool is_token, char *out)
{
    if (is_token || holds(piece, AVCSEC_LITERAL("avc1~")))
        return avcsec_redact(piece, out);
    if (piece.len)
        memcpy(out, piece.p, piece.len);
    return piece.len;
}

/* NULL: there is nothing to mask. */
static char *masked_arguments(apr_pool_t *p, avcsec_slice_t query)
{
    char *out = apr_palloc(p, query.len + 1);
    avcsec_slice_t rest = query, piece, name;
    bool has_token = false;
    size_t len = 0;

    while (avcsec_slice_cut(&rest, '&', &piece)) {
        avcsec_argument_t argument = {.value = piece};
        bool is_token;

        avcsec_slice_cut(&argument.value, '=', &name);
        argument.name = name;
        has_token |= is_token = avcsec_query_is_token(argument);
        len += put_masked(piece, is_token, out + len);
        if (rest.p)
            out[len++] = '&';
    }
    out[len] = '\0';
    return has_token || len != query.len || memcmp(out, query.p, len) ? out : NULL;
}

static void mask_query(request_rec *r, avcsec_facts_t *facts)
{
    char *masked = facts->wire.query.p ? masked_arguments(r->pool, facts->wire.query) : NULL;

    if (masked)
        facts->masked_query = r->args = r->parsed_uri.query = masked;
}

/* The cookies but ours; a whole header's worth is written once. */
static const char *other_cookies(apr_pool_t *p, avcsec_slice_t cookie)
{
    char *out = apr_palloc(p, 2 * cookie.len + 1);
    avcsec_slice_t rest = cookie, pair, name;
    size_t len = 0;

    while (avcsec_slice_cut(&rest, ';', &pair)) {
        avcsec_slice_t value = pair = avcsec_slice_trim(pair);

        avcsec_slice_cut(&value, '=', &name);
        if (avcsec_slice_equals(avcsec_slice_trim(name), AVCSEC_LITERAL("__Host-avc")))
            continue;
        if (len) {
            out[len++] = ';';
            out[len++] = ' ';
        }
        len += put_masked(pair, false, out + len);
    }
    out[len] = '\0';
    return len ? out : NULL;
}

static bool has_bearer(const avcsec_facts_t *facts)
{
    return facts->wire.authorization.p && avcsec_request_bearer(facts->wire.authorization).p;
}

/* A Bearer of ours and the cookie __Host-avc mean this module and nobody behind it. */
static void drop_headers(request_rec *r, const avcsec_facts_t *facts)
{
    const char *kept;

    if (has_bearer(facts))
        apr_table_unset(r->headers_in, "Authorization");
    if (!holds(facts->wire.cookie, AVCSEC_LITERAL("__Host-avc")))
        return;
    if ((kept = other_cookies(r->pool, facts->wire.cookie)))
        apr_table_setn(r->headers_in, "Cookie", kept);
    else
        apr_table_unset(r->headers_in, "Cookie");
}

/* A page below a path token, or opened by a signed link, names itself in the Referer of
 * all that it loads. Nobody behind needs the token there. */
static void clean_referer(request_rec *r, avcsec_facts_t *facts)
{
    avcsec_slice_t query = facts->wire.referer, url, path, left;
    const char *start;
    avcsec_path_tokens_t found;
    char *out, *texts;

    if (!facts->wire.referer.p)
        return;
    avcsec_slice_cut(&query, '?', &url);
    start = strstr(facts->wire.referer.p, "://");
    path =
        start && start < url.p + url.len ? avcsec_slice_between(start + 3, url.p + url.len) : url;
    while (path.len && path.p[0] != '/') {
        path.p++;
        path.len--;
    }
    out = apr_palloc(r->pool, path.len + 2);
    texts = apr_palloc(r->pool, path.len + 1);
    left = (avcsec_slice_t){out, path.len ? avcsec_path_cut_tokens(path, out, texts, &found) : 0};
    if (!(path.len && found.count) && !has_token_argument(query))
        return;
    facts->log_referer = avcsec_redacted(r->pool, facts->wire.referer.p);
    if (query.p) {
        char *kept = apr_palloc(r->pool, query.len + 1);

        query = (avcsec_slice_t){kept, avcsec_query_without_token(query, kept)};
    }
    apr_table_setn(r->headers_in, "Referer",
                   apr_pstrcat(r->pool,
                               copy(r->pool, avcsec_slice_between(facts->wire.referer.p, path.p)),
                               copy(r->pool, left), query.len ? "?" : "",
                               query.len ? copy(r->pool, query) : "", NULL));
}

static bool carries_token(const avcsec_facts_t *facts)
{
    return facts->has_path_tokens || facts->masked_query || has_bearer(facts) ||
           holds(facts->wire.cookie, AVCSEC_LITERAL("__Host-avc"));
}

/* An upgrade to HTTP/2 starts the request anew, from what is left of it here. A server may
 * go on with HTTP/1.1 (RFC 9110, 7.8). */
static void stay_with_http1(request_rec *r)
{
    const char *upgrade = apr_table_get(r->headers_in, "Upgrade");

    if (upgrade && ap_find_token(r->pool, upgrade, "h2c"))
        apr_table_unset(r->headers_in, "Upgrade");
}

void avcsec_strip_early(request_rec *r, avcsec_facts_t *facts)
{
    const char *line = r->the_request;
    bool is_line_kept = r->unparsed_uri[0] == '/';

    cut_path_tokens(r, facts);
    mask_query(r, facts);
    drop_headers(r, facts);
    clean_referer(r, facts);
    if (facts->wire.upgrade.p && carries_token(facts))
        stay_with_http1(r);
    if (!facts->has_path_tokens && !facts->masked_query)
        return;
    rewrite_line(r, authority_of(r), r->uri, r->args);
    is_line_kept &= !facts->has_path_tokens;
    /* Without path tokens, the line that others see is already the one for the log. */
    facts->log_line = avcsec_redacted(r->pool, is_line_kept ? r->the_request : line);
}

void avcsec_strip_headers(request_rec *r)
{
    avcsec_facts_t facts = {.root = r};

    facts.wire.authorization = avcsec_slice_of(apr_table_get(r->headers_in, "Authorization"));
    facts.wire.cookie = avcsec_slice_of(apr_table_get(r->headers_in, "Cookie"));
    facts.wire.referer = avcsec_slice_of(apr_table_get(r->headers_in, "Referer"));
    drop_headers(r, &facts);
    clean_referer(r, &facts);
}

void avcsec_strip_foreign_referer(request_rec *r)
{
    const char *referer = apr_table_get(r->headers_in, "Referer");

    if (referer && strstr(referer, "avc1~"))
        apr_table_setn(r->headers_in, "Referer", avcsec_redacted(r->pool, referer));
}

/* ---- Settled ---- */

static char *replace_first(apr_pool_t *p, const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);

    if (!at)
        return apr_pstrdup(p, text);
    return apr_pstrcat(p, apr_pstrmemdup(p, text, (size_t)(at - text)), to, at + strlen(from),
                       NULL);
}

/* A query as scripts may see it: without the token where one was asked, else as it came.
 * Rewrite rules may have put the client's query into another one. */
static char *settled_query(apr_pool_t *p, const avcsec_facts_t *facts, const char *query)
{
    avcsec_slice_t s;
    char *out;

    if (!query || !facts->masked_query)
        return (char *)query;
    /* Whoever gets it may change it where it stands. */
    if (query != facts->masked_query)
        query = replace_first(p, query, facts->masked_query, facts->wire.query.p);
    else if (avcsec_facts_was_judged(facts))
        query = facts->wire.query.p;
    else
        return apr_pstrdup(p, facts->wire.query.p);
    if (!avcsec_facts_was_judged(facts))
        return (char *)query;
    s = avcsec_slice_of(query);
    out = apr_palloc(p, s.len + 1);
    out[avcsec_query_without_token(s, out)] = '\0';
    return *out || !*query ? out : NULL;
}

/* With nocanon, mod_proxy took the query into the address before anybody was asked. */
static void settle_proxied_address(request_rec *r, const avcsec_facts_t *facts)
{
    char *query;

    if (!r->filename || strncmp(r->filename, "proxy:", 6) || !(query = strchr(r->filename, '?')))
        return;
    query = settled_query(r->pool, facts, query + 1);
    r->filename = apr_pstrmemdup(r->pool, r->filename, strcspn(r->filename, "?"));
    if (query)
        r->filename = apr_pstrcat(r->pool, r->filename, "?", query, NULL);
}

static void settle_line(const avcsec_facts_t *facts)
{
    request_rec *r = facts->root;
    const char *authority = authority_of(r), *path = r->unparsed_uri + strlen(authority);

    rewrite_line(r, authority, apr_pstrmemdup(r->pool, path, strcspn(path, "?")),
                 settled_query(r->pool, facts,
                               facts->masked_query ? facts->masked_query : r->parsed_uri.query));
}

static void settle_step(request_rec *r, const avcsec_facts_t *facts)
{
    if (facts->masked_query) {
        r->args = settled_query(r->pool, facts, r->args);
        settle_proxied_address(r, facts);
    }
    r->the_request = facts->root->the_request;
}

void avcsec_strip_settle(request_rec *r, avcsec_facts_t *facts)
{
    /* A look-up before the client's own request is mapped (mod_rewrite's LA-U) says
     * nothing about that. */
    bool is_early = !facts->is_gated && !avcsec_facts_is_root(r);

    /* Nobody behind reads the line of a private file. */
    if (avcsec_facts_is_private_file(r)) {
        r->args = settled_query(r->pool, facts, r->args);
        return;
    }
    if (!facts->has_path_tokens && !facts->masked_query)
        return;
    if (!is_early)
        settle_line(facts);
    if (!is_early)
        facts->root->parsed_uri.query =
            settled_query(facts->root->pool, facts, facts->root->parsed_uri.query);
    for (request_rec *step = r; step; step = is_early ? NULL : step->main ? step->main : step->prev)
        settle_step(step, facts);
}

void avcsec_strip_secret(request_rec *r, const char *header)
{
    for (request_rec *step = r; step; step = step->main ? step->main : step->prev)
        apr_table_unset(step->headers_in, header ? header : "Authorization");
}
