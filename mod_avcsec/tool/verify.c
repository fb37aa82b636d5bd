/* SPDX-License-Identifier: Apache-2.0
 *
 * avcsec verify: judges a request as the module would.
 */
#include "claims.h"
#include "commands.h"
#include "complain.h"
#include "core/request/arguments.h"
#include "core/request/carriers.h"
#include "core/text/json.h"
#include "judge.h"
#include "key.h"
#include "revoked.h"
#include "when.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *purpose, *method, *client, *clock_skew, *revocations;
    avcsec_words_t headers;
    bool has_strict_args;
} verify_options_t;

#define FIELD(name) offsetof(verify_options_t, name)

static const avcsec_option_t verify_options[] = {
    {"purpose", "P", FIELD(purpose), AVCSEC_OPTION_TEXT,
     "what the place asks for: file, upload, call, session;\nwithout, only path tokens are "
     "checked"},
    {"method", "M", FIELD(method), AVCSEC_OPTION_TEXT,
     "of the request (default: GET; upload: POST)"},
    {"client", "ADDRESS", FIELD(client), AVCSEC_OPTION_TEXT, "who asks"},
    {"header", "'NAME: VALUE'", FIELD(headers), AVCSEC_OPTION_WORDS,
     "Authorization, Cookie, Origin, Referer, Host, ..."},
    {"strict-args", NULL, FIELD(has_strict_args), AVCSEC_OPTION_FLAG,
     "as below AvcSignedURL: refuse unsigned arguments"},
    {"clock-skew", "S", FIELD(clock_skew), AVCSEC_OPTION_TEXT,
     "leeway for nbf and iat, in seconds (default: 30)"},
    {"revocations", "FILE", FIELD(revocations), AVCSEC_OPTION_TEXT,
     "what is taken back: the file that AvcRevocations names"},
    {.name = NULL},
};

/* ---- Reading ---- */

static bool read_policy(const verify_options_t *options, avcsec_policy_t *policy)
{
    *policy = (avcsec_policy_t){
        .has_strict_args = options->has_strict_args,
        .unsigned_args = avcsec_unsigned_args,
        .unsigned_args_count = AVCSEC_UNSIGNED_ARGS,
        .clock_skew = 30,
    };
    if (options->purpose && !avcsec_claims_read_purpose(options->purpose, &policy->asked))
        return false;
    if (!options->clock_skew)
        return true;
    policy->clock_skew = 0;
    return strcmp(options->clock_skew, "0") == 0 ||
                   avcsec_slice_to_number(avcsec_slice_of(options->clock_skew), AVCSEC_TIME_MAX,
                                          &policy->clock_skew)
               ? true
               : avcsec_complain("--clock-skew is a number of seconds");
}

static avcsec_verdict_t check_revoked(void *baton, const avcsec_token_t *token, int64_t now)
{
    return avcsec_revocations_include(baton, token, now) ? AVCSEC_REVOKED : AVCSEC_ALLOWED;
}

/* The caller frees policy->revoked_baton. */
static bool read_revocations(const char *path, int64_t now, avcsec_policy_t *policy)
{
    struct stat st;

    if (path) {
        policy->check_revoked = check_revoked;
        policy->revoked_baton = avcsec_revoked_read(path, false, now, &st);
    }
    return !path || policy->revoked_baton;
}

static bool is_method(const char *method)
{
    size_t len = strspn(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

    return len > 0 && method[len] == '\0';
}

static bool read_request(const verify_options_t *options, avcsec_purpose_t asked,
                         avcsec_case_t *judged)
{
    avcsec_request_t *request = &judged->request;

    if (options->method && !is_method(options->method))
        return avcsec_complain("--method is a method in upper case, like GET");
    if (options->method)
        request->method = avcsec_slice_of(options->method);
    else if (asked == AVCSEC_UPLOAD)
        request->method = AVCSEC_LITERAL("POST");
    if (options->client &&
        !avcsec_address_parse(avcsec_slice_of(options->client), &request->client))
        return avcsec_complain("--client is an IP address");
    return avcsec_case_add_headers(&options->headers, judged);
}

/* ---- Writing ---- */

static avcsec_slice_t carrier_word(avcsec_carrier_t carrier)
{
    static const char *const words[] = {NULL, "query", "path", "header", "cookie"};

    return avcsec_slice_of(words[carrier]);
}

static void write_json(const avcsec_case_t *judged, avcsec_purpose_t asked,
                       const avcsec_judgement_t *judgement)
{
    const avcsec_slice_t none = {NULL, 0};
    avcsec_verdict_t verdict = judgement->verdict;

    avcsec_json_open(NULL, '{');
    avcsec_json_text("verdict", avcsec_slice_of(avcsec_verdict_word(verdict)));
    avcsec_json_bool("valid", verdict == AVCSEC_ALLOWED);
    avcsec_json_number("status", avcsec_verdict_status(verdict));
    avcsec_json_text("purpose", asked ? avcsec_purpose_word(asked) : none);
    avcsec_json_text("carrier", carrier_word(judgement->carrier));
    avcsec_json_text("path", avcsec_case_path(judged));
    avcsec_json_text("query", avcsec_case_query(judged, asked));
    avcsec_json_text("kid", judgement->has_token ? judgement->token.kid : none);
    avcsec_json_text("argument", judgement->argument);
    avcsec_json_text("detail", avcsec_slice_of(judgement->detail));
    avcsec_json_text("help", verdict == AVCSEC_ALLOWED
                                 ? none
                                 : avcsec_slice_of(avcsec_verdict_sentence(verdict)));
    avcsec_json_close('}');
}

/* "ok" to a token that nobody looked at would be taken for its praise. */
static void warn_of_unasked(const avcsec_case_t *judged)
{
    const avcsec_reading_t *reading = &judged->reading;
    avcsec_slice_t cookie = judged->request.cookie;

    if ((cookie.p && memmem(cookie.p, cookie.len, "__Host-avc=", 11)) ||
        avcsec_token_shows(reading->query_token) || reading->path_tokens.count ||
        avcsec_request_bearer(judged->request.authorization).p)
        avcsec_warn("no --purpose: nothing was asked for, so only the macs of path tokens were "
                    "checked, and neither their time nor any other token");
}

/* ---- The whole ---- */

static bool judge(avcsec_case_t *judged, const avcsec_policy_t *policy,
                  const avcsec_key_options_t *key, int64_t now, bool has_client,
                  avcsec_judgement_t *judgement)
{
    avcsec_key_box_t *box = avcsec_key_box_open(key);
    avcsec_keys_t keys;
    bool is_judged;

    if (!box)
        return false;
    keys = avcsec_key_box_verifiers(box, policy->asked, now);
    is_judged = avcsec_case_judge(judged, policy, &keys, now, judgement);
    /* A client that nobody named lies in no network, not even in one that holds "::". */
    if (!has_client && judgement->verdict == AVCSEC_ALLOWED && judgement->has_token &&
        (judgement->token.has_ip4 || judgement->token.has_ip6))
        judgement->verdict = AVCSEC_ADDRESS;
    avcsec_key_box_close(box);
    return is_judged;
}

static int verify(const avcsec_target_t *target, const verify_options_t *options,
                  const avcsec_key_options_t *key, const avcsec_common_t *common)
{
    avcsec_case_t judged = {.room = NULL};
    avcsec_judgement_t judgement = {.verdict = AVCSEC_UNDECIDED};
    avcsec_policy_t policy = {.asked = AVCSEC_NO_PURPOSE};
    int status = AVCSEC_WRONG;
    int64_t now;

    if (read_policy(options, &policy) && avcsec_when_now(common->now, &now) &&
        read_revocations(options->revocations, now, &policy) && avcsec_case_read(target, &judged) &&
        read_request(options, policy.asked, &judged) &&
        judge(&judged, &policy, key, now, options->client != NULL, &judgement)) {
        status = judgement.verdict == AVCSEC_ALLOWED ? AVCSEC_DONE : AVCSEC_REFUSED;
        if (common->has_json)
            write_json(&judged, policy.asked, &judgement);
        else
            puts(avcsec_verdict_word(judgement.verdict));
        if (!policy.asked)
            warn_of_unasked(&judged);
    }
    free(policy.revoked_baton);
    avcsec_case_free(&judged);
    return status;
}

static int run(int argc, char **argv)
{
    avcsec_common_t common = {.now = NULL};
    avcsec_key_options_t key = {.key_file = NULL};
    verify_options_t options = {.purpose = NULL};
    const avcsec_option_group_t groups[] = {
        {"KEY", avcsec_key_options, &key},
        {"Options", verify_options, &options},
        {"Other options", avcsec_clock_options, &common},
        {.title = NULL},
    };
    avcsec_target_t target;
    avcsec_words_t words;
    int status;

    if (!avcsec_command_begin(&avcsec_command_verify, argc, argv, groups, &common, &words, &status))
        return status;
    if (!avcsec_command_has_words(&words, 1, 1, "the URL or path of the request"))
        return AVCSEC_WRONG;
    if (!avcsec_target_split(avcsec_slice_of(words.items[0]), &target)) {
        avcsec_complain("give a URL, or a path that starts with '/'");
        return AVCSEC_WRONG;
    }
    return verify(&target, &options, &key, &common);
}

const avcsec_command_t avcsec_command_verify = {
    "verify",
    "KEY [--purpose P] [--method M] [--client ADDR]\n"
    "                     [--header 'Name: value']... [--strict-args] [--clock-skew S]\n"
    "                     [--revocations FILE] [--now SECONDS] URL-OR-PATH",
    "Judge a request as the module would: ok, or the reason that refuses it",
    "KEY is --key-file F [--kid K] [--realm R], or page keys: --page-key F, or the\n"
    "environment variable AVC_PAGE_KEY.",
    run,
};
