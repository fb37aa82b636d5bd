/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys as text: the lines of a key file, page keys (SPEC, section 1). Reads no file.
 */
#ifndef AVCSEC_KEY_TEXT_H
#define AVCSEC_KEY_TEXT_H

#include "core/token/keyring.h"

/* Reads the text of a key file and derives the keys of `realm` (empty: none).
 * Returns NULL, or a sentence for the administrator that holds no secret, and the
 * number of the line it is about (0: the file as a whole); the ring is then empty. */
const char *avcsec_keyring_parse(avcsec_slice_t text, avcsec_slice_t realm, avcsec_keyring_t *ring,
                                 size_t *line);

/* The same, and keeps the secrets of hs256 keys that are for session: a server whose
 * tokens are JWTs signs with the secret itself (avcsec_key_t, signing). */
const char *avcsec_keyring_parse_with_secrets(avcsec_slice_t text, avcsec_slice_t realm,
                                              avcsec_keyring_t *ring, size_t *line);

/* The ring has one key, the one of a page key, "avck1~<kid>~<purpose>~<32 bytes>
 * [~<until>]". Returns NULL or a sentence. */
const char *avcsec_keyring_parse_page_key(avcsec_slice_t text, avcsec_keyring_t *ring);

/* Writes a page key for an hs256 key to `out`, terminated; returns its length. */
#define AVCSEC_PAGE_KEY_MAX 96
size_t avcsec_key_to_page_key(const avcsec_key_t *key, avcsec_purpose_t purpose,
                              char out[AVCSEC_PAGE_KEY_MAX]);

#endif
