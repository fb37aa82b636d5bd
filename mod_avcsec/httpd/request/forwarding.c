/* SPDX-License-Identifier: Apache-2.0
 *
 * Headers that speak for somebody else.
 */
#include "httpd/request/forwarding.h"

#include "httpd/state/keys.h"

#include "apr_lib.h"
#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"
#include "http_protocol.h"
#include "util_filter.h"

APLOG_USE_MODULE(avcsec);

/* ---- Names ---- */

/* A name that begins with `prefix` for those who take every sign for '-'. */
static bool has_prefix(const char *name, const char *prefix)
{
    for (; *prefix; name++, prefix++) {
        int c = apr_isalnum(*name) ? apr_tolower(*name) : *name ? '-' : 0;

        if (c != apr_tolower(*prefix))
            return false;
    }
    return true;
}

static bool is_named(const char *name, const char *other)
{
    return apr_tolower(*name) == apr_tolower(*other) && strlen(name) == strlen(other) &&
           has_prefix(name, other);
}

static bool is_one_of(const char *name, const char *const *names)
{
    while (*names && !is_named(name, *names))
        names++;
    return *names != NULL;
}

/* Such a header says that a proxy asks: its own address is nobody's. */
static const char *const forwarding_headers[] = {"Forwarded", "X-Forwarded-For",  "X-Real-IP",
                                                 "Via",       "CF-Connecting-IP", NULL};

/* And these say for whom. */
static const char *const headers[] = {"Client-IP",
                                      "X-Client-IP",
                                      "X-Forwarded-For",
                                      "X-Forwarded",
                                      "Forwarded",
                                      "Forwarded-For",
                                      "X-Real-IP",
                                      "True-Client-IP",
                                      "CF-Connecting-IP",
                                      "X-Cluster-Client-IP",
                                      "Proxy-Client-IP",
                                      "WL-Proxy-Client-IP",
                                      "X-Original-Forwarded-For",
                                      NULL};

static bool is_own(const char *name, const void *baton)
{
    (void)baton;
    return (*name | 0x20) == 'x' && has_prefix(name, "X-Avc-");
}

static bool is_scrubbed(const char *name, const void *baton)
{
    (void)baton;
    return is_one_of(name, headers);
}

/* A trusted proxy writes none in such a way: it passed on what a client wrote. */
static bool is_misspelt(const char *name, const void *baton)
{
    const char *const *exact = headers;

    (void)baton;
    while (*exact && strcasecmp(name, *exact))
        exact++;
    return !*exact && is_one_of(name, headers);
}

/* Takes out every header of such a name. */
static void drop(apr_table_t *table, bool (*is_it)(const char *name, const void *baton),
                 const void *baton)
{
    const apr_array_header_t *entries = apr_table_elts(table);

    for (int i = 0; i < entries->nelts;) {
        const char *name = APR_ARRAY_IDX(entries, i, apr_table_entry_t).key;

        if (is_it(name, baton))
            apr_table_unset(table, name);
        else
            i++;
    }
}

/* ---- X-Avc-* ---- */

/* A proxy takes out what `Connection` names: that must be nothing that was set here. */
static void clean_connection(request_rec *r)
{
    const char *rest, *left = NULL, *name;

    if (!apr_table_get(r->headers_in, "Connection"))
        return;
    rest = apr_table_getm(r->pool, r->headers_in, "Connection");
    if (!ap_strcasestr(rest, "avc"))
        return;
    while (*(name = ap_get_token(r->pool, &rest, 0)) || *rest) {
        rest += strspn(rest, ";,");
        if (*name && !has_prefix(name, "X-Avc-"))
            left = left ? apr_pstrcat(r->pool, left, ", ", name, NULL) : name;
    }
    if (left)
        apr_table_setn(r->headers_in, "Connection", left);
    else
        apr_table_unset(r->headers_in, "Connection");
}

void avcsec_forwarding_drop_own(request_rec *r)
{
    drop(r->headers_in, is_own, NULL);
    clean_connection(r);
}

/* ---- Whom a proxy asks for ---- */

bool avcsec_forwarding_is_header(const char *name)
{
    switch (*name | 0x20) {
    case 'c':
    case 'f':
    case 'v':
    case 'x':
        return is_one_of(name, forwarding_headers);
    default:
        return false;
    }
}

static avcsec_facts_t *facts_of_root(const request_rec *r)
{
    return avcsec_facts_is_root(r) ? avcsec_facts(r) : NULL;
}

int avcsec_forwarding_before_remoteip(request_rec *r)
{
    avcsec_facts_t *facts;

    if ((avcsec_config_uses_useragent(r->server) || avcsec_config_scrubs_headers(r->server)) &&
        (facts = facts_of_root(r)))
        facts->sent_headers = apr_table_copy(r->pool, r->headers_in);
    return DECLINED;
}

/* What mod_remoteip takes of its header's value leaves the header; what it leaves there was
 * said by somebody whom it does not trust. */
int avcsec_forwarding_behind_remoteip(request_rec *r)
{
    const apr_array_header_t *entries;
    avcsec_facts_t *facts;

    if (r->useragent_addr == r->connection->client_addr || !(facts = facts_of_root(r)) ||
        !facts->sent_headers)
        return DECLINED;
    entries = apr_table_elts(facts->sent_headers);
    for (int i = 0; i < entries->nelts; i++) {
        const apr_table_entry_t *sent = &APR_ARRAY_IDX(entries, i, apr_table_entry_t);
        const char *left = apr_table_get(r->headers_in, sent->key);

        if (left && !strcmp(left, apr_table_get(facts->sent_headers, sent->key)))
            continue;
        facts->is_vouched = true;
        facts->claimed_header = left ? sent->key : NULL;
        break;
    }
    return DECLINED;
}

int avcsec_forwarding_scrub(request_rec *r)
{
    const avcsec_facts_t *facts;

    if (!avcsec_config_scrubs_headers(r->server))
        return DECLINED;
    facts = avcsec_facts(r);
    /* Without facts it is the page for a request that was malformed. */
    if (facts && !avcsec_facts_is_root(r))
        return DECLINED;
    if (!facts || !facts->is_vouched)
        drop(r->headers_in, is_scrubbed, NULL);
    else {
        drop(r->headers_in, is_misspelt, NULL);
        if (facts->claimed_header)
            apr_table_unset(r->headers_in, facts->claimed_header);
    }
    return DECLINED;
}

/* ---- Trailers ---- */

static ap_filter_rec_t *trailers_filter;

/* RFC 9110, 6.5.1: what says who asks, or for which host, is no trailer. */
static const char *const no_trailers[] = {"Authorization",       "Cookie",  "Host",    "Origin",
                                          "Proxy-Authorization", "Referer", "Upgrade", NULL};

/* A header of that name was taken out of the request, or would have been. */
static bool is_no_trailer(const char *name, const void *baton)
{
    const request_rec *r = baton;
    const avcsec_facts_t *facts = avcsec_facts(r);
    const char *secret = facts ? apr_table_get(facts->root->notes, "avc-secret") : NULL;

    return is_own(name, NULL) || (secret && is_named(name, secret)) ||
           (avcsec_keys_has(r->server) && is_one_of(name, no_trailers)) ||
           (avcsec_config_scrubs_headers(r->server) && is_scrubbed(name, NULL));
}

static apr_status_t filter_trailers(ap_filter_t *f, apr_bucket_brigade *bb, ap_input_mode_t mode,
                                    apr_read_type_e block, apr_off_t readbytes)
{
    request_rec *r = f->r;
    apr_table_t *before = r->headers_in;
    apr_status_t status = ap_get_brigade(f->next, bb, mode, block, readbytes);

    if (r->headers_in != before) {
        drop(r->trailers_in, is_no_trailer, r);
        r->headers_in = apr_table_overlay(r->pool, before, r->trailers_in);
    }
    return status;
}

void avcsec_forwarding_watch_trailers(request_rec *r)
{
    const core_server_config *core = ap_get_core_module_config(r->server->module_config);

    if (core->merge_trailers == AP_MERGE_TRAILERS_ENABLE && !r->main)
        ap_add_input_filter_handle(trailers_filter, NULL, r, r->connection);
}

void avcsec_forwarding_register(void)
{
    /* Right above what reads the body. */
    trailers_filter = ap_register_input_filter("AVCSEC_TRAILERS", filter_trailers, NULL,
                                               (ap_filter_type)(AP_FTYPE_PROTOCOL - 1));
}
