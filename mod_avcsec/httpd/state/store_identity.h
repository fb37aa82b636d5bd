/* SPDX-License-Identifier: Apache-2.0
 *
 * Which file it is, by what nobody can choose: inode and time of birth.
 */
#ifndef AVCSEC_STORE_IDENTITY_H
#define AVCSEC_STORE_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

/* Which file it is, for as long as there is this file system. */
typedef struct {
    uint64_t inode;
    int64_t born;
    uint32_t born_ns, is_known; /* 0: the file system does not say */
} avcsec_file_identity_t;

avcsec_file_identity_t avcsec_file_identify(int fd);

bool avcsec_file_is_same(const avcsec_file_identity_t *a, const avcsec_file_identity_t *b);

/* The open file lies at this path. */
bool avcsec_file_lies_at(int fd, const char *path);

#endif
