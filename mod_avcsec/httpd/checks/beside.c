/* SPDX-License-Identifier: Apache-2.0
 *
 * What other modules and virtual hosts do beside our protections.
 */
#include "httpd/checks/rules.h"
#include "httpd/config/protections.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"

APLOG_USE_MODULE(avcsec);

static bool is_remoteip_trust(const ap_directive_t *directive, const void *baton)
{
    (void)baton;
    return !strncasecmp(directive->directive, "RemoteIPTrustedProxy", 20) ||
           !strncasecmp(directive->directive, "RemoteIPInternalProxy", 21);
}

static bool is_protected(const avcsec_checks_t *check, const server_rec *s)
{
    return avcsec_tree_first_protection(s) || avcsec_tree_first_protection(check->main_server);
}

/* Each virtual host has proxies of its own to trust. Beside them, the main server may be
 * but where they inherit from. */
static const ap_directive_t *find_unvouched(const avcsec_checks_t *check)
{
    for (server_rec *s = check->main_server; s; s = s->next) {
        const ap_directive_t *header =
            avcsec_tree_find_for(check, s, avcsec_tree_has_name, "RemoteIPHeader");
        bool is_template = s == check->main_server && s->next && !avcsec_tree_first_protection(s);

        if (header && avcsec_config_uses_useragent(s) && !is_template &&
            !avcsec_tree_find_for(check, s, is_remoteip_trust, NULL))
            return header;
    }
    return NULL;
}

void avcsec_check_remoteip(avcsec_checks_t *check)
{
    const ap_directive_t *header = avcsec_tree_find_named("RemoteIPHeader"), *unvouched, *protocol;
    bool is_used = false;
    avcsec_place_t place;

    for (server_rec *s = check->main_server; s; s = s->next)
        is_used |= avcsec_config_uses_useragent(s);
    protocol = avcsec_tree_find_named("RemoteIPProxyProtocol");
    if ((unvouched = find_unvouched(check))) {
        place = avcsec_tree_place(unvouched);
        avcsec_complain(
            check, AVCSEC_NOTICE_CONFIG, &place,
            "RemoteIPHeader without RemoteIPTrustedProxy or RemoteIPInternalProxy lets anybody "
            "choose his address, and AvcClientAddress useragent would believe it: name the "
            "proxies");
    } else if (is_used && !header && !protocol) {
        avcsec_complain(
            check, AVCSEC_NOTICE_ADVICE, &avcsec_tree_first("AvcClientAddress")->place,
            "AvcClientAddress useragent without RemoteIPHeader or RemoteIPProxyProtocol: the "
            "connection's address counts all the same");
    } else if ((header || protocol) && !is_used &&
               (avcsec_tree_first_protection(NULL) ||
                avcsec_tree_has(check, check->main_server, "AvcTokenRate") ||
                avcsec_tree_has(check, check->main_server, "AvcTokenAddress"))) {
        place = avcsec_tree_place(header ? header : protocol);
        avcsec_complain(
            check, AVCSEC_NOTICE_ADVICE, &place,
            "mod_remoteip is in use, but AvcClientAddress is connection: the proxy's address "
            "counts as the caller's. Write AvcClientAddress useragent");
    }
}

void avcsec_check_cache(avcsec_checks_t *check)
{
    for (server_rec *s = check->main_server; s; s = s->next) {
        const ap_directive_t *enable =
            avcsec_tree_find_for(check, s, avcsec_tree_has_name, "CacheEnable");
        const ap_directive_t *quick =
            avcsec_tree_find_for(check, s, avcsec_tree_has_name, "CacheQuickHandler");
        avcsec_place_t place;

        if (!enable || !is_protected(check, s) || (quick && !strcasecmp(quick->args, "Off")))
            continue;
        place = avcsec_tree_place(enable);
        avcsec_complain(
            check, AVCSEC_NOTICE_CONFIG, &place,
            "CacheEnable with the quick handler answers from the cache before anything is "
            "checked: write CacheQuickHandler Off");
        return;
    }
}

/* The section that a setting stands in: "<Directory", "<Files", ... or NULL. */
static bool stands_at(const ap_directive_t *directive, const void *baton)
{
    const avcsec_place_t *place = baton;

    return directive->line_num == place->line && !strcmp(directive->filename, place->file);
}

static const ap_directive_t *section_of(const avcsec_setting_t *setting)
{
    const ap_directive_t *directive = avcsec_tree_find(ap_conftree, stands_at, &setting->place);

    while (directive && (directive = directive->parent) != NULL)
        if (!strncasecmp(directive->directive, "<Directory", 10) ||
            !strncasecmp(directive->directive, "<Files", 6))
            return directive;
    return NULL;
}

void avcsec_check_proxy_match(avcsec_checks_t *check)
{
    const ap_directive_t *proxy = avcsec_tree_find_named("ProxyPassMatch"), *section;

    for (int i = 0; proxy && i < avcsec_config_settings()->nelts; i++) {
        const avcsec_setting_t *setting = avcsec_tree_setting(i);

        if (!avcsec_setting_protects(setting) || !setting->is_in_section ||
            !(section = section_of(setting)))
            continue;
        avcsec_complain(
            check, AVCSEC_NOTICE_ADVICE, &setting->place,
            apr_psprintf(check->p,
                         "%s stands in %s>, which httpd does not look at for what "
                         "ProxyPassMatch (%s line %d) sends away: move it to the virtual host "
                         "or a <Location>",
                         setting->directive, section->directive, proxy->filename, proxy->line_num));
        return;
    }
}

static const char *root_of(const server_rec *s)
{
    const core_server_config *core = ap_get_core_module_config(s->module_config);

    return core->ap_document_root ? core->ap_document_root : "";
}

/* Another virtual host on the same documents, without the protection. */
void avcsec_check_other_hosts(avcsec_checks_t *check)
{
    for (server_rec *s = check->main_server->next; s; s = s->next)
        for (server_rec *t = check->main_server->next; t; t = t->next) {
            const avcsec_setting_t *setting = avcsec_tree_first_protection(s);

            if (s == t || !setting || avcsec_tree_first_protection(t) ||
                strcmp(root_of(s), root_of(t)))
                continue;
            avcsec_complain(
                check, AVCSEC_NOTICE_ADVICE, &setting->place,
                apr_psprintf(check->p,
                             "the virtual host %s (%s line %u) serves the same DocumentRoot "
                             "without this protection: put the directives into both, or outside",
                             t->server_hostname ? t->server_hostname : "without a name",
                             t->defn_name ? t->defn_name : "main server", t->defn_line_number));
            return;
        }
}
