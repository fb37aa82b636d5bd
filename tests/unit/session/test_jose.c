/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens of others, by the very reader of the module: Wycheproof's JSON web signatures, and
 * tokens that Debian's `jose` and python3-jwcrypto make while this test runs.
 */
#include "../vectors.h"

#include "core/text/b64url.h"
#include "httpd/session/jose.h"

#include <jansson.h>

/* ---- Keys of others ---- */

typedef struct {
    avcsec_signing_key_t key; /* all but RS256 */
    unsigned char n[1024], e[8];
    size_t n_len, e_len;
} jwk_t;

static const char *text_of(const json_t *jwk, const char *name)
{
    const char *text = json_string_value(json_object_get(jwk, name));

    return text ? text : "";
}

/* Exactly `len` bytes; with 0 up to `room`, and *read of them. */
static bool take(const json_t *jwk, const char *name, unsigned char *out, size_t room, size_t *read)
{
    avcsec_slice_t text = avcsec_slice_of(text_of(jwk, name));

    return text.len && AVCSEC_B64URL_BYTES(text.len) <= room &&
           avcsec_b64url_decode(text, out, read);
}

/* "use" and "key_ops" are a key's own limits (RFC 7517, 4.2 and 4.3). */
static bool may_verify(const json_t *jwk)
{
    const json_t *operations = json_object_get(jwk, "key_ops"), *operation;
    const char *use = text_of(jwk, "use");
    bool is_listed = !operations;
    size_t i;

    json_array_foreach(operations, i, operation) is_listed |=
        strcmp(json_string_value(operation), "verify") == 0;
    return is_listed && (!*use || strcmp(use, "sig") == 0);
}

/* False: no key that could verify anything here. */
static bool read_jwk(const json_t *jwk, jwk_t *read)
{
    avcsec_signing_key_t *key = &read->key;
    const char *type = text_of(jwk, "kty");
    size_t x = 0, y = 0;

    memset(read, 0, sizeof(*read));
    key->algorithm = avcsec_algorithm_of(avcsec_slice_of(text_of(jwk, "alg")));
    if (!may_verify(jwk))
        return false;
    if (key->algorithm == AVCSEC_ALGORITHM_HS256)
        return strcmp(type, "oct") == 0 &&
               take(jwk, "k", key->secret, sizeof(key->secret), &key->secret_len);
    if (key->algorithm == AVCSEC_ALGORITHM_ES256)
        return strcmp(text_of(jwk, "crv"), "P-256") == 0 &&
               take(jwk, "x", key->x, sizeof(key->x), &x) &&
               take(jwk, "y", key->y, sizeof(key->y), &y) && x == 32 && y == 32;
    if (key->algorithm == AVCSEC_ALGORITHM_EDDSA)
        return strcmp(text_of(jwk, "crv"), "Ed25519") == 0 &&
               take(jwk, "x", key->x, sizeof(key->x), &x) && x == 32;
    return key->algorithm == AVCSEC_ALGORITHM_RS256 &&
           take(jwk, "n", read->n, sizeof(read->n), &read->n_len) &&
           take(jwk, "e", read->e, sizeof(read->e), &read->e_len);
}

/* ---- Verdicts ---- */

static avcsec_verdict_t check_rs256(const avcsec_jose_t *jose, const jwk_t *jwk)
{
    avcsec_verdict_t verdict = avcsec_jwt_check_header(&jose->header, AVCSEC_ALGORITHM_RS256);

    if (verdict != AVCSEC_ALLOWED)
        return verdict;
    return avcsec_rs256_verifies((avcsec_slice_t){(const char *)jwk->n, jwk->n_len},
                                 (avcsec_slice_t){(const char *)jwk->e, jwk->e_len},
                                 jose->jws.signed_text, jose->signature)
               ? AVCSEC_ALLOWED
               : AVCSEC_SIGNATURE;
}

static bool is_right(const char *token, const jwk_t *jwk)
{
    avcsec_slice_t text = guarded_text(token, ENDS_AT_GUARD);
    avcsec_jose_t jose;
    avcsec_verdict_t verdict;

    if (!avcsec_jose_open(text, &jose))
        return false;
    verdict = jwk->key.algorithm == AVCSEC_ALGORITHM_RS256 ? check_rs256(&jose, jwk)
                                                           : avcsec_jose_check(&jose, &jwk->key);
    avcsec_jose_close(&jose);
    return verdict == AVCSEC_ALLOWED;
}

/* id, comment, key, token, 1 if valid. */
static void signatures_of(const char *set, size_t least)
{
    vectors_t vectors = vectors_open(set);

    while (vectors_next(&vectors)) {
        json_t *json = json_loads(vectors.field[2], JSON_REJECT_DUPLICATES, NULL);
        jwk_t jwk;
        bool can_verify = json && read_jwk(json, &jwk);

        check((can_verify && is_right(vectors.field[3], &jwk)) == (vectors.field[4][0] == '1'),
              "%s %s: %s", set, vectors.field[0], vectors.field[1]);
        json_decref(json);
    }
    vectors_close(&vectors, least);
}

/* ---- JSON that is not taken ---- */

static void json_of_headers(void)
{
    static const struct {
        const char *label, *json;
        bool is_taken;
    } table[] = {
        {"an object", "{\"alg\":\"HS256\"}", true},
        {"space around it", " {\"alg\":\"HS256\"}\n", true},
        {"a name twice", "{\"alg\":\"HS256\",\"alg\":\"HS256\"}", false},
        {"a name twice, deep in", "{\"alg\":\"HS256\",\"x\":{\"a\":1,\"a\":1}}", false},
        {"a name twice, one escaped", "{\"alg\":\"HS256\",\"\\u0061lg\":\"none\"}", false},
        {"something behind it", "{\"alg\":\"HS256\"}{}", false},
        {"a list", "[\"HS256\"]", false},
        {"a text", "\"HS256\"", false},
        {"a number", "1", false},
        {"cut", "{\"alg\":\"HS256\"", false},
        {"nothing", " ", false},
        {"a comma at the end", "{\"alg\":\"HS256\",}", false},
        {"single quotes", "{'alg':'HS256'}", false},
        {"what is not UTF-8", "{\"alg\":\"HS256\xff\"}", false},
        {"an escaped NUL", "{\"alg\":\"HS256\\u0000\"}", false},
        {"a control character", "{\"alg\":\"HS\t256\"}", false},
        {"NaN", "{\"alg\":\"HS256\",\"x\":NaN}", false},
        {"a number that is too large", "{\"alg\":\"HS256\",\"x\":99999999999999999999}", false},
        {"nested as deep as may be", "{\"x\":[[[[[]]]]]}", true},
        {"nested deeper", "{\"x\":[[[[[[]]]]]]}", false},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++) {
        char token[512];
        size_t len = avcsec_b64url_encode((const unsigned char *)table[i].json,
                                          strlen(table[i].json), token);
        avcsec_jose_t jose;
        bool is_taken;

        snprintf(token + len, sizeof(token) - len, ".e30.AAAA");
        is_taken = avcsec_jose_open(guarded_text(token, ENDS_AT_GUARD), &jose);
        check(is_taken == table[i].is_taken, "a header: %s", table[i].label);
        if (is_taken)
            avcsec_jose_close(&jose);
    }
}

static void json_of_claims(void)
{
    static const struct {
        const char *label, *token;
        bool is_taken;
    } table[] = {
        {"an object", "e30.e30.AAAA", true},
        {"nothing", "e30..AAAA", false},
        {"a list", "e30.W10.AAAA", false},
        {"a name twice", "e30.eyJhIjoxLCJhIjoyfQ.AAAA", false},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++) {
        avcsec_jose_t jose;

        if (!check(avcsec_jose_open(avcsec_slice_of(table[i].token), &jose), "claims: a header"))
            continue;
        check(avcsec_jose_open_claims(&jose) == table[i].is_taken, "claims: %s", table[i].label);
        avcsec_jose_close(&jose);
    }
}

int main(void)
{
    check_start();
    json_of_headers();
    json_of_claims();
    signatures_of("jws", 300);
    signatures_of("jws-made", 20);
    return check_end();
}
