/* SPDX-License-Identifier: Apache-2.0
 *
 * A key file as it lies on disk, and the PEM files that it names: who may own them, what
 * they hold, whether they changed. Reads them; keeps nothing.
 */
#ifndef AVCSEC_KEYFILE_H
#define AVCSEC_KEYFILE_H

#include "httpd.h"

#include "core/token/keyring.h"

#include <sys/stat.h>

/* Which file, and what is wanted of it. */
typedef struct {
    const char *path, *realm; /* realm: "" for none */
    bool is_mounted;          /* a link and a group's read right are allowed, in PEM files too */
    bool signs_jwt;           /* private halves and shared secrets are kept */
} avcsec_keyfile_t;

/* What was looked at last, to see whether it changed. */
typedef struct {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec modified, changed;
} avcsec_identity_t;

typedef struct {
    avcsec_identity_t identity;        /* of the key file, also of one that was refused */
    uint64_t pems;                     /* of the PEM files of the keys in use, in sum */
    char refused[AVCSEC_KEY_TEXT_MAX]; /* a PEM file that was refused; "": none */
} avcsec_keyfile_state_t;

/* Reads the file and its PEM files into `keys`. NULL, or why not, without a secret; *is_denied:
 * the caller may not read one of them, which says nothing about it. */
const char *avcsec_keyfile_read(apr_pool_t *p, const avcsec_keyfile_t *file, avcsec_keyring_t *keys,
                                avcsec_keyfile_state_t *state, bool *is_denied);

/* The path of the PEM file of such a key, absolute. */
const char *avcsec_keyfile_pem(apr_pool_t *p, const avcsec_key_t *key);

/* Reads another file that must be guarded as strictly: its bytes, in `p`, ended by a NUL. */
const char *avcsec_keyfile_read_text(apr_pool_t *p, const char *path, char **text, size_t *len,
                                     bool *is_denied);

/* Remembers the PEM files of the keys that are in use now, behind avcsec_keyfile_read. */
void avcsec_keyfile_note(apr_pool_t *p, const avcsec_keyfile_t *file, const avcsec_keyring_t *used,
                         avcsec_keyfile_state_t *state);

/* Nothing changed since. */
bool avcsec_keyfile_is_unchanged(apr_pool_t *p, const avcsec_keyfile_t *file,
                                 const avcsec_keyring_t *used, const avcsec_keyfile_state_t *state);

#endif
