/* SPDX-License-Identifier: Apache-2.0
 *
 * Headers of an answer. httpd keeps them in two tables, one of which survives errors and is
 * sent first: whoever sets one says it in both.
 */
#ifndef AVCSEC_HEADERS_H
#define AVCSEC_HEADERS_H

#include "httpd.h"
#include "apr_tables.h"

/* One value, or NULL. */
const char *avcsec_header_get(const request_rec *r, const char *name);

/* This value and none else; NULL: none. */
void avcsec_header_set(request_rec *r, const char *name, const char *value);

/* Another line of that name. */
void avcsec_header_add(request_rec *r, const char *name, const char *value);

/* Every line's value, const char *, in the order in which they are sent. */
const apr_array_header_t *avcsec_header_all(request_rec *r, const char *name);

/* All values in that order, joined by commas, or NULL. */
const char *avcsec_header_join(request_rec *r, const char *name);

/* Vary names this field of the request. */
void avcsec_header_add_vary(request_rec *r, const char *field);

#endif
