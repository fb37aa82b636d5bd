/* SPDX-License-Identifier: Apache-2.0
 *
 * KEY of the command line: a key file, or page keys from a file or the environment
 * (SPEC, section 1). Reads them under the rules that the server has, wipes them.
 */
#ifndef AVCSEC_KEY_H
#define AVCSEC_KEY_H

#include "core/token/keyring.h"
#include "options.h"

typedef struct {
    const char *key_file, *kid, *realm, *page_key;
} avcsec_key_options_t;

extern const avcsec_option_t avcsec_key_options[];      /* a key file or page keys */
extern const avcsec_option_t avcsec_key_file_options[]; /* a key file only */

/* The keys that a command was given. */
typedef struct avcsec_key_box_t avcsec_key_box_t;

/* The command names keys, by option or environment. */
bool avcsec_key_box_is_named(const avcsec_key_options_t *options);

/* NULL after a complaint. Close it in any case. */
avcsec_key_box_t *avcsec_key_box_open(const avcsec_key_options_t *options);

/* Wipes and frees; NULL is allowed. */
void avcsec_key_box_close(avcsec_key_box_t *box);

/* The key that signs for `purpose` now; NULL after a complaint. It stays the box's. */
const avcsec_key_t *avcsec_key_box_signer(const avcsec_key_box_t *box, avcsec_purpose_t purpose,
                                          int64_t now);

/* The keys that verify where `asked` is asked for. The box must outlive them. */
avcsec_keys_t avcsec_key_box_verifiers(avcsec_key_box_t *box, avcsec_purpose_t asked, int64_t now);

#endif
