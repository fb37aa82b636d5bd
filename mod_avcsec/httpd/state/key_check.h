/* SPDX-License-Identifier: Apache-2.0
 *
 * A look into a server's key file before anything starts.
 */
#ifndef AVCSEC_KEY_CHECK_H
#define AVCSEC_KEY_CHECK_H

#include "httpd/state/keys.h"

/* What a key file has. */
typedef struct {
    bool has_password, has_webhook;
    bool has_secret, has_pair; /* that can sign JWTs: hs256 for session; ed25519, es256 */
    const char *shares_more;   /* the secret that signs them now signs other things: its key id */
    const char *is_over;       /* a sentence: all keys of some kind have ended, or none that signs
                                  has begun; NULL: neither */
    bool is_dead;              /* nothing can be done now with any key of the file */
    const apr_array_header_t *pems; /* const char *: the paths of the PEM files that it names */
} avcsec_keys_found_t;

/* Phase check_config: NULL, or why the server's key file cannot be used. *is_denied: the
 * caller may not read it, which says nothing about the file. */
const char *avcsec_keys_check(apr_pool_t *p, const server_rec *s, bool *is_denied,
                              avcsec_keys_found_t *found);

/* What may be told of a key to anybody. */
typedef struct {
    char kid[AVCSEC_KID_MAX + 1];
    avcsec_key_kind_t kind;
    unsigned purposes;   /* bit 1 << purpose */
    int64_t from, until; /* Unix seconds; 0: no limit */
} avcsec_key_told_t;

/* *keys: of avcsec_key_told_t, in the order of the file. NULL, or why it cannot be used. */
const char *avcsec_keys_tell(apr_pool_t *p, const server_rec *s, apr_array_header_t **keys);

#endif
