/* SPDX-License-Identifier: Apache-2.0
 *
 * A request put together from the command line, judged by core as the module would.
 */
#ifndef AVCSEC_JUDGE_H
#define AVCSEC_JUDGE_H

#include "options.h"
#include "target.h"

#define AVCSEC_HEADERS 7

typedef struct {
    avcsec_request_t request;
    avcsec_reading_t reading;
    char *room;                    /* of the reading */
    char *headers[AVCSEC_HEADERS]; /* values that were put together */
    char origin[8 + 256 + 1];      /* of avcsec_case_fit */
} avcsec_case_t;

/* Reads path and query of `target`, whose text must outlive the case; method GET, no
 * header but Host. False after a complaint (there is no memory). Free it in any case. */
bool avcsec_case_read(const avcsec_target_t *target, avcsec_case_t *judged);

void avcsec_case_free(avcsec_case_t *judged);

/* Adds headers, "Name: value"; one that stands more than once is joined as HTTP joins
 * it, others than those that count are passed over. False after a complaint. */
bool avcsec_case_add_headers(const avcsec_words_t *headers, avcsec_case_t *judged);

/* Gives the request the method, client address and origin that the token wants. */
void avcsec_case_fit(const avcsec_token_t *token, avcsec_case_t *judged);

/* What is left of the path has a canonical form that counts: NULL-slice if it is
 * malformed, alone or beside a path token. */
avcsec_slice_t avcsec_case_path(const avcsec_case_t *judged);

/* The query that scripts would see where `asked` is asked for; absent where a path token
 * stands beside dot segments. */
avcsec_slice_t avcsec_case_query(const avcsec_case_t *judged, avcsec_purpose_t asked);

/* Judges. False after a complaint (OpenSSL fails). */
bool avcsec_case_judge(const avcsec_case_t *judged, const avcsec_policy_t *policy,
                       const avcsec_keys_t *keys, int64_t now, avcsec_judgement_t *judgement);

#endif
