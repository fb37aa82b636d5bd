/* SPDX-License-Identifier: Apache-2.0
 *
 * What the configuration says of one virtual host.
 */
#include "httpd/checks/dump.h"

#include "httpd/checks/elsewhere.h"
#include "httpd/checks/redirects.h"
#include "httpd/config/open_until.h"
#include "httpd/config/protections.h"
#include "httpd/state/key_check.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"

APLOG_USE_MODULE(avcsec);

/* ---- Who may pass ---- */

/* The line whose reader made this value. */
static const avcsec_setting_t *line_of(const void *value)
{
    for (int i = 0; value && i < avcsec_config_settings()->nelts; i++)
        if (avcsec_tree_setting(i)->value == value)
            return avcsec_tree_setting(i);
    return NULL;
}

static bool begins(const avcsec_setting_t *setting, const char *prefix)
{
    return !strncmp(setting->directive, prefix, strlen(prefix));
}

static void tell_caller(const avcsec_section_t *section, avcsec_dump_protection_t *told)
{
    bool is_admin = begins(told->setting, "AvcAdmin");
    const avcsec_proof_t *proof = is_admin ? section->admin_proof : section->media_server_proof;

    told->who = is_admin ? "administrators" : "the media server";
    told->proof = line_of(proof);
    if (avcsec_proof_has(proof, AVCSEC_PROOF_ADDRESS))
        told->addresses = line_of(is_admin ? section->admin : section->media_server);
}

static const char *who_of(apr_pool_t *p, const avcsec_section_t *section,
                          const avcsec_setting_t *setting)
{
    if (avcsec_tree_is(setting, "AvcSessionFor"))
        return apr_pstrcat(p, "who brings a session token for ",
                           ((const avcsec_session_for_t *)setting->value)->act, NULL);
    if (begins(setting, AVCSEC_REQUIRE))
        return apr_pstrcat(
            p, setting->directive + strlen("Require "),
            ", as far as what else is required beside it, and .htaccess files, say so", NULL);
    if (avcsec_tree_is(setting, "AvcFiles") && section->files_open_until &&
        avcsec_open_until_is_on(section->files_open_until, apr_time_sec(apr_time_now())))
        return apr_psprintf(p,
                            "who brings a file token; until %s also who has an old link, to files "
                            "from before AvcFilesOpenUntil",
                            section->files_open_until->date);
    if (avcsec_tree_is(setting, "AvcArguments"))
        return "requests whose argument of that name matches, or that have none";
    return avcsec_tree_is(setting, "AvcHidden") ? "nobody" : "who brings a file token";
}

/* Names that a later line or an inner host clears are gone. */
static bool is_in_force(const avcsec_section_t *section, const avcsec_setting_t *setting)
{
    if (avcsec_tree_is(setting, "AvcMediaServerOnly"))
        return section->media_server_only == setting->value;
    if (avcsec_tree_is(setting, "AvcAdminOnly"))
        return section->admin_only == setting->value;
    if (avcsec_tree_is(setting, "AvcSignedURL"))
        return section->signed_url == setting->value;
    if (avcsec_tree_is(setting, "AvcSessionFor"))
        return section->session_for == setting->value;
    if (avcsec_tree_is(setting, "AvcArguments"))
        return section->arguments && section->arguments->names->nelts > 0;
    return !avcsec_tree_is(setting, "AvcFiles") || section->files == setting->value;
}

static const char *write_name(apr_pool_t *p, const avcsec_name_t *name)
{
    return apr_psprintf(p, "%.*s%s%.*s%s%.*s", (int)name->folder.len,
                        name->folder.p ? name->folder.p : "", name->folder.p ? "/" : "",
                        (int)name->name.len, name->name.p, name->arguments.p ? "?" : "",
                        (int)name->arguments.len, name->arguments.p ? name->arguments.p : "");
}

static bool lists_scripts(const avcsec_setting_t *setting)
{
    return avcsec_tree_is(setting, "AvcHidden") ||
           avcsec_tree_is(setting, "AvcMediaServerScripts") ||
           avcsec_tree_is(setting, "AvcAdminScripts");
}

/* Those of the line that hold where it stands. */
static apr_array_header_t *names_of(apr_pool_t *p, const avcsec_section_t *section,
                                    const avcsec_setting_t *setting)
{
    const avcsec_names_t *line = setting->value,
                         *all = avcsec_tree_is(setting, "AvcHidden") ? section->hidden
                                : begins(setting, "AvcAdmin")        ? section->admin_scripts
                                                              : section->media_server_scripts;
    apr_array_header_t *names = apr_array_make(p, line->names->nelts, sizeof(avcsec_dump_name_t));

    for (int i = 0; i < line->names->nelts; i++) {
        const avcsec_name_t *entry = &APR_ARRAY_IDX(line->names, i, avcsec_name_t);
        bool is_there = false;

        for (int k = 0; all && !is_there && k < all->names->nelts; k++)
            is_there = APR_ARRAY_IDX(all->names, k, avcsec_name_t).name.p == entry->name.p;
        if (is_there)
            APR_ARRAY_PUSH(names, avcsec_dump_name_t) = (avcsec_dump_name_t){
                entry, write_name(p, entry), apr_array_make(p, 2, sizeof(const char *)), 0};
    }
    return names;
}

static void add_protection(const avcsec_checks_t *check, avcsec_dump_host_t *host,
                           const avcsec_setting_t *setting)
{
    const avcsec_section_t *section = avcsec_where_effective(check, host->server, setting);
    avcsec_dump_protection_t told = {.setting = setting};

    told.where = avcsec_where_of(check->p, setting->line);
    told.directory = avcsec_where_directory(check->p, host->server, &told.where);
    told.is_there = told.directory && avcsec_tree_is_there(told.directory);
    if (!is_in_force(section, setting))
        return;
    if (begins(setting, "AvcMediaServer") || begins(setting, "AvcAdmin"))
        tell_caller(section, &told);
    else
        told.who = who_of(check->p, section, setting);
    told.only_logs = avcsec_section_only_logs(section) && !avcsec_tree_is(setting, "AvcHidden") &&
                     !avcsec_tree_is(setting, "AvcArguments") &&
                     !avcsec_tree_is(setting, "AvcFiles") && !begins(setting, "AvcSession") &&
                     !begins(setting, AVCSEC_REQUIRE);
    told.admins = section->admin_scripts;
    if (lists_scripts(setting))
        told.names = names_of(check->p, section, setting);
    APR_ARRAY_PUSH(host->protections, avcsec_dump_protection_t) = told;
}

/* ---- Private directories ---- */

static void add_private(const avcsec_checks_t *check, avcsec_dump_host_t *host,
                        const avcsec_setting_t *setting)
{
    const avcsec_files_t *files = setting->value;
    const char *real = avcsec_tree_real_path(check->p, files->directory);

    APR_ARRAY_PUSH(host->privates, avcsec_dump_private_t) =
        (avcsec_dump_private_t){setting,
                                files,
                                real,
                                avcsec_ways_to(check, real),
                                apr_array_make(check->p, 2, sizeof(const char *)),
                                0};
}

/* ---- What is said not to be protected ---- */

static bool says_off(const avcsec_setting_t *setting)
{
    static const char *const switches[] = {"AvcMediaServerOnly", "AvcAdminOnly", "AvcSignedURL",
                                           NULL};

    for (int i = 0; switches[i]; i++)
        if (avcsec_tree_is(setting, switches[i]))
            return !avcsec_switch_is_on(setting->value);
    if (avcsec_tree_is(setting, "AvcFilesOpenUntil") || avcsec_tree_is(setting, "AvcFileCookie"))
        return true;
    if (avcsec_tree_is(setting, "AvcSessionFor"))
        return !((const avcsec_session_for_t *)setting->value)->is_on;
    return lists_scripts(setting) && ((const avcsec_names_t *)setting->value)->clears;
}

static void add_setting(const avcsec_checks_t *check, avcsec_dump_host_t *host,
                        const avcsec_setting_t *setting)
{
    if (says_off(setting))
        APR_ARRAY_PUSH(host->off, const avcsec_setting_t *) = setting;
    if (avcsec_setting_protects(setting) || begins(setting, AVCSEC_REQUIRE) ||
        avcsec_tree_is(setting, "AvcArguments"))
        add_protection(check, host, setting);
    if (avcsec_tree_is(setting, "AvcFiles"))
        add_private(check, host, setting);
}

/* ---- Handlers ---- */

static const char *handler_of(apr_pool_t *p, const ap_directive_t *line)
{
    const char *args = line->args, *name;

    if (strcasecmp(line->directive, "SetHandler"))
        return NULL;
    name = ap_getword_conf(p, &args);
    return strncasecmp(name, "avcsec-", 7) ? NULL : name;
}

static void add_handlers(const avcsec_checks_t *check, avcsec_dump_host_t *host,
                         const ap_directive_t *line)
{
    for (; line; line = line->next) {
        const server_rec *s = avcsec_tree_server_of(check, line);
        const char *name = handler_of(check->p, line);

        if (name && (s == host->server || s == check->main_server))
            APR_ARRAY_PUSH(host->handlers, avcsec_dump_handler_t) =
                (avcsec_dump_handler_t){name, line, avcsec_where_of(check->p, line),
                                        avcsec_redirects_of(check, host->server)};
        add_handlers(check, host, line->first_child);
    }
}

/* ---- Other hosts ---- */

/* Once for each. */
static void add_other_host(const avcsec_checks_t *check, avcsec_dump_host_t *host,
                           const server_rec *other)
{
    for (int i = 0; i < avcsec_config_settings()->nelts; i++) {
        const avcsec_setting_t *setting = avcsec_tree_setting(i);
        const char *root =
            setting->server == host->server ? avcsec_elsewhere(check, setting, other) : NULL;

        if (!root)
            continue;
        APR_ARRAY_PUSH(host->open, avcsec_dump_open_t) =
            (avcsec_dump_open_t){other, root, setting->directive};
        return;
    }
}

/* ---- All of it ---- */

void avcsec_dump_host(const avcsec_checks_t *check, server_rec *s, avcsec_dump_host_t *host)
{
    const core_server_config *core = ap_get_core_module_config(s->module_config);

    *host = (avcsec_dump_host_t){.server = s, .root = core->ap_document_root};
    host->protections = apr_array_make(check->p, 8, sizeof(avcsec_dump_protection_t));
    host->off = apr_array_make(check->p, 2, sizeof(const avcsec_setting_t *));
    host->privates = apr_array_make(check->p, 2, sizeof(avcsec_dump_private_t));
    host->handlers = apr_array_make(check->p, 2, sizeof(avcsec_dump_handler_t));
    host->open = apr_array_make(check->p, 8, sizeof(avcsec_dump_open_t));
    host->keys = apr_array_make(check->p, 1, sizeof(avcsec_key_told_t));
    if (avcsec_config_server(s)->key_file)
        host->keys_error = avcsec_keys_tell(check->p, s, &host->keys);
    for (int i = 0; i < avcsec_config_settings()->nelts; i++) {
        const avcsec_setting_t *setting = avcsec_tree_setting(i);

        if (setting->server == s || setting->server == check->main_server)
            add_setting(check, host, setting);
    }
    add_handlers(check, host, ap_conftree);
    for (const server_rec *other = check->main_server; other; other = other->next)
        if (host->open->nelts < AVCSEC_DUMP_SHOWN)
            add_other_host(check, host, other);
}
