/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys, and which of them may sign or verify what and when (SPEC, section 1). Asks no clock.
 *
 * A ring holds what is derived from the secrets for one realm, not the secrets of hs256
 * keys themselves: whoever gets hold of it can sign for that realm only. The exception is
 * JWTs: others verify them, and know no derivation. A caller that issues them asks for
 * the secrets, gets those of keys for `session` and no others, and does better with
 * a key that is for=session alone or, best, with a pair of which others have the public
 * half.
 */
#ifndef AVCSEC_KEYRING_H
#define AVCSEC_KEYRING_H

#include "core/token/signing_key.h"
#include "core/token/webhook.h"

typedef enum {
    AVCSEC_NO_PURPOSE = 0,
    AVCSEC_FILE,
    AVCSEC_UPLOAD,
    AVCSEC_CALL,
    AVCSEC_SESSION,
    AVCSEC_PURPOSES /* one more than the last */
} avcsec_purpose_t;

/* "file", ...; "" for AVCSEC_NO_PURPOSE. */
avcsec_slice_t avcsec_purpose_word(avcsec_purpose_t purpose);

/* AVCSEC_NO_PURPOSE for any other word. */
avcsec_purpose_t avcsec_purpose_of(avcsec_slice_t word);

typedef enum {
    AVCSEC_NO_KIND = 0,
    AVCSEC_HS256,
    AVCSEC_PASSWORD,
    AVCSEC_ED25519,
    AVCSEC_ES256,
    AVCSEC_WEBHOOK
} avcsec_key_kind_t;

/* "hs256", ...; "" for AVCSEC_NO_KIND. */
const char *avcsec_key_kind_word(avcsec_key_kind_t kind);

#define AVCSEC_KID_MAX 16
#define AVCSEC_REALM_MAX 64
#define AVCSEC_KEY_PRINT 16
#define AVCSEC_KEY_TEXT_MAX 256

typedef struct {
    char kid[AVCSEC_KID_MAX + 1];
    avcsec_key_kind_t kind;
    unsigned purposes;   /* bit 1 << purpose: what it may be used for */
    int64_t from, until; /* Unix seconds; 0: no limit */
    union {
        avcsec_mac_key_t derived[AVCSEC_PURPOSES]; /* hs256 */
        struct {
            size_t len;
            /* password: the text; ed25519, es256: the PEM's path; webhook: the secret's bytes */
            char bytes[AVCSEC_KEY_TEXT_MAX];
        } text;
    } u;
    /* Names the key itself, whatever it is called: 16 bytes that give nothing of it away. Not
     * of a password or a page key. */
    unsigned char print[AVCSEC_KEY_PRINT];
    /* For JWTs: of a pair, once its PEM was read; of hs256, only if asked for. */
    avcsec_signing_key_t signing;
} avcsec_key_t;

#define AVCSEC_KEY_FILE_MAX 65536

/* The shortest line, "k password " and 20 characters, fits this often. */
#define AVCSEC_KEYRING_MAX (AVCSEC_KEY_FILE_MAX / 32)

typedef struct {
    size_t count;
    avcsec_key_t keys[AVCSEC_KEYRING_MAX];
} avcsec_keyring_t;

/* Room that the first `count` keys of a ring take, to copy no more than that. */
#define AVCSEC_KEYRING_SIZE(count)                                                                 \
    (offsetof(avcsec_keyring_t, keys) + (count) * sizeof(avcsec_key_t))

/* Reads the private key of an ed25519 or es256 key, in PEM. Without `signs` only its public
 * half is kept. False if it is not one of that kind, or has a passphrase. */
bool avcsec_key_take_pem(avcsec_key_t *key, avcsec_slice_t pem, bool signs);

/* A copy that was taken out of shared memory is a key: its id ends, its lengths fit their room. */
bool avcsec_key_is_sound(const avcsec_key_t *key);

/* NULL if there is none of that id. */
const avcsec_key_t *avcsec_keyring_find(const avcsec_keyring_t *ring, avcsec_slice_t kid);

/* The key that signs for `purpose` now: of those that may, the one with the latest
 * `from`, the first of equals; with a `kid`, only that one. NULL if none may. */
const avcsec_key_t *avcsec_keyring_signer(const avcsec_keyring_t *ring, avcsec_purpose_t purpose,
                                          avcsec_slice_t kid, int64_t now);

/* The key that signs JWTs now, likewise; AVCSEC_NO_ALGORITHM: a pair, or where none may
 * sign, hs256. NULL if none may. */
const avcsec_key_t *avcsec_keyring_jwt_signer(const avcsec_keyring_t *ring,
                                              avcsec_algorithm_t algorithm, int64_t now);

/* The key is a pair whose public half others may have now or will need: its `until` has not
 * come. */
bool avcsec_key_is_public(const avcsec_key_t *key, int64_t now);

/* The key checks JWTs that this server signs, by its own algorithm: its `until` has not
 * come. */
bool avcsec_key_verifies_jwt(const avcsec_key_t *key, int64_t now);

/* The key makes or checks tokens of `purpose` at all, whatever the time. */
bool avcsec_key_is_for(const avcsec_key_t *key, avcsec_purpose_t purpose);

/* ... and its `until` has not come. */
bool avcsec_key_verifies(const avcsec_key_t *key, avcsec_purpose_t purpose, int64_t now);

/* It is a password that has not ended, and this one. Takes the same time for every
 * text of the same length. */
bool avcsec_key_is_password(const avcsec_key_t *key, avcsec_slice_t text, int64_t now);

/* It is a webhook key that has not ended, and the message is signed by it. */
bool avcsec_key_signed_webhook(const avcsec_key_t *key, const avcsec_webhook_t *hook,
                               avcsec_slice_t body, int64_t now);

/* It is a password that has not ended, and OvenMediaEngine's signature of the body is by it. */
bool avcsec_key_signed_ome(const avcsec_key_t *key, avcsec_slice_t signature, avcsec_slice_t body,
                           int64_t now);

/* 1 to 64 of A-Z a-z 0-9 - . _ */
bool avcsec_realm_is_valid(avcsec_slice_t realm);

/* Where keys come from for a decision: a ring, or shared memory that changes. */
typedef struct {
    /* Copies the key of that id to *key. False if there is none. */
    bool (*find)(void *baton, avcsec_slice_t kid, avcsec_key_t *key);
    void *baton;
} avcsec_keys_t;

/* The keys of a ring that does not change. */
avcsec_keys_t avcsec_keyring_keys(const avcsec_keyring_t *ring);

#endif
