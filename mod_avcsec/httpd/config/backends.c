/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads ProxyPass, ProxyPassMatch, rewrites with [P], and members of balancers.
 */
#include "httpd/config/backends.h"

#include "httpd/config/roots.h"

#include "apr_lib.h"
#include "apr_strings.h"
#include "http_config.h"
#include "util_cfgtree.h"

#include <arpa/inet.h>

typedef struct {
    const server_rec *server; /* NULL: of all */
    const char *url;          /* without a slash at its end */
    const char *backend;      /* as same_name() has it, without a slash at its end */
} backend_t;

typedef struct {
    const char *balancer, *url; /* "balancer://name"; of the member */
} member_t;

static apr_array_header_t *backends, *members;

/* ---- Names of servers ---- */

static bool is_loopback(const char *host)
{
    struct in6_addr v6;
    struct in_addr v4;
    size_t len = strlen(host);

    if (!strcasecmp(host, "localhost") || !strcasecmp(host, "localhost.") ||
        (len > 10 && !strcasecmp(host + len - 10, ".localhost")))
        return true;
    if (inet_aton(host, &v4)) /* also 127.1 and 2130706433 */
        return ntohl(v4.s_addr) >> 24 == 127 || !v4.s_addr;
    if (!inet_pton(AF_INET6, host, &v6))
        return false;
    return IN6_IS_ADDR_LOOPBACK(&v6) || IN6_IS_ADDR_UNSPECIFIED(&v6) ||
           (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == 127);
}

static const char *usual_port(const char *scheme)
{
    static const char *const ports[][2] = {{"https", "443"}, {"wss", "443"},   {"h2", "443"},
                                           {"ajp", "8009"},  {"fcgi", "8000"}, {NULL, "80"}};
    int i = 0;

    while (ports[i][0] && strcasecmp(scheme, ports[i][0]))
        i++;
    return ports[i][1];
}

/* "host:port/path": what is the same whatever scheme asks. A socket stands in a host's place. */
static const char *same_name(apr_pool_t *p, const char *url)
{
    const char *bar = !strncasecmp(url, "unix:", 5) ? strchr(url, '|') : NULL,
               *colon = strstr(bar ? bar : url, "://"), *port = NULL;
    char *host, *end, *path;

    if (!colon)
        return url;
    host = apr_pstrmemdup(p, colon + 3, strcspn(colon + 3, "/"));
    path = apr_pstrdup(p, colon + 3 + strlen(host));
    ap_no2slash(path);
    if (bar)
        return apr_pstrcat(p, apr_pstrmemdup(p, url, (size_t)(bar - url)), path, NULL);
    host = strrchr(host, '@') ? strrchr(host, '@') + 1 : host;
    if (*host == '[' && (end = strchr(host, ']'))) {
        *end++ = '\0';
        host++;
    } else
        end = host + strcspn(host, ":");
    if (*end == ':')
        port = end + 1;
    *end = '\0';
    if (!port || !*port)
        port = usual_port(apr_pstrmemdup(p, url, (size_t)(colon - url)));
    ap_str_tolower(host);
    return apr_pstrcat(p, is_loopback(host) ? "(here)" : host, ":", port, path, NULL);
}

/* ---- Reading ---- */

static void note_one(apr_pool_t *p, const server_rec *server, const char *url, const char *target)
{
    APR_ARRAY_PUSH(backends, backend_t) =
        (backend_t){server, avcsec_path_without_slash(p, url),
                    avcsec_path_without_slash(p, same_name(p, target))};
}

/* A balancer stands for its members. */
static void note(apr_pool_t *p, const server_rec *server, const char *url, const char *target)
{
    note_one(p, server, url, target);
    for (int i = 0; i < members->nelts; i++) {
        const member_t *member = &APR_ARRAY_IDX(members, i, member_t);
        const char *rest = avcsec_path_below(target, member->balancer);

        if (rest)
            note_one(p, server, url, apr_pstrcat(p, member->url, rest, NULL));
    }
}

/* The folder that stands whole in front of what a pattern takes or makes. */
static const char *literal_part(apr_pool_t *p, const char *text, const char *ends)
{
    size_t len = strcspn(text, ends);

    if (!text[len])
        return text;
    while (len && text[len - 1] != '/')
        len--;
    return len ? apr_pstrmemdup(p, text, len) : NULL;
}

static void note_pattern(apr_pool_t *p, const server_rec *server, const char *pattern,
                         const char *target)
{
    const char *url = *pattern == '^' ? literal_part(p, pattern + 1, "\\.[](){}?*+|$^") : NULL;

    target = literal_part(p, target, "$%");
    if (url && *url == '/' && target && strstr(target, "://"))
        note(p, server, url, target);
}

/* The path of a <Location> that a directive stands in, or NULL. */
static const char *location_of(apr_pool_t *p, const ap_directive_t *directive)
{
    const ap_directive_t *parent = directive->parent;
    const char *args = parent ? parent->args : NULL, *path;

    if (!parent || strcasecmp(parent->directive, "<Location"))
        return NULL;
    path = ap_getword_conf(p, &args);
    return apr_pstrmemdup(p, path, strcspn(path, ">"));
}

static bool is_named(const ap_directive_t *directive, const char *name)
{
    return !strcasecmp(directive->directive, name);
}

static void note_directive(apr_pool_t *p, const ap_directive_t *directive, const server_rec *s)
{
    const server_rec *server = avcsec_server_of(directive, s);
    const char *args = directive->args, *first = ap_getword_conf(p, &args),
               *second = ap_getword_conf(p, &args), *url = location_of(p, directive);

    if (is_named(directive, "ProxyPass") && url && strstr(first, "://"))
        note(p, server, url, first);
    else if (is_named(directive, "ProxyPass") && *first == '/')
        note(p, server, first, second);
    else if (is_named(directive, "ProxyPassMatch") ||
             (is_named(directive, "RewriteRule") && strpbrk(args, "Pp")))
        note_pattern(p, server, first, second);
}

/* The name of the balancer that a directive is of, which it or its <Proxy> says. */
static void note_member(apr_pool_t *p, const ap_directive_t *directive)
{
    const char *args = directive->args, *first = ap_getword_conf(p, &args), *balancer = first,
               *member = ap_getword_conf(p, &args), *outer;

    if (strncasecmp(first, "balancer://", 11)) {
        outer = directive->parent ? directive->parent->args : "";
        balancer = ap_getword_conf(p, &outer);
        balancer = apr_pstrmemdup(p, balancer, strcspn(balancer, ">"));
        member = first;
    }
    APR_ARRAY_PUSH(members, member_t) = (member_t){balancer, avcsec_path_without_slash(p, member)};
}

static void walk(apr_pool_t *p, const ap_directive_t *tree, const server_rec *s, bool for_members)
{
    for (; tree; tree = tree->next) {
        if (for_members && is_named(tree, "BalancerMember"))
            note_member(p, tree);
        else if (!for_members)
            note_directive(p, tree, s);
        walk(p, tree->first_child, s, for_members);
    }
}

int avcsec_backends_note(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s)
{
    (void)plog, (void)ptemp;
    backends = apr_array_make(pconf, 4, sizeof(backend_t));
    members = apr_array_make(pconf, 4, sizeof(member_t));
    walk(pconf, ap_conftree, s, true);
    walk(pconf, ap_conftree, s, false);
    return OK;
}

/* ---- Asking ---- */

const apr_array_header_t *avcsec_backends_find(apr_pool_t *p, const server_rec *s, const char *url)
{
    apr_array_header_t *found = apr_array_make(p, 2, sizeof(const char *));
    const char *name = NULL;

    if (backends && backends->nelts)
        name = same_name(p, apr_pstrmemdup(p, url, strcspn(url, "?")));
    for (int i = 0; name && i < backends->nelts; i++) {
        const backend_t *backend = &APR_ARRAY_IDX(backends, i, backend_t);
        const char *rest = avcsec_path_below(name, backend->backend);

        if (rest && (!backend->server || backend->server == s))
            APR_ARRAY_PUSH(found, const char *) = apr_pstrcat(p, backend->url, rest, NULL);
    }
    return found;
}
