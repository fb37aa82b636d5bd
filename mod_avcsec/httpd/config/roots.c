/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads document roots and Alias lines.
 */
#include "httpd/config/roots.h"

#include "apr_strings.h"
#include "http_config.h"
#include "http_core.h"

#include <limits.h>
#include <stdlib.h>

static apr_array_header_t *roots;

const char *avcsec_path_below(const char *path, const char *base)
{
    size_t len = base ? strlen(base) : 0;

    while (len && base[len - 1] == '/')
        len--;
    return len && !strncmp(path, base, len) && (path[len] == '/' || !path[len]) ? path + len : NULL;
}

const char *avcsec_path_without_slash(apr_pool_t *p, const char *path)
{
    size_t len = strlen(path);

    while (len && path[len - 1] == '/')
        len--;
    return path[len] ? apr_pstrmemdup(p, path, len) : path;
}

const char *avcsec_path_real(apr_pool_t *p, const char *path)
{
    const char *slash = strrchr(path, '/');
    char real[PATH_MAX];

    if (realpath(path, real))
        return apr_pstrdup(p, real);
    if (!slash || slash == path || !realpath(apr_pstrmemdup(p, path, (size_t)(slash - path)), real))
        return NULL;
    return apr_pstrcat(p, real, slash, NULL);
}

/* ---- Reading ---- */

static void note(apr_pool_t *p, const server_rec *server, const char *url, const char *directory,
                 bool is_alias)
{
    const char *absolute = ap_server_root_relative(p, directory);
    char *real = absolute ? realpath(absolute, NULL) : NULL;

    if (absolute && *(absolute = avcsec_path_without_slash(p, absolute)))
        APR_ARRAY_PUSH(roots, avcsec_root_t) = (avcsec_root_t){
            server, url, absolute,
            real ? avcsec_path_without_slash(p, apr_pstrdup(p, real)) : absolute, is_alias};
    free(real);
}

const server_rec *avcsec_server_of(const ap_directive_t *directive, const server_rec *s)
{
    while (directive && strcasecmp(directive->directive, "<VirtualHost"))
        directive = directive->parent;
    for (; directive && s; s = s->next)
        if (s->defn_name && !strcmp(s->defn_name, directive->filename) &&
            s->defn_line_number == (unsigned)directive->line_num)
            return s;
    return NULL;
}

/* The directory that stands whole in what a pattern makes of addresses. */
static const char *literal_directory(apr_pool_t *p, const char *made)
{
    const char *literal = apr_pstrmemdup(p, made, strcspn(made, "$\\%"));
    const char *slash = strrchr(literal, '/');

    if (strlen(literal) == strlen(made))
        return made;
    return slash ? apr_pstrmemdup(p, literal, (size_t)(slash - literal)) : NULL;
}

static void note_alias(apr_pool_t *p, const ap_directive_t *directive, const server_rec *s)
{
    bool is_pattern = !strcasecmp(directive->directive + strlen(directive->directive) - 5, "Match");
    const char *args = directive->args, *url = ap_getword_conf(p, &args),
               *target = ap_getword_conf(p, &args);

    /* In a <Location>, the target stands alone and may be an expression. */
    if (!*target) {
        target = url;
        url = NULL;
    }
    if (url && !is_pattern && *target)
        note(p, avcsec_server_of(directive, s), avcsec_path_without_slash(p, url), target, true);
    else if ((target = literal_directory(p, target)))
        note(p, avcsec_server_of(directive, s), NULL, target, true);
}

static bool is_alias(const ap_directive_t *directive)
{
    static const char *const names[] = {"Alias", "AliasMatch", "ScriptAlias", "ScriptAliasMatch",
                                        NULL};

    for (int i = 0; names[i]; i++)
        if (!strcasecmp(directive->directive, names[i]))
            return true;
    return false;
}

static void note_aliases(apr_pool_t *p, const ap_directive_t *tree, const server_rec *s)
{
    for (; tree; tree = tree->next) {
        if (is_alias(tree))
            note_alias(p, tree, s);
        note_aliases(p, tree->first_child, s);
    }
}

int avcsec_roots_note(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s)
{
    (void)plog, (void)ptemp;
    roots = apr_array_make(pconf, 8, sizeof(avcsec_root_t));
    note_aliases(pconf, ap_conftree, s);
    for (; s; s = s->next) {
        const core_server_config *core = ap_get_core_module_config(s->module_config);

        if (core->ap_document_root)
            note(pconf, s, "", core->ap_document_root, false);
    }
    return OK;
}

/* ---- Asking ---- */

const apr_array_header_t *avcsec_roots(void)
{
    return roots;
}

bool avcsec_root_is_of(const avcsec_root_t *root, const server_rec *s)
{
    return root->url && (!root->server || root->server == s);
}

const char *avcsec_root_below(const avcsec_root_t *root, const char *path)
{
    const char *part = avcsec_path_below(path, root->directory);

    return part ? part : avcsec_path_below(path, root->real);
}

const avcsec_root_t *avcsec_roots_innermost(const char *path)
{
    const avcsec_root_t *innermost = NULL;
    size_t least = 0;

    for (int i = 0; roots && i < roots->nelts; i++) {
        const avcsec_root_t *root = &APR_ARRAY_IDX(roots, i, avcsec_root_t);
        const char *part = avcsec_root_below(root, path);

        if (part && (!innermost || strlen(part) < least)) {
            innermost = root;
            least = strlen(part);
        }
    }
    return innermost;
}
