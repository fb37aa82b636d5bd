/* SPDX-License-Identifier: Apache-2.0
 *
 * Which SetHandler lines are the administrator's: httpd merges sections by copying
 * pointers, so what stands in a request's configuration is one of them, or it came from an
 * .htaccess that was read for this request alone.
 */
#include "httpd/config/handlers.h"

#include "httpd/config/config.h"

#include "ap_expr.h"
#include "http_core.h"

APLOG_USE_MODULE(avcsec);

static apr_array_header_t *lines; /* const void *: what a line became */

static void note_sections(const apr_array_header_t *sections);

static void note_section(ap_conf_vector_t *section)
{
    const core_dir_config *core = section ? ap_get_core_module_config(section) : NULL;

    if (!core)
        return;
    if (core->handler)
        APR_ARRAY_PUSH(lines, const void *) = core->handler;
    if (core->expr_handler)
        APR_ARRAY_PUSH(lines, const void *) = core->expr_handler;
    note_sections(core->sec_file);
    note_sections(core->sec_if);
}

static void note_sections(const apr_array_header_t *sections)
{
    for (int i = 0; sections && i < sections->nelts; i++)
        note_section(APR_ARRAY_IDX(sections, i, ap_conf_vector_t *));
}

int avcsec_handlers_note(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s)
{
    (void)plog, (void)ptemp;
    lines = apr_array_make(pconf, 8, sizeof(const void *));
    for (; s; s = s->next) {
        const core_server_config *core = ap_get_core_module_config(s->module_config);

        note_section(s->lookup_defaults);
        note_sections(core->sec_dir);
        note_sections(core->sec_url);
    }
    return OK;
}

static bool is_noted(const void *line)
{
    for (int i = 0; lines && line && i < lines->nelts; i++)
        if (APR_ARRAY_IDX(lines, i, const void *) == line)
            return true;
    return false;
}

const char *avcsec_handlers_answering(const char *name)
{
    static const char *const answering[] = {"avcsec-token-verify", "avcsec-admission",
                                            "avcsec-check", NULL};

    if (!avcsec_handlers_may_be_ours(name))
        return NULL;
    for (int i = 0; answering[i]; i++)
        if (!strcasecmp(name, answering[i]))
            return answering[i];
    return NULL;
}

/* What SetHandler says; *line is what it became. NULL: nothing, or it cannot be worked out. */
static const char *name_set(request_rec *r, const void **line)
{
    const core_dir_config *core = ap_get_core_module_config(r->per_dir_config);
    const char *error = NULL, *name;

    if (!core->expr_handler) {
        *line = core->handler;
        return core->handler;
    }
    *line = core->expr_handler;
    name = ap_expr_str_exec(r, core->expr_handler, &error);
    return error ? NULL : name;
}

const char *avcsec_handlers_asked(request_rec *r)
{
    const void *line;

    return avcsec_handlers_answering(name_set(r, &line));
}

bool avcsec_handlers_is_set(request_rec *r, const char *name)
{
    const void *line;
    const char *set = name_set(r, &line);

    return set && is_noted(line) && !strcasecmp(set, name);
}
