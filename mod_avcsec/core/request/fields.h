/* SPDX-License-Identifier: Apache-2.0
 *
 * What a request may say under one name (SPEC: AvcArguments): in its query, in an urlencoded
 * body, and that no cookie has that name.
 *
 * Names are those that PHP would store (core/text/query.h), and in brackets those of others. A
 * form is read twice, for some servers divide fields at '&' alone and others at ';' as well; a name
 * that either reading finds must stand there once, not as an array, with a value that is right
 * decoded whole.
 */
#ifndef AVCSEC_FIELDS_H
#define AVCSEC_FIELDS_H

#include "core/text/slice.h"

/* What is demanded of one name. */
typedef struct {
    avcsec_slice_t name; /* of A-Z a-z 0-9 _ - */
    bool (*is_right)(const void *baton, avcsec_slice_t decoded);
    const void *baton;
} avcsec_demand_t;

typedef enum {
    AVCSEC_FIELD_UNREAD = 0, /* never returned */
    AVCSEC_FIELD_PASSES,     /* absent, or right */
    AVCSEC_FIELD_REPEATED,
    AVCSEC_FIELD_ARRAY,
    AVCSEC_FIELD_WRONG
} avcsec_field_t;

/* Judges a query or an urlencoded body, raw as it came, absent for none. `room` has form.len
 * bytes; values are decoded there. */
avcsec_field_t avcsec_fields_judge(avcsec_slice_t form, const avcsec_demand_t *demand, char *room);

/* A cookie of this header (several joined by ',' or ';') has the name. */
bool avcsec_fields_in_cookie(avcsec_slice_t cookie, avcsec_slice_t name);

/* PHP and others read a body of this Content-Type as a form: what begins with
 * application/x-www-form-urlencoded, whatever its case and parameters; of several types that some
 * header field joins, one. */
bool avcsec_fields_are_in_body(avcsec_slice_t content_type);

/* No charset that this Content-Type names makes other letters of ASCII's bytes, or ASCII of other
 * bytes (ibm037, utf-16, utf-7): Java, .NET and Python read forms, and some of them queries, by it.
 * One that is not known does not keep it. */
bool avcsec_fields_keep_ascii(avcsec_slice_t content_type);

#endif
