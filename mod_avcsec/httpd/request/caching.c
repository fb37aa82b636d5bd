/* SPDX-License-Identifier: Apache-2.0
 *
 * Who may keep an answer, and for how long.
 */
#include "httpd/request/caching.h"

#include "httpd/request/headers.h"

#include "core/text/cache_control.h"

#include "apr_date.h"
#include "apr_strings.h"
#include "http_protocol.h"

typedef enum { OPEN, PRIVATE, UNKEPT } privacy_t;

static privacy_t privacy_of(const request_rec *r, const avcsec_facts_t *facts)
{
    bool is_judged = avcsec_facts_was_judged(facts);
    /* By the gate, or by a `Require avc-token` that nothing else made up for. */
    bool is_refused = facts->refused != AVCSEC_UNDECIDED ||
                      (is_judged && !facts->opened && ap_is_HTTP_CLIENT_ERROR(r->status));

    if (is_refused || (is_judged && r->status == HTTP_NOT_FOUND) || facts->is_uncacheable)
        return UNKEPT;
    /* Of a page that is not made anew nobody knows what its parts would have asked. */
    if (is_judged || facts->is_protected || facts->is_long ||
        (facts->is_page && r->status == HTTP_NOT_MODIFIED))
        return PRIVATE;
    return OPEN;
}

/* Seconds until the first of the tokens that let this in is over; -1: never. */
static int64_t seconds_left(const avcsec_facts_t *facts)
{
    int64_t now = avcsec_facts_now(), left = -1;

    for (const avcsec_answer_t *a = facts->answers; a; a = a->next) {
        int64_t end =
            a->asked && a->judgement.verdict == AVCSEC_ALLOWED ? a->judgement.token.exp : 0;

        if (end && (left < 0 || end - now < left))
            left = end > now ? end - now : 0;
    }
    return left;
}

/* The file's own time is told even if somebody took it out. */
static avcsec_freshness_t freshness_of(const request_rec *r, const avcsec_facts_t *facts)
{
    avcsec_freshness_t freshness = {seconds_left(facts), false};

    if (!facts->sent || ap_is_HTTP_ERROR(r->status))
        return freshness;
    if (freshness.most < 0 || facts->sent->age < freshness.most)
        freshness.most = facts->sent->age;
    freshness.is_told = true;
    return freshness;
}

/* The earliest of them; what is no date is over (RFC 9111, 5.3). Others read more kinds of
 * dates than httpd does. */
static apr_time_t earliest_of(const apr_array_header_t *dates)
{
    apr_time_t earliest = apr_date_parse_http(APR_ARRAY_IDX(dates, 0, const char *));

    for (int i = 1; i < dates->nelts; i++) {
        apr_time_t date = apr_date_parse_http(APR_ARRAY_IDX(dates, i, const char *));

        earliest = date < earliest ? date : earliest;
    }
    return earliest;
}

static void shorten_expires(request_rec *r, const avcsec_freshness_t *freshness)
{
    const apr_array_header_t *dates = avcsec_header_all(r, "Expires");
    apr_time_t end = apr_time_from_sec(avcsec_facts_now() + freshness->most), expires;
    char *text;

    if (!dates->nelts)
        return;
    expires = earliest_of(dates);
    if (freshness->most >= 0 && expires > end)
        expires = end;
    text = apr_palloc(r->pool, APR_RFC822_DATE_LEN);
    apr_rfc822_date(text, expires);
    avcsec_header_set(r, "Expires", text);
}

static void make_private(request_rec *r, const avcsec_facts_t *facts)
{
    avcsec_freshness_t freshness = freshness_of(r, facts);
    avcsec_slice_t field = avcsec_slice_of(avcsec_header_join(r, "Cache-Control"));
    char *text = apr_palloc(r->pool, AVCSEC_CACHE_CONTROL_ROOM(field.len) + 1);

    text[avcsec_cache_control_private(field, &freshness, text)] = '\0';
    avcsec_header_set(r, "Cache-Control", text);
    shorten_expires(r, &freshness);
}

/* "CDN-Cache-Control", "Cache-Control-Ex" and their like. */
static bool holds_cache_control(const char *name)
{
    for (const char *dash = strchr(name, '-'); dash; dash = strchr(dash + 1, '-'))
        if (dash - name >= 5 && !strncasecmp(dash - 5, "Cache-Control", 13))
            return strcasecmp(name, "Cache-Control") != 0;
    return false;
}

/* Fields by which caches of one kind or another are told more than by Cache-Control; they
 * heed them first (RFC 9213; nginx's X-Accel-Expires). */
static bool is_of_proxies(const char *name)
{
    switch (*name | 0x20) {
    case 'e':
        return !strcasecmp(name, "Edge-Control") || holds_cache_control(name);
    case 's':
        return !strcasecmp(name, "Surrogate-Control") || holds_cache_control(name);
    case 'x':
        return !strcasecmp(name, "X-Accel-Expires") || holds_cache_control(name);
    default:
        return holds_cache_control(name);
    }
}

static void drop_fields_of_proxies(request_rec *r, const apr_table_t *table)
{
    const apr_array_header_t *headers = apr_table_elts(table);

    for (int i = 0; i < headers->nelts;) {
        const char *name = APR_ARRAY_IDX(headers, i, apr_table_entry_t).key;

        if (is_of_proxies(name))
            avcsec_header_set(r, name, NULL);
        else
            i++;
    }
}

/* Of HTTP/1.0 it can only keep from keeping. */
static void drop_pragma(request_rec *r)
{
    const char *pragma = avcsec_header_join(r, "Pragma");

    if (pragma)
        avcsec_header_set(r, "Pragma",
                          ap_find_token(r->pool, pragma, "no-cache") ? "no-cache" : NULL);
}

void avcsec_caching_set(request_rec *r, avcsec_facts_t *facts)
{
    privacy_t privacy = privacy_of(r, facts);

    facts->is_everybodys = privacy == OPEN;
    if (privacy == OPEN)
        return;
    drop_fields_of_proxies(r, r->headers_out);
    drop_fields_of_proxies(r, r->err_headers_out);
    drop_pragma(r);
    if (privacy == PRIVATE) {
        make_private(r, facts);
        return;
    }
    avcsec_header_set(r, "Cache-Control", "no-store");
    avcsec_header_set(r, "Expires", NULL);
}
