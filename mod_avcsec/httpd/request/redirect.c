/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens in redirects.
 */
#include "httpd/request/redirect.h"

#include "httpd/request/headers.h"

#include "apr_strings.h"
#include "http_protocol.h"
#include "httpd.h"

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
void avcsec_redirect_restore_query(request_rec *r, const avcsec_facts_t *facts)
{
    const char *url = avcsec_header_get(r, "Location"), *at;

    if (!url || !facts->masked_query || facts->is_gated || !(at = strstr(url, facts->masked_query)))
        return;
    avcsec_header_set(r, "Location",
                      apr_pstrcat(r->pool, apr_pstrmemdup(r->pool, url, (size_t)(at - url)),
                                  facts->wire.query.p, at + strlen(facts->masked_query), NULL));
}

void avcsec_redirect_restore_path_tokens(request_rec *r, const avcsec_facts_t *facts)
{
    const char *url = avcsec_header_get(r, "Location");
    location_t location;

    if (!url || !(ap_is_HTTP_REDIRECT(r->status) || r->status == HTTP_CREATED) ||
        strstr(url, "~avc1~") || !split_location(r, url, &location) ||
        !are_path_tokens_right(r, facts))
        return;
    avcsec_header_set(
        r, "Location",
        apr_pstrcat(r->pool, apr_pstrmemdup(r->pool, location.before.p, location.before.len),
                    with_path_tokens(r, facts, location.path), location.after.p, NULL));
}
