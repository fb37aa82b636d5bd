/* SPDX-License-Identifier: Apache-2.0
 *
 * Private by place: what lies in the directory of an AvcFiles is served by it or not at all,
 * whatever alias, link, host or mount led there.
 */
#ifndef AVCSEC_PLACE_H
#define AVCSEC_PLACE_H

#include "httpd.h"

/* For each step that httpd makes of a request: OK, or the status of a refusal. */
int avcsec_place_check(request_rec *r);

/* The same for a file that is sent, by its name. */
int avcsec_place_check_file(request_rec *r, const char *path);

/* The same, before handlers, for a handler that is itself a server's address: the file's name
 * is put behind its path. */
int avcsec_place_check_handler(request_rec *r);

#endif
