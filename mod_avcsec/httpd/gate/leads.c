/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a step leads.
 */
#include "httpd/gate/leads.h"

#include "httpd/config/backends.h"
#include "httpd/config/protections.h"
#include "httpd/config/roots.h"
#include "httpd/config/shared.h"
#include "httpd/gate/addresses.h"
#include "httpd/gate/behind.h"
#include "httpd/gate/elsewhere.h"
#include "httpd/gate/look.h"
#include "httpd/gate/paths.h"
#include "httpd/request/facts.h"

#include "apr_strings.h"
#include "http_core.h"

typedef int decide_t(request_rec *r);

/* ---- Files ---- */

/* A file by each address that it has; without one, by its directories. */
static int decide_for_file(request_rec *r, avcsec_elsewhere_t where, const char *file,
                           decide_t *decide)
{
    const apr_array_header_t *addresses = avcsec_addresses_of(r, file);
    int status = OK;

    if (!addresses->nelts)
        return where.file ? avcsec_elsewhere_decide(r, &where, decide) : OK;
    for (int i = 0; status == OK && i < addresses->nelts; i++) {
        where.uri = APR_ARRAY_IDX(addresses, i, const char *);
        status = avcsec_elsewhere_decide(r, &where, decide);
    }
    return status;
}

/* A script is where its path says and where links lead from there. */
static int decide_for_script(request_rec *r, avcsec_elsewhere_t where, const char *asked,
                             decide_t *decide)
{
    const char *file = avcsec_behind_file(r->pool, asked), *real;
    int status;

    if (!file)
        return decide_for_file(r, where, asked, decide);
    where.file = file;
    where.path_info = asked + strlen(file);
    real = avcsec_paths_real(r, file);
    where.is_by_the_way = real && strcmp(real, file) != 0;
    status = decide_for_file(r, where, file, decide);
    if (status != OK || !where.is_by_the_way)
        return status;
    where.file = real;
    where.is_by_the_way = false;
    return decide_for_file(r, where, real, decide);
}

int avcsec_leads_decide_by_name(request_rec *r, decide_t *decide)
{
    const avcsec_elsewhere_t where = {.uri = NULL};

    return decide_for_file(r, where, r->filename, decide);
}

/* ---- Names ---- */

/* Of a file, or what its links lead to, by the sections of its other addresses. Sections with
 * its own directory are known already, those where links lead are not. */
static int decide_by_names_of(request_rec *r, const char *path, bool is_elsewhere, decide_t *decide)
{
    avcsec_elsewhere_t where = {.file = is_elsewhere ? path : NULL, .path_info = r->path_info};
    const apr_array_header_t *addresses = avcsec_addresses_of(r, path);
    int status = OK;

    for (int i = 0; status == OK && i < addresses->nelts; i++) {
        const char *address = APR_ARRAY_IDX(addresses, i, const char *);

        if (avcsec_path_below(r->uri, address))
            continue;
        where.uri = address;
        status = avcsec_elsewhere_decide(r, &where, decide);
    }
    return status;
}

int avcsec_leads_decide_names(request_rec *r, decide_t *decide)
{
    const char *path = r->filename, *real;
    int status;

    if (!path || *path != '/' || !avcsec_host_has_named_places(r->server))
        return OK;
    path = avcsec_path_without_slash(r->pool, path);
    status = decide_by_names_of(r, path, false, decide);
    real = status == OK && *path ? avcsec_paths_real(r, path) : NULL;
    return real && strcmp(real, path) ? decide_by_names_of(r, real, true, decide) : status;
}

/* ---- Proxies ---- */

/* Some servers look below the document root that they are told. */
static int decide_for_address(request_rec *r, const char *address, decide_t *decide)
{
    avcsec_elsewhere_t where = {.uri = address};
    const char *asked = apr_pstrcat(r->pool, ap_document_root(r), address, NULL);

    where.file = avcsec_behind_file(r->pool, asked);
    where.path_info = where.file ? asked + strlen(where.file) : NULL;
    return avcsec_elsewhere_decide(r, &where, decide);
}

int avcsec_leads_decide(request_rec *r, decide_t *decide)
{
    const avcsec_elsewhere_t where = {.uri = NULL};
    avcsec_behind_t behind;
    int status = OK;

    if (!avcsec_behind_is_likely(r))
        return OK;
    behind = avcsec_behind_of(r);
    if (behind.kind < AVCSEC_BEHIND_FILE || !avcsec_host_has_places(r->server) ||
        (strncmp(r->filename, "proxy:", 6) && !avcsec_behind_handler(r).kind))
        return OK;
    for (int i = 0; status == OK && i < AVCSEC_BEHIND_SPELLINGS; i++) {
        if (!behind.path[i] || !*behind.path[i])
            continue;
        status = decide_for_script(r, where, behind.path[i], decide);
        if (status == OK && behind.kind == AVCSEC_BEHIND_EITHER)
            status = decide_for_address(r, behind.path[i], decide);
    }
    return status;
}

int avcsec_leads_decide_backend(request_rec *r, decide_t *decide)
{
    avcsec_behind_t behind;
    int status = OK;

    if (!avcsec_behind_is_likely(r))
        return OK;
    behind = avcsec_behind_of(r);
    if (behind.kind == AVCSEC_BEHIND_NOTHING || !avcsec_host_has_places(r->server))
        return OK;
    for (int i = 0; status == OK && i < AVCSEC_BEHIND_SPELLINGS; i++) {
        const char *url =
            behind.path[i] ? apr_pstrcat(r->pool, avcsec_behind_host(r), behind.path[i], NULL) : "";
        const apr_array_header_t *addresses = avcsec_backends_find(r->pool, r->server, url);

        for (int k = 0; status == OK && k < addresses->nelts; k++) {
            avcsec_elsewhere_t where = {.uri = APR_ARRAY_IDX(addresses, k, const char *)};

            status = avcsec_elsewhere_decide(r, &where, decide);
        }
    }
    return status;
}

/* ---- Environment ---- */

static bool is_cgi(const request_rec *r)
{
    return r->handler && strchr("cfa", *r->handler) &&
           (!strcmp(r->handler, "cgi-script") || !strcmp(r->handler, "fcgid-script") ||
            !strcmp(r->handler, "application/x-httpd-cgi"));
}

/* PHP and its like take PATH_TRANSLATED for the script when a redirect seems to have led to them,
 * as mod_actions does; of FastCGI, where mod_proxy_fcgi tells them nothing of itself. */
static bool takes_translated(request_rec *r)
{
    return is_cgi(r) ||
           (avcsec_shared_hides_proxy() && avcsec_behind_of(r).kind >= AVCSEC_BEHIND_FILE);
}

static bool is_redirected(const request_rec *r)
{
    return r->prev || apr_table_get(r->subprocess_env, "REDIRECT_URL") ||
           apr_table_get(r->subprocess_env, "REDIRECT_STATUS");
}

/* By names alone: path info leads to no place. */
static int decide_for_path_info(request_rec *r, const char *told, decide_t *decide)
{
    char *path_info = r->path_info;
    int status;

    r->path_info = apr_pstrdup(r->pool, told);
    status = decide(r);
    r->path_info = path_info;
    return status;
}

/* httpd itself maps path info as an address, to tell it as PATH_TRANSLATED. */
static int decide_for_mapped_info(request_rec *r)
{
    const char *uri = ap_escape_uri(r->pool, r->path_info);
    const char *asked = r->args ? apr_pstrcat(r->pool, uri, "?", r->args, NULL) : uri;
    avcsec_look_t seen;

    if (*uri != '/' || (r->prev && r->prev->uri && !strcmp(r->path_info, r->prev->uri)))
        return OK;
    /* A name may have an argument, and who runs there has the query of this step. */
    seen = avcsec_look(r, "GET", asked);
    return seen.verdict == AVCSEC_UNDECIDED ? OK : avcsec_look_refuse(r, &seen, uri);
}

int avcsec_leads_decide_told(request_rec *r, decide_t *decide)
{
    const avcsec_elsewhere_t where = {.has_other_names = true};
    const char *info, *translated;
    bool has_info = r->path_info && *r->path_info;
    int status = OK;

    if ((!is_cgi(r) &&
         (!avcsec_behind_is_likely(r) || avcsec_behind_of(r).kind == AVCSEC_BEHIND_NOTHING)) ||
        !avcsec_facts(r) || !avcsec_elsewhere_may_differ(r))
        return OK;
    info = apr_table_get(r->subprocess_env, "PATH_INFO");
    translated = apr_table_get(r->subprocess_env, "PATH_TRANSLATED");
    if (!has_info && info)
        status = decide_for_path_info(r, info, decide);
    if (status != OK || !takes_translated(r) || !is_redirected(r))
        return status;
    if (has_info)
        return decide_for_mapped_info(r);
    return translated ? decide_for_script(r, where, translated, decide) : OK;
}
