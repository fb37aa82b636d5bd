/* SPDX-License-Identifier: Apache-2.0
 *
 * What `httpd -t -D DUMP_AVCSEC` says: gathered first, then written as text or as JSON. Holds no
 * secret and no token: whoever asks for help shows it to strangers.
 */
#ifndef AVCSEC_DUMP_H
#define AVCSEC_DUMP_H

#include "httpd/checks/ways.h"
#include "httpd/checks/where.h"

/* How many of one kind are shown; the number of the others is said. */
#define AVCSEC_DUMP_SHOWN 20

typedef struct {
    const avcsec_name_t *entry;
    const char *text;          /* as it would be written */
    apr_array_header_t *files; /* of const char *: what it matches on disk, a folder with "/" */
    int more;                  /* that are not among them */
} avcsec_dump_name_t;

/* One line that protects. */
typedef struct {
    const avcsec_setting_t *setting;
    avcsec_where_t where;
    const char *directory; /* what it is about on disk; NULL: the whole host, or none */
    bool is_there;         /* the directory, or the file that it may be */
    const char *who;       /* who may pass, in words */
    const avcsec_setting_t *addresses, *proof; /* the lines that say who that is, or NULL */
    const avcsec_names_t *admins; /* the administrators' list that holds there, or NULL */
    bool only_logs;
    apr_array_header_t *names; /* of avcsec_dump_name_t; NULL: it lists none */
} avcsec_dump_protection_t;

typedef struct {
    const avcsec_setting_t *setting;
    const avcsec_files_t *files;
    const char *real;
    apr_array_header_t *ways;  /* of avcsec_way_t */
    apr_array_header_t *links; /* of const char *: links below document roots that lead into it */
    int more_links;
} avcsec_dump_private_t;

typedef struct {
    const char *name;
    const ap_directive_t *line;
    avcsec_where_t where;
    apr_array_header_t *fronts; /* of const ap_directive_t *: what may answer before it */
} avcsec_dump_handler_t;

/* What is open beside what is closed. */
typedef struct {
    const server_rec *host; /* that serves the same files; NULL: a script */
    const char *what;       /* the script's path, or the host's document root */
    const char *beside;     /* the path, or the directive, that is closed */
} avcsec_dump_open_t;

typedef struct {
    server_rec *server;
    const char *root;                /* DocumentRoot; NULL: none */
    const char *keys_error;          /* NULL: the key file can be used, or there is none */
    apr_array_header_t *keys;        /* of avcsec_key_told_t */
    apr_array_header_t *protections; /* of avcsec_dump_protection_t */
    apr_array_header_t *off;         /* of const avcsec_setting_t *: what says Off or none */
    apr_array_header_t *privates;    /* of avcsec_dump_private_t */
    apr_array_header_t *handlers;    /* of avcsec_dump_handler_t */
    apr_array_header_t *open;        /* of avcsec_dump_open_t */
    int more_open;
} avcsec_dump_host_t;

typedef struct {
    const avcsec_checks_t *check;
    apr_array_header_t *hosts; /* of avcsec_dump_host_t: those with a line of this module */
    apr_array_header_t *bare;  /* of server_rec *: those without */
    int entries;               /* of directories, looked at */
    const char *stopped;       /* why not at more; NULL: at all of them */
} avcsec_dump_t;

/* Hook check_config, before whatever may refuse: prints to standard output if a define asks for
 * it. */
int avcsec_dump_print(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                      server_rec *main_server);

/* Fills the report of a host, but for what lies on disk. */
void avcsec_dump_host(const avcsec_checks_t *check, server_rec *s, avcsec_dump_host_t *host);

/* Looks at what lies on disk below the hosts' roots, up to a number and a time. */
void avcsec_dump_look(avcsec_dump_t *dump);

void avcsec_dump_write_text(const avcsec_dump_t *dump);
void avcsec_dump_write_json(const avcsec_dump_t *dump);

/* For both: names of a server, "chat.example"; its addresses between spaces; where a directive
 * stands, "file line 7". */
const char *avcsec_dump_server_name(const avcsec_dump_t *dump, const server_rec *s);
const char *avcsec_dump_server_addresses(const avcsec_dump_t *dump, const server_rec *s);

#endif
