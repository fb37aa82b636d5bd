/* SPDX-License-Identifier: Apache-2.0
 *
 * What a proxied server is asked for, whoever says so: ProxyPass, a rewrite with [P], a handler
 * that is itself a proxy's address (SetHandler, AddHandler, AddType, [H=...]).
 */
#ifndef AVCSEC_BEHIND_H
#define AVCSEC_BEHIND_H

#include "httpd/config/config.h"

typedef enum {
    AVCSEC_BEHIND_NOTHING = 0, /* no proxy's address */
    AVCSEC_BEHIND_ADDRESS,     /* of another web server */
    AVCSEC_BEHIND_FILE,        /* a script's file, as PHP-FPM is asked for one */
    AVCSEC_BEHIND_EITHER       /* the server behind may take it for a file or for an address */
} avcsec_behind_kind_t;

#define AVCSEC_BEHIND_SPELLINGS 3

typedef struct {
    avcsec_behind_kind_t kind;
    /* Its path, slashes collapsed: as it stands, without dot segments, decoded as well; what is
     * like another one is NULL. */
    const char *path[AVCSEC_BEHIND_SPELLINGS];
} avcsec_behind_t;

/* An address of a proxy, as r->filename and r->handler may be one. */
static inline bool avcsec_behind_is_address(const char *text)
{
    return text && *text == 'p' && !strncmp(text, "proxy:", 6);
}

/* The step may go to a server behind; else kind AVCSEC_BEHIND_NOTHING is all there is to it. */
static inline bool avcsec_behind_is_likely(const request_rec *r)
{
    return avcsec_behind_is_address(r->filename) || avcsec_behind_is_address(r->handler);
}

/* Where the step goes when httpd hands it to a proxy as things stand; from phase fixups on the
 * handler is known. The path of a handler's address stands in front of the file's. */
avcsec_behind_t avcsec_behind_of(request_rec *r);

/* Scheme and host of that, to stand in front of its path; "" for none. */
const char *avcsec_behind_host(request_rec *r);

/* The handler's own part of that; kind AVCSEC_BEHIND_NOTHING if only the file's is asked for. */
avcsec_behind_t avcsec_behind_handler(request_rec *r);

/* The path of such an address, query and all, without "proxy:" and a socket in front; "": none. */
const char *avcsec_behind_path(const char *url);

/* The regular file here that is run by such a path: the longest beginning that is one, for what
 * follows is path info. NULL: none that this process sees. */
const char *avcsec_behind_file(apr_pool_t *p, const char *path);

#endif
