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

/* ---- mod_cache ---- */

typedef struct {
    const char *name;
    const ap_directive_t *last;
} last_of_name_t;

static bool note_last(const ap_directive_t *directive, const void *baton)
{
    last_of_name_t *search = *(last_of_name_t *const *)baton;

    if (!strcasecmp(directive->directive, search->name))
        search->last = directive;
    return false;
}

/* Of several lines in one server httpd takes the last, and of two servers the inner's. */
static const ap_directive_t *last_that_counts(const avcsec_checks_t *check, const server_rec *s,
                                              const char *name)
{
    last_of_name_t found = {name, NULL}, *baton = &found;
    avcsec_tree_search_t search = {note_last, &baton, s == check->main_server ? NULL : s};

    avcsec_tree_find(ap_conftree, avcsec_tree_is_in_server, &search);
    search.server = NULL;
    if (!found.last)
        avcsec_tree_find(ap_conftree, avcsec_tree_is_in_server, &search);
    return found.last;
}

/* A line that makes a handler of this module answer; public keys are everybody's. */
static bool is_own_handler(const ap_directive_t *directive, const void *baton)
{
    const char *name;

    (void)baton;
    if (strcasecmp(directive->directive, "SetHandler") != 0 &&
        strcasecmp(directive->directive, "AddHandler") != 0)
        return false;
    name = ap_strcasestr(directive->args, "avcsec-");
    return name && strncasecmp(name, "avcsec-jwks", 11) != 0;
}

/* A page with a token of AvcTokenEnv is never kept, and what was kept before it stood there holds
 * none: the worst that comes out of a cache is a page without. */
static bool asks_each_time(const avcsec_setting_t *setting)
{
    return avcsec_setting_forbids_caches(setting) && !avcsec_tree_is(setting, "AvcTokenEnv");
}

/* What an answer out of a cache would break in that server: its name and place; false if
 * there is nothing. */
static bool find_uncacheable(const avcsec_checks_t *check, const server_rec *s, const char **name,
                             avcsec_place_t *place)
{
    const ap_directive_t *handler = avcsec_tree_find_for(check, s, is_own_handler, NULL);

    for (int i = 0; i < avcsec_config_settings()->nelts; i++) {
        const avcsec_setting_t *setting = avcsec_tree_setting(i);

        if ((setting->server == s || setting->server == check->main_server) &&
            asks_each_time(setting)) {
            *name = setting->directive;
            *place = setting->place;
            return true;
        }
    }
    if (!handler)
        return false;
    *name = apr_pstrcat(check->p, handler->directive, " ", handler->args, NULL);
    *place = avcsec_tree_place(handler);
    return true;
}

static bool is_off(const ap_directive_t *flag, apr_pool_t *p)
{
    const char *args = flag->args;

    return !strcasecmp(ap_getword_conf(p, &args), "Off");
}

void avcsec_check_cache(avcsec_checks_t *check)
{
    for (server_rec *s = check->main_server; s; s = s->next) {
        const ap_directive_t *enable = last_that_counts(check, s, "CacheEnable"),
                             *quick = last_that_counts(check, s, "CacheQuickHandler");
        avcsec_place_t place, guarded;
        const char *name, *line;

        if (!enable || (quick && is_off(quick, check->p)) ||
            !find_uncacheable(check, s, &name, &guarded))
            continue;
        place = avcsec_tree_place(quick ? quick : enable);
        line = quick
                   ? apr_psprintf(check->p,
                                  "of all lines CacheQuickHandler this one counts, and CacheEnable "
                                  "(%s line %d) with it",
                                  enable->filename, enable->line_num)
                   : "CacheEnable with the quick handler";
        avcsec_complain(check, AVCSEC_NOTICE_CONFIG, &place,
                        apr_psprintf(check->p,
                                     "%s answers from the cache before anything is checked, but %s "
                                     "(%s line %d) asks each time: write CacheQuickHandler Off%s",
                                     line, name, guarded.file, guarded.line,
                                     quick ? " instead" : ""));
        return;
    }
}

/* ---- Sections and hosts ---- */

/* The section that a setting stands in: "<Directory", "<Files", ... or NULL. */
static const ap_directive_t *section_of(const avcsec_setting_t *setting)
{
    const ap_directive_t *directive = setting->line;

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
            apr_psprintf(
                check->p,
                "%s stands in %s>, which httpd does not look at for what "
                "ProxyPassMatch (%s line %d) sends away, and this module only if that is a "
                "file of this machine: move it to the virtual host or a <Location>",
                setting->directive, section->directive, proxy->filename, proxy->line_num));
        return;
    }
}
