/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads sections out of httpd's tree, and merges what this module has in them as httpd would
 * for a request.
 */
#include "httpd/checks/where.h"

#include "httpd/config/roots.h"

#include "apr_fnmatch.h"
#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"

APLOG_USE_MODULE(avcsec);

static bool is_section(const ap_directive_t *directive)
{
    static const char *const names[] = {
        "<Location", "<LocationMatch", "<Directory", "<DirectoryMatch", "<Files", "<FilesMatch",
        "<If",       "<ElseIf",        "<Else",      "<Proxy",          NULL};

    for (int i = 0; names[i]; i++)
        if (!strcasecmp(directive->directive, names[i]))
            return true;
    return false;
}

/* Limit, IfModule, Require blocks and virtual hosts are no places. */
static const ap_directive_t *section_around(const ap_directive_t *line)
{
    while (line && (line = line->parent) != NULL && !is_section(line))
        ;
    return line;
}

const char *avcsec_where_argument(apr_pool_t *p, const ap_directive_t *section, bool *is_regex)
{
    size_t len = strlen(section->args);
    const char *args;
    char *word;

    while (len && (section->args[len - 1] == '>' || section->args[len - 1] == ' '))
        len--;
    args = apr_pstrmemdup(p, section->args, len);
    word = ap_getword_conf(p, &args);
    *is_regex = !strcmp(word, "~");
    return *is_regex ? ap_getword_conf(p, &args) : word;
}

static avcsec_in_t kind_of(const ap_directive_t *section, const char *argument, bool is_regex)
{
    bool is_pattern = is_regex || apr_fnmatch_test(argument);

    if (!strcasecmp(section->directive, "<Location"))
        return !is_pattern && *argument == '/' ? AVCSEC_IN_LOCATION : AVCSEC_IN_ANOTHER;
    if (!strcasecmp(section->directive, "<Directory"))
        return !is_pattern && *argument == '/' ? AVCSEC_IN_DIRECTORY : AVCSEC_IN_ANOTHER;
    return !strcasecmp(section->directive, "<Files") && !is_regex && !section_around(section)
               ? AVCSEC_IN_FILES
               : AVCSEC_IN_ANOTHER;
}

avcsec_where_t avcsec_where_of(apr_pool_t *p, const ap_directive_t *line)
{
    const ap_directive_t *section = section_around(line);
    avcsec_where_t where = {AVCSEC_IN_SERVER, section, NULL, NULL};
    bool is_regex;
    const char *argument;

    if (!section)
        return where;
    argument = avcsec_where_argument(p, section, &is_regex);
    where.in = kind_of(section, argument, is_regex);
    if (where.in == AVCSEC_IN_LOCATION || where.in == AVCSEC_IN_DIRECTORY) {
        char *path = apr_pstrdup(p, argument);

        ap_no2slash(path);
        where.path = avcsec_path_without_slash(p, path);
    } else if (where.in == AVCSEC_IN_FILES)
        where.path = argument;
    where.words = apr_psprintf(p, "%s %s%s", section->directive, section->args,
                               strchr(section->args, '>') ? "" : ">");
    return where;
}

/* ---- What holds there ---- */

static bool is_around(const ap_directive_t *section, const ap_directive_t *line)
{
    while (line && line != section)
        line = line->parent;
    return line != NULL;
}

/* The section of `other` is one that httpd merges for what is in the section of `where`. */
static bool holds_for(apr_pool_t *p, const avcsec_setting_t *other, const avcsec_where_t *where)
{
    avcsec_where_t outer = avcsec_where_of(p, other->line);
    size_t len = outer.path ? strlen(outer.path) : 0;

    if (outer.section && is_around(outer.section, where->section))
        return true;
    return outer.in == where->in &&
           (outer.in == AVCSEC_IN_LOCATION || outer.in == AVCSEC_IN_DIRECTORY) &&
           !strncmp(where->path, outer.path, len) && (where->path[len] == '/' || !where->path[len]);
}

static bool has_section(const apr_array_header_t *sections, const void *section)
{
    for (int i = 0; i < sections->nelts; i++)
        if (APR_ARRAY_IDX(sections, i, const void *) == section)
            return true;
    return false;
}

const avcsec_section_t *avcsec_where_effective(const avcsec_checks_t *check, const server_rec *s,
                                               const avcsec_setting_t *setting)
{
    apr_array_header_t *merged = apr_array_make(check->p, 4, sizeof(const void *));
    avcsec_where_t where = avcsec_where_of(check->p, setting->line);
    void *section = ap_get_module_config(s->lookup_defaults, &avcsec_module);

    for (int i = 0; where.section && i < avcsec_config_settings()->nelts; i++) {
        const avcsec_setting_t *other = avcsec_tree_setting(i);

        if (!other->is_in_section || !other->section || has_section(merged, other->section) ||
            (other->server != s && other->server != check->main_server) ||
            !holds_for(check->p, other, &where))
            continue;
        APR_ARRAY_PUSH(merged, const void *) = other->section;
        section = avcsec_config_merge_section(check->p, section, (void *)other->section);
    }
    return section;
}

/* ---- On disk ---- */

const char *avcsec_where_mapped(apr_pool_t *p, const server_rec *s, const char *url)
{
    const apr_array_header_t *roots = avcsec_roots();
    const avcsec_root_t *longest = NULL;

    for (int i = 0; roots && i < roots->nelts; i++) {
        const avcsec_root_t *root = &APR_ARRAY_IDX(roots, i, avcsec_root_t);
        size_t len = root->url ? strlen(root->url) : 0;

        if (avcsec_root_is_of(root, s) && !strncmp(url, root->url, len) &&
            (url[len] == '/' || !url[len]) && (!longest || len > strlen(longest->url)))
            longest = root;
    }
    return longest ? apr_pstrcat(p, longest->directory, url + strlen(longest->url), NULL) : NULL;
}

const char *avcsec_where_directory(apr_pool_t *p, const server_rec *s, const avcsec_where_t *where)
{
    if (where->in == AVCSEC_IN_LOCATION)
        return avcsec_where_mapped(p, s, where->path);
    return where->in == AVCSEC_IN_DIRECTORY ? *where->path ? where->path : "/" : NULL;
}
