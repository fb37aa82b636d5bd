/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads Redirect and RewriteRule lines.
 */
#include "httpd/checks/redirects.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"

APLOG_USE_MODULE(avcsec);

static bool is_named(const ap_directive_t *line, const char *name)
{
    return !strcasecmp(line->directive, name);
}

static bool is_in_server_alone(const ap_directive_t *line)
{
    return !line->parent || is_named(line->parent, "<VirtualHost");
}

/* "301", "permanent" and no word at all are redirects; "404" and "gone" are not. */
static bool is_redirect_status(const char *word)
{
    return strcasecmp(word, "gone") && (*word == '3' || *word < '0' || *word > '9');
}

/* Redirect [status] path url */
static bool redirects_alias(apr_pool_t *p, const ap_directive_t *line)
{
    const char *args = line->args;

    return (is_named(line, "Redirect") || is_named(line, "RedirectMatch") ||
            is_named(line, "RedirectPermanent") || is_named(line, "RedirectTemp")) &&
           is_redirect_status(ap_getword_conf(p, &args));
}

/* RewriteRule pattern substitution [R=301,...] */
static bool redirects_rule(apr_pool_t *p, const ap_directive_t *line)
{
    const char *args = line->args, *substitution, *flags, *flag;

    if (!is_named(line, "RewriteRule"))
        return false;
    ap_getword_conf(p, &args);
    substitution = ap_getword_conf(p, &args);
    flags = ap_getword_conf(p, &args);
    flags += *flags == '[';
    while (*(flag = ap_getword(p, &flags, ','))) {
        const char *status = strchr(flag, '=');

        flag = apr_pstrmemdup(p, flag, strcspn(flag, "=] "));
        if (!strcasecmp(flag, "R") || !strcasecmp(flag, "redirect"))
            return !status || is_redirect_status(status + 1);
        if (!strcasecmp(flag, "P") || !strcasecmp(flag, "proxy"))
            return false;
    }
    return !strncasecmp(substitution, "http", 4);
}

static bool redirects(const ap_directive_t *line, const void *baton)
{
    apr_pool_t *p = ((const avcsec_checks_t *)baton)->p;

    return is_in_server_alone(line) && (redirects_alias(p, line) || redirects_rule(p, line));
}

const ap_directive_t *avcsec_redirects_first(const avcsec_checks_t *check, const server_rec *s)
{
    return avcsec_tree_find_for(check, s, redirects, check);
}

static void add(const avcsec_checks_t *check, const server_rec *s, const ap_directive_t *line,
                apr_array_header_t *found)
{
    for (; line; line = line->next) {
        const server_rec *its = avcsec_tree_server_of(check, line);

        if ((its == s || (its == check->main_server && !is_named(line, "RewriteRule"))) &&
            redirects(line, check))
            APR_ARRAY_PUSH(found, const ap_directive_t *) = line;
        add(check, s, line->first_child, found);
    }
}

apr_array_header_t *avcsec_redirects_of(const avcsec_checks_t *check, const server_rec *s)
{
    apr_array_header_t *found = apr_array_make(check->p, 2, sizeof(const ap_directive_t *));

    add(check, s, ap_conftree, found);
    return found;
}

/* ---- Hosts that do nothing else ---- */

/* What the rules of a host have told so far. */
typedef struct {
    const avcsec_checks_t *check;
    const server_rec *s;
    bool is_on;                /* RewriteEngine */
    bool is_for_others;        /* a condition of the next rule that not every request meets */
    apr_array_header_t *names; /* const char *: conditions that ask for the name of the host */
    bool has_exception;        /* a rule that may let something by */
    bool is_all;
} reader_t;

/* Every path, or all but those at which a certificate's issuer asks. */
static bool matches_all(const char *pattern)
{
    static const char *const all[] = {"^",       "^/",       "/",      "(.*)",    "^(.*)$", "^(.*)",
                                      ".*",      "^.*$",     "^/(.*)", "^/(.*)$", "^/.*",   "^/.*$",
                                      "^/?(.*)", "^/?(.*)$", "^.*",    "(.*)$",   NULL};

    for (int i = 0; all[i]; i++)
        if (!strcmp(pattern, all[i]))
            return true;
    return !strncmp(pattern, "^/(?!\\.well-known", 17) ||
           !strncmp(pattern, "^(?!/\\.well-known", 17);
}

static bool redirects_path(apr_pool_t *p, const ap_directive_t *line)
{
    const char *args = line->args, *word;
    bool is_match = is_named(line, "RedirectMatch"),
         has_status = is_match || is_named(line, "Redirect");

    if (!redirects_alias(p, line))
        return false;
    word = ap_getword_conf(p, &args);
    if (has_status && *word != '/' && *word != '^' && *word != '(' && *word != '.')
        word = ap_getword_conf(p, &args);
    return is_match ? matches_all(word) : !strcmp(word, "/");
}

/* The conditions of certbot: one for each name of the host. */
static bool covers_names(const reader_t *reader)
{
    const apr_array_header_t *lists[] = {reader->s->names, reader->s->wild_names};
    bool is_found = false;

    for (int i = 0; i < reader->names->nelts; i++)
        is_found |=
            reader->s->server_hostname &&
            !strcasecmp(APR_ARRAY_IDX(reader->names, i, const char *), reader->s->server_hostname);
    for (int k = 0; is_found && k < 2; k++)
        for (int i = 0; is_found && lists[k] && i < lists[k]->nelts; i++) {
            const char *alias = APR_ARRAY_IDX(lists[k], i, const char *);
            bool is_there = false;

            for (int n = 0; n < reader->names->nelts; n++)
                is_there |= !strcasecmp(APR_ARRAY_IDX(reader->names, n, const char *), alias);
            is_found = is_there;
        }
    return is_found;
}

/* It answers to names that nobody has. httpd's list begins with the last that was read. */
static bool is_first_of_its_port(const reader_t *reader)
{
    for (const server_rec *s = reader->s->next; s; s = s->next)
        if (s->addrs && reader->s->addrs && s->addrs->host_port == reader->s->addrs->host_port)
            return false;
    return true;
}

static void read_condition(reader_t *reader, const ap_directive_t *line)
{
    const char *args = line->args, *what = ap_getword_conf(reader->check->p, &args),
               *is = ap_getword_conf(reader->check->p, &args);

    if (!strcasecmp(what, "%{SERVER_NAME}") || !strcasecmp(what, "%{HTTP_HOST}")) {
        reader->is_for_others |= *is != '=';
        APR_ARRAY_PUSH(reader->names, const char *) = is + (*is == '=');
    } else if (!strcasecmp(what, "%{HTTPS}"))
        reader->is_for_others |=
            avcsec_tree_has_tls(reader->check, reader->s) ||
            (!ap_strcasestr(is, "off") && strcasecmp(is, "!=on") && strcasecmp(is, "!on"));
    else
        reader->is_for_others |=
            strcasecmp(what, "%{REQUEST_URI}") || strncmp(is, "!^/\\.well-known", 15);
}

static void read_rule(reader_t *reader, const ap_directive_t *line)
{
    apr_pool_t *p = reader->check->p;
    const char *args = line->args;
    const char *pattern = ap_getword_conf(p, &args);
    bool is_of_all = matches_all(pattern) && redirects_rule(p, line);

    if (reader->names->nelts && (is_first_of_its_port(reader) || !covers_names(reader)))
        reader->is_for_others = true;
    reader->has_exception |=
        reader->is_on && !redirects_rule(p, line) && !ap_strstr_c(pattern, "\\.well-known");
    reader->is_all |=
        reader->is_on && is_of_all && !reader->is_for_others && !reader->has_exception;
    reader->is_for_others = false;
    apr_array_clear(reader->names);
}

static void read_line(reader_t *reader, const ap_directive_t *line)
{
    if (is_named(line, "RewriteEngine"))
        reader->is_on = !strcasecmp(line->args, "on");
    else if (is_named(line, "RewriteCond"))
        read_condition(reader, line);
    else if (is_named(line, "RewriteRule"))
        read_rule(reader, line);
    else
        reader->is_all |= !reader->has_exception && redirects_path(reader->check->p, line);
}

static void read_tree(reader_t *reader, const ap_directive_t *line)
{
    for (; line; line = line->next) {
        if (is_in_server_alone(line) && avcsec_tree_server_of(reader->check, line) == reader->s)
            read_line(reader, line);
        read_tree(reader, line->first_child);
    }
}

bool avcsec_redirects_all(const avcsec_checks_t *check, const server_rec *s)
{
    reader_t reader = {.check = check, .s = s};

    reader.names = apr_array_make(check->p, 2, sizeof(const char *));
    read_tree(&reader, ap_conftree);
    return reader.is_all;
}
