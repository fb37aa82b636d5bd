/* SPDX-License-Identifier: Apache-2.0
 *
 * Headers of an answer, in whichever of httpd's two tables they stand.
 */
#include "httpd/request/headers.h"

#include "apr_strings.h"
#include "httpd.h"

const char *avcsec_header_get(const request_rec *r, const char *name)
{
    const char *value = apr_table_get(r->headers_out, name);

    return value ? value : apr_table_get(r->err_headers_out, name);
}

void avcsec_header_set(request_rec *r, const char *name, const char *value)
{
    apr_table_unset(r->err_headers_out, name);
    if (value)
        apr_table_setn(r->headers_out, name, value);
    else
        apr_table_unset(r->headers_out, name);
}

void avcsec_header_add(request_rec *r, const char *name, const char *value)
{
    apr_table_addn(r->headers_out, name, value);
}

static int push(void *values, const char *name, const char *value)
{
    (void)name;
    APR_ARRAY_PUSH((apr_array_header_t *)values, const char *) = value;
    return 1;
}

const apr_array_header_t *avcsec_header_all(request_rec *r, const char *name)
{
    static const apr_array_header_t none = {.elt_size = sizeof(const char *)};
    apr_array_header_t *values;

    if (!avcsec_header_get(r, name))
        return &none;
    values = apr_array_make(r->pool, 2, sizeof(const char *));
    apr_table_do(push, values, r->err_headers_out, name, NULL);
    apr_table_do(push, values, r->headers_out, name, NULL);
    return values;
}

const char *avcsec_header_join(request_rec *r, const char *name)
{
    const apr_array_header_t *values = avcsec_header_all(r, name);
    const char *joined = NULL;

    for (int i = 0; i < values->nelts; i++) {
        const char *value = APR_ARRAY_IDX(values, i, const char *);

        joined = joined ? apr_pstrcat(r->pool, joined, ", ", value, NULL) : value;
    }
    return joined;
}

void avcsec_header_add_vary(request_rec *r, const char *field)
{
    const char *vary = avcsec_header_join(r, "Vary");

    if (!vary || !(ap_find_token(r->pool, vary, field) || ap_find_token(r->pool, vary, "*")))
        avcsec_header_set(r, "Vary", vary ? apr_pstrcat(r->pool, vary, ", ", field, NULL) : field);
}
