/* SPDX-License-Identifier: Apache-2.0
 *
 * Addresses of files.
 */
#include "httpd/gate/addresses.h"

#include "httpd/config/roots.h"

#include "apr_strings.h"
#include "http_core.h"

static void add(apr_pool_t *p, apr_array_header_t *addresses, const char *url, const char *part)
{
    char *address = apr_pstrcat(p, url, "/", part, NULL);

    ap_no2slash(address);
    for (int i = 0; i < addresses->nelts; i++)
        if (!strcmp(address, APR_ARRAY_IDX(addresses, i, const char *)))
            return;
    APR_ARRAY_PUSH(addresses, const char *) = address;
}

static void add_below(apr_pool_t *p, apr_array_header_t *addresses, const char *file,
                      const char *url, const char *directory)
{
    const char *part = avcsec_path_below(file, directory);

    if (part)
        add(p, addresses, url, part);
}

/* The directory of an address or file, with its slash; path info is none of it. */
static const char *directory_of(apr_pool_t *p, const char *path, const char *path_info)
{
    size_t len = strlen(path), more = path_info ? strlen(path_info) : 0;

    if (more < len && more && !strcmp(path + len - more, path_info))
        len -= more;
    while (len && path[len - 1] != '/')
        len--;
    return apr_pstrmemdup(p, path, len);
}

/* A part of a page lies below the page (SSI's "include file"), whatever led there. */
static void add_below_page(request_rec *r, apr_array_header_t *addresses, const char *file)
{
    const request_rec *page = r->main;
    const char *directory;

    while (page && !*page->uri)
        page = page->main;
    if (!page || !page->filename)
        return;
    directory = directory_of(r->pool, page->filename, NULL);
    if (*directory && !strncmp(file, directory, strlen(directory)))
        add(r->pool, addresses, directory_of(r->pool, page->uri, page->path_info),
            file + strlen(directory));
}

const apr_array_header_t *avcsec_addresses_of(request_rec *r, const char *file)
{
    apr_array_header_t *addresses = apr_array_make(r->pool, 4, sizeof(const char *));
    const apr_array_header_t *roots = avcsec_roots();

    for (request_rec *step = r; step; step = step->main) {
        add_below(r->pool, addresses, file, "", ap_document_root(step));
        add_below(r->pool, addresses, file, ap_context_prefix(step),
                  ap_context_document_root(step));
    }
    for (int i = 0; roots && i < roots->nelts; i++) {
        const avcsec_root_t *root = &APR_ARRAY_IDX(roots, i, avcsec_root_t);
        const char *part =
            avcsec_root_is_of(root, r->server) ? avcsec_root_below(root, file) : NULL;

        if (part)
            add(r->pool, addresses, root->url, part);
    }
    add_below_page(r, addresses, file);
    return addresses;
}
