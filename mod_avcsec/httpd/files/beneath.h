/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening files beneath a directory, whatever their name says.
 */
#ifndef AVCSEC_BENEATH_H
#define AVCSEC_BENEATH_H

#include "httpd.h"

/* Phase post_config. */
void avcsec_beneath_prepare(apr_pool_t *pconf);

/* Opens the regular file `name` ("room7/a.jpg", no leading slash) below `directory` for
 * reading. No symbolic link is followed on the way, no ".." leaves it, no device or pipe
 * blocks it. Returns the descriptor, or -1 with errno: ELOOP for a link, EXDEV for a name
 * that leaves, else open(2)'s. What was opened is not yet known to be a regular file. */
int avcsec_open_beneath(const char *directory, const char *name);

#endif
