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

const char *avcsec_header_join(request_rec *r, const char *name)
{
    const char *plain = apr_table_getm(r->pool, r->headers_out, name);
    const char *always = apr_table_getm(r->pool, r->err_headers_out, name);

    return plain && always ? apr_pstrcat(r->pool, plain, ", ", always, NULL)
           : plain         ? plain
                           : always;
}

void avcsec_header_add_vary(request_rec *r, const char *field)
{
    const char *vary = avcsec_header_join(r, "Vary");

    if (!vary || !(ap_find_token(r->pool, vary, field) || ap_find_token(r->pool, vary, "*")))
        avcsec_header_set(r, "Vary", vary ? apr_pstrcat(r->pool, vary, ", ", field, NULL) : field);
}
