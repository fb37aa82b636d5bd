/* SPDX-License-Identifier: Apache-2.0
 *
 * Session tokens are issued here: to AVChat's SWF and to pages that ask. What they say stands in
 * the configuration; nothing that a client says goes into one, but through the administrator's
 * expressions.
 */
#ifndef AVCSEC_SESSION_H
#define AVCSEC_SESSION_H

#include "httpd/config/config.h"

/* Hook post_perdir_config: a browser's preflight to a place that issues tokens needs no
 * login (Fetch standard). */
int avcsec_session_preflight(request_rec *r);

/* Hook handler, before mod_cache and mod_proxy: SetHandler avcsec-token (JSON for pages) and
 * avcsec-token-request (AVChat's form). */
int avcsec_session_answer(request_rec *r);

#endif
