/* SPDX-License-Identifier: Apache-2.0
 *
 * Walking what was configured.
 */
#include "httpd/checks/tree.h"

#include "httpd/config/protections.h"
#include "httpd/config/roots.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"

#include <stdlib.h>
#include <sys/stat.h>

APLOG_USE_MODULE(avcsec);

static bool is_at(const avcsec_setting_t *setting, const avcsec_place_t *place)
{
    return setting->place.line == place->line && !strcmp(setting->place.file, place->file);
}

/* What stands once for all servers is about none of them. */
static bool is_of_everybody(const avcsec_setting_t *setting)
{
    return !strncmp(setting->directive, "AvcSt", 5); /* AvcStateDir, AvcStore, AvcStoreFailure */
}

static bool has_something(const server_rec *s)
{
    for (int i = 0; i < avcsec_config_settings()->nelts; i++) {
        const avcsec_setting_t *setting = avcsec_tree_setting(i);

        if (!is_of_everybody(setting) && (setting->server == s || !setting->server->is_virtual))
            return true;
    }
    return false;
}

/* The server of the line, and all that inherit from it. A line of another module's is about all
 * that have something of this one. */
static void close_servers(server_rec *main_server, const avcsec_place_t *place)
{
    bool is_ours = false, is_everybodys = false;

    for (int i = 0; i < avcsec_config_settings()->nelts; i++)
        if (is_at(avcsec_tree_setting(i), place)) {
            is_ours = true;
            is_everybodys |= !avcsec_tree_setting(i)->server->is_virtual;
            avcsec_config_server(avcsec_tree_setting(i)->server)->is_closed = true;
        }
    for (server_rec *s = main_server; s && (!is_ours || is_everybodys); s = s->next)
        if (is_everybodys || has_something(s))
            avcsec_config_server(s)->is_closed = true;
}

void avcsec_complain(avcsec_checks_t *check, avcsec_notice_t notice, const avcsec_place_t *place,
                     const char *text)
{
    if (notice != AVCSEC_NOTICE_CONFIG || check->phase != AVCSEC_PHASE_RESTART) {
        check->is_bad |= notice == AVCSEC_NOTICE_CONFIG;
        avcsec_log_notice(check->main_server, notice, "%s line %d: %s", place->file, place->line,
                          text);
        return;
    }
    close_servers(check->main_server, place);
    avcsec_log_notice(check->main_server, AVCSEC_NOTICE_HOSTS_CLOSED,
                      "%s line %d: %s. The server runs on; what this is about answers 503 until a "
                      "restart reads what is right",
                      place->file, place->line, text);
}

void avcsec_complain_of_state(avcsec_checks_t *check, const avcsec_place_t *place, bool is_denied,
                              const char *text)
{
    bool is_error =
        check->phase == AVCSEC_PHASE_START || (check->phase == AVCSEC_PHASE_TEST && !is_denied);

    avcsec_complain(check, is_error ? AVCSEC_NOTICE_CONFIG : AVCSEC_NOTICE_ADVICE, place, text);
}

void avcsec_complain_of_shut(avcsec_checks_t *check, const avcsec_place_t *place, const char *text)
{
    avcsec_complain(
        check, check->phase == AVCSEC_PHASE_RESTART ? AVCSEC_NOTICE_ADVICE : AVCSEC_NOTICE_CONFIG,
        place, text);
}

void avcsec_complain_in_test(avcsec_checks_t *check, const avcsec_place_t *place, const char *text)
{
    bool is_error = check->phase == AVCSEC_PHASE_TEST || check->phase == AVCSEC_PHASE_SIGNAL;

    avcsec_complain(check, is_error ? AVCSEC_NOTICE_CONFIG : AVCSEC_NOTICE_ADVICE, place, text);
}

const avcsec_setting_t *avcsec_tree_setting(int i)
{
    return &APR_ARRAY_IDX(avcsec_config_settings(), i, avcsec_setting_t);
}

bool avcsec_tree_is(const avcsec_setting_t *setting, const char *name)
{
    return !strcmp(setting->directive, name);
}

bool avcsec_tree_has(const avcsec_checks_t *check, const server_rec *s, const char *name)
{
    for (int i = 0; i < avcsec_config_settings()->nelts; i++)
        if (avcsec_tree_is(avcsec_tree_setting(i), name) &&
            (s == check->main_server || avcsec_tree_setting(i)->server == s ||
             avcsec_tree_setting(i)->server == check->main_server))
            return true;
    return false;
}

const ap_directive_t *avcsec_tree_find(const ap_directive_t *tree, avcsec_tree_visit_t *is_it,
                                       const void *baton)
{
    for (; tree; tree = tree->next) {
        const ap_directive_t *found =
            is_it(tree, baton) ? tree : avcsec_tree_find(tree->first_child, is_it, baton);

        if (found)
            return found;
    }
    return NULL;
}

bool avcsec_tree_has_name(const ap_directive_t *directive, const void *name)
{
    return !strcasecmp(directive->directive, name);
}

const ap_directive_t *avcsec_tree_find_named(const char *name)
{
    return avcsec_tree_find(ap_conftree, avcsec_tree_has_name, name);
}

bool avcsec_tree_is_below(const char *path, const char *directory)
{
    size_t len = strlen(directory);

    while (len > 1 && directory[len - 1] == '/')
        len--;
    return !strncmp(path, directory, len) &&
           (path[len] == '/' || path[len] == '\0' || (len == 1 && *directory == '/'));
}

bool avcsec_tree_is_there(const char *path)
{
    struct stat st;

    return !stat(path, &st);
}

const char *avcsec_tree_real_path(apr_pool_t *p, const char *path)
{
    char *real = realpath(path, NULL);
    const char *copy = apr_pstrdup(p, real ? real : path);

    free(real);
    return copy;
}

avcsec_place_t avcsec_tree_place(const ap_directive_t *directive)
{
    return (avcsec_place_t){directive->filename, directive->line_num};
}

/* The <VirtualHost> that a directive stands in; NULL: none. */
static const ap_directive_t *host_of(const ap_directive_t *directive)
{
    while (directive && strcasecmp(directive->directive, "<VirtualHost"))
        directive = directive->parent;
    return directive;
}

static bool is_in(const ap_directive_t *directive, const server_rec *s)
{
    const ap_directive_t *host = host_of(directive);

    if (!host || !s)
        return !host && !s;
    return s->defn_name && !strcmp(host->filename, s->defn_name) &&
           (unsigned)host->line_num == s->defn_line_number;
}

bool avcsec_tree_is_in_server(const ap_directive_t *directive, const void *baton)
{
    const avcsec_tree_search_t *search = baton;

    return is_in(directive, search->server) && search->is_it(directive, search->baton);
}

const ap_directive_t *avcsec_tree_find_for(const avcsec_checks_t *check, const server_rec *s,
                                           avcsec_tree_visit_t *is_it, const void *baton)
{
    avcsec_tree_search_t search = {is_it, baton, s == check->main_server ? NULL : s};
    const ap_directive_t *found = avcsec_tree_find(ap_conftree, avcsec_tree_is_in_server, &search);

    search.server = NULL;
    return found ? found : avcsec_tree_find(ap_conftree, avcsec_tree_is_in_server, &search);
}

const server_rec *avcsec_tree_server_of(const avcsec_checks_t *check, const ap_directive_t *line)
{
    const server_rec *s = avcsec_server_of(line, check->main_server->next);

    return s ? s : check->main_server;
}

bool avcsec_tree_has_tls(const avcsec_checks_t *check, const server_rec *s)
{
    const ap_directive_t *engine =
        avcsec_tree_find_for(check, s, avcsec_tree_has_name, "SSLEngine");

    if (engine)
        return strcasecmp(engine->args, "off") != 0;
    return s->addrs && s->addrs->host_port == 443;
}

const avcsec_setting_t *avcsec_tree_first(const char *name)
{
    int i = 0;

    while (!avcsec_tree_is(avcsec_tree_setting(i), name))
        i++;
    return avcsec_tree_setting(i);
}

const avcsec_setting_t *avcsec_tree_first_protection(const server_rec *s)
{
    for (int i = 0; i < avcsec_config_settings()->nelts; i++)
        if (avcsec_setting_protects(avcsec_tree_setting(i)) &&
            (!s || avcsec_tree_setting(i)->server == s))
            return avcsec_tree_setting(i);
    return NULL;
}
