/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON web tokens. Input: a token, or JSON, or a private key in PEM; each is tried as all
 * three. What is taken apart says the same text again; a signature holds for its own text
 * and key and no other; judging never believes what it did not read.
 */
#include "fuzz.h"

#include "core/session/jwt.h"
#include "core/text/b64url.h"
#include "httpd/session/jose.h"

static const avcsec_algorithm_t algorithms[] = {AVCSEC_ALGORITHM_HS256, AVCSEC_ALGORITHM_ES256,
                                                AVCSEC_ALGORITHM_EDDSA};

/* ---- The compact form ---- */

static bool is_same_spelling(avcsec_slice_t part)
{
    unsigned char *bytes = fuzz_room(AVCSEC_B64URL_BYTES(part.len));
    char *again = fuzz_room(part.len);
    size_t len;
    bool is_same = avcsec_b64url_decode(part, bytes, &len) &&
                   avcsec_b64url_encode(bytes, len, again) == part.len &&
                   (!part.len || memcmp(again, part.p, part.len) == 0);

    free(bytes);
    free(again);
    return is_same;
}

static void check_parts(avcsec_slice_t text, const avcsec_jws_t *jws)
{
    PROMISE(text.len <= AVCSEC_JWT_MAX);
    PROMISE(jws->header.len && jws->signature.len);
    PROMISE(jws->header.len + jws->payload.len + jws->signature.len + 2 == text.len);
    PROMISE(jws->header.p == text.p && jws->payload.p == text.p + jws->header.len + 1);
    PROMISE(jws->signature.p == jws->payload.p + jws->payload.len + 1);
    PROMISE(jws->signed_text.p == text.p &&
            jws->signed_text.len == jws->header.len + 1 + jws->payload.len);
    PROMISE(is_same_spelling(jws->header) && is_same_spelling(jws->payload) &&
            is_same_spelling(jws->signature));
    for (size_t i = 0; i < text.len; i++)
        PROMISE(text.p[i] == '.' || avcsec_is((unsigned char)text.p[i], AVCSEC_WORD));
}

/* ---- Signatures ---- */

static avcsec_signing_key_t a_key(avcsec_algorithm_t algorithm)
{
    static const char pems[2][300] = {
        "-----BEGIN PRIVATE KEY-----\n"
        "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgya+p2EW6dRZrXCFX\n"
        "Z7HWk05Qw9s26JsSe4piKxIPZyGhRANCAARg/tS6JVqdMclh63TGNW1owEm4kjth\n"
        "+mzmaWIuYPKftnkD/hAIuLyZpBrp6VYovGTy8bIMLX6fUXejwpTURiKZ\n"
        "-----END PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\n"
        "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
        "-----END PRIVATE KEY-----\n"};
    static avcsec_signing_key_t keys[AVCSEC_ALGORITHMS];
    avcsec_signing_key_t *key = &keys[algorithm];

    if (key->algorithm)
        return *key;
    if (algorithm == AVCSEC_ALGORITHM_HS256) {
        *key = (avcsec_signing_key_t){.algorithm = algorithm, .secret_len = 32};
        memset(key->secret, 7, 32);
        return *key;
    }
    PROMISE(avcsec_signing_key_read_pem(avcsec_slice_of(pems[algorithm == AVCSEC_ALGORITHM_EDDSA]),
                                        algorithm, key));
    return *key;
}

/* Nobody signs with these keys but this target: what comes in is wrong, what is signed is right
 * until a byte changes. */
static void check_signature(const avcsec_jws_t *jws, avcsec_algorithm_t algorithm)
{
    avcsec_signing_key_t key = a_key(algorithm);
    unsigned char *bytes = fuzz_room(AVCSEC_B64URL_BYTES(jws->signature.len));
    unsigned char made[AVCSEC_SIGNATURE_BYTES];
    avcsec_slice_t signature = {(char *)bytes, 0}, right = {(char *)made, 0};

    PROMISE(avcsec_b64url_decode(jws->signature, bytes, &signature.len));
    PROMISE(avcsec_signing_key_sign(&key, jws->signed_text, made, &right.len));
    PROMISE(avcsec_signing_key_verifies(&key, jws->signed_text, right));
    if (!avcsec_slice_equals(signature, right) && algorithm != AVCSEC_ALGORITHM_ES256)
        PROMISE(!avcsec_signing_key_verifies(&key, jws->signed_text, signature));
    else
        avcsec_signing_key_verifies(&key, jws->signed_text, signature);
    made[jws->signed_text.len % right.len] ^= 4;
    PROMISE(!avcsec_signing_key_verifies(&key, jws->signed_text, right));
    free(bytes);
}

static void check_token(avcsec_slice_t text)
{
    avcsec_jws_t jws;

    if (!avcsec_jws_split(text, &jws))
        return;
    fuzz_accepted++;
    check_parts(text, &jws);
    for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
        check_signature(&jws, algorithms[i]);
    avcsec_rs256_verifies(jws.signed_text, jws.header, jws.payload, jws.signature);
}

/* ---- Private keys ---- */

static void check_pem(avcsec_slice_t text, avcsec_algorithm_t algorithm)
{
    static const avcsec_signing_key_t zero;
    avcsec_signing_key_t key, public;
    unsigned char made[AVCSEC_SIGNATURE_BYTES];
    size_t len;

    if (!avcsec_signing_key_read_pem(text, algorithm, &key)) {
        PROMISE(memcmp(&key, &zero, sizeof(key)) == 0);
        return;
    }
    fuzz_accepted++;
    public = key;
    avcsec_signing_key_drop_secret(&public);
    PROMISE(key.algorithm == algorithm && key.secret_len == AVCSEC_PAIR_BYTES);
    PROMISE(avcsec_signing_key_sign(&key, text, made, &len) && len == sizeof(made));
    PROMISE(avcsec_signing_key_verifies(&public, text, (avcsec_slice_t){(char *)made, len}));
}

/* ---- Judging ---- */

/* What becomes a session is one that an avc token could say. */
static void check_session(const avcsec_members_t *claims, const avcsec_jwt_claims_t *judged)
{
    char *room = fuzz_room(AVCSEC_JWT_ROOM);
    avcsec_token_t token;

    if (avcsec_jwt_to_session(claims, judged, room, &token)) {
        PROMISE(token.id.len >= 16 && token.id.len <= 64 && token.max >= 0 && token.max <= 1000000);
        PROMISE(avcsec_slice_is_made_of(token.act, AVCSEC_LOWER | AVCSEC_DOT));
        PROMISE(!token.room.p || avcsec_b64url_is_text(token.room));
        PROMISE(!token.sub.p || avcsec_b64url_is_text(token.sub));
        PROMISE(!token.role.p || avcsec_slice_is_made_of(token.role, AVCSEC_WORD));
        PROMISE(!token.app.p || avcsec_slice_is_made_of(token.app, AVCSEC_VALUE));
    }
    free(room);
}

static void check_verdicts(const avcsec_members_t *header, const avcsec_members_t *claims)
{
    const avcsec_jwt_policy_t policy = {AVCSEC_LITERAL("avcsec+jwt"), AVCSEC_LITERAL("iss"),
                                        AVCSEC_LITERAL("aud"), 30};
    avcsec_jwt_claims_t judged;
    avcsec_verdict_t verdict = avcsec_jwt_check_header(header, AVCSEC_ALGORITHM_HS256);

    PROMISE(verdict == AVCSEC_ALLOWED || verdict == AVCSEC_MALFORMED ||
            verdict == AVCSEC_UNKNOWN_KEY);
    verdict = avcsec_jwt_check_claims(header, claims, &policy, 1000, &judged);
    PROMISE(verdict == AVCSEC_ALLOWED || verdict == AVCSEC_MALFORMED || verdict == AVCSEC_PURPOSE ||
            verdict == AVCSEC_EXPIRED || verdict == AVCSEC_NOT_YET_VALID);
    PROMISE(verdict != AVCSEC_ALLOWED ||
            (judged.id.len && judged.exp >= 1000 && judged.iat <= 1030));
    if (verdict == AVCSEC_ALLOWED)
        check_session(claims, &judged);
}

/* By the reader of the module. */
static void check_json(avcsec_slice_t text)
{
    avcsec_jose_t jose;

    if (!avcsec_jose_open(text, &jose))
        return;
    if (avcsec_jose_open_claims(&jose))
        check_verdicts(&jose.header, &jose.claims);
    avcsec_jose_close(&jose);
}

/* Members: one for each byte. */

typedef struct {
    avcsec_slice_t text;
    size_t next;
} source_t;

static avcsec_json_t any_value(source_t *source)
{
    size_t at = source->next++;
    unsigned char byte = at < source->text.len ? (unsigned char)source->text.p[at] : 0;
    static const char *const texts[] = {"HS256", "none", "avcsec+jwt", "iss", "aud", "", "\x01"};

    return (avcsec_json_t){(avcsec_json_kind_t)(byte % 5),
                           avcsec_slice_of(texts[byte / 5 % (sizeof(texts) / sizeof(texts[0]))]),
                           byte % 5 == AVCSEC_JSON_LIST ? byte / 64 : (double)byte * 20};
}

static avcsec_json_t get(void *baton, const char *name)
{
    (void)name;
    return any_value(baton);
}

static avcsec_json_t item(void *baton, const char *name, size_t place)
{
    (void)name;
    PROMISE(place < 4);
    return any_value(baton);
}

static void check_judging(avcsec_slice_t text)
{
    source_t source = {text, 0};
    avcsec_members_t members = {get, item, &source};

    check_verdicts(&members, &members);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    avcsec_slice_t text = fuzz_copy((avcsec_slice_t){(const char *)data, size});

    check_token(text);
    check_json(text);
    avcsec_json_is_shallow(text);
    check_judging(text);
    check_pem(text, AVCSEC_ALGORITHM_EDDSA);
    check_pem(text, AVCSEC_ALGORITHM_ES256);
    fuzz_free(text);
    return 0;
}
