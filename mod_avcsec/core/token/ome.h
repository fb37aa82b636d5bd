/* SPDX-License-Identifier: Apache-2.0
 *
 * How OvenMediaEngine signs what it asks: header X-OME-Signature, base64url of HMAC-SHA-1 of
 * the body, by its <SecretKey>. Nothing in it says when: a copy is as good.
 */
#ifndef AVCSEC_OME_H
#define AVCSEC_OME_H

#include "core/text/slice.h"

/* The header has the form of a signature, with padding or without. */
bool avcsec_ome_is_signature(avcsec_slice_t signature);

/* It is one of `body`, by this secret. */
bool avcsec_ome_is_by(avcsec_slice_t signature, avcsec_slice_t body, avcsec_slice_t secret);

#endif
