/* SPDX-License-Identifier: Apache-2.0
 *
 * avcsec token: a bare token, for stream keys, headers and sessions.
 */
#include "commands.h"
#include "complain.h"
#include "core/text/json.h"
#include "issue.h"

/* A session opens a door for weeks, if need be: it can be taken back by itself. */
static bool read_target(const avcsec_words_t *words, avcsec_claim_options_t *claims,
                        avcsec_target_t *target)
{
    const char *text = words->count ? words->items[0] : NULL;
    avcsec_purpose_t read;

    if (!avcsec_claims_read_purpose(claims->purpose, &read))
        return false;
    claims->needs_id = read == AVCSEC_SESSION;
    if (!text && read != AVCSEC_SESSION)
        return avcsec_complain("give the path that the token opens; only a session has none");
    return avcsec_target_read(text ? text : "/", target);
}

static int run(int argc, char **argv)
{
    avcsec_issue_options_t options = {.common.now = NULL};
    const avcsec_option_group_t groups[] = {
        {"KEY", avcsec_key_options, &options.key},
        {"CLAIMS", avcsec_claim_options, &options.claims},
        {"Other options", avcsec_clock_options, &options.common},
        {.title = NULL},
    };
    avcsec_target_t target;
    avcsec_issued_t issued;
    avcsec_words_t words;
    int status;

    if (!avcsec_command_begin(&avcsec_command_token, argc, argv, groups, &options.common, &words,
                              &status))
        return status;
    if (!avcsec_command_has_words(&words, 0, 1, "") ||
        !read_target(&words, &options.claims, &target) ||
        !avcsec_issue(&options, &target, AVCSEC_NO_CARRIER, &issued))
        return AVCSEC_WRONG;
    if (options.common.has_json) {
        avcsec_json_open(NULL, '{');
        avcsec_issue_write_json(&issued);
        avcsec_json_close('}');
    } else
        printf("%.*s\n", (int)issued.token.text.len, issued.token.text.p);
    return AVCSEC_DONE;
}

const avcsec_command_t avcsec_command_token = {
    "token",
    "KEY [CLAIMS] [PATH]",
    "Write a bare token, for stream keys, headers and sessions",
    "KEY is --key-file F [--kid K] [--realm R], or page keys: --page-key F, or the\n"
    "environment variable AVC_PAGE_KEY. Only a session token needs no path.",
    run,
};
