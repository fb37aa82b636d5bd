/* SPDX-License-Identifier: Apache-2.0
 *
 * Links without a token.
 */
#include "httpd/request/old_links.h"

#include "httpd/config/open_until.h"
#include "httpd/state/open_files.h"

#include "http_log.h"

APLOG_USE_MODULE(avcsec);

bool avcsec_old_links_hold(request_rec *r, const avcsec_section_t *section)
{
    avcsec_facts_t *facts = avcsec_facts(r);

    return section->files && section->files_open_until && facts && !r->main &&
           r->method_number == M_GET &&
           avcsec_open_until_is_on(section->files_open_until, avcsec_facts_now()) &&
           avcsec_facts_reading(facts)->is_resolved && avcsec_open_files_since(section) != 0;
}

/* The owner of a file chooses its mtime, of what an archive holds whoever packed it; ctime is the
 * system's own. */
bool avcsec_old_links_open(const request_rec *r, const avcsec_section_t *section)
{
    apr_time_t since = avcsec_open_files_since(section);

    return r->finfo.mtime < since && r->finfo.ctime < since;
}
