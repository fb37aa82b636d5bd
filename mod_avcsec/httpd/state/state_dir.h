/* SPDX-License-Identifier: Apache-2.0
 *
 * The directory for what must outlast the server: AvcStateDir, or the default.
 *
 * What lies there is believed, so nobody may write there but who starts the server. It is made
 * at a start where it is missing, if its parent is guarded as well. The default one may be
 * out of reach (a container with an ordinary user, a system that is read-only): then what was
 * in the runtime directory before there was a state directory stays there, so that no upgrade
 * takes a site down. What is there and could be written by others is an error: nobody can
 * tell what was done to it.
 */
#ifndef AVCSEC_STATE_DIR_H
#define AVCSEC_STATE_DIR_H

#include "httpd/config/config.h"

typedef struct {
    const char *path;     /* the directory; what is used must lie in it, by absolute path */
    const char *lacking;  /* the default is out of reach, and `path` is the runtime directory:
                             why, as a sentence goes on behind the path of the default */
    const char *absent;   /* that path; NULL unless `lacking` */
    avcsec_place_t place; /* of AvcStateDir; its file is NULL where that does not stand */
    bool is_there;        /* false: a start makes it */
    bool is_denied;       /* who asks may not look into it, which says nothing */
} avcsec_state_dir_t;

/* Looks where state lies. NULL, or why it cannot: a sentence that starts with the path.
 * Changes nothing. */
const char *avcsec_state_dir_look(apr_pool_t *p, const server_rec *main_server,
                                  avcsec_state_dir_t *dir);

/* The same, and makes a missing one: phase post_config. */
const char *avcsec_state_dir_make(apr_pool_t *p, const server_rec *main_server,
                                  avcsec_state_dir_t *dir);

/* Whoever can write in this directory is root or who starts the server. NULL, or why not, as a
 * sentence goes on behind its path. */
const char *avcsec_guarded_directory(apr_pool_t *p, const char *path, bool *is_missing);

/* The directory that a path lies in. */
const char *avcsec_parent_of(apr_pool_t *p, const char *path);

#endif
