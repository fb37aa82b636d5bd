/* SPDX-License-Identifier: Apache-2.0
 *
 * Walking what was configured.
 */
#include "httpd/checks/tree.h"

#include "httpd/config/protections.h"
#include "httpd/state/keys.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"
#include "mpm_common.h"

#include <signal.h>
#include <stdlib.h>

APLOG_USE_MODULE(avcsec);

void avcsec_complain(avcsec_checks_t *check, avcsec_notice_t notice, const avcsec_place_t *place,
                     const char *text)
{
    check->is_bad |= notice == AVCSEC_NOTICE_CONFIG;
    avcsec_log_notice(check->main_server, notice, "%s line %d: %s", place->file, place->line, text);
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

bool avcsec_tree_server_runs(apr_pool_t *p)
{
    pid_t pid;

    return avcsec_keys_is_restart() || (ap_read_pid(p, ap_pid_fname, &pid) == APR_SUCCESS &&
                                        pid > 0 && (kill(pid, 0) == 0 || errno == EPERM));
}

bool avcsec_tree_is_below(const char *path, const char *directory)
{
    size_t len = strlen(directory);

    while (len > 1 && directory[len - 1] == '/')
        len--;
    return !strncmp(path, directory, len) &&
           (path[len] == '/' || path[len] == '\0' || (len == 1 && *directory == '/'));
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
