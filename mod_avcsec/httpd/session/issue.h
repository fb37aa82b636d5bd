/* SPDX-License-Identifier: Apache-2.0
 *
 * What a session token says, by the settings of a section, and making one. One for each request
 * of a client, however many steps httpd makes of it.
 */
#ifndef AVCSEC_ISSUE_H
#define AVCSEC_ISSUE_H

#include "httpd/request/facts.h"

#include "core/token/grant.h"

typedef struct avcsec_issued_t {
    avcsec_grant_t grant;
    const avcsec_token_format_t *format; /* this and `claims` are of the section that made it */
    const apr_array_header_t *claims;
    const char *token;
    int64_t exp;
} avcsec_issued_t;

/* Why there is none. */
typedef struct {
    avcsec_verdict_t verdict;
    const char *detail; /* NULL: the verdict's own sentence */
    int64_t wait;       /* of AVCSEC_RATE: seconds */
} avcsec_obstacle_t;

/* What the section of `r` grants. NULL, or why a token can't say it. */
const char *avcsec_issue_read_grant(request_rec *r, const avcsec_section_t *section,
                                    avcsec_grant_t *grant);

/* `issued` (or NULL) is what this section would issue now. */
bool avcsec_issue_is_of(const avcsec_issued_t *issued, const avcsec_section_t *section,
                        const avcsec_grant_t *grant);

/* The token that this request got already, if it is still right; else a new one. NULL, and
 * why there is none. */
const avcsec_issued_t *avcsec_issue(request_rec *r, avcsec_obstacle_t *why);

/* Logs why, and returns the status. */
int avcsec_issue_refuse(request_rec *r, const avcsec_obstacle_t *why);

#endif
