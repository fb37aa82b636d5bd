/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON web tokens: taking them apart, judging what they say.
 */
#include "core/session/jwt.h"

#include "core/text/b64url.h"
#include "core/token/grant.h"

/* ---- The compact form ---- */

/* The alphabet, a length that can be, and unused bits that are zero: each byte string has
 * one spelling, so that nobody makes a second token of one that was revoked. */
static bool is_canonical(avcsec_slice_t part)
{
    size_t tail = part.len % 4;
    unsigned char bytes[3];
    size_t len;

    if (!part.len)
        return true;
    return avcsec_slice_is_made_of(part, AVCSEC_WORD) &&
           avcsec_b64url_decode((avcsec_slice_t){part.p + part.len - tail, tail}, bytes, &len);
}

bool avcsec_jws_split(avcsec_slice_t text, avcsec_jws_t *jws)
{
    avcsec_slice_t rest = text;

    if (text.len > AVCSEC_JWT_MAX || !avcsec_slice_cut(&rest, '.', &jws->header) ||
        !avcsec_slice_cut(&rest, '.', &jws->payload) ||
        !avcsec_slice_cut(&rest, '.', &jws->signature) || rest.p)
        return false;
    jws->signed_text = avcsec_slice_between(text.p, jws->payload.p + jws->payload.len);
    return jws->header.len && jws->signature.len && is_canonical(jws->header) &&
           is_canonical(jws->payload) && is_canonical(jws->signature);
}

bool avcsec_json_is_shallow(avcsec_slice_t json)
{
    bool is_in_text = false;
    int depth = 0;

    for (size_t i = 0; i < json.len; i++) {
        char c = json.p[i];

        if (is_in_text && c == '\\')
            i++;
        else if (c == '"')
            is_in_text = !is_in_text;
        else if (!is_in_text && (c == '{' || c == '[') && ++depth > AVCSEC_JWT_DEPTH)
            return false;
        else if (!is_in_text && (c == '}' || c == ']'))
            depth--;
    }
    return true;
}

/* ---- Algorithms ---- */

static const avcsec_slice_t algorithm_words[AVCSEC_ALGORITHMS] = {
    [AVCSEC_NO_ALGORITHM] = {"", 0},         [AVCSEC_ALGORITHM_HS256] = {"HS256", 5},
    [AVCSEC_ALGORITHM_ES256] = {"ES256", 5}, [AVCSEC_ALGORITHM_EDDSA] = {"EdDSA", 5},
    [AVCSEC_ALGORITHM_RS256] = {"RS256", 5},
};

avcsec_slice_t avcsec_algorithm_word(avcsec_algorithm_t algorithm)
{
    return algorithm_words[algorithm < AVCSEC_ALGORITHMS ? algorithm : AVCSEC_NO_ALGORITHM];
}

avcsec_algorithm_t avcsec_algorithm_of(avcsec_slice_t word)
{
    for (int a = AVCSEC_ALGORITHM_HS256; a < AVCSEC_ALGORITHMS; a++)
        if (avcsec_slice_equals(word, algorithm_words[a]))
            return (avcsec_algorithm_t)a;
    return AVCSEC_NO_ALGORITHM;
}

/* ---- The header ---- */

static avcsec_json_t get(const avcsec_members_t *members, const char *name)
{
    return members->get(members->baton, name);
}

static bool has(const avcsec_members_t *members, const char *name)
{
    return get(members, name).kind != AVCSEC_JSON_ABSENT;
}

avcsec_slice_t avcsec_jwt_kid(const avcsec_members_t *header)
{
    avcsec_json_t kid = get(header, "kid");

    return kid.kind == AVCSEC_JSON_TEXT ? kid.text : (avcsec_slice_t){NULL, 0};
}

avcsec_verdict_t avcsec_jwt_check_header(const avcsec_members_t *header,
                                         avcsec_algorithm_t algorithm)
{
    static const char *const refused[] = {"crit", "b64", "zip", "jwk", "jku", "x5c", "x5u"};
    avcsec_json_t word = get(header, "alg");

    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        if (has(header, refused[i]))
            return AVCSEC_MALFORMED;
    if (word.kind != AVCSEC_JSON_TEXT || (has(header, "kid") && !avcsec_jwt_kid(header).p))
        return AVCSEC_MALFORMED;
    return algorithm && avcsec_algorithm_of(word.text) == algorithm ? AVCSEC_ALLOWED
                                                                    : AVCSEC_UNKNOWN_KEY;
}

/* ---- The claims ---- */

static bool is_text(const avcsec_members_t *members, const char *name, avcsec_slice_t *text)
{
    avcsec_json_t member = get(members, name);

    *text = member.text;
    return member.kind == AVCSEC_JSON_TEXT && member.text.len <= AVCSEC_JWT_TEXT_MAX &&
           avcsec_slice_is_text(member.text);
}

/* A NumericDate (RFC 7519, 2): a number, with a fraction or not; in a text it is none. */
static bool is_time(const avcsec_members_t *members, const char *name, double *time)
{
    avcsec_json_t member = get(members, name);

    *time = member.number;
    return member.kind == AVCSEC_JSON_NUMBER && *time >= 1 && *time <= (double)AVCSEC_TIME_MAX;
}

/* aud is a text, or a list of nothing but texts. */
static avcsec_verdict_t check_audience(const avcsec_members_t *claims, avcsec_slice_t audience)
{
    avcsec_json_t aud = get(claims, "aud");
    bool is_ours = false;

    if (aud.kind == AVCSEC_JSON_TEXT)
        return avcsec_slice_equals(aud.text, audience) ? AVCSEC_ALLOWED : AVCSEC_PURPOSE;
    if (aud.kind != AVCSEC_JSON_LIST)
        return AVCSEC_MALFORMED;
    for (size_t i = 0; i < (size_t)aud.number; i++) {
        avcsec_json_t item = claims->item(claims->baton, "aud", i);

        if (item.kind != AVCSEC_JSON_TEXT)
            return AVCSEC_MALFORMED;
        is_ours |= avcsec_slice_equals(item.text, audience);
    }
    return is_ours ? AVCSEC_ALLOWED : AVCSEC_PURPOSE;
}

static avcsec_verdict_t check_times(const avcsec_members_t *claims, int64_t clock_skew, int64_t now,
                                    avcsec_jwt_claims_t *judged)
{
    double exp, iat, nbf = 0, latest = (double)(now + clock_skew);

    if (!is_time(claims, "exp", &exp) || !is_time(claims, "iat", &iat) ||
        (has(claims, "nbf") && !is_time(claims, "nbf", &nbf)))
        return AVCSEC_MALFORMED;
    judged->exp = (int64_t)exp;
    judged->iat = (int64_t)iat;
    if ((double)now >= exp)
        return AVCSEC_EXPIRED;
    return iat > latest || nbf > latest ? AVCSEC_NOT_YET_VALID : AVCSEC_ALLOWED;
}

avcsec_verdict_t avcsec_jwt_check_claims(const avcsec_members_t *header,
                                         const avcsec_members_t *claims,
                                         const avcsec_jwt_policy_t *policy, int64_t now,
                                         avcsec_jwt_claims_t *judged)
{
    avcsec_slice_t type, issuer;
    avcsec_verdict_t times, verdict;

    *judged = (avcsec_jwt_claims_t){0};
    times = check_times(claims, policy->clock_skew, now, judged);
    if (times == AVCSEC_MALFORMED || !is_text(header, "typ", &type) ||
        !is_text(claims, "iss", &issuer) || !is_text(claims, "jti", &judged->id) ||
        (has(claims, "sub") && !is_text(claims, "sub", &judged->subject)))
        return AVCSEC_MALFORMED;
    verdict = check_audience(claims, policy->audience);
    if (verdict != AVCSEC_ALLOWED)
        return verdict;
    /* RFC 7515, 4.1.9: media types know no case. */
    if (!avcsec_slice_equals_nocase(type, policy->type) ||
        !avcsec_slice_equals(issuer, policy->issuer))
        return AVCSEC_PURPOSE;
    return times;
}

/* ---- As a session ---- */

/* A claim that may be missing; what is there must be what an issued token can say. */
static bool read_granted(const avcsec_members_t *claims, const char *name,
                         avcsec_grant_value_t which, avcsec_slice_t *value)
{
    avcsec_json_t member = get(claims, name);

    *value = (avcsec_slice_t){NULL, 0};
    if (member.kind == AVCSEC_JSON_ABSENT)
        return true;
    *value = member.text;
    return member.kind == AVCSEC_JSON_TEXT && member.text.len &&
           !avcsec_grant_check(which, member.text);
}

/* Texts stand in a session token as base64url. */
static avcsec_slice_t encode(avcsec_slice_t text, char *out)
{
    if (!text.p)
        return text;
    return (avcsec_slice_t){out,
                            avcsec_b64url_encode((const unsigned char *)text.p, text.len, out)};
}

static avcsec_slice_t join_by_dots(avcsec_slice_t scope, char *out)
{
    for (size_t i = 0; i < scope.len; i++)
        out[i] = scope.p[i] == ' ' ? '.' : scope.p[i];
    return (avcsec_slice_t){scope.p ? out : NULL, scope.len};
}

static bool read_max(const avcsec_members_t *claims, int64_t *max)
{
    avcsec_json_t member = get(claims, "max");

    *max = 0;
    if (member.kind == AVCSEC_JSON_ABSENT)
        return true;
    if (member.kind != AVCSEC_JSON_NUMBER || !(member.number >= 1 && member.number <= 1000000))
        return false;
    *max = (int64_t)member.number;
    return (double)*max == member.number;
}

/* Words of a-z with one space between two: read_granted knows more spellings. */
static bool is_plain_scope(avcsec_slice_t scope)
{
    avcsec_slice_t word;

    while (avcsec_slice_cut(&scope, ' ', &word))
        if (!avcsec_slice_is_made_of(word, AVCSEC_LOWER))
            return false;
    return true;
}

bool avcsec_jwt_to_session(const avcsec_members_t *claims, const avcsec_jwt_claims_t *judged,
                           char room[AVCSEC_JWT_ROOM], avcsec_token_t *token)
{
    avcsec_slice_t scope, place;

    *token = (avcsec_token_t){
        .purpose = AVCSEC_SESSION, .id = judged->id, .exp = judged->exp, .iat = judged->iat};
    if (!read_granted(claims, "scope", AVCSEC_GRANT_ACT, &scope) || !scope.p ||
        !is_plain_scope(scope) || !read_granted(claims, "role", AVCSEC_GRANT_ROLE, &token->role) ||
        !read_granted(claims, "app", AVCSEC_GRANT_APP, &token->app) ||
        !read_granted(claims, "room", AVCSEC_GRANT_ROOM, &place) ||
        !read_max(claims, &token->max) || judged->id.len < 16 || judged->id.len > 64 ||
        !avcsec_slice_is_made_of(judged->id, AVCSEC_VALUE) ||
        avcsec_grant_check(AVCSEC_GRANT_SUB, judged->subject))
        return false;
    token->act = join_by_dots(scope, room);
    token->room = encode(place, room + AVCSEC_CLAIM_VALUE_MAX);
    token->sub = encode(judged->subject, room + 2 * AVCSEC_CLAIM_VALUE_MAX);
    return true;
}
