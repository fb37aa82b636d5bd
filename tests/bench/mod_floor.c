/* SPDX-License-Identifier: Apache-2.0
 *
 * The floor under a check: a handler of httpd that reads the question and says yes to
 * everything.
 */
#include "httpd.h"

#include "http_config.h"
#include "http_protocol.h"

static int say_yes(request_rec *r)
{
    int status;

    if (!r->handler || strcmp(r->handler, "floor"))
        return DECLINED;
    if ((status = ap_discard_request_body(r)) != OK)
        return status;
    ap_set_content_type(r, "text/plain");
    ap_set_content_length(r, 0);
    return OK;
}

static void add_hooks(apr_pool_t *p)
{
    (void)p;
    ap_hook_handler(say_yes, NULL, NULL, APR_HOOK_MIDDLE);
}

AP_DECLARE_MODULE(floor) = {STANDARD20_MODULE_STUFF, NULL, NULL, NULL, NULL, NULL, add_hooks, 0};
