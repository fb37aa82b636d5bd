/* SPDX-License-Identifier: Apache-2.0
 *
 * What was configured: settings of this module in the order they were read, and directives of
 * others from httpd's tree. For checks of the configuration as a whole.
 */
#ifndef AVCSEC_TREE_H
#define AVCSEC_TREE_H

#include "httpd/config/config.h"
#include "httpd/config/notice.h"
#include "httpd/config/phase.h"

#include "util_cfgtree.h"

typedef struct {
    apr_pool_t *p;
    server_rec *main_server;
    avcsec_phase_t phase;
    bool is_bad;
} avcsec_checks_t;

/* Writes the line, with file and line number. After AVCSEC_NOTICE_CONFIG the server does not
 * start; one that runs goes on, without the virtual hosts that the line is about. */
void avcsec_complain(avcsec_checks_t *check, avcsec_notice_t notice, const avcsec_place_t *place,
                     const char *text);

/* The same of what lies outside the configuration: a file, a directory. A server that runs goes
 * on with what it has, and whoever sends it a signal only hears of it. `is_denied`: whoever
 * asks may not look at it. */
void avcsec_complain_of_state(avcsec_checks_t *check, const avcsec_place_t *place, bool is_denied,
                              const char *text);

/* The same of what lets nobody in, where somebody was to be let in: a server that runs goes on
 * with it. */
void avcsec_complain_of_shut(avcsec_checks_t *check, const avcsec_place_t *place, const char *text);

/* The same of what configtest refuses and a start does not: it hangs on what lies on disk, or on
 * the time. */
void avcsec_complain_in_test(avcsec_checks_t *check, const avcsec_place_t *place, const char *text);

const avcsec_setting_t *avcsec_tree_setting(int i);
bool avcsec_tree_is(const avcsec_setting_t *setting, const char *name);

/* The first of that name; there is one. */
const avcsec_setting_t *avcsec_tree_first(const char *name);

/* It stands somewhere in that server, or in the main one that it inherits from; what stands
 * outside virtual hosts may be completed in any of them (one that does not, refuses). */
bool avcsec_tree_has(const avcsec_checks_t *check, const server_rec *s, const char *name);

/* The first setting that protects something in a server (NULL: anywhere), or NULL. */
const avcsec_setting_t *avcsec_tree_first_protection(const server_rec *s);

/* Directives of other modules, from the tree of the whole configuration. */
typedef bool avcsec_tree_visit_t(const ap_directive_t *directive, const void *baton);
const ap_directive_t *avcsec_tree_find(const ap_directive_t *tree, avcsec_tree_visit_t *is_it,
                                       const void *baton);
bool avcsec_tree_has_name(const ap_directive_t *directive, const void *name);
const ap_directive_t *avcsec_tree_find_named(const char *name);
avcsec_place_t avcsec_tree_place(const ap_directive_t *directive);

/* For avcsec_tree_find: `is_it`, and in that server. */
typedef struct {
    avcsec_tree_visit_t *is_it;
    const void *baton;
    const server_rec *server; /* NULL: outside virtual hosts */
} avcsec_tree_search_t;

bool avcsec_tree_is_in_server(const ap_directive_t *directive, const void *baton);

/* What holds in a server: the directive in its <VirtualHost>, else one outside all. */
const ap_directive_t *avcsec_tree_find_for(const avcsec_checks_t *check, const server_rec *s,
                                           avcsec_tree_visit_t *is_it, const void *baton);

/* The server that a line stands in; outside of virtual hosts the main one. */
const server_rec *avcsec_tree_server_of(const avcsec_checks_t *check, const ap_directive_t *line);

bool avcsec_tree_has_tls(const avcsec_checks_t *check, const server_rec *s);

bool avcsec_tree_is_below(const char *path, const char *directory);

bool avcsec_tree_is_there(const char *path);

/* With every link resolved; the path itself if it does not exist. */
const char *avcsec_tree_real_path(apr_pool_t *p, const char *path);

#endif
