/* SPDX-License-Identifier: Apache-2.0
 *
 * Why httpd reads its configuration: what may be refused, and what it costs, differs.
 */
#ifndef AVCSEC_PHASE_H
#define AVCSEC_PHASE_H

#include "httpd.h"

#include <stdbool.h>

typedef enum {
    AVCSEC_PHASE_TEST,    /* httpd -t and what else only looks: nothing is changed */
    AVCSEC_PHASE_SIGNAL,  /* httpd -k VERB beside a server that runs: a refusal keeps the signal
                             from it */
    AVCSEC_PHASE_START,   /* a refusal is no start */
    AVCSEC_PHASE_RESTART, /* in a server that runs: a refusal would end it */
} avcsec_phase_t;

avcsec_phase_t avcsec_phase(apr_pool_t *p);

/* In a server that runs, and reads its configuration again. */
bool avcsec_phase_is_restart(void);

/* The process in httpd's PidFile, if it lives; else 0. */
pid_t avcsec_phase_server(apr_pool_t *p);

#endif
