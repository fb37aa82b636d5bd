/* SPDX-License-Identifier: Apache-2.0
 *
 * Issuing session tokens: who asks, and how the answer looks.
 */
#include "httpd/session/session.h"

#include "httpd/config/handlers.h"
#include "httpd/request/cors.h"
#include "httpd/request/facts.h"
#include "httpd/request/log.h"
#include "httpd/session/issue.h"

#include "core/request/origin.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"
#include "http_protocol.h"
#include "http_request.h"

APLOG_USE_MODULE(avcsec);

static const char for_pages[] = "avcsec-token", for_avchat[] = "avcsec-token-request",
                  methods[] = "POST, OPTIONS";

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
    avcsec_obstacle_t why = {
        AVCSEC_ORIGIN,
        "tokens are for pages of this host, and of those that AvcOrigins lists; the "
        "browser names another, or none (Origin, Sec-Fetch-Site)",
        0};
    int status;

    if (!is_from_page(r, &facts->wire))
        return avcsec_issue_refuse(r, &why);
    if ((status = ap_discard_request_body(r)) != OK)
        return status;
    if (!(issued = avcsec_issue(r, &why)))
        return avcsec_issue_refuse(r, &why);
    return write_answer(r, "application/json",
                        apr_psprintf(r->pool, "{\"token\":\"%s\",\"expires\":%" APR_INT64_T_FMT "}",
                                     issued->token, (apr_int64_t)issued->exp));
}

/* AVChat's SWF reads no answer but 200 (its player gives it none). */
static int answer_avchat(request_rec *r, const avcsec_facts_t *facts)
{
    const avcsec_issued_t *issued = NULL;
    avcsec_obstacle_t why = {AVCSEC_FORM, "AVChat's SWF posts a form with a field username", 0};

    if (!is_from_swf(r, &facts->wire))
        why = (avcsec_obstacle_t){
            AVCSEC_ORIGIN,
            "the SWF runs in a page of another host; name it in AvcOrigins if it "
            "is yours",
            0};
    else if (is_avchat_form(r))
        issued = avcsec_issue(r, &why);
    if (!issued)
        avcsec_issue_refuse(r, &why);
    return write_answer(
        r, "text/plain",
        issued ? apr_pstrcat(r->pool, "token=", issued->token, "&writesuccess=true", NULL)
               : "writesuccess=false");
}

static bool is_one_of_ours(const char *handler)
{
    return avcsec_handlers_may_be_ours(handler) &&
           (!strcmp(handler, for_pages) || !strcmp(handler, for_avchat));
}

static int refuse_method(request_rec *r)
{
    ap_allow_methods(r, REPLACE_ALLOW, "POST", "OPTIONS", NULL);
    avcsec_log_refusal(r, AVCSEC_METHOD, "tokens are asked for by POST", false);
    return HTTP_METHOD_NOT_ALLOWED;
}

/* The handler that stands there; where a front controller's .htaccess has rewritten the address,
 * the one that an administrator has set. */
static const char *handler_of(request_rec *r)
{
    if (!r->handler || strcmp(r->handler, "redirect-handler"))
        return r->handler;
    return avcsec_handlers_is_set(r, for_pages)    ? for_pages
           : avcsec_handlers_is_set(r, for_avchat) ? for_avchat
                                                   : r->handler;
}

int avcsec_session_answer(request_rec *r)
{
    const char *handler = handler_of(r);
    avcsec_facts_t *facts;
    const avcsec_obstacle_t not_set = {
        AVCSEC_NOT_ISSUED,
        "only SetHandler in the server's configuration makes a place that issues tokens, not an "
        ".htaccess, AddHandler or a rewrite",
        0};

    if (!is_one_of_ours(handler))
        return DECLINED;
    if ((facts = avcsec_facts(r)))
        facts->is_uncacheable = true;
    avcsec_facts_guard(r);
    if (!facts || !avcsec_handlers_is_set(r, handler))
        return avcsec_issue_refuse(r, &not_set);
    if (r->method_number == M_OPTIONS)
        return avcsec_cors_options(r, methods);
    if (r->main || r->method_number != M_POST)
        return refuse_method(r);
    return strcmp(handler, for_pages) ? answer_avchat(r, facts) : answer_page(r, facts);
}

int avcsec_session_preflight(request_rec *r)
{
    avcsec_facts_t *facts;

    if (r->method_number != M_OPTIONS || !(facts = avcsec_facts(r)) ||
        !avcsec_cors_wants_preflight(r) ||
        (!avcsec_handlers_is_set(r, for_pages) && !avcsec_handlers_is_set(r, for_avchat)))
        return DECLINED;
    avcsec_facts_guard(r);
    return avcsec_cors_options(r, methods);
}
