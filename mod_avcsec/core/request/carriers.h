/* SPDX-License-Identifier: Apache-2.0
 *
 * Where tokens stand in a request, and which of them counts (SPEC, "Carriers").
 */
#ifndef AVCSEC_CARRIERS_H
#define AVCSEC_CARRIERS_H

#include "core/request/request.h"

/* What the carriers hold, seen from the purpose that is asked. */
typedef struct {
    avcsec_slice_t token; /* the one that counts */
    avcsec_carrier_t carrier;
    bool has_other, has_junk; /* one for another purpose; one that shows no purpose */
    bool has_double;          /* two for one purpose in one carrier */
} avcsec_selection_t;

/* Finds the token that counts for the purpose that is asked. ALLOWED, or why none does. */
avcsec_verdict_t avcsec_carriers_select(const avcsec_request_t *request,
                                        const avcsec_reading_t *reading,
                                        const avcsec_policy_t *policy,
                                        avcsec_selection_t *selection);

/* The token of `Authorization: Bearer avc1~...`; absent for all else. */
avcsec_slice_t avcsec_request_bearer(avcsec_slice_t authorization);

#endif
