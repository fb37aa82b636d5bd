/* SPDX-License-Identifier: Apache-2.0
 *
 * JWTs: session tokens that a media server verifies by itself. They are issued where
 * AvcTokenFormat says so, say what the same settings grant as an avc token would, and are
 * refused where the media server of a ready form could not be told a limit. A media server
 * that would rather ask may: avcsec-token-verify judges them as it does its own tokens.
 */
#ifndef AVCSEC_HTTPD_JWT_H
#define AVCSEC_HTTPD_JWT_H

#include "httpd/config/config.h"

#include "core/session/admission.h"
#include "core/token/grant.h"

/* Tokens of this section are JWTs. */
bool avcsec_jwt_is_wanted(const avcsec_section_t *section);

/* Makes one for this request from `now` on, in `pool`. NULL and *token, or why there is
 * none: a sentence for the log that holds no value of the request. */
const char *avcsec_jwt_issue(request_rec *r, const avcsec_grant_t *grant, int64_t now,
                             apr_pool_t *pool, const char **token);

/* The wish's token is to be judged as a JWT: this section issues such, in no form of another
 * server's, and it is no avc token. */
bool avcsec_jwt_is_meant(const avcsec_section_t *section, const avcsec_wish_t *wish);

/* Judges it, as avcsec_admission_judge does an avc token. Its header and claims may be
 * anybody's until the signature is right. */
void avcsec_jwt_judge(request_rec *r, const avcsec_wish_t *wish, const avcsec_policy_t *policy,
                      int64_t now, avcsec_judgement_t *judgement);

#endif
