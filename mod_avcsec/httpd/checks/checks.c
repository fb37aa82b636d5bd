/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks of the configuration as a whole, one after the other.
 */
#include "httpd/checks/checks.h"

#include "httpd/checks/rules.h"
#include "httpd/config/roots.h"

#include "http_log.h"

APLOG_USE_MODULE(avcsec);

int avcsec_checks_run(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                      server_rec *main_server)
{
    avcsec_checks_t check = {ptemp, main_server, avcsec_phase(ptemp), false};

    avcsec_roots_note(pconf, plog, ptemp, main_server);
    avcsec_locations_read(pconf, main_server);
    avcsec_check_key_files(&check);
    avcsec_check_revocations(&check);
    avcsec_check_store(&check);
    avcsec_check_published(&check);
    avcsec_check_lists(&check);
    avcsec_check_cookies(&check);
    avcsec_check_open_until(&check);
    avcsec_check_spelling(&check);
    avcsec_check_locations(&check);
    avcsec_check_handlers(&check);
    for (int i = 0; i < avcsec_config_settings()->nelts; i++)
        avcsec_check_setting(&check, avcsec_tree_setting(i));
    avcsec_check_remoteip(&check);
    avcsec_check_cache(&check);
    avcsec_check_shared_keys(&check);
    avcsec_check_proxied(&check);
    avcsec_check_proxy_match(&check);
    avcsec_check_issuing(&check);
    avcsec_check_jwts(&check);
    avcsec_check_questions(&check);
    avcsec_check_other_hosts(&check);
    return check.is_bad ? !OK : OK;
}
