/* SPDX-License-Identifier: Apache-2.0
 *
 * Holding pages.
 */
#include "httpd/request/hold.h"

#include "httpd/config/protections.h"
#include "httpd/request/facts.h"

#include "http_connection.h"
#include "http_core.h"
#include "http_protocol.h"
#include "http_request.h"
#include "util_filter.h"

#define LIMIT (64 * 1024)

static ap_filter_rec_t *hold_filter;

typedef struct {
    apr_bucket_brigade *held;
    apr_off_t length;
    bool is_whole; /* its end, or that of all order, is among what is held */
} held_page_t;

/* ---- Which answers are pages ---- */

static bool is_called(const ap_filter_t *f, const char *name)
{
    return (*f->frec->name | 0x20) == *name && !strcasecmp(f->frec->name, name);
}

/* mod_filter calls mod_include by a filter of its own: of this name, or of one that somebody
 * chose. */
static bool is_chosen_name(const ap_filter_t *f)
{
    return f->frec->providers && strncasecmp(f->frec->name, "bytype:", 7) != 0;
}

static bool may_be_includes(const ap_filter_t *f)
{
    return is_called(f, "includes") || is_called(f, "bytype:includes") || is_chosen_name(f);
}

/* Once content comes, mod_filter's stands there only if it has found something to call, and
 * mod_include has seen to it that its page is made anew (no_local_copy). */
static bool is_includes(const ap_filter_t *f)
{
    return may_be_includes(f) && (!is_chosen_name(f) || f->r->no_local_copy);
}

/* One of this step's filters from `f` up to `end` is mod_include's. */
static bool has_includes(const request_rec *r, const ap_filter_t *f, const ap_filter_t *end)
{
    for (; f && f != end; f = f->next)
        if (f->r == r && is_includes(f))
            return true;
    return false;
}

/* An .htaccess may say `Require avc-token` where nothing else says that there is a
 * protection. */
static bool may_have_protected_parts(const request_rec *r)
{
    const core_dir_config *core = ap_get_core_module_config(r->per_dir_config);

    return avcsec_host_is_guarded(r->server) ||
           (avcsec_config_server(r->server)->key_file &&
            ((core->override & OR_AUTHCFG) || core->override_list));
}

/* mod_autoindex's. */
static bool is_listing(const request_rec *r)
{
    const char *handler = r->handler ? r->handler : r->content_type;

    return handler && !strcmp(handler, DIR_MAGIC_TYPE);
}

bool avcsec_hold_insert(request_rec *r)
{
    avcsec_facts_t *facts = avcsec_facts(r);
    const ap_filter_t *f = r->output_filters;

    if (!facts || avcsec_facts_is_private_file(r))
        return false;
    while (f && !(f->r == r && may_be_includes(f)))
        f = f->next;
    if (!f && !is_listing(r))
        return false;
    if (!may_have_protected_parts(r))
        return true;
    facts->is_page |=
        f && (is_called(f, "includes") || (is_called(f, "bytype:includes") && r->content_type &&
                                           !strncasecmp(r->content_type, "text/", 5)));
    ap_add_output_filter_handle(hold_filter, NULL, r, r->connection);
    return true;
}

/* ---- Holding ---- */

static void mark_as_long(request_rec *r)
{
    avcsec_facts_t *facts = avcsec_facts(r);

    if (facts)
        facts->is_long = true;
    for (; r; r = r->main ? r->main : r->prev)
        r->no_cache = 1;
}

/* Moves one bucket of `bb` to what is held. Of a script's output nobody knows the length
 * before it is read. */
static apr_status_t hold_bucket(held_page_t *page, apr_bucket *e, apr_pool_t *p)
{
    const char *data;
    apr_size_t len;
    apr_status_t rv = APR_SUCCESS;

    if (e->length == (apr_size_t)-1)
        rv = apr_bucket_read(e, &data, &len, APR_BLOCK_READ);
    if (rv == APR_SUCCESS && page->length + (apr_off_t)e->length <= LIMIT &&
        (rv = apr_bucket_setaside(e, p)) == APR_ENOTIMPL) {
        rv = apr_bucket_read(e, &data, &len, APR_BLOCK_READ);
        if (rv == APR_SUCCESS)
            rv = apr_bucket_setaside(e, p);
        if (rv == APR_ENOTIMPL)
            rv = APR_SUCCESS;
    }
    if (rv == APR_SUCCESS)
        page->length += (apr_off_t)e->length;
    APR_BUCKET_REMOVE(e);
    APR_BRIGADE_INSERT_TAIL(page->held, e);
    return rv;
}

/* Takes what came, up to the limit. A page that is not to wait any longer leaves what did
 * not fit in `bb`. */
static apr_status_t hold(held_page_t *page, apr_bucket_brigade *bb, apr_pool_t *p)
{
    apr_status_t rv = APR_SUCCESS;

    while (rv == APR_SUCCESS && !page->is_whole && page->length <= LIMIT &&
           !APR_BRIGADE_EMPTY(bb)) {
        apr_bucket *e = APR_BRIGADE_FIRST(bb);

        if (APR_BUCKET_IS_FLUSH(e)) {
            apr_bucket_delete(e);
            continue;
        }
        page->is_whole = APR_BUCKET_IS_EOS(e) || AP_BUCKET_IS_ERROR(e) || AP_BUCKET_IS_EOC(e);
        rv = hold_bucket(page, e, p);
    }
    return rv;
}

static apr_status_t let_go(ap_filter_t *f, apr_bucket_brigade *bb)
{
    ap_remove_output_filter(f);
    return ap_pass_brigade(f->next, bb);
}

static apr_status_t filter_page(ap_filter_t *f, apr_bucket_brigade *bb)
{
    request_rec *r = f->r;
    held_page_t *page = f->ctx;
    apr_status_t rv;

    if (!page) {
        if (!is_listing(r) && !has_includes(r, r->output_filters, f)) {
            /* Behind this one it makes its page of what has been let go. */
            if (has_includes(r, f->next, NULL))
                mark_as_long(r);
            return let_go(f, bb);
        }
        f->ctx = page = apr_pcalloc(r->pool, sizeof(*page));
        page->held = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    }
    rv = hold(page, bb, r->pool);
    if (rv == APR_SUCCESS && !page->is_whole && page->length <= LIMIT)
        return APR_SUCCESS;
    if (!page->is_whole)
        mark_as_long(r);
    APR_BRIGADE_CONCAT(page->held, bb);
    return let_go(f, page->held);
}

void avcsec_hold_register(void)
{
    /* Behind mod_include, before mod_expires, mod_headers and mod_cache have made up their
     * minds. */
    hold_filter = ap_register_output_filter("AVCSEC_HOLD", filter_page, NULL,
                                            (ap_filter_type)(AP_FTYPE_CONTENT_SET - 3));
}
