/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens: one table of claims, reading them, and what they allow.
 */
#include "core/token/token.h"

#include "core/text/b64url.h"

#include <string.h>

#define NUMBER_MAX 1000000000000000 /* 10^15 */

/* ---- Values of claims ---- */

static bool read_kid(avcsec_slice_t value)
{
    return value.len <= AVCSEC_KID_MAX && avcsec_slice_is_made_of(value, AVCSEC_WORD);
}

static bool read_id(avcsec_slice_t value)
{
    return value.len >= 16 && value.len <= 64;
}

static bool read_app(avcsec_slice_t value)
{
    return avcsec_slice_is_made_of(value, AVCSEC_VALUE);
}

static bool read_role(avcsec_slice_t value)
{
    return avcsec_slice_is_made_of(value, AVCSEC_WORD);
}

static bool read_disp(avcsec_slice_t value)
{
    return avcsec_slice_equals(value, AVCSEC_LITERAL("inline")) ||
           avcsec_slice_equals(value, AVCSEC_LITERAL("attachment"));
}

/* Non-empty items of one class, none of them twice. */
static bool is_list(avcsec_slice_t list, char separator, bool (*is_item)(avcsec_slice_t))
{
    avcsec_slice_t rest = list, item;

    while (avcsec_slice_cut(&rest, separator, &item))
        if (!is_item(item) || (rest.p && avcsec_token_list_has(rest, separator, item)))
            return false;
    return true;
}

static bool is_host(avcsec_slice_t item)
{
    return avcsec_slice_is_made_of(item, AVCSEC_LOWER | AVCSEC_DIGIT | AVCSEC_DOT | AVCSEC_DASH);
}

static bool read_org(avcsec_slice_t value)
{
    return is_list(value, '_', is_host);
}

static bool is_method(avcsec_slice_t item)
{
    return avcsec_slice_is_made_of(item,
                                   AVCSEC_UPPER | AVCSEC_DIGIT | AVCSEC_DASH | AVCSEC_UNDERSCORE) &&
           avcsec_is((unsigned char)item.p[0], AVCSEC_UPPER);
}

static bool read_mth(avcsec_slice_t value)
{
    return is_list(value, '.', is_method);
}

static bool is_act(avcsec_slice_t item)
{
    return avcsec_slice_is_made_of(item, AVCSEC_LOWER);
}

static bool read_act(avcsec_slice_t value)
{
    return is_list(value, '.', is_act);
}

static bool is_type_group(avcsec_slice_t item)
{
    return avcsec_slice_is_made_of(item, AVCSEC_LOWER | AVCSEC_DIGIT | AVCSEC_DASH);
}

static bool read_typ(avcsec_slice_t value)
{
    return is_list(value, '.', is_type_group);
}

static bool is_argument_name(avcsec_slice_t item)
{
    return avcsec_slice_is_made_of(item, AVCSEC_WORD) &&
           !avcsec_slice_equals(item, AVCSEC_LITERAL("avc"));
}

static bool read_args(avcsec_slice_t value)
{
    return is_list(value, '.', is_argument_name);
}

/* ---- The table ---- */

typedef enum {
    NUMBER, /* int64_t, 1 to `max` */
    SLICE   /* avcsec_slice_t that `is_valid` accepts */
} claim_kind_t;

typedef struct {
    avcsec_slice_t name;
    claim_kind_t kind;
    size_t field;
    int64_t max;
    bool (*is_valid)(avcsec_slice_t value);
    const char *error;
} claim_t;

#define NAME(name)                                                                                 \
    {                                                                                              \
#name, sizeof(#name) - 1                                                                   \
    }
#define FIELD(name) NAME(name), SLICE, offsetof(avcsec_token_t, name), 0
#define COUNT(name, max) NAME(name), NUMBER, offsetof(avcsec_token_t, name), max, NULL

static const char bad_time[] = "a time is in Unix seconds, 1 to 10^11 (not milliseconds)";
static const char bad_text[] = "sub, room and fn are base64url of UTF-8 without control characters";

static const claim_t claims[] = {
    {FIELD(kid), read_kid, "kid is 1 to 16 of A-Z a-z 0-9 _ -"},
    {COUNT(exp, AVCSEC_TIME_MAX), bad_time},
    {COUNT(nbf, AVCSEC_TIME_MAX), bad_time},
    {COUNT(iat, AVCSEC_TIME_MAX), bad_time},
    {COUNT(dir, 64), "dir is a number from 1 to 64"},
    {FIELD(org), read_org, "org is hosts in lower case joined by _, none of them twice"},
    {FIELD(mth), read_mth, "mth is methods in upper case joined by ., none of them twice"},
    {FIELD(id), read_id, "id is 16 to 64 characters"},
    {COUNT(max, 1000000), "max is a number from 1 to 1000000"},
    {FIELD(sub), avcsec_b64url_is_text, bad_text},
    {FIELD(role), read_role, "role is of A-Z a-z 0-9 _ -"},
    {FIELD(app), read_app, "app is of A-Z a-z 0-9 _ - ."},
    {FIELD(act), read_act, "act is words of a-z joined by ., none of them twice"},
    {FIELD(room), avcsec_b64url_is_text, bad_text},
    {FIELD(fn), avcsec_b64url_is_text, bad_text},
    {FIELD(disp), read_disp, "disp is inline or attachment"},
    {COUNT(rate, NUMBER_MAX), "rate is a number of kB/s from 1"},
    {COUNT(len, NUMBER_MAX), "len is a number of bytes from 1"},
    {FIELD(typ), read_typ, "typ is words of a-z 0-9 - joined by ., none of them twice"},
    {FIELD(args), read_args, "args is names of A-Z a-z 0-9 _ - joined by ., none twice, not avc"},
};

#define CLAIMS (sizeof(claims) / sizeof(claims[0]))
#define IP4_BIT (1u << CLAIMS)
#define IP6_BIT (2u << CLAIMS)

static const char *read_network(avcsec_slice_t value, bool is_ip4, avcsec_token_t *token,
                                unsigned *seen)
{
    unsigned bit = is_ip4 ? IP4_BIT : IP6_BIT;
    bool is_good = !(*seen & bit) &&
                   avcsec_peer_parse_claim(value, is_ip4, is_ip4 ? &token->ip4 : &token->ip6);

    *seen |= bit;
    *(is_ip4 ? &token->has_ip4 : &token->has_ip6) = true;
    return is_good ? NULL
                   : "ip4 and ip6 are one network each, as 192.0.2.0-24 or 2001_db8__-48, without "
                     "host bits";
}

static const char *read_field(const claim_t *claim, avcsec_slice_t value, avcsec_token_t *token)
{
    char *field = (char *)token + claim->field;

    if (claim->kind == NUMBER)
        return avcsec_slice_to_number(value, claim->max, (int64_t *)(void *)field) ? NULL
                                                                                   : claim->error;
    *(avcsec_slice_t *)(void *)field = value;
    return claim->is_valid(value) ? NULL : claim->error;
}

static const char *read_known(avcsec_slice_t name, avcsec_slice_t value, avcsec_token_t *token,
                              unsigned *seen)
{
    if (avcsec_slice_equals(name, AVCSEC_LITERAL("ip4")))
        return read_network(value, true, token, seen);
    if (avcsec_slice_equals(name, AVCSEC_LITERAL("ip6")))
        return read_network(value, false, token, seen);
    for (unsigned i = 0; i < CLAIMS; i++)
        if (claims[i].name.p[0] == name.p[0] && avcsec_slice_equals(name, claims[i].name)) {
            if (*seen & 1u << i)
                return "a claim stands twice";
            *seen |= 1u << i;
            return read_field(&claims[i], value, token);
        }
    return "there is a claim of an unknown name";
}

/* An application's own claim, "x...", stands only once. `rest` is what follows it. */
static const char *read_own(avcsec_slice_t name, avcsec_slice_t rest)
{
    avcsec_slice_t piece, other;

    while (avcsec_slice_cut(&rest, '~', &piece)) {
        avcsec_slice_cut(&piece, '.', &other);
        if (avcsec_slice_equals(other, name))
            return "a claim stands twice";
    }
    return NULL;
}

/* How many bytes at the start of s are of these classes. */
static size_t span(avcsec_slice_t s, unsigned classes)
{
    size_t len = 0;

    while (len < s.len && avcsec_is((unsigned char)s.p[len], classes))
        len++;
    return len;
}

/* Takes "name." off the front of *rest. */
static bool cut_name(avcsec_slice_t *rest, avcsec_slice_t *name)
{
    *name = (avcsec_slice_t){rest->p, span(*rest, AVCSEC_LOWER | AVCSEC_DIGIT)};
    if (name->len == 0 || name->len > 8 || !avcsec_is((unsigned char)name->p[0], AVCSEC_LOWER) ||
        name->len == rest->len || rest->p[name->len] != '.')
        return false;
    *rest = avcsec_slice_between(name->p + name->len + 1, rest->p + rest->len);
    return true;
}

/* Takes a value off, and the '~' behind it; *rest becomes absent behind the last. */
static bool cut_value(avcsec_slice_t *rest, avcsec_slice_t *value)
{
    *value = (avcsec_slice_t){rest->p, span(*rest, AVCSEC_VALUE)};
    if (value->len == 0 || value->len > AVCSEC_CLAIM_VALUE_MAX ||
        (value->len < rest->len && rest->p[value->len] != '~'))
        return false;
    *rest = value->len < rest->len
                ? avcsec_slice_between(value->p + value->len + 1, rest->p + rest->len)
                : (avcsec_slice_t){NULL, 0};
    return true;
}

static const char *read_claims(avcsec_slice_t rest, avcsec_token_t *token)
{
    avcsec_slice_t name, value;
    unsigned seen = 0;
    const char *error;

    while (rest.p) {
        if (!cut_name(&rest, &name))
            return "between two ~ stands name.value; a name is 1 to 8 of a-z 0-9";
        if (!cut_value(&rest, &value))
            return "a value is 1 to 256 of A-Z a-z 0-9 - . _";
        if (!seen && !avcsec_slice_equals(name, AVCSEC_LITERAL("kid")))
            return "kid is the second claim";
        error = name.p[0] == 'x' ? read_own(name, rest) : read_known(name, value, token, &seen);
        if (error)
            return error;
    }
    return NULL;
}

static const char *check_claims(const avcsec_token_t *token)
{
    if (!token->kid.p)
        return "kid is the second claim";
    if (!token->exp && token->purpose != AVCSEC_CALL)
        return "exp is missing: only call tokens need none";
    if (token->dir && token->purpose == AVCSEC_SESSION)
        return "a session has no dir: it is for no path";
    if (token->max && (!token->id.p || !token->iat || !token->exp))
        return "max needs id, iat and exp";
    return NULL;
}

/* Takes "avc1~for.<purpose>~" off the front of *rest. */
static avcsec_purpose_t cut_purpose(avcsec_slice_t *rest)
{
    const avcsec_slice_t mark = AVCSEC_LITERAL("avc1~for.");
    avcsec_slice_t word;

    if (!avcsec_slice_has_prefix(*rest, mark))
        return AVCSEC_NO_PURPOSE;
    *rest = avcsec_slice_between(rest->p + mark.len, rest->p + rest->len);
    avcsec_slice_cut(rest, '~', &word);
    return rest->p ? avcsec_purpose_of(word) : AVCSEC_NO_PURPOSE;
}

avcsec_purpose_t avcsec_token_shows(avcsec_slice_t text)
{
    return cut_purpose(&text);
}

const char *avcsec_token_parse(avcsec_slice_t text, avcsec_token_t *token)
{
    const size_t mac_len = AVCSEC_B64URL_CHARS(AVCSEC_MAC_BYTES);
    const avcsec_slice_t mark = AVCSEC_LITERAL(AVCSEC_MAC_MARK);
    avcsec_slice_t rest = text;
    const char *error, *end;
    size_t len;

    memset(token, 0, sizeof(*token));
    token->text = text;
    token->purpose = cut_purpose(&rest);
    if (text.len > AVCSEC_TOKEN_MAX)
        return "a token has at most 1024 characters";
    if (!token->purpose)
        return "a token starts with avc1~for. and file, upload, call or session";
    if (text.len < mac_len + mark.len ||
        !avcsec_slice_has_prefix((avcsec_slice_t){text.p + text.len - mac_len - mark.len, mark.len},
                                 mark) ||
        !avcsec_b64url_decode((avcsec_slice_t){text.p + text.len - mac_len, mac_len}, token->mac,
                              &len))
        return "a token ends with ~mac. and 43 characters of base64url; was it cut?";
    end = text.p + text.len - mac_len - mark.len;
    token->signed_text = avcsec_slice_between(text.p, end);
    /* The '~' behind the purpose may be the mac's. */
    if (rest.p <= end && (error = read_claims(avcsec_slice_between(rest.p, end), token)))
        return error;
    return check_claims(token);
}

/* ---- What a token allows ---- */

bool avcsec_token_list_has(avcsec_slice_t list, char separator, avcsec_slice_t word)
{
    avcsec_slice_t item;

    while (avcsec_slice_cut(&list, separator, &item))
        if (avcsec_slice_equals(item, word))
            return true;
    return false;
}

bool avcsec_token_allows_method(const avcsec_token_t *token, avcsec_slice_t method)
{
    avcsec_slice_t methods = token->mth;

    if (!methods.p && token->purpose == AVCSEC_FILE)
        methods = AVCSEC_LITERAL("GET");
    if (!methods.p && token->purpose == AVCSEC_UPLOAD)
        methods = AVCSEC_LITERAL("POST.PUT.PATCH.HEAD.DELETE");
    return !methods.p || avcsec_token_list_has(methods, '.', method) ||
           (avcsec_slice_equals(method, AVCSEC_LITERAL("HEAD")) &&
            avcsec_token_list_has(methods, '.', AVCSEC_LITERAL("GET")));
}
