/* SPDX-License-Identifier: Apache-2.0
 *
 * Key files and the shared memory that children read keys from.
 *
 * The parent reads each key file, as root where it is started so, and publishes what
 * is derived from it in a mapping that children inherit; a changed file reaches
 * running children without a reload, and the file itself stays closed to them. The
 * mappings outlive restarts, so a server that runs never loses its keys to a bad file.
 *
 * What children get is what they need and no more. Of hs256 keys: what is derived for one
 * realm. Of ed25519 and es256 keys, whose PEM files the parent reads likewise: the public
 * half. Only of the key file of a server that issues JWTs somewhere (AvcTokenFormat jwt) are
 * private halves published as well and, of hs256 keys that are for session, the secret
 * itself: a JWT's HMAC knows no derivation. Children serve all virtual hosts, so whoever
 * takes one over can sign what any of these can, until the keys are replaced; the files
 * stay closed to him, and a secret that signs no JWT stays out of his reach.
 */
#ifndef AVCSEC_KEYS_H
#define AVCSEC_KEYS_H

#include "httpd/config/config.h"
#include "httpd/state/keyfile.h"

#include "core/token/keyring.h"
#include "core/token/verdict.h"

typedef struct avcsec_ring_t avcsec_ring_t;

/* The key file of a server that has one, and what is wanted of it. */
avcsec_keyfile_t avcsec_keys_file_of(const server_rec *s);

/* Phase post_config: reads every server's file and publishes. NULL, or a sentence that ends a
 * start; a server that runs goes on with the keys it has, or with none. */
const char *avcsec_keys_load(apr_pool_t *pconf, server_rec *main_server);

/* Phase monitor, in the parent: publishes files that changed. */
void avcsec_keys_refresh(apr_pool_t *p, server_rec *main_server);

/* Keys of a server for core; a server without a key file has none. */
avcsec_keys_t avcsec_keys_of(const server_rec *s);
bool avcsec_keys_has(const server_rec *s);

/* Copies the key that signs for `purpose` now, for what holds until `exp`; the caller wipes
 * it. Otherwise why no key does and what to do: a sentence for the administrator. */
const char *avcsec_keys_signer(const server_rec *s, avcsec_purpose_t purpose, int64_t now,
                               int64_t exp, avcsec_key_t *key);

/* The same for JWTs, with a key of this algorithm; AVCSEC_NO_ALGORITHM: a pair before hs256. */
const char *avcsec_keys_jwt_signer(const server_rec *s, avcsec_algorithm_t algorithm, int64_t now,
                                   int64_t exp, avcsec_key_t *key);

/* Copies the key at that place of the server's file; false behind the last. */
bool avcsec_keys_at(const server_rec *s, size_t place, avcsec_key_t *key);

/* `text` is one of the server's passwords. Writes its key id. */
bool avcsec_keys_is_password(const server_rec *s, avcsec_slice_t text, int64_t now,
                             char kid[AVCSEC_KID_MAX + 1]);

/* Which of the server's webhook keys signed the message: their number, and of the first
 * AVCSEC_WEBHOOK_SIGNERS in the file their ids and prints. */
#define AVCSEC_WEBHOOK_SIGNERS 4
typedef struct {
    char kid[AVCSEC_KID_MAX + 1];
    unsigned char print[AVCSEC_KEY_PRINT];
} avcsec_signer_t;
size_t avcsec_keys_signed_webhook(const server_rec *s, const avcsec_webhook_t *hook,
                                  avcsec_slice_t body, int64_t now,
                                  avcsec_signer_t signers[AVCSEC_WEBHOOK_SIGNERS]);

/* A password of the server's keys made OvenMediaEngine's signature of the body; its kid. */
bool avcsec_keys_signed_ome(const server_rec *s, avcsec_slice_t signature, avcsec_slice_t body,
                            int64_t now, char kid[AVCSEC_KID_MAX + 1]);

/* Notes that the key opened something, for server-status. */
void avcsec_keys_used(const server_rec *s, avcsec_slice_t kid, int64_t now);

/* Phase post_config: threads may have macs. */
void avcsec_keys_prepare(apr_pool_t *pconf);

/* This thread's macs; NULL if OpenSSL fails. */
avcsec_mac_t *avcsec_keys_mac(void);

/* Counts a refusal since the start; and reads the count. */
void avcsec_keys_count(avcsec_verdict_t verdict);
uint64_t avcsec_keys_counted(avcsec_verdict_t verdict);

/* For server-status: calls `visit` with each published ring's file and realm, the time
 * its keys were read, and its keys one by one (key NULL, first: the ring itself). */
typedef void avcsec_keys_visit_t(void *baton, const char *path, const char *realm, int64_t read_at,
                                 const avcsec_key_t *key, int64_t last_used);
void avcsec_keys_walk(const server_rec *main_server, avcsec_keys_visit_t *visit, void *baton);

#endif
