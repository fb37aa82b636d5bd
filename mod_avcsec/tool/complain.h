/* SPDX-License-Identifier: Apache-2.0
 *
 * What goes wrong, as one line on standard error. Never shows a secret or a token,
 * and no byte that a terminal would obey.
 */
#ifndef AVCSEC_COMPLAIN_H
#define AVCSEC_COMPLAIN_H

#include "core/text/slice.h"

#include <stdio.h>

/* Exit statuses of every subcommand. */
enum { AVCSEC_DONE = 0, AVCSEC_REFUSED = 1, AVCSEC_WRONG = 2 };

/* The subcommand that is named in front of each line; NULL: none. */
void avcsec_complain_as(const char *subcommand);

/* Writes the line; always false, so that a reader can return it. */
bool avcsec_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same for something that does not stop the command. */
void avcsec_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Writes text from strangers: '?' for each byte that is not printable ASCII or part of
 * well-formed UTF-8 text. */
void avcsec_print_safely(FILE *out, avcsec_slice_t text);

#endif
