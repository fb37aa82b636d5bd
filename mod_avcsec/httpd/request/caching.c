/* SPDX-License-Identifier: Apache-2.0
 *
 * Who may keep an answer, and for how long.
 */
#include "httpd/request/caching.h"

#include "httpd/request/headers.h"

#include "apr_date.h"
#include "apr_strings.h"
#include "http_protocol.h"

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
    avcsec_slice_t rest = avcsec_slice_of(avcsec_header_join(r, "Cache-Control")), directive;
    const char *value = "private", *expires = avcsec_header_get(r, "Expires"), *kept;
    int64_t left = seconds_left(facts);

    while (avcsec_slice_cut(&rest, ',', &directive)) {
        directive = avcsec_slice_trim(directive);
        if (directive.len && (kept = kept_directive(r, directive, left)))
            value = apr_pstrcat(r->pool, value, ", ", kept, NULL);
    }
    avcsec_header_set(r, "Cache-Control", value);
    if (expires && left >= 0) {
        apr_time_t end = apr_time_from_sec(facts->opened->token.exp);
        char *date = apr_palloc(r->pool, APR_RFC822_DATE_LEN);

        if (apr_date_parse_http(expires) > end && apr_rfc822_date(date, end) == APR_SUCCESS)
            avcsec_header_set(r, "Expires", date);
    }
}

void avcsec_caching_set(request_rec *r, const avcsec_facts_t *facts)
{
    static const char *const of_proxies[] = {"Surrogate-Control", "CDN-Cache-Control",
                                             "Cloudflare-CDN-Cache-Control", NULL};
    /* By the gate, or by a `Require avc-token` that nothing else made up for. */
    bool is_refused =
        facts->refused != AVCSEC_UNDECIDED ||
        (avcsec_facts_was_judged(facts) && !facts->opened && ap_is_HTTP_CLIENT_ERROR(r->status));
    bool is_missing = avcsec_facts_was_judged(facts) && r->status == HTTP_NOT_FOUND;

    if (!is_refused && !facts->is_uncacheable &&
        (!avcsec_facts_was_judged(facts) ||
         (facts->is_sent_privately && !ap_is_HTTP_ERROR(r->status))))
        return;
    for (int i = 0; of_proxies[i]; i++)
        avcsec_header_set(r, of_proxies[i], NULL);
    if (is_refused || is_missing || facts->is_uncacheable) {
        avcsec_header_set(r, "Cache-Control", "no-store");
        avcsec_header_set(r, "Expires", NULL);
    } else
        shorten_caching(r, facts);
}

void avcsec_caching_set_referrer_policy(request_rec *r)
{
    static const char *const strict[] = {"no-referrer", "same-origin", "strict-origin",
                                         "strict-origin-when-cross-origin", NULL};
    avcsec_slice_t rest = avcsec_slice_of(avcsec_header_join(r, "Referrer-Policy")), policy = {0};

    /* Of a list, browsers take the last one that they know. */
    while (avcsec_slice_cut(&rest, ',', &policy))
        ;
    policy = avcsec_slice_trim(policy);
    for (int i = 0; strict[i]; i++)
        if (policy.p && avcsec_slice_equals_nocase(policy, avcsec_slice_of(strict[i])))
            return;
    avcsec_header_set(r, "Referrer-Policy", strict[3]);
}
