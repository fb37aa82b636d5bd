/* SPDX-License-Identifier: Apache-2.0
 *
 * The gate's part that looks at arguments (AvcArguments): query and cookies of a step, and the
 * client's body where it is an urlencoded form, which is read early and given back.
 */
#ifndef AVCSEC_GATE_ARGUMENTS_H
#define AVCSEC_GATE_ARGUMENTS_H

#include "httpd/config/config.h"

/* OK, or the status of a refusal. The section has such a list. */
int avcsec_arguments_check(request_rec *r, const avcsec_section_t *section);

#endif
