/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading on behind an answer. Bounded in time, in bytes and in threads.
 */
#include "httpd/request/linger.h"

#include "httpd/request/facts.h"

#include "http_log.h"
#include "http_protocol.h"
#include "util_filter.h"

#include <stdatomic.h>
#include <time.h>

APLOG_USE_MODULE(avcsec);

#define TIME_MAX 5000 /* milliseconds */
#define IDLE_MAX 2000 /* who sends nothing for so long has stopped */
#define BYTES_MAX (16 << 20)
#define PIECE 65536
#define PAUSE apr_time_from_msec(10)
#define LINGERERS 8 /* threads of a child that may do so at a time */

static ap_filter_rec_t *linger_filter;
static _Atomic int lingerers;

static bool has_end(const apr_bucket_brigade *bb)
{
    const apr_bucket *b = APR_BRIGADE_FIRST(bb);

    while (b != APR_BRIGADE_SENTINEL(bb) && !APR_BUCKET_IS_EOS(b))
        b = APR_BUCKET_NEXT(b);
    return b != APR_BRIGADE_SENTINEL(bb);
}

/* What of an answer's request may still be on its way without anybody who reads it. */
static bool is_refusal(const request_rec *r)
{
    const avcsec_facts_t *facts = avcsec_facts(r);

    return facts && (facts->refused != AVCSEC_UNDECIDED ||
                     (ap_is_HTTP_ERROR(r->status) &&
                      (facts->is_protected || avcsec_facts_was_judged(facts))));
}

/* How many bytes of the body came; -1: nothing comes any more. */
static apr_off_t take(request_rec *r, apr_bucket_brigade *bb)
{
    apr_status_t status =
        ap_get_brigade(r->proto_input_filters, bb, AP_MODE_READBYTES, APR_NONBLOCK_READ, PIECE);
    apr_off_t len = 0;
    bool is_over = has_end(bb);

    if (APR_STATUS_IS_EAGAIN(status))
        return 0;
    if (status == APR_SUCCESS)
        status = apr_brigade_length(bb, 1, &len);
    apr_brigade_cleanup(bb);
    return status == APR_SUCCESS && !is_over ? len : -1;
}

static int64_t milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void drain(request_rec *r)
{
    apr_bucket_brigade *bb = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    int64_t begin = milliseconds(), last = begin, now = begin;
    apr_off_t sum = 0, len;

    while ((len = take(r, bb)) >= 0 && (sum += len) < BYTES_MAX && !r->connection->aborted &&
           now < begin + TIME_MAX && now < last + IDLE_MAX) {
        if (!len)
            apr_sleep(PAUSE);
        now = milliseconds();
        last = len ? now : last;
    }
}

static apr_status_t linger(ap_filter_t *f, apr_bucket_brigade *bb)
{
    bool is_end = has_end(bb);
    apr_status_t status = ap_pass_brigade(f->next, bb);

    if (!is_end)
        return status;
    ap_remove_output_filter(f);
    if (status == APR_SUCCESS && is_refusal(f->r)) {
        if (atomic_fetch_add(&lingerers, 1) < LINGERERS)
            drain(f->r);
        atomic_fetch_sub(&lingerers, 1);
    }
    return status;
}

static bool has_body(const request_rec *r)
{
    return apr_table_get(r->headers_in, "Content-Length") ||
           apr_table_get(r->headers_in, "Transfer-Encoding");
}

void avcsec_linger_insert(request_rec *r)
{
    const ap_filter_t *f = r->output_filters;

    if (!r->connection->master || r->main || !has_body(r) || !avcsec_facts(r))
        return;
    /* An ErrorDocument has that of the request. */
    while (f && f->frec != linger_filter)
        f = f->next;
    if (!f)
        ap_add_output_filter_handle(linger_filter, NULL, r, r->connection);
}

void avcsec_linger_register(void)
{
    /* Behind all that may still hold the end of the answer back. */
    linger_filter = ap_register_output_filter("AVCSEC_LINGER", linger, NULL,
                                              (ap_filter_type)(AP_FTYPE_PROTOCOL + 4));
}
