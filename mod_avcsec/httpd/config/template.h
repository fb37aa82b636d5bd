/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON values with expressions in them (AvcTokenClaim). The administrator's text is parsed
 * once, when the configuration is read, and gives the shape; what an expression yields for
 * a request becomes a JSON string where it stands, whatever is in it. So nobody who
 * chooses a name can choose a claim.
 */
#ifndef AVCSEC_TEMPLATE_H
#define AVCSEC_TEMPLATE_H

#include "httpd.h"
#include "http_config.h"

typedef struct avcsec_template_t avcsec_template_t;

/* Reads JSON, or else one expression that makes a string. Lives as long as the
 * configuration. NULL, or how the sentence goes on behind the directive's name. */
const char *avcsec_template_read(cmd_parms *cmd, const char *text, const avcsec_template_t **made);

#ifdef AVCSEC_HAVE_JANSSON
#include <jansson.h>

/* The value for a request, which is the caller's. NULL: *error says how the sentence goes
 * on, without the value. */
json_t *avcsec_template_fill(request_rec *r, const avcsec_template_t *made, const char **error);
#endif

#endif
