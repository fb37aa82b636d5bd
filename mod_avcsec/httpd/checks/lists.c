/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists that allow: of two lines in one section the first would be gone without a word.
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
