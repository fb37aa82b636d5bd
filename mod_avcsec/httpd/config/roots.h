/* SPDX-License-Identifier: Apache-2.0
 *
 * Directories that addresses lead to: document roots and targets of Alias lines, of all servers.
 * Says nothing of what mod_userdir, mod_vhost_alias and expressions make of a request.
 */
#ifndef AVCSEC_ROOTS_H
#define AVCSEC_ROOTS_H

#include "httpd.h"
#include "apr_tables.h"
#include "util_cfgtree.h"

#include <stdbool.h>

typedef struct {
    const server_rec *server; /* NULL: of all that have nothing else there */
    const char *url; /* without a slash at its end, "" for "/"; NULL: no single one (AliasMatch) */
    const char *directory; /* absolute, without a slash at its end; of an Alias also a file */
    const char *real;      /* the same with its links resolved when the configuration was read */
    bool is_alias;
} avcsec_root_t;

/* Phase post_config. */
int avcsec_roots_note(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s);

/* Of avcsec_root_t; until the next configuration. */
const apr_array_header_t *avcsec_roots(void);

/* Its address is one of this server's. */
bool avcsec_root_is_of(const avcsec_root_t *root, const server_rec *s);

/* The server, among `s` and those behind it, whose <VirtualHost> a directive stands in; NULL: it
 * stands outside of all. */
const server_rec *avcsec_server_of(const ap_directive_t *directive, const server_rec *s);

/* `path` behind the directory `base`, or NULL if it does not lie in it. */
const char *avcsec_path_below(const char *path, const char *base);

/* `path` behind the root, however that is written; or NULL. */
const char *avcsec_root_below(const avcsec_root_t *root, const char *path);

/* Without slashes at its end. */
const char *avcsec_path_without_slash(apr_pool_t *p, const char *path);

/* The path with its links resolved; of a file that is not there, in its directory's. NULL: that
 * is not there either. */
const char *avcsec_path_real(apr_pool_t *p, const char *path);

/* The innermost root of any server that `path` lies in; NULL: none. */
const avcsec_root_t *avcsec_roots_innermost(const char *path);

#endif
