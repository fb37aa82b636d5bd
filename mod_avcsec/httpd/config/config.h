/* SPDX-License-Identifier: Apache-2.0
 *
 * What administrators configure: one struct for servers, one for sections, both made
 * from directives.def. Fields are read-only once the configuration is read.
 */
#ifndef AVCSEC_CONFIG_H
#define AVCSEC_CONFIG_H

#include "httpd.h"
#include "ap_expr.h"
#include "http_config.h"
#include "apr_tables.h"
#include "util_cfgtree.h"

#include "core/request/fields.h"
#include "core/request/front.h"
#include "core/request/names.h"
#include "core/session/dialect.h"
#include "core/text/peer.h"
#include "core/text/slice.h"
#include "core/token/signing_key.h"
#include "core/token/quota.h"

extern module AP_MODULE_DECLARE_DATA avcsec_module;

#define AVCSEC_UNSET (-1)

/* Where a directive stands, for messages. */
typedef struct {
    const char *file;
    int line;
} avcsec_place_t;

typedef struct {
    const char *path; /* absolute */
    bool is_mounted;  /* a link and a group's read right are allowed */
    avcsec_place_t place;
} avcsec_key_file_t;

/* An On or Off. Its address is its identity: the same setting, wherever it is inherited. */
typedef struct {
    bool is_on;
    avcsec_place_t place;
} avcsec_switch_t;

typedef struct {
    enum {
        AVCSEC_PROOF_ADDRESS,
        AVCSEC_PROOF_TOKEN,
        AVCSEC_PROOF_SECRET,
        AVCSEC_PROOF_WEBHOOK,
        AVCSEC_PROOF_OME
    } kind;
    const char *header; /* of a secret: NULL for Authorization */
} avcsec_proof_kind_t;

typedef struct {
    bool is_any;                     /* one of them is enough */
    const apr_array_header_t *kinds; /* of avcsec_proof_kind_t */
    avcsec_place_t place;
} avcsec_proof_t;

/* A list that adds to what is inherited, and to the lines before it. */
typedef struct {
    bool clears;                     /* "none" stands in it: nothing is inherited */
    const apr_array_header_t *names; /* of avcsec_name_t; AvcUnsignedArgs: of avcsec_slice_t;
                                        AvcInlineTypes: of const char *; AvcArguments: of
                                        avcsec_demand_t */
    avcsec_place_t place;
} avcsec_names_t;

typedef struct {
    const char *directory; /* absolute, without a slash at its end */
    const char *url;       /* the location, without a slash at its end; "" for "/" */
    size_t url_len;
    avcsec_place_t place;
} avcsec_files_t;

/* Links from before AvcFiles hold till then (AvcFilesOpenUntil). */
typedef struct {
    int64_t until;
    const char *date, *location; /* as they were written; NULL: no literal <Location> */
    avcsec_place_t place;
} avcsec_open_until_t;

typedef struct {
    const apr_array_header_t *origins; /* of avcsec_slice_t, lower case */
    bool has_credentials;
} avcsec_origins_t;

/* Pages here give a cookie (AvcFileCookie). */
typedef struct {
    const char *scope; /* canonical path of the folder, with a slash at its end; NULL: "none" */
    int segments;      /* of it: claim dir */
    int life;          /* seconds */
    avcsec_place_t place;
} avcsec_file_cookie_t;

typedef struct {
    const char *path; /* absolute */
    avcsec_place_t place;
} avcsec_revocations_file_t;

typedef struct {
    const char *path; /* absolute */
    avcsec_place_t place;
} avcsec_directory_t;

/* A Redis (AvcStore redis://...); files are absolute. */
typedef struct {
    bool has_tls;
    const char *host, *user, *password_file, *ca_file; /* but for host: NULL for none */
    int port, db;
} avcsec_store_address_t;

/* Where uses are counted (AvcStore). */
typedef struct {
    const char *path;                    /* of a file: absolute, or below the state directory;
                                            of a Redis: as it was written */
    uint32_t slots;                      /* of a file; a power of two */
    const avcsec_store_address_t *redis; /* NULL: a file */
    avcsec_place_t place;                /* its file is NULL where AvcStore does not stand */
} avcsec_store_t;

#define AVCSEC_STORE_ENTRIES 262144

/* What one claim of an issued token is. */
typedef struct {
    const ap_expr_info_t *parsed; /* NULL: "none" */
    avcsec_place_t place;
} avcsec_expression_t;

typedef struct {
    bool is_on;
    avcsec_quota_rate_t limit;
    avcsec_place_t place;
} avcsec_token_rate_t;

/* AvcTokenFormat. */
typedef struct {
    bool is_jwt;
    const struct avcsec_jwt_form_t *form; /* what a media server expects; NULL: nobody's */
    avcsec_algorithm_t algorithm;         /* AVCSEC_NO_ALGORITHM: that of the key there is */
    avcsec_place_t place;
} avcsec_token_format_t;

/* AvcTokenClaim. */
typedef struct {
    const char *name;
    const struct avcsec_template_t *value;
    avcsec_place_t place;
} avcsec_token_claim_t;

/* A media server asks here (AvcAdmission). */
typedef struct {
    const avcsec_dialect_t *dialect;
    bool is_address_known; /* "address": nobody but a proxy tells it where a client calls from */
} avcsec_admission_t;

/* A server in front asks here (AvcCheck). */
typedef struct {
    const avcsec_front_t *front;
    avcsec_purpose_t purpose;
    const char *prefix;        /* the location's path, without a slash at its end; "" elsewhere */
    const ap_expr_info_t *act; /* of a session; NULL: connect */
    avcsec_place_t place;
} avcsec_check_t;

/* What is here needs a session that may do that (AvcSessionFor). Its address is its
 * identity, as of a switch. */
typedef struct {
    bool is_on;
    const char *act;
    const ap_expr_info_t *room, *app;         /* NULL: whichever */
    const char *room_argument, *app_argument; /* that says it instead ("arg:name"), or NULL */
    avcsec_place_t place;
} avcsec_session_for_t;

#define SERVER(type, field) type field;
#define SECTION(type, field)

typedef struct {
#define DIRECTIVE(name, level, type, field, ...) level(type, field)
#include "httpd/config/directives.def"
#undef DIRECTIVE
    const void *revoked;        /* the published list of `revocations`; NULL: none */
    struct avcsec_ring_t *ring; /* keys of this server, once they are loaded; NULL: none */
    bool is_closed;             /* a restart found it to protect less than it says */
} avcsec_server_t;

#undef SERVER
#undef SECTION
#define SERVER(type, field)
#define SECTION(type, field) type field;

typedef struct {
#define DIRECTIVE(name, level, type, field, ...) level(type, field)
#include "httpd/config/directives.def"
#undef DIRECTIVE
} avcsec_section_t;

#undef SERVER
#undef SECTION

typedef enum { AVCSEC_ADDRESS_CONNECTION = 0, AVCSEC_ADDRESS_USERAGENT } avcsec_client_address_t;
typedef enum { AVCSEC_SAME_SITE = 0, AVCSEC_CROSS_ORIGIN } avcsec_files_policy_t;
typedef enum { AVCSEC_ENFORCE_ON = 0, AVCSEC_ENFORCE_LOG } avcsec_enforce_t;

static inline avcsec_server_t *avcsec_config_server(const server_rec *s)
{
    return ap_get_module_config(s->module_config, &avcsec_module);
}

static inline const avcsec_section_t *avcsec_config_section(const request_rec *r)
{
    return ap_get_module_config(r->per_dir_config, &avcsec_module);
}

/* Settings with their defaults. */
bool avcsec_config_uses_useragent(const server_rec *s);
bool avcsec_config_scrubs_headers(const server_rec *s);
int avcsec_config_clock_skew(const server_rec *s);
int avcsec_config_use_grace(const server_rec *s);
const avcsec_store_t *avcsec_config_store(const server_rec *main_server);
bool avcsec_config_needs_store(const server_rec *s); /* what cannot be asked about is refused */
int avcsec_section_body_limit(const avcsec_section_t *section);
bool avcsec_section_only_logs(const avcsec_section_t *section);

/* Patterns of avcsec_slice_t, the default included. */
const apr_array_header_t *avcsec_section_unsigned_args(apr_pool_t *p,
                                                       const avcsec_section_t *section);
bool avcsec_section_shows_inline(const avcsec_section_t *section, const char *type);

/* One of the proofs (NULL: the default, the address) is of this kind, an AVCSEC_PROOF_... */
bool avcsec_proof_has(const avcsec_proof_t *proof, int kind);

/* A switch that stands and is On. */
static inline bool avcsec_switch_is_on(const avcsec_switch_t *setting)
{
    return setting && setting->is_on;
}

/* What was configured where, for avcsec_checks; lives until the next configuration. */
typedef struct {
    const char *directive;
    server_rec *server;
    const void *value; /* what the reader made of this line */
    avcsec_place_t place;
    bool is_in_section;         /* in <Directory>, <Location>, <Files> or <If> */
    bool stands_once;           /* a second line in one section is an error */
    const void *section;        /* the same for all lines of one section, Include and macros or not;
                                   where is_in_section: its avcsec_section_t. NULL: no row's */
    const ap_directive_t *line; /* as httpd has it in its tree; its parents are the sections */
} avcsec_setting_t;

/* All directives of this module in the order they were read; avcsec_setting_t. */
const apr_array_header_t *avcsec_config_settings(void);

/* Remembers one more, that no row of directives.def reads. */
void avcsec_config_add_setting(const avcsec_setting_t *setting);

/* Forgets them; at the start of each configuration. */
void avcsec_config_reset(apr_pool_t *pconf);

/* Where the directive that is being read stands. */
avcsec_place_t avcsec_config_place(const cmd_parms *cmd);

/* For the module record. */
extern const command_rec avcsec_config_commands[];
void *avcsec_config_create_section(apr_pool_t *p, char *path);
void *avcsec_config_merge_section(apr_pool_t *p, void *outer, void *inner);
void *avcsec_config_create_server(apr_pool_t *p, server_rec *s);
void *avcsec_config_merge_server(apr_pool_t *p, void *outer, void *inner);

#endif
