/* SPDX-License-Identifier: Apache-2.0
 *
 * Waiting for an answer's status.
 */
#include "httpd/request/outcome.h"

#include "httpd/request/facts.h"

#include "apr_lib.h"
#include "http_core.h"
#include "http_protocol.h"
#include "http_request.h"
#include "util_filter.h"

typedef struct {
    request_rec *r;
    avcsec_outcome_known_t *known;
    bool is_known;
} outcome_t;

static ap_filter_rec_t *first_filter, *tunnel_filter, *body_filter;

static void tell(outcome_t *outcome, int status)
{
    if (!outcome->is_known)
        outcome->known(outcome->r, status);
    outcome->is_known = true;
}

/* httpd compares a script's answer with the conditions of a GET when it has run. */
static bool is_httpds_own(const request_rec *r, int status)
{
    return status == HTTP_PRECONDITION_FAILED && r->method_number == M_GET &&
           (apr_table_get(r->headers_in, "If-Match") ||
            apr_table_get(r->headers_in, "If-Unmodified-Since"));
}

static int status_of(const request_rec *r, int status)
{
    return is_httpds_own(r, status) ? HTTP_OK : status;
}

/* ---- What comes first ---- */

/* An error that came instead of an answer: of a server behind that broke off. */
static int error_in(apr_bucket_brigade *bb)
{
    for (apr_bucket *e = APR_BRIGADE_FIRST(bb); e != APR_BRIGADE_SENTINEL(bb);
         e = APR_BUCKET_NEXT(e))
        if (AP_BUCKET_IS_ERROR(e))
            return ((ap_bucket_error *)e->data)->status;
    return 0;
}

static apr_status_t filter_first(ap_filter_t *f, apr_bucket_brigade *bb)
{
    outcome_t *outcome = f->ctx;
    int error = error_in(bb);

    if (APR_BRIGADE_EMPTY(bb))
        return APR_SUCCESS;
    tell(outcome, error ? error : status_of(f->r, f->r->status));
    ap_remove_output_filter(f);
    return ap_pass_brigade(f->next, bb);
}

/* ---- A tunnel ---- */

/* "HTTP/1.1 404 ": 404; 0 for what is none, or only says that there will be one. */
static int status_in(const char *text, apr_size_t len)
{
    int status;

    if (len < 12 || memcmp(text, "HTTP/1.", 7) || text[8] != ' ' || !apr_isdigit(text[9]) ||
        !apr_isdigit(text[10]) || !apr_isdigit(text[11]))
        return 0;
    status = (text[9] - '0') * 100 + (text[10] - '0') * 10 + (text[11] - '0');
    return status >= 200 || status == HTTP_SWITCHING_PROTOCOLS ? status : 0;
}

/* mod_proxy_wstunnel hands the connection over before the server behind has said whether it
 * goes along, mod_cgi to a script that writes its own headers (nph-): what they answer passes no
 * filter of the request. */
static apr_status_t filter_tunnel(ap_filter_t *f, apr_bucket_brigade *bb)
{
    outcome_t *outcome = f->ctx;
    apr_bucket *e = outcome && !outcome->is_known ? APR_BRIGADE_FIRST(bb) : NULL;
    const char *text;
    apr_size_t len;
    int status;

    if (e && e != APR_BRIGADE_SENTINEL(bb) && !APR_BUCKET_IS_METADATA(e) &&
        apr_bucket_read(e, &text, &len, APR_BLOCK_READ) == APR_SUCCESS &&
        (status = status_in(text, len)) != 0)
        tell(outcome, status);
    return ap_pass_brigade(f->next, bb);
}

static apr_status_t leave_connection(void *filter)
{
    ap_filter_t *f = filter;

    f->ctx = NULL;
    ap_remove_output_filter(f);
    return APR_SUCCESS;
}

static bool may_be_tunnel(const request_rec *r)
{
    const char *name = r->filename ? strrchr(r->filename, '/') : NULL;

    return apr_table_get(r->headers_in, "Upgrade") || (name && !strncmp(name, "/nph-", 5));
}

/* The connection outlives the request. */
static void listen_to_connection(request_rec *r, outcome_t *outcome)
{
    ap_filter_t *f;

    if (r->main || r->connection->master || !may_be_tunnel(r))
        return;
    f = ap_add_output_filter_handle(tunnel_filter, outcome, r, r->connection);
    apr_pool_cleanup_register(r->pool, f, leave_connection, apr_pool_cleanup_null);
}

/* ---- A body ---- */

/* What reads no body has run by the time its client breaks it off. */
static apr_status_t filter_body(ap_filter_t *f, apr_bucket_brigade *bb, ap_input_mode_t mode,
                                apr_read_type_e block, apr_off_t length)
{
    apr_status_t rv = ap_get_brigade(f->next, bb, mode, block, length);
    avcsec_facts_t *facts = avcsec_facts(f->r);

    if (facts && rv != APR_SUCCESS && !APR_STATUS_IS_EAGAIN(rv))
        facts->is_body_broken = true;
    return rv;
}

/* ---- Nothing ---- */

/* Handlers that made another request of this one leave the answer to that. */
static int status_at_end(const request_rec *r, int result)
{
    if (result == DECLINED)
        return HTTP_INTERNAL_SERVER_ERROR;
    if (ap_is_HTTP_VALID_RESPONSE(result))
        return status_of(r, result);
    for (const request_rec *step = r; step; step = step->next)
        if (ap_is_HTTP_ERROR(step->status))
            return step->status;
    return r->status;
}

int avcsec_outcome_run(request_rec *r, avcsec_outcome_known_t *known)
{
    avcsec_facts_t *facts = avcsec_facts(r);
    const request_rec *before = facts->running;
    outcome_t *outcome = apr_pcalloc(r->pool, sizeof(*outcome));
    int result;

    *outcome = (outcome_t){r, known, false};
    ap_add_output_filter_handle(first_filter, outcome, r, r->connection);
    ap_add_input_filter_handle(body_filter, NULL, r, r->connection);
    listen_to_connection(r, outcome);
    facts->running = r;
    result = ap_run_handler(r);
    facts->running = before;
    tell(outcome, status_at_end(r, result));
    return result;
}

void avcsec_outcome_register(void)
{
    first_filter =
        ap_register_output_filter("AVCSEC_OUTCOME", filter_first, NULL, AP_FTYPE_RESOURCE);
    body_filter = ap_register_input_filter("AVCSEC_BODY_END", filter_body, NULL, AP_FTYPE_RESOURCE);
    tunnel_filter =
        ap_register_output_filter("AVCSEC_TUNNEL", filter_tunnel, NULL, AP_FTYPE_CONNECTION);
}
