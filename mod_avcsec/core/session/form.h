/* SPDX-License-Identifier: Apache-2.0
 *
 * Forms (application/x-www-form-urlencoded) as media servers write them.
 */
#ifndef AVCSEC_FORM_H
#define AVCSEC_FORM_H

#include "core/text/slice.h"

/* No name or value has a control character, also not an escaped one. */
bool avcsec_form_is_clean(avcsec_slice_t text);

/* The first value of that name in a form ("a=1&b=2"), decoded once into `room` (text.len
 * bytes): what clients say stands behind what the media server says itself. '+' stays: no
 * media server writes spaces so. False if there is none. */
bool avcsec_form_get(avcsec_slice_t text, avcsec_slice_t name, char *room, avcsec_slice_t *value);

#endif
