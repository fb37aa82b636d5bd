/* SPDX-License-Identifier: Apache-2.0
 *
 * Hooks of modules that may be there or not, and may be loaded before this one or after it.
 */
#ifndef AVCSEC_OTHERS_H
#define AVCSEC_OTHERS_H

#include "apr_hooks.h"

#include <stdbool.h>

/* Phase pre_config: registers `function` by the other module's <prefix>_hook_<name>, of which
 * `registrar` is the name. False if that module is not there. */
bool avcsec_others_hook(const char *registrar, void (*function)(void), int order);

#endif
