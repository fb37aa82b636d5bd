/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads files that hold secrets. Says what is wrong with one, never what is in it.
 */
#ifndef AVCSEC_SECRETFILE_H
#define AVCSEC_SECRETFILE_H

#include "core/text/slice.h"

typedef struct {
    char *bytes; /* NULL: nothing was read */
    size_t len;
} avcsec_secret_t;

/* Reads a key file, which must be a regular file of root or the user, without any right
 * for group or others, no symbolic link, at most 64 KiB (SPEC, section 1). False after
 * a complaint. Wipe it in any case. */
bool avcsec_secret_read_key_file(const char *path, avcsec_secret_t *secret);

/* Reads a file or pipe of page keys, whoever owns it: at most 64 KiB. */
bool avcsec_secret_read(const char *path, avcsec_secret_t *secret);

void avcsec_secret_wipe(avcsec_secret_t *secret);

#endif
