/* SPDX-License-Identifier: Apache-2.0
 *
 * CORS, and answers to OPTIONS.
 */
#include "httpd/request/cors.h"

#include "httpd/request/headers.h"

#include "apr_strings.h"
#include "http_protocol.h"

static bool is_listed(const avcsec_origins_t *list, avcsec_slice_t origin)
{
    for (int i = 0; origin.p && i < list->origins->nelts; i++)
        if (avcsec_slice_equals_nocase(origin, APR_ARRAY_IDX(list->origins, i, avcsec_slice_t)))
            return true;
    return false;
}

static const char exposed[] =
    "Accept-Ranges, Content-Disposition, Content-Length, Content-Range, Date, ETag, Link, "
    "Location, "
    "Retry-After, Tus-Extension, Tus-Max-Size, Tus-Resumable, Tus-Version, Upload-Expires, "
    "Upload-Length, Upload-Offset";

void avcsec_cors_set(request_rec *r, const avcsec_facts_t *facts)
{
    const avcsec_origins_t *list = avcsec_config_section(r)->origins;
    bool is_one = list && is_listed(list, facts->wire.origin);

    if (!list || !list->origins->nelts)
        return;
    avcsec_header_add_vary(r, "Origin");
    avcsec_header_set(r, "Access-Control-Allow-Origin",
                      is_one ? apr_pstrmemdup(r->pool, facts->wire.origin.p, facts->wire.origin.len)
                             : NULL);
    avcsec_header_set(r, "Access-Control-Allow-Credentials",
                      is_one && list->has_credentials ? "true" : NULL);
    if (is_one) {
        const char *own = avcsec_header_join(r, "Access-Control-Expose-Headers");

        avcsec_header_set(r, "Access-Control-Expose-Headers",
                          own ? apr_pstrcat(r->pool, exposed, ", ", own, NULL) : exposed);
    }
}

bool avcsec_cors_wants_preflight(const request_rec *r)
{
    return r->method_number == M_OPTIONS && avcsec_facts_is_root(r) &&
           apr_table_get(r->headers_in, "Access-Control-Request-Method");
}

static bool is_field_list(const char *text)
{
    for (; *text; text++)
        if (!avcsec_is((unsigned char)*text, AVCSEC_WORD) && !strchr(", ", *text))
            return false;
    return true;
}

static void grant_preflight(request_rec *r, const char *methods)
{
    const char *headers = apr_table_get(r->headers_in, "Access-Control-Request-Headers");

    avcsec_header_add_vary(r, "Access-Control-Request-Method");
    avcsec_header_add_vary(r, "Access-Control-Request-Headers");
    avcsec_header_set(r, "Access-Control-Allow-Methods", methods);
    if (headers && strlen(headers) <= 1024 && is_field_list(headers))
        avcsec_header_set(r, "Access-Control-Allow-Headers", headers);
    avcsec_header_set(r, "Access-Control-Max-Age", "600");
}

int avcsec_cors_options(request_rec *r, const char *methods)
{
    const avcsec_section_t *section = avcsec_config_section(r);
    const avcsec_facts_t *facts = avcsec_facts(r);

    avcsec_header_set(r, "Allow", methods);
    if (facts && section->origins && is_listed(section->origins, facts->wire.origin) &&
        avcsec_cors_wants_preflight(r))
        grant_preflight(r, methods);
    return HTTP_NO_CONTENT;
}

int avcsec_cors_preflight(request_rec *r)
{
    return avcsec_cors_options(r, avcsec_config_section(r)->files
                                      ? "GET, HEAD, OPTIONS"
                                      : "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
}
