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

/* Reads the body of the client's request that `r` is a step of, up to `limit` bytes, before its
 * handler has begun; what was read before is not read again. OK and *bytes (of the request's
 * pool), HTTP_REQUEST_ENTITY_TOO_LARGE, or what HTTP says of a body that does not come.
 * Whichever, whoever reads the body of that step, or of that which it is a part of, has it
 * whole. The step has facts. */
int avcsec_body_read(request_rec *r, size_t limit, avcsec_slice_t *bytes);

/* Hook insert_filter: gives a body that was read early to the step that runs now; steps that
 * httpd makes inside need it each. Does nothing for a step without one. */
void avcsec_body_restore(request_rec *r);

/* Phase register_hooks. */
void avcsec_body_register(void);

#endif
