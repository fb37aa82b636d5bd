/* SPDX-License-Identifier: Apache-2.0
 *
 * Questions of servers in front: one set of headers each, all of them, once, and none of
 * another server's.
 */
#include "../check.h"

#include "core/request/front.h"

static const struct {
    const char *front, *headers, *own; /* headers: "Name: value" between line feeds */
    const char *method, *path, *query, *client;
} table[] = {
    {"nginx", "X-Original-URI: /a?b\nX-Original-Method: PUT\nX-Real-IP: 192.0.2.7", "/ask", "PUT",
     "/a", "b", "192.0.2.7"},
    {"nginx", "X-Original-URI: /a\nX-Original-Method: M-SEARCH\nX-Real-IP: ::1", "/ask", "M-SEARCH",
     "/a", NULL, "::1"},
    {"nginx", "X-Original-URI: /a?b?c\nX-Original-Method: GET\nX-Real-IP: ::1", "/ask", "GET", "/a",
     "b?c", "::1"},
    {"nginx", "X-Original-URI: //a/../b?\nX-Original-Method: GET\nX-Real-IP: ::1", "/ask", "GET",
     "//a/../b", "", "::1"},
    {"nginx", "X-Original-Method: GET\nX-Real-IP: ::1", "/ask", NULL, NULL, NULL, NULL},
    {"nginx", "X-Original-URI: /a\nX-Real-IP: ::1", "/ask", NULL, NULL, NULL, NULL},
    {"nginx", "X-Original-URI: /a\nX-Original-Method: GET", "/ask", NULL, NULL, NULL, NULL},
    {"nginx", "X-Original-URI: /a, /a\nX-Original-Method: GET\nX-Real-IP: ::1", "/ask", NULL, NULL,
     NULL, NULL},
    {"nginx", "X-Original-URI: /a\nX-Original-Method: GET, GET\nX-Real-IP: ::1", "/ask", NULL, NULL,
     NULL, NULL},
    {"nginx", "X-Original-URI: /a\nX-Original-Method: GET\nX-Real-IP: ::1, ::1", "/ask", NULL, NULL,
     NULL, NULL},
    {"nginx", "X-Original-URI: \nX-Original-Method: GET\nX-Real-IP: ::1", "/ask", NULL, NULL, NULL,
     NULL},
    {"nginx", "X-Original-URI: a\nX-Original-Method: GET\nX-Real-IP: ::1", "/ask", NULL, NULL, NULL,
     NULL},
    {"nginx", "X-Original-URI: /a#b\nX-Original-Method: GET\nX-Real-IP: ::1", "/ask", NULL, NULL,
     NULL, NULL},
    {"nginx", "X-Original-URI: /a\nX-Original-Method: GET\nX-Real-IP: ::1\nX-Forwarded-Uri: /a",
     "/ask", NULL, NULL, NULL, NULL},
    {"traefik", "X-Forwarded-Uri: /a\nX-Forwarded-Method: GET\nX-Forwarded-For: 192.0.2.7", "/ask",
     "GET", "/a", NULL, "192.0.2.7"},
    {"traefik",
     "X-Forwarded-Uri: /a\nX-Forwarded-Method: GET\nX-Forwarded-For: ::1\n"
     "X-Original-URL: /a",
     "/ask", NULL, NULL, NULL, NULL},
    {"envoy", "", "/ask/a/b", "GET", "/a/b", NULL, NULL},
    {"envoy", "X-Envoy-External-Address: ::1", "/ask/", "GET", "/", NULL, "::1"},
    {"envoy", "X-Envoy-External-Address: x", "/ask/a", NULL, NULL, NULL, NULL},
    {"envoy", "", "/ask", NULL, NULL, NULL, NULL},
    {"envoy", "", "/asked/a", NULL, NULL, NULL, NULL},
    {"envoy", "", "/a", NULL, NULL, NULL, NULL},
    {"envoy", "X-Original-URI: /b", "/ask/a", NULL, NULL, NULL, NULL},
};

static avcsec_slice_t get(void *baton, const char *name)
{
    avcsec_slice_t rest = avcsec_slice_of(baton), line, none = {0}, found;

    while (avcsec_slice_cut(&rest, '\n', &line)) {
        avcsec_slice_cut(&line, ':', &found);
        if (line.p && avcsec_slice_equals_nocase(found, avcsec_slice_of(name)))
            return avcsec_slice_trim(line);
    }
    return none;
}

static void reading(void)
{
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        const avcsec_headers_t headers = {get, (void *)(uintptr_t)table[i].headers};
        avcsec_request_t request = {.path = avcsec_slice_of(table[i].own),
                                    .method = AVCSEC_LITERAL("GET")};
        avcsec_address_t client = {.bytes = {0}};
        bool has_client, is_right;
        const char *error =
            avcsec_front_read(avcsec_front_find(avcsec_slice_of(table[i].front)), &headers,
                              AVCSEC_LITERAL("/ask"), &request, &has_client);

        if (table[i].client)
            avcsec_address_parse(avcsec_slice_of(table[i].client), &client);
        is_right = table[i].method
                       ? !error && is_text(request.method, table[i].method) &&
                             is_text(request.path, table[i].path) &&
                             is_text(request.query, table[i].query) &&
                             has_client == (table[i].client != NULL) &&
                             (!has_client || !memcmp(&client, &request.client, sizeof(client)))
                       : error && strlen(error) > 20;
        check(is_right, "question %zu of %s is %s", i, table[i].front,
              table[i].method ? "read" : "refused with a sentence");
    }
}

static void names(void)
{
    check(avcsec_front_find(AVCSEC_LITERAL("Caddy")) != NULL, "a front is found in any case");
    check(!avcsec_front_find(AVCSEC_LITERAL("apache")), "another server is none");
    for (const avcsec_front_t *f = avcsec_fronts; f->name; f++)
        check(f->client && f->known && !f->uri == !f->method, "the row of %s is whole", f->name);
}

int main(void)
{
    check_start();
    reading();
    names();
    return check_end();
}
