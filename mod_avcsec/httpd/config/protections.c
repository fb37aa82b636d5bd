/* SPDX-License-Identifier: Apache-2.0
 *
 * Settings that protect.
 */
#include "httpd/config/protections.h"

#include "apr_hash.h"
#include "apr_strings.h"
#include "http_log.h"
#include "httpd.h"
#include "util_cfgtree.h"

APLOG_USE_MODULE(avcsec);

/* What stands in a host. */
typedef struct {
    bool is_guarded, has_places, has_named_places;
} host_t;

static apr_hash_t *hosts; /* const server_rec *: host_t */
static host_t all;        /* by what stands outside of virtual hosts */
static host_t some;       /* by what stands in any of them */
static bool is_idle;

static bool is_one_of(const avcsec_setting_t *setting, const char *const *names)
{
    for (int i = 0; names[i]; i++)
        if (!strcmp(setting->directive, names[i]))
            return true;
    return false;
}

static bool has_names(const avcsec_setting_t *setting)
{
    const avcsec_names_t *list = setting->value;

    return list && list->names->nelts > 0;
}

static bool is_named(const avcsec_setting_t *setting, const char *name)
{
    return !strcmp(setting->directive, name);
}

bool avcsec_setting_protects(const avcsec_setting_t *setting)
{
    static const char *const switches[] = {"AvcMediaServerOnly", "AvcAdminOnly", "AvcSignedURL",
                                           NULL};
    static const char *const lists[] = {"AvcMediaServerScripts", "AvcAdminScripts", "AvcHidden",
                                        "AvcArguments", NULL};

    if (is_one_of(setting, switches))
        return avcsec_switch_is_on(setting->value);
    if (is_one_of(setting, lists))
        return has_names(setting);
    if (is_named(setting, "AvcSessionFor"))
        return ((const avcsec_session_for_t *)setting->value)->is_on;
    return is_named(setting, "AvcFiles");
}

bool avcsec_setting_forbids_caches(const avcsec_setting_t *setting)
{
    /* A place where one of these stands asks a handler of this module, or a Require line. */
    static const char *const askers[] = {
        "AvcMediaServer", "AvcAdmin", "AvcAdmission", "AvcCheck", "AvcFileCookie",
        "AvcArguments",   NULL};

    if (is_named(setting, "AvcTokenEnv"))
        return avcsec_switch_is_on(setting->value);
    if (is_named(setting, "AvcOrigins"))
        return ((const avcsec_origins_t *)setting->value)->has_credentials;
    return avcsec_setting_protects(setting) || is_one_of(setting, askers) ||
           !strncmp(setting->directive, AVCSEC_REQUIRE, strlen(AVCSEC_REQUIRE));
}

void avcsec_require_note(const cmd_parms *cmd, const char *provider)
{
    const avcsec_setting_t setting = {
        .directive = apr_pstrcat(cmd->pool, "Require ", provider, NULL),
        .server = cmd->server,
        .place = avcsec_config_place(cmd),
        .is_in_section = cmd->path != NULL,
        .line = cmd->directive,
    };

    if (cmd->pool != cmd->temp_pool) /* as it is for an .htaccess */
        avcsec_config_add_setting(&setting);
}

static void add(host_t *host, const avcsec_setting_t *setting)
{
    static const char *const lists[] = {"AvcMediaServerScripts", "AvcAdminScripts", "AvcHidden",
                                        "AvcArguments", NULL};

    host->is_guarded |= avcsec_setting_forbids_caches(setting);
    host->has_places |= setting->is_in_section;
    host->has_named_places |= setting->is_in_section && is_one_of(setting, lists);
}

/* A handler of this module needs to know of its request what is noted from the start on. */
static bool names_handler(const ap_directive_t *line)
{
    for (; line; line = line->next)
        if ((!strcasecmp(line->directive, "SetHandler") && line->args &&
             ap_strcasestr(line->args, "avcsec-")) ||
            names_handler(line->first_child))
            return true;
    return false;
}

int avcsec_protections_note(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s)
{
    const apr_array_header_t *settings = avcsec_config_settings();

    (void)plog, (void)ptemp;
    hosts = apr_hash_make(pconf);
    all = some = (host_t){.is_guarded = false};
    is_idle = !settings->nelts && !names_handler(ap_conftree);
    for (int i = 0; i < settings->nelts; i++) {
        const avcsec_setting_t *setting = &APR_ARRAY_IDX(settings, i, avcsec_setting_t);
        host_t *host = apr_hash_get(hosts, &setting->server, sizeof(setting->server));

        if (!host) {
            host = apr_pcalloc(pconf, sizeof(*host));
            apr_hash_set(hosts, apr_pmemdup(pconf, &setting->server, sizeof(setting->server)),
                         sizeof(setting->server), host);
        }
        add(setting->server == s ? &all : host, setting);
        add(&some, setting);
    }
    return OK;
}

bool avcsec_is_idle(void)
{
    return is_idle;
}

static host_t host_of(const server_rec *s)
{
    const host_t *host = hosts ? apr_hash_get(hosts, &s, sizeof(s)) : NULL;

    return host ? *host : (host_t){.is_guarded = false};
}

/* Most of the time there is no need to look a host up. */
bool avcsec_host_is_guarded(const server_rec *s)
{
    return all.is_guarded || (some.is_guarded && host_of(s).is_guarded);
}

bool avcsec_host_has_places(const server_rec *s)
{
    return all.has_places || (some.has_places && host_of(s).has_places);
}

bool avcsec_host_has_named_places(const server_rec *s)
{
    return all.has_named_places || (some.has_named_places && host_of(s).has_named_places);
}
