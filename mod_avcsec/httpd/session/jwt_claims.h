/* SPDX-License-Identifier: Apache-2.0
 *
 * What a JWT says, in this order: claims of a grant, claims that a media server expects, claims
 * of the administrator.
 */
#ifndef AVCSEC_JWT_CLAIMS_H
#define AVCSEC_JWT_CLAIMS_H

#ifdef AVCSEC_HAVE_JANSSON

#include "httpd/config/config.h"
#include "httpd/config/jwt_form.h"

#include "core/token/grant.h"

#include <jansson.h>

/* What is written into a token. */
typedef struct {
    json_t *claims;
    const avcsec_grant_t *grant;
    const char *kid, *id;
    bool may_play, may_publish;
} avcsec_jwt_writer_t;

/* Whom the receiver should expect: not the Host that a client sends. */
void avcsec_jwt_say_issuer(request_rec *r, const avcsec_jwt_writer_t *w,
                           const avcsec_jwt_form_t *form);

/* AvcTokenClaim. NULL, or why not. */
const char *avcsec_jwt_say_configured(request_rec *r, const avcsec_jwt_writer_t *w,
                                      const apr_array_header_t *claims);

/* NULL, or what is wrong with iss and aud. */
const char *avcsec_jwt_check_parties(const avcsec_jwt_writer_t *w);

/* All of them. NULL, or why a token cannot say what is granted. */
const char *avcsec_jwt_say_claims(request_rec *r, const avcsec_jwt_writer_t *w,
                                  const avcsec_jwt_form_t *form, int64_t now);

#endif

#endif
