/* SPDX-License-Identifier: Apache-2.0
 *
 * Two filters around mod_xsendfile's. The one in front sees whether a file was named, by the
 * script or by mod_headers; the one behind sees which file was opened, and under what name:
 * relative ones depend on that module's own settings.
 */
#include "httpd/gate/sendfile.h"

#include "httpd/gate/place.h"
#include "httpd/state/places.h"

#include "http_config.h"
#include "http_protocol.h"
#include "http_request.h"
#include "util_filter.h"

static ap_filter_rec_t *before, *behind;
static bool has_xsendfile;

static bool names_file(const request_rec *r)
{
    static const char *const headers[] = {"X-SENDFILE", "X-SENDFILE-TEMPORARY", NULL};

    for (int i = 0; headers[i]; i++)
        if (apr_table_get(r->headers_out, headers[i]) ||
            apr_table_get(r->err_headers_out, headers[i]))
            return true;
    return false;
}

static apr_status_t look_for_name(ap_filter_t *f, apr_bucket_brigade *bb)
{
    if (names_file(f->r))
        ap_add_output_filter_handle(behind, NULL, f->r, f->c);
    ap_remove_output_filter(f);
    return ap_pass_brigade(f->next, bb);
}

static int check_file(request_rec *r, const apr_bucket *bucket)
{
    const apr_bucket_file *file = bucket->data;
    const char *name;

    return apr_file_name_get(&name, file->fd) == APR_SUCCESS ? avcsec_place_check_file(r, name)
                                                             : HTTP_FORBIDDEN;
}

static apr_status_t look_at_files(ap_filter_t *f, apr_bucket_brigade *bb)
{
    apr_bucket_alloc_t *alloc = f->c->bucket_alloc;
    int status = OK;

    for (apr_bucket *b = APR_BRIGADE_FIRST(bb); b != APR_BRIGADE_SENTINEL(bb) && status == OK;
         b = APR_BUCKET_NEXT(b))
        if (APR_BUCKET_IS_FILE(b))
            status = check_file(f->r, b);
    if (status == OK)
        return ap_pass_brigade(f->next, bb);
    apr_brigade_cleanup(bb);
    APR_BRIGADE_INSERT_TAIL(bb, ap_bucket_error_create(status, NULL, f->r->pool, alloc));
    APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_eos_create(alloc));
    ap_remove_output_filter(f);
    return ap_pass_brigade(f->next, bb);
}

int avcsec_sendfile_prepare(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s)
{
    (void)pconf, (void)plog, (void)ptemp, (void)s;
    has_xsendfile = avcsec_places_are_there() && ap_find_linked_module("mod_xsendfile.c");
    return OK;
}

/* Behind mod_headers, before mod_xsendfile, which comes at APR_HOOK_LAST + 1. */
static void insert(request_rec *r)
{
    if (has_xsendfile && !r->main)
        ap_add_output_filter_handle(before, NULL, r, r->connection);
}

void avcsec_sendfile_register(void)
{
    static const char *const behind_headers[] = {"mod_headers.c", NULL};
    static const char *const before_xsendfile[] = {"mod_xsendfile.c", NULL};

    before =
        ap_register_output_filter("AVCSEC_NAMED_FILE", look_for_name, NULL, AP_FTYPE_CONTENT_SET);
    behind =
        ap_register_output_filter("AVCSEC_SENT_FILE", look_at_files, NULL, AP_FTYPE_CONTENT_SET);
    ap_hook_insert_filter(insert, behind_headers, before_xsendfile, APR_HOOK_LAST);
}
