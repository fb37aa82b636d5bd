/* SPDX-License-Identifier: Apache-2.0
 *
 * Paths of a step, and names in them.
 */
#include "httpd/gate/paths.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_request.h"

#include <limits.h>
#include <stdlib.h>

const char *avcsec_path_below(const char *path, const char *base)
{
    size_t len = base ? strlen(base) : 0;

    while (len && base[len - 1] == '/')
        len--;
    return len && !strncmp(path, base, len) && (path[len] == '/' || !path[len]) ? path + len : NULL;
}

/* What httpd mapped the request to, without the directories above the site: a site may
 * lie in a directory that is called like a hidden name. */
static const char *mapped_part(request_rec *r)
{
    const char *path = r->filename, *part;

    if (!path)
        return "";
    if (!strncmp(path, "proxy:", 6)) {
        const char *host = strstr(path, "://");

        path = host ? host + 3 : path;
        path += strcspn(path, "/");
    }
    if (!(part = avcsec_path_below(path, ap_context_document_root(r))))
        part = avcsec_path_below(path, ap_document_root(r));
    /* An Alias may name the very file. */
    if (part && !*part && r->finfo.filetype != APR_DIR)
        part = strrchr(path, '/');
    return part ? part : path;
}

/* What a proxy is asked for, decoded and without its query. */
static const char *proxied_part(request_rec *r, const char *mapped)
{
    char *path = apr_pstrmemdup(r->pool, mapped, strcspn(mapped, "?"));

    ap_unescape_url_keep2f(path, 1);
    return path;
}

/* The file behind symbolic links: one that is called otherwise is still the script. */
static const char *real_part(request_rec *r)
{
    char real[PATH_MAX];
    const char *part;

    if (r->finfo.filetype != APR_REG || !realpath(r->filename, real) || !strcmp(real, r->filename))
        return NULL;
    if (!(part = avcsec_path_below(real, ap_context_document_root(r))))
        part = avcsec_path_below(real, ap_document_root(r));
    return apr_pstrdup(r->pool, part ? part : strrchr(real, '/'));
}

static void add(avcsec_paths_t *paths, const char *path, const char *folder, bool is_behind)
{
    if (path && *path)
        APR_ARRAY_PUSH(paths->list, avcsec_path_t) = (avcsec_path_t){path, folder, is_behind};
}

void avcsec_paths_find(request_rec *r, avcsec_paths_t *paths)
{
    const char *mapped = mapped_part(r);
    bool is_proxied = r->filename && !strncmp(r->filename, "proxy:", 6);

    paths->list = apr_array_make(r->pool, 8, sizeof(avcsec_path_t));
    add(paths, r->uri, NULL, is_proxied);
    add(paths, mapped, NULL, is_proxied);
    add(paths, r->path_info, NULL, false);
    if (is_proxied)
        add(paths, proxied_part(r, mapped), NULL, true);
    else
        add(paths, real_part(r), NULL, false);
}

static bool holds(const avcsec_names_t *list, const avcsec_path_t *path, avcsec_slice_t query)
{
    avcsec_slice_t folder = avcsec_slice_of(path->folder), s = avcsec_slice_of(path->path);

    for (int i = 0; i < list->names->nelts; i++)
        if (avcsec_name_is_below(&APR_ARRAY_IDX(list->names, i, avcsec_name_t), folder, s, query))
            return true;
    return false;
}

bool avcsec_paths_have(request_rec *r, const avcsec_names_t *list, const avcsec_paths_t *paths)
{
    avcsec_slice_t query = avcsec_slice_of(r->args);

    for (int i = 0; list && paths->list && i < paths->list->nelts; i++)
        if (holds(list, &APR_ARRAY_IDX(paths->list, i, avcsec_path_t), query))
            return true;
    return false;
}
