/* SPDX-License-Identifier: Apache-2.0
 *
 * Bodies of requests to this module itself: read whole, and taken apart into fields.
 * JSON is parsed here (jansson, optional at build time) and judged in core.
 */
#ifndef AVCSEC_MESSAGE_H
#define AVCSEC_MESSAGE_H

#include "httpd/config/config.h"

#include "core/session/dialect.h"

/* Messages of media servers are a few hundred bytes; more than this is none. */
#define AVCSEC_MESSAGE_MAX 65536

/* Reads the body, at most `max` bytes. OK, or the HTTP status. */
int avcsec_message_read(request_rec *r, size_t max, avcsec_slice_t *body);

/* The request says that its body is of this type ("application/json"), whatever the
 * parameters behind it. */
bool avcsec_message_is_of_type(const request_rec *r, const char *type);

/* The fields of a form, or of one JSON object. False, and *fault says why, if it is not
 * well-formed: a control character in a form; in JSON a name twice, or anything but one
 * object. */
bool avcsec_message_fields(request_rec *r, bool is_json, avcsec_slice_t text,
                           avcsec_fields_t *fields, avcsec_fault_t *fault);

#endif
