/* SPDX-License-Identifier: Apache-2.0
 *
 * SPEC section 2 as a function: a raw request and what its place asks for go in, a
 * verdict, the canonical path, the remaining query and the judged claims come out.
 * The module, `avcsec verify` and the fuzzers are its clients.
 */
#ifndef AVCSEC_REQUEST_H
#define AVCSEC_REQUEST_H

#include "core/text/path.h"
#include "core/token/token.h"
#include "core/token/verdict.h"

/* A request as it came over the wire. Absent slices: not sent. A header that was sent
 * more than once stands joined as HTTP joins it. */
typedef struct {
    avcsec_slice_t path;   /* raw, before the first '?', path tokens included */
    avcsec_slice_t query;  /* raw, behind it */
    avcsec_slice_t method; /* upper case */
    avcsec_slice_t host;   /* of header Host or :authority */
    avcsec_slice_t authorization, cookie, origin, referer, sec_fetch_site, upgrade;
    avcsec_address_t client;
    bool is_encrypted; /* it came by TLS to this server */
} avcsec_request_t;

/* What can be said of a request before anybody asks for a token. */
typedef struct {
    avcsec_path_tokens_t path_tokens;
    avcsec_slice_t left;        /* raw path without its tokens */
    bool is_resolved;           /* false: SPEC calls the path malformed */
    avcsec_slice_t decoded;     /* if resolved */
    avcsec_slice_t canonical;   /* if resolved */
    avcsec_slice_t query;       /* without `avc` arguments; absent if nothing else was there */
    avcsec_slice_t query_token; /* decoded value of `avc` */
    size_t query_tokens;        /* how many `avc` arguments */
} avcsec_reading_t;

/* Room that avcsec_request_read needs for these lengths of path and query. */
#define AVCSEC_READING_ROOM(path_len, query_len) (6 * (path_len) + 8 + 2 * (query_len))

/* Reads path and query into `room`, in which the slices of *reading then lie (some lie
 * in the request). */
void avcsec_request_read(const avcsec_request_t *request, char *room, avcsec_reading_t *reading);

/* What the place asks for. All zero: nothing; path tokens are checked all the same. */
typedef struct {
    avcsec_purpose_t asked;
    bool has_strict_args;                /* below AvcSignedURL: unsigned arguments are refused */
    const avcsec_slice_t *unsigned_args; /* ... but these patterns, literally */
    size_t unsigned_args_count;
    const avcsec_slice_t *credential_origins; /* "https://host[:port]" in lower case */
    size_t credential_origins_count;
    int64_t clock_skew; /* seconds, for nbf and iat */
    /* NULL, or whether the token was taken back: ALLOWED, REVOKED, or STORE if that cannot be
     * said; the baton is handed on. */
    avcsec_verdict_t (*check_revoked)(void *baton, const avcsec_token_t *token, int64_t now);
    void *revoked_baton;
    bool counts_uses; /* the caller counts what is allowed; else a limit refuses */
} avcsec_policy_t;

typedef enum {
    AVCSEC_NO_CARRIER = 0,
    AVCSEC_IN_QUERY,
    AVCSEC_IN_PATH,
    AVCSEC_IN_HEADER,
    AVCSEC_IN_COOKIE
} avcsec_carrier_t;

typedef struct {
    avcsec_verdict_t verdict;
    avcsec_carrier_t carrier; /* where the token that counts stood */
    bool has_token;           /* `token` was read; on a refusal its claims may be forged */
    avcsec_token_t token;     /* slices lie in the request or the reading's room */
    bool is_idle_session;     /* SIGNATURE, because nobody asked for a session in the path */
    const char *detail;       /* a sentence about a malformed token, or NULL */
    avcsec_slice_t argument;  /* of AVCSEC_ARGUMENT: its raw name */
} avcsec_judgement_t;

/* Judges. The order of checks is SPEC's; *judgement is filled in any case. */
void avcsec_request_judge(const avcsec_request_t *request, const avcsec_reading_t *reading,
                          const avcsec_policy_t *policy, const avcsec_keys_t *keys,
                          avcsec_mac_t *mac, int64_t now, avcsec_judgement_t *judgement);

#endif
