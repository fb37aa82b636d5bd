/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes one JSON object (RFC 8259), on one line. Text that is not
 * UTF-8 gets U+FFFD, so that every reader can read it. Reads no JSON.
 */
#ifndef AVCSEC_JSON_H
#define AVCSEC_JSON_H

#include "core/text/slice.h"

/* Where it is written, piece by piece; before all else. */
typedef void avcsec_json_put_t(const char *text, size_t len);
void avcsec_json_to(avcsec_json_put_t *where);

/* A new object or array; `name` is NULL in an array and at the top. `bracket` is '{' or
 * '['. */
void avcsec_json_open(const char *name, char bracket);

/* Ends it, with '}' or ']'; the newline follows the outermost. */
void avcsec_json_close(char bracket);

/* Members; an absent slice is null. */
void avcsec_json_text(const char *name, avcsec_slice_t text);
void avcsec_json_number(const char *name, int64_t number);
void avcsec_json_bool(const char *name, bool value);

#endif
