/* SPDX-License-Identifier: Apache-2.0
 *
 * The body of a request, read before the handler does and given back to it, byte for byte.
 *
 * It is read below all filters that change content (mod_deflate's INFLATE), so it is what the
 * client sent, without transfer coding. What was read goes back by an input filter above that
 * of HTTP; the rest of a body that was too long comes behind it as it would have.
 */
#ifndef AVCSEC_BODY_H
#define AVCSEC_BODY_H

#include "httpd/config/config.h"

#include "core/text/slice.h"

typedef struct avcsec_body_t avcsec_body_t;

/* Reads the body of the client's request `root` up to `limit` bytes, before its handler has
 * begun. OK and *bytes (of the request's pool), HTTP_REQUEST_ENTITY_TOO_LARGE, or what HTTP
 * says of a body that does not come. Whichever, *body is then to be given back. */
int avcsec_body_read(request_rec *root, size_t limit, avcsec_body_t **body, avcsec_slice_t *bytes);

/* Gives it to whoever reads the body of `r`, a step of that request; NULL: nothing was read.
 * Steps that httpd makes inside need it each. */
void avcsec_body_give_back(request_rec *r, avcsec_body_t *body);

/* Phase register_hooks. */
void avcsec_body_register(void);

#endif
