/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of other modules that redirect what a virtual host is asked for, before anything of this
 * module is asked.
 */
#ifndef AVCSEC_REDIRECTS_H
#define AVCSEC_REDIRECTS_H

#include "httpd/checks/tree.h"

/* Of const ap_directive_t *: those that hold in the server, but for those of its sections. */
apr_array_header_t *avcsec_redirects_of(const avcsec_checks_t *check, const server_rec *s);

/* The first of them, or NULL. */
const ap_directive_t *avcsec_redirects_first(const avcsec_checks_t *check, const server_rec *s);

/* All that the server does is redirect, whatever it is asked for by one of its names; the address
 * at which a certificate's issuer asks may be an exception. */
bool avcsec_redirects_all(const avcsec_checks_t *check, const server_rec *s);

#endif
