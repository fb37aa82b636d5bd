/* SPDX-License-Identifier: Apache-2.0
 *
 * By which addresses a directory is reached, as the configuration of every server says: document
 * roots, aliases, homes of users, directories by the name of a host.
 */
#ifndef AVCSEC_WAYS_H
#define AVCSEC_WAYS_H

#include "httpd/checks/tree.h"

typedef struct {
    const char *how;          /* "the DocumentRoot /var/www", "Alias /c /srv/chat" */
    const server_rec *server; /* whose; NULL: of all */
    avcsec_place_t place;     /* its file is NULL where the line is not known */
    bool is_part;             /* only something below the directory is reached */
} avcsec_way_t;

/* Of avcsec_way_t: what leads to `real`, a path with its links resolved, to what it lies in or to
 * a part of it. */
apr_array_header_t *avcsec_ways_to(const avcsec_checks_t *check, const char *real);

#endif
