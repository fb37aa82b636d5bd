/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks of the configuration as a whole.
 */
#include "checks.h"

#include "config_jwt.h"
#include "keys.h"
#include "log.h"
#include "revocations.h"
#include "store.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"
#include "mpm_common.h"
#include "util_cfgtree.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>

APLOG_USE_MODULE(avcsec);

typedef struct {
    apr_pool_t *p;
    server_rec *main_server;
    bool is_bad;
} check_t;

static void complain(check_t *check, avcsec_notice_t notice, const avcsec_place_t *place,
                     const char *text)
{
    check->is_bad |= notice == AVCSEC_NOTICE_CONFIG;
    avcsec_log_notice(check->main_server, notice, "%s line %d: %s", place->file, place->line, text);
}

/* ---- Walking what was configured ---- */

static const avcsec_setting_t *setting_at(int i)
{
    return &APR_ARRAY_IDX(avcsec_config_settings(), i, avcsec_setting_t);
}

static bool is_directive(const avcsec_setting_t *setting, const char *name)
{
    return !strcmp(setting->directive, name);
}

/* It stands somewhere in that server, or in the main one that it inherits from; what stands
 * outside virtual hosts may be completed in any of them (one that does not, refuses). */
static bool has_setting(const check_t *check, const server_rec *s, const char *name)
{
    for (int i = 0; i < avcsec_config_settings()->nelts; i++)
        if (is_directive(setting_at(i), name) &&
            (s == check->main_server || setting_at(i)->server == s ||
             setting_at(i)->server == check->main_server))
            return true;
    return false;
}

/* Directives of other modules, from the tree of the whole configuration. */
typedef bool visit_t(const ap_directive_t *directive, const void *baton);

static const ap_directive_t *find_directive(const ap_directive_t *tree, visit_t *is_it,
                                            const void *baton)
{
    for (; tree; tree = tree->next) {
        const ap_directive_t *found =
            is_it(tree, baton) ? tree : find_directive(tree->first_child, is_it, baton);

        if (found)
            return found;
    }
    return NULL;
}

static bool has_name(const ap_directive_t *directive, const void *name)
{
    return !strcasecmp(directive->directive, name);
}

static const ap_directive_t *find_named(const char *name)
{
    return find_directive(ap_conftree, has_name, name);
}

static bool is_remoteip_trust(const ap_directive_t *directive, const void *baton)
{
    (void)baton;
    return !strncasecmp(directive->directive, "RemoteIPTrustedProxy", 20) ||
           !strncasecmp(directive->directive, "RemoteIPInternalProxy", 21);
}

/* ---- Keys ---- */

/* Another process of this ServerRoot runs: this one only signals it (-k stop). */
static bool is_server_running(apr_pool_t *p)
{
    pid_t pid;

    return avcsec_keys_is_restart() || (ap_read_pid(p, ap_pid_fname, &pid) == APR_SUCCESS &&
                                        pid > 0 && (kill(pid, 0) == 0 || errno == EPERM));
}

/* A proof that no key of the file can give. */
static void check_proof_keys(check_t *check, const avcsec_key_file_t *file, int kind,
                             const char *word, const char *key_kind)
{
    for (int i = 0; i < avcsec_config_settings()->nelts; i++) {
        const avcsec_setting_t *setting = setting_at(i);

        if ((is_directive(setting, "AvcMediaServerProof") ||
             is_directive(setting, "AvcAdminProof")) &&
            avcsec_proof_has(setting->value, kind) &&
            avcsec_config_server(setting->server)->key_file == file)
            complain(check, AVCSEC_NOTICE_ADVICE, &setting->place,
                     apr_psprintf(check->p,
                                  "%s asks for a %s, but %s has no key of kind %s: nobody can "
                                  "call. Add one with `avcsec keygen --kind %s`",
                                  setting->directive, word, file->path, key_kind, key_kind));
    }
}

static void check_key_file(check_t *check, const server_rec *s)
{
    bool is_test = ap_state_query(AP_SQ_RUN_MODE) == AP_SQ_RM_CONFIG_TEST, is_denied = false;
    const avcsec_key_file_t *file = avcsec_config_server(s)->key_file;
    avcsec_keys_found_t found;
    const char *error = avcsec_keys_check(check->p, s, &is_denied, &found);

    if (!error && !found.has_password)
        check_proof_keys(check, file, AVCSEC_PROOF_SECRET, "secret", "password");
    if (!error && !found.has_webhook)
        check_proof_keys(check, file, AVCSEC_PROOF_WEBHOOK, "webhook", "webhook");
    if (!error)
        return;
    complain(check,
             (is_test ? is_denied : is_server_running(check->p)) ? AVCSEC_NOTICE_ADVICE
                                                                 : AVCSEC_NOTICE_CONFIG,
             &file->place, apr_psprintf(check->p, "AvcKeyFile %s %s", file->path, error));
}

static void check_key_files(check_t *check)
{
    const avcsec_key_file_t *last = NULL;

    /* A restart keeps the keys that it has, and says so when it reads them. */
    if (avcsec_keys_is_restart())
        return;
    for (server_rec *s = check->main_server; s; s = s->next) {
        const avcsec_server_t *server = avcsec_config_server(s);

        if (server->key_file && server->key_file != last)
            check_key_file(check, s);
        last = server->key_file;
    }
}

/* ---- JWTs ---- */

static void check_jwts(check_t *check)
{
    for (server_rec *s = check->main_server; s; s = s->next) {
        avcsec_place_t place;
        bool is_advice;
        const char *error = avcsec_config_check_jwt(check->p, s, &is_advice, &place);

        if (error)
            complain(check, is_advice ? AVCSEC_NOTICE_ADVICE : AVCSEC_NOTICE_CONFIG, &place, error);
    }
}

static bool is_same_realm(const avcsec_server_t *a, const avcsec_server_t *b)
{
    return !strcmp(a->realm ? a->realm : "", b->realm ? b->realm : "");
}

/* Two sites with one key file and one realm accept each other's tokens. */
static void check_shared_keys(check_t *check)
{
    for (server_rec *s = check->main_server->next; s; s = s->next)
        for (server_rec *t = s->next; t; t = t->next) {
            const avcsec_server_t *a = avcsec_config_server(s), *b = avcsec_config_server(t);

            if (!a->key_file || !b->key_file || strcmp(a->key_file->path, b->key_file->path) ||
                !is_same_realm(a, b) || !s->server_hostname || !t->server_hostname ||
                !strcasecmp(s->server_hostname, t->server_hostname))
                continue;
            complain(check, AVCSEC_NOTICE_ADVICE, &b->key_file->place,
                     apr_psprintf(check->p,
                                  "virtual hosts %s and %s share keys and realm: each accepts the "
                                  "other's links and tokens. Give them different AvcRealm names",
                                  s->server_hostname, t->server_hostname));
            return;
        }
}

/* ---- Protections that nobody could pass, or that anybody could ---- */

static bool proof_asks(const avcsec_proof_t *proof, bool for_address)
{
    for (int i = 0; proof && i < proof->kinds->nelts; i++)
        if ((APR_ARRAY_IDX(proof->kinds, i, avcsec_proof_kind_t).kind == AVCSEC_PROOF_ADDRESS) ==
            for_address)
            return true;
    return !proof && for_address;
}

/* The proofs that hold in a server: those that stand in it, or the default. */
static bool some_proof_asks(const check_t *check, const server_rec *s, const char *name,
                            bool for_address)
{
    bool stands = false;

    for (int i = 0; i < avcsec_config_settings()->nelts; i++)
        if (is_directive(setting_at(i), name) &&
            (setting_at(i)->server == s || setting_at(i)->server == check->main_server)) {
            stands = true;
            if (proof_asks(setting_at(i)->value, for_address))
                return true;
        }
    return !stands && for_address;
}

static bool is_turned_on(const avcsec_setting_t *setting)
{
    return avcsec_switch_is_on(setting->value);
}

static bool asks_session(const avcsec_setting_t *setting)
{
    return is_directive(setting, "AvcSessionFor") &&
           ((const avcsec_session_for_t *)setting->value)->is_on;
}

static bool lists_names(const avcsec_setting_t *setting)
{
    return ((const avcsec_names_t *)setting->value)->names->nelts > 0;
}

static void check_area(check_t *check, const avcsec_setting_t *setting, const char *peers,
                       const char *proof)
{
    if (some_proof_asks(check, setting->server, proof, true) &&
        !has_setting(check, setting->server, peers))
        complain(check, AVCSEC_NOTICE_CONFIG, &setting->place,
                 apr_psprintf(check->p,
                              "%s asks for an address, but %s stands nowhere: name the addresses "
                              "that may call, or another %s",
                              setting->directive, peers, proof));
    if (some_proof_asks(check, setting->server, proof, false) &&
        !has_setting(check, setting->server, "AvcKeyFile"))
        complain(
            check, AVCSEC_NOTICE_CONFIG, &setting->place,
            apr_psprintf(
                check->p,
                "%s asks for a token, a secret or a webhook, but there is no AvcKeyFile: make one "
                "with `avcsec keygen`",
                setting->directive));
}

static void check_needs_keys(check_t *check, const avcsec_setting_t *setting)
{
    if (!has_setting(check, setting->server, "AvcKeyFile"))
        complain(check, AVCSEC_NOTICE_CONFIG, &setting->place,
                 apr_psprintf(check->p,
                              "%s needs tokens, but there is no AvcKeyFile: make one with `avcsec "
                              "keygen`",
                              setting->directive));
}

/* ---- Private directories ---- */

static bool is_same_or_below(const char *path, const char *directory)
{
    size_t len = strlen(directory);

    while (len > 1 && directory[len - 1] == '/')
        len--;
    return !strncmp(path, directory, len) &&
           (path[len] == '/' || path[len] == '\0' || (len == 1 && *directory == '/'));
}

/* With every link resolved; the path itself if it does not exist. */
static const char *real_path(apr_pool_t *p, const char *path)
{
    char *real = realpath(path, NULL);
    const char *copy = apr_pstrdup(p, real ? real : path);

    free(real);
    return copy;
}

static const char *published_by(check_t *check, const char *directory)
{
    for (server_rec *s = check->main_server; s; s = s->next) {
        const core_server_config *core = ap_get_core_module_config(s->module_config);

        if (core->ap_document_root &&
            is_same_or_below(directory, real_path(check->p, core->ap_document_root)))
            return apr_psprintf(check->p, "the DocumentRoot %s", core->ap_document_root);
    }
    return NULL;
}

/* Alias /url /path; ScriptAlias and their patterns likewise. */
static bool is_alias_of(const ap_directive_t *directive, const void *path)
{
    const char *args = directive->args;
    apr_pool_t *p = avcsec_config_settings()->pool;
    const char *target;

    bool is_match = !strcasecmp(directive->directive, "AliasMatch") ||
                    !strcasecmp(directive->directive, "ScriptAliasMatch");

    if (!is_match && strcasecmp(directive->directive, "Alias") &&
        strcasecmp(directive->directive, "ScriptAlias"))
        return false;
    target = ap_getword_conf(p, &args);
    if (*args)
        target = ap_getword_conf(p, &args);
    /* "/srv/uploads/$1": what stands before the first variable. */
    if (is_match)
        target = ap_make_dirstr_parent(p, apr_pstrmemdup(p, target, strcspn(target, "$")));
    return *target == '/' && is_same_or_below(path, real_path(p, target));
}

/* What must not lie in a private directory: a site, or its keys. */
static const char *contained_in(check_t *check, const char *directory)
{
    for (server_rec *s = check->main_server; s; s = s->next) {
        const core_server_config *core = ap_get_core_module_config(s->module_config);
        const avcsec_key_file_t *keys = avcsec_config_server(s)->key_file;

        if (core->ap_document_root &&
            is_same_or_below(real_path(check->p, core->ap_document_root), directory))
            return apr_psprintf(check->p, "the DocumentRoot %s", core->ap_document_root);
        if (keys && is_same_or_below(real_path(check->p, keys->path), directory))
            return apr_psprintf(check->p, "the AvcKeyFile %s", keys->path);
    }
    return NULL;
}

static void check_files(check_t *check, const avcsec_setting_t *setting)
{
    const avcsec_files_t *files = setting->value;
    const char *real = real_path(check->p, files->directory), *published, *inside;
    const ap_directive_t *alias;
    struct stat st;
    char *error = NULL;

    check_needs_keys(check, setting);
    if (stat(real, &st) || !S_ISDIR(st.st_mode))
        error = apr_psprintf(check->p, "AvcFiles %s is no directory; create it", files->directory);
    else if (st.st_mode & S_IWOTH)
        error = apr_psprintf(check->p,
                             "AvcFiles %s can be written by everybody on this machine; take that "
                             "right away (chmod o-w)",
                             files->directory);
    else if ((published = published_by(check, real)))
        error =
            apr_psprintf(check->p,
                         "AvcFiles %s lies in %s, where it can be fetched without a token; move "
                         "it out of there",
                         files->directory, published);
    else if ((inside = contained_in(check, real)))
        error =
            apr_psprintf(check->p,
                         "AvcFiles %s contains %s: whoever has a link to the one would have one "
                         "to the other; name a directory that holds the uploads alone",
                         files->directory, inside);
    else if ((alias = find_directive(ap_conftree, is_alias_of, real)))
        error =
            apr_psprintf(check->p,
                         "AvcFiles %s lies in what an %s (%s line %d) publishes; move it out of "
                         "there",
                         files->directory, alias->directive, alias->filename, alias->line_num);
    if (error)
        complain(check, AVCSEC_NOTICE_CONFIG, &files->place, error);
}

/* ---- One setting after the other ---- */

static void check_setting(check_t *check, const avcsec_setting_t *setting)
{
    bool is_switch = is_directive(setting, "AvcMediaServerOnly") ||
                     is_directive(setting, "AvcAdminOnly") ||
                     is_directive(setting, "AvcSignedURL") || is_directive(setting, "AvcTokenEnv");
    bool is_list =
        is_directive(setting, "AvcMediaServerScripts") || is_directive(setting, "AvcAdminScripts");

    if ((is_switch && !is_turned_on(setting)) || (is_list && !lists_names(setting)))
        return;
    if (!strncmp(setting->directive, "AvcMediaServer", 14) && (is_switch || is_list))
        check_area(check, setting, "AvcMediaServer", "AvcMediaServerProof");
    if (!strncmp(setting->directive, "AvcAdmin", 8) && (is_switch || is_list))
        check_area(check, setting, "AvcAdmin", "AvcAdminProof");
    if (is_directive(setting, "AvcSignedURL") || is_directive(setting, "AvcTokenEnv") ||
        asks_session(setting))
        check_needs_keys(check, setting);
    if (is_directive(setting, "AvcFiles"))
        check_files(check, setting);
}

static bool is_protection(const avcsec_setting_t *setting)
{
    static const char *const names[] = {"AvcMediaServerOnly",
                                        "AvcMediaServerScripts",
                                        "AvcAdminOnly",
                                        "AvcAdminScripts",
                                        "AvcHidden",
                                        "AvcFiles",
                                        "AvcSignedURL",
                                        "AvcSessionFor",
                                        NULL};

    for (int i = 0; names[i]; i++)
        if (is_directive(setting, names[i]))
            return true;
    return false;
}

static const avcsec_setting_t *first_protection(const server_rec *s)
{
    for (int i = 0; i < avcsec_config_settings()->nelts; i++)
        if (is_protection(setting_at(i)) && (!s || setting_at(i)->server == s))
            return setting_at(i);
    return NULL;
}

/* ---- Beside other modules ---- */

static avcsec_place_t place_of(const ap_directive_t *directive)
{
    return (avcsec_place_t){directive->filename, directive->line_num};
}

static const avcsec_setting_t *first_named(const char *name)
{
    int i = 0;

    while (!is_directive(setting_at(i), name))
        i++;
    return setting_at(i);
}

/* The <VirtualHost> that a directive stands in; NULL: none. */
static const ap_directive_t *host_of(const ap_directive_t *directive)
{
    while (directive && strcasecmp(directive->directive, "<VirtualHost"))
        directive = directive->parent;
    return directive;
}

typedef struct {
    visit_t *is_it;
    const void *baton;
    const server_rec *server; /* NULL: outside virtual hosts */
} search_t;

static bool is_in_server(const ap_directive_t *directive, const void *baton)
{
    const search_t *search = baton;
    const ap_directive_t *host;

    if (!search->is_it(directive, search->baton))
        return false;
    host = host_of(directive);
    if (!host || !search->server)
        return !host && !search->server;
    return search->server->defn_name && !strcmp(host->filename, search->server->defn_name) &&
           (unsigned)host->line_num == search->server->defn_line_number;
}

/* What holds in a server: the directive in its <VirtualHost>, else one outside all. */
static const ap_directive_t *find_for(const check_t *check, const server_rec *s, visit_t *is_it,
                                      const void *baton)
{
    search_t search = {is_it, baton, s == check->main_server ? NULL : s};
    const ap_directive_t *found = find_directive(ap_conftree, is_in_server, &search);

    search.server = NULL;
    return found ? found : find_directive(ap_conftree, is_in_server, &search);
}

/* SetHandler avcsec-token or avcsec-token-request. */
static bool is_issuing(const ap_directive_t *directive, const void *baton)
{
    const char *args = directive->args, *name;

    (void)baton;
    if (strcasecmp(directive->directive, "SetHandler"))
        return false;
    name = ap_getword_conf(avcsec_config_settings()->pool, &args);
    return !strcasecmp(name, "avcsec-token") || !strcasecmp(name, "avcsec-token-request");
}

static void check_issuing(check_t *check)
{
    for (server_rec *s = check->main_server; s; s = s->next) {
        search_t search = {is_issuing, NULL, s == check->main_server ? NULL : s};
        const ap_directive_t *found = find_directive(ap_conftree, is_in_server, &search);
        avcsec_place_t place;

        if (!found || has_setting(check, s, "AvcKeyFile"))
            continue;
        place = place_of(found);
        complain(check, AVCSEC_NOTICE_CONFIG, &place,
                 apr_psprintf(check->p,
                              "SetHandler %s signs tokens, but there is no AvcKeyFile: make one "
                              "with `avcsec keygen`",
                              found->args));
    }
}

static bool is_protected(const check_t *check, const server_rec *s)
{
    return first_protection(s) || first_protection(check->main_server);
}

/* Each virtual host has proxies of its own to trust. Beside them, the main server may be
 * but where they inherit from. */
static const ap_directive_t *find_unvouched(const check_t *check)
{
    for (server_rec *s = check->main_server; s; s = s->next) {
        const ap_directive_t *header = find_for(check, s, has_name, "RemoteIPHeader");
        bool is_template = s == check->main_server && s->next && !first_protection(s);

        if (header && avcsec_config_uses_useragent(s) && !is_template &&
            !find_for(check, s, is_remoteip_trust, NULL))
            return header;
    }
    return NULL;
}

static void check_remoteip(check_t *check)
{
    const ap_directive_t *header = find_named("RemoteIPHeader"), *unvouched, *protocol;
    bool is_used = false;
    avcsec_place_t place;

    for (server_rec *s = check->main_server; s; s = s->next)
        is_used |= avcsec_config_uses_useragent(s);
    protocol = find_named("RemoteIPProxyProtocol");
    if ((unvouched = find_unvouched(check))) {
        place = place_of(unvouched);
        complain(
            check, AVCSEC_NOTICE_CONFIG, &place,
            "RemoteIPHeader without RemoteIPTrustedProxy or RemoteIPInternalProxy lets anybody "
            "choose his address, and AvcClientAddress useragent would believe it: name the "
            "proxies");
    } else if (is_used && !header && !protocol) {
        complain(check, AVCSEC_NOTICE_ADVICE, &first_named("AvcClientAddress")->place,
                 "AvcClientAddress useragent without RemoteIPHeader or RemoteIPProxyProtocol: the "
                 "connection's address counts all the same");
    } else if ((header || protocol) && !is_used &&
               (first_protection(NULL) || has_setting(check, check->main_server, "AvcTokenRate") ||
                has_setting(check, check->main_server, "AvcTokenAddress"))) {
        place = place_of(header ? header : protocol);
        complain(check, AVCSEC_NOTICE_ADVICE, &place,
                 "mod_remoteip is in use, but AvcClientAddress is connection: the proxy's address "
                 "counts as the caller's. Write AvcClientAddress useragent");
    }
}

static void check_cache(check_t *check)
{
    for (server_rec *s = check->main_server; s; s = s->next) {
        const ap_directive_t *enable = find_for(check, s, has_name, "CacheEnable");
        const ap_directive_t *quick = find_for(check, s, has_name, "CacheQuickHandler");
        avcsec_place_t place;

        if (!enable || !is_protected(check, s) || (quick && !strcasecmp(quick->args, "Off")))
            continue;
        place = place_of(enable);
        complain(check, AVCSEC_NOTICE_CONFIG, &place,
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
    const ap_directive_t *directive = find_directive(ap_conftree, stands_at, &setting->place);

    while (directive && (directive = directive->parent) != NULL)
        if (!strncasecmp(directive->directive, "<Directory", 10) ||
            !strncasecmp(directive->directive, "<Files", 6))
            return directive;
    return NULL;
}

static void check_proxy_match(check_t *check)
{
    const ap_directive_t *proxy = find_named("ProxyPassMatch"), *section;

    for (int i = 0; proxy && i < avcsec_config_settings()->nelts; i++) {
        const avcsec_setting_t *setting = setting_at(i);

        if (!is_protection(setting) || !setting->is_in_section || !(section = section_of(setting)))
            continue;
        complain(check, AVCSEC_NOTICE_ADVICE, &setting->place,
                 apr_psprintf(check->p,
                              "%s stands in %s>, which httpd does not look at for what "
                              "ProxyPassMatch (%s line %d) sends away: move it to the virtual host "
                              "or a <Location>",
                              setting->directive, section->directive, proxy->filename,
                              proxy->line_num));
        return;
    }
}

static const char *root_of(const server_rec *s)
{
    const core_server_config *core = ap_get_core_module_config(s->module_config);

    return core->ap_document_root ? core->ap_document_root : "";
}

/* Another virtual host on the same documents, without the protection. */
static void check_other_hosts(check_t *check)
{
    for (server_rec *s = check->main_server->next; s; s = s->next)
        for (server_rec *t = check->main_server->next; t; t = t->next) {
            const avcsec_setting_t *setting = first_protection(s);

            if (s == t || !setting || first_protection(t) || strcmp(root_of(s), root_of(t)))
                continue;
            complain(
                check, AVCSEC_NOTICE_ADVICE, &setting->place,
                apr_psprintf(check->p,
                             "the virtual host %s (%s line %u) serves the same DocumentRoot "
                             "without this protection: put the directives into both, or outside",
                             t->server_hostname ? t->server_hostname : "without a name",
                             t->defn_name ? t->defn_name : "main server", t->defn_line_number));
            return;
        }
}

static void check_revocations(check_t *check)
{
    const avcsec_revocations_file_t *last = NULL;

    if (avcsec_keys_is_restart() || is_server_running(check->p))
        return;
    for (server_rec *s = check->main_server; s; s = s->next) {
        const avcsec_revocations_file_t *file = avcsec_config_server(s)->revocations;
        const char *error = file && file != last ? avcsec_revocations_check(check->p, file) : NULL;

        if (error)
            complain(check, AVCSEC_NOTICE_CONFIG, &file->place,
                     apr_psprintf(check->p, "AvcRevocations %s %s", file->path, error));
        last = file;
    }
}

static void check_store(check_t *check)
{
    bool is_test = ap_state_query(AP_SQ_RUN_MODE) == AP_SQ_RM_CONFIG_TEST, is_denied;
    const avcsec_store_t *store;
    const char *error;

    if (avcsec_keys_is_restart())
        return;
    if ((error = avcsec_store_check(check->p, check->main_server, &store, &is_denied)))
        complain(check,
                 (is_test ? is_denied : is_server_running(check->p)) ? AVCSEC_NOTICE_ADVICE
                                                                     : AVCSEC_NOTICE_CONFIG,
                 &store->place, apr_psprintf(check->p, "AvcStore %s", error));
}

int avcsec_checks_run(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                      server_rec *main_server)
{
    check_t check = {ptemp, main_server, false};

    (void)pconf, (void)plog;
    check_key_files(&check);
    check_revocations(&check);
    check_store(&check);
    for (int i = 0; i < avcsec_config_settings()->nelts; i++)
        check_setting(&check, setting_at(i));
    check_remoteip(&check);
    check_cache(&check);
    check_shared_keys(&check);
    check_proxy_match(&check);
    check_issuing(&check);
    check_jwts(&check);
    if (!first_protection(main_server))
        check_other_hosts(&check);
    return check.is_bad ? !OK : OK;
}
