/* SPDX-License-Identifier: Apache-2.0
 *
 * Other virtual hosts that serve the same files.
 */
#ifndef AVCSEC_CHECKS_ELSEWHERE_H
#define AVCSEC_CHECKS_ELSEWHERE_H

#include "httpd/checks/tree.h"

/* Something that `setting` protects in its own host lies in what the server `t` serves by its
 * document root, without a line of the same kind, and `t` does more than redirect: that document
 * root. NULL: no. avcsec_roots_note has run. */
const char *avcsec_elsewhere(const avcsec_checks_t *check, const avcsec_setting_t *setting,
                             const server_rec *t);

#endif
