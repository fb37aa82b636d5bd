/* SPDX-License-Identifier: Apache-2.0
 *
 * Gathering the facts of a client's request.
 */
#include "httpd/request/gather.h"

#include "httpd/request/facts.h"
#include "httpd/request/forwarding.h"
#include "httpd/request/strip.h"
#include "httpd/state/keys.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"
#include "http_ssl.h"

APLOG_USE_MODULE(avcsec);

static avcsec_slice_t header(const request_rec *r, const char *name)
{
    return avcsec_slice_of(apr_table_get(r->headers_in, name));
}

/* The raw path. httpd drops all but one of the slashes it starts with, and decodes r->uri
 * where it stands; with a path token, the dropped ones make it malformed. */
static const char *raw_path(const request_rec *r)
{
    const char *target = r->the_request ? strchr(r->the_request, ' ') : NULL;

    return target && target[1] == '/' && target[2] == '/' ? apr_pstrcat(r->pool, "/", r->uri, NULL)
                                                          : apr_pstrdup(r->pool, r->uri);
}

int avcsec_gather(request_rec *r)
{
    avcsec_facts_t *facts;

    if (r->main || r->prev) {
        avcsec_forwarding_watch_trailers(r);
        /* The page for a request so malformed that it was never gathered. */
        if (!avcsec_facts(r))
            avcsec_forwarding_drop_own(r);
        if (!avcsec_facts(r) && avcsec_keys_has(r->server))
            avcsec_strip_headers(r);
        return DECLINED;
    }
    avcsec_forwarding_drop_own(r);
    avcsec_forwarding_watch_trailers(r);
    facts = apr_pcalloc(r->pool, sizeof(*facts));
    facts->root = r;
    facts->wire.path = avcsec_slice_of(raw_path(r));
    facts->wire.query = avcsec_slice_of(r->args);
    facts->wire.method = avcsec_slice_of(r->method);
    facts->wire.host = header(r, "Host");
    facts->wire.authorization = header(r, "Authorization");
    facts->wire.cookie = header(r, "Cookie");
    facts->wire.origin = header(r, "Origin");
    facts->wire.referer = header(r, "Referer");
    facts->wire.sec_fetch_site = header(r, "Sec-Fetch-Site");
    facts->wire.upgrade = header(r, "Upgrade");
    facts->wire.is_encrypted =
        ap_ssl_conn_is_ssl(r->connection->master ? r->connection->master : r->connection);
    facts->is_forwarded = avcsec_forwarding_is_there(r);
    ap_set_module_config(r->request_config, &avcsec_module, facts);
    if (avcsec_keys_has(r->server))
        avcsec_strip_early(r, facts);
    else
        avcsec_strip_foreign_referer(r);
    return DECLINED;
}
