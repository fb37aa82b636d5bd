/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading bodies early, and the filter that gives them back.
 */
#include "httpd/request/body.h"

#include "httpd/request/facts.h"

#include "apr_strings.h"
#include "http_log.h"
#include "http_protocol.h"
#include "util_filter.h"

APLOG_USE_MODULE(avcsec);

#define FIRST_ROOM 8192

typedef struct avcsec_body_t {
    char *bytes;
    size_t len, room;
    size_t given; /* of them, to whoever reads now */
    bool is_whole;
    apr_status_t broken; /* why the rest never comes; APR_SUCCESS: nothing broke */
} body_t;

static ap_filter_rec_t *giver;

/* ---- Reading ---- */

static void append(apr_pool_t *p, body_t *body, const char *bytes, size_t len)
{
    if (body->len + len > body->room) {
        char *old = body->bytes;

        while (body->room < body->len + len)
            body->room = body->room ? 2 * body->room : FIRST_ROOM;
        body->bytes = apr_palloc(p, body->room);
        if (body->len)
            memcpy(body->bytes, old, body->len);
    }
    memcpy(body->bytes + body->len, bytes, len);
    body->len += len;
}

static apr_status_t take(apr_pool_t *p, apr_bucket_brigade *bb, body_t *body)
{
    for (apr_bucket *b = APR_BRIGADE_FIRST(bb); b != APR_BRIGADE_SENTINEL(bb);
         b = APR_BUCKET_NEXT(b)) {
        const char *bytes;
        apr_size_t len;
        apr_status_t status;

        body->is_whole |= APR_BUCKET_IS_EOS(b);
        if (APR_BUCKET_IS_METADATA(b))
            continue;
        if ((status = apr_bucket_read(b, &bytes, &len, APR_BLOCK_READ)) != APR_SUCCESS)
            return status;
        if (len)
            append(p, body, bytes, len);
    }
    return APR_SUCCESS;
}

/* Too long by its own word: nothing of it needs to be read, nor asked for (100-continue). */
static bool says_too_long(const request_rec *root, size_t limit)
{
    const char *length = apr_table_get(root->headers_in, "Content-Length");
    int64_t number;

    return length && strcmp(length, "0") &&
           !avcsec_slice_to_number(avcsec_slice_of(length), (int64_t)limit, &number);
}

static void fill(request_rec *root, size_t limit, body_t *body)
{
    apr_bucket_brigade *bb = apr_brigade_create(root->pool, root->connection->bucket_alloc);

    while (!body->is_whole && body->len <= limit && body->broken == APR_SUCCESS) {
        body->broken = ap_get_brigade(root->proto_input_filters, bb, AP_MODE_READBYTES,
                                      APR_BLOCK_READ, FIRST_ROOM);
        if (body->broken == APR_SUCCESS)
            body->broken = take(root->pool, bb, body);
        apr_brigade_cleanup(bb);
    }
}

/* CGI has no other way to know how long a chunked body is. */
static void tell_length(request_rec *root, const body_t *body)
{
    if (!body->len || apr_table_get(root->headers_in, "Content-Length"))
        return;
    apr_table_unset(root->headers_in, "Transfer-Encoding");
    apr_table_setn(root->headers_in, "Content-Length",
                   apr_psprintf(root->pool, "%" APR_SIZE_T_FMT, body->len));
}

static int read_body(request_rec *root, size_t limit, body_t *body, avcsec_slice_t *bytes)
{
    if (!body->is_whole && says_too_long(root, limit))
        return HTTP_REQUEST_ENTITY_TOO_LARGE;
    fill(root, limit, body);
    *bytes = (avcsec_slice_t){body->len ? body->bytes : "", body->len};
    if (body->broken != APR_SUCCESS)
        return ap_map_http_request_error(body->broken, HTTP_BAD_REQUEST);
    if (body->len > limit)
        return HTTP_REQUEST_ENTITY_TOO_LARGE;
    tell_length(root, body);
    return OK;
}

/* ---- Giving back ---- */

/* Buckets point into the request's pool, which lives longer than any reader. */
static apr_status_t give(ap_filter_t *f, apr_bucket_brigade *bb, ap_input_mode_t mode,
                         apr_read_type_e block, apr_off_t wanted)
{
    body_t *body = f->ctx;
    size_t left = body->len - body->given, n = left;
    apr_bucket_alloc_t *list = f->c->bucket_alloc;

    if (mode == AP_MODE_READBYTES && wanted > 0 && (apr_off_t)n > wanted)
        n = (size_t)wanted;
    /* Asked once more, HTTP would say that the body ends here: half of it for the whole. */
    if (body->broken != APR_SUCCESS)
        return body->broken;
    /* HTTP has no lines in a body, and nothing to be asked or spoken for here. */
    if ((mode != AP_MODE_READBYTES && mode != AP_MODE_SPECULATIVE && mode != AP_MODE_GETLINE &&
         mode != AP_MODE_EXHAUSTIVE) ||
        (!left && !body->is_whole))
        return ap_get_brigade(f->next, bb, mode, block, wanted);
    if (n)
        APR_BRIGADE_INSERT_TAIL(bb,
                                apr_bucket_transient_create(body->bytes + body->given, n, list));
    if (mode == AP_MODE_SPECULATIVE)
        return APR_SUCCESS;
    body->given += n;
    if (body->is_whole && body->given == body->len)
        APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_eos_create(list));
    return APR_SUCCESS;
}

void avcsec_body_restore(request_rec *r)
{
    const avcsec_facts_t *facts = avcsec_facts(r);

    if (!facts || !facts->body || r->main)
        return;
    for (const ap_filter_t *f = r->input_filters; f; f = f->next)
        if (f->frec == giver)
            return;
    ap_add_input_filter_handle(giver, facts->body, r, r->connection);
}

int avcsec_body_read(request_rec *r, size_t limit, avcsec_slice_t *bytes)
{
    avcsec_facts_t *facts = avcsec_facts(r);
    int status;

    if (!facts->body)
        facts->body = apr_pcalloc(facts->root->pool, sizeof(*facts->body));
    status = read_body(facts->root, limit, facts->body, bytes);
    while (r->main)
        r = r->main;
    avcsec_body_restore(r);
    return status;
}

void avcsec_body_register(void)
{
    /* Below what changes content, above what reads HTTP. */
    giver = ap_register_input_filter("AVCSEC_BODY", give, NULL,
                                     (ap_filter_type)(AP_FTYPE_PROTOCOL - 1));
}
