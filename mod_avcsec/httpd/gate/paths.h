/* SPDX-License-Identifier: Apache-2.0
 *
 * All paths that a step of a request goes by: as it was asked for, as it was mapped, as a proxy
 * is asked for it, behind symbolic links. A name that is found in one of them is meant.
 */
#ifndef AVCSEC_PATHS_H
#define AVCSEC_PATHS_H

#include "httpd/config/config.h"

typedef struct {
    const char *path;   /* decoded; '/' separates its segments; never NULL */
    const char *folder; /* name of the folder that it begins in; NULL: none that counts */
    bool is_behind;     /* a proxied server is asked for it, which may read it otherwise */
} avcsec_path_t;

typedef struct {
    apr_array_header_t *list; /* of avcsec_path_t; NULL: none was looked for */
} avcsec_paths_t;

/* Computed once for all lists. */
void avcsec_paths_find(request_rec *r, avcsec_paths_t *paths);

/* One of the list's names (NULL: no list) stands in one of the paths. */
bool avcsec_paths_have(request_rec *r, const avcsec_names_t *list, const avcsec_paths_t *paths);

/* The path with its links resolved, of what is not there in its directory; NULL: neither is.
 * Asked once a request for the same path. */
const char *avcsec_paths_real(const request_rec *r, const char *path);

#endif
