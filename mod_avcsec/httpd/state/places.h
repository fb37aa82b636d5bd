/* SPDX-License-Identifier: Apache-2.0
 *
 * Where private directories are: the directory of every AvcFiles, by device and inode, and
 * what of it is mounted elsewhere. Whatever name leads into one, the directories above what
 * it names tell. Each process looks once a second whether one was replaced.
 */
#ifndef AVCSEC_PLACES_H
#define AVCSEC_PLACES_H

#include "httpd.h"

#include <stdbool.h>

/* Hook post_config: which directories there are. */
int avcsec_places_note(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s);

/* Hook child_init. */
void avcsec_places_watch(apr_pool_t *pchild, server_rec *s);

/* There is one at all. */
bool avcsec_places_are_there(void);

typedef enum {
    AVCSEC_PLACE_UNKNOWN = 0, /* links in a circle, a path too long */
    AVCSEC_PLACE_PRIVATE,
    AVCSEC_PLACE_ELSEWHERE
} avcsec_place_of_t;

/* Where an absolute path leads: what is there, else the nearest directory that is there; so
 * that names which exist cannot be told from others. `there` is what httpd found at the path,
 * or NULL. *directory: in which private directory, as it was configured. Any thread; two
 * system calls for a file whose directory was asked about in this second. */
avcsec_place_of_t avcsec_places_find(const char *path, const apr_finfo_t *there,
                                     const char **directory);

#endif
