/* SPDX-License-Identifier: Apache-2.0
 *
 * The gate: who may pass. Stands outside httpd's auth block, which one `Satisfy Any`
 * in an .htaccess switches off and which many subrequests skip.
 */
#ifndef AVCSEC_GATE_H
#define AVCSEC_GATE_H

#include "httpd/config/config.h"

/* Hooks post_perdir_config and handler (before mod_cache): OK or DECLINED lets the
 * request go on, else its status. */
int avcsec_gate_after_sections(request_rec *r);
int avcsec_gate_before_handlers(request_rec *r);

/* The same once a balancer has chosen whom it asks, and by which URL. */
int avcsec_gate_before_member(request_rec *r, const char *url);

#endif
