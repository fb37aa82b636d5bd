/* SPDX-License-Identifier: Apache-2.0
 *
 * Members of balancers.
 */
#include "httpd/gate/backend.h"

#include "httpd/config/others.h"
#include "httpd/gate/gate.h"

#include "mod_proxy.h"

static int judge_member(request_rec *r, proxy_worker *worker, proxy_server_conf *conf, char *url,
                        const char *proxy_host, apr_port_t proxy_port)
{
    (void)worker, (void)conf, (void)proxy_host, (void)proxy_port;
    return apr_table_get(r->subprocess_env, "BALANCER_NAME") ? avcsec_gate_before_member(r, url)
                                                             : DECLINED;
}

int avcsec_backend_register(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp)
{
    proxy_HOOK_scheme_handler_t *judge = judge_member;

    (void)pconf, (void)plog, (void)ptemp;
    avcsec_others_hook("proxy_hook_scheme_handler", (void (*)(void))judge, APR_HOOK_REALLY_FIRST);
    return OK;
}
