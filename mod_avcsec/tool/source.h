/* SPDX-License-Identifier: Apache-2.0
 *
 * What people paste to have it explained: a URL or path, a bare token, or a line of an
 * access log, in which macs stand as "*".
 */
#ifndef AVCSEC_SOURCE_H
#define AVCSEC_SOURCE_H

#include "target.h"

typedef struct {
    char *text;                    /* a copy; a masked mac has become one of zeros */
    bool has_mask;                 /* ... there was one */
    avcsec_slice_t token;          /* a bare token; absent if there is a target */
    avcsec_target_t target;        /* if not */
    avcsec_slice_t method, client; /* of a log line, absent if it does not say them */
} avcsec_source_t;

/* False after a complaint. Free it in any case. */
bool avcsec_source_read(const char *pasted, avcsec_source_t *source);

void avcsec_source_free(avcsec_source_t *source);

#endif
