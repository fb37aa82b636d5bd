/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a line of this module stands, and what holds there: sections, what they inherit, and
 * the directory on disk that they are about.
 */
#ifndef AVCSEC_WHERE_H
#define AVCSEC_WHERE_H

#include "httpd/checks/tree.h"

typedef enum {
    AVCSEC_IN_SERVER = 0, /* in no section */
    AVCSEC_IN_LOCATION,   /* of one literal path */
    AVCSEC_IN_DIRECTORY,  /* of one literal path */
    AVCSEC_IN_FILES,      /* of one pattern with * and ? at most, in no other section */
    AVCSEC_IN_ANOTHER     /* what depends on each request, or on regular expressions */
} avcsec_in_t;

typedef struct {
    avcsec_in_t in;
    const ap_directive_t *section; /* the innermost; NULL in a server */
    const char *path;  /* of a Location or Directory, without a slash at its end ("" for "/");
                          of Files the pattern; else NULL */
    const char *words; /* "<Location \"/chat\">"; NULL in a server */
} avcsec_where_t;

avcsec_where_t avcsec_where_of(apr_pool_t *p, const ap_directive_t *line);

/* The first argument of a section, without quotes and ">"; *is_regex: it begins with "~". */
const char *avcsec_where_argument(apr_pool_t *p, const ap_directive_t *section, bool *is_regex);

/* What holds in that server where the setting stands: inherited, of sections around it, of
 * literal sections above it, and its own. What other sections add to a request is not in it. */
const avcsec_section_t *avcsec_where_effective(const avcsec_checks_t *check, const server_rec *s,
                                               const avcsec_setting_t *setting);

/* Where the path of a <Location> leads on disk, or the <Directory> itself, which need not be
 * there; NULL: nowhere, or to several. avcsec_roots_note has run. */
const char *avcsec_where_directory(apr_pool_t *p, const server_rec *s, const avcsec_where_t *where);

/* Directory that an address of that server leads to by its document root or an Alias. */
const char *avcsec_where_mapped(apr_pool_t *p, const server_rec *s, const char *url);

#endif
