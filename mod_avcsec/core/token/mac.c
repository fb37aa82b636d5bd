/* SPDX-License-Identifier: Apache-2.0
 *
 * HKDF and HMAC-SHA-256 by OpenSSL 3. Parameters are fixed here: nothing in a token chooses one.
 */
#include "core/token/mac.h"

/* The hash is asked for by its old name: with EVP's contexts each mac takes twice as long. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 64 /* bytes of SHA-256 */
#define PLACES 8

/* Of a key (RFC 2104): the hash that has read it with ipad, and the one with opad. */
typedef struct {
    SHA256_CTX inner, outer;
} states_t;

struct avcsec_mac_t {
    struct {
        avcsec_mac_key_t key;
        states_t states;
        bool is_taken;
    } prepared[PLACES];
    size_t next; /* the place that is overwritten next */
};

bool avcsec_mac_derive(avcsec_slice_t secret, avcsec_slice_t purpose, avcsec_slice_t realm,
                       avcsec_mac_key_t *key)
{
    char info[160] = "avcsec-v1/";
    size_t len = strlen(info);
    EVP_KDF *hkdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *context = hkdf ? EVP_KDF_CTX_new(hkdf) : NULL;
    OSSL_PARAM params[4];
    bool is_done = false;

    memset(key, 0, sizeof(*key));
    if (context && len + purpose.len + 1 + realm.len <= sizeof(info)) {
        memcpy(info + len, purpose.p, purpose.len);
        len += purpose.len;
        if (realm.len) {
            info[len++] = '/';
            memcpy(info + len, realm.p, realm.len);
            len += realm.len;
        }
        params[0] = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)"SHA256", 0);
        params[1] =
            OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (char *)secret.p, secret.len);
        params[2] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info, len);
        params[3] = OSSL_PARAM_construct_end();
        is_done = EVP_KDF_derive(context, key->bytes, sizeof(key->bytes), params) == 1;
    }
    EVP_KDF_CTX_free(context);
    EVP_KDF_free(hkdf);
    if (!is_done)
        avcsec_wipe(key, sizeof(*key));
    return is_done;
}

avcsec_mac_t *avcsec_mac_create(void)
{
    return calloc(1, sizeof(avcsec_mac_t));
}

void avcsec_mac_destroy(avcsec_mac_t *mac)
{
    if (!mac)
        return;
    avcsec_wipe(mac, sizeof(*mac));
    free(mac);
}

static bool begin_hash(SHA256_CTX *hash, const avcsec_mac_key_t *key, unsigned char pad)
{
    unsigned char block[BLOCK];
    bool is_done;

    memset(block, pad, sizeof(block));
    for (size_t i = 0; i < sizeof(key->bytes); i++)
        block[i] ^= key->bytes[i];
    is_done = SHA256_Init(hash) && SHA256_Update(hash, block, sizeof(block));
    avcsec_wipe(block, sizeof(block));
    return is_done;
}

/* In a time that does not depend on where they differ. */
static bool is_same_key(const avcsec_mac_key_t *a, const avcsec_mac_key_t *b)
{
    unsigned different = 0;

    for (size_t i = 0; i < sizeof(a->bytes); i++)
        different |= a->bytes[i] ^ b->bytes[i];
    return different == 0;
}

/* NULL if OpenSSL fails. */
static const states_t *states_of(avcsec_mac_t *mac, const avcsec_mac_key_t *key)
{
    size_t place = mac->next;
    states_t *states = &mac->prepared[place].states;

    for (size_t i = 0; i < PLACES; i++)
        if (mac->prepared[i].is_taken && is_same_key(&mac->prepared[i].key, key))
            return &mac->prepared[i].states;
    mac->next = (place + 1) % PLACES;
    mac->prepared[place].key = *key;
    mac->prepared[place].is_taken =
        begin_hash(&states->inner, key, 0x36) && begin_hash(&states->outer, key, 0x5c);
    return mac->prepared[place].is_taken ? states : NULL;
}

bool avcsec_mac_compute(avcsec_mac_t *mac, const avcsec_mac_key_t *key,
                        const avcsec_slice_t *pieces, size_t count,
                        unsigned char out[AVCSEC_MAC_BYTES])
{
    const states_t *states = states_of(mac, key);
    SHA256_CTX hash;
    bool is_done;

    if (!states)
        return false;
    hash = states->inner;
    is_done = true;
    for (size_t i = 0; i < count; i++)
        is_done &= SHA256_Update(&hash, pieces[i].p, pieces[i].len) == 1;
    is_done = is_done && SHA256_Final(out, &hash);
    hash = states->outer;
    is_done = is_done && SHA256_Update(&hash, out, AVCSEC_MAC_BYTES) && SHA256_Final(out, &hash);
    avcsec_wipe(&hash, sizeof(hash));
    return is_done;
}

static bool hmac_once(const char *digest, avcsec_slice_t key, const avcsec_slice_t *pieces,
                      size_t count, unsigned char *out, size_t size)
{
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)digest, 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *context = hmac ? EVP_MAC_CTX_new(hmac) : NULL;
    bool is_done = context && EVP_MAC_init(context, (const unsigned char *)key.p, key.len, params);
    size_t len = 0;

    for (size_t i = 0; is_done && i < count; i++)
        is_done = EVP_MAC_update(context, (const unsigned char *)pieces[i].p, pieces[i].len);
    is_done = is_done && EVP_MAC_final(context, out, &len, size);
    EVP_MAC_CTX_free(context);
    EVP_MAC_free(hmac);
    return is_done && len == size;
}

bool avcsec_hmac(avcsec_slice_t key, const avcsec_slice_t *pieces, size_t count,
                 unsigned char out[AVCSEC_MAC_BYTES])
{
    return hmac_once("SHA256", key, pieces, count, out, AVCSEC_MAC_BYTES);
}

bool avcsec_hmac_sha1(avcsec_slice_t key, avcsec_slice_t text, unsigned char out[AVCSEC_SHA1_BYTES])
{
    return hmac_once("SHA1", key, &text, 1, out, AVCSEC_SHA1_BYTES);
}

bool avcsec_mac_equals(const unsigned char *a, const unsigned char *b, size_t len)
{
    return CRYPTO_memcmp(a, b, len) == 0;
}

void avcsec_wipe(void *secret, size_t len)
{
    /* Whatever the compiler knows of memset, it does not know that this is it. */
    static void *(*const volatile write)(void *, int, size_t) = memset;

    write(secret, 0, len);
}
