/* SPDX-License-Identifier: Apache-2.0
 *
 * Refusing all that is asked of a closed virtual host.
 */
#include "httpd/gate/closed.h"

#include "httpd/config/config.h"
#include "httpd/request/log.h"

#include "http_config.h"
#include "http_core.h"
#include "http_log.h"

APLOG_USE_MODULE(avcsec);

#define RETRY_AFTER "60"

static const char page[] = "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n"
                           "<html><head>\n<title>503 Service Unavailable</title>\n</head><body>\n"
                           "<h1>Service Unavailable</h1>\n</body></html>\n";

int avcsec_closed_refuse(request_rec *r, int is_lookup)
{
    (void)is_lookup;
    if (!avcsec_config_server(r->server)->is_closed)
        return DECLINED;
    r->no_cache = 1;
    /* An ErrorDocument that leads elsewhere would be a yes to a media server that asks. */
    ap_custom_response(r, HTTP_SERVICE_UNAVAILABLE, page);
    apr_table_setn(r->err_headers_out, "Retry-After", RETRY_AFTER);
    apr_table_setn(r->err_headers_out, "Cache-Control", "no-store");
    return avcsec_log_refusal(r, AVCSEC_CLOSED, NULL, false);
}
