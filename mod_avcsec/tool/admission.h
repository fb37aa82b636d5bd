/* SPDX-License-Identifier: Apache-2.0
 *
 * What the module would say to a question of a media server, and why: by the same deciding code.
 */
#ifndef AVCSEC_TOOL_ADMISSION_H
#define AVCSEC_TOOL_ADMISSION_H

#include "key.h"

#include <stdint.h>

/* Reads the question on standard input, in the form of that server ("srs address" as
 * AvcAdmission has it), and writes the answer. The exit status. */
int avcsec_admission_explain(const char *server, avcsec_key_box_t *keys, int64_t now);

#endif
