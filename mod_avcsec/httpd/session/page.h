/* SPDX-License-Identifier: Apache-2.0
 *
 * Session tokens in the environment of pages that are made here (AvcTokenEnv).
 */
#ifndef AVCSEC_PAGE_H
#define AVCSEC_PAGE_H

#include "httpd.h"

/* Hook handler, before all that answer: AVC_TOKEN, where AvcTokenEnv is on. Handlers run for
 * answers alone, never for look-ups. */
int avcsec_page_environment(request_rec *r);

/* Hook log_transaction, before every log: AVC_TOKEN is no business of theirs. */
int avcsec_page_forget(request_rec *r);

#endif
