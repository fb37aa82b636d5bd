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
#include "http_protocol.h"

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

static bool is_encoded(const request_rec *r)
{
    avcsec_slice_t coding = avcsec_slice_trim(header(r, "Content-Encoding"));

    return coding.len && !avcsec_slice_equals_nocase(coding, AVCSEC_LITERAL("identity"));
}

typedef int reader_t(request_rec *r, const avcsec_section_t *section, avcsec_slice_t *body);

static int read_client(request_rec *r, const avcsec_section_t *section, avcsec_slice_t *body)
{
    return avcsec_body_read(r, (size_t)avcsec_section_body_limit(section), body);
}

/* Parts of a page get what mod_request has kept (KeptBodySize), and are asked as their page was;
 * mod_auth_form lets a login say what else it would have been (AuthFormBody). */
static int read_kept(request_rec *r, const avcsec_section_t *section, avcsec_slice_t *body)
{
    char *bytes = NULL;

    (void)section;
    if (apr_brigade_pflatten(r->kept_body, &bytes, &body->len, r->pool) != APR_SUCCESS)
        return HTTP_BAD_REQUEST;
    body->p = body->len ? bytes : "";
    return OK;
}

static int check_form_body(request_rec *r, const avcsec_section_t *section, reader_t *read)
{
    avcsec_slice_t body;
    int status = read(r, section, &body);

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

/* Perl's CGI, Python's cgi and Rack take it for a form, and PHP for bytes. One that cannot be read
 * as a form is let through as what nobody takes for one: an upload whose client named no type. */
static int check_untyped_body(request_rec *r, const avcsec_section_t *section, reader_t *read)
{
    avcsec_slice_t body;

    if (!is_encoded(r) && read(r, section, &body) != HTTP_REQUEST_ENTITY_TOO_LARGE)
        return check_form_body(r, section, read);
    apr_table_setn(r->headers_in, "Content-Type", "application/octet-stream");
    return OK;
}

static int check_body_of(request_rec *r, const avcsec_section_t *section, reader_t *read)
{
    avcsec_slice_t type = avcsec_slice_trim(header(r, "Content-Type"));

    if (avcsec_fields_are_in_body(type))
        return check_form_body(r, section, read);
    return type.len || !ap_request_has_body(r) ? OK : check_untyped_body(r, section, read);
}

/* An ErrorDocument has none that is left, and a part of a page none but what was kept. */
static int check_body(request_rec *r, const avcsec_section_t *section)
{
    int status = OK;

    if (avcsec_facts_is_error_page(r) || !avcsec_facts(r))
        return OK;
    if (!r->main)
        status = check_body_of(r, section, read_client);
    return status == OK && r->kept_body ? check_body_of(r, section, read_kept) : status;
}

/* ---- The query ---- */

/* A proxy with nocanon took the query as it came, and sends it whatever a rule has made of it. */
static const char *proxied_query(const request_rec *r)
{
    const char *query = NULL;

    if (r->filename && !strncmp(r->filename, "proxy:", 6) &&
        apr_table_get(r->notes, "proxy-nocanon"))
        query = strchr(r->filename, '?');
    return query ? query + 1 : NULL;
}

static int check_query(request_rec *r, const avcsec_names_t *demands)
{
    const char *proxied = proxied_query(r);
    int status = check_form(r, demands, avcsec_slice_of(r->args), "the argument");

    if (status == OK && proxied && strcmp(proxied, r->args ? r->args : "") != 0)
        status = check_form(r, demands, avcsec_slice_of(proxied), "the argument");
    return status;
}

static bool has_known_charset(const request_rec *r)
{
    avcsec_slice_t type = header(r, "Content-Type");
    bool is_read = r->args || proxied_query(r) || avcsec_fields_are_in_body(type);

    return !is_read || avcsec_fields_keep_ascii(type);
}

int avcsec_arguments_check(request_rec *r, const avcsec_section_t *section)
{
    const avcsec_names_t *demands = section->arguments;
    int status;

    if (!demands->names->nelts)
        return OK;
    if (!has_known_charset(r))
        return avcsec_gate_refuse(r, AVCSEC_ARGUMENT,
                                  "no argument is known: its Content-Type names a charset in which "
                                  "letters are other bytes (AvcArguments)",
                                  false);
    status = check_query(r, demands);
    if (status == OK)
        status = check_body(r, section);
    /* Behind the body: a trailer may have brought cookies (MergeTrailers). */
    return status == OK ? check_cookies(r, demands) : status;
}
