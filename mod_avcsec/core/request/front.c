/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of fronts, and how their questions are read.
 */
#include "core/request/front.h"

const avcsec_front_t avcsec_fronts[] = {
    {
        .name = "nginx",
        .method = "X-Original-Method",
        .uri = "X-Original-URI",
        .client = "X-Real-IP",
        .needs_client = true,
        .known = "tested against nginx 1.22",
    },
    {
        .name = "traefik",
        .method = "X-Forwarded-Method",
        .uri = "X-Forwarded-Uri",
        .client = "X-Forwarded-For",
        .needs_client = true,
        .host = "X-Forwarded-Host",
        .scheme = "X-Forwarded-Proto",
        .known = "from its documentation",
    },
    {
        .name = "caddy",
        .method = "X-Forwarded-Method",
        .uri = "X-Forwarded-Uri",
        .client = "X-Forwarded-For",
        .needs_client = true,
        .host = "X-Forwarded-Host",
        .scheme = "X-Forwarded-Proto",
        .known = "from its documentation",
    },
    {
        .name = "haproxy",
        .method = "X-Forwarded-Method",
        .uri = "X-Forwarded-Uri",
        .client = "X-Forwarded-For",
        .needs_client = true,
        .host = "X-Forwarded-Host",
        .scheme = "X-Forwarded-Proto",
        .known = "tested against HAProxy 2.6",
    },
    {
        .name = "envoy",
        .client = "X-Envoy-External-Address",
        .known = "from its documentation",
    },
    {.name = NULL},
};

/* By which any server in front may say what the client asked for. */
static const char *const all_headers[] = {"X-Original-URI",
                                          "X-Original-URL",
                                          "X-Original-Method",
                                          "X-Rewrite-URL",
                                          "X-Forwarded-Uri",
                                          "X-Forwarded-Method",
                                          NULL};

const avcsec_front_t *avcsec_front_find(avcsec_slice_t name)
{
    for (const avcsec_front_t *f = avcsec_fronts; f->name; f++)
        if (avcsec_slice_equals_nocase(name, avcsec_slice_of(f->name)))
            return f;
    return NULL;
}

static avcsec_slice_t header(const avcsec_headers_t *headers, const char *name)
{
    avcsec_slice_t none = {0};

    return name ? headers->get(headers->baton, name) : none;
}

static bool is_own(const avcsec_front_t *front, const char *name)
{
    avcsec_slice_t s = avcsec_slice_of(name);

    return avcsec_slice_equals_nocase(s, avcsec_slice_of(front->uri)) ||
           avcsec_slice_equals_nocase(s, avcsec_slice_of(front->method));
}

static bool has_others(const avcsec_front_t *front, const avcsec_headers_t *headers)
{
    for (int i = 0; all_headers[i]; i++)
        if (!is_own(front, all_headers[i]) && header(headers, all_headers[i]).p)
            return true;
    return false;
}

/* A target as it stands in a request line: no space (so it stood there once), no control
 * character, nothing behind a '#'. */
static bool is_target(avcsec_slice_t uri)
{
    for (size_t i = 0; i < uri.len; i++)
        if (avcsec_is((unsigned char)uri.p[i], AVCSEC_CONTROL) || uri.p[i] == ' ' ||
            uri.p[i] == '#')
            return false;
    return uri.len > 0 && uri.p[0] == '/';
}

static void split(avcsec_slice_t uri, avcsec_request_t *request)
{
    avcsec_slice_t rest = uri;

    avcsec_slice_cut(&rest, '?', &request->path);
    request->query = rest;
}

/* The question's own path without the prefix. */
static bool cut_prefix(avcsec_slice_t prefix, avcsec_request_t *request)
{
    if (!avcsec_slice_has_prefix(request->path, prefix))
        return false;
    request->path.p += prefix.len;
    request->path.len -= prefix.len;
    return request->path.len > 0 && request->path.p[0] == '/';
}

/* Servers in front leave a hop's own headers out of their question, Upgrade first of all;
 * those that a WebSocket needs besides stay, and no page can send them otherwise. */
static void read_upgrade(const avcsec_headers_t *headers, avcsec_request_t *request)
{
    static const char *const names[] = {"Sec-WebSocket-Key", "Sec-WebSocket-Version",
                                        "Sec-WebSocket-Protocol", NULL};

    for (int i = 0; names[i] && !request->upgrade.p; i++)
        request->upgrade = header(headers, names[i]);
}

static const char *read_target(const avcsec_front_t *front, const avcsec_headers_t *headers,
                               avcsec_slice_t prefix, avcsec_request_t *request)
{
    avcsec_slice_t uri = header(headers, front->uri), method = header(headers, front->method);

    if (!front->uri)
        return cut_prefix(prefix, request) ? NULL
                                           : "the question's path is not this location's and the "
                                             "client's behind it";
    if (!uri.p || !method.p)
        return "a header that says what the client asked for is missing: the server in front has "
               "to set its method and its address, undecoded";
    if (!is_target(uri) || !avcsec_slice_is_made_of(method, AVCSEC_UPPER | AVCSEC_DASH))
        return "a header that says what the client asked for is repeated or not well-formed";
    split(uri, request);
    request->method = method;
    return NULL;
}

const char *avcsec_front_read(const avcsec_front_t *front, const avcsec_headers_t *headers,
                              avcsec_slice_t prefix, avcsec_request_t *request, bool *has_client)
{
    avcsec_slice_t client = header(headers, front->client), host = header(headers, front->host);
    const char *error;

    *has_client = false;
    if (has_others(front, headers))
        return "there are headers by which another kind of server in front asks";
    if ((error = read_target(front, headers, prefix, request)))
        return error;
    if (client.p ? !avcsec_address_parse(client, &request->client) : front->needs_client)
        return "the header with the client's address is missing, repeated, or holds more than one";
    *has_client = client.p != NULL;
    if (front->host)
        request->host = host;
    /* Where nobody says, it is: then no page that came without counts as the site's own. */
    request->is_encrypted =
        !avcsec_slice_equals_nocase(header(headers, front->scheme), AVCSEC_LITERAL("http"));
    read_upgrade(headers, request);
    return NULL;
}
