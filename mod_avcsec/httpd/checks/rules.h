/* SPDX-License-Identifier: Apache-2.0
 *
 * The checks of a configuration as a whole; each complains of what it finds.
 */
#ifndef AVCSEC_RULES_H
#define AVCSEC_RULES_H

#include "httpd/checks/tree.h"

/* One setting by itself. */
void avcsec_check_setting(avcsec_checks_t *check, const avcsec_setting_t *setting);
void avcsec_check_files(avcsec_checks_t *check, const avcsec_setting_t *setting);
void avcsec_check_needs_keys(avcsec_checks_t *check, const avcsec_setting_t *setting);

/* Before all of them: own <Location> sections lose slashes that are too many. */
void avcsec_locations_read(apr_pool_t *pconf, server_rec *main_server);

/* The <Location> around a SetHandler line of this module. */
void avcsec_check_handler_location(avcsec_checks_t *check, const ap_directive_t *line);

/* All of them. */
void avcsec_check_spelling(avcsec_checks_t *check);
void avcsec_check_locations(avcsec_checks_t *check);
void avcsec_check_handlers(avcsec_checks_t *check);
void avcsec_check_proxied(avcsec_checks_t *check);
void avcsec_check_lists(avcsec_checks_t *check);
void avcsec_check_cookies(avcsec_checks_t *check);
void avcsec_check_key_files(avcsec_checks_t *check);
void avcsec_check_revocations(avcsec_checks_t *check);
void avcsec_check_store(avcsec_checks_t *check);
void avcsec_check_open_until(avcsec_checks_t *check);
void avcsec_check_published(avcsec_checks_t *check);
void avcsec_check_remoteip(avcsec_checks_t *check);
void avcsec_check_cache(avcsec_checks_t *check);
void avcsec_check_shared_keys(avcsec_checks_t *check);
void avcsec_check_proxy_match(avcsec_checks_t *check);
void avcsec_check_issuing(avcsec_checks_t *check);
void avcsec_check_questions(avcsec_checks_t *check);
void avcsec_check_jwts(avcsec_checks_t *check);
void avcsec_check_other_hosts(avcsec_checks_t *check);

#endif
