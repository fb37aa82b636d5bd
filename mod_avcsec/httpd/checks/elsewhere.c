/* SPDX-License-Identifier: Apache-2.0
 *
 * Compares document roots of servers that differ in what they protect.
 */
#include "httpd/checks/elsewhere.h"

#include "httpd/checks/redirects.h"
#include "httpd/checks/rules.h"
#include "httpd/checks/where.h"
#include "httpd/config/protections.h"
#include "httpd/config/roots.h"

#include "apr_strings.h"
#include "ap_listen.h"
#include "http_core.h"
#include "http_log.h"

APLOG_USE_MODULE(avcsec);

static const char *root_of(const server_rec *s)
{
    const core_server_config *core = ap_get_core_module_config(s->module_config);

    return core->ap_document_root;
}

/* Some virtual host takes what comes in there. */
static bool is_taken(const avcsec_checks_t *check, const apr_sockaddr_t *address)
{
    for (const server_rec *s = check->main_server->next; s; s = s->next)
        for (const server_addr_rec *a = s->addrs; a; a = a->next) {
            bool is_any = !strcmp(a->virthost, "*") || !strcasecmp(a->virthost, "_default_");

            if ((!a->host_port || a->host_port == address->port) &&
                (is_any || apr_sockaddr_equal(a->host_addr, address)))
                return true;
        }
    return false;
}

/* The main server gets what comes in where no virtual host listens. */
static bool answers(const avcsec_checks_t *check, const server_rec *s)
{
    if (s != check->main_server)
        return true;
    for (const ap_listen_rec *listener = ap_listeners; listener; listener = listener->next)
        if (listener->bind_addr && !is_taken(check, listener->bind_addr))
            return true;
    return false;
}

static bool protects_likewise(const avcsec_setting_t *setting, const server_rec *t)
{
    for (int i = 0; i < avcsec_config_settings()->nelts; i++) {
        const avcsec_setting_t *other = avcsec_tree_setting(i);

        if (other->server == t && !strcmp(other->directive, setting->directive) &&
            avcsec_setting_protects(other))
            return true;
    }
    return false;
}

static bool answers_otherwise(const ap_directive_t *line, const void *baton)
{
    (void)baton;
    return !strncasecmp(line->directive, "ProxyPass", 9) ||
           !strcasecmp(line->directive, "SetHandler");
}

/* What the setting protects on disk; NULL: nothing, or nobody can tell. */
static const char *protected_directory(const avcsec_checks_t *check,
                                       const avcsec_setting_t *setting)
{
    avcsec_where_t where = avcsec_where_of(check->p, setting->line);
    const char *directory = avcsec_where_directory(check->p, setting->server, &where);
    const char *real;

    if (!directory && (where.in == AVCSEC_IN_SERVER || where.in == AVCSEC_IN_FILES))
        directory = root_of(setting->server);
    if (!directory)
        return NULL;
    real = avcsec_path_real(check->p, directory);
    /* What is not there may come, or is no file at all. */
    return avcsec_tree_is_there(directory) ||
                   !avcsec_tree_find_for(check, setting->server, answers_otherwise, NULL)
               ? (real ? real : directory)
               : NULL;
}

const char *avcsec_elsewhere(const avcsec_checks_t *check, const avcsec_setting_t *setting,
                             const server_rec *t)
{
    const char *directory, *root = root_of(t), *real;

    /* A private directory is closed wherever it is reached. */
    if (setting->server == check->main_server || setting->server == t || !root ||
        !avcsec_setting_protects(setting) || avcsec_tree_is(setting, "AvcFiles") ||
        protects_likewise(setting, t) || !answers(check, t) || avcsec_redirects_all(check, t) ||
        !(directory = protected_directory(check, setting)))
        return NULL;
    real = avcsec_tree_real_path(check->p, root);
    /* A folder of a whole host is another site as often as not. */
    return avcsec_tree_is_below(directory, real) ||
                   (setting->is_in_section && avcsec_tree_is_below(real, directory))
               ? root
               : NULL;
}

static const char *name_of(const avcsec_checks_t *check, const server_rec *t)
{
    if (t == check->main_server)
        return "the main server, which answers where no virtual host does,";
    return apr_psprintf(check->p, "the virtual host %s (%s line %u)",
                        t->server_hostname ? t->server_hostname : "without a name", t->defn_name,
                        t->defn_line_number);
}

/* One line for each host, for it is one that has to be mended. */
void avcsec_check_other_hosts(avcsec_checks_t *check)
{
    for (const server_rec *t = check->main_server; t; t = t->next) {
        const avcsec_setting_t *setting = NULL;
        const char *root = NULL;

        for (int i = 0; !root && i < avcsec_config_settings()->nelts; i++)
            root = avcsec_elsewhere(check, setting = avcsec_tree_setting(i), t);
        if (!root)
            continue;
        avcsec_complain(
            check, AVCSEC_NOTICE_ADVICE, &setting->place,
            apr_psprintf(check->p,
                         "%s serves the same files from its DocumentRoot %s without this "
                         "protection: put the directives into both, or outside of virtual hosts, "
                         "or let it redirect",
                         name_of(check, t), root));
    }
}
