/* SPDX-License-Identifier: Apache-2.0
 *
 * HKDF and HMAC-SHA-256 by OpenSSL 3. Parameters are fixed here: nothing in a token chooses one.
 */
#include "core/token/mac.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <stdlib.h>
#include <string.h>

#define CONTEXTS 8

struct avcsec_mac_t {
    EVP_MAC *hmac;
    struct {
        avcsec_mac_key_t key;
        EVP_MAC_CTX *context; /* keyed with `key`; NULL: the place is free */
    } prepared[CONTEXTS];
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
    avcsec_mac_t *mac = calloc(1, sizeof(*mac));

    if (mac && !(mac->hmac = EVP_MAC_fetch(NULL, "HMAC", NULL))) {
        free(mac);
        mac = NULL;
    }
    return mac;
}

void avcsec_mac_destroy(avcsec_mac_t *mac)
{
    if (!mac)
        return;
    for (size_t i = 0; i < CONTEXTS; i++)
        EVP_MAC_CTX_free(mac->prepared[i].context);
    EVP_MAC_free(mac->hmac);
    avcsec_wipe(mac, sizeof(*mac));
    free(mac);
}

/* Puts a context keyed with `key` in the next place; NULL if OpenSSL fails. */
static EVP_MAC_CTX *prepare(avcsec_mac_t *mac, const avcsec_mac_key_t *key)
{
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA256", 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_MAC_CTX *context = EVP_MAC_CTX_new(mac->hmac);
    size_t place = mac->next;

    if (!context || !EVP_MAC_init(context, key->bytes, sizeof(key->bytes), params)) {
        EVP_MAC_CTX_free(context);
        return NULL;
    }
    EVP_MAC_CTX_free(mac->prepared[place].context);
    mac->prepared[place].context = context;
    mac->prepared[place].key = *key;
    mac->next = (place + 1) % CONTEXTS;
    return context;
}

static EVP_MAC_CTX *context_for(avcsec_mac_t *mac, const avcsec_mac_key_t *key)
{
    for (size_t i = 0; i < CONTEXTS; i++)
        if (mac->prepared[i].context &&
            avcsec_mac_equals(mac->prepared[i].key.bytes, key->bytes, sizeof(key->bytes))) {
            EVP_MAC_CTX *context = mac->prepared[i].context;

            return EVP_MAC_init(context, NULL, 0, NULL) ? context : NULL;
        }
    return prepare(mac, key);
}

bool avcsec_mac_compute(avcsec_mac_t *mac, const avcsec_mac_key_t *key,
                        const avcsec_slice_t *pieces, size_t count,
                        unsigned char out[AVCSEC_MAC_BYTES])
{
    EVP_MAC_CTX *context = context_for(mac, key);
    unsigned char gathered[1024];
    size_t len = 0;

    if (!context)
        return false;
    /* A call of OpenSSL costs more than the bytes of a short piece. */
    for (size_t i = 0; i < count; i++) {
        if (len + pieces[i].len > sizeof(gathered) && !EVP_MAC_update(context, gathered, len))
            return false;
        if (len + pieces[i].len > sizeof(gathered))
            len = 0;
        if (pieces[i].len > sizeof(gathered)) {
            if (!EVP_MAC_update(context, (const unsigned char *)pieces[i].p, pieces[i].len))
                return false;
        } else if (pieces[i].len) {
            memcpy(gathered + len, pieces[i].p, pieces[i].len);
            len += pieces[i].len;
        }
    }
    if (!EVP_MAC_update(context, gathered, len))
        return false;
    return EVP_MAC_final(context, out, &len, AVCSEC_MAC_BYTES) && len == AVCSEC_MAC_BYTES;
}

bool avcsec_hmac(avcsec_slice_t key, const avcsec_slice_t *pieces, size_t count,
                 unsigned char out[AVCSEC_MAC_BYTES])
{
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA256", 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *context = hmac ? EVP_MAC_CTX_new(hmac) : NULL;
    bool is_done = context && EVP_MAC_init(context, (const unsigned char *)key.p, key.len, params);
    size_t len = 0;

    for (size_t i = 0; is_done && i < count; i++)
        is_done = EVP_MAC_update(context, (const unsigned char *)pieces[i].p, pieces[i].len);
    is_done = is_done && EVP_MAC_final(context, out, &len, AVCSEC_MAC_BYTES);
    EVP_MAC_CTX_free(context);
    EVP_MAC_free(hmac);
    return is_done && len == AVCSEC_MAC_BYTES;
}

bool avcsec_mac_equals(const unsigned char *a, const unsigned char *b, size_t len)
{
    return CRYPTO_memcmp(a, b, len) == 0;
}

void avcsec_wipe(void *secret, size_t len)
{
    OPENSSL_cleanse(secret, len);
}
