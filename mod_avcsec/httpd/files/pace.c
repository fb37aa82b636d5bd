/* SPDX-License-Identifier: Apache-2.0
 *
 * Pacing. The first piece of an answer leaves at once, as much as a TCP connection
 * starts with.
 */
#include "httpd/files/pace.h"

#include "httpd/config/config.h"

#include "apr_portable.h"
#include "http_connection.h"
#include "http_core.h"
#include "http_log.h"
#include "http_protocol.h"
#include "util_filter.h"

#include <stdatomic.h>
#include <sys/socket.h>

APLOG_USE_MODULE(avcsec);

#define SLEEPERS 8 /* threads of a child that may sleep at a time */
#define PIECES 4   /* pieces a second */

#ifndef SO_MAX_PACING_RATE
#define SO_MAX_PACING_RATE 47
#endif

static ap_filter_rec_t *pace_filter;
static _Atomic int sleepers;

/* ---- By the kernel ---- */

static bool pace_socket(conn_rec *c, unsigned bytes_per_second)
{
    apr_socket_t *socket = ap_get_conn_socket(c);
    apr_os_sock_t fd;

    return socket && apr_os_sock_get(&fd, socket) == APR_SUCCESS &&
           setsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &bytes_per_second,
                      sizeof(bytes_per_second)) == 0;
}

static bool is_tcp(const conn_rec *c)
{
    return c->client_addr->family == APR_INET || c->client_addr->family == APR_INET6;
}

int avcsec_pace_end(request_rec *r)
{
    conn_rec *c = r->connection;

    if (c->master || r->main || r->prev || !ap_get_module_config(c->conn_config, &avcsec_module))
        return DECLINED;
    ap_set_module_config(c->conn_config, &avcsec_module, NULL);
    pace_socket(c, ~0u);
    return DECLINED;
}

/* ---- By sleeping ---- */

typedef struct {
    apr_off_t piece;             /* bytes */
    apr_bucket_brigade *waiting; /* what has not been sent */
} sleeper_t;

static apr_status_t wake(void *baton)
{
    (void)baton;
    atomic_fetch_sub(&sleepers, 1);
    return APR_SUCCESS;
}

static apr_status_t send_in_pieces(ap_filter_t *f, apr_bucket_brigade *bb)
{
    sleeper_t *sleeper = f->ctx;
    apr_status_t rv = APR_SUCCESS;
    apr_bucket *behind;

    while (!APR_BRIGADE_EMPTY(bb) && rv == APR_SUCCESS && !f->c->aborted) {
        bool is_last = apr_brigade_partition(bb, sleeper->piece, &behind) != APR_SUCCESS ||
                       behind == APR_BRIGADE_SENTINEL(bb);

        if (!is_last) {
            apr_brigade_split_ex(bb, behind, sleeper->waiting);
            APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_flush_create(f->c->bucket_alloc));
        }
        rv = ap_pass_brigade(f->next, bb);
        apr_brigade_cleanup(bb);
        if (is_last)
            break;
        apr_sleep(APR_USEC_PER_SEC / PIECES);
        APR_BRIGADE_CONCAT(bb, sleeper->waiting);
    }
    return f->c->aborted ? APR_ECONNABORTED : rv;
}

/* As long as few do: a page of pictures is many downloads at once, and what waits for a pacer
 * would wait for a thread that sleeps. */
static void pace_by_sleeping(request_rec *r, int64_t rate)
{
    sleeper_t *sleeper;

    if (atomic_fetch_add(&sleepers, 1) >= SLEEPERS) {
        atomic_fetch_sub(&sleepers, 1);
        return;
    }
    apr_pool_cleanup_register(r->pool, NULL, wake, apr_pool_cleanup_null);
    sleeper = apr_palloc(r->pool, sizeof(*sleeper));
    sleeper->piece = rate * 1000 / PIECES;
    sleeper->waiting = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    ap_add_output_filter_handle(pace_filter, sleeper, r, r->connection);
}

void avcsec_pace(request_rec *r, int64_t rate)
{
    conn_rec *c = r->connection;

    if (r->header_only || rate > UINT32_MAX / 1000 - 1)
        return;
    if (c->master || !is_tcp(c) || !pace_socket(c, (unsigned)rate * 1000))
        pace_by_sleeping(r, rate);
    else
        ap_set_module_config(c->conn_config, &avcsec_module, c);
}

void avcsec_pace_register(void)
{
    /* Behind the byte ranges and the headers, before encryption. */
    pace_filter = ap_register_output_filter("AVCSEC_PACE", send_in_pieces, NULL,
                                            (ap_filter_type)(AP_FTYPE_PROTOCOL + 3));
}
