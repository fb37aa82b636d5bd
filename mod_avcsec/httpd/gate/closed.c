/* SPDX-License-Identifier: Apache-2.0
 *
 * Refusing all that is asked of a closed virtual host.
 */
#include "httpd/gate/closed.h"

#include "httpd/config/config.h"
#include "httpd/request/log.h"

#include "http_config.h"
#include "http_log.h"

APLOG_USE_MODULE(avcsec);

#define RETRY_AFTER "60"

int avcsec_closed_refuse(request_rec *r, int is_lookup)
{
    (void)is_lookup;
    if (!avcsec_config_server(r->server)->is_closed)
        return DECLINED;
    r->no_cache = 1;
    apr_table_setn(r->err_headers_out, "Retry-After", RETRY_AFTER);
    apr_table_setn(r->err_headers_out, "Cache-Control", "no-store");
    return avcsec_log_refusal(r, AVCSEC_CLOSED, NULL, false);
}
