/* SPDX-License-Identifier: Apache-2.0
 *
 * Proof by OvenMediaEngine's signature of the body, which is read at the gate and given back.
 */
#ifndef AVCSEC_OME_PROOF_H
#define AVCSEC_OME_PROOF_H

#include "httpd/config/config.h"

#include "core/token/verdict.h"

/* Judges the client's request that `r` is a step of. AVCSEC_ALLOWED, AVCSEC_UNSIGNED or
 * AVCSEC_TOO_LARGE; *detail says more, or is NULL. */
avcsec_verdict_t avcsec_ome_judge(request_rec *r, const char **detail);

#endif
