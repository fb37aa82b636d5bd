/* SPDX-License-Identifier: Apache-2.0
 *
 * A step is judged by another place than the one it was asked for: by the sections of the
 * configuration that hold for the script that it runs, or for the file that it includes.
 */
#ifndef AVCSEC_ELSEWHERE_H
#define AVCSEC_ELSEWHERE_H

#include "httpd/config/config.h"

/* Something here has names or places to protect: the names of its section, some section, some
 * private directory. */
bool avcsec_elsewhere_may_differ(const request_rec *r);

typedef struct {
    const char *uri;  /* NULL: the one that was asked for */
    const char *file; /* a regular file; NULL: the one that this step has, with its <Directory> */
    const char *path_info; /* behind that file; may be NULL */
    bool is_reading; /* the same place, read otherwise: its sections begin anew, and it is judged
                      * where they are the same as well */
    bool has_other_names; /* it is judged where the sections are the same as well */
    bool is_by_the_way; /* another spelling: one that httpd itself would not follow opens nothing */
} avcsec_elsewhere_t;

/* OK, or the status of a refusal by `decide`, which is called while the step lies there. */
int avcsec_elsewhere_decide(request_rec *r, const avcsec_elsewhere_t *where,
                            int (*decide)(request_rec *r));

#endif
