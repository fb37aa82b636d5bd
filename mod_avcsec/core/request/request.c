/* SPDX-License-Identifier: Apache-2.0
 *
 * Which token of a request counts, and whether it opens this place.
 */
#include "core/request/request.h"

#include "core/request/arguments.h"
#include "core/text/query.h"

#include <string.h>

/* ---- Reading ---- */

static void read_query(avcsec_slice_t query, char *room, avcsec_reading_t *reading)
{
    avcsec_slice_t rest = query;
    avcsec_argument_t argument;

    reading->query = query;
    while (avcsec_query_next(&rest, &argument)) {
        if (!avcsec_query_is_token(argument))
            continue;
        if (reading->query_tokens++ == 0)
            reading->query_token =
                (avcsec_slice_t){room, avcsec_slice_unescape(argument.value, false, room)};
    }
    if (reading->query_tokens) {
        room += query.len;
        reading->query = (avcsec_slice_t){room, avcsec_query_without_token(query, room)};
        if (reading->query.len == 0)
            reading->query.p = NULL;
    }
}

void avcsec_request_read(const avcsec_request_t *request, char *room, avcsec_reading_t *reading)
{
    size_t path_len = request->path.len, len;
    char *left = room, *texts = left + path_len + 1, *decoded = texts + path_len,
         *canonical = decoded + path_len + 1;

    *reading = (avcsec_reading_t){.is_resolved = false};
    len = avcsec_path_cut_tokens(request->path, left, texts, &reading->path_tokens);
    reading->left = (avcsec_slice_t){left, len};
    reading->is_resolved = avcsec_path_resolve(reading->left, decoded, &len);
    if (reading->is_resolved) {
        reading->decoded = (avcsec_slice_t){decoded, len};
        reading->canonical =
            (avcsec_slice_t){canonical, avcsec_path_encode(reading->decoded, canonical)};
    }
    read_query(request->query, canonical + AVCSEC_PATH_CANONICAL_MAX(path_len + 1), reading);
}

/* ---- Carriers ---- */

/* What the carriers hold, seen from the purpose that is asked. */
typedef struct {
    avcsec_slice_t token; /* the one that counts */
    avcsec_carrier_t carrier;
    bool has_other, has_junk; /* one for another purpose; one that shows no purpose */
    bool has_double;          /* two for one purpose in one carrier */
} selection_t;

static void offer(selection_t *selection, avcsec_purpose_t asked, avcsec_carrier_t carrier,
                  avcsec_slice_t text, unsigned *seen)
{
    avcsec_purpose_t shown = avcsec_token_shows(text);

    if (shown == AVCSEC_NO_PURPOSE) {
        selection->has_junk = true;
        return;
    }
    selection->has_double |= (*seen & 1u << shown) != 0;
    *seen |= 1u << shown;
    if (shown != asked)
        selection->has_other = true;
    else if (selection->carrier == AVCSEC_NO_CARRIER) {
        selection->token = text;
        selection->carrier = carrier;
    }
}

static void offer_query(selection_t *selection, avcsec_purpose_t asked,
                        const avcsec_reading_t *reading)
{
    unsigned seen = 0;

    selection->has_double |= reading->query_tokens > 1;
    if (reading->query_tokens)
        offer(selection, asked, AVCSEC_IN_QUERY, reading->query_token, &seen);
}

static void offer_path(selection_t *selection, avcsec_purpose_t asked,
                       const avcsec_path_tokens_t *tokens)
{
    unsigned seen = 0;

    for (size_t i = 0; i < tokens->count && i < AVCSEC_PATH_TOKENS; i++)
        offer(selection, asked, AVCSEC_IN_PATH, tokens->token[i], &seen);
}

avcsec_slice_t avcsec_request_bearer(avcsec_slice_t authorization)
{
    avcsec_slice_t rest = authorization, scheme, none = {0};

    if (!avcsec_slice_cut(&rest, ' ', &scheme) || !rest.p ||
        !avcsec_slice_equals_nocase(scheme, AVCSEC_LITERAL("Bearer")))
        return none;
    rest = avcsec_slice_trim(rest);
    return avcsec_slice_has_prefix(rest, AVCSEC_LITERAL("avc1~")) ? rest : none;
}

static void offer_header(selection_t *selection, avcsec_purpose_t asked,
                         const avcsec_request_t *request)
{
    avcsec_slice_t token = avcsec_request_bearer(request->authorization);
    unsigned seen = 0;

    if (token.p)
        offer(selection, asked, AVCSEC_IN_HEADER, token, &seen);
}

/* "host[:port]" of an origin and of Host, the scheme's own port left out. A page that came
 * without encryption, from anybody, is not this site's where the request is encrypted. */
static bool is_same_authority(const avcsec_request_t *request)
{
    avcsec_slice_t origin = request->origin, host = request->host;
    static const avcsec_slice_t schemes[] = {{"https://", 8}, {"http://", 7}};
    static const avcsec_slice_t ports[] = {{":443", 4}, {":80", 3}};

    for (size_t i = 0; i < 2; i++) {
        avcsec_slice_t both[2];

        if (!avcsec_slice_has_prefix(origin, schemes[i]) || (i == 1 && request->is_encrypted))
            continue;
        both[0] = (avcsec_slice_t){origin.p + schemes[i].len, origin.len - schemes[i].len};
        both[1] = host;
        for (size_t k = 0; k < 2; k++)
            if (both[k].len > ports[i].len &&
                avcsec_slice_equals(
                    (avcsec_slice_t){both[k].p + both[k].len - ports[i].len, ports[i].len},
                    ports[i]))
                both[k].len -= ports[i].len;
        return host.len > 0 && avcsec_slice_equals_nocase(both[0], both[1]);
    }
    return false;
}

/* Another site's page must not make the browser's cookie act (CSRF). */
static bool is_from_own_page(const avcsec_request_t *request, const avcsec_policy_t *policy)
{
    /* A sandboxed page, or one that hides where it is: never, whatever else it says. */
    if (avcsec_slice_equals(request->origin, AVCSEC_LITERAL("null")))
        return false;
    if (avcsec_slice_equals(request->sec_fetch_site, AVCSEC_LITERAL("same-origin")))
        return true;
    if (!request->origin.p)
        return false;
    for (size_t i = 0; i < policy->credential_origins_count; i++)
        if (avcsec_slice_equals_nocase(request->origin, policy->credential_origins[i]))
            return true;
    return is_same_authority(request);
}

bool avcsec_request_is_from_page(const avcsec_request_t *request, const avcsec_slice_t *origins,
                                 size_t count)
{
    if (avcsec_slice_equals(request->origin, AVCSEC_LITERAL("null")))
        return false;
    for (size_t i = 0; request->origin.p && i < count; i++)
        if (avcsec_slice_equals_nocase(request->origin, origins[i]))
            return true;
    /* Where the browser says it, the scheme counts too: http is not https of that host. */
    if (request->sec_fetch_site.p)
        return avcsec_slice_equals(request->sec_fetch_site, AVCSEC_LITERAL("same-origin"));
    return request->origin.p && is_same_authority(request);
}

static bool is_reading(avcsec_slice_t method)
{
    return avcsec_slice_equals(method, AVCSEC_LITERAL("GET")) ||
           avcsec_slice_equals(method, AVCSEC_LITERAL("HEAD"));
}

/* The cookie carries file (GET and HEAD) and session, nothing else. */
static bool cookie_carries(avcsec_purpose_t shown, avcsec_slice_t method)
{
    return shown == AVCSEC_NO_PURPOSE || shown == AVCSEC_SESSION ||
           (shown == AVCSEC_FILE && is_reading(method));
}

static void offer_cookies(selection_t *selection, const avcsec_request_t *request,
                          const avcsec_policy_t *policy)
{
    avcsec_slice_t rest = request->cookie, pair, name;
    unsigned seen = 0;

    if ((!is_reading(request->method) || request->upgrade.p) && !is_from_own_page(request, policy))
        return;
    while (avcsec_slice_cut(&rest, ';', &pair)) {
        avcsec_slice_cut(&pair, '=', &name);
        if (!avcsec_slice_equals(avcsec_slice_trim(name), AVCSEC_LITERAL("__Host-avc")))
            continue;
        pair = avcsec_slice_trim(pair);
        if (cookie_carries(avcsec_token_shows(pair), request->method))
            offer(selection, policy->asked, AVCSEC_IN_COOKIE, pair, &seen);
    }
}

static avcsec_verdict_t select_token(const avcsec_request_t *request,
                                     const avcsec_reading_t *reading, const avcsec_policy_t *policy,
                                     selection_t *selection)
{
    offer_query(selection, policy->asked, reading);
    offer_path(selection, policy->asked, &reading->path_tokens);
    offer_header(selection, policy->asked, request);
    offer_cookies(selection, request, policy);
    if (selection->has_double)
        return AVCSEC_MALFORMED;
    if (selection->carrier != AVCSEC_NO_CARRIER)
        return AVCSEC_ALLOWED;
    return selection->has_other  ? AVCSEC_PURPOSE
           : selection->has_junk ? AVCSEC_MALFORMED
                                 : AVCSEC_NO_TOKEN;
}

/* ---- One token ---- */

/* What every check needs. */
typedef struct {
    const avcsec_request_t *request;
    const avcsec_reading_t *reading;
    const avcsec_policy_t *policy;
    const avcsec_keys_t *keys;
    avcsec_mac_t *mac;
    int64_t now;
} scene_t;

static avcsec_verdict_t check_mac(const scene_t *scene, avcsec_token_t *token, bool may_be_over)
{
    avcsec_signed_target_t target = {scene->reading->canonical, scene->request->query};
    avcsec_verdict_t verdict = AVCSEC_SIGNATURE;
    avcsec_key_t key;

    if (!scene->keys->find(scene->keys->baton, token->kid, &key))
        return AVCSEC_UNKNOWN_KEY;
    if (!(may_be_over ? avcsec_key_is_for(&key, token->purpose)
                      : avcsec_key_verifies(&key, token->purpose, scene->now)))
        verdict = AVCSEC_UNKNOWN_KEY;
    else if (avcsec_token_is_right(token, &target, &key.u.derived[token->purpose], scene->mac))
        verdict = AVCSEC_ALLOWED;
    if (verdict == AVCSEC_ALLOWED)
        memcpy(token->key_print, key.print, sizeof(token->key_print));
    avcsec_wipe(&key, sizeof(key));
    return verdict;
}

/* A signed name stands once, as PHP reads names. Its literal spelling was found. */
static bool stands_once(avcsec_slice_t query, avcsec_slice_t name)
{
    avcsec_argument_t argument;
    size_t count = 0;

    while (avcsec_query_next(&query, &argument))
        count += avcsec_query_php_reads_as(argument.name, name);
    return count == 1;
}

/* PHP reads no arguments beyond max_input_vars (1000): before so many others, a signed one
 * would be right and not be seen. */
#define ARGUMENTS_MAX 500

static bool has_too_many(avcsec_slice_t query, avcsec_slice_t *last)
{
    avcsec_argument_t argument;
    size_t count = 0;

    while (avcsec_query_next(&query, &argument))
        if (++count > ARGUMENTS_MAX) {
            *last = argument.name;
            return true;
        }
    return false;
}

static avcsec_verdict_t check_arguments(const scene_t *scene, const avcsec_token_t *token,
                                        avcsec_slice_t *culprit)
{
    avcsec_slice_t rest = token->args, name;
    avcsec_argument_t argument;

    if (token->args.p && has_too_many(scene->request->query, culprit))
        return AVCSEC_ARGUMENT;

    while (avcsec_slice_cut(&rest, '.', &name))
        if (!stands_once(scene->request->query, name)) {
            *culprit = name;
            return AVCSEC_ARGUMENT;
        }
    rest = scene->request->query;
    while (scene->policy->has_strict_args && avcsec_query_next(&rest, &argument))
        if (!avcsec_query_is_token(argument) &&
            !(token->args.p && avcsec_token_list_has(token->args, '.', argument.name)) &&
            !avcsec_argument_may_be_unsigned(&argument, scene->policy->unsigned_args,
                                             scene->policy->unsigned_args_count)) {
            *culprit = argument.name;
            return AVCSEC_ARGUMENT;
        }
    return AVCSEC_ALLOWED;
}

static avcsec_verdict_t check_time(const scene_t *scene, const avcsec_token_t *token)
{
    int64_t soon = scene->now + scene->policy->clock_skew;

    if (token->exp && scene->now >= token->exp)
        return AVCSEC_EXPIRED;
    return token->nbf > soon || token->iat > soon ? AVCSEC_NOT_YET_VALID : AVCSEC_ALLOWED;
}

static avcsec_verdict_t check_address(const scene_t *scene, const avcsec_token_t *token)
{
    const avcsec_address_t *client = &scene->request->client;
    bool is_ip4 = avcsec_address_is_ip4(client);

    if (!token->has_ip4 && !token->has_ip6)
        return AVCSEC_ALLOWED;
    if (!(is_ip4 ? token->has_ip4 : token->has_ip6))
        return AVCSEC_ADDRESS;
    return avcsec_peer_contains(is_ip4 ? &token->ip4 : &token->ip6, client) ? AVCSEC_ALLOWED
                                                                            : AVCSEC_ADDRESS;
}

static bool is_scheme_char(unsigned char c)
{
    return (avcsec_is(c, AVCSEC_VALUE) && c != '_') || c == '+';
}

avcsec_slice_t avcsec_request_origin_host(avcsec_slice_t url)
{
    const avcsec_slice_t mark = AVCSEC_LITERAL("://");
    avcsec_slice_t none = {0}, host;
    size_t start = 0, end;

    while (start < url.len && is_scheme_char((unsigned char)url.p[start]))
        start++;
    if (start == 0 ||
        !avcsec_slice_has_prefix((avcsec_slice_t){url.p + start, url.len - start}, mark))
        return none;
    start += mark.len;
    for (end = start; end < url.len && url.p[end] != '/' && url.p[end] != '?' && url.p[end] != '#';
         end++)
        if (url.p[end] == '@' || url.p[end] == '\\')
            return none;
    url = (avcsec_slice_t){url.p + start, end - start};
    avcsec_slice_cut(&url, ':', &host);
    return host;
}

static avcsec_verdict_t check_origin(const scene_t *scene, const avcsec_token_t *token)
{
    const avcsec_request_t *request = scene->request;
    avcsec_slice_t host, rest = token->org, item;

    if (!token->org.p)
        return AVCSEC_ALLOWED;
    host = avcsec_request_origin_host(request->origin.p ? request->origin : request->referer);
    while (host.p && avcsec_slice_cut(&rest, '_', &item))
        if (avcsec_slice_equals_nocase(host, item))
            return AVCSEC_ALLOWED;
    return AVCSEC_ORIGIN;
}

/* The checks behind `purpose`, in SPEC's order. */
static avcsec_verdict_t check_token(const scene_t *scene, avcsec_judgement_t *judgement)
{
    avcsec_token_t *token = &judgement->token;
    avcsec_verdict_t verdict;

    if ((verdict = check_mac(scene, token, false)) != AVCSEC_ALLOWED)
        return verdict;
    if ((verdict = check_arguments(scene, token, &judgement->argument)) != AVCSEC_ALLOWED)
        return verdict;
    if ((verdict = check_time(scene, token)) != AVCSEC_ALLOWED)
        return verdict;
    if (scene->policy->check_revoked &&
        (verdict = scene->policy->check_revoked(scene->policy->revoked_baton, token, scene->now)) !=
            AVCSEC_ALLOWED)
        return verdict;
    if ((verdict = check_address(scene, token)) != AVCSEC_ALLOWED)
        return verdict;
    if ((verdict = check_origin(scene, token)) != AVCSEC_ALLOWED)
        return verdict;
    if (!avcsec_token_allows_method(token, scene->request->method))
        return AVCSEC_METHOD;
    return token->max && !scene->policy->counts_uses ? AVCSEC_USED_UP : AVCSEC_ALLOWED;
}

/* ---- The path ---- */

/* What is wrong with the path tokens as such, whatever is asked. */
static avcsec_verdict_t check_path_shape(const avcsec_reading_t *reading)
{
    const avcsec_path_tokens_t *tokens = &reading->path_tokens;
    unsigned seen = 0;

    if (tokens->count == 0)
        return AVCSEC_ALLOWED;
    if (tokens->count > AVCSEC_PATH_TOKENS || tokens->has_odd_segment || !reading->is_resolved)
        return AVCSEC_MALFORMED;
    for (size_t i = 0; i < tokens->count; i++) {
        avcsec_purpose_t shown = avcsec_token_shows(tokens->token[i]);

        if (shown == AVCSEC_NO_PURPOSE || (seen & 1u << shown))
            return AVCSEC_MALFORMED;
        seen |= 1u << shown;
    }
    return AVCSEC_ALLOWED;
}

/* A path token must be right although nobody asks for it, else a path with any text
 * in it would be another spelling of the path without. */
static avcsec_verdict_t check_idle_path_token(const scene_t *scene, avcsec_slice_t text,
                                              avcsec_judgement_t *judgement)
{
    avcsec_verdict_t verdict;
    avcsec_token_t token;

    judgement->detail = avcsec_token_parse(text, &token);
    if (judgement->detail || token.args.p)
        return AVCSEC_MALFORMED;
    verdict = check_mac(scene, &token, true);
    judgement->is_idle_session = verdict == AVCSEC_ALLOWED && token.purpose == AVCSEC_SESSION &&
                                 scene->policy->asked != AVCSEC_SESSION;
    return judgement->is_idle_session ? AVCSEC_SIGNATURE : verdict;
}

static avcsec_verdict_t check_idle_path_tokens(const scene_t *scene, avcsec_judgement_t *judgement)
{
    const avcsec_path_tokens_t *tokens = &scene->reading->path_tokens;

    for (size_t i = 0; i < tokens->count; i++) {
        avcsec_verdict_t verdict;

        if (judgement->carrier == AVCSEC_IN_PATH && tokens->token[i].p == judgement->token.text.p)
            continue;
        verdict = check_idle_path_token(scene, tokens->token[i], judgement);
        if (verdict != AVCSEC_ALLOWED)
            return verdict;
    }
    return AVCSEC_ALLOWED;
}

/* ---- The whole ---- */

static avcsec_verdict_t judge_asked(const scene_t *scene, avcsec_judgement_t *judgement)
{
    selection_t selection = {.carrier = AVCSEC_NO_CARRIER};
    avcsec_verdict_t verdict =
        select_token(scene->request, scene->reading, scene->policy, &selection);

    judgement->carrier = selection.carrier;
    if (verdict == AVCSEC_PURPOSE && !scene->reading->is_resolved)
        verdict = AVCSEC_MALFORMED; /* the path comes first, as in SPEC's order */
    if (verdict != AVCSEC_ALLOWED)
        return verdict;
    judgement->detail = avcsec_token_parse(selection.token, &judgement->token);
    if (judgement->detail)
        return AVCSEC_MALFORMED;
    judgement->has_token = true;
    if (!scene->reading->is_resolved) {
        judgement->detail = "the path has an escape, a backslash, a control character or dots that "
                            "no signed path may have";
        return AVCSEC_MALFORMED;
    }
    if (judgement->carrier == AVCSEC_IN_PATH && judgement->token.args.p) {
        judgement->detail = "a path token signs no arguments";
        return AVCSEC_MALFORMED;
    }
    return check_token(scene, judgement);
}

void avcsec_request_judge(const avcsec_request_t *request, const avcsec_reading_t *reading,
                          const avcsec_policy_t *policy, const avcsec_keys_t *keys,
                          avcsec_mac_t *mac, int64_t now, avcsec_judgement_t *judgement)
{
    const scene_t scene = {request, reading, policy, keys, mac, now};

    *judgement = (avcsec_judgement_t){.verdict = AVCSEC_UNDECIDED};
    judgement->verdict = check_path_shape(reading);
    if (judgement->verdict == AVCSEC_ALLOWED && policy->asked)
        judgement->verdict = judge_asked(&scene, judgement);
    if (judgement->verdict == AVCSEC_ALLOWED)
        judgement->verdict = check_idle_path_tokens(&scene, judgement);
}
