/* SPDX-License-Identifier: Apache-2.0
 *
 * A look at another address, as a request for it would be judged; nothing is logged of it.
 */
#ifndef AVCSEC_LOOK_H
#define AVCSEC_LOOK_H

#include "httpd.h"

#include "core/token/verdict.h"

typedef struct {
    avcsec_verdict_t verdict; /* AVCSEC_UNDECIDED: the gate lets it pass */
    const char *detail;       /* may be NULL */
    const char *directory;    /* what it is mapped to, if that is a folder; else NULL */
} avcsec_look_t;

/* `uri` is escaped. The step has facts. */
avcsec_look_t avcsec_look(request_rec *r, const char *method, const char *uri);

/* Refuses the step for what was seen there. Returns the status. */
int avcsec_look_refuse(request_rec *r, const avcsec_look_t *seen, const char *uri);

#endif
