/* SPDX-License-Identifier: Apache-2.0
 *
 * Paths of a step, and names in them. A site may lie in a directory that is called like a hidden
 * name: names are looked for below document roots and targets of aliases, not above them.
 */
#include "httpd/gate/paths.h"

#include "httpd/config/roots.h"
#include "httpd/gate/behind.h"
#include "httpd/request/facts.h"

#include "core/text/spelling.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_request.h"

#include <limits.h>
#include <stdlib.h>

static void add(avcsec_paths_t *paths, const char *path, const char *folder, bool is_behind)
{
    char *cut;

    if (!path || !*path)
        return;
    APR_ARRAY_PUSH(paths->list, avcsec_path_t) = (avcsec_path_t){path, folder, is_behind};
    if (!is_behind || !strchr(path, ';'))
        return;
    cut = apr_palloc(paths->list->pool, strlen(path) + 1);
    if (avcsec_spelling_read(AVCSEC_CUT, avcsec_slice_of(path), cut))
        APR_ARRAY_PUSH(paths->list, avcsec_path_t) = (avcsec_path_t){cut, folder, is_behind};
}

/* ---- Below which directory ---- */

/* In which list; whether a proxied server is asked for it; whether it is a folder. */
typedef struct {
    request_rec *r;
    avcsec_paths_t *paths;
    bool is_behind, is_folder;
} search_t;

/* The last segment, a copy; NULL: there is none. */
static const char *last_name(apr_pool_t *p, const char *path)
{
    const char *slash = strrchr(path = avcsec_path_without_slash(p, path), '/');

    path = slash ? slash + 1 : path;
    return *path ? apr_pstrdup(p, path) : NULL;
}

/* A file by itself, in its folder. */
static void add_file_alone(const search_t *search, const char *path)
{
    apr_pool_t *p = search->r->pool;
    const char *slash = strrchr(path, '/');

    add(search->paths, slash,
        slash ? last_name(p, apr_pstrmemdup(p, path, (size_t)(slash - path))) : NULL,
        search->is_behind);
}

/* The target of an alias is a folder of some name, of which a rule may speak; a document root
 * is where names begin. */
static bool add_below(const search_t *search, const char *path, const char *base, bool is_alias)
{
    const char *part = avcsec_path_below(path, base);
    const char *folder = part && is_alias ? last_name(search->r->pool, base) : NULL;

    if (!part)
        return false;
    if (*part)
        add(search->paths, part, folder, search->is_behind);
    else if (folder) {
        add(search->paths, "/", folder, search->is_behind);
        if (!search->is_folder) /* an Alias may name the very file */
            add_file_alone(search, path);
    }
    return true;
}

/* Where this step, or one that it was made of, was mapped: httpd does not hand that on. */
static bool add_below_own(const search_t *search, const char *path, bool is_real)
{
    bool is_found = false;

    for (request_rec *r = search->r; r; r = r->main) {
        const char *root = ap_document_root(r), *context = ap_context_document_root(r);
        bool is_alias = root != context && strcmp(root, context) != 0;
        char of_root[PATH_MAX], of_context[PATH_MAX];

        if (is_real && !(root = realpath(root, of_root)))
            root = "";
        if (is_alias && is_real && !(context = realpath(context, of_context)))
            context = "";
        is_found |= add_below(search, path, root, false);
        if (is_alias)
            is_found |= add_below(search, path, context, true);
    }
    return is_found;
}

static bool add_below_others(const search_t *search, const char *path)
{
    const avcsec_root_t *root = avcsec_roots_innermost(path);

    return root && (add_below(search, path, root->directory, root->is_alias) ||
                    add_below(search, path, root->real, root->is_alias));
}

/* ---- Of which step ---- */

static void add_path(const search_t *search, const char *path)
{
    if (!add_below_own(search, path, false) && !add_below_others(search, path))
        add(search->paths, path, NULL, search->is_behind);
}

/* How much two paths have in common at their ends, in whole segments. */
static size_t common_end(const char *a, const char *b)
{
    size_t a_len = strlen(a), b_len = strlen(b), common = 0;

    for (size_t n = 1; n <= a_len && n <= b_len && a[a_len - n] == b[b_len - n]; n++)
        if (a[a_len - n] == '/')
            common = n;
    return common;
}

/* A link out of all sites leads to a folder as an alias does. */
static void add_target(const search_t *search, const char *path, const char *real)
{
    apr_pool_t *p = search->r->pool;
    size_t common = common_end(path, real), base = strlen(real) - common;

    if (!common)
        add_file_alone(search, real);
    else
        add(search->paths, real + base, last_name(p, apr_pstrmemdup(p, real, base)),
            search->is_behind);
}

const char *avcsec_paths_real(const request_rec *r, const char *path)
{
    avcsec_facts_t *facts = avcsec_facts(r);

    if (!facts)
        return avcsec_path_real(r->pool, path);
    if (!facts->real_of || strcmp(facts->real_of, path)) {
        facts->real_of = apr_pstrdup(facts->root->pool, path);
        facts->real = avcsec_path_real(facts->root->pool, path);
    }
    return facts->real;
}

static void add_real(const search_t *search, const char *path)
{
    const char *plain =
                   path && *path == '/' ? avcsec_path_without_slash(search->r->pool, path) : "",
               *real = *plain ? avcsec_paths_real(search->r, plain) : NULL;

    if (!real || !strcmp(real, plain))
        return;
    if (!add_below_own(search, real, false) && !add_below_own(search, real, true) &&
        !add_below_others(search, real))
        add_target(search, plain, real);
}

static void add_behind(const search_t *search, const avcsec_behind_t *asked)
{
    for (int i = 0; i < AVCSEC_BEHIND_SPELLINGS; i++)
        if (asked->path[i])
            add_path(search, asked->path[i]);
}

static void add_behind_real(const search_t *search, const avcsec_behind_t *runs)
{
    for (int i = 0; runs->kind >= AVCSEC_BEHIND_FILE && i < AVCSEC_BEHIND_SPELLINGS; i++)
        if (runs->path[i])
            add_real(search, avcsec_behind_file(search->r->pool, runs->path[i]));
}

void avcsec_paths_find(request_rec *r, avcsec_paths_t *paths)
{
    avcsec_behind_t behind = avcsec_behind_of(r), handler = avcsec_behind_handler(r);
    bool is_proxied = r->filename && !strncmp(r->filename, "proxy:", 6);
    search_t mapped = {r, paths, false, r->finfo.filetype == APR_DIR},
             asked = {r, paths, true, false};

    paths->list = apr_array_make(r->pool, 8, sizeof(avcsec_path_t));
    add(paths, r->uri, NULL, is_proxied);
    add(paths, r->path_info, NULL, false);
    if (!is_proxied && r->filename) {
        add_path(&mapped, r->filename);
        add_real(&mapped, r->filename);
    }
    if (is_proxied || handler.kind) {
        add_behind(&asked, is_proxied ? &behind : &handler);
        add_behind_real(&asked, &behind);
    }
}

/* ---- Names ---- */

/* The file has a sister that ends so. */
static bool has_beside(const request_rec *r, avcsec_slice_t ending)
{
    const char *dot = r->filename ? strrchr(r->filename, '.') : NULL;
    apr_finfo_t sister;

    return dot && *r->filename == '/' &&
           apr_stat(&sister,
                    apr_pstrcat(r->pool,
                                apr_pstrmemdup(r->pool, r->filename, (size_t)(dot - r->filename)),
                                apr_pstrmemdup(r->pool, ending.p, ending.len), NULL),
                    APR_FINFO_TYPE, r->pool) == APR_SUCCESS &&
           sister.filetype == APR_REG;
}

/* What a path alone does not say of an entry of a preset. */
static bool is_meant(request_rec *r, const avcsec_name_t *name, const avcsec_paths_t *paths)
{
    if (name->is_but_for_admins &&
        avcsec_paths_have(r, avcsec_config_section(r)->admin_scripts, paths))
        return false;
    return !name->beside.p || has_beside(r, name->beside);
}

static bool holds(request_rec *r, const avcsec_names_t *list, const avcsec_paths_t *paths,
                  const avcsec_path_t *path)
{
    avcsec_slice_t folder = avcsec_slice_of(path->folder), s = avcsec_slice_of(path->path),
                   query = avcsec_slice_of(r->args);

    for (int i = 0; i < list->names->nelts; i++) {
        const avcsec_name_t *name = &APR_ARRAY_IDX(list->names, i, avcsec_name_t);

        if (avcsec_name_is_below(name, folder, s, query) && is_meant(r, name, paths))
            return true;
    }
    return false;
}

bool avcsec_paths_have(request_rec *r, const avcsec_names_t *list, const avcsec_paths_t *paths)
{
    for (int i = 0; list && paths->list && i < paths->list->nelts; i++)
        if (holds(r, list, paths, &APR_ARRAY_IDX(paths->list, i, avcsec_path_t)))
            return true;
    return false;
}
