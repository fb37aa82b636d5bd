/* SPDX-License-Identifier: Apache-2.0
 *
 * What scripts are told of a judged token.
 */
#ifndef AVCSEC_ENVIRONMENT_H
#define AVCSEC_ENVIRONMENT_H

#include "httpd.h"

/* Hook fixups, last: AVC_SUB, AVC_ROLE, AVC_KID, AVC_REASON for scripts, from this
 * module only. */
int avcsec_environment_set(request_rec *r);

#endif
