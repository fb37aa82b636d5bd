/* SPDX-License-Identifier: Apache-2.0
 *
 * Compares a directory with what each line of other modules leads to.
 */
#include "httpd/checks/ways.h"

#include "httpd/config/roots.h"

#include "apr_fnmatch.h"
#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"

#include <pwd.h>

APLOG_USE_MODULE(avcsec);

#define HOMES_MAX 4096 /* a directory of users in the network may have no end */

typedef struct {
    const avcsec_checks_t *check;
    const char *real;
    apr_array_header_t *ways;
} search_t;

static void add(const search_t *search, const char *how, const server_rec *s,
                const ap_directive_t *line, bool is_part)
{
    APR_ARRAY_PUSH(search->ways, avcsec_way_t) =
        (avcsec_way_t){how, s, line ? avcsec_tree_place(line) : (avcsec_place_t){NULL, 0}, is_part};
}

/* Whether the two are one directory, or one lies in the other. */
static bool meets(const search_t *search, const char *directory, bool *is_part)
{
    const char *real = avcsec_tree_real_path(search->check->p, directory);

    *is_part = !avcsec_tree_is_below(search->real, real);
    return !*is_part || avcsec_tree_is_below(real, search->real);
}

/* The first `parts` segments of a path; NULL: it has fewer. */
static const char *first_segments(apr_pool_t *p, const char *path, int parts)
{
    const char *end = path;

    while (parts-- > 0) {
        if (*end != '/' || !end[1])
            return NULL;
        end += 1 + strcspn(end + 1, "/");
    }
    return apr_pstrmemdup(p, path, (size_t)(end - path));
}

static int count_segments(const char *path)
{
    int count = 0;

    for (; *path; path++)
        count += *path == '/' && path[1] && path[1] != '/';
    return count;
}

/* What a pattern of whole segments stands for holds the directory; `pattern` has * for what a
 * request chooses. */
static bool pattern_holds(const search_t *search, const char *pattern, bool *is_part)
{
    apr_pool_t *p = search->check->p;
    /* What stands in front of the first that is chosen may be a link. */
    const char *fixed =
        ap_make_dirstr_parent(p, apr_pstrmemdup(p, pattern, strcspn(pattern, "*?[")));
    const char *real = avcsec_tree_real_path(p, fixed), *head;

    pattern =
        apr_pstrcat(p, avcsec_path_without_slash(p, real), "/", pattern + strlen(fixed), NULL);
    *is_part = avcsec_tree_is_below(real, search->real);
    if (count_segments(pattern) > count_segments(search->real)) {
        *is_part = true;
        pattern = first_segments(p, pattern, count_segments(search->real));
    }
    head = first_segments(p, search->real, count_segments(pattern));
    return avcsec_tree_is_below(real, search->real) ||
           (head && apr_fnmatch(pattern, head, APR_FNM_PATHNAME) == APR_SUCCESS);
}

/* ---- Document roots and aliases ---- */

static void add_root(const search_t *search, server_rec *s)
{
    const core_server_config *core = ap_get_core_module_config(s->module_config);
    bool is_part;

    if (core->ap_document_root && meets(search, core->ap_document_root, &is_part))
        add(search,
            apr_pstrcat(search->check->p, "the DocumentRoot ", core->ap_document_root, NULL), s,
            NULL, is_part);
}

static const server_rec *server_of(const search_t *search, const ap_directive_t *line)
{
    return avcsec_server_of(line, search->check->main_server);
}

static void add_alias(const search_t *search, const ap_directive_t *line)
{
    apr_pool_t *p = search->check->p;
    const char *args = line->args, *url = ap_getword_conf(p, &args),
               *target = ap_getword_conf(p, &args);
    bool is_match = ap_cstr_casecmp(line->directive + strlen(line->directive) - 5, "Match") == 0,
         is_part;

    /* In a <Location> the target stands alone. */
    if (!*target)
        target = url;
    /* "/srv/uploads/$1": what stands before the first variable. */
    if (is_match || strchr(target, '%'))
        target = ap_make_dirstr_parent(p, apr_pstrmemdup(p, target, strcspn(target, "$%")));
    target = ap_server_root_relative(p, target);
    if (target && *target == '/' && target[1] && meets(search, target, &is_part))
        add(search, apr_pstrcat(p, line->directive, " ", line->args, NULL), server_of(search, line),
            line, is_part);
}

/* ---- Homes of users ---- */

static bool lies_in_home(const search_t *search, const char *below)
{
    apr_pool_t *p = search->check->p;
    const struct passwd *user;
    bool is_found = false, is_part;

    setpwent();
    for (int i = 0; !is_found && i < HOMES_MAX && (user = getpwent()) != NULL; i++)
        is_found = user->pw_dir[0] == '/' && user->pw_dir[1] &&
                   meets(search, apr_pstrcat(p, user->pw_dir, "/", below, NULL), &is_part);
    endpwent();
    return is_found;
}

/* UserDir public_html; /srv/users (with the name behind it); /srv/users/STAR/www. */
static void add_user_directory(const search_t *search, const ap_directive_t *line)
{
    apr_pool_t *p = search->check->p;
    const char *args = line->args, *word = ap_getword_conf(p, &args);

    if (!strcasecmp(word, "disabled") || !strcasecmp(word, "enabled"))
        return;
    for (; *word; word = ap_getword_conf(p, &args)) {
        const char *pattern = strchr(word, '*') ? word : apr_pstrcat(p, word, "/*", NULL);
        bool is_part = false;

        if (*word == '/' ? pattern_holds(search, pattern, &is_part)
                         : !strstr(word, "://") && lies_in_home(search, word))
            add(search, apr_pstrcat(p, line->directive, " ", word, NULL), server_of(search, line),
                line, is_part);
    }
}

/* ---- Directories by the name of the host ---- */

/* "/srv/%0/htdocs" as a pattern; "%2.1+" and its like are one part. */
static const char *pattern_of(apr_pool_t *p, const char *word)
{
    char *pattern = apr_palloc(p, strlen(word) + 1), *to = pattern;

    while (*word) {
        if (*word != '%' || word[1] == '%') {
            word += *word == '%';
            *to++ = *word++;
            continue;
        }
        word++;
        word += strspn(word, "-0123456789+p");
        while (*word == '.' && strspn(word + 1, "-0123456789"))
            word += 1 + strspn(word + 1, "-0123456789+");
        *to++ = '*';
    }
    *to = '\0';
    return avcsec_path_without_slash(p, pattern);
}

static void add_virtual_root(const search_t *search, const ap_directive_t *line)
{
    apr_pool_t *p = search->check->p;
    const char *args = line->args, *word = ap_getword_conf(p, &args);

    bool is_part;

    if (*word == '/' && pattern_holds(search, pattern_of(p, word), &is_part))
        add(search, apr_pstrcat(p, line->directive, " ", word, NULL), server_of(search, line), line,
            is_part);
}

/* ---- All of them ---- */

static bool is_one_of(const ap_directive_t *line, const char *const names[])
{
    for (int i = 0; names[i]; i++)
        if (!strcasecmp(line->directive, names[i]))
            return true;
    return false;
}

static void add_lines(const search_t *search, const ap_directive_t *line)
{
    static const char *const aliases[] = {"Alias", "AliasMatch", "ScriptAlias", "ScriptAliasMatch",
                                          NULL};
    static const char *const virtual_roots[] = {"VirtualDocumentRoot", "VirtualScriptAlias",
                                                "VirtualDocumentRootIP", "VirtualScriptAliasIP",
                                                NULL};

    for (; line; line = line->next) {
        if (is_one_of(line, aliases))
            add_alias(search, line);
        else if (is_one_of(line, virtual_roots))
            add_virtual_root(search, line);
        else if (!strcasecmp(line->directive, "UserDir"))
            add_user_directory(search, line);
        add_lines(search, line->first_child);
    }
}

apr_array_header_t *avcsec_ways_to(const avcsec_checks_t *check, const char *real)
{
    search_t search = {check, real, apr_array_make(check->p, 4, sizeof(avcsec_way_t))};

    for (server_rec *s = check->main_server; s; s = s->next)
        add_root(&search, s);
    add_lines(&search, ap_conftree);
    return search.ways;
}
