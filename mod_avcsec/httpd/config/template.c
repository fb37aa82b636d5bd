/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON values with expressions in them.
 */
#include "httpd/config/template.h"

#include "httpd/config/config.h"

#include "core/session/jwt.h"

#include "ap_expr.h"
#include "apr_hash.h"
#include "apr_strings.h"
#include "http_log.h"

APLOG_USE_MODULE(avcsec);

#ifdef AVCSEC_HAVE_JANSSON

struct avcsec_template_t {
    json_t *shape;           /* shared by all threads: never handed out, never changed */
    apr_hash_t *expressions; /* strings of it, by their address: const ap_expr_info_t * */
};

static apr_status_t forget(void *shape)
{
    json_decref(shape);
    return APR_SUCCESS;
}

/* ---- Reading ---- */

/* A variable, a function or a back reference stands in it. */
static bool is_expression(const char *text)
{
    return strstr(text, "%{") || strchr(text, '$');
}

static const char *parse_strings(cmd_parms *cmd, avcsec_template_t *made, json_t *at);

static const char *parse_string(cmd_parms *cmd, avcsec_template_t *made, json_t *at)
{
    const char *error = NULL;
    ap_expr_info_t *parsed;
    json_t **place;

    if (!is_expression(json_string_value(at)))
        return NULL;
    parsed = ap_expr_parse_cmd(cmd, json_string_value(at),
                               AP_EXPR_FLAG_STRING_RESULT | AP_EXPR_FLAG_DONT_VARY, &error, NULL);
    if (error)
        return apr_psprintf(cmd->pool, "has no expression in it: %s", error);
    place = apr_pmemdup(cmd->pool, &at, sizeof(at));
    apr_hash_set(made->expressions, place, sizeof(at), parsed);
    return NULL;
}

static const char *parse_members(cmd_parms *cmd, avcsec_template_t *made, json_t *at)
{
    const char *name, *error = NULL;
    json_t *value;

    json_object_foreach(at, name, value)
    {
        if (is_expression(name))
            return "has an expression in a name, where none is evaluated";
        if ((error = parse_strings(cmd, made, value)))
            return error;
    }
    return NULL;
}

static const char *parse_strings(cmd_parms *cmd, avcsec_template_t *made, json_t *at)
{
    const char *error = NULL;

    if (json_is_string(at))
        return parse_string(cmd, made, at);
    if (json_is_object(at))
        return parse_members(cmd, made, at);
    for (size_t i = 0; !error && i < json_array_size(at); i++)
        error = parse_strings(cmd, made, json_array_get(at, i));
    return error;
}

/* JSON, or the text as it is; an object, a list or a string that is begun must end. */
static const char *parse_shape(apr_pool_t *p, const char *text, json_t **shape)
{
    json_error_t error;

    if (!avcsec_json_is_shallow(avcsec_slice_of(text)))
        return "is nested too deeply";
    if ((*shape = json_loads(text, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error)))
        return NULL;
    if (*text && strchr("{[\"", *text))
        return apr_psprintf(p, "is no JSON: %s", error.text);
    return (*shape = json_string(text)) ? NULL : "is not UTF-8";
}

const char *avcsec_template_read(cmd_parms *cmd, const char *text, const avcsec_template_t **out)
{
    avcsec_template_t *made = apr_pcalloc(cmd->pool, sizeof(*made));
    const char *error = parse_shape(cmd->pool, text, &made->shape);

    if (error)
        return error;
    apr_pool_cleanup_register(cmd->pool, made->shape, forget, apr_pool_cleanup_null);
    made->expressions = apr_hash_make(cmd->pool);
    *out = made;
    return parse_strings(cmd, made, made->shape);
}

/* ---- Filling ---- */

static json_t *fill(request_rec *r, const avcsec_template_t *made, json_t *at, const char **error);

static json_t *fill_string(request_rec *r, const avcsec_template_t *made, json_t *at,
                           const char **error)
{
    const ap_expr_info_t *parsed = apr_hash_get(made->expressions, &at, sizeof(at));
    const char *failed = NULL, *text = json_string_value(at);
    json_t *string;

    if (parsed)
        text = ap_expr_str_exec(r, parsed, &failed);
    if (failed || !text)
        *error = "cannot be evaluated";
    else if (!(string = json_string(text)))
        *error = "gives what is not UTF-8";
    else
        return string;
    return NULL;
}

static json_t *fill_object(request_rec *r, const avcsec_template_t *made, json_t *at,
                           const char **error)
{
    json_t *object = json_object(), *member, *value;
    const char *name;

    json_object_foreach(at, name, member)
    {
        value = fill(r, made, member, error);
        if (!value || json_object_set_new(object, name, value)) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}

static json_t *fill_list(request_rec *r, const avcsec_template_t *made, json_t *at,
                         const char **error)
{
    json_t *list = json_array(), *value;

    for (size_t i = 0; i < json_array_size(at); i++) {
        value = fill(r, made, json_array_get(at, i), error);
        if (!value || json_array_append_new(list, value)) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *fill(request_rec *r, const avcsec_template_t *made, json_t *at, const char **error)
{
    if (json_is_string(at))
        return fill_string(r, made, at, error);
    if (json_is_object(at))
        return fill_object(r, made, at, error);
    return json_is_array(at) ? fill_list(r, made, at, error) : json_copy(at);
}

json_t *avcsec_template_fill(request_rec *r, const avcsec_template_t *made, const char **error)
{
    *error = "could not be filled: out of memory";
    return fill(r, made, made->shape, error);
}

#else

const char *avcsec_template_read(cmd_parms *cmd, const char *text, const avcsec_template_t **made)
{
    (void)cmd, (void)text, (void)made;
    return "needs JSON, and this module was built without jansson";
}

#endif
