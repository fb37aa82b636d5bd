/* SPDX-License-Identifier: Apache-2.0
 *
 * Finding out about a token. The verdict is always core's; where the signature cannot
 * be checked, core judges the same claims signed with a key of zeros, which only it sees.
 */
#include "finding.h"

#include "core/token/signed_text.h"
#include "guess.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLOCK_SKEW 30 /* default of AvcClockSkew */

/* ---- Where a token is malformed ---- */

/* Core reads claims one by one, so the first beginning of the token that gets the same
 * sentence ends with the claim it is about. Read as a call, because that needs no other
 * claim; a sentence about the whole token then never comes. */
static size_t find_bad_claim(avcsec_slice_t text, const char *error)
{
    static const char head[] = "avc1~for.call";
    static const char tail[] = "~mac.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    char probe[AVCSEC_TOKEN_MAX + sizeof(head) + sizeof(tail)];
    avcsec_slice_t rest = text, claim;
    size_t len = sizeof(head) - 1, number = 1;
    avcsec_token_t token;

    if (text.len > AVCSEC_TOKEN_MAX || !avcsec_token_shows(text))
        return 0;
    memcpy(probe, head, len);
    avcsec_slice_cut(&rest, '~', &claim); /* avc1 */
    avcsec_slice_cut(&rest, '~', &claim); /* for.<purpose> */
    while (avcsec_slice_cut(&rest, '~', &claim)) {
        probe[len++] = '~';
        memcpy(probe + len, claim.p, claim.len);
        len += claim.len;
        memcpy(probe + len, tail, sizeof(tail) - 1);
        number++;
        if (avcsec_token_parse((avcsec_slice_t){probe, len + sizeof(tail) - 1}, &token) == error)
            return number;
    }
    return 0;
}

/* ---- Without the signature ---- */

static bool find_stand_in(void *baton, avcsec_slice_t kid, avcsec_key_t *key)
{
    (void)baton;
    (void)kid;
    *key = (avcsec_key_t){.kind = AVCSEC_HS256, .purposes = ~0u};
    return true;
}

/* The address that a bare token would be sent to: as deep as its dir, with every argument
 * that it signs. */
static void imagine_target(const avcsec_token_t *token, char *room, avcsec_target_t *target)
{
    avcsec_slice_t rest = token->args, name;
    char *end = room;

    for (int64_t i = 0; i <= token->dir; i++) {
        memcpy(end, "/x", 2);
        end += 2;
    }
    target->path = avcsec_slice_between(room, end);
    target->query = (avcsec_slice_t){NULL, 0};
    for (char *query = end; avcsec_slice_cut(&rest, '.', &name);) {
        memcpy(end, name.p, name.len);
        memcpy(end + name.len, "=&", 2);
        end += name.len + 2;
        target->query = avcsec_slice_between(query, end);
    }
}

static void fit(const avcsec_inquiry_t *inquiry, const avcsec_token_t *token, avcsec_case_t *judged)
{
    avcsec_case_fit(token, judged);
    if (inquiry->source->method.p)
        judged->request.method = inquiry->source->method;
    if (inquiry->source->client.p)
        avcsec_address_parse(inquiry->source->client, &judged->request.client);
}

/* The same claims with the mac of a key of zeros. False if no key could make the token
 * right: what it signs is not there. */
static bool sign_with_stand_in(const avcsec_case_t *judged, const avcsec_token_t *token,
                               char made[AVCSEC_TOKEN_MAX])
{
    avcsec_signed_target_t target = {judged->reading.canonical, judged->request.query};
    avcsec_mac_t *mac = avcsec_mac_create();
    size_t len = token->signed_text.len;
    avcsec_token_t read;
    avcsec_key_t key;
    bool is_signed;

    find_stand_in(NULL, token->kid, &key);
    memcpy(made, token->signed_text.p, len);
    is_signed =
        mac && !avcsec_token_sign(made, &len, &target, &key.u.derived[token->purpose], mac, &read);
    avcsec_mac_destroy(mac);
    return is_signed;
}

static void keep(const avcsec_judgement_t *judgement, avcsec_finding_t *finding)
{
    finding->verdict = judgement->verdict;
    finding->detail = judgement->detail;
    snprintf(finding->argument, sizeof(finding->argument), "%.*s", (int)judgement->argument.len,
             judgement->argument.p ? judgement->argument.p : "");
}

/* ---- The token alone, whatever stands beside it ---- */

static bool judge_bearer(const avcsec_inquiry_t *inquiry, avcsec_case_t *judged,
                         avcsec_finding_t *finding)
{
    const avcsec_token_t *token = &finding->token;
    avcsec_policy_t policy = {.asked = token->purpose, .clock_skew = CLOCK_SKEW};
    avcsec_keys_t keys = {find_stand_in, NULL};
    char bearer[7 + AVCSEC_TOKEN_MAX] = "Bearer ";
    bool is_checked = finding->signature == AVCSEC_SIGNATURE_LATER;
    avcsec_judgement_t judgement;

    if (!sign_with_stand_in(judged, token, bearer + 7)) {
        finding->verdict = AVCSEC_SIGNATURE;
        finding->detail = token->args.p ? "an argument that it signs is missing in the query, or "
                                          "the path has fewer segments than dir says"
                                        : "the path has not as many segments, each followed by a "
                                          "slash, as dir says";
        return true;
    }
    if (is_checked) {
        memcpy(bearer + 7, token->text.p, token->text.len);
        keys = avcsec_key_box_verifiers(inquiry->keys, token->purpose, inquiry->now);
    }
    fit(inquiry, token, judged);
    judged->request.authorization = (avcsec_slice_t){bearer, 7 + token->text.len};
    if (!avcsec_case_judge(judged, &policy, &keys, inquiry->now, &judgement))
        return false;
    keep(&judgement, finding);
    if (is_checked && judgement.verdict != AVCSEC_UNKNOWN_KEY)
        finding->signature =
            judgement.verdict == AVCSEC_SIGNATURE ? AVCSEC_SIGNATURE_WRONG : AVCSEC_SIGNATURE_RIGHT;
    return true;
}

static bool judge_alone(const avcsec_inquiry_t *inquiry, const avcsec_target_t *target,
                        avcsec_finding_t *finding)
{
    avcsec_case_t judged;
    bool is_judged = avcsec_case_read(target, &judged) && judge_bearer(inquiry, &judged, finding);

    avcsec_case_free(&judged);
    return is_judged;
}

static bool judge_bare(const avcsec_inquiry_t *inquiry, avcsec_finding_t *finding)
{
    char room[2 * 66 + 3 * AVCSEC_CLAIM_VALUE_MAX];
    avcsec_target_t target = {.site = {NULL, 0}};
    bool is_session = finding->token.purpose == AVCSEC_SESSION;

    imagine_target(&finding->token, room, &target);
    if (is_session)
        finding->scope = AVCSEC_LITERAL("*");
    if (finding->signature == AVCSEC_SIGNATURE_LATER && (!is_session || finding->token.args.p))
        finding->signature = AVCSEC_SIGNATURE_NO_PATH;
    return judge_alone(inquiry, &target, finding);
}

/* ---- In the request as it came ---- */

/* What a request is refused for before anybody reads its token. */
static const char *request_fault(const avcsec_reading_t *reading)
{
    const avcsec_path_tokens_t *tokens = &reading->path_tokens;

    if (!reading->is_resolved)
        return "the path has an encoded slash, a backslash, a control character, a bad escape, or "
               "dots that no signed path may have";
    if (tokens->count > AVCSEC_PATH_TOKENS)
        return "the path has more than four tokens";
    if (tokens->count && tokens->has_odd_segment)
        return "beside a token in the path no segment may be '.', '..' or empty";
    if (reading->query_tokens > 1)
        return "the query has more than one avc";
    return tokens->count > 1 ? "the path has two tokens for one purpose, or one that is none"
                             : NULL;
}

/* Another carrier comes first: only a path token must be right all the same, its time
 * does not count. */
static void pass_over(avcsec_finding_t *finding)
{
    finding->is_passed_over = true;
    if (finding->verdict != AVCSEC_SIGNATURE && finding->verdict != AVCSEC_UNKNOWN_KEY)
        finding->verdict = AVCSEC_ALLOWED;
}

static bool judge_in_place(const avcsec_inquiry_t *inquiry, avcsec_finding_t *finding)
{
    const avcsec_reading_t *reading = &inquiry->judged->reading;
    avcsec_policy_t policy = {.asked = finding->token.purpose};
    avcsec_keys_t keys = {find_stand_in, NULL};
    avcsec_target_t alone = inquiry->source->target;
    avcsec_judgement_t judgement;

    avcsec_token_scope(&finding->token, reading->canonical, &finding->scope);
    /* Which token counts, and whether all stand where they may, needs no key. */
    if (!avcsec_case_judge(inquiry->judged, &policy, &keys, inquiry->now, &judgement))
        return false;
    if (judgement.verdict == AVCSEC_MALFORMED &&
        (judgement.carrier == AVCSEC_NO_CARRIER || judgement.carrier == finding->carrier)) {
        keep(&judgement, finding);
        if (!finding->detail)
            finding->detail = request_fault(reading);
        return true;
    }
    alone.path = reading->left;
    alone.query = reading->query;
    if (!judge_alone(inquiry, &alone, finding))
        return false;
    if (finding->signature == AVCSEC_SIGNATURE_WRONG)
        finding->detail = avcsec_guess(inquiry, &finding->token);
    if (judgement.carrier != finding->carrier)
        pass_over(finding);
    return true;
}

bool avcsec_finding_make(const avcsec_inquiry_t *inquiry, avcsec_finding_t *finding)
{
    static const unsigned char zeros[AVCSEC_MAC_BYTES];

    finding->verdict = AVCSEC_MALFORMED;
    finding->signature = AVCSEC_SIGNATURE_LATER;
    finding->detail = finding->error = avcsec_token_parse(finding->text, &finding->token);
    if (finding->error) {
        finding->bad_claim = find_bad_claim(finding->text, finding->error);
        return true;
    }
    if (inquiry->source->has_mask && memcmp(finding->token.mac, zeros, sizeof(zeros)) == 0)
        finding->signature = AVCSEC_SIGNATURE_MASKED;
    else if (!inquiry->keys)
        finding->signature = AVCSEC_SIGNATURE_NO_KEY;
    return inquiry->judged ? judge_in_place(inquiry, finding) : judge_bare(inquiry, finding);
}
