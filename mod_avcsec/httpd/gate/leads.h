/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a step leads beside its own address and file: to the script that a proxied server runs,
 * to the part that a page names, to what CGI is told in its environment. Each returns OK, or the
 * status of a refusal by `decide`, which is asked while the step lies there.
 */
#ifndef AVCSEC_LEADS_H
#define AVCSEC_LEADS_H

#include "httpd.h"

/* What a proxied server runs, whatever address, rewrite or handler led to it. */
int avcsec_leads_decide(request_rec *r, int (*decide)(request_rec *r));

/* A file of this host that was asked for by an alias, a link or a rule, by the names of the
 * sections that hold at its other addresses: `decide` looks at names alone. */
int avcsec_leads_decide_names(request_rec *r, int (*decide)(request_rec *r));

/* What this host's own configuration proxies from another address: what an .htaccess sends there
 * is judged by that address as well. */
int avcsec_leads_decide_backend(request_rec *r, int (*decide)(request_rec *r));

/* A file that is looked up by its name (SSI's "include file") has no address, and httpd finds
 * no <Location> for it: it is judged by those that it would have. */
int avcsec_leads_decide_by_name(request_rec *r, int (*decide)(request_rec *r));

/* Before handlers: scripts may go by PATH_INFO and PATH_TRANSLATED, which an .htaccess may set
 * or choose. */
int avcsec_leads_decide_told(request_rec *r, int (*decide)(request_rec *r));

#endif
