/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests: nothing opens without a token that was made with the key, for this path
 * and this purpose. Lines of the input (absent, or "-": not sent): what is asked (f,
 * u, c, s, with '!' strict arguments), the path that tokens are made for, method,
 * path, query, Host, Authorization, Cookie, Origin, Referer, Sec-Fetch-Site, Upgrade,
 * client, where a redirect leads (h, home; n, to the same name; p, and port), its Location.
 * "<claims>" in path, query, headers and Location is replaced by a token whose mac is right for
 * that path; no other text can have one.
 */
#include "fuzz.h"

#include "core/request/carriers.h"
#include "core/request/redirect.h"
#include "core/text/b64url.h"
#include "core/text/query.h"
#include "core/text/redact.h"
#include "core/token/key_text.h"

#define NOW 1893452400
#define FORGED_MAX 8
#define INPUT_MAX 3000

static avcsec_keyring_t ring;
static avcsec_mac_t *mac;

static void prepare(void)
{
    static const char text[] =
        "k1 hs256 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n"
        "k2 hs256 Ly1ouluLZIcmLDPq0s-VCAjMpRuxiy1JUJzisw8J-A4 for=upload,file\n"
        "k3 hs256 Ly1ouluLZIcmLDPq0s-VCAjMpRuxiy1JUJzisw8J-A4 until=2029-01-01T00:00:00Z\n"
        "p password not-a-secret-for-signing\n";
    size_t line;

    mac = avcsec_mac_create();
    PROMISE(mac && !avcsec_keyring_parse(avcsec_slice_of(text), AVCSEC_LITERAL(""), &ring, &line));
}

/* ---- making tokens, written from SPEC ---- */

typedef struct {
    avcsec_slice_t path, query; /* what tokens are made for */
    char *made[FORGED_MAX];
    size_t count;
} forger_t;

/* The value of a claim in "avc1~for.x~kid.y~name.value..."; absent if it is not there. */
static avcsec_slice_t claim_of(avcsec_slice_t claims, const char *wanted)
{
    avcsec_slice_t claim, name, none = {0};

    while (avcsec_slice_cut(&claims, '~', &claim)) {
        avcsec_slice_cut(&claim, '.', &name);
        if (claim.p && avcsec_slice_equals(name, avcsec_slice_of(wanted)))
            return claim;
    }
    return none;
}

/* `path` up to and with the slash behind its first `segments` segments. */
static avcsec_slice_t scope_of(avcsec_slice_t path, avcsec_slice_t claims)
{
    avcsec_slice_t dir = claim_of(claims, "dir"), rest = path, segment;
    int64_t segments;

    if (avcsec_slice_has_prefix(claims, AVCSEC_LITERAL("avc1~for.session~")))
        return AVCSEC_LITERAL("*");
    if (!avcsec_slice_to_number(dir, 64, &segments))
        return path;
    for (int64_t i = 0; i <= segments; i++)
        if (!avcsec_slice_cut(&rest, '/', &segment) || !rest.p)
            return (avcsec_slice_t){0};
    return (avcsec_slice_t){path.p, path.len - rest.len};
}

/* "name=value\n" of each signed argument, as it stands in the query. More than there is
 * room for only a list has that names one twice, and no such token is well-formed. */
static size_t lines_of(avcsec_slice_t args, avcsec_slice_t query, char *out, size_t room)
{
    avcsec_slice_t name, piece, key;
    size_t n = 0;

    while (avcsec_slice_cut(&args, '.', &name)) {
        avcsec_slice_t rest = query;

        while (avcsec_slice_cut(&rest, '&', &piece)) {
            avcsec_slice_t value = piece;

            avcsec_slice_cut(&value, '=', &key);
            if (!avcsec_slice_equals(key, name) || name.len + value.len + 3 > room - n)
                continue;
            n += (size_t)sprintf(out + n, "%.*s=%.*s\n", (int)name.len, name.p, (int)value.len,
                                 value.p ? value.p : "");
            break;
        }
    }
    return n;
}

/* Makes one token; NULL when the key or the scope is not there. */
static const char *make(forger_t *forger, avcsec_slice_t claims)
{
    const avcsec_key_t *key = avcsec_keyring_find(&ring, claim_of(claims, "kid"));
    avcsec_slice_t rest = claims, purpose = {0}, scope = scope_of(forger->path, claims);
    char lines[2 * INPUT_MAX + 400], *text;
    avcsec_slice_t pieces[] = {AVCSEC_LITERAL("avcsec-v1\n"), scope,
                               AVCSEC_LITERAL("\n"),          claims,
                               AVCSEC_LITERAL("\n"),          {lines, 0}};
    unsigned char bytes[AVCSEC_MAC_BYTES];
    avcsec_purpose_t p;
    size_t len;

    if (avcsec_slice_has_prefix(claims, AVCSEC_LITERAL("avc1~for."))) {
        rest.p += 9;
        rest.len -= 9;
        avcsec_slice_cut(&rest, '~', &purpose);
    }
    p = avcsec_purpose_of(purpose);
    if (!key || key->kind != AVCSEC_HS256 || !p || !scope.p || forger->count == FORGED_MAX ||
        claim_of(claims, "args").len > 256)
        return NULL;
    pieces[5].len = lines_of(claim_of(claims, "args"), forger->query, lines, sizeof(lines));
    PROMISE(avcsec_mac_compute(mac, &key->u.derived[p], pieces, 6, bytes));
    text = fuzz_room(claims.len + 60);
    memcpy(text, claims.p, claims.len);
    len = claims.len + (size_t)sprintf(text + claims.len, "~mac.");
    text[len + avcsec_b64url_encode(bytes, sizeof(bytes), text + len)] = '\0';
    forger->made[forger->count++] = text;
    return text;
}

/* A copy of `line` with tokens for "<claims>"; absent for "-" and for no line. */
static avcsec_slice_t fill_in(forger_t *forger, avcsec_slice_t line)
{
    char *out;
    size_t n = 0;

    if (!line.p || avcsec_slice_equals(line, AVCSEC_LITERAL("-")))
        return (avcsec_slice_t){0};
    out = malloc(line.len + FORGED_MAX * 64 + 1);
    if (!out)
        abort();
    for (size_t i = 0; i < line.len; i++) {
        const char *end = line.p[i] == '<' ? memchr(line.p + i, '>', line.len - i) : NULL, *made;

        made = end ? make(forger, avcsec_slice_between(line.p + i + 1, end)) : NULL;
        if (!made) {
            out[n++] = line.p[i];
            continue;
        }
        memcpy(out + n, made, strlen(made));
        n += strlen(made);
        i = (size_t)(end - line.p);
    }
    {
        avcsec_slice_t exact = fuzz_copy((avcsec_slice_t){out, n});

        free(out);
        return exact;
    }
}

static bool was_made(const forger_t *forger, avcsec_slice_t text)
{
    for (size_t i = 0; i < forger->count; i++)
        if (avcsec_slice_equals(text, avcsec_slice_of(forger->made[i])))
            return true;
    return false;
}

/* ---- promises ---- */

static void check_reading(const avcsec_request_t *request, const avcsec_reading_t *reading)
{
    avcsec_path_tokens_t again;
    avcsec_slice_t rest = reading->query;
    avcsec_argument_t argument;
    char *left = fuzz_room(reading->left.len + 1), *texts = fuzz_room(reading->left.len);

    avcsec_path_cut_tokens(reading->left, left, texts, &again);
    PROMISE(again.count == 0);
    while (avcsec_query_next(&rest, &argument))
        PROMISE(!avcsec_query_is_token(argument));
    PROMISE(reading->query.len <= request->query.len);
    if (reading->is_resolved) {
        char *decoded = fuzz_room(reading->canonical.len + 1), *canonical;
        size_t len = 0;

        PROMISE(avcsec_path_resolve(reading->canonical, decoded, &len));
        PROMISE(avcsec_slice_equals(reading->decoded, (avcsec_slice_t){decoded, len}));
        canonical = fuzz_room(AVCSEC_PATH_CANONICAL_MAX(len));
        PROMISE(avcsec_slice_equals(
            reading->canonical,
            (avcsec_slice_t){canonical,
                             avcsec_path_encode((avcsec_slice_t){decoded, len}, canonical)}));
        free(decoded);
        free(canonical);
    }
    free(left);
    free(texts);
}

/* A path that opens is the one that the token was made for, or lies in its directory. */
static void check_scope(const forger_t *forger, const avcsec_reading_t *reading,
                        avcsec_slice_t token)
{
    avcsec_slice_t scope = scope_of(forger->path, token);
    bool has_dir = claim_of(token, "dir").p != NULL;

    if (avcsec_slice_equals(scope, AVCSEC_LITERAL("*")) &&
        avcsec_slice_has_prefix(token, AVCSEC_LITERAL("avc1~for.session~")))
        return;
    PROMISE(reading->is_resolved && scope.p);
    PROMISE(has_dir ? avcsec_slice_has_prefix(reading->canonical, scope)
                    : avcsec_slice_equals(reading->canonical, scope));
}

static void check_allowed(const forger_t *forger, const avcsec_request_t *request,
                          const avcsec_reading_t *reading, const avcsec_policy_t *policy,
                          const avcsec_judgement_t *judgement)
{
    const avcsec_path_tokens_t *tokens = &reading->path_tokens;
    const avcsec_token_t *token = &judgement->token;

    PROMISE(tokens->count <= AVCSEC_PATH_TOKENS);
    PROMISE(!tokens->count || (!tokens->has_odd_segment && reading->is_resolved));
    for (size_t i = 0; i < tokens->count; i++) {
        PROMISE(was_made(forger, tokens->token[i]));
        check_scope(forger, reading, tokens->token[i]);
    }
    if (!policy->asked)
        return;
    fuzz_accepted++;
    PROMISE(judgement->has_token && judgement->carrier != AVCSEC_NO_CARRIER);
    PROMISE(token->purpose == policy->asked && was_made(forger, token->text));
    PROMISE(reading->query_tokens <= 1 && !token->max);
    PROMISE((!token->exp || NOW < token->exp) && token->nbf <= NOW && token->iat <= NOW);
    PROMISE(avcsec_token_allows_method(token, request->method));
    PROMISE(!token->args.p || judgement->carrier != AVCSEC_IN_PATH);
    PROMISE(!token->org.p || request->origin.len || request->referer.len);
    check_scope(forger, reading, token->text);
    if (judgement->carrier == AVCSEC_IN_COOKIE)
        PROMISE(policy->asked == AVCSEC_FILE || policy->asked == AVCSEC_SESSION);
}

static void check_refused(const avcsec_request_t *request, const avcsec_reading_t *reading,
                          const avcsec_policy_t *policy, const avcsec_judgement_t *judgement)
{
    int status = avcsec_verdict_status(judgement->verdict);

    PROMISE(status == 403 || (status == 410 && judgement->verdict == AVCSEC_EXPIRED));
    PROMISE(policy->asked || reading->path_tokens.count);
    PROMISE(judgement->verdict > AVCSEC_UNDECIDED && judgement->verdict <= AVCSEC_USED_UP);
    if (judgement->verdict == AVCSEC_NO_TOKEN)
        PROMISE(judgement->carrier == AVCSEC_NO_CARRIER && !reading->query_tokens &&
                !reading->path_tokens.count && !avcsec_request_bearer(request->authorization).p);
}

/* ---- redirects ---- */

static bool is_anywhere(avcsec_slice_t text, avcsec_slice_t what)
{
    return what.len && text.len && memmem(text.p, text.len, what.p, what.len);
}

static size_t count_of(avcsec_slice_t text, avcsec_slice_t what)
{
    size_t count = 0;

    for (; text.len >= what.len; text.p++, text.len--)
        count += avcsec_slice_has_prefix(text, what);
    return count;
}

static bool carries(const avcsec_reading_t *reading, avcsec_slice_t token)
{
    for (size_t i = 0; i < reading->path_tokens.count && i < AVCSEC_PATH_TOKENS; i++)
        if (avcsec_slice_equals(reading->path_tokens.token[i], token))
            return true;
    return reading->query_tokens && avcsec_slice_equals(reading->query_token, token);
}

/* Away from home nothing of the request's tokens is left; at home a token that was not in the
 * Location comes in only if it is right there. */
static void check_redirect(const forger_t *forger, const avcsec_redirect_t *redirect,
                           avcsec_slice_t location, avcsec_slice_t written)
{
    for (size_t i = 0; i < forger->count; i++) {
        avcsec_slice_t token = avcsec_slice_of(forger->made[i]);

        if (!carries(redirect->reading, token) ||
            count_of(written, token) <= count_of(location, token))
            continue;
        fuzz_accepted++;
        PROMISE(redirect->is_home && redirect->is_followed);
        PROMISE(redirect->is_same_name ||
                !avcsec_slice_has_prefix(token, AVCSEC_LITERAL("avc1~for.session~")));
    }
    if (!redirect->is_home && redirect->reading->query_tokens == 1 &&
        was_made(forger, redirect->reading->query_token)) {
        avcsec_slice_t mac_text = redirect->reading->query_token;

        mac_text = (avcsec_slice_t){mac_text.p + mac_text.len - 43, 43};
        PROMISE(!is_anywhere(written, mac_text));
    }
}

static void redirect(forger_t *forger, const avcsec_request_t *request,
                     const avcsec_reading_t *reading, avcsec_slice_t where, avcsec_slice_t line)
{
    avcsec_keys_t keys = avcsec_keyring_keys(&ring);
    avcsec_redirect_t redirect = {
        .request = request, .reading = reading, .keys = &keys, .mac = mac, .is_followed = true};
    avcsec_slice_t location = fill_in(forger, line), written, again;
    char *shown = fuzz_room(request->query.len), *room;
    avcsec_url_t url;

    if (request->query.p)
        redirect.masked = (avcsec_slice_t){shown, avcsec_redact(request->query, shown)};
    avcsec_url_read(location, false, &url);
    redirect.is_same_place = is_anywhere(where, AVCSEC_LITERAL("p"));
    redirect.is_same_name = redirect.is_same_place || url.kind == AVCSEC_URL_LOCAL ||
                            is_anywhere(where, AVCSEC_LITERAL("n"));
    redirect.is_home = redirect.is_same_name || is_anywhere(where, AVCSEC_LITERAL("h"));
    redirect.is_home &= url.kind != AVCSEC_URL_ODD;
    room = fuzz_room(AVCSEC_REDIRECT_ROOM(&redirect, location.len));
    written = avcsec_redirect_write(&redirect, location, &url, room);
    check_redirect(forger, &redirect, location, written);
    if (!redirect.is_same_place) {
        char *more = fuzz_room(AVCSEC_REDIRECT_ROOM(&redirect, written.len));

        avcsec_url_read(written, false, &url);
        again = avcsec_redirect_write(&redirect, written, &url, more);
        PROMISE(avcsec_slice_equals(again, written));
        free(more);
    }
    free(room);
    free(shown);
    fuzz_free(location);
}

/* ---- the input ---- */

static avcsec_policy_t policy_of(avcsec_slice_t line)
{
    static const avcsec_slice_t origins[] = {{"https://app.example", 19}},
                                unsigned_args[] = {{"utm_*", 5}, {"gclid", 5}};
    avcsec_policy_t policy = {.credential_origins = origins,
                              .credential_origins_count = 1,
                              .unsigned_args = unsigned_args,
                              .unsigned_args_count = 2};

    for (size_t i = 0; i < line.len; i++)
        switch (line.p[i]) {
        case 'f':
            policy.asked = AVCSEC_FILE;
            break;
        case 'u':
            policy.asked = AVCSEC_UPLOAD;
            break;
        case 'c':
            policy.asked = AVCSEC_CALL;
            break;
        case 's':
            policy.asked = AVCSEC_SESSION;
            break;
        case '!':
            policy.has_strict_args = true;
            break;
        default:
            break;
        }
    return policy;
}

static void judge(forger_t *forger, const avcsec_request_t *request, const avcsec_policy_t *policy,
                  avcsec_slice_t where, avcsec_slice_t location)
{
    char *room = fuzz_room(AVCSEC_READING_ROOM(request->path.len, request->query.len));
    avcsec_keys_t keys = avcsec_keyring_keys(&ring);
    avcsec_reading_t reading;
    avcsec_judgement_t judgement;

    avcsec_request_read(request, room, &reading);
    check_reading(request, &reading);
    avcsec_request_judge(request, &reading, policy, &keys, mac, NOW, &judgement);
    PROMISE(strlen(avcsec_verdict_word(judgement.verdict)) >= 2);
    if (judgement.verdict == AVCSEC_ALLOWED)
        check_allowed(forger, request, &reading, policy, &judgement);
    else
        check_refused(request, &reading, policy, &judgement);
    if (location.p)
        redirect(forger, request, &reading, where, location);
    free(room);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    avcsec_slice_t rest = {(const char *)data, size}, line, pattern, where;
    avcsec_policy_t policy = policy_of(fuzz_line(&rest));
    forger_t forger = {.path = fuzz_line(&rest)};
    avcsec_request_t request = {.method = fuzz_line(&rest)};
    avcsec_slice_t *fields[] = {&request.host,   &request.authorization, &request.cookie,
                                &request.origin, &request.referer,       &request.sec_fetch_site,
                                &request.upgrade};

    if (size > INPUT_MAX || memchr(data, '\0', size))
        return 0;
    if (!mac)
        prepare();
    pattern = fuzz_line(&rest);
    forger.query = line = fuzz_line(&rest);
    request.path = fill_in(&forger, pattern);
    request.query = fill_in(&forger, line);
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        *fields[i] = fill_in(&forger, fuzz_line(&rest));
    if (!avcsec_address_parse(fuzz_line(&rest), &request.client))
        avcsec_address_parse(AVCSEC_LITERAL("192.0.2.7"), &request.client);
    where = fuzz_line(&rest);
    judge(&forger, &request, &policy, where, fuzz_line(&rest));
    fuzz_free(request.path);
    fuzz_free(request.query);
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        fuzz_free(*fields[i]);
    while (forger.count)
        free(forger.made[--forger.count]);
    return 0;
}
