/* SPDX-License-Identifier: Apache-2.0
 *
 * What a media server asks about, for the line of a refusal: server, act, application, stream,
 * client, and of the token user and id.
 */
#ifndef AVCSEC_SUBJECT_H
#define AVCSEC_SUBJECT_H

#include "httpd/config/config.h"

#include "core/session/admission.h"

/* Remembers it; the line that is written for the request from now on says it. `asker` is whose
 * question it is; a token that is not there is NULL. */
void avcsec_subject_note(request_rec *r, const char *asker, const avcsec_wish_t *wish,
                         const avcsec_token_t *token);

#endif
