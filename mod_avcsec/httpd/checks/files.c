/* SPDX-License-Identifier: Apache-2.0
 *
 * Private directories.
 */
#include "httpd/checks/entering.h"
#include "httpd/checks/rules.h"
#include "httpd/checks/ways.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"

#include <sys/stat.h>

APLOG_USE_MODULE(avcsec);

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

static char *check_directory(apr_pool_t *p, const char *real, const char *name)
{
    struct stat st;

    if (stat(real, &st) || !S_ISDIR(st.st_mode))
        return apr_psprintf(p, "AvcFiles %s is no directory; create it", name);
    return st.st_mode & S_IWOTH
               ? apr_psprintf(p,
                              "AvcFiles %s can be written by everybody on this machine; take that "
                              "right away (chmod o-w)",
                              name)
               : NULL;
}

/* What else leads to it, or to a part of it; a part that is a document root is told of as what it
 * contains. */
static char *published(const avcsec_checks_t *check, const char *name, const char *real)
{
    const apr_array_header_t *ways = avcsec_ways_to(check, real);

    for (int i = 0; i < ways->nelts; i++) {
        const avcsec_way_t *way = &APR_ARRAY_IDX(ways, i, avcsec_way_t);

        if (way->place.file)
            return apr_psprintf(check->p,
                                "AvcFiles %s is published, or a part of it, by %s (%s line %d); "
                                "move it out of there",
                                name, way->how, way->place.file, way->place.line);
        if (!way->is_part)
            return apr_psprintf(check->p,
                                "AvcFiles %s lies in %s, where it can be fetched without a token; "
                                "move it out of there",
                                name, way->how);
    }
    return NULL;
}

/* As root in a test: a server that runs as another user finds out by itself. */
static void check_entering(avcsec_checks_t *check, const avcsec_files_t *files)
{
    if (check->phase == AVCSEC_PHASE_TEST && !avcsec_may_enter(files->directory))
        avcsec_complain(check, AVCSEC_NOTICE_CONFIG, &files->place,
                        apr_psprintf(check->p,
                                     "AvcFiles %s cannot be entered by %s, who answers requests: "
                                     "give that user the right (x) to each directory of the path, "
                                     "and to read what is in it",
                                     files->directory, avcsec_user_name()));
}

void avcsec_check_files(avcsec_checks_t *check, const avcsec_setting_t *setting)
{
    const avcsec_files_t *files = setting->value;
    const char *real = avcsec_tree_real_path(check->p, files->directory), *inside;
    char *error;

    avcsec_check_needs_keys(check, setting);
    if ((error = check_directory(check->p, real, files->directory))) {
        avcsec_complain_of_state(check, &files->place, false, error);
        return;
    }
    error = published(check, files->directory, real);
    if (!error && (inside = contained_in(check, real)))
        error =
            apr_psprintf(check->p,
                         "AvcFiles %s contains %s: whoever has a link to the one would have one "
                         "to the other; name a directory that holds the uploads alone",
                         files->directory, inside);
    if (error)
        avcsec_complain(check, AVCSEC_NOTICE_CONFIG, &files->place, error);
    check_entering(check, files);
}
