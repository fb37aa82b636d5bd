/* SPDX-License-Identifier: Apache-2.0
 *
 * Telling configtest, start, restart and signals apart.
 */
#include "httpd/config/phase.h"

#include "http_core.h"
#include "http_log.h"
#include "mpm_common.h"

#include <signal.h>

APLOG_USE_MODULE(avcsec);

/* httpd counts the times that it has read its configuration to serve: 0 in a command and in
 * the rehearsal of a start, 1 at the start, more later, whatever module was loaded anew. */
bool avcsec_phase_is_restart(void)
{
    return ap_state_query(AP_SQ_CONFIG_GEN) > 1;
}

pid_t avcsec_phase_server(apr_pool_t *p)
{
    pid_t pid;

    return ap_read_pid(p, ap_pid_fname, &pid) == APR_SUCCESS && pid > 0 &&
                   (kill(pid, 0) == 0 || errno == EPERM)
               ? pid
               : 0;
}

avcsec_phase_t avcsec_phase(apr_pool_t *p)
{
    if (ap_state_query(AP_SQ_RUN_MODE) != AP_SQ_RM_NORMAL)
        return AVCSEC_PHASE_TEST;
    if (avcsec_phase_is_restart())
        return AVCSEC_PHASE_RESTART;
    /* Which verb it is, httpd tells nobody. A start beside a server that runs ends by itself;
     * beside a number that lives by chance, it comes here again. */
    return ap_state_query(AP_SQ_CONFIG_GEN) == 0 && avcsec_phase_server(p) ? AVCSEC_PHASE_SIGNAL
                                                                           : AVCSEC_PHASE_START;
}
