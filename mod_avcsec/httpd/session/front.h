/* SPDX-License-Identifier: Apache-2.0
 *
 * A server in front asks first whether a request may pass (SetHandler avcsec-check): the
 * same decisions as here, for what that server serves. The gate has let nobody else
 * through. Answers 200, 401 and 403, nothing else.
 */
#ifndef AVCSEC_FRONT_HTTPD_H
#define AVCSEC_FRONT_HTTPD_H

#include "httpd/config/config.h"

#define AVCSEC_HANDLER_CHECK "avcsec-check"

/* Hook handler. */
int avcsec_front_handle(request_rec *r);

#endif
