/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of AvcFilesOpenUntil that open nothing. Never an error: a date passes by itself, and a
 * server that starts does not stop starting for it.
 */
#include "httpd/checks/rules.h"
#include "httpd/config/open_until.h"

#include "apr_strings.h"
#include "http_log.h"

APLOG_USE_MODULE(avcsec);

static bool has_files(const avcsec_setting_t *line)
{
    for (int i = 0; i < avcsec_config_settings()->nelts; i++)
        if (avcsec_tree_is(avcsec_tree_setting(i), "AvcFiles") &&
            avcsec_open_until_covers(line, avcsec_tree_setting(i)))
            return true;
    return false;
}

static const char *why_not(const avcsec_setting_t *line, int64_t now)
{
    const avcsec_open_until_t *open = line->value;

    if (now >= open->until)
        return "is over: links without a token are refused; take the line out";
    if (!avcsec_open_until_is_on(open, now))
        return "is more than 90 days ahead: links without a token are refused till it is nearer";
    return has_files(line) ? NULL : "stands beside no AvcFiles, and opens nothing";
}

void avcsec_check_open_until(avcsec_checks_t *check)
{
    int64_t now = apr_time_sec(apr_time_now());

    for (int i = 0; i < avcsec_config_settings()->nelts; i++) {
        const avcsec_setting_t *line = avcsec_tree_setting(i);
        const avcsec_open_until_t *open = line->value;
        const char *why;

        if (!avcsec_tree_is(line, "AvcFilesOpenUntil") || !(why = why_not(line, now)))
            continue;
        avcsec_log_notice(check->main_server, AVCSEC_NOTICE_OPEN_NOTHING,
                          "%s line %d: AvcFilesOpenUntil %s %s", open->place.file, open->place.line,
                          open->date, why);
    }
}
