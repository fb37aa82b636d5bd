/* SPDX-License-Identifier: Apache-2.0
 *
 * Signatures of JWS and private keys by OpenSSL 3.
 */
#include "core/token/signing_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/params.h>
#include <string.h>

#define P256 "prime256v1"
#define RSA_BYTES_MIN 256
#define RSA_BYTES_MAX 1024
#define DER_MAX 80 /* of two integers of 32 bytes and their heads: 72 */

/* The key that these parameters describe; NULL if OpenSSL does not take it. */
static EVP_PKEY *make_pkey(const char *type, OSSL_PARAM_BLD *build, int selection)
{
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_PKEY *pkey = NULL;

    if (!params || !context || EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &pkey, selection, params) != 1) {
        EVP_PKEY_free(pkey);
        pkey = NULL;
    }
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(params);
    return pkey;
}

static EVP_PKEY *p256_pkey(const avcsec_signing_key_t *key)
{
    unsigned char point[1 + 2 * AVCSEC_PAIR_BYTES] = {POINT_CONVERSION_UNCOMPRESSED};
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    BIGNUM *d = key->secret_len ? BN_secure_new() : NULL;
    EVP_PKEY *pkey = NULL;

    memcpy(point + 1, key->x, AVCSEC_PAIR_BYTES);
    memcpy(point + 1 + AVCSEC_PAIR_BYTES, key->y, AVCSEC_PAIR_BYTES);
    if (build && (!key->secret_len || (d && BN_bin2bn(key->secret, AVCSEC_PAIR_BYTES, d))) &&
        OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, P256, 0) &&
        OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)) &&
        (!d || OSSL_PARAM_BLD_push_BN_pad(build, OSSL_PKEY_PARAM_PRIV_KEY, d, AVCSEC_PAIR_BYTES)))
        pkey = make_pkey("EC", build, d ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY);
    BN_clear_free(d);
    OSSL_PARAM_BLD_free(build);
    return pkey;
}

static EVP_PKEY *pkey_of(const avcsec_signing_key_t *key)
{
    if (key->algorithm == AVCSEC_ALGORITHM_ES256)
        return p256_pkey(key);
    if (key->algorithm != AVCSEC_ALGORITHM_EDDSA)
        return NULL;
    return key->secret_len
               ? EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, key->secret,
                                              AVCSEC_PAIR_BYTES)
               : EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key->x, AVCSEC_PAIR_BYTES);
}

static bool hmac(const avcsec_signing_key_t *key, avcsec_slice_t text,
                 unsigned char out[AVCSEC_MAC_BYTES])
{
    size_t len = 0;

    return key->secret_len && key->secret_len <= AVCSEC_SECRET_MAX &&
           EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, key->secret, key->secret_len,
                     (const unsigned char *)text.p, text.len, out, AVCSEC_MAC_BYTES, &len) &&
           len == AVCSEC_MAC_BYTES;
}

/* OpenSSL speaks DER, JWS has r and s side by side (RFC 7518, 3.4). */
static bool der_to_raw(const unsigned char *der, size_t len,
                       unsigned char raw[AVCSEC_SIGNATURE_BYTES])
{
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)len);
    bool is_done =
        pair && BN_bn2binpad(ECDSA_SIG_get0_r(pair), raw, AVCSEC_PAIR_BYTES) > 0 &&
        BN_bn2binpad(ECDSA_SIG_get0_s(pair), raw + AVCSEC_PAIR_BYTES, AVCSEC_PAIR_BYTES) > 0;

    ECDSA_SIG_free(pair);
    return is_done;
}

static size_t raw_to_der(const unsigned char *raw, unsigned char der[DER_MAX])
{
    ECDSA_SIG *pair = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(raw, AVCSEC_PAIR_BYTES, NULL);
    BIGNUM *s = BN_bin2bn(raw + AVCSEC_PAIR_BYTES, AVCSEC_PAIR_BYTES, NULL);
    int len = 0;

    if (pair && r && s && ECDSA_SIG_set0(pair, r, s))
        r = s = NULL; /* they are the pair's now */
    if (pair && !r && !s && i2d_ECDSA_SIG(pair, NULL) <= DER_MAX)
        len = i2d_ECDSA_SIG(pair, &der);
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(pair);
    return len > 0 ? (size_t)len : 0;
}

/* What fails leaves entries in this thread's queue of errors, and mod_ssl would take them
 * for its own: hence ERR_clear_error here and below. */

/* Signs with a private key; ES256 gives DER. */
static bool sign_with(EVP_PKEY *pkey, const char *digest, avcsec_slice_t text, unsigned char *out,
                      size_t *len)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool is_done = context &&
                   EVP_DigestSignInit_ex(context, NULL, digest, NULL, NULL, pkey, NULL) == 1 &&
                   EVP_DigestSign(context, out, len, (const unsigned char *)text.p, text.len) == 1;

    EVP_MD_CTX_free(context);
    ERR_clear_error();
    return is_done;
}

static bool verify_with(EVP_PKEY *pkey, const char *digest, avcsec_slice_t text,
                        const unsigned char *signature, size_t len)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool is_right =
        context && pkey &&
        EVP_DigestVerifyInit_ex(context, NULL, digest, NULL, NULL, pkey, NULL) == 1 &&
        EVP_DigestVerify(context, signature, len, (const unsigned char *)text.p, text.len) == 1;

    EVP_MD_CTX_free(context);
    ERR_clear_error();
    return is_right;
}

bool avcsec_signing_key_sign(const avcsec_signing_key_t *key, avcsec_slice_t text,
                             unsigned char signature[AVCSEC_SIGNATURE_BYTES], size_t *len)
{
    unsigned char der[DER_MAX];
    EVP_PKEY *pkey;
    bool is_done;

    *len = AVCSEC_MAC_BYTES;
    if (key->algorithm == AVCSEC_ALGORITHM_HS256)
        return hmac(key, text, signature);
    if (!key->secret_len || !(pkey = pkey_of(key)))
        return false;
    *len = AVCSEC_SIGNATURE_BYTES;
    if (key->algorithm == AVCSEC_ALGORITHM_EDDSA) {
        is_done = sign_with(pkey, NULL, text, signature, len);
    } else {
        *len = sizeof(der);
        is_done = sign_with(pkey, "SHA256", text, der, len) && der_to_raw(der, *len, signature);
        *len = AVCSEC_SIGNATURE_BYTES;
    }
    EVP_PKEY_free(pkey);
    return is_done && *len == AVCSEC_SIGNATURE_BYTES;
}

static bool mac_verifies(const avcsec_signing_key_t *key, avcsec_slice_t text,
                         avcsec_slice_t signature)
{
    unsigned char right[AVCSEC_MAC_BYTES];

    return signature.len == AVCSEC_MAC_BYTES && hmac(key, text, right) &&
           avcsec_mac_equals(right, (const unsigned char *)signature.p, AVCSEC_MAC_BYTES);
}

bool avcsec_signing_key_verifies(const avcsec_signing_key_t *key, avcsec_slice_t text,
                                 avcsec_slice_t signature)
{
    const unsigned char *bytes = (const unsigned char *)signature.p;
    unsigned char der[DER_MAX];
    avcsec_signing_key_t public = *key;
    size_t len = signature.len;
    EVP_PKEY *pkey;
    bool is_right;

    if (key->algorithm == AVCSEC_ALGORITHM_HS256)
        return mac_verifies(key, text, signature);
    if (signature.len != AVCSEC_SIGNATURE_BYTES)
        return false;
    if (key->algorithm == AVCSEC_ALGORITHM_ES256) {
        len = raw_to_der(bytes, der);
        bytes = der;
    }
    avcsec_signing_key_drop_secret(&public);
    pkey = pkey_of(&public);
    is_right = len && verify_with(pkey, key->algorithm == AVCSEC_ALGORITHM_ES256 ? "SHA256" : NULL,
                                  text, bytes, len);
    EVP_PKEY_free(pkey);
    return is_right;
}

bool avcsec_rs256_verifies(avcsec_slice_t n, avcsec_slice_t e, avcsec_slice_t text,
                           avcsec_slice_t signature)
{
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    BIGNUM *modulus = NULL, *exponent = NULL;
    EVP_PKEY *pkey = NULL;
    bool is_right;

    if (build && n.len >= RSA_BYTES_MIN && n.len <= RSA_BYTES_MAX && n.p[0] && e.len &&
        e.len <= 4 && (modulus = BN_bin2bn((const unsigned char *)n.p, (int)n.len, NULL)) &&
        (exponent = BN_bin2bn((const unsigned char *)e.p, (int)e.len, NULL)) &&
        BN_is_odd(exponent) && !BN_is_one(exponent) &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, modulus) &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, exponent))
        pkey = make_pkey("RSA", build, EVP_PKEY_PUBLIC_KEY);
    is_right = pkey &&
               verify_with(pkey, "SHA256", text, (const unsigned char *)signature.p, signature.len);
    EVP_PKEY_free(pkey);
    BN_free(modulus);
    BN_free(exponent);
    OSSL_PARAM_BLD_free(build);
    return is_right;
}

/* ---- Private keys ---- */

static bool get_number(const EVP_PKEY *pkey, const char *name, unsigned char *out)
{
    BIGNUM *number = NULL;
    bool is_done = EVP_PKEY_get_bn_param(pkey, name, &number) == 1 &&
                   BN_bn2binpad(number, out, AVCSEC_PAIR_BYTES) > 0;

    BN_clear_free(number);
    return is_done;
}

/* The halves of a file may be of different keys; what such a key signs, nobody verifies. */
static bool has_fitting_halves(EVP_PKEY *pkey)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
    bool is_fitting = context && EVP_PKEY_check(context) == 1;

    EVP_PKEY_CTX_free(context);
    return is_fitting;
}

static bool take_p256(EVP_PKEY *pkey, avcsec_signing_key_t *key)
{
    char group[32];
    size_t len;

    return EVP_PKEY_get_group_name(pkey, group, sizeof(group), &len) == 1 &&
           avcsec_slice_equals((avcsec_slice_t){group, len}, AVCSEC_LITERAL(P256)) &&
           has_fitting_halves(pkey) && get_number(pkey, OSSL_PKEY_PARAM_PRIV_KEY, key->secret) &&
           get_number(pkey, OSSL_PKEY_PARAM_EC_PUB_X, key->x) &&
           get_number(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, key->y);
}

static bool take_ed25519(EVP_PKEY *pkey, avcsec_signing_key_t *key)
{
    size_t secret_len = AVCSEC_PAIR_BYTES, len = AVCSEC_PAIR_BYTES;

    return EVP_PKEY_get_raw_private_key(pkey, key->secret, &secret_len) == 1 &&
           EVP_PKEY_get_raw_public_key(pkey, key->x, &len) == 1 && len == AVCSEC_PAIR_BYTES &&
           secret_len == AVCSEC_PAIR_BYTES;
}

/* From the block of the private key on: `openssl ecparam -genkey` writes one of parameters
 * before it, at which OpenSSL's decoder would stop. */
static avcsec_slice_t skip_parameters(avcsec_slice_t pem)
{
    avcsec_slice_t rest = pem, line, mark;

    while (avcsec_slice_cut(&rest, '\n', &line)) {
        mark = AVCSEC_LITERAL("-----BEGIN EC PARAMETERS-----");
        if (!avcsec_slice_has_prefix(line, mark))
            continue;
        mark = AVCSEC_LITERAL("-----END EC PARAMETERS-----");
        while (avcsec_slice_cut(&rest, '\n', &line) && !avcsec_slice_has_prefix(line, mark))
            continue;
        return rest;
    }
    return pem;
}

bool avcsec_signing_key_read_pem(avcsec_slice_t pem, avcsec_algorithm_t algorithm,
                                 avcsec_signing_key_t *key)
{
    bool is_p256 = algorithm == AVCSEC_ALGORITHM_ES256, is_taken = false;
    avcsec_slice_t block = skip_parameters(pem);
    const unsigned char *at = (const unsigned char *)block.p;
    size_t left = block.len;
    EVP_PKEY *pkey = NULL;
    OSSL_DECODER_CTX *decoder =
        OSSL_DECODER_CTX_new_for_pkey(&pkey, "PEM", NULL, is_p256 ? "EC" : "ED25519",
                                      OSSL_KEYMGMT_SELECT_PRIVATE_KEY, NULL, NULL);

    memset(key, 0, sizeof(*key));
    if ((is_p256 || algorithm == AVCSEC_ALGORITHM_EDDSA) && decoder && left &&
        OSSL_DECODER_from_data(decoder, &at, &left) == 1)
        is_taken = is_p256 ? take_p256(pkey, key) : take_ed25519(pkey, key);
    OSSL_DECODER_CTX_free(decoder);
    EVP_PKEY_free(pkey);
    ERR_clear_error();
    if (!is_taken) {
        avcsec_wipe(key, sizeof(*key));
        return false;
    }
    key->algorithm = algorithm;
    key->secret_len = AVCSEC_PAIR_BYTES;
    return true;
}

void avcsec_signing_key_drop_secret(avcsec_signing_key_t *key)
{
    avcsec_wipe(key->secret, sizeof(key->secret));
    key->secret_len = 0;
}
