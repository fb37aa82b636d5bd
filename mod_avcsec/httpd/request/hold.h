/* SPDX-License-Identifier: Apache-2.0
 *
 * Pages that mod_include makes. Their headers leave before their parts are run, so that a part
 * that is not everybody's would come under headers of a page that is. In a host with a
 * protection a page is therefore held until its end, or 64 KiB: by then it is known what its
 * parts asked for; what is longer is private in any case (SPEC, section 3). So is a listing of
 * mod_autoindex's, which may have a part at its head and another at its end.
 */
#ifndef AVCSEC_HOLD_H
#define AVCSEC_HOLD_H

#include "httpd.h"

#include <stdbool.h>

/* Phase insert_filter, when everybody else's filters are there: of a step of any kind, since a
 * page that is itself a part may be kept by mod_cache under its own address. True if the answer
 * may have parts, whether it is held or not. */
bool avcsec_hold_insert(request_rec *r);

/* Phase register_hooks. */
void avcsec_hold_register(void);

#endif
