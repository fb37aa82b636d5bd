/* SPDX-License-Identifier: Apache-2.0
 *
 * Links from before a folder was AvcFiles' (AvcFilesOpenUntil): without any token, to files that
 * are older than that line, till its date.
 */
#ifndef AVCSEC_OLD_LINKS_H
#define AVCSEC_OLD_LINKS_H

#include "httpd/request/facts.h"

/* The client's request may be such a link: it reads, by a path that a token could be for, and
 * has none. What it asks for is to be looked at. */
bool avcsec_old_links_hold(request_rec *r, const avcsec_section_t *section);

/* What was opened, in r->finfo with both its times, was last changed before. */
bool avcsec_old_links_open(const request_rec *r, const avcsec_section_t *section);

#endif
