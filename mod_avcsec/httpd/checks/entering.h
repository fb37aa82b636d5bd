/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether the user that answers requests may enter a directory.
 */
#ifndef AVCSEC_ENTERING_H
#define AVCSEC_ENTERING_H

#include <stdbool.h>

/* Asked as that user would ask, access lists and all, in a process of its own where root asks.
 * True as well where it cannot be told. */
bool avcsec_may_enter(const char *directory);

/* The user's name, or its number. */
const char *avcsec_user_name(void);

#endif
