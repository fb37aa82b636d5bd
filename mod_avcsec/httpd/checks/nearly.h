/* SPDX-License-Identifier: Apache-2.0
 *
 * Words that are nearly others.
 */
#ifndef AVCSEC_NEARLY_H
#define AVCSEC_NEARLY_H

#include <stdbool.h>

/* One letter more, less or other, or two that changed places, whatever the case; not the same. */
bool avcsec_is_nearly(const char *word, const char *other);

#endif
