/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON web tokens: the compact form (RFC 7515, 7.1), and what header and claims must be
 * (RFC 7519, as strict as RFC 8725 advises). JSON is parsed by the caller, who hands in
 * its members; which algorithm a token has is said by the key, and compared.
 *
 *     jwt = base64url(header) "." base64url(claims) "." base64url(signature)
 *
 * Not here: encryption, compression, nested and unsecured tokens, keys in headers.
 */
#ifndef AVCSEC_JWT_H
#define AVCSEC_JWT_H

#include "core/token/signing_key.h"
#include "core/token/token.h"
#include "core/token/verdict.h"

#define AVCSEC_JWT_MAX 4096 /* characters */
#define AVCSEC_JWT_DEPTH 6  /* of arrays and objects in each other */
#define AVCSEC_JWT_TEXT_MAX 256

typedef struct {
    avcsec_slice_t header, payload, signature; /* base64url as it stands; payload may be empty */
    avcsec_slice_t signed_text;                /* header "." payload */
} avcsec_jws_t;

/* Takes a token apart; slices point into `text`. False unless it is three parts of
 * canonical base64url with two dots, of at most AVCSEC_JWT_MAX characters. */
bool avcsec_jws_split(avcsec_slice_t text, avcsec_jws_t *jws);

/* JSON text may be parsed: its arrays and objects are not nested deeper than
 * AVCSEC_JWT_DEPTH. Says nothing else about it. */
bool avcsec_json_is_shallow(avcsec_slice_t json);

/* "HS256", ...; "" for AVCSEC_NO_ALGORITHM. */
avcsec_slice_t avcsec_algorithm_word(avcsec_algorithm_t algorithm);

/* AVCSEC_NO_ALGORITHM for any other word, "none" among them. Case counts. */
avcsec_algorithm_t avcsec_algorithm_of(avcsec_slice_t word);

typedef enum {
    AVCSEC_JSON_ABSENT = 0,
    AVCSEC_JSON_TEXT,
    AVCSEC_JSON_NUMBER,
    AVCSEC_JSON_LIST,
    AVCSEC_JSON_OTHER
} avcsec_json_kind_t;

typedef struct {
    avcsec_json_kind_t kind;
    avcsec_slice_t text; /* of a text */
    double number;       /* of a number; of a list, how many items it has */
} avcsec_json_t;

/* The members of one JSON object in which no name stands twice. */
typedef struct {
    avcsec_json_t (*get)(void *baton, const char *name);
    /* An item of a member that is a list. */
    avcsec_json_t (*item)(void *baton, const char *name, size_t place);
    void *baton;
} avcsec_members_t;

/* The key id that a header names, to find the key; absent if it names none as text. */
avcsec_slice_t avcsec_jwt_kid(const avcsec_members_t *header);

/* A header for a key of this algorithm. AVCSEC_ALLOWED; AVCSEC_UNKNOWN_KEY for another
 * algorithm, however much of a family; AVCSEC_MALFORMED if it demands what is not known
 * here (crit, b64, zip) or brings or names a key by address (jwk, jku, x5c, x5u). */
avcsec_verdict_t avcsec_jwt_check_header(const avcsec_members_t *header,
                                         avcsec_algorithm_t algorithm);

/* What a verifier expects. */
typedef struct {
    avcsec_slice_t type;             /* typ of the header */
    avcsec_slice_t issuer, audience; /* iss; aud, or one item of it */
    int64_t clock_skew;              /* seconds, for nbf and iat; exp is exact */
} avcsec_jwt_policy_t;

/* Claims that were judged. Absent slices are not in the token. */
typedef struct {
    avcsec_slice_t id, subject;
    int64_t exp, iat; /* Unix seconds, fractions cut off */
} avcsec_jwt_claims_t;

/* Judges a token whose signature is right. Required: typ, iss, aud, exp, iat, jti. A claim
 * of a wrong kind, say a time that is a text, is AVCSEC_MALFORMED; another typ, iss or aud
 * is AVCSEC_PURPOSE; then AVCSEC_EXPIRED, AVCSEC_NOT_YET_VALID. */
avcsec_verdict_t avcsec_jwt_check_claims(const avcsec_members_t *header,
                                         const avcsec_members_t *claims,
                                         const avcsec_jwt_policy_t *policy, int64_t now,
                                         avcsec_jwt_claims_t *judged);

#define AVCSEC_JWT_ROOM (3 * AVCSEC_CLAIM_VALUE_MAX)

/* What a JWT of this module grants, as the session token that would grant the same: its
 * claims scope (of connect, play, publish, upload), role, app, room and max beside those
 * that were judged. Slices lie in the members or in `room`; kid and the macs stay empty.
 * False if one of them is of a wrong kind, or is nothing that this module would write. */
bool avcsec_jwt_to_session(const avcsec_members_t *claims, const avcsec_jwt_claims_t *judged,
                           char room[AVCSEC_JWT_ROOM], avcsec_token_t *token);

#endif
