/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether one token opens what is asked for (SPEC, "Checks").
 */
#ifndef AVCSEC_TOKEN_CHECKS_H
#define AVCSEC_TOKEN_CHECKS_H

#include "core/request/request.h"

/* What every check needs. */
typedef struct {
    const avcsec_request_t *request;
    const avcsec_reading_t *reading;
    const avcsec_policy_t *policy;
    const avcsec_keys_t *keys;
    avcsec_mac_t *mac;
    int64_t now;
} avcsec_scene_t;

/* Its key is there, and its mac right. may_be_over: its key may have ended. */
avcsec_verdict_t avcsec_check_mac(const avcsec_scene_t *scene, avcsec_token_t *token,
                                  bool may_be_over);

/* The checks behind `purpose`, in SPEC's order, of judgement->token. */
avcsec_verdict_t avcsec_check_token(const avcsec_scene_t *scene, avcsec_judgement_t *judgement);

#endif
