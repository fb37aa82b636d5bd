/* SPDX-License-Identifier: Apache-2.0
 *
 * Readers of AvcTokenFormat and AvcTokenClaim, and what must fit together between them,
 * the keys and the handlers.
 */
#ifndef AVCSEC_CONFIG_JWT_H
#define AVCSEC_CONFIG_JWT_H

#include "config.h"

/* Each gets a pointer to its field: NULL, or how the sentence goes on behind the
 * directive's name. */
const char *avcsec_config_token_format(cmd_parms *cmd, void *field, int argc, char *const argv[]);
const char *avcsec_config_token_claim(cmd_parms *cmd, void *field, int argc, char *const argv[]);

/* What the table in config.c calls them. */
#define read_token_format avcsec_config_token_format
#define read_token_claim avcsec_config_token_claim

/* Phase check_config: NULL, or what is wrong with a server's JWTs; *place: where. A server
 * whose keys could not be read is judged without them. *is_advice: it works all the same. */
const char *avcsec_config_check_jwt(apr_pool_t *p, const server_rec *s, bool *is_advice,
                                    avcsec_place_t *place);

#endif
