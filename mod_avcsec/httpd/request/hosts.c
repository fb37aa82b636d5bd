/* SPDX-License-Identifier: Apache-2.0
 *
 * Names, ports and keys of this server's virtual hosts.
 */
#include "httpd/request/hosts.h"

#include "httpd/config/hosts.h"
#include "httpd/config/config.h"

#include "ap_listen.h"
#include "apr_strings.h"
#include "http_core.h"
#include "http_main.h"
#include "http_protocol.h"
#include "http_ssl.h"

/* ---- One virtual host ---- */

static bool is_one_of(const char *name, const apr_array_header_t *names)
{
    for (int i = 0; names && i < names->nelts; i++) {
        const char *other = APR_ARRAY_IDX(names, i, const char *);

        if (other && !strcasecmp(name, other))
            return true;
    }
    return false;
}

static bool has_name(const server_rec *s, const char *name)
{
    return (s->server_hostname && !strcasecmp(name, s->server_hostname)) ||
           is_one_of(name, s->names);
}

/* By a ServerAlias with a wildcard, or by the name in <VirtualHost name:port>. */
static bool has_name_loosely(const server_rec *s, const char *name)
{
    for (int i = 0; s->wild_names && i < s->wild_names->nelts; i++) {
        const char *pattern = APR_ARRAY_IDX(s->wild_names, i, const char *);

        if (pattern && !ap_strcasecmp_match(name, pattern))
            return true;
    }
    for (const server_addr_rec *a = s->addrs; a; a = a->next)
        if (a->virthost && !strcasecmp(name, a->virthost))
            return true;
    return false;
}

static bool answers_on(const server_rec *s, int port)
{
    for (const server_addr_rec *a = s->addrs; a; a = a->next)
        if (a->host_port == 0 || a->host_port == port)
            return true;
    return false;
}

static bool is_listened_on(int port)
{
    for (const ap_listen_rec *l = ap_listeners; l; l = l->next)
        if (l->bind_addr && l->bind_addr->port == port)
            return true;
    return false;
}

/* ---- All of them ---- */

/* Who would answer for a name on a port. */
typedef struct {
    bool is_known;     /* somebody has exactly this name, on whatever port */
    bool is_loose;     /* somebody would answer for it by a wildcard */
    bool is_exact;     /* somebody who answers there has exactly this name */
    bool is_different; /* somebody who answers there has other keys, or none */
    bool is_taken;     /* a virtual host answers there, so the main server does not */
} answerer_t;

/* Which of several virtual hosts gets a request, httpd decides by address, port, name and
 * order. All that could must have what this one has. */
static answerer_t find_answerer(const server_rec *own, const char *name, int port)
{
    const void *ring = avcsec_config_server(own)->ring;
    answerer_t found = {false, false, false, false, false};

    for (const server_rec *s = ap_server_conf->next; s; s = s->next) {
        bool is_exact = has_name(s, name), is_loose = !is_exact && has_name_loosely(s, name);

        found.is_known |= is_exact;
        if (!answers_on(s, port))
            continue;
        found.is_taken = true;
        found.is_exact |= is_exact;
        found.is_loose |= is_loose;
        found.is_different |= (is_exact || is_loose) && avcsec_config_server(s)->ring != ring;
    }
    if (has_name(ap_server_conf, name)) {
        found.is_known = true;
        if (!found.is_taken) {
            found.is_exact = true;
            found.is_different |= avcsec_config_server(ap_server_conf)->ring != ring;
        }
    }
    return found;
}

/* NULL, or why what answers there is no place for a token of this server's, and the remedy. */
static const char *why_not(const answerer_t *found, int port)
{
    if (!is_listened_on(port))
        return "this server does not listen on that port. If a proxy in front does, list the host "
               "in AvcRedirectHosts";
    if (!found->is_exact)
        return found->is_loose ? "only a ServerAlias with a wildcard has that name. Write the name "
                                 "itself into ServerAlias"
                               : "no virtual host of that name answers on that port. Give it one, "
                                 "or list the host in AvcRedirectHosts";
    return found->is_different ? "what answers there has another AvcKeyFile or AvcRealm. Give it "
                                 "the same, or list the host in AvcRedirectHosts"
                               : NULL;
}

static bool is_own(const request_rec *r, const avcsec_url_t *url, const char **why)
{
    const char *name = apr_pstrmemdup(r->pool, url->host.p, url->host.len);
    answerer_t found = find_answerer(r->server, name, url->port);

    if (!found.is_known && !found.is_loose)
        return false;
    *why = why_not(&found, url->port);
    return !*why;
}

/* ---- Addresses ---- */

bool avcsec_hosts_is_https(const request_rec *r)
{
    const char *proto = apr_table_get(r->headers_in, "X-Forwarded-Proto");
    conn_rec *c = r->connection->master ? r->connection->master : r->connection;

    return ap_ssl_conn_is_ssl(c) || !strcmp(ap_http_scheme(r), "https") ||
           (proto && ap_find_token(r->pool, proto, "https"));
}

bool avcsec_hosts_is_home(const request_rec *r, const avcsec_url_t *url, const char **why)
{
    *why = NULL;
    switch (url->kind) {
    case AVCSEC_URL_LOCAL:
        return true;
    case AVCSEC_URL_FULL:
        if (!avcsec_config_lists_host(r->server, url->host, url->port) && !is_own(r, url, why))
            return false;
        if (url->is_https || !avcsec_hosts_is_https(r))
            return true;
        *why = "it leads from https to http. If TLS ends at a proxy in front, write ServerName "
               "with https://";
        return false;
    default:
        return false;
    }
}

bool avcsec_hosts_is_same_name(const request_rec *r, const avcsec_url_t *url)
{
    return url->kind == AVCSEC_URL_LOCAL ||
           (r->hostname && avcsec_slice_equals_nocase(url->host, avcsec_slice_of(r->hostname)));
}

bool avcsec_hosts_is_same_place(const request_rec *r, const avcsec_url_t *url)
{
    bool is_https = avcsec_hosts_is_https(r);
    int port = r->parsed_uri.port_str ? r->parsed_uri.port : is_https ? 443 : 80;

    return url->kind == AVCSEC_URL_LOCAL ||
           (avcsec_hosts_is_same_name(r, url) && url->is_https == is_https && url->port == port);
}
