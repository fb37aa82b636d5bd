/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON web tokens: the compact form, headers, claims, signatures, and the keys that make
 * them. JSON itself is none of core's business: members are handed in as a table.
 */
#include "../check.h"

#include "core/session/jwt.h"
#include "core/text/b64url.h"
#include "core/token/key_text.h"

#define NOW 1893456000

/* ---- The compact form ---- */

static void taking_apart(void)
{
    static const struct {
        const char *label, *text;
        bool is_good;
    } table[] = {
        {"three parts", "e30.e30.AAAA", true},
        {"an empty payload", "e30..AAAA", true},
        {"the longest unused bits", "AA.AAA.AAAA", true},
        {"nothing", "", false},
        {"one part", "e30", false},
        {"two parts", "e30.e30", false},
        {"four parts", "e30.e30.AAAA.", false},
        {"five parts, as JWE has them", "e30.e30.e30.e30.AAAA", false},
        {"no header", ".e30.AAAA", false},
        {"no signature", "e30.e30.", false},
        {"dots alone", "..", false},
        {"padding", "e30=.e30.AAAA", false},
        {"padding of the signature", "e30.e30.AA==", false},
        {"unused bits of the header", "e31.e30.AAAA", false},
        {"unused bits of the payload", "e30.AB.AAAA", false},
        {"unused bits of the signature", "e30.e30.AAB", false},
        {"a length that no bytes have", "e30.e30.AAAAA", false},
        {"the other base64", "e30.e30.AA+/", false},
        {"a space", "e30.e30.AAAA ", false},
        {"a line", "e30.\ne30.AAAA", false},
        {"a question mark", "e30.e30?.AAAA", false},
        {"a high byte", "e30.e30.AAA\xc3", false},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
        {
            avcsec_jws_t jws;
            avcsec_slice_t text = guarded_text(table[i].text, side);

            check(avcsec_jws_split(text, &jws) == table[i].is_good, "taken apart: %s",
                  table[i].label);
        }
}

static void parts(void)
{
    char text[AVCSEC_JWT_MAX + 2];
    avcsec_jws_t jws;

    check(avcsec_jws_split(AVCSEC_LITERAL("aaaa.bb00.cccc"), &jws) && is_text(jws.header, "aaaa") &&
              is_text(jws.payload, "bb00") && is_text(jws.signature, "cccc") &&
              is_text(jws.signed_text, "aaaa.bb00"),
          "the parts, and what is signed");
    memset(text, 'A', sizeof(text));
    memcpy(text, "e30.e30.", 8);
    EACH_SIDE(side)
    {
        check(avcsec_jws_split(guarded((avcsec_slice_t){text, AVCSEC_JWT_MAX}, side), &jws),
              "as long as may be");
        check(!avcsec_jws_split(guarded((avcsec_slice_t){text, AVCSEC_JWT_MAX + 1}, side), &jws),
              "one character longer");
    }
}

static void depth(void)
{
    static const struct {
        const char *label, *json;
        bool is_shallow;
    } table[] = {
        {"an object", "{}", true},
        {"six", "[[[[[[]]]]]]", true},
        {"seven", "[[[[[[[]]]]]]]", false},
        {"seven that never end", "[{[{[{[", false},
        {"many beside each other", "[[],[],[],[],[],[],[],[],[]]", true},
        {"in a text", "\"[[[[[[[[\"", true},
        {"behind a quote in a text", "\"\\\"[[[[[[[[\"", true},
        {"behind a text that ends with a backslash", "\"\\\\\"[[[[[[[", false},
        {"a backslash at the end", "\"\\", true},
        {"nothing", "", true},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
    check(avcsec_json_is_shallow(guarded_text(table[i].json, side)) == table[i].is_shallow,
          "depth: %s", table[i].label);
}

/* ---- Members ---- */

typedef struct {
    const char *name;
    avcsec_json_kind_t kind;
    const char *text;
    double number;
    const char *items[3]; /* of a list; "#" is a number */
} member_t;

#define TEXT(name, text)                                                                           \
    {                                                                                              \
        name, AVCSEC_JSON_TEXT, text, 0,                                                           \
        {                                                                                          \
            NULL                                                                                   \
        }                                                                                          \
    }
#define NUMBER(name, number)                                                                       \
    {                                                                                              \
        name, AVCSEC_JSON_NUMBER, NULL, number,                                                    \
        {                                                                                          \
            NULL                                                                                   \
        }                                                                                          \
    }
#define OTHER(name)                                                                                \
    {                                                                                              \
        name, AVCSEC_JSON_OTHER, NULL, 0,                                                          \
        {                                                                                          \
            NULL                                                                                   \
        }                                                                                          \
    }
#define LIST(name, count, ...)                                                                     \
    {                                                                                              \
        name, AVCSEC_JSON_LIST, NULL, count,                                                       \
        {                                                                                          \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }

#define MEMBERS 10

/* What a table changes comes first; of two of one name that counts. */
typedef struct {
    const member_t *changed, *usual;
} object_t;

static const member_t *find(const object_t *object, const char *name)
{
    for (int i = 0; object->changed && i < MEMBERS && object->changed[i].name; i++)
        if (strcmp(object->changed[i].name, name) == 0)
            return &object->changed[i];
    for (int i = 0; i < MEMBERS && object->usual[i].name; i++)
        if (strcmp(object->usual[i].name, name) == 0)
            return &object->usual[i];
    return NULL;
}

static avcsec_json_t get(void *baton, const char *name)
{
    const member_t *member = find(baton, name);

    return member ? (avcsec_json_t){member->kind, avcsec_slice_of(member->text), member->number}
                  : (avcsec_json_t){AVCSEC_JSON_ABSENT, {NULL, 0}, 0};
}

static avcsec_json_t item(void *baton, const char *name, size_t place)
{
    const char *text = find(baton, name)->items[place];

    return text && *text != '#' ? (avcsec_json_t){AVCSEC_JSON_TEXT, avcsec_slice_of(text), 0}
                                : (avcsec_json_t){AVCSEC_JSON_NUMBER, {NULL, 0}, 1};
}

/* ---- Headers ---- */

static const member_t usual_header[MEMBERS] = {TEXT("alg", "HS256"), TEXT("kid", "k1"),
                                               TEXT("typ", "avcsec+jwt")};

static void headers(void)
{
    static const struct {
        const char *label;
        member_t changed[2];
        avcsec_algorithm_t key;
        avcsec_verdict_t wanted;
    } table[] = {
        {"the key's algorithm", {{0}}, AVCSEC_ALGORITHM_HS256, AVCSEC_ALLOWED},
        {"a key of another", {{0}}, AVCSEC_ALGORITHM_ES256, AVCSEC_UNKNOWN_KEY},
        {"a key of none", {{0}}, AVCSEC_NO_ALGORITHM, AVCSEC_UNKNOWN_KEY},
        {"ES256", {TEXT("alg", "ES256")}, AVCSEC_ALGORITHM_ES256, AVCSEC_ALLOWED},
        {"EdDSA", {TEXT("alg", "EdDSA")}, AVCSEC_ALGORITHM_EDDSA, AVCSEC_ALLOWED},
        {"RS256", {TEXT("alg", "RS256")}, AVCSEC_ALGORITHM_RS256, AVCSEC_ALLOWED},
        {"none", {TEXT("alg", "none")}, AVCSEC_ALGORITHM_HS256, AVCSEC_UNKNOWN_KEY},
        {"none, for a key of none", {TEXT("alg", "none")}, AVCSEC_NO_ALGORITHM, AVCSEC_UNKNOWN_KEY},
        {"empty, for a key of none", {TEXT("alg", "")}, AVCSEC_NO_ALGORITHM, AVCSEC_UNKNOWN_KEY},
        {"NONE", {TEXT("alg", "NONE")}, AVCSEC_ALGORITHM_HS256, AVCSEC_UNKNOWN_KEY},
        {"its family", {TEXT("alg", "HS512")}, AVCSEC_ALGORITHM_HS256, AVCSEC_UNKNOWN_KEY},
        {"another case", {TEXT("alg", "hs256")}, AVCSEC_ALGORITHM_HS256, AVCSEC_UNKNOWN_KEY},
        {"a longer word", {TEXT("alg", "HS2560")}, AVCSEC_ALGORITHM_HS256, AVCSEC_UNKNOWN_KEY},
        {"a number", {NUMBER("alg", 256)}, AVCSEC_ALGORITHM_HS256, AVCSEC_MALFORMED},
        {"a list", {LIST("alg", 1, "HS256")}, AVCSEC_ALGORITHM_HS256, AVCSEC_MALFORMED},
        {"nothing", {OTHER("alg")}, AVCSEC_ALGORITHM_HS256, AVCSEC_MALFORMED},
        {"a key id that is a number", {NUMBER("kid", 1)}, AVCSEC_ALGORITHM_HS256, AVCSEC_MALFORMED},
        {"crit", {LIST("crit", 1, "exp")}, AVCSEC_ALGORITHM_HS256, AVCSEC_MALFORMED},
        {"crit that is none", {OTHER("crit")}, AVCSEC_ALGORITHM_HS256, AVCSEC_MALFORMED},
        {"b64", {OTHER("b64")}, AVCSEC_ALGORITHM_HS256, AVCSEC_MALFORMED},
        {"zip", {TEXT("zip", "DEF")}, AVCSEC_ALGORITHM_HS256, AVCSEC_MALFORMED},
        {"jwk", {OTHER("jwk")}, AVCSEC_ALGORITHM_HS256, AVCSEC_MALFORMED},
        {"jku", {TEXT("jku", "https://evil.example/")}, AVCSEC_ALGORITHM_HS256, AVCSEC_MALFORMED},
        {"x5u", {TEXT("x5u", "https://evil.example/")}, AVCSEC_ALGORITHM_HS256, AVCSEC_MALFORMED},
        {"x5c", {LIST("x5c", 1, "AAAA")}, AVCSEC_ALGORITHM_HS256, AVCSEC_MALFORMED},
        {"cty, which says nothing here",
         {TEXT("cty", "x")},
         AVCSEC_ALGORITHM_HS256,
         AVCSEC_ALLOWED},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++) {
        object_t object = {table[i].changed, usual_header};
        avcsec_members_t header = {get, item, &object};

        check(avcsec_jwt_check_header(&header, table[i].key) == table[i].wanted, "header: %s",
              table[i].label);
    }
}

static void key_ids(void)
{
    static const member_t none[MEMBERS] = {TEXT("alg", "HS256")};
    static const member_t number[2] = {NUMBER("kid", 1)};
    object_t usual = {NULL, usual_header}, without = {NULL, none}, wrong = {number, usual_header};
    avcsec_members_t a = {get, item, &usual}, b = {get, item, &without}, c = {get, item, &wrong};

    check(is_text(avcsec_jwt_kid(&a), "k1"), "a key id");
    check(!avcsec_jwt_kid(&b).p && !avcsec_jwt_kid(&c).p, "none, or one that is no text");
}

/* ---- Claims ---- */

static const member_t usual_claims[MEMBERS] = {
    TEXT("iss", "https://chat.example"),
    TEXT("aud", "media"),
    NUMBER("exp", NOW + 60),
    NUMBER("iat", NOW),
    TEXT("jti", "AAECAwQFBgcICQoLDA0ODw"),
};

static void claims(void)
{
    static const struct {
        const char *label;
        member_t header[2], changed[2];
        avcsec_verdict_t wanted;
    } table[] = {
        {"all that is required", {{0}}, {{0}}, AVCSEC_ALLOWED},
        {"its type in another case", {TEXT("typ", "AVCSEC+JWT")}, {{0}}, AVCSEC_ALLOWED},
        {"another type", {TEXT("typ", "JWT")}, {{0}}, AVCSEC_PURPOSE},
        {"no type", {{"typ", AVCSEC_JSON_ABSENT, NULL, 0, {NULL}}}, {{0}}, AVCSEC_MALFORMED},
        {"a type that is no text", {OTHER("typ")}, {{0}}, AVCSEC_MALFORMED},
        {"another issuer", {{0}}, {TEXT("iss", "https://chat.example/")}, AVCSEC_PURPOSE},
        {"an issuer that is a list", {{0}}, {LIST("iss", 1, "media")}, AVCSEC_MALFORMED},
        {"no issuer", {{0}}, {{"iss", AVCSEC_JSON_ABSENT, NULL, 0, {NULL}}}, AVCSEC_MALFORMED},
        {"another audience", {{0}}, {TEXT("aud", "other")}, AVCSEC_PURPOSE},
        {"an empty audience", {{0}}, {TEXT("aud", "")}, AVCSEC_PURPOSE},
        {"an audience that begins alike", {{0}}, {TEXT("aud", "media2")}, AVCSEC_PURPOSE},
        {"one audience of several", {{0}}, {LIST("aud", 2, "x", "media")}, AVCSEC_ALLOWED},
        {"none of several", {{0}}, {LIST("aud", 2, "x", "y")}, AVCSEC_PURPOSE},
        {"a list of none", {{0}}, {LIST("aud", 0, NULL)}, AVCSEC_PURPOSE},
        {"an audience beside a number", {{0}}, {LIST("aud", 2, "media", "#")}, AVCSEC_MALFORMED},
        {"no audience", {{0}}, {{"aud", AVCSEC_JSON_ABSENT, NULL, 0, {NULL}}}, AVCSEC_MALFORMED},
        {"an audience that is an object", {{0}}, {OTHER("aud")}, AVCSEC_MALFORMED},
        {"over since this second", {{0}}, {NUMBER("exp", NOW)}, AVCSEC_EXPIRED},
        {"over in half a second", {{0}}, {NUMBER("exp", NOW + 0.5)}, AVCSEC_ALLOWED},
        {"no end", {{0}}, {{"exp", AVCSEC_JSON_ABSENT, NULL, 0, {NULL}}}, AVCSEC_MALFORMED},
        {"an end that is a text", {{0}}, {TEXT("exp", "9999999999")}, AVCSEC_MALFORMED},
        {"an end that is null", {{0}}, {OTHER("exp")}, AVCSEC_MALFORMED},
        {"an end in milliseconds", {{0}}, {NUMBER("exp", 1893456060000.)}, AVCSEC_MALFORMED},
        {"an end at zero", {{0}}, {NUMBER("exp", 0)}, AVCSEC_MALFORMED},
        {"an end below zero", {{0}}, {NUMBER("exp", -5)}, AVCSEC_MALFORMED},
        {"an end beyond all numbers", {{0}}, {NUMBER("exp", 1e300)}, AVCSEC_MALFORMED},
        {"issued within the leeway", {{0}}, {NUMBER("iat", NOW + 30)}, AVCSEC_ALLOWED},
        {"issued later", {{0}}, {NUMBER("iat", NOW + 31)}, AVCSEC_NOT_YET_VALID},
        {"issued at no time", {{0}}, {OTHER("iat")}, AVCSEC_MALFORMED},
        {"not issued", {{0}}, {{"iat", AVCSEC_JSON_ABSENT, NULL, 0, {NULL}}}, AVCSEC_MALFORMED},
        {"begun", {{0}}, {NUMBER("nbf", NOW - 1)}, AVCSEC_ALLOWED},
        {"begins within the leeway", {{0}}, {NUMBER("nbf", NOW + 30)}, AVCSEC_ALLOWED},
        {"begins later", {{0}}, {NUMBER("nbf", NOW + 30.5)}, AVCSEC_NOT_YET_VALID},
        {"begins at a text", {{0}}, {TEXT("nbf", "1")}, AVCSEC_MALFORMED},
        {"no id", {{0}}, {{"jti", AVCSEC_JSON_ABSENT, NULL, 0, {NULL}}}, AVCSEC_MALFORMED},
        {"an empty id", {{0}}, {TEXT("jti", "")}, AVCSEC_MALFORMED},
        {"an id that is a number", {{0}}, {NUMBER("jti", 7)}, AVCSEC_MALFORMED},
        {"an id with a line in it", {{0}}, {TEXT("jti", "a\nb")}, AVCSEC_MALFORMED},
        {"a user", {{0}}, {TEXT("sub", "zo\xc3\xab")}, AVCSEC_ALLOWED},
        {"a user that is a number", {{0}}, {NUMBER("sub", 1)}, AVCSEC_MALFORMED},
        {"what is not known here", {{0}}, {OTHER("video")}, AVCSEC_ALLOWED},
    };
    const avcsec_jwt_policy_t policy = {AVCSEC_LITERAL("avcsec+jwt"),
                                        AVCSEC_LITERAL("https://chat.example"),
                                        AVCSEC_LITERAL("media"), 30};

    for (size_t i = 0; i < COUNT_OF(table); i++) {
        object_t h = {table[i].header, usual_header}, c = {table[i].changed, usual_claims};
        avcsec_members_t header = {get, item, &h}, body = {get, item, &c};
        avcsec_jwt_claims_t judged;

        check(avcsec_jwt_check_claims(&header, &body, &policy, NOW, &judged) == table[i].wanted,
              "claims: %s", table[i].label);
    }
}

static void judged_claims(void)
{
    static const member_t changed[MEMBERS] = {TEXT("sub", "zoe"), NUMBER("exp", NOW + 1.9)};
    const avcsec_jwt_policy_t policy = {AVCSEC_LITERAL("avcsec+jwt"),
                                        AVCSEC_LITERAL("https://chat.example"),
                                        AVCSEC_LITERAL("media"), 30};
    object_t h = {NULL, usual_header}, c = {changed, usual_claims};
    avcsec_members_t header = {get, item, &h}, body = {get, item, &c};
    avcsec_jwt_claims_t judged;

    check(avcsec_jwt_check_claims(&header, &body, &policy, NOW, &judged) == AVCSEC_ALLOWED &&
              is_text(judged.subject, "zoe") && is_text(judged.id, "AAECAwQFBgcICQoLDA0ODw") &&
              judged.exp == NOW + 1 && judged.iat == NOW,
          "what was judged is told");
}

/* ---- As a session ---- */

static const member_t usual_grant[MEMBERS] = {
    TEXT("scope", "connect play"), TEXT("role", "publisher"), TEXT("app", "avchat30"),
    TEXT("room", "caf\xc3\xa9"),   NUMBER("max", 2),
};

static bool to_session(const member_t *changed, const char *id, const char *subject,
                       avcsec_token_t *token, char room[AVCSEC_JWT_ROOM])
{
    object_t object = {changed, usual_grant};
    avcsec_members_t members = {get, item, &object};
    avcsec_jwt_claims_t judged = {avcsec_slice_of(id), avcsec_slice_of(subject), NOW + 60, NOW};

    return avcsec_jwt_to_session(&members, &judged, room, token);
}

#define ID "AAECAwQFBgcICQoLDA0ODw"
#define ABSENT(name)                                                                               \
    {                                                                                              \
        name, AVCSEC_JSON_ABSENT, NULL, 0,                                                         \
        {                                                                                          \
            NULL                                                                                   \
        }                                                                                          \
    }

static void sessions(void)
{
    static const struct {
        const char *label;
        member_t changed[2];
        const char *id, *subject;
        bool is_good;
    } table[] = {
        {"all of it", {{0}}, ID, "zoe", true},
        {"nobody's", {{0}}, ID, NULL, true},
        {"one word", {TEXT("scope", "publish")}, ID, NULL, true},
        {"nothing but scope", {ABSENT("role")}, ID, NULL, true},
        {"no scope, which would be connect and play", {ABSENT("scope")}, ID, NULL, false},
        {"an empty scope", {TEXT("scope", "")}, ID, NULL, false},
        {"a scope that is a list", {LIST("scope", 1, "play")}, ID, NULL, false},
        {"an unknown word", {TEXT("scope", "play record")}, ID, NULL, false},
        {"a word twice", {TEXT("scope", "play play")}, ID, NULL, false},
        {"two spaces", {TEXT("scope", "connect  play")}, ID, NULL, false},
        {"dots, as avc tokens have them", {TEXT("scope", "connect.play")}, ID, NULL, false},
        {"a space at the end", {TEXT("scope", "play ")}, ID, NULL, false},
        {"an empty room, which would be any", {TEXT("room", "")}, ID, NULL, false},
        {"a room that is null", {OTHER("room")}, ID, NULL, false},
        {"a room with a line in it", {TEXT("room", "a\nb")}, ID, NULL, false},
        {"a role with a space", {TEXT("role", "a b")}, ID, NULL, false},
        {"a role that is a number", {NUMBER("role", 1)}, ID, NULL, false},
        {"an application with a slash", {TEXT("app", "a/b")}, ID, NULL, false},
        {"a limit that is a text", {TEXT("max", "2")}, ID, NULL, false},
        {"a limit of none", {NUMBER("max", 0)}, ID, NULL, false},
        {"half a use", {NUMBER("max", 1.5)}, ID, NULL, false},
        {"too many uses", {NUMBER("max", 1000001)}, ID, NULL, false},
        {"an id that is too short to be unique", {{0}}, "AAECAwQFBgcICQo", NULL, false},
        {"an id with another character", {{0}}, "AAECAwQFBgcICQoL DA0", NULL, false},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
        {
            avcsec_token_t token;

            check(to_session(table[i].changed, table[i].id, table[i].subject, &token,
                             guarded_room(AVCSEC_JWT_ROOM, side)) == table[i].is_good,
                  "as a session: %s", table[i].label);
        }
}

static void session_values(void)
{
    char room[AVCSEC_JWT_ROOM], longest[193];
    member_t changed[2] = {{"room", AVCSEC_JSON_TEXT, longest, 0, {NULL}}};
    avcsec_token_t token;

    check(to_session(NULL, ID, "zoe", &token, room) && token.purpose == AVCSEC_SESSION &&
              is_text(token.act, "connect.play") && is_text(token.role, "publisher") &&
              is_text(token.app, "avchat30") && is_text(token.room, "Y2Fmw6k") &&
              is_text(token.sub, "em9l") && is_text(token.id, ID) && token.max == 2 &&
              token.exp == NOW + 60 && token.iat == NOW && !token.has_ip4 && !token.has_ip6,
          "a session says what the JWT said");
    memset(longest, 'r', sizeof(longest));
    longest[192] = '\0';
    check(to_session(changed, ID, longest, &token, guarded_room(AVCSEC_JWT_ROOM, ENDS_AT_GUARD)) &&
              token.room.len == 256 && token.sub.len == 256,
          "the longest room and user");
}

/* ---- Keys and signatures ---- */

/* The private key of RFC 8037, A.1, and that of RFC 6979, A.2.5, in both its forms. */
#define ED25519_BODY "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
#define ED25519_PEM "-----BEGIN PRIVATE KEY-----\n" ED25519_BODY "-----END PRIVATE KEY-----\n"
#define P256_PEM                                                                                   \
    "-----BEGIN PRIVATE KEY-----\n"                                                                \
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgya+p2EW6dRZrXCFX\n"                           \
    "Z7HWk05Qw9s26JsSe4piKxIPZyGhRANCAARg/tS6JVqdMclh63TGNW1owEm4kjth\n"                           \
    "+mzmaWIuYPKftnkD/hAIuLyZpBrp6VYovGTy8bIMLX6fUXejwpTURiKZ\n"                                   \
    "-----END PRIVATE KEY-----\n"
#define P256_SEC1                                                                                  \
    "-----BEGIN EC PRIVATE KEY-----\n"                                                             \
    "MHcCAQEEIMmvqdhFunUWa1whV2ex1pNOUMPbNuibEnuKYisSD2choAoGCCqGSM49\n"                           \
    "AwEHoUQDQgAEYP7UuiVanTHJYet0xjVtaMBJuJI7Yfps5mliLmDyn7Z5A/4QCLi8\n"                           \
    "maQa6elWKLxk8vGyDC1+n1F3o8KU1EYimQ==\n"                                                       \
    "-----END EC PRIVATE KEY-----\n"

static avcsec_signing_key_t key_of(const char *pem, avcsec_algorithm_t algorithm)
{
    avcsec_signing_key_t key;

    if (!avcsec_signing_key_read_pem(avcsec_slice_of(pem), algorithm, &key))
        check(false, "the test's own key is read");
    return key;
}

static avcsec_signing_key_t shared_key(void)
{
    avcsec_signing_key_t key = {.algorithm = AVCSEC_ALGORITHM_HS256, .secret_len = 32};

    memset(key.secret, 0x42, key.secret_len);
    return key;
}

static void reading_pems(void)
{
    static const struct {
        const char *label, *pem;
        avcsec_algorithm_t algorithm;
        bool is_good;
    } table[] = {
        {"Ed25519", ED25519_PEM, AVCSEC_ALGORITHM_EDDSA, true},
        {"P-256", P256_PEM, AVCSEC_ALGORITHM_ES256, true},
        {"P-256 as SEC 1", P256_SEC1, AVCSEC_ALGORITHM_ES256, true},
        {"behind its parameters",
         "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" P256_SEC1,
         AVCSEC_ALGORITHM_ES256, true},
        {"behind a remark", "key of the site\n" P256_PEM, AVCSEC_ALGORITHM_ES256, true},
        {"Ed25519 for P-256", ED25519_PEM, AVCSEC_ALGORITHM_ES256, false},
        {"P-256 for Ed25519", P256_PEM, AVCSEC_ALGORITHM_EDDSA, false},
        {"for HS256", ED25519_PEM, AVCSEC_ALGORITHM_HS256, false},
        {"for RS256", ED25519_PEM, AVCSEC_ALGORITHM_RS256, false},
        {"for none", ED25519_PEM, AVCSEC_NO_ALGORITHM, false},
        {"nothing", "", AVCSEC_ALGORITHM_EDDSA, false},
        {"no PEM", "hello\n", AVCSEC_ALGORITHM_EDDSA, false},
        {"cut", "-----BEGIN PRIVATE KEY-----\n" ED25519_BODY, AVCSEC_ALGORITHM_EDDSA, false},
        {"empty between its lines", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
         AVCSEC_ALGORITHM_EDDSA, false},
        {"a public half",
         "-----BEGIN PUBLIC "
         "KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
         "-----END PUBLIC KEY-----\n",
         AVCSEC_ALGORITHM_EDDSA, false},
        {"P-384",
         "-----BEGIN EC PRIVATE KEY-----\n"
         "MIGkAgEBBDALABCVs2FfCpSHCCykNGRUeShnPcPuQS4KH9Cm/AHeRTjs81lUmxC5\n"
         "U7uKUMqHp0ygBwYFK4EEACKhZANiAARuVR9rIkb0caVFBFFi94aarPRx9fQTA7xd\n"
         "8tuPOanFYQpLabpjHO8qKIzf3JR7ba60hKjZCjOsKbB5Y1qUH6xQXSCr71L/UCxe\n"
         "NuLC4STQW+7jx697o21Ns8yJm74ul/w=\n"
         "-----END EC PRIVATE KEY-----\n",
         AVCSEC_ALGORITHM_ES256, false},
        {"Ed448",
         "-----BEGIN PRIVATE KEY-----\n"
         "MEcCAQAwBQYDK2VxBDsEObDTSso4boC/bLsaAvU82n+3cx1ph2YuMEUZJWfAO5iX\n"
         "tuazqQ+wLe21n/NkEquBBGEzW3QSeBjVAg==\n"
         "-----END PRIVATE KEY-----\n",
         AVCSEC_ALGORITHM_EDDSA, false},
        {"behind a passphrase",
         "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
         "MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgkYcpi/pzbWQICCAAw\n"
         "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEIJ3tgyX7m6jgBDXa5JQVO4EgZCA\n"
         "l2BVV3yk5yjvvWlycPMA8qEFXZt9MP6dD/2MWVwQtcEqrpZxenT4X1CJEJYLv8jk\n"
         "UbPeC8cYj6MLAMn/zNa+csOdQymPDPKX2ZTQntCzKBdFwWr+oxxcEx33NEGt+4zY\n"
         "nNFELPRzFTWEVd5cRD1z5sufBUyq2f/pviyTi9/2b35XE/9qFGmS6ZHSLdyAWb8=\n"
         "-----END ENCRYPTED PRIVATE KEY-----\n",
         AVCSEC_ALGORITHM_ES256, false},
        {"halves of two keys",
         "-----BEGIN EC PRIVATE KEY-----\n"
         "MHcCAQEEIMmvqdhFunUWa1whV2ex1pNOUMPbNuibEnuKYisSD2chOAoGCCqGSM49\n"
         "AwEHoUQDQgAEYP7UuiVanTHJYet0xjVtaMBJuJI7Yfps5mliLmDyn7Z5A/4QCLi8\n"
         "maQa6elWKLxk8vGyDC1+n1F3o8KU1EYimQ==\n"
         "-----END EC PRIVATE KEY-----\n",
         AVCSEC_ALGORITHM_ES256, false},
    };
    static const avcsec_signing_key_t zero;

    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
        {
            avcsec_signing_key_t key;

            memset(&key, 0x55, sizeof(key));
            check(avcsec_signing_key_read_pem(guarded_text(table[i].pem, side), table[i].algorithm,
                                              &key) == table[i].is_good &&
                      (table[i].is_good || memcmp(&key, &zero, sizeof(key)) == 0),
                  "a private key: %s", table[i].label);
        }
}

static bool is_base64url(const unsigned char *bytes, const char *text)
{
    char encoded[44];

    encoded[avcsec_b64url_encode(bytes, AVCSEC_PAIR_BYTES, encoded)] = '\0';
    return strcmp(encoded, text) == 0;
}

static void public_halves(void)
{
    avcsec_signing_key_t ed = key_of(ED25519_PEM, AVCSEC_ALGORITHM_EDDSA),
                         ec = key_of(P256_SEC1, AVCSEC_ALGORITHM_ES256);

    check(is_base64url(ed.x, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"),
          "the public half of RFC 8037, A.2");
    check(is_base64url(ec.x, "YP7UuiVanTHJYet0xjVtaMBJuJI7Yfps5mliLmDyn7Y") &&
              is_base64url(ec.y, "eQP-EAi4vJmkGunpVii8ZPLxsgwtfp9Rd6PClNRGIpk"),
          "the public half of RFC 6979, A.2.5");
    avcsec_signing_key_drop_secret(&ed);
    check(!ed.secret_len && !ed.secret[0] && !ed.secret[31] && ed.x[0], "the secret is dropped");
}

/* RFC 8037, A.4. */
static void known_signature(void)
{
    avcsec_signing_key_t key = key_of(ED25519_PEM, AVCSEC_ALGORITHM_EDDSA);
    avcsec_slice_t text =
        AVCSEC_LITERAL("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc");
    unsigned char signature[AVCSEC_SIGNATURE_BYTES];
    char encoded[AVCSEC_B64URL_CHARS(AVCSEC_SIGNATURE_BYTES)];
    size_t len;

    check(avcsec_signing_key_sign(&key, text, signature, &len) && len == sizeof(signature) &&
              avcsec_b64url_encode(signature, len, encoded) == sizeof(encoded) &&
              memcmp(encoded,
                     "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvp"
                     "Ar_MuM0KAg",
                     sizeof(encoded)) == 0,
          "the signature of RFC 8037, A.4");
}

/* Whoever has the public half alone, or the shared secret, verifies; no other byte will do. */
static void signing(const char *label, avcsec_signing_key_t key)
{
    avcsec_slice_t text = AVCSEC_LITERAL("eyJhbGciOiJIUzI1NiJ9.e30");
    avcsec_signing_key_t verifier = key;
    unsigned char made[AVCSEC_SIGNATURE_BYTES];
    size_t len, wrong = 0;
    avcsec_slice_t signature;

    if (key.algorithm != AVCSEC_ALGORITHM_HS256)
        avcsec_signing_key_drop_secret(&verifier);
    if (!check(avcsec_signing_key_sign(&key, text, made, &len), "%s signs", label))
        return;
    signature = guarded((avcsec_slice_t){(char *)made, len}, ENDS_AT_GUARD);
    check(avcsec_signing_key_verifies(&verifier, guarded(text, ENDS_AT_GUARD), signature),
          "%s: the public half verifies", label);
    check(avcsec_signing_key_verifies(&key, text, signature), "%s: so does the whole", label);
    for (size_t i = 0; i < len * 8; i++) {
        made[i / 8] ^= (unsigned char)(1u << i % 8);
        wrong += avcsec_signing_key_verifies(&verifier, text, (avcsec_slice_t){(char *)made, len});
        made[i / 8] ^= (unsigned char)(1u << i % 8);
    }
    for (size_t shorter = 0; shorter < len; shorter++)
        wrong += avcsec_signing_key_verifies(
            &verifier, text, guarded((avcsec_slice_t){(char *)made, shorter}, ENDS_AT_GUARD));
    wrong += avcsec_signing_key_verifies(&verifier, AVCSEC_LITERAL("eyJhbGciOiJIUzI1NiJ9.e31"),
                                         signature);
    check(wrong == 0, "%s: another text, a changed bit or a missing byte is wrong", label);
    verifier.x[5] ^= 1;
    verifier.secret[5] ^= 1;
    check(!avcsec_signing_key_verifies(&verifier, text, signature), "%s: another key is wrong",
          label);
}

static void not_signing(void)
{
    avcsec_slice_t text = AVCSEC_LITERAL("a.b");
    unsigned char signature[AVCSEC_SIGNATURE_BYTES];
    avcsec_signing_key_t key = {AVCSEC_NO_ALGORITHM, 0, {0}, {0}, {0}};
    size_t len;

    check(!avcsec_signing_key_sign(&key, text, signature, &len) &&
              !avcsec_signing_key_verifies(&key, text, AVCSEC_LITERAL("")),
          "a key of no algorithm");
    key = key_of(ED25519_PEM, AVCSEC_ALGORITHM_EDDSA);
    avcsec_signing_key_drop_secret(&key);
    check(!avcsec_signing_key_sign(&key, text, signature, &len), "a public half signs nothing");
    /* GHSA-q843-6q5f-w55g: an empty secret must not be a secret. */
    key = shared_key();
    avcsec_signing_key_drop_secret(&key);
    check(!avcsec_signing_key_sign(&key, text, signature, &len) &&
              !avcsec_signing_key_verifies(&key, text,
                                           AVCSEC_LITERAL("0123456789abcdef0123456789abcdef")),
          "no secret, no mac");
    key = shared_key();
    key.algorithm = AVCSEC_ALGORITHM_RS256;
    check(!avcsec_signing_key_sign(&key, text, signature, &len), "nothing signs RS256");
    memset(key.x, 0xff, sizeof(key.x));
    key.algorithm = AVCSEC_ALGORITHM_ES256;
    key.secret_len = 0;
    check(!avcsec_signing_key_verifies(&key, text, (avcsec_slice_t){(char *)key.x, 64}),
          "a point that is not on the curve");
}

/* ---- Which key ---- */

#define SECRET "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

static avcsec_keyring_t ring;

static void read_ring(const char *text, bool with_secrets)
{
    size_t line;
    const char *error =
        with_secrets
            ? avcsec_keyring_parse_with_secrets(avcsec_slice_of(text), AVCSEC_LITERAL(""), &ring,
                                                &line)
            : avcsec_keyring_parse(avcsec_slice_of(text), AVCSEC_LITERAL(""), &ring, &line);

    if (error)
        check(false, "the test's own key file: %s", error);
    for (size_t i = 0; i < ring.count; i++) {
        avcsec_key_t *key = &ring.keys[i];

        if (key->kind == AVCSEC_ED25519)
            avcsec_key_take_pem(key, AVCSEC_LITERAL(ED25519_PEM), with_secrets);
        if (key->kind == AVCSEC_ES256)
            avcsec_key_take_pem(key, AVCSEC_LITERAL(P256_PEM), with_secrets);
    }
}

static void signers(void)
{
    static const struct {
        const char *label, *keys;
        avcsec_algorithm_t algorithm;
        const char *kid; /* NULL: none */
    } table[] = {
        {"the only one", "k1 hs256 " SECRET "\n", AVCSEC_NO_ALGORITHM, "k1"},
        {"a pair before a secret", "k1 hs256 " SECRET "\ne1 ed25519 file:a\n", AVCSEC_NO_ALGORITHM,
         "e1"},
        {"a secret where one is asked for", "e1 ed25519 file:a\nk1 hs256 " SECRET "\n",
         AVCSEC_ALGORITHM_HS256, "k1"},
        {"a kind that is asked for", "e1 ed25519 file:a\np1 es256 file:b\n", AVCSEC_ALGORITHM_ES256,
         "p1"},
        {"none of that kind", "e1 ed25519 file:a\n", AVCSEC_ALGORITHM_ES256, NULL},
        {"the latest", "e1 ed25519 file:a\ne2 ed25519 file:a from=2025-01-01T00:00:00Z\n",
         AVCSEC_NO_ALGORITHM, "e2"},
        {"one to come", "e1 ed25519 file:a\ne2 ed25519 file:a from=2035-01-01T00:00:00Z\n",
         AVCSEC_NO_ALGORITHM, "e1"},
        {"the first of equals", "e1 ed25519 file:a\np1 es256 file:b\n", AVCSEC_NO_ALGORITHM, "e1"},
        {"a secret, the pair has ended",
         "e1 ed25519 file:a until=2025-01-01T00:00:00Z\nk1 hs256 " SECRET "\n", AVCSEC_NO_ALGORITHM,
         "k1"},
        {"a later secret does not go before a pair",
         "e1 ed25519 file:a\nk1 hs256 " SECRET " from=2025-01-01T00:00:00Z\n", AVCSEC_NO_ALGORITHM,
         "e1"},
        {"a secret for session", "k1 hs256 " SECRET " for=session\n", AVCSEC_NO_ALGORITHM, "k1"},
        {"a secret for other things", "k1 hs256 " SECRET " for=file,upload,call\n",
         AVCSEC_NO_ALGORITHM, NULL},
        {"a password", "k1 password 01234567890123456789\n", AVCSEC_NO_ALGORITHM, NULL},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++) {
        const avcsec_key_t *key;

        read_ring(table[i].keys, true);
        key = avcsec_keyring_jwt_signer(&ring, table[i].algorithm, NOW);
        check(table[i].kid ? key && strcmp(key->kid, table[i].kid) == 0 : !key,
              "who signs JWTs: %s", table[i].label);
        read_ring(table[i].keys, false);
        check(!avcsec_keyring_jwt_signer(&ring, table[i].algorithm, NOW),
              "nobody, where nobody asked for secrets: %s", table[i].label);
    }
}

/* A ring has no secret that nobody asked for, in no byte of it. */
static void secrets_stay_out(void)
{
    unsigned char secret[32];
    size_t len;

    avcsec_b64url_decode(AVCSEC_LITERAL(SECRET), secret, &len);
    memset(&ring, 0, sizeof(ring));
    read_ring("k1 hs256 " SECRET "\ne1 ed25519 file:a\n", false);
    check(!memmem(&ring, sizeof(ring), secret, sizeof(secret)), "no shared secret");
    check(!memmem(&ring, sizeof(ring), "\x9d\x61\xb1\x9d\xef\xfd\x5a\x60", 8),
          "no private half, but its public one");
    check(avcsec_key_is_public(&ring.keys[1], NOW) && !avcsec_key_is_public(&ring.keys[0], NOW),
          "only a pair is published");
    read_ring("k1 hs256 " SECRET " for=file\n", true);
    check(!memmem(&ring, sizeof(ring), secret, sizeof(secret)),
          "no secret of a key that is not for session, though asked for");
    read_ring("e1 ed25519 file:a until=2025-01-01T00:00:00Z\n", true);
    check(!avcsec_key_is_public(&ring.keys[0], NOW) && !avcsec_key_verifies_jwt(&ring.keys[0], NOW),
          "a pair that has ended is gone");
    read_ring("e1 ed25519 file:a from=2035-01-01T00:00:00Z\n", true);
    check(avcsec_key_is_public(&ring.keys[0], NOW), "one to come is published already");
}

static void words(void)
{
    size_t wrong = 0;

    for (int a = AVCSEC_ALGORITHM_HS256; a < AVCSEC_ALGORITHMS; a++)
        wrong += avcsec_algorithm_of(avcsec_algorithm_word((avcsec_algorithm_t)a)) !=
                 (avcsec_algorithm_t)a;
    check(wrong == 0, "each algorithm has its word");
    check(avcsec_algorithm_of(AVCSEC_LITERAL("")) == AVCSEC_NO_ALGORITHM &&
              avcsec_algorithm_word(AVCSEC_ALGORITHMS).len == 0,
          "no word, no algorithm");
}

int main(void)
{
    check_start();
    taking_apart();
    parts();
    depth();
    headers();
    key_ids();
    claims();
    judged_claims();
    sessions();
    session_values();
    reading_pems();
    public_halves();
    known_signature();
    signing("HS256", shared_key());
    signing("EdDSA", key_of(ED25519_PEM, AVCSEC_ALGORITHM_EDDSA));
    signing("ES256", key_of(P256_PEM, AVCSEC_ALGORITHM_ES256));
    not_signing();
    signers();
    secrets_stay_out();
    words();
    return check_end();
}
