/* SPDX-License-Identifier: Apache-2.0
 *
 * Servers in front that ask first: in which headers each says whom it asks for. One set
 * for each, never another's beside it: a header that one server sets and another lets
 * through is the client's own word.
 */
#ifndef AVCSEC_FRONT_H
#define AVCSEC_FRONT_H

#include "core/request/request.h"

typedef struct {
    const char *name;
    const char *method, *uri;  /* NULL: the question's own, its path behind a prefix */
    const char *client;        /* the client's address */
    bool needs_client;         /* it is always there */
    const char *host, *scheme; /* NULL, or read where it is there */
    const char *known;         /* "tested against ...", or "from its documentation" */
} avcsec_front_t;

/* Ends with a row without a name. */
extern const avcsec_front_t avcsec_fronts[];

/* NULL if there is none of that name. */
const avcsec_front_t *avcsec_front_find(avcsec_slice_t name);

/* A header of the question; absent if it is not there, joined by ", " if it is repeated. */
typedef struct {
    avcsec_slice_t (*get)(void *baton, const char *name);
    void *baton;
} avcsec_headers_t;

/* Puts what the front says into *request, which holds the question as it came: method,
 * path, query, host, client. `prefix` is the question's own path before the client's, for
 * a front that has no header for it. NULL, or a sentence about what is missing, repeated,
 * of another front, or not well-formed. *has_client: the client's address is known. */
const char *avcsec_front_read(const avcsec_front_t *front, const avcsec_headers_t *headers,
                              avcsec_slice_t prefix, avcsec_request_t *request, bool *has_client);

#endif
