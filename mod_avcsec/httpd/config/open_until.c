/* SPDX-License-Identifier: Apache-2.0
 *
 * Till when old links hold.
 */
#include "httpd/config/open_until.h"

#include "core/text/utc.h"

#include "apr_fnmatch.h"
#include "apr_strings.h"
#include "http_log.h"

APLOG_USE_MODULE(avcsec);

/* Of a <Location "/path">; else NULL, and it may hold anywhere in its server. */
static const char *literal_location(const cmd_parms *cmd)
{
    const ap_directive_t *section = cmd->directive->parent;
    bool is_literal = section && !strcasecmp(section->directive, "<Location") && cmd->path &&
                      cmd->path[0] == '/' && !apr_fnmatch_test(cmd->path) &&
                      !strchr(section->args, '~');

    return is_literal ? apr_pstrdup(cmd->pool, cmd->path) : NULL;
}

const char *avcsec_config_open_until(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    avcsec_open_until_t *line = apr_pcalloc(cmd->pool, sizeof(*line));
    const char *midnight = apr_pstrcat(cmd->pool, argv[0], "T00:00:00Z", NULL);

    (void)argc;
    if (!avcsec_utc_parse(avcsec_slice_of(midnight), &line->until))
        return apr_psprintf(cmd->pool,
                            "takes a date as 2030-01-31, which begins at 00:00 UTC, not \"%s\"",
                            argv[0]);
    line->date = apr_pstrdup(cmd->pool, argv[0]);
    line->location = literal_location(cmd);
    line->place = avcsec_config_place(cmd);
    *(const avcsec_open_until_t **)field = line;
    return NULL;
}

bool avcsec_open_until_is_on(const avcsec_open_until_t *line, int64_t now)
{
    return now < line->until && line->until - now <= AVCSEC_OPEN_MOST;
}

static bool is_around(const char *outer, const char *inner)
{
    size_t len = strlen(outer);

    while (len && outer[len - 1] == '/')
        len--;
    return !strncmp(outer, inner, len) && (!inner[len] || inner[len] == '/');
}

/* What stands outside of virtual hosts holds in each. */
static bool is_of_same_server(const avcsec_setting_t *line, const avcsec_setting_t *files)
{
    return line->server == files->server || !line->server->is_virtual || !files->server->is_virtual;
}

bool avcsec_open_until_covers(const avcsec_setting_t *line, const avcsec_setting_t *files)
{
    const avcsec_open_until_t *open = line->value;
    const avcsec_files_t *there = files->value;

    if (!is_of_same_server(line, files))
        return false;
    return !open->location || line->section == files->section ||
           is_around(open->location, there->url) || is_around(there->url, open->location);
}
