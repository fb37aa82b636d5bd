/* SPDX-License-Identifier: Apache-2.0
 *
 * Our canonical path against httpd's own reading. A module for `httpd -t`: httpd's
 * functions live in its executable, so the fuzzer runs inside it, on a request that
 * goes through ap_process_request_internal as real ones do, once for each setting of
 * AllowEncodedSlashes and MergeSlashes (virtual hosts of path_httpd.conf).
 *
 * Promised: where avcsec_path_resolve accepts, httpd maps those very bytes or refuses
 * the request itself. Known, and promised too: what we refuse though httpd maps it is
 * a backslash, a control character, an encoded slash, a dot segment with parameters,
 * or stands behind '#' and '?'.
 */
#include "fuzz.h"

#include "core/text/path.h"

#include "httpd.h"
#include "http_config.h"
#include "http_connection.h"
#include "http_protocol.h"
#include "http_request.h"

#include "apr_strings.h"

/* Of libFuzzer's runtime without main. */
int LLVMFuzzerRunDriver(int *count, char ***arguments, int (*one)(const uint8_t *, size_t));

#define TARGET_MAX 512

static server_rec *first_server;
static apr_pool_t *parent;
static char *mapped; /* r->uri as translate_name sees it; NULL: httpd refused before */

static int note_mapped(request_rec *r)
{
    free(mapped);
    mapped = strdup(r->uri);
    return HTTP_GONE; /* no file is looked for */
}

/* Lets httpd read a request target; NULL if it refuses. */
static const char *httpd_maps(server_rec *server, const char *target)
{
    apr_pool_t *pool;
    conn_rec *c;
    request_rec *r;

    apr_pool_create(&pool, parent);
    c = apr_pcalloc(pool, sizeof(*c));
    c->pool = pool;
    c->base_server = server;
    c->bucket_alloc = apr_bucket_alloc_create(pool);
    c->notes = apr_table_make(pool, 1);
    c->conn_config = ap_create_conn_config(pool);
    apr_sockaddr_info_get(&c->client_addr, "127.0.0.1", APR_INET, 80, 0, pool);
    c->local_addr = c->client_addr;
    c->client_ip = c->local_ip = apr_pstrdup(pool, "127.0.0.1");
    r = ap_create_request(c);
    r->method = "GET";
    r->method_number = M_GET;
    r->protocol = apr_pstrdup(pool, "HTTP/1.1");
    r->proto_num = HTTP_VERSION(1, 1);
    r->hostname = server->server_hostname;
    free(mapped);
    mapped = NULL;
    ap_parse_uri(r, target);
    if (r->status == HTTP_OK && r->uri)
        ap_process_request_internal(r);
    apr_pool_destroy(pool);
    return mapped;
}

static bool merges_slashes(const server_rec *server)
{
    return strcmp(server->server_hostname, "merge-off") != 0;
}

/* Doubled slashes as one, as MergeSlashes On would have it. */
static bool is_same_but_for_slashes(const char *uri, avcsec_slice_t path)
{
    size_t at = 0;

    for (; *uri; uri++) {
        if (uri[0] == '/' && uri[1] == '/')
            continue;
        if (at == path.len || path.p[at++] != *uri)
            return false;
    }
    return at == path.len;
}

static bool holds_dots_with_parameters(const char *path)
{
    for (const char *s = path; (s = strchr(s, '/')); s++) {
        size_t dots = strspn(s + 1, ".");

        if ((dots == 1 || dots == 2) && s[1 + dots] == ';')
            return true;
    }
    return false;
}

/* A reason that is written down for refusing what httpd maps. */
static bool is_known_refusal(const char *target)
{
    char plain[TARGET_MAX];
    size_t len = avcsec_slice_unescape(avcsec_slice_of(target), false, plain);

    plain[len] = '\0';
    for (size_t i = 0; i < len; i++)
        if (plain[i] == '\\' || avcsec_is((unsigned char)plain[i], AVCSEC_CONTROL))
            return true;
    return strpbrk(target, "#?") || strstr(target, "%2f") || strstr(target, "%2F") ||
           holds_dots_with_parameters(plain);
}

/* Doubled slashes and ".." in some spelling. */
static bool may_take_one_of_two(const char *target)
{
    char plain[TARGET_MAX];

    plain[avcsec_slice_unescape(avcsec_slice_of(target), false, plain)] = '\0';
    return strstr(target, "//") && strstr(plain, "..");
}

static void compare(server_rec *server, avcsec_slice_t raw, const char *target)
{
    char *decoded = fuzz_room(raw.len + 1);
    size_t len = 0;
    bool is_resolved = avcsec_path_resolve(raw, decoded, &len);
    avcsec_slice_t path = {decoded, len};
    const char *uri = httpd_maps(server, target);

    if (!uri || target[0] != '/' || (!merges_slashes(server) && may_take_one_of_two(target))) {
        /* httpd refused; or ".." took away one slash of two, which the module notices. */
    } else if (is_resolved) {
        PROMISE(merges_slashes(server) ? avcsec_slice_equals(path, avcsec_slice_of(uri))
                                       : is_same_but_for_slashes(uri, path));
        fuzz_accepted++;
    } else {
        PROMISE(is_known_refusal(target));
    }
    free(decoded);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char target[TARGET_MAX];
    avcsec_slice_t raw;

    /* What httpd's request line can't hold: NUL, spaces, line ends. */
    if (size == 0 || size >= sizeof(target))
        return 0;
    for (size_t i = 0; i < size; i++)
        if (data[i] == '\0' || data[i] == '\n' || data[i] == '\r' || data[i] == ' ')
            return 0;
    memcpy(target, data, size);
    target[size] = '\0';
    raw = fuzz_copy((avcsec_slice_t){target, size});
    for (server_rec *s = first_server; s; s = s->next)
        compare(s, raw, target);
    fuzz_free(raw);
    return 0;
}

/* ---- inside httpd ---- */

/* Arguments stand in AVCSEC_FUZZ_ARGUMENTS, one a line. */
static void run(apr_pool_t *pool, server_rec *server)
{
    const char *text = getenv("AVCSEC_FUZZ_ARGUMENTS");
    char *line, *state, *arguments[64], **pointer = arguments;
    int count = 0;

    first_server = server;
    parent = pool;
    arguments[count++] = apr_pstrdup(pool, "fuzz_path_httpd");
    for (line = apr_strtok(apr_pstrdup(pool, text ? text : ""), "\n", &state); line && count < 63;
         line = apr_strtok(NULL, "\n", &state))
        arguments[count++] = line;
    arguments[count] = NULL;
    exit(LLVMFuzzerRunDriver(&count, &pointer, LLVMFuzzerTestOneInput));
}

static void register_hooks(apr_pool_t *pool)
{
    (void)pool;
    ap_hook_translate_name(note_mapped, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_test_config(run, NULL, NULL, APR_HOOK_REALLY_FIRST);
}

AP_DECLARE_MODULE(fuzz_path) = {STANDARD20_MODULE_STUFF, NULL, NULL, NULL, NULL, NULL,
                                register_hooks,          0};
