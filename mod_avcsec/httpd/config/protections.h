/* SPDX-License-Identifier: Apache-2.0
 *
 * Which settings protect something, and so which virtual hosts have a protection.
 */
#ifndef AVCSEC_CONFIG_PROTECTIONS_H
#define AVCSEC_CONFIG_PROTECTIONS_H

#include "httpd/config/config.h"

/* What a Require line of this module is called among the settings ("Require avc-token"). */
#define AVCSEC_REQUIRE "Require avc-"

/* Remembers a Require line as a setting. One in an .htaccess is read for a request, and
 * forgotten with it. */
void avcsec_require_note(const cmd_parms *cmd, const char *provider);

/* A directive that keeps somebody out, and is on. */
bool avcsec_setting_protects(const avcsec_setting_t *setting);

/* An answer that was made before, or for somebody else, would be a wrong one there: beside
 * protections, what issues tokens or answers by who asks. */
bool avcsec_setting_forbids_caches(const avcsec_setting_t *setting);

/* Phase post_config. */
int avcsec_protections_note(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s);

/* Nothing of this module stands anywhere: its hooks have nobody to ask anything. */
bool avcsec_is_idle(void);

/* Something that forbids caches stands in this host, or outside of all. */
bool avcsec_host_is_guarded(const server_rec *s);

/* Some section of this host, or one outside of all, has directives of this module; or lists
 * names, of scripts or of arguments, which count by whatever address a file is asked for. */
bool avcsec_host_has_places(const server_rec *s);
bool avcsec_host_has_named_places(const server_rec *s);

#endif
