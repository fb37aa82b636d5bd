/* SPDX-License-Identifier: Apache-2.0
 *
 * What logs and server-status read of a request: every mac in it as "mac.*", whatever part of
 * the request it stands in, also in a virtual host without keys and of requests that were too
 * malformed to be gathered.
 */
#ifndef AVCSEC_MASK_H
#define AVCSEC_MASK_H

#include "httpd/request/facts.h"

/* Hook translate_name, before all others: the line that server-status shows meanwhile, where
 * it was not changed in the request itself. */
int avcsec_mask_status(request_rec *r);

/* Hook log_transaction, before every log: the request line as it came, and all else that a log
 * may be told to write. Nobody reads the request behind it but logs. */
int avcsec_mask_for_log(request_rec *r);

#endif
