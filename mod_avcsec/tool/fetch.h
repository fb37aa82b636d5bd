/* SPDX-License-Identifier: Apache-2.0
 *
 * One answer of a web server, by plain HTTP.
 */
#ifndef AVCSEC_FETCH_H
#define AVCSEC_FETCH_H

#include "core/text/slice.h"

/* Asks http://host[:port]/path with GET, follows nothing, and waits ten seconds for each piece. The
 * body, at most 1 MiB, the caller's to free; NULL after a complaint. */
char *avcsec_fetch(const char *url, size_t *len);

/* The same of what comes on standard input. */
char *avcsec_fetch_input(size_t *len);

#endif
