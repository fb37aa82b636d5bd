/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory that processes share and that outlives restarts. It lies in no file that anybody
 * could cut while it is mapped.
 *
 * Whoever takes a child over runs as the children's user and writes whatever a child may
 * write. So there are two kinds. What the parent publishes is closed to writing in children,
 * for good, before they answer anybody. What children count in is open to all of them: the
 * parent never reads it to decide or to reckon with, and a child takes nothing from it for
 * an index, a length or the end of a loop.
 */
#ifndef AVCSEC_SHARED_H
#define AVCSEC_SHARED_H

#include "httpd.h"

/* In the parent: zeroed memory that it writes and children read. NULL: there is none. It is
 * never given back. */
void *avcsec_shared_publish(apr_pool_t *process, size_t size);

/* In the parent: zeroed memory that all write, to the caller's munmap. NULL: there is none. */
void *avcsec_shared_count(size_t size);

/* Phase child_init: what is published can only be read from here on. A child in which that
 * fails ends. */
void avcsec_shared_close(apr_pool_t *pchild, server_rec *s);

#endif
