/* SPDX-License-Identifier: Apache-2.0
 *
 * Private directories.
 */
#include "httpd/checks/rules.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"

#include <sys/stat.h>

APLOG_USE_MODULE(avcsec);

static const char *published_by(avcsec_checks_t *check, const char *directory)
{
    for (server_rec *s = check->main_server; s; s = s->next) {
        const core_server_config *core = ap_get_core_module_config(s->module_config);

        if (core->ap_document_root &&
            avcsec_tree_is_below(directory,
                                 avcsec_tree_real_path(check->p, core->ap_document_root)))
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
    if (*target != '/')
        return false;
    target = avcsec_tree_real_path(p, target);
    return avcsec_tree_is_below(path, target) || avcsec_tree_is_below(target, path);
}

/* What must not lie in a private directory: a site, or its keys. */
static const char *contained_in(avcsec_checks_t *check, const char *directory)
{
    for (server_rec *s = check->main_server; s; s = s->next) {
        const core_server_config *core = ap_get_core_module_config(s->module_config);
        const avcsec_key_file_t *keys = avcsec_config_server(s)->key_file;

        if (core->ap_document_root &&
            avcsec_tree_is_below(avcsec_tree_real_path(check->p, core->ap_document_root),
                                 directory))
            return apr_psprintf(check->p, "the DocumentRoot %s", core->ap_document_root);
        if (keys && avcsec_tree_is_below(avcsec_tree_real_path(check->p, keys->path), directory))
            return apr_psprintf(check->p, "the AvcKeyFile %s", keys->path);
    }
    return NULL;
}

void avcsec_check_files(avcsec_checks_t *check, const avcsec_setting_t *setting)
{
    const avcsec_files_t *files = setting->value;
    const char *real = avcsec_tree_real_path(check->p, files->directory), *published, *inside;
    const ap_directive_t *alias;
    struct stat st;
    char *error = NULL;

    avcsec_check_needs_keys(check, setting);
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
    else if ((alias = avcsec_tree_find(ap_conftree, is_alias_of, real)))
        error = apr_psprintf(
            check->p,
            "AvcFiles %s is published, or a part of it, by an %s (%s line %d); move it "
            "out of there",
            files->directory, alias->directive, alias->filename, alias->line_num);
    if (error)
        avcsec_complain(check, AVCSEC_NOTICE_CONFIG, &files->place, error);
}
