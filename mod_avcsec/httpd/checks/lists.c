/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands once: of two lines that allow in one section the first would be gone without a
 * word; and a virtual host has one cookie.
 */
#include "httpd/checks/rules.h"

#include "apr_strings.h"
#include "http_log.h"

APLOG_USE_MODULE(avcsec);

/* The line of the same directive in the same section that stands before it, or NULL. */
static const avcsec_setting_t *line_before(int i)
{
    const avcsec_setting_t *setting = avcsec_tree_setting(i);

    while (i-- > 0)
        if (avcsec_tree_setting(i)->section == setting->section &&
            avcsec_tree_is(avcsec_tree_setting(i), setting->directive))
            return avcsec_tree_setting(i);
    return NULL;
}

void avcsec_check_lists(avcsec_checks_t *check)
{
    for (int i = 0; i < avcsec_config_settings()->nelts; i++) {
        const avcsec_setting_t *setting = avcsec_tree_setting(i), *before;

        if (!setting->stands_once || !(before = line_before(i)))
            continue;
        avcsec_complain(
            check, AVCSEC_NOTICE_CONFIG, &setting->place,
            apr_psprintf(check->p,
                         "%s stands in this section already (%s line %d), and this line "
                         "would take its place: write all that is allowed into one line",
                         setting->directive, before->place.file, before->place.line));
    }
}

/* ---- AvcFileCookie ---- */

static const char *scope_of(const avcsec_setting_t *setting)
{
    return ((const avcsec_file_cookie_t *)setting->value)->scope;
}

/* Another folder's line of the same server that stands before it, or NULL. */
static const avcsec_setting_t *other_cookie_before(int i)
{
    const avcsec_setting_t *setting = avcsec_tree_setting(i), *before;

    while (i-- > 0) {
        before = avcsec_tree_setting(i);
        if (avcsec_tree_is(before, "AvcFileCookie") && before->server == setting->server &&
            scope_of(before) && strcmp(scope_of(before), scope_of(setting)) != 0)
            return before;
    }
    return NULL;
}

/* The cookie's name is one for the host: pages of two folders would take it from each other. */
void avcsec_check_cookies(avcsec_checks_t *check)
{
    for (int i = 0; i < avcsec_config_settings()->nelts; i++) {
        const avcsec_setting_t *setting = avcsec_tree_setting(i), *before;

        if (!avcsec_tree_is(setting, "AvcFileCookie") || !scope_of(setting))
            continue;
        avcsec_check_needs_keys(check, setting);
        if ((before = other_cookie_before(i)))
            avcsec_complain(
                check, AVCSEC_NOTICE_CONFIG, &setting->place,
                apr_psprintf(check->p,
                             "AvcFileCookie names another folder of this virtual host already (%s "
                             "line %d), and there is one cookie: name the folder that both lie in",
                             before->place.file, before->place.line));
    }
}
