/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads directives. Refuses what it does not understand, and everything that stands
 * in an .htaccess: AllowOverrideList would let any directive in there.
 */
#include "config.h"

#include "config_admission.h"
#include "config_caller.h"
#include "config_jwt.h"
#include "config_session.h"
#include "config_store.h"

#include "apr_fnmatch.h"
#include "apr_lib.h"
#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"

APLOG_USE_MODULE(avcsec);

typedef struct {
    const char *name, *syntax;
    int is_section;
    size_t field, size;
    int min, max; /* arguments; max 0: any number */
    const char *(*read)(cmd_parms *cmd, void *field, int argc, char *const argv[]);
} directive_t;

static apr_array_header_t *settings;

static avcsec_place_t place_of(const cmd_parms *cmd)
{
    return (avcsec_place_t){cmd->directive->filename, cmd->directive->line_num};
}

/* ---- Readers: each gets a pointer to its field ---- */

static const char *read_int_of(void *field, const char *text, const char *zero, const char *one)
{
    int is_one = !strcasecmp(text, one);

    if (!is_one && strcasecmp(text, zero))
        return apr_psprintf(settings->pool, "takes \"%s\" or \"%s\", not \"%s\"", zero, one, text);
    *(int *)field = is_one;
    return NULL;
}

static const char *read_flag(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    (void)cmd, (void)argc;
    return read_int_of(field, argv[0], "Off", "On");
}

static const char *read_enforce(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    (void)cmd, (void)argc;
    return read_int_of(field, argv[0], "On", "Log");
}

static const char *read_store_failure(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    (void)cmd, (void)argc;
    return read_int_of(field, argv[0], "deny", "allow");
}

static const char *read_client_address(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    (void)cmd, (void)argc;
    return read_int_of(field, argv[0], "connection", "useragent");
}

static const char *read_seconds_up_to(int most, cmd_parms *cmd, int *field, const char *text)
{
    int64_t seconds = 0;

    if (strcmp(text, "0") && !avcsec_slice_to_number(avcsec_slice_of(text), most, &seconds))
        return apr_psprintf(cmd->pool, "takes a number of seconds from 0 to %d", most);
    *field = (int)seconds;
    return NULL;
}

static const char *read_seconds(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    (void)argc;
    return read_seconds_up_to(3600, cmd, field, argv[0]);
}

static const char *read_day(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    (void)argc;
    return read_seconds_up_to(86400, cmd, field, argv[0]);
}

static const char *read_switch(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    avcsec_switch_t *setting = apr_pcalloc(cmd->pool, sizeof(*setting));
    const char *error;
    int is_on = 0;

    (void)argc;
    if ((error = read_int_of(&is_on, argv[0], "Off", "On")))
        return error;
    setting->is_on = is_on;
    setting->place = place_of(cmd);
    *(const avcsec_switch_t **)field = setting;
    return NULL;
}

static const char *read_key_file(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    avcsec_key_file_t *file = apr_pcalloc(cmd->pool, sizeof(*file));

    if (argc == 2 && strcasecmp(argv[1], "mounted"))
        return apr_psprintf(cmd->pool, "takes \"mounted\" behind the path, not \"%s\"", argv[1]);
    file->is_mounted = argc == 2;
    file->place = place_of(cmd);
    if (!(file->path = ap_server_root_relative(cmd->pool, argv[0])))
        return apr_psprintf(cmd->pool, "has no usable path: %s", argv[0]);
    *(const avcsec_key_file_t **)field = file;
    return NULL;
}

static const char *read_revocations(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    avcsec_revocations_file_t *file = apr_pcalloc(cmd->pool, sizeof(*file));

    (void)argc;
    file->place = place_of(cmd);
    if (!(file->path = ap_server_root_relative(cmd->pool, argv[0])))
        return apr_psprintf(cmd->pool, "has no usable path: %s", argv[0]);
    *(const avcsec_revocations_file_t **)field = file;
    return NULL;
}

static bool is_realm(const char *text)
{
    avcsec_slice_t realm = avcsec_slice_of(text);

    return realm.len <= 64 && avcsec_slice_is_made_of(realm, AVCSEC_VALUE);
}

static const char *read_realm(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    (void)argc;
    if (!is_realm(argv[0]))
        return "takes a name of 1 to 64 of A-Z a-z 0-9 - . _";
    *(const char **)field = apr_pstrdup(cmd->pool, argv[0]);
    return NULL;
}

/* A <Location "/path">, neither a pattern nor anything else. */
static bool is_in_literal_location(const cmd_parms *cmd)
{
    const ap_directive_t *section = cmd->directive->parent;

    return section && !strcasecmp(section->directive, "<Location") && cmd->path &&
           cmd->path[0] == '/' && !apr_fnmatch_test(cmd->path) && !strchr(section->args, '~');
}

static const char *read_files(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    avcsec_files_t *files = apr_pcalloc(cmd->pool, sizeof(*files));
    char *directory;

    (void)argc;
    if (!is_in_literal_location(cmd))
        return "stands directly in a literal <Location \"/path\">, without wildcards: it serves "
               "what "
               "is below that path";
    if (argv[0][0] != '/' ||
        apr_filepath_merge(&directory, NULL, argv[0], APR_FILEPATH_NOTRELATIVE, cmd->pool))
        return apr_psprintf(cmd->pool, "takes the absolute path of a directory, not \"%s\"",
                            argv[0]);
    ap_no2slash(directory);
    for (size_t len = strlen(directory); len > 1 && directory[len - 1] == '/';)
        directory[--len] = '\0';
    files->directory = directory;
    files->url = apr_pstrdup(cmd->pool, cmd->path);
    files->url_len = strlen(files->url);
    while (files->url_len && files->url[files->url_len - 1] == '/')
        files->url_len--;
    files->url = apr_pstrmemdup(cmd->pool, files->url, files->url_len);
    files->place = place_of(cmd);
    *(const avcsec_files_t **)field = files;
    return NULL;
}

static const char *read_slices(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    apr_array_header_t *slices = apr_array_make(cmd->pool, argc, sizeof(avcsec_slice_t));

    for (int i = 0; i < argc; i++)
        if (strcasecmp(argv[i], "none"))
            APR_ARRAY_PUSH(slices, avcsec_slice_t) =
                avcsec_slice_of(apr_pstrdup(cmd->pool, argv[i]));
    *(const apr_array_header_t **)field = slices;
    return NULL;
}

/* Types that carry script, whatever the sandbox: never shown from somebody's upload. */
static const char *const active_types[] = {
    "text/html",       "image/svg+xml",   "application/xhtml+xml",  "text/xml",
    "application/xml", "text/javascript", "application/javascript", NULL};

static const char *read_inline_types(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    apr_array_header_t *types = apr_array_make(cmd->pool, argc, sizeof(const char *));

    for (int i = 0; i < argc; i++) {
        const char *slash = strchr(argv[i], '/');

        for (int k = 0; active_types[k]; k++)
            if (!strcasecmp(argv[i], active_types[k]))
                return apr_psprintf(cmd->pool,
                                    "cannot show %s: such a file runs script in your site's name",
                                    argv[i]);
        if (!strcasecmp(argv[i], "none"))
            continue;
        if (!slash || slash == argv[i] || !slash[1] || strchr(slash + 1, '*'))
            return apr_psprintf(cmd->pool, "takes types as image/png, not \"%s\"", argv[i]);
        APR_ARRAY_PUSH(types, const char *) = apr_pstrdup(cmd->pool, argv[i]);
    }
    *(const apr_array_header_t **)field = types;
    return NULL;
}

/* "https://host[:port]", nothing behind it. */
static bool is_origin(const char *text)
{
    const char *host = !strncasecmp(text, "https://", 8)  ? text + 8
                       : !strncasecmp(text, "http://", 7) ? text + 7
                                                          : "";

    return *host && strcspn(host, "/?#@* ,\\") == strlen(host);
}

static const char *read_origins(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    avcsec_origins_t *list = apr_pcalloc(cmd->pool, sizeof(*list));
    apr_array_header_t *origins = apr_array_make(cmd->pool, argc, sizeof(avcsec_slice_t));

    for (int i = 0; i < argc; i++) {
        char *origin = apr_pstrdup(cmd->pool, argv[i]);

        if (!strcasecmp(origin, "credentials")) {
            list->has_credentials = true;
            continue;
        }
        if (!strcasecmp(origin, "none") && argc == 1)
            continue;
        if (!is_origin(origin))
            return apr_psprintf(cmd->pool,
                                "takes origins as https://chat.example.org[:port], one by one and "
                                "without path or *, not \"%s\"",
                                argv[i]);
        ap_str_tolower(origin);
        APR_ARRAY_PUSH(origins, avcsec_slice_t) = avcsec_slice_of(origin);
    }
    if (list->has_credentials && origins->nelts == 0)
        return "needs origins before \"credentials\"";
    list->origins = origins;
    *(const avcsec_origins_t **)field = list;
    return NULL;
}

/* ---- The command table ---- */

static const directive_t directives[] = {
#define FIELD(type, field) offsetof(type, field), sizeof(((type *)0)->field)
#define SERVER(field) 0, FIELD(avcsec_server_t, field)
#define SECTION(field) 1, FIELD(avcsec_section_t, field)
#define DIRECTIVE(name, level, type, field, unset, merge, min, max, reader, syntax, initial,       \
                  sentence)                                                                        \
    {#name, syntax, level(field), min, max, read_##reader},
#include "directives.def"
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

static const char *set_directive(cmd_parms *cmd, void *section, int argc, char *const argv[])
{
    const directive_t *directive = cmd->info;
    void *server = ap_get_module_config(cmd->server->module_config, &avcsec_module);
    char *base = directive->is_section ? section : server;
    const char *error = ap_check_cmd_context(
        cmd, directive->is_section ? NOT_IN_HTACCESS | NOT_IN_LIMIT
                                   : NOT_IN_HTACCESS | NOT_IN_LIMIT | NOT_IN_DIR_LOC_FILE);
    avcsec_setting_t *setting;

    if (error)
        return error;
    if (argc < directive->min || (directive->max && argc > directive->max))
        return bad_count(cmd, directive);
    if ((error = directive->read(cmd, base + directive->field, argc, argv)))
        return apr_psprintf(cmd->pool, "%s %s", directive->name, error);
    setting = &APR_ARRAY_PUSH(settings, avcsec_setting_t);
    *setting = (avcsec_setting_t){directive->name, cmd->server, pointer_in(base, directive),
                                  place_of(cmd), cmd->path != NULL};
    return NULL;
}

#define SERVER RSRC_CONF
#define SECTION (RSRC_CONF | ACCESS_CONF)

enum {
#define DIRECTIVE(name, ...) INDEX_OF_##name,
#include "directives.def"
#undef DIRECTIVE
};

const command_rec avcsec_config_commands[] = {
#define DIRECTIVE(name, level, type, field, unset, merge, min, max, reader, syntax, initial,       \
                  sentence)                                                                        \
    AP_INIT_TAKE_ARGV(#name, set_directive, (void *)&directives[INDEX_OF_##name], level,           \
                      syntax " - " sentence),
#include "directives.def"
#undef DIRECTIVE
    {.name = NULL}};

#undef SERVER
#undef SECTION

const apr_array_header_t *avcsec_config_settings(void)
{
    return settings;
}

void avcsec_config_reset(apr_pool_t *pconf)
{
    settings = apr_array_make(pconf, 16, sizeof(avcsec_setting_t));
}

/* ---- Creating and merging ---- */

static const avcsec_names_t *merge_names(apr_pool_t *p, const avcsec_names_t *outer,
                                         const avcsec_names_t *inner)
{
    avcsec_names_t *merged;

    if (!outer || !inner || inner->clears)
        return inner ? inner : outer;
    merged = apr_pmemdup(p, inner, sizeof(*merged));
    merged->names = apr_array_append(p, outer->names, inner->names);
    merged->clears = outer->clears;
    return merged;
}

static const apr_array_header_t *extend(apr_pool_t *p, const apr_array_header_t *outer,
                                        const apr_array_header_t *inner)
{
    return outer && inner ? apr_array_append(p, outer, inner) : inner ? inner : outer;
}

#define REPLACE(field, unset) merged->field = inner->field == (unset) ? outer->field : inner->field
#define ADD(field, unset) merged->field = merge_names(p, outer->field, inner->field)
#define EXTEND(field, unset) merged->field = extend(p, outer->field, inner->field)

#define SERVER(statement)
#define SECTION(statement) statement;

void *avcsec_config_create_section(apr_pool_t *p, char *path)
{
    avcsec_section_t *section = apr_pcalloc(p, sizeof(*section));

    (void)path;
#define DIRECTIVE(name, level, type, field, unset, merge, ...) level(section->field = unset)
#include "directives.def"
#undef DIRECTIVE
    return section;
}

void *avcsec_config_merge_section(apr_pool_t *p, void *outer_section, void *inner_section)
{
    const avcsec_section_t *outer = outer_section, *inner = inner_section;
    avcsec_section_t *merged = apr_pcalloc(p, sizeof(*merged));

#define DIRECTIVE(name, level, type, field, unset, merge, ...) level(merge(field, unset))
#include "directives.def"
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
#include "directives.def"
#undef DIRECTIVE
    return server;
}

void *avcsec_config_merge_server(apr_pool_t *p, void *outer_server, void *inner_server)
{
    const avcsec_server_t *outer = outer_server, *inner = inner_server;
    avcsec_server_t *merged = apr_pcalloc(p, sizeof(*merged));

#define DIRECTIVE(name, level, type, field, unset, merge, ...) level(merge(field, unset))
#include "directives.def"
#undef DIRECTIVE
    return merged;
}

#undef SERVER
#undef SECTION

/* ---- Reading the configuration ---- */

avcsec_server_t *avcsec_config_server(const server_rec *s)
{
    return ap_get_module_config(s->module_config, &avcsec_module);
}

const avcsec_section_t *avcsec_config_section(const request_rec *r)
{
    return ap_get_module_config(r->per_dir_config, &avcsec_module);
}

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

const avcsec_store_t *avcsec_config_store(apr_pool_t *p, const server_rec *main_server)
{
    const avcsec_store_t *store = avcsec_config_server(main_server)->store;
    avcsec_store_t *initial;

    if (store)
        return store;
    initial = apr_palloc(p, sizeof(*initial));
    *initial = (avcsec_store_t){.path = ap_runtime_dir_relative(p, "avcsec.uses"),
                                .slots = AVCSEC_STORE_ENTRIES};
    return initial;
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

bool avcsec_switch_is_on(const avcsec_switch_t *setting)
{
    return setting && setting->is_on;
}

#define WORD(s)                                                                                    \
    {                                                                                              \
        s, sizeof(s) - 1                                                                           \
    }

const apr_array_header_t *avcsec_section_unsigned_args(const avcsec_section_t *section)
{
    static avcsec_slice_t words[] = {WORD("_HLS_*"), WORD("hls_ctx"), WORD("nimblesessionid"),
                                     WORD("utm_*"),  WORD("gclid"),   WORD("fbclid")};
    static const apr_array_header_t initial = {.nelts = sizeof(words) / sizeof(words[0]),
                                               .elt_size = sizeof(words[0]),
                                               .elts = (char *)words};

    return section->unsigned_args ? section->unsigned_args : &initial;
}

static bool is_shown_by_default(const char *type)
{
    static const char *const raster[] = {"image/png",  "image/jpeg", "image/gif", "image/webp",
                                         "image/avif", "image/bmp",  NULL};

    for (int i = 0; raster[i]; i++)
        if (!strcmp(type, raster[i]))
            return true;
    return !strncmp(type, "audio/", 6) || !strncmp(type, "video/", 6) ||
           !strcmp(type, "text/plain") || !strcmp(type, "application/vnd.apple.mpegurl");
}

bool avcsec_section_shows_inline(const avcsec_section_t *section, const char *type)
{
    if (!section->inline_types)
        return is_shown_by_default(type);
    for (int i = 0; i < section->inline_types->nelts; i++)
        if (!strcasecmp(type, APR_ARRAY_IDX(section->inline_types, i, const char *)))
            return true;
    return false;
}
