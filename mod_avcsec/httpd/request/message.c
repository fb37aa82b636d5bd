/* SPDX-License-Identifier: Apache-2.0
 *
 * Bodies of requests to this module.
 */
#include "httpd/request/message.h"

#include "httpd/request/log.h"

#include "core/session/form.h"
#include "core/text/query.h"

#include "apr_strings.h"
#include "http_log.h"
#include "http_protocol.h"

#ifdef AVCSEC_HAVE_JANSSON
#include <jansson.h>
#endif

APLOG_USE_MODULE(avcsec);

int avcsec_message_read(request_rec *r, size_t max, avcsec_slice_t *body)
{
    int status = ap_setup_client_block(r, REQUEST_CHUNKED_DECHUNK);
    char *bytes;
    long n = 0;

    *body = (avcsec_slice_t){"", 0};
    if (status != OK || !ap_should_client_block(r))
        return status;
    if (r->remaining > (apr_off_t)max)
        return HTTP_REQUEST_ENTITY_TOO_LARGE;
    bytes = apr_palloc(r->pool, max + 1);
    body->p = bytes;
    while (body->len <= max &&
           (n = ap_get_client_block(r, bytes + body->len, max + 1 - body->len)) > 0)
        body->len += (size_t)n;
    if (n < 0)
        return HTTP_BAD_REQUEST;
    return body->len > max ? HTTP_REQUEST_ENTITY_TOO_LARGE : OK;
}

bool avcsec_message_is_of_type(const request_rec *r, const char *type)
{
    const char *sent = apr_table_get(r->headers_in, "Content-Type");
    size_t len = strlen(type);

    return sent && !strncasecmp(sent, type, len) && (!sent[len] || strchr("; \t", sent[len]));
}

/* ---- Forms ---- */

/* Split once, as far as media servers send fields; what clients append may be more. */
typedef struct {
    apr_pool_t *pool;
    size_t count;
    avcsec_argument_t fields[24];
    avcsec_slice_t rest;
} form_t;

/* Only an escape makes a name longer than what it says. */
static bool is_named(avcsec_slice_t name, avcsec_slice_t wanted)
{
    if (name.len <= wanted.len)
        return avcsec_slice_equals(name, wanted);
    return memchr(name.p, '%', name.len) && avcsec_slice_unescapes_to(name, wanted);
}

static bool get_of_form(void *baton, const char *name, avcsec_slice_t *value)
{
    const form_t *form = baton;
    avcsec_slice_t wanted = avcsec_slice_of(name);

    for (size_t i = 0; i < form->count; i++) {
        avcsec_slice_t raw = form->fields[i].value;
        char *decoded;

        if (!is_named(form->fields[i].name, wanted))
            continue;
        decoded = apr_palloc(form->pool, raw.len + 1);
        *value = (avcsec_slice_t){decoded, avcsec_slice_unescape(raw, false, decoded)};
        return true;
    }
    avcsec_form_get(form->rest, wanted, apr_palloc(form->pool, form->rest.len + 1), value);
    return true;
}

static bool read_form(request_rec *r, avcsec_slice_t text, avcsec_fields_t *fields,
                      avcsec_fault_t *fault)
{
    form_t *form = apr_palloc(r->pool, sizeof(*form));

    form->pool = r->pool;
    form->rest = text;
    form->count = 0;
    while (form->count < sizeof(form->fields) / sizeof(form->fields[0]) &&
           avcsec_query_next(&form->rest, &form->fields[form->count]))
        form->count++;
    *fields = (avcsec_fields_t){get_of_form, form};
    *fault = (avcsec_fault_t){"the form", "holds a control character"};
    return avcsec_form_is_clean(text);
}

/* ---- JSON ---- */

#ifdef AVCSEC_HAVE_JANSSON

static apr_status_t forget(void *root)
{
    json_decref(root);
    return APR_SUCCESS;
}

/* "client.address" is member "address" of member "client". */
static bool get_of_json(void *baton, const char *name, avcsec_slice_t *value)
{
    const json_t *at = baton;
    avcsec_slice_t rest = avcsec_slice_of(name), part;

    while (at && !json_is_null(at) && avcsec_slice_cut(&rest, '.', &part)) {
        char member[64];

        if (!json_is_object(at) || part.len >= sizeof(member))
            return false;
        apr_cpystrn(member, part.p, part.len + 1);
        at = json_object_get(at, member);
    }
    if (!at || json_is_null(at))
        return true;
    if (!json_is_string(at))
        return false;
    *value = (avcsec_slice_t){json_string_value(at), json_string_length(at)};
    return true;
}

/* The parser ends right behind the second name. */
static const char *repeated_name(apr_pool_t *p, avcsec_slice_t text, int position)
{
    const char *end = text.p + (position > 0 && (size_t)position <= text.len ? position : 0), *at;

    if (end == text.p || end[-1] != '"')
        return "a name";
    for (at = end - 1; at > text.p && at[-1] != '"';)
        at--;
    return end - at > 32 ? "a name" : apr_pstrmemdup(p, at, (apr_size_t)(end - at - 1));
}

static avcsec_fault_t fault_of(request_rec *r, avcsec_slice_t text, const json_error_t *error)
{
    if (json_error_code(error) != json_error_duplicate_key)
        return (avcsec_fault_t){"the body", "is no well-formed JSON"};
    return (avcsec_fault_t){avcsec_log_safe(r, repeated_name(r->pool, text, error->position)),
                            "stands in it twice"};
}

static bool read_json(request_rec *r, avcsec_slice_t text, avcsec_fields_t *fields,
                      avcsec_fault_t *fault)
{
    json_error_t error;
    json_t *root = json_loadb(text.p, text.len, JSON_REJECT_DUPLICATES, &error);

    if (!root) {
        *fault = fault_of(r, text, &error);
        return false;
    }
    apr_pool_cleanup_register(r->pool, root, forget, apr_pool_cleanup_null);
    *fields = (avcsec_fields_t){get_of_json, root};
    *fault = (avcsec_fault_t){"the body", "is no JSON object"};
    return json_is_object(root);
}

#else

static bool read_json(request_rec *r, avcsec_slice_t text, avcsec_fields_t *fields,
                      avcsec_fault_t *fault)
{
    (void)r, (void)text, (void)fields;
    *fault = (avcsec_fault_t){"the body", "is JSON, which this build does not read"};
    return false;
}

#endif

bool avcsec_message_fields(request_rec *r, bool is_json, avcsec_slice_t text,
                           avcsec_fields_t *fields, avcsec_fault_t *fault)
{
    return is_json ? read_json(r, text, fields, fault) : read_form(r, text, fields, fault);
}
