/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads directives. Refuses what it does not understand, and everything that stands
 * in an .htaccess: AllowOverrideList would let any directive in there.
 */
#include "httpd/config/config.h"

#include "httpd/config/admission.h"
#include "httpd/config/arguments.h"
#include "httpd/config/basic.h"
#include "httpd/config/caller.h"
#include "httpd/config/hosts.h"
#include "httpd/config/jwt.h"
#include "httpd/config/lists.h"
#include "httpd/config/open_until.h"
#include "httpd/config/session.h"
#include "httpd/config/shared.h"
#include "httpd/config/store.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"

APLOG_USE_MODULE(avcsec);

typedef enum { MERGE_REPLACE, MERGE_ONCE, MERGE_ADD, MERGE_EXTEND } merge_t;

typedef struct {
    const char *name, *syntax;
    int is_section;
    merge_t merge;
    size_t field, size;
    int min, max; /* arguments; max 0: any number */
    const char *(*read)(cmd_parms *cmd, void *field, int argc, char *const argv[]);
} directive_t;

static apr_array_header_t *settings;

/* ---- The command table ---- */

avcsec_place_t avcsec_config_place(const cmd_parms *cmd)
{
    return (avcsec_place_t){cmd->directive->filename, cmd->directive->line_num};
}

static const directive_t directives[] = {
#define FIELD(type, field) offsetof(type, field), sizeof(((type *)0)->field)
#define SERVER(merge, field) 0, MERGE_##merge, FIELD(avcsec_server_t, field)
#define SECTION(merge, field) 1, MERGE_##merge, FIELD(avcsec_section_t, field)
#define DIRECTIVE(name, level, type, field, unset, merge, min, max, reader, syntax, initial,       \
                  sentence)                                                                        \
    {#name, syntax, level(merge, field), min, max, read_##reader},
#include "httpd/config/directives.def"
#undef DIRECTIVE
#undef SERVER
#undef SECTION
#undef FIELD
};

static const char *bad_count(cmd_parms *cmd, const directive_t *directive)
{
    return apr_psprintf(cmd->pool, "%s: its syntax is: %s %s", directive->name, directive->name,
                        directive->syntax);
}

/* What the reader made of it, where that is a pointer; numbers are nobody's business. */
static const void *pointer_in(const char *base, const directive_t *directive)
{
    const void *value = NULL;

    if (directive->size == sizeof(value))
        memcpy(&value, base + directive->field, sizeof(value));
    return value;
}

/* Remembers the line, and gives the field what it and the lines before it come to. */
static void take_line(cmd_parms *cmd, const directive_t *directive, char *base, const void *before)
{
    const void *line = pointer_in(base, directive);

    const avcsec_setting_t setting = {directive->name,
                                      cmd->server,
                                      line,
                                      avcsec_config_place(cmd),
                                      cmd->path != NULL,
                                      directive->merge == MERGE_ONCE,
                                      base,
                                      cmd->directive};

    avcsec_config_add_setting(&setting);
    if (directive->merge == MERGE_ADD)
        *(const avcsec_names_t **)(void *)(base + directive->field) =
            avcsec_names_merge(cmd->pool, before, line);
}

/* What httpd asks for says nothing of what a server behind reads. */
static const char *refuse_proxy(cmd_parms *cmd, const directive_t *directive)
{
    if (!ap_check_cmd_context(cmd, NOT_IN_PROXY))
        return NULL;
    return apr_psprintf(cmd->pool,
                        "%s is not for <Proxy>, for a server behind may read another address than "
                        "httpd asks for: put it into the <Location> that is proxied",
                        directive->name);
}

static const char *set_directive(cmd_parms *cmd, void *section, int argc, char *const argv[])
{
    const directive_t *directive = cmd->info;
    void *server = ap_get_module_config(cmd->server->module_config, &avcsec_module);
    char *base = directive->is_section ? section : server;
    const char *error = ap_check_cmd_context(
        cmd, directive->is_section ? NOT_IN_HTACCESS | NOT_IN_LIMIT
                                   : NOT_IN_HTACCESS | NOT_IN_LIMIT | NOT_IN_DIR_LOC_FILE);
    const void *before = pointer_in(base, directive);

    if (error || (error = refuse_proxy(cmd, directive)))
        return error;
    if (argc < directive->min || (directive->max && argc > directive->max))
        return bad_count(cmd, directive);
    if ((error = directive->read(cmd, base + directive->field, argc, argv)))
        return apr_psprintf(cmd->pool, "%s %s", directive->name, error);
    take_line(cmd, directive, base, before);
    return NULL;
}

#define SERVER RSRC_CONF
#define SECTION (RSRC_CONF | ACCESS_CONF)

enum {
#define DIRECTIVE(name, ...) INDEX_OF_##name,
#include "httpd/config/directives.def"
#undef DIRECTIVE
};

const command_rec avcsec_config_commands[] = {
#define DIRECTIVE(name, level, type, field, unset, merge, min, max, reader, syntax, initial,       \
                  sentence)                                                                        \
    AP_INIT_TAKE_ARGV(#name, set_directive, (void *)&directives[INDEX_OF_##name], level,           \
                      syntax " - " sentence),
#include "httpd/config/directives.def"
#undef DIRECTIVE
    AVCSEC_SHARED_COMMANDS, {.name = NULL}};

#undef SERVER
#undef SECTION

void avcsec_config_add_setting(const avcsec_setting_t *setting)
{
    APR_ARRAY_PUSH(settings, avcsec_setting_t) = *setting;
}

const apr_array_header_t *avcsec_config_settings(void)
{
    return settings;
}

void avcsec_config_reset(apr_pool_t *pconf)
{
    settings = apr_array_make(pconf, 16, sizeof(avcsec_setting_t));
    avcsec_shared_reset();
}

/* ---- Creating and merging ---- */

static const apr_array_header_t *extend(apr_pool_t *p, const apr_array_header_t *outer,
                                        const apr_array_header_t *inner)
{
    return outer && inner ? apr_array_append(p, outer, inner) : inner ? inner : outer;
}

#define REPLACE(field, unset) merged->field = inner->field == (unset) ? outer->field : inner->field
#define ONCE(field, unset) REPLACE(field, unset)
#define ADD(field, unset) merged->field = avcsec_names_merge(p, outer->field, inner->field)
#define EXTEND(field, unset) merged->field = extend(p, outer->field, inner->field)

#define SERVER(statement)
#define SECTION(statement) statement;

void *avcsec_config_create_section(apr_pool_t *p, char *path)
{
    avcsec_section_t *section = apr_pcalloc(p, sizeof(*section));

    (void)path;
#define DIRECTIVE(name, level, type, field, unset, merge, ...) level(section->field = unset)
#include "httpd/config/directives.def"
#undef DIRECTIVE
    return section;
}

void *avcsec_config_merge_section(apr_pool_t *p, void *outer_section, void *inner_section)
{
    const avcsec_section_t *outer = outer_section, *inner = inner_section;
    avcsec_section_t *merged = apr_pcalloc(p, sizeof(*merged));

#define DIRECTIVE(name, level, type, field, unset, merge, ...) level(merge(field, unset))
#include "httpd/config/directives.def"
#undef DIRECTIVE
    return merged;
}

#undef SERVER
#undef SECTION
#define SERVER(statement) statement;
#define SECTION(statement)

void *avcsec_config_create_server(apr_pool_t *p, server_rec *s)
{
    avcsec_server_t *server = apr_pcalloc(p, sizeof(*server));

    (void)s;
#define DIRECTIVE(name, level, type, field, unset, merge, ...) level(server->field = unset)
#include "httpd/config/directives.def"
#undef DIRECTIVE
    return server;
}

void *avcsec_config_merge_server(apr_pool_t *p, void *outer_server, void *inner_server)
{
    const avcsec_server_t *outer = outer_server, *inner = inner_server;
    avcsec_server_t *merged = apr_pcalloc(p, sizeof(*merged));

#define DIRECTIVE(name, level, type, field, unset, merge, ...) level(merge(field, unset))
#include "httpd/config/directives.def"
#undef DIRECTIVE
    return merged;
}

#undef SERVER
#undef SECTION

/* ---- Reading the configuration ---- */

bool avcsec_config_uses_useragent(const server_rec *s)
{
    return avcsec_config_server(s)->client_address == AVCSEC_ADDRESS_USERAGENT;
}

bool avcsec_config_scrubs_headers(const server_rec *s)
{
    return avcsec_config_server(s)->scrub_headers == 1;
}

int avcsec_config_clock_skew(const server_rec *s)
{
    int skew = avcsec_config_server(s)->clock_skew;

    return skew == AVCSEC_UNSET ? 30 : skew;
}

int avcsec_config_use_grace(const server_rec *s)
{
    int grace = avcsec_config_server(s)->use_grace;

    return grace == AVCSEC_UNSET ? 600 : grace;
}

const avcsec_store_t *avcsec_config_store(const server_rec *main_server)
{
    static const avcsec_store_t initial = {.path = "uses", .slots = AVCSEC_STORE_ENTRIES};
    const avcsec_store_t *store = avcsec_config_server(main_server)->store;

    return store ? store : &initial;
}

bool avcsec_config_needs_store(const server_rec *s)
{
    return avcsec_config_server(s)->store_failure != 1;
}

int avcsec_section_body_limit(const avcsec_section_t *section)
{
    return section->body_limit == AVCSEC_UNSET ? 1 << 20 : section->body_limit;
}

bool avcsec_section_only_logs(const avcsec_section_t *section)
{
    return section->enforce == AVCSEC_ENFORCE_LOG;
}

bool avcsec_proof_has(const avcsec_proof_t *proof, int kind)
{
    for (int i = 0; proof && i < proof->kinds->nelts; i++)
        if ((int)APR_ARRAY_IDX(proof->kinds, i, avcsec_proof_kind_t).kind == kind)
            return true;
    return !proof && kind == AVCSEC_PROOF_ADDRESS;
}
