/* SPDX-License-Identifier: Apache-2.0
 *
 * The error log: one line for a refusal. Nothing here ever gets a secret or a whole
 * token; text from strangers is escaped.
 */
#ifndef AVCSEC_LOG_H
#define AVCSEC_LOG_H

#include "httpd/request/facts.h"

/* Refuses: writes the request's one line, counts, sets the notes avc-reason and avc-kid,
 * and returns the HTTP status. `detail` (or NULL) says more than the reason's sentence
 * for this case; it is trusted text. With `passes` (AvcEnforce Log) the line says so and
 * OK is returned. */
int avcsec_log_refusal(request_rec *r, avcsec_verdict_t verdict, const char *detail, bool passes);

/* The same for a step that runs, be it a part of a page: of no look-up. */
int avcsec_log_refusal_of_run(request_rec *r, avcsec_verdict_t verdict, bool passes);

/* Text from strangers as it may stand in a line: escaped, a token in it without its mac. */
const char *avcsec_log_safe(request_rec *r, const char *text);

/* Keeps a refusal that may yet come to nothing: of one Require among others, of a
 * subrequest. */
void avcsec_log_later(request_rec *r, avcsec_verdict_t verdict, const char *detail);

/* Hook insert_error_filter: writes the line, if that is why the client is refused. */
void avcsec_log_denied(request_rec *r);

#endif
