/* SPDX-License-Identifier: Apache-2.0
 *
 * Headers that keep a browser, and whoever else reads an answer, from doing more with it than
 * it is for. They are set when everybody else has set theirs: of those only what is stricter
 * stays.
 */
#ifndef AVCSEC_PROTECTIVE_H
#define AVCSEC_PROTECTIVE_H

#include "httpd/request/facts.h"

/* Of every judged answer: no search engine lists it, and the next server does not learn the
 * address with the token. Of a private file: its type, how it is shown, by whom. */
void avcsec_protective_set(request_rec *r, const avcsec_facts_t *facts);

#endif
