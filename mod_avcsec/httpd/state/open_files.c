/* SPDX-License-Identifier: Apache-2.0
 *
 * Moments of AvcFilesOpenUntil. The parent finds them before it has children.
 */
#include "httpd/state/open_files.h"

#include "httpd/config/notice.h"
#include "httpd/config/open_until.h"
#include "httpd/state/memory.h"
#include "httpd/state/state_dir.h"

#include "apr_strings.h"
#include "http_log.h"

APLOG_USE_MODULE(avcsec);

/* One line, and one directory that it may be about. */
typedef struct {
    const avcsec_open_until_t *line;
    const char *directory;
    apr_time_t since;
} moment_t;

static apr_array_header_t *moments;

/* The date is not of it: who puts it off does not open what came since. */
static const char *key_of(apr_pool_t *p, const moment_t *moment)
{
    const char *location = moment->line->location;

    return apr_pstrcat(p, moment->directory, " at ", location ? location : "", NULL);
}

static void say(server_rec *s, const moment_t *moment, const char *why)
{
    avcsec_log_notice(
        s, AVCSEC_NOTICE_OPEN_FORGOTTEN,
        "%s line %d: since when AvcFilesOpenUntil stands cannot be remembered, and it "
        "opens nothing: %s",
        moment->line->place.file, moment->line->place.line, why);
}

static void find_moment(apr_pool_t *p, server_rec *s, const char *directory, moment_t *moment)
{
    const char *key = key_of(p, moment), *error;
    apr_time_t now = apr_time_now();

    moment->since = avcsec_memory_read(p, directory, AVCSEC_MEMORY_OPEN, key);
    /* One that is yet to come was read off a clock that went wrong: all that comes till then
     * would be open. */
    if (moment->since && moment->since <= now)
        return;
    moment->since = now;
    if ((error = avcsec_memory_write(p, directory, AVCSEC_MEMORY_OPEN, key, moment->since))) {
        moment->since = 0;
        say(s, moment,
            apr_psprintf(p, "%s %s", avcsec_memory_file(p, directory, AVCSEC_MEMORY_OPEN, key),
                         error));
    }
}

/* NULL, with the directory in *path; or why what lies there would not last. */
static const char *find_directory(apr_pool_t *p, const server_rec *s, const char **path)
{
    avcsec_state_dir_t dir;
    const char *error = avcsec_state_dir_make(p, s, &dir);

    if (error)
        return apr_pstrcat(p, "AvcStateDir ", error, NULL);
    if (dir.lacking)
        return apr_psprintf(p, "AvcStateDir %s %s", dir.absent, dir.lacking);
    *path = dir.path;
    return NULL;
}

static bool is_named(const avcsec_setting_t *setting, const char *name)
{
    return !strcmp(setting->directive, name);
}

static void collect(const avcsec_setting_t *line)
{
    const apr_array_header_t *settings = avcsec_config_settings();

    for (int i = 0; i < settings->nelts; i++) {
        const avcsec_setting_t *files = &APR_ARRAY_IDX(settings, i, avcsec_setting_t);

        if (is_named(files, "AvcFiles") && avcsec_open_until_covers(line, files))
            APR_ARRAY_PUSH(moments, moment_t) =
                (moment_t){line->value, ((const avcsec_files_t *)files->value)->directory, 0};
    }
}

void avcsec_open_files_load(apr_pool_t *pconf, server_rec *main_server)
{
    const apr_array_header_t *settings = avcsec_config_settings();
    const char *directory = NULL, *error = NULL;

    moments = apr_array_make(pconf, 1, sizeof(moment_t));
    for (int i = 0; i < settings->nelts; i++)
        if (is_named(&APR_ARRAY_IDX(settings, i, avcsec_setting_t), "AvcFilesOpenUntil"))
            collect(&APR_ARRAY_IDX(settings, i, avcsec_setting_t));
    if (moments->nelts)
        error = find_directory(pconf, main_server, &directory);
    for (int i = 0; i < moments->nelts; i++) {
        moment_t *moment = &APR_ARRAY_IDX(moments, i, moment_t);

        if (error)
            say(main_server, moment, error);
        else
            find_moment(pconf, main_server, directory, moment);
    }
}

apr_time_t avcsec_open_files_since(const avcsec_section_t *section)
{
    for (int i = 0; moments && section->files && i < moments->nelts; i++) {
        const moment_t *moment = &APR_ARRAY_IDX(moments, i, moment_t);

        if (moment->line == section->files_open_until &&
            !strcmp(moment->directory, section->files->directory))
            return moment->since;
    }
    return 0;
}
