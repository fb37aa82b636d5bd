/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens: whatever is read has the form that SPEC's table says (checked again with
 * regular expressions, in one direction: nothing else may be accepted), nothing of
 * the text is left over, and no change of one byte is right. The input is a token;
 * its length chooses the byte that changes.
 */
#include "fuzz.h"

#include "core/text/b64url.h"
#include "core/token/key_text.h"
#include "core/token/signed_text.h"

#include <regex.h>

#define LIST(item, separator) "^" item "(" separator item ")*$"
#define NUMBER "^[1-9][0-9]{0,15}$"

/* Every claim there is, and what its value looks like. */
static struct {
    const char *name, *pattern;
    int64_t max;    /* of a number */
    char separator; /* of a list whose items are unique */
    regex_t regex;
} claims[] = {
    {.name = "kid", .pattern = "^[A-Za-z0-9_-]{1,16}$"},
    {.name = "exp", .pattern = NUMBER, .max = 100000000000},
    {.name = "nbf", .pattern = NUMBER, .max = 100000000000},
    {.name = "iat", .pattern = NUMBER, .max = 100000000000},
    {.name = "dir", .pattern = NUMBER, .max = 64},
    {.name = "ip4", .pattern = "^[0-9]{1,3}([.][0-9]{1,3}){3}(-[1-9][0-9]?)?$"},
    {.name = "ip6", .pattern = "^[0-9a-f_]{2,39}(-[1-9][0-9]{0,2})?$"},
    {.name = "org", .pattern = LIST("[a-z0-9.-]+", "_"), .separator = '_'},
    {.name = "mth", .pattern = LIST("[A-Z][A-Z0-9_-]*", "[.]"), .separator = '.'},
    {.name = "id", .pattern = "^[A-Za-z0-9._-]{16,64}$"},
    {.name = "max", .pattern = NUMBER, .max = 1000000},
    {.name = "sub", .pattern = "^[A-Za-z0-9_-]{2,256}$"},
    {.name = "role", .pattern = "^[A-Za-z0-9_-]+$"},
    {.name = "app", .pattern = "^[A-Za-z0-9_.-]+$"},
    {.name = "act", .pattern = LIST("[a-z]+", "[.]"), .separator = '.'},
    {.name = "room", .pattern = "^[A-Za-z0-9_-]{2,256}$"},
    {.name = "fn", .pattern = "^[A-Za-z0-9_-]{2,256}$"},
    {.name = "disp", .pattern = "^(inline|attachment)$"},
    {.name = "rate", .pattern = NUMBER, .max = 1000000000000000},
    {.name = "len", .pattern = NUMBER, .max = 1000000000000000},
    {.name = "typ", .pattern = LIST("[A-Za-z0-9_-]+", "[.]"), .separator = '.'},
    {.name = "args", .pattern = LIST("[A-Za-z0-9_-]+", "[.]"), .separator = '.'},
};

#define CLAIMS (sizeof(claims) / sizeof(claims[0]))

static avcsec_keyring_t ring;
static avcsec_mac_t *mac;
static regex_t own_name;

static void prepare(void)
{
    size_t line;

    for (size_t i = 0; i < CLAIMS; i++)
        if (regcomp(&claims[i].regex, claims[i].pattern, REG_EXTENDED | REG_NOSUB))
            abort();
    PROMISE(!regcomp(&own_name, "^x[a-z0-9]{0,7}$", REG_EXTENDED | REG_NOSUB));
    mac = avcsec_mac_create();
    PROMISE(mac && !avcsec_keyring_parse(
                       AVCSEC_LITERAL("k1 hs256 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n"),
                       AVCSEC_LITERAL(""), &ring, &line));
}

static void check_list(avcsec_slice_t list, char separator)
{
    avcsec_slice_t item;

    while (avcsec_slice_cut(&list, separator, &item)) {
        PROMISE(item.len > 0);
        PROMISE(!list.p || !avcsec_token_list_has(list, separator, item));
    }
}

/* Which claim it is; the number beyond the table for an application's own. */
static size_t check_claim(avcsec_slice_t name, avcsec_slice_t value)
{
    char *n = fuzz_string(name), *v = fuzz_string(value);
    size_t i = 0;

    while (i < CLAIMS && strcmp(claims[i].name, n) != 0)
        i++;
    if (i == CLAIMS) {
        PROMISE(regexec(&own_name, n, 0, NULL, 0) == 0);
    } else {
        PROMISE(regexec(&claims[i].regex, v, 0, NULL, 0) == 0);
        PROMISE(!claims[i].max || strtoll(v, NULL, 10) <= claims[i].max);
        if (claims[i].separator)
            check_list(value, claims[i].separator);
    }
    PROMISE(value.len >= 1 && value.len <= 256 && strlen(v) == value.len);
    free(n);
    free(v);
    return i;
}

/* Takes the token apart again and counts what SPEC requires. */
static void check_grammar(const avcsec_token_t *token)
{
    avcsec_slice_t rest = token->signed_text, claim, name;
    bool seen[CLAIMS + 1] = {false};
    size_t n = 0;

    while (avcsec_slice_cut(&rest, '~', &claim)) {
        size_t i;

        if (n++ < 2)
            continue; /* avc1, for.purpose */
        PROMISE(avcsec_slice_cut(&claim, '.', &name) && claim.p);
        i = check_claim(name, claim);
        PROMISE((n == 3) == (i == 0)); /* kid, third and nowhere else */
        PROMISE(i == CLAIMS || !seen[i]);
        seen[i] = true;
    }
    PROMISE(seen[0]);
    PROMISE(seen[1] || token->purpose == AVCSEC_CALL);
    PROMISE(!seen[4] || token->purpose != AVCSEC_SESSION);
    PROMISE(!seen[10] || (seen[9] && seen[3] && seen[1]));
    PROMISE(seen[5] == token->has_ip4 && seen[6] == token->has_ip6);
    PROMISE(seen[1] == (token->exp > 0) && seen[2] == (token->nbf > 0) &&
            seen[3] == (token->iat > 0) && seen[4] == (token->dir > 0) &&
            seen[10] == (token->max > 0));
    PROMISE(!token->args.p || !avcsec_token_list_has(token->args, '.', AVCSEC_LITERAL("avc")));
}

/* What was read says the whole text again, and nothing more. */
static void check_text(avcsec_slice_t text, const avcsec_token_t *token)
{
    char again[2 * AVCSEC_TOKEN_MAX], digits[64];
    size_t chars = avcsec_b64url_encode(token->mac, sizeof(token->mac), digits);
    avcsec_slice_t purpose = avcsec_purpose_word(token->purpose);
    size_t head = 9 + purpose.len;
    int len;

    PROMISE(text.len <= AVCSEC_TOKEN_MAX && token->signed_text.len > head);
    len = snprintf(again, sizeof(again), "avc1~for.%.*s%.*s~mac.%.*s", (int)purpose.len, purpose.p,
                   (int)(token->signed_text.len - head), token->signed_text.p + head, (int)chars,
                   digits);
    PROMISE((size_t)len == text.len && memcmp(again, text.p, text.len) == 0);
    for (size_t i = 0; i < text.len; i++)
        PROMISE(avcsec_is((unsigned char)text.p[i], AVCSEC_UNRESERVED));
}

/* Signs the same claims; then no other byte anywhere is right. */
static void check_no_change(const avcsec_token_t *token, size_t seed)
{
    char *signed_text = fuzz_room(AVCSEC_TOKEN_MAX), *changed;
    size_t len = token->signed_text.len;
    avcsec_signed_target_t target = {AVCSEC_LITERAL("/a/b/c/d"), AVCSEC_LITERAL("a=1&b=2")};
    const avcsec_mac_key_t *key = &ring.keys[0].u.derived[token->purpose];
    avcsec_token_t good, bad;

    memcpy(signed_text, token->signed_text.p, len);
    if (!avcsec_token_sign(signed_text, &len, &target, key, mac, &good)) {
        PROMISE(avcsec_token_is_right(&good, &target, key, mac));
        changed = fuzz_room(len);
        memcpy(changed, signed_text, len);
        changed[seed % len] = (char)(changed[seed % len] ^ (1 << seed % 7));
        if (!avcsec_token_parse((avcsec_slice_t){changed, len}, &bad))
            PROMISE(
                !avcsec_token_is_right(&bad, &target, &ring.keys[0].u.derived[bad.purpose], mac));
        free(changed);
    }
    free(signed_text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    avcsec_slice_t text = fuzz_copy((avcsec_slice_t){(const char *)data, size});
    avcsec_token_t token;
    const char *error;

    if (!mac)
        prepare();
    error = avcsec_token_parse(text, &token);
    PROMISE(!error || strlen(error) > 10);
    if (!error) {
        fuzz_accepted++;
        PROMISE(avcsec_token_shows(text) == token.purpose && token.purpose);
        check_text(text, &token);
        check_grammar(&token);
        check_no_change(&token, size * 31 + data[size - 1]);
        avcsec_token_allows_method(&token, AVCSEC_LITERAL("GET"));
    }
    fuzz_free(text);
    return 0;
}
