/* SPDX-License-Identifier: Apache-2.0
 *
 * Refusals over HTTP/2 of requests whose body still comes.
 *
 * mod_http2 closes the stream as soon as such an answer is out (RST_STREAM, NO_ERROR: RFC 9113,
 * 8.1), and clients that notice it while they send (curl before 8) report an error and no
 * answer. So, once the answer is out, what comes of the body is read and dropped for a moment;
 * a client that heeds the answer stops by itself within it. HTTP/1 has its own way, httpd's
 * lingering close.
 */
#ifndef AVCSEC_LINGER_H
#define AVCSEC_LINGER_H

#include "httpd.h"

/* Hooks insert_filter and insert_error_filter. */
void avcsec_linger_insert(request_rec *r);

/* Phase register_hooks. */
void avcsec_linger_register(void);

#endif
