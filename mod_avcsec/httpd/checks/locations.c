/* SPDX-License-Identifier: Apache-2.0
 *
 * Sections that no request matches. What is only written carelessly, with slashes too many, is
 * read as it was meant.
 */
#include "httpd/checks/rules.h"
#include "httpd/checks/where.h"
#include "httpd/config/roots.h"

#include "apr_fnmatch.h"
#include "apr_lib.h"
#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"

#include <dirent.h>

APLOG_USE_MODULE(avcsec);

/* ---- Slashes ---- */

static void normalise(apr_pool_t *p, core_dir_config *core)
{
    char *path = apr_pstrdup(p, core->d);

    ap_no2slash(path);
    core->d = *path == '/' ? apr_pstrdup(p, avcsec_path_without_slash(p, path)) : path;
    if (!*core->d)
        core->d = apr_pstrdup(p, "/");
}

/* It has lines of this module, or a handler, which may be one of its own. */
static bool is_own(ap_conf_vector_t *section, const core_dir_config *core)
{
    return ap_get_module_config(section, &avcsec_module) || core->handler || core->expr_handler;
}

void avcsec_locations_read(apr_pool_t *pconf, server_rec *main_server)
{
    for (server_rec *s = main_server; s; s = s->next) {
        const core_server_config *server = ap_get_core_module_config(s->module_config);

        for (int i = 0; server->sec_url && i < server->sec_url->nelts; i++) {
            ap_conf_vector_t *section = APR_ARRAY_IDX(server->sec_url, i, ap_conf_vector_t *);
            core_dir_config *core = ap_get_core_module_config(section);

            if (core && core->d && !core->r && !core->d_is_fnmatch && is_own(section, core))
                normalise(pconf, core);
        }
    }
}

/* ---- Paths that no request has ---- */

static bool has_escape(const char *path)
{
    for (; *path; path++)
        if (*path == '%' && apr_isxdigit(path[1]) && apr_isxdigit(path[2]))
            return true;
    return false;
}

static bool has_dots(apr_pool_t *p, const char *path)
{
    char *rest = apr_pstrdup(p, path);

    for (const char *segment; (segment = apr_strtok(rest, "/", &rest)) != NULL;)
        if (!strcmp(segment, ".") || !strcmp(segment, ".."))
            return true;
    return false;
}

static const char *as_meant(apr_pool_t *p, const char *argument)
{
    const char *scheme = strstr(argument, "://");
    char *path = apr_pstrdup(p, scheme ? scheme + 3 : argument);

    if (scheme)
        path = strchr(path, '/') ? strchr(path, '/') : apr_pstrdup(p, "/");
    ap_unescape_url(path);
    path = apr_pstrcat(p, *path == '/' ? "" : "/", path, NULL);
    ap_getparents(path);
    ap_no2slash(path);
    return *path ? path : "/";
}

/* Why no request is in the section; NULL: some may. */
static const char *why_never(apr_pool_t *p, const char *argument)
{
    if (strstr(argument, "://"))
        return "is a URL, and addresses are compared from the path on";
    if (*argument != '/')
        return "does not begin with a slash, as the path of every request does";
    if (has_escape(argument))
        return "has an escape, and paths are compared decoded";
    return has_dots(p, argument) ? "has a segment of dots, which no path has when it is compared"
                                 : NULL;
}

/* ---- Another case ---- */

static const char *find_nocase(apr_pool_t *p, const char *directory, const char *name)
{
    DIR *stream = opendir(directory);
    const char *found = NULL;
    const struct dirent *entry;

    while (stream && !found && (entry = readdir(stream)) != NULL)
        if (!strcasecmp(entry->d_name, name))
            found = apr_pstrdup(p, entry->d_name);
    if (stream)
        closedir(stream);
    return found;
}

/* The path as it lies on disk, where it differs in case alone; NULL: it is there as written, or
 * not at all. */
static const char *in_other_case(apr_pool_t *p, const char *path)
{
    char *rest = apr_pstrdup(p, path);
    const char *real = "", *next, *found;

    for (const char *segment; (segment = apr_strtok(rest, "/", &rest)) != NULL; real = next) {
        next = apr_pstrcat(p, real, "/", segment, NULL);
        if (avcsec_tree_is_there(next))
            continue;
        if (!(found = find_nocase(p, *real ? real : "/", segment)))
            return NULL;
        next = apr_pstrcat(p, real, "/", found, NULL);
    }
    return strcmp(real, path) && avcsec_tree_is_there(real) ? real : NULL;
}

static bool is_proxied(const ap_directive_t *line, const void *baton)
{
    (void)baton;
    return !strncasecmp(line->directive, "ProxyPass", 9);
}

static void check_case(avcsec_checks_t *check, const avcsec_setting_t *setting,
                       const avcsec_where_t *where)
{
    const char *directory = avcsec_where_directory(check->p, setting->server, where), *real, *right;

    /* AvcFiles needs no folder of its name, and what its directory holds is closed elsewhere. */
    if (!directory || avcsec_tree_is(setting, "AvcFiles") ||
        avcsec_tree_find_for(check, setting->server, is_proxied, NULL) ||
        !(real = in_other_case(check->p, directory)))
        return;
    right = where->in == AVCSEC_IN_DIRECTORY || strlen(real) < strlen(where->path)
                ? real
                : real + strlen(real) - strlen(where->path);
    avcsec_complain_in_test(
        check, &setting->place,
        apr_psprintf(check->p,
                     "%s stands in %s, but on disk it is %s: paths are compared letter "
                     "by letter, and no request is in that section; write %s \"%s\">",
                     setting->directive, where->words, real, where->section->directive, right));
}

/* ---- All of them ---- */

static void check_location(avcsec_checks_t *check, const char *what, const ap_directive_t *line,
                           const avcsec_where_t *where)
{
    bool is_regex;
    const char *argument = avcsec_where_argument(check->p, where->section, &is_regex), *why;
    avcsec_place_t place = avcsec_tree_place(line);

    if (strcasecmp(where->section->directive, "<Location") || is_regex ||
        !(why = why_never(check->p, argument)))
        return;
    avcsec_complain(check, AVCSEC_NOTICE_CONFIG, &place,
                    apr_psprintf(check->p,
                                 "%s stands in %s, which no request is ever in: \"%s\" %s. Write "
                                 "<Location \"%s\">",
                                 what, where->words, argument, why, as_meant(check->p, argument)));
}

/* The first line of each section speaks for it. */
static bool was_there(int i)
{
    for (int k = 0; k < i; k++)
        if (avcsec_tree_setting(k)->section == avcsec_tree_setting(i)->section)
            return true;
    return false;
}

void avcsec_check_handler_location(avcsec_checks_t *check, const ap_directive_t *line)
{
    avcsec_where_t where = avcsec_where_of(check->p, line);

    if (where.section)
        check_location(check, apr_pstrcat(check->p, line->directive, " ", line->args, NULL), line,
                       &where);
}

void avcsec_check_locations(avcsec_checks_t *check)
{
    for (int i = 0; i < avcsec_config_settings()->nelts; i++) {
        const avcsec_setting_t *setting = avcsec_tree_setting(i);
        avcsec_where_t where = avcsec_where_of(check->p, setting->line);

        if (!where.section || (setting->section && was_there(i)))
            continue;
        check_location(check, setting->directive, setting->line, &where);
        check_case(check, setting, &where);
    }
}
