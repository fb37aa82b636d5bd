/* SPDX-License-Identifier: Apache-2.0
 *
 * All paths that a step of a request goes by: as it was asked for, as it was mapped, as a proxy
 * is asked for it, behind symbolic links. A name that is found in one of them is meant.
 */
#ifndef AVCSEC_PATHS_H
#define AVCSEC_PATHS_H

#include "httpd/config/config.h"

#define AVCSEC_PATHS 5

typedef struct {
    const char *path[AVCSEC_PATHS]; /* NULL: there is none of that kind */
} avcsec_paths_t;

/* Computed once for all lists. */
void avcsec_paths_find(request_rec *r, avcsec_paths_t *paths);

/* One of the list's names (NULL: no list) stands in one of the paths. */
bool avcsec_paths_have(request_rec *r, const avcsec_names_t *list, const avcsec_paths_t *paths);

/* `path` behind the directory `base`, or NULL if it does not lie in it. */
const char *avcsec_path_below(const char *path, const char *base);

#endif
