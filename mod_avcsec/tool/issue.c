/* SPDX-License-Identifier: Apache-2.0
 *
 * Making tokens. Nothing leaves here that core would not let in.
 */
#include "issue.h"

#include "complain.h"
#include "core/text/json.h"
#include "core/text/query.h"
#include "core/token/signed_text.h"
#include "judge.h"
#include "when.h"

#include <stdlib.h>
#include <string.h>

/* ---- Arguments ---- */

/* The names of signed arguments, joined by '.'. */
typedef struct {
    size_t len;
    char text[AVCSEC_CLAIM_VALUE_MAX];
} names_t;

static bool add_name(avcsec_slice_t name, avcsec_slice_t query, names_t *names)
{
    avcsec_argument_t argument;
    size_t count = 0;

    if (!avcsec_slice_is_made_of(name, AVCSEC_WORD))
        return avcsec_complain("the argument '%.*s' can't be signed: rename it, or name in --args "
                               "those that are to be",
                               (int)name.len, name.p);
    while (avcsec_query_next(&query, &argument))
        count += avcsec_query_php_reads_as(argument.name, name);
    if (count != 1)
        return avcsec_complain("the argument '%.*s' stands %s, which can't be signed",
                               (int)name.len, name.p,
                               count ? "there twice, as PHP reads names" : "nowhere in the query");
    if (names->len + 1 + name.len > sizeof(names->text))
        return avcsec_complain("the names of signed arguments are longer than %d characters",
                               AVCSEC_CLAIM_VALUE_MAX);
    if (names->len)
        names->text[names->len++] = '.';
    memcpy(names->text + names->len, name.p, name.len);
    names->len += name.len;
    return true;
}

/* --args: those that it names, in its order. */
static bool add_named(const char *list, avcsec_slice_t query, names_t *names)
{
    for (const char *p = list; *p;) {
        size_t len = strcspn(p, " ,.");

        if (len && !add_name((avcsec_slice_t){p, len}, query, names))
            return false;
        p += len + (p[len] != '\0');
    }
    return true;
}

static bool select_arguments(const avcsec_claim_options_t *options, avcsec_slice_t query,
                             avcsec_carrier_t carrier, names_t *names)
{
    avcsec_slice_t rest = query;
    avcsec_argument_t argument;

    if (options->args && !add_named(options->args, query, names))
        return false;
    if (options->dir && names->len)
        return avcsec_complain("--args: with --dir no argument is signed, for other files below "
                               "have others");
    while (!options->args && !options->dir && avcsec_query_next(&rest, &argument))
        if (!add_name(argument.name, query, names))
            return false;
    if (names->len && carrier == AVCSEC_IN_PATH)
        return avcsec_complain("a token in the path can't sign arguments: use --carrier query, or "
                               "--args '' to leave them unsigned");
    return true;
}

/* ---- Path ---- */

static bool check_reading(const avcsec_reading_t *reading, avcsec_carrier_t carrier)
{
    const avcsec_path_tokens_t *tokens = &reading->path_tokens;

    if (tokens->count)
        return avcsec_complain("the path holds a token already: give it without");
    if (reading->query_tokens)
        return avcsec_complain("the query has an argument 'avc' already: give it without");
    if (!reading->is_resolved)
        return avcsec_complain("the path has an encoded slash, a backslash, a control character "
                               "or dots that no signed path may have");
    if (carrier == AVCSEC_IN_PATH && tokens->has_odd_segment)
        return avcsec_complain("beside a token in the path no segment may be '.', '..' or empty");
    return true;
}

/* ---- Checking what was made ---- */

static bool check_made(const avcsec_target_t *target, avcsec_carrier_t carrier,
                       const avcsec_keys_t *keys, avcsec_issued_t *issued)
{
    const avcsec_token_t *token = &issued->token;
    avcsec_policy_t policy = {.asked = token->purpose};
    char *url = avcsec_target_with_token(target, token->text, carrier, token->dir);
    avcsec_judgement_t judgement = {.verdict = AVCSEC_UNDECIDED};
    avcsec_target_t made;
    avcsec_case_t judged = {.room = NULL};
    bool is_good =
        url && avcsec_target_split(avcsec_slice_of(url), &made) && avcsec_case_read(&made, &judged);

    if (is_good) {
        avcsec_case_fit(token, &judged);
        is_good = avcsec_case_judge(&judged, &policy, keys,
                                    token->nbf > token->iat ? token->nbf : token->iat, &judgement);
    }
    /* How often it was used is not for us to know. */
    if (is_good && judgement.verdict != AVCSEC_ALLOWED &&
        !(judgement.verdict == AVCSEC_USED_UP && token->max))
        is_good = avcsec_complain(
            "the server would refuse this: %s%s%s", avcsec_verdict_word(judgement.verdict),
            judgement.detail ? ": " : "", judgement.detail ? judgement.detail : "");
    avcsec_case_free(&judged);
    free(url);
    return is_good;
}

/* ---- Making ---- */

static bool make(const avcsec_claims_t *claims, const avcsec_signed_target_t *target,
                 const avcsec_key_t *key, avcsec_issued_t *issued)
{
    avcsec_mac_t *mac = avcsec_mac_create();
    const char *error;

    if (!mac)
        return avcsec_complain("there is no memory");
    memcpy(issued->text, claims->text, claims->len);
    issued->len = claims->len;
    error = avcsec_token_sign(issued->text, &issued->len, target, &key->u.derived[claims->purpose],
                              mac, &issued->token);
    avcsec_mac_destroy(mac);
    return error ? avcsec_complain("%s", error) : true;
}

static bool make_for(const avcsec_issue_options_t *options, const avcsec_case_t *given,
                     avcsec_carrier_t carrier, const avcsec_key_t *key, int64_t now,
                     avcsec_claims_t *claims, avcsec_issued_t *issued)
{
    avcsec_signed_target_t signed_target = {given->reading.canonical, given->request.query};
    avcsec_slice_t args = {NULL, 0};
    names_t names = {.len = 0};

    if (!check_reading(&given->reading, carrier) ||
        !select_arguments(&options->claims, given->request.query, carrier, &names))
        return false;
    if (names.len)
        args = (avcsec_slice_t){names.text, names.len};
    return avcsec_claims_write(&options->claims, key, args, now, claims) &&
           make(claims, &signed_target, key, issued);
}

bool avcsec_issue(const avcsec_issue_options_t *options, const avcsec_target_t *target,
                  avcsec_carrier_t carrier, avcsec_issued_t *issued)
{
    avcsec_claims_t claims = {.purpose = AVCSEC_NO_PURPOSE};
    avcsec_case_t given = {.room = NULL};
    avcsec_key_box_t *box = NULL;
    const avcsec_key_t *key;
    avcsec_keys_t keys;
    bool is_made = false;
    int64_t now;

    if (avcsec_claims_read_purpose(options->claims.purpose, &claims.purpose) &&
        avcsec_when_now(options->common.now, &now) && avcsec_case_read(target, &given) &&
        (box = avcsec_key_box_open(&options->key)) &&
        (key = avcsec_key_box_signer(box, claims.purpose, now)) &&
        make_for(options, &given, carrier, key, now, &claims, issued)) {
        keys = avcsec_key_box_verifiers(box, claims.purpose, now);
        is_made = check_made(target, carrier == AVCSEC_NO_CARRIER ? AVCSEC_IN_QUERY : carrier,
                             &keys, issued);
    }
    avcsec_key_box_close(box);
    avcsec_case_free(&given);
    return is_made;
}

void avcsec_issue_write_json(const avcsec_issued_t *issued)
{
    const avcsec_token_t *token = &issued->token;

    avcsec_json_text("token", token->text);
    avcsec_json_text("purpose", avcsec_purpose_word(token->purpose));
    avcsec_json_text("kid", token->kid);
    if (token->id.p)
        avcsec_json_text("id", token->id);
    avcsec_json_number("iat", token->iat);
    if (token->exp)
        avcsec_json_number("exp", token->exp);
}
