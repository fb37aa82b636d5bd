/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether one token opens what is asked for.
 */
#include "core/request/token_checks.h"

#include "core/request/arguments.h"
#include "core/request/origin.h"
#include "core/text/query.h"
#include "core/token/signed_text.h"

#include <string.h>

avcsec_verdict_t avcsec_check_mac(const avcsec_scene_t *scene, avcsec_token_t *token,
                                  bool may_be_over)
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

static avcsec_verdict_t check_arguments(const avcsec_scene_t *scene, const avcsec_token_t *token,
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

static avcsec_verdict_t check_time(const avcsec_scene_t *scene, const avcsec_token_t *token)
{
    int64_t soon = scene->now + scene->policy->clock_skew;

    if (token->exp && scene->now >= token->exp)
        return AVCSEC_EXPIRED;
    return token->nbf > soon || token->iat > soon ? AVCSEC_NOT_YET_VALID : AVCSEC_ALLOWED;
}

static avcsec_verdict_t check_address(const avcsec_scene_t *scene, const avcsec_token_t *token)
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

static avcsec_verdict_t check_origin(const avcsec_scene_t *scene, const avcsec_token_t *token)
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

avcsec_verdict_t avcsec_check_token(const avcsec_scene_t *scene, avcsec_judgement_t *judgement)
{
    avcsec_token_t *token = &judgement->token;
    avcsec_verdict_t verdict;

    if ((verdict = avcsec_check_mac(scene, token, false)) != AVCSEC_ALLOWED)
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
