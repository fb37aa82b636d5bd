/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading a request, and judging it as a whole.
 */
#include "core/request/request.h"

#include "core/request/carriers.h"
#include "core/request/token_checks.h"
#include "core/text/query.h"

#include <string.h>

/* ---- Reading ---- */

/* The value of a token's argument; decoded to `room` only if it has an escape. */
static avcsec_slice_t decode(avcsec_slice_t value, char *room)
{
    if (value.len == 0 || !memchr(value.p, '%', value.len))
        return value.p ? value : (avcsec_slice_t){room, 0};
    return (avcsec_slice_t){room, avcsec_slice_unescape(value, false, room)};
}

static void read_query(avcsec_slice_t query, char *room, avcsec_reading_t *reading)
{
    avcsec_slice_t rest = query;
    avcsec_argument_t argument;

    reading->query = query;
    while (avcsec_query_next(&rest, &argument)) {
        if (!avcsec_query_is_token(argument))
            continue;
        if (reading->query_tokens++ == 0)
            reading->query_token = decode(argument.value, room);
    }
    if (reading->query_tokens && !memchr(query.p, '&', query.len)) {
        reading->query = (avcsec_slice_t){NULL, 0};
    } else if (reading->query_tokens) {
        room += query.len;
        reading->query = (avcsec_slice_t){room, avcsec_query_without_token(query, room)};
        if (reading->query.len == 0)
            reading->query.p = NULL;
    }
}

/* Returns what is left of the room. */
static char *read_path(avcsec_slice_t path, char *room, avcsec_reading_t *reading)
{
    char *left = room, *texts = left + path.len + 1, *decoded = texts + path.len,
         *canonical = decoded + path.len + 1;
    size_t len;

    if (avcsec_path_is_plain(path)) {
        reading->left = reading->decoded = reading->canonical = path;
        reading->is_resolved = true;
        return room;
    }
    len = avcsec_path_cut_tokens(path, left, texts, &reading->path_tokens);
    reading->left = (avcsec_slice_t){left, len};
    reading->is_resolved = avcsec_path_resolve(reading->left, decoded, &len);
    if (reading->is_resolved) {
        reading->decoded = (avcsec_slice_t){decoded, len};
        reading->canonical =
            (avcsec_slice_t){canonical, avcsec_path_encode(reading->decoded, canonical)};
    }
    return canonical + AVCSEC_PATH_CANONICAL_MAX(path.len + 1);
}

void avcsec_request_read(const avcsec_request_t *request, char *room, avcsec_reading_t *reading)
{
    *reading = (avcsec_reading_t){.is_resolved = false};
    room = read_path(request->path, room, reading);
    read_query(request->query, room, reading);
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
static avcsec_verdict_t check_idle_path_token(const avcsec_scene_t *scene, avcsec_slice_t text,
                                              avcsec_judgement_t *judgement)
{
    avcsec_verdict_t verdict;
    avcsec_token_t token;

    judgement->detail = avcsec_token_parse(text, &token);
    if (judgement->detail || token.args.p)
        return AVCSEC_MALFORMED;
    verdict = avcsec_check_mac(scene, &token, true);
    judgement->is_idle_session = verdict == AVCSEC_ALLOWED && token.purpose == AVCSEC_SESSION &&
                                 scene->policy->asked != AVCSEC_SESSION;
    return judgement->is_idle_session ? AVCSEC_SIGNATURE : verdict;
}

static avcsec_verdict_t check_idle_path_tokens(const avcsec_scene_t *scene,
                                               avcsec_judgement_t *judgement)
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

static avcsec_verdict_t judge_asked(const avcsec_scene_t *scene, avcsec_judgement_t *judgement)
{
    avcsec_selection_t selection = {.carrier = AVCSEC_NO_CARRIER};
    avcsec_verdict_t verdict =
        avcsec_carriers_select(scene->request, scene->reading, scene->policy, &selection);

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
    return avcsec_check_token(scene, judgement);
}

void avcsec_request_judge(const avcsec_request_t *request, const avcsec_reading_t *reading,
                          const avcsec_policy_t *policy, const avcsec_keys_t *keys,
                          avcsec_mac_t *mac, int64_t now, avcsec_judgement_t *judgement)
{
    const avcsec_scene_t scene = {request, reading, policy, keys, mac, now};

    *judgement = (avcsec_judgement_t){.verdict = AVCSEC_UNDECIDED};
    judgement->verdict = check_path_shape(reading);
    if (judgement->verdict == AVCSEC_ALLOWED && policy->asked)
        judgement->verdict = judge_asked(&scene, judgement);
    if (judgement->verdict == AVCSEC_ALLOWED)
        judgement->verdict = check_idle_path_tokens(&scene, judgement);
}
