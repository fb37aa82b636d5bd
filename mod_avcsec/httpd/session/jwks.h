/* SPDX-License-Identifier: Apache-2.0
 *
 * SetHandler avcsec-jwks: the public halves of a server's ed25519 and es256 keys, for
 * those who verify its JWTs. Nothing of an hs256 key or a password is ever in it.
 */
#ifndef AVCSEC_JWKS_H
#define AVCSEC_JWKS_H

#include "httpd.h"

/* Hook handler: a JWK set (RFC 7517). Keys whose `from` has not come are in it, so that
 * verifiers have them in time; keys that have ended are not. */
int avcsec_jwks_answer(request_rec *r);

#endif
