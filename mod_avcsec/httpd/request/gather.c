/* SPDX-License-Identifier: Apache-2.0
 *
 * Gathering the facts of a client's request.
 */
#include "httpd/request/gather.h"

#include "httpd/config/protections.h"
#include "httpd/request/facts.h"
#include "httpd/request/forwarding.h"
#include "httpd/request/strip.h"
#include "httpd/state/keys.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"
#include "http_ssl.h"

APLOG_USE_MODULE(avcsec);

/* The raw path. httpd drops all but one of the slashes it starts with, and decodes r->uri
 * where it stands; with a path token, the dropped ones make it malformed. */
static avcsec_slice_t raw_path(const request_rec *r)
{
    const char *target = r->the_request ? strchr(r->the_request, ' ') : NULL;
    size_t len = strlen(r->uri);

    if (target && target[1] == '/' && target[2] == '/')
        return avcsec_slice_of(apr_pstrcat(r->pool, "/", r->uri, NULL));
    /* Nobody changes that one where it stands. */
    if (r->unparsed_uri && !strncmp(r->unparsed_uri, r->uri, len))
        return (avcsec_slice_t){r->unparsed_uri, len};
    return (avcsec_slice_t){apr_pstrmemdup(r->pool, r->uri, len), len};
}

/* ---- Headers ---- */

/* Where a header of this name belongs; NULL: nowhere. */
static avcsec_slice_t *field_of(avcsec_request_t *wire, const char *name)
{
    switch (name[0] | 0x20) {
    case 'a':
        return strcasecmp(name, "Authorization") ? NULL : &wire->authorization;
    case 'c':
        return strcasecmp(name, "Cookie") ? NULL : &wire->cookie;
    case 'h':
        return strcasecmp(name, "Host") ? NULL : &wire->host;
    case 'o':
        return strcasecmp(name, "Origin") ? NULL : &wire->origin;
    case 'r':
        return strcasecmp(name, "Referer") ? NULL : &wire->referer;
    case 's':
        return strcasecmp(name, "Sec-Fetch-Site") ? NULL : &wire->sec_fetch_site;
    case 'u':
        return strcasecmp(name, "Upgrade") ? NULL : &wire->upgrade;
    default:
        return NULL;
    }
}

static void read_headers(const request_rec *r, avcsec_facts_t *facts)
{
    const apr_array_header_t *entries = apr_table_elts(r->headers_in);

    for (int i = 0; i < entries->nelts; i++) {
        const apr_table_entry_t *header = &APR_ARRAY_IDX(entries, i, apr_table_entry_t);
        avcsec_slice_t *field = field_of(&facts->wire, header->key);

        if (field && !field->p)
            *field = avcsec_slice_of(header->val);
        facts->is_forwarded |= avcsec_forwarding_is_header(header->key);
    }
}

/* ---- The hook ---- */

int avcsec_gather(request_rec *r)
{
    avcsec_facts_t *facts;

    if (avcsec_is_idle()) {
        avcsec_forwarding_drop_own(r);
        avcsec_forwarding_watch_trailers(r);
        avcsec_strip_foreign_referer(r);
        return DECLINED;
    }
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
    facts->wire.path = raw_path(r);
    facts->wire.query = avcsec_slice_of(r->args);
    facts->wire.method = avcsec_slice_of(r->method);
    read_headers(r, facts);
    facts->wire.is_encrypted =
        ap_ssl_conn_is_ssl(r->connection->master ? r->connection->master : r->connection);
    ap_set_module_config(r->request_config, &avcsec_module, facts);
    if (avcsec_keys_has(r->server))
        avcsec_strip_early(r, facts);
    else
        avcsec_strip_foreign_referer(r);
    return DECLINED;
}
