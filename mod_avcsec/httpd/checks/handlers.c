/* SPDX-License-Identifier: Apache-2.0
 *
 * Handlers of this module: names that are none, and handlers that don't know what to answer.
 */
#include "httpd/checks/nearly.h"
#include "httpd/checks/rules.h"
#include "httpd/checks/where.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"

APLOG_USE_MODULE(avcsec);

static const struct {
    const char *name, *needs; /* needs: a directive, or NULL */
} handlers[] = {
    {"avcsec-admission", "AvcAdmission"},
    {"avcsec-check", "AvcCheck"},
    {"avcsec-jwks", NULL},
    {"avcsec-token", NULL},
    {"avcsec-token-request", NULL},
    {"avcsec-token-verify", NULL},
};
#define HANDLERS (sizeof(handlers) / sizeof(handlers[0]))

static const char *list_handlers(apr_pool_t *p)
{
    const char *list = "";

    for (size_t i = 0; i < HANDLERS; i++)
        list = apr_pstrcat(p, list, i ? ", " : "", handlers[i].name, NULL);
    return list;
}

/* "avcsec_token", "avcsectoken", "Avsec-token". */
static const char *plain(apr_pool_t *p, const char *name)
{
    char *text = apr_pstrdup(p, name), *to = text;

    for (; *name; name++)
        if (*name != '-' && *name != '_' && *name != '.')
            *to++ = *name;
    *to = '\0';
    return text;
}

/* The handler of this module that is nearly of that name; NULL: none. */
static const char *nearly(apr_pool_t *p, const char *name)
{
    for (size_t i = 0; i < HANDLERS; i++) {
        const char *ours = handlers[i].name;

        if (avcsec_is_nearly(name, ours) || !strcasecmp(plain(p, name), plain(p, ours)) ||
            avcsec_is_nearly(plain(p, name), plain(p, ours)))
            return ours;
    }
    return strncasecmp(name, "avcsec", 6) ? NULL : "another";
}

/* Which other sections a request there is in, only the request tells. */
static bool is_by_request(const ap_directive_t *line, apr_pool_t *p)
{
    return avcsec_where_of(p, line).in == AVCSEC_IN_ANOTHER;
}

/* The directive that the handler needs holds there, or may by a section that only a request
 * tells. */
static bool has_needed(const avcsec_checks_t *check, const ap_directive_t *line,
                       const char *directive)
{
    const server_rec *s = avcsec_tree_server_of(check, line);
    const avcsec_setting_t handler = {.line = line, .server = (server_rec *)s};
    const avcsec_section_t *section = avcsec_where_effective(check, s, &handler);

    if (strcmp(directive, "AvcCheck") ? section->admission != NULL : section->check != NULL)
        return true;
    for (int i = 0; i < avcsec_config_settings()->nelts; i++) {
        const avcsec_setting_t *setting = avcsec_tree_setting(i);

        if (avcsec_tree_is(setting, directive) &&
            (setting->server == s || s == check->main_server) &&
            (is_by_request(setting->line, check->p) || is_by_request(line, check->p)))
            return true;
    }
    return false;
}

static void check_needed(avcsec_checks_t *check, const ap_directive_t *line, const char *name,
                         const char *directive)
{
    avcsec_place_t place = avcsec_tree_place(line);

    if (!has_needed(check, line, directive))
        avcsec_complain(
            check, AVCSEC_NOTICE_CONFIG, &place,
            apr_psprintf(check->p,
                         "SetHandler %s needs %s beside it, which says who asks: it refuses "
                         "everybody. Write %s %s",
                         name, directive, directive,
                         strcmp(directive, "AvcCheck") ? "nginx-rtmp (or another media server)"
                                                       : "nginx (or another server in front)"));
}

static void check_handler(avcsec_checks_t *check, const ap_directive_t *line, const char *name)
{
    avcsec_place_t place = avcsec_tree_place(line);
    const char *ours;

    for (size_t i = 0; i < HANDLERS; i++)
        if (!strcasecmp(name, handlers[i].name)) {
            if (handlers[i].needs)
                check_needed(check, line, name, handlers[i].needs);
            avcsec_check_handler_location(check, line);
            return;
        }
    if ((ours = nearly(check->p, name)))
        avcsec_complain(
            check, AVCSEC_NOTICE_CONFIG, &place,
            apr_psprintf(check->p,
                         "SetHandler %s: this module has no handler of that name%s%s%s. "
                         "It has: %s",
                         name, strcmp(ours, "another") ? "; write SetHandler " : "",
                         strcmp(ours, "another") ? ours : "", "", list_handlers(check->p)));
}

/* Only SetHandler makes one answer, so that no .htaccess does. */
static void check_added(avcsec_checks_t *check, const ap_directive_t *line, const char *name)
{
    avcsec_place_t place = avcsec_tree_place(line);

    if (!strncasecmp(name, "avcsec-", 7))
        avcsec_complain(check, AVCSEC_NOTICE_CONFIG, &place,
                        apr_psprintf(check->p,
                                     "%s %s: handlers of this module answer where SetHandler names "
                                     "them; write SetHandler %s into a <Location>",
                                     line->directive, line->args, name));
}

static void check_lines(avcsec_checks_t *check, const ap_directive_t *line)
{
    for (; line; line = line->next) {
        const char *args = line->args;

        if (!strcasecmp(line->directive, "SetHandler"))
            check_handler(check, line, ap_getword_conf(check->p, &args));
        else if (!strcasecmp(line->directive, "AddHandler"))
            check_added(check, line, ap_getword_conf(check->p, &args));
        check_lines(check, line->first_child);
    }
}

void avcsec_check_handlers(avcsec_checks_t *check)
{
    check_lines(check, ap_conftree);
}
