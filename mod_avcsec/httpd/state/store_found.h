/* SPDX-License-Identifier: Apache-2.0
 *
 * What lies where the file of the store shall lie: nothing, a store of this module, or
 * something else, which is never touched.
 */
#ifndef AVCSEC_STORE_FOUND_H
#define AVCSEC_STORE_FOUND_H

#include "httpd.h"

#include <stdbool.h>

/* How each version begins its files. */
#define AVCSEC_STORE_MARK 16
extern const char avcsec_store_mark[AVCSEC_STORE_MARK];

/* The first page is the head's. */
#define AVCSEC_STORE_HEAD 4096
off_t avcsec_store_size(size_t slots);

/* Opens a store that lies at this path, to read and write: *fd. -1: nothing lies there. NULL, or
 * why what lies there is none, as a sentence goes on behind the path. */
const char *avcsec_store_find(apr_pool_t *p, const char *path, int *fd);

/* Why a start could not have its file there: likewise, or NULL. Changes nothing. `server`: the
 * process that may have it, 0: none. *is_denied: who asks may not look at it, which says
 * nothing. *advice: NULL, or what a start would only complain of. */
const char *avcsec_store_check_place(apr_pool_t *p, const char *path, size_t slots, pid_t server,
                                     bool *is_denied, const char **advice);

/* NULL, or why no file of that size can be written, whatever the disk. */
const char *avcsec_store_check_limit(apr_pool_t *p, off_t size);

#endif
