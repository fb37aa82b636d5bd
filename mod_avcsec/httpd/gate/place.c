/* SPDX-License-Identifier: Apache-2.0
 *
 * What a step leads to, and whether that is private.
 */
#include "httpd/gate/place.h"

#include "httpd/gate/behind.h"
#include "httpd/gate/tokens.h"
#include "httpd/request/facts.h"
#include "httpd/state/places.h"

#include "apr_strings.h"
#include "http_core.h"

/* The file that a FastCGI server or its like is told to run: the path in the address, for
 * those say where their files are. "balancer" may stand for one. NULL for other addresses. */
static const char *told_file(request_rec *r, const char *address)
{
    static const char *const schemes[] = {"fcgi:", "scgi:", "uwsgi:", "balancer:", NULL};
    const char *socket = strchr(address, '|');

    if (!strncasecmp(address, "unix:", 5) && socket)
        address = socket + 1;
    for (int i = 0; schemes[i]; i++)
        if (!strncasecmp(address, schemes[i], strlen(schemes[i]))) {
            address = avcsec_behind_path(address);
            return apr_pstrmemdup(r->pool, address, strcspn(address, "?"));
        }
    return NULL;
}

static int refuse(request_rec *r, const char *path, const char *directory)
{
    const char *detail =
        directory ? apr_psprintf(r->pool,
                                 "%s lies in the private directory %s, and only its AvcFiles "
                                 "serves what is there",
                                 ap_escape_logitem(r->pool, path), directory)
                  : "its links lead in a circle, or its path is too long to be looked at";

    /* What only looks (a listing, PATH_TRANSLATED) goes by what it finds here. */
    if (r->main) {
        r->filename = apr_pstrdup(r->pool, "avcsec-shadowed:");
        r->path_info = apr_pstrdup(r->pool, "");
        r->finfo = (apr_finfo_t){.filetype = APR_NOFILE};
    }
    return avcsec_gate_refuse(r, AVCSEC_SHADOWED, detail, false);
}

static int check(request_rec *r, const char *path, const apr_finfo_t *there)
{
    const char *directory;

    if (!path || *path != '/' ||
        avcsec_places_find(path, there, &directory) == AVCSEC_PLACE_ELSEWHERE)
        return OK;
    return refuse(r, path, directory);
}

int avcsec_place_check_file(request_rec *r, const char *path)
{
    return check(r, path, NULL);
}

/* As it stands, and decoded, which some do before they open it. */
static int check_told(request_rec *r, const char *path)
{
    int status = check(r, path, NULL);
    char *decoded;

    if (status != OK || !path || !strchr(path, '%'))
        return status;
    decoded = apr_pstrdup(r->pool, path);
    ap_unescape_url_keep2f(decoded, 1);
    return check(r, decoded, NULL);
}

int avcsec_place_check_handler(request_rec *r)
{
    const char *told;

    if (!avcsec_behind_is_address(r->handler) || !r->filename || !avcsec_places_are_there() ||
        !(told = told_file(r, r->handler + 6)) || !*told)
        return OK;
    return check_told(r, apr_pstrcat(r->pool, told, r->filename, NULL));
}

int avcsec_place_check(request_rec *r)
{
    if (!avcsec_places_are_there() || !r->filename || avcsec_facts_is_private_file(r))
        return OK;
    if (avcsec_behind_is_address(r->filename))
        return check_told(r, told_file(r, r->filename + 6));
    return check(r, r->filename, &r->finfo);
}
