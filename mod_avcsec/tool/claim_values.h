/* SPDX-License-Identifier: Apache-2.0
 *
 * How the value of an option becomes the value of a claim. Each takes claims, the option's
 * name for complaints, the claim's name, and the option's field (a const char *, of lists an
 * avcsec_words_t); an option that was not given writes nothing. False after a complaint.
 */
#ifndef AVCSEC_CLAIM_VALUES_H
#define AVCSEC_CLAIM_VALUES_H

#include "claims.h"

typedef bool avcsec_claims_put_t(avcsec_claims_t *claims, const char *option, avcsec_slice_t name,
                                 const void *field);

avcsec_claims_put_t avcsec_claims_put_plain;     /* as core reads it */
avcsec_claims_put_t avcsec_claims_put_text;      /* in base64url */
avcsec_claims_put_t avcsec_claims_put_file_name; /* likewise; a long one is cut between two
                                                    characters, its extension stays */
avcsec_claims_put_t avcsec_claims_put_words;     /* joined by '.' */
avcsec_claims_put_t avcsec_claims_put_hosts;     /* in lower case, joined by '_' */
avcsec_claims_put_t avcsec_claims_put_ip4, avcsec_claims_put_ip6; /* the network of that family */

/* Everything goes through here: no value may end its claim and begin another. */
bool avcsec_claims_put(avcsec_claims_t *claims, const char *option, avcsec_slice_t name,
                       avcsec_slice_t value);

bool avcsec_claims_put_number(avcsec_claims_t *claims, const char *option, avcsec_slice_t name,
                              int64_t number);

/* Text that is no value. */
bool avcsec_claims_append(avcsec_claims_t *claims, avcsec_slice_t s);

#endif
