/* SPDX-License-Identifier: Apache-2.0
 *
 * Arguments, field by field.
 */
#include "httpd/gate/arguments.h"

#include "httpd/gate/tokens.h"
#include "httpd/request/body.h"
#include "httpd/request/facts.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"

APLOG_USE_MODULE(avcsec);

static avcsec_slice_t header(const request_rec *r, const char *name)
{
    return avcsec_slice_of(apr_table_get(r->headers_in, name));
}

/* ---- What a form says ---- */

static const char *why(avcsec_field_t found)
{
    switch (found) {
    case AVCSEC_FIELD_REPEATED:
        return "stands there more than once";
    case AVCSEC_FIELD_ARRAY:
        return "stands there as an array";
    default:
        return "has a value that does not match";
    }
}

static int refuse(request_rec *r, const char *what, const avcsec_demand_t *demand, const char *why)
{
    return avcsec_gate_refuse(r, AVCSEC_ARGUMENT,
                              apr_psprintf(r->pool, "%s %.*s %s (AvcArguments)", what,
                                           (int)demand->name.len, demand->name.p, why),
                              false);
}

static int check_form(request_rec *r, const avcsec_names_t *demands, avcsec_slice_t form,
                      const char *what)
{
    char *room = form.len ? apr_palloc(r->pool, form.len) : NULL;

    for (int i = 0; room && i < demands->names->nelts; i++) {
        const avcsec_demand_t *demand = &APR_ARRAY_IDX(demands->names, i, avcsec_demand_t);
        avcsec_field_t found = avcsec_fields_judge(form, demand, room);

        if (found != AVCSEC_FIELD_PASSES)
            return refuse(r, what, demand, why(found));
    }
    return OK;
}

static int check_cookies(request_rec *r, const avcsec_names_t *demands)
{
    avcsec_slice_t cookie = header(r, "Cookie");

    for (int i = 0; cookie.p && i < demands->names->nelts; i++) {
        const avcsec_demand_t *demand = &APR_ARRAY_IDX(demands->names, i, avcsec_demand_t);

        if (avcsec_fields_in_cookie(cookie, demand->name))
            return refuse(r, "a cookie is called", demand,
                          "as well, which scripts may take for the argument");
    }
    return OK;
}

/* ---- The body ---- */

/* A part of a page has no body of its own, and an ErrorDocument none that is left. */
static bool has_form(const request_rec *r)
{
    return !r->main && !avcsec_facts_is_error_page(r) &&
           avcsec_fields_are_in_body(header(r, "Content-Type"));
}

static bool is_encoded(const request_rec *r)
{
    avcsec_slice_t coding = avcsec_slice_trim(header(r, "Content-Encoding"));

    return coding.len && !avcsec_slice_equals_nocase(coding, AVCSEC_LITERAL("identity"));
}

static int check_body(request_rec *r, const avcsec_section_t *section)
{
    const avcsec_facts_t *facts = avcsec_facts(r);
    avcsec_slice_t body;
    int status;

    if (!facts || !has_form(r))
        return OK;
    status = avcsec_body_read(r, (size_t)avcsec_section_body_limit(section), &body);
    if (status == HTTP_REQUEST_ENTITY_TOO_LARGE)
        return avcsec_gate_refuse(r, AVCSEC_TOO_LARGE, NULL, false);
    if (status != OK)
        return avcsec_gate_refuse(
            r, AVCSEC_ARGUMENT, "the body's fields are not known: it did not come in whole", false);
    /* It is read before httpd's own filters, of which one (DEFLATE) may make another form of it. */
    if (body.len && is_encoded(r))
        return avcsec_gate_refuse(r, AVCSEC_ARGUMENT,
                                  "the body's fields are not known: it has a Content-Encoding",
                                  false);
    return check_form(r, section->arguments, body, "the body's field");
}

int avcsec_arguments_check(request_rec *r, const avcsec_section_t *section)
{
    const avcsec_names_t *demands = section->arguments;
    int status;

    if (!demands->names->nelts)
        return OK;
    status = check_form(r, demands, avcsec_slice_of(r->args), "the argument");
    if (status == OK)
        status = check_body(r, section);
    /* Behind the body: a trailer may have brought cookies (MergeTrailers). */
    return status == OK ? check_cookies(r, demands) : status;
}
