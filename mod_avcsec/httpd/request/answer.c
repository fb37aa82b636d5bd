/* SPDX-License-Identifier: Apache-2.0
 *
 * The last of this module's output filters: headers of answers, judged or refused.
 */
#include "httpd/request/answer.h"

#include "httpd/config/protections.h"
#include "httpd/request/caching.h"
#include "httpd/request/cors.h"
#include "httpd/request/headers.h"
#include "httpd/request/hold.h"
#include "httpd/request/linger.h"
#include "httpd/request/protective.h"
#include "httpd/request/redirect.h"
#include "httpd/request/webhook.h"

#include "apr_strings.h"
#include "http_protocol.h"
#include "http_request.h"
#include "util_filter.h"

static ap_filter_rec_t *headers_filter;

/* RFC 9110, 15.5.17: how long the file is that has no such range. */
static void set_content_range(request_rec *r)
{
    if (r->status == HTTP_RANGE_NOT_SATISFIABLE && avcsec_facts_is_private_file(r))
        avcsec_header_set(r, "Content-Range",
                          apr_psprintf(r->pool, "bytes */%" APR_OFF_T_FMT, r->finfo.size));
}

static void set_headers(request_rec *r, avcsec_facts_t *facts)
{
    set_content_range(r);
    avcsec_cors_set(r, facts);
    avcsec_caching_set(r, facts);
    avcsec_protective_set(r, facts);
}

static apr_status_t filter_headers(ap_filter_t *f, apr_bucket_brigade *bb)
{
    request_rec *r = f->r;
    avcsec_facts_t *facts = avcsec_facts(r);

    if (facts) {
        avcsec_webhook_settle(r);
        set_headers(r, facts);
        avcsec_redirect_settle(r, facts);
        /* mod_cache has seen it; httpd itself would add an Expires of now. */
        if (facts->is_protected || facts->is_uncacheable || facts->is_long)
            r->no_cache = 0;
    }
    ap_remove_output_filter(f);
    return ap_pass_brigade(f->next, bb);
}

/* What a part of the answer asks for is known when it is run. */
static void insert_headers_filter(request_rec *r, bool has_parts)
{
    const avcsec_facts_t *facts = avcsec_facts(r);

    avcsec_linger_insert(r);

    if (facts && !r->main &&
        (has_parts || facts->is_protected || facts->has_path_tokens || facts->masked_query ||
         facts->is_page || avcsec_facts_was_judged(facts) || facts->webhook ||
         facts->is_uncacheable || avcsec_config_section(r)->origins ||
         avcsec_host_is_guarded(r->server)))
        ap_add_output_filter_handle(headers_filter, NULL, r, r->connection);
}

static void insert_filter(request_rec *r)
{
    insert_headers_filter(r, avcsec_hold_insert(r));
}

/* A part that was redirected inside, and refused then, is answered as if it were the page: past
 * all filters of the page, whose headers leave with it. */
static void insert_error_filter(request_rec *r)
{
    avcsec_facts_t *facts = avcsec_facts(r);
    request_rec *page = r;

    while (page->main)
        page = page->main;
    if (facts && page != r)
        set_headers(page, facts);
    insert_headers_filter(r, false);
}

void avcsec_answer_register(apr_pool_t *p)
{
    (void)p;
    /* Behind whatever else sets headers, before they are sent. */
    headers_filter = ap_register_output_filter("AVCSEC_HEADERS", filter_headers, NULL,
                                               (ap_filter_type)(AP_FTYPE_PROTOCOL - 1));
    avcsec_hold_register();
    avcsec_linger_register();
    ap_hook_insert_filter(insert_filter, NULL, NULL, APR_HOOK_LAST);
    ap_hook_insert_error_filter(insert_error_filter, NULL, NULL, APR_HOOK_LAST);
}
