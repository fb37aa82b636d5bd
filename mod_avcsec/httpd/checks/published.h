/* SPDX-License-Identifier: Apache-2.0
 *
 * Which directories addresses lead to, when the configuration is checked.
 */
#ifndef AVCSEC_PUBLISHED_H
#define AVCSEC_PUBLISHED_H

#include "httpd/checks/tree.h"

/* The DocumentRoot of some server that this path, its links resolved, lies in: a few words;
 * NULL: none. */
const char *avcsec_published_by(const avcsec_checks_t *check, const char *path);

/* The Alias, ScriptAlias or pattern of one that publishes it, or a part of it; NULL: none. */
const ap_directive_t *avcsec_alias_of(const avcsec_checks_t *check, const char *path);

#endif
