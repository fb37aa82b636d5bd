/* SPDX-License-Identifier: Apache-2.0
 *
 * The media server asks whether a client may come in: AVChat's token_verify, and the
 * callbacks of other media servers (AvcAdmission). The gate has let nobody else through.
 */
#ifndef AVCSEC_ADMISSION_HTTPD_H
#define AVCSEC_ADMISSION_HTTPD_H

#include "httpd/config/config.h"

#include "core/session/admission.h"

#define AVCSEC_HANDLER_VERIFY "avcsec-token-verify"
#define AVCSEC_HANDLER_ADMISSION "avcsec-admission"

/* The client that was told calls from an address of AvcAdmin. */
bool avcsec_admission_is_admin(const request_rec *r, const avcsec_wish_t *wish);

/* Hook handler: SetHandler avcsec-token-verify and avcsec-admission. */
int avcsec_admission_handle(request_rec *r);

#endif
