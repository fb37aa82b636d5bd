/* SPDX-License-Identifier: Apache-2.0
 *
 * Media types by the ending of a file's name. Knows what people upload and players ask for;
 * looks at no content.
 */
#ifndef AVCSEC_MEDIATYPE_H
#define AVCSEC_MEDIATYPE_H

#include "core/text/slice.h"

/* What nothing better is known of. */
#define AVCSEC_ANY_TYPE "application/octet-stream"

/* What stands behind the last '.' of a name, absent if there is no '.' but a first one, or
 * nothing behind it. */
avcsec_slice_t avcsec_mediatype_ending(avcsec_slice_t name);

/* The type of a file of this name, whatever the ending's case; AVCSEC_ANY_TYPE without a known
 * one. Never NULL. */
const char *avcsec_mediatype_of(avcsec_slice_t name);

/* Some ending gives this type, whatever its case. */
bool avcsec_mediatype_is_known(avcsec_slice_t type);

#endif
