/* SPDX-License-Identifier: Apache-2.0
 *
 * What proves the media server or an administrator (AvcMediaServerProof, AvcAdminProof).
 */
#ifndef AVCSEC_PROOFS_H
#define AVCSEC_PROOFS_H

#include "httpd/config/config.h"

#include "core/token/verdict.h"

/* Who may call, and what proves it. */
typedef struct {
    const char *directive;           /* that names its addresses */
    const apr_array_header_t *peers; /* of avcsec_peer_t; NULL: nobody */
    const avcsec_proof_t *proof;     /* NULL: the address */
    bool is_front;  /* who asks stands in front and says in headers whom it asks for */
    bool only_logs; /* it passes whatever it proves (AvcEnforce Log) */
} avcsec_caller_t;

/* The two there are, as a section has them. */
avcsec_caller_t avcsec_caller_media_server(const avcsec_section_t *section);
avcsec_caller_t avcsec_caller_admin(const avcsec_section_t *section);

/* One of `peers` (avcsec_peer_t, NULL: none) contains the address. */
bool avcsec_peers_have(const apr_array_header_t *peers, const avcsec_address_t *client);

/* A call token is one of the proofs. */
bool avcsec_proofs_ask_token(const avcsec_proof_t *proof);

/* All proofs, or with "any" one; otherwise the first reason, and a *detail (or NULL) of this
 * case. A secret that was right is taken out of the request. */
avcsec_verdict_t avcsec_proofs_check(request_rec *r, const avcsec_caller_t *caller,
                                     const char **detail);

#endif
