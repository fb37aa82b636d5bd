/* SPDX-License-Identifier: Apache-2.0
 *
 * Judging what WebDAV reads and writes beside what was asked for.
 */
#include "httpd/gate/dav.h"

#include "httpd/config/others.h"
#include "httpd/gate/elsewhere.h"
#include "httpd/gate/look.h"
#include "httpd/request/facts.h"
#include "httpd/state/places.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"
#include "http_request.h"
#include "mod_dav.h"

APLOG_USE_MODULE(avcsec);

#define HANDLER "dav-handler" /* of mod_dav, which keeps its name to itself */

/* ---- Folders ---- */

static int check_folder(request_rec *r, const char *method, const char *uri, const char *directory);

/* `uri` is escaped and ends in a slash. */
static int check_entry(request_rec *r, apr_pool_t *p, const char *method, const char *uri,
                       const char *directory, const char *name)
{
    const char *child = apr_pstrcat(p, uri, ap_escape_uri(p, name), NULL);
    avcsec_look_t found = avcsec_look(r, method, child);
    apr_finfo_t entry;

    if (found.verdict != AVCSEC_UNDECIDED)
        return avcsec_look_refuse(r, &found, child);
    /* A link goes as a link, and not what is behind it. */
    if (!found.directory ||
        apr_stat(&entry, apr_pstrcat(p, directory, "/", name, NULL),
                 APR_FINFO_LINK | APR_FINFO_TYPE, p) != APR_SUCCESS ||
        entry.filetype != APR_DIR)
        return OK;
    return check_folder(r, method, apr_pstrcat(p, child, "/", NULL), found.directory);
}

/* Whatever lies below goes with the folder. */
static int check_folder(request_rec *r, const char *method, const char *uri, const char *directory)
{
    apr_pool_t *p, *scratch;
    apr_dir_t *open;
    apr_finfo_t entry;
    int status = OK;

    apr_pool_create(&p, r->pool);
    apr_pool_create(&scratch, p);
    if (apr_dir_open(&open, directory, p) == APR_SUCCESS)
        while (status == OK && apr_dir_read(&entry, APR_FINFO_NAME, open) == APR_SUCCESS) {
            if (strcmp(entry.name, ".") && strcmp(entry.name, ".."))
                status = check_entry(r, scratch, method, uri, directory, entry.name);
            apr_pool_clear(scratch);
        }
    apr_pool_destroy(p); /* mod_dav can open no folder either that could not be opened here */
    return status;
}

static const char *with_slash(apr_pool_t *p, const char *uri)
{
    size_t len = strlen(uri);

    return len && uri[len - 1] == '/' ? uri : apr_pstrcat(p, uri, "/", NULL);
}

/* ---- Destination ---- */

/* Its path, still escaped, as mod_dav reads it; NULL: there is none, or none that it takes. */
static const char *destination_of(request_rec *r)
{
    const char *value = apr_table_get(r->headers_in, "Destination"),
               *old = apr_table_get(r->headers_in, "New-uri");
    apr_uri_t uri;

    if (!value && old)
        value = apr_pstrcat(r->pool, "http://", apr_table_get(r->headers_in, "Host"), old, NULL);
    if (!value || apr_uri_parse(r->pool, value, &uri) != APR_SUCCESS)
        return NULL;
    return apr_uri_unparse(r->pool, &uri, APR_URI_UNP_OMITSITEPART);
}

static int check_destination(request_rec *r, avcsec_facts_t *facts, const char *uri)
{
    avcsec_look_t found;
    int status = OK;

    facts->is_destination = true;
    found = avcsec_look(r, r->method, uri);
    if (found.verdict != AVCSEC_UNDECIDED)
        status = avcsec_look_refuse(r, &found, uri);
    else if (found.directory)
        status = check_folder(r, r->method, with_slash(r->pool, uri), found.directory);
    facts->is_destination = false;
    return status;
}

static bool takes_folder(request_rec *r)
{
    const char *depth = apr_table_get(r->headers_in, "Depth");

    if (!r->filename || r->finfo.filetype != APR_DIR)
        return false;
    return r->method_number == M_MOVE || r->method_number == M_DELETE ||
           (r->method_number == M_COPY && (!depth || strcmp(depth, "0")));
}

int avcsec_dav_check(request_rec *r)
{
    avcsec_facts_t *facts;
    const char *destination;
    int status = OK;

    if (!r->handler || *r->handler != *HANDLER || strcmp(r->handler, HANDLER) ||
        !(facts = avcsec_facts(r)) || !avcsec_elsewhere_may_differ(r))
        return OK;
    if (takes_folder(r))
        status = check_folder(r, "GET", with_slash(r->pool, ap_escape_uri(r->pool, r->uri)),
                              r->filename);
    destination = destination_of(r);
    return status == OK && destination ? check_destination(r, facts, destination) : status;
}

/* ---- Listing ---- */

/* mod_dav asks of each thing that PROPFIND and its like have come to, before it says what it
 * is. */
static int check_listed(request_rec *r, dav_resource *asked, const dav_resource *found,
                        const apr_xml_doc *doc, dav_error **error)
{
    avcsec_look_t seen;

    (void)doc;
    if (asked || !found || !found->uri || !avcsec_facts(r) || !avcsec_elsewhere_may_differ(r))
        return DECLINED;
    seen = avcsec_look(r, "GET", ap_escape_uri(r->pool, found->uri));
    if (seen.verdict == AVCSEC_UNDECIDED)
        return DECLINED;
    *error = apr_pcalloc(r->pool, sizeof(**error));
    (*error)->status = HTTP_FORBIDDEN;
    return OK;
}

int avcsec_dav_register(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp)
{
    dav_HOOK_method_precondition_t *check = check_listed;

    (void)pconf, (void)plog, (void)ptemp;
    avcsec_others_hook("dav_hook_method_precondition", (void (*)(void))check,
                       APR_HOOK_REALLY_FIRST);
    return OK;
}
