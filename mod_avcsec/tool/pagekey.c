/* SPDX-License-Identifier: Apache-2.0
 *
 * avcsec pagekey: what a page may have instead of a key file.
 */
#include "claims.h"
#include "commands.h"
#include "complain.h"
#include "core/text/json.h"
#include "core/token/key_text.h"
#include "key.h"
#include "when.h"

static const avcsec_option_t pagekey_options[] = {
    {"purpose", "P", 0, AVCSEC_OPTION_TEXT, "what it signs: file, upload, call or session"},
    {.name = NULL},
};

static void write_page_key(const avcsec_key_t *key, avcsec_purpose_t purpose, bool has_json)
{
    char text[AVCSEC_PAGE_KEY_MAX];
    size_t len = avcsec_key_to_page_key(key, purpose, text);

    if (has_json) {
        avcsec_json_open(NULL, '{');
        avcsec_json_text("page_key", (avcsec_slice_t){text, len});
        avcsec_json_text("kid", avcsec_slice_of(key->kid));
        avcsec_json_text("purpose", avcsec_purpose_word(purpose));
        if (key->until)
            avcsec_json_number("until", key->until);
        avcsec_json_close('}');
    } else
        puts(text);
    avcsec_wipe(text, sizeof(text));
}

static bool make(const avcsec_key_options_t *options, const char *word,
                 const avcsec_common_t *common)
{
    avcsec_key_box_t *box = NULL;
    avcsec_purpose_t purpose;
    const avcsec_key_t *key = NULL;
    int64_t now;

    if (!options->key_file)
        return avcsec_complain("give --key-file: page keys are derived from the keys in it");
    if (!word)
        return avcsec_complain("give --purpose: a page key is for one of file, upload, call and "
                               "session");
    if (avcsec_claims_read_purpose(word, &purpose) && avcsec_when_now(common->now, &now) &&
        (box = avcsec_key_box_open(options)))
        key = avcsec_key_box_signer(box, purpose, now);
    if (key)
        write_page_key(key, purpose, common->has_json);
    avcsec_key_box_close(box);
    return key != NULL;
}

static int run(int argc, char **argv)
{
    avcsec_common_t common = {.now = NULL};
    avcsec_key_options_t key = {.key_file = NULL};
    const char *purpose = NULL;
    const avcsec_option_group_t groups[] = {
        {"Options", avcsec_key_file_options, &key},
        {"What for", pagekey_options, &purpose},
        {"Other options", avcsec_clock_options, &common},
        {.title = NULL},
    };
    avcsec_words_t words;
    int status;

    if (!avcsec_command_begin(&avcsec_command_pagekey, argc, argv, groups, &common, &words,
                              &status))
        return status;
    return avcsec_command_has_words(&words, 0, 0, "") && make(&key, purpose, &common)
               ? AVCSEC_DONE
               : AVCSEC_WRONG;
}

const avcsec_command_t avcsec_command_pagekey = {
    "pagekey",
    "--key-file F [--kid K] [--realm R] --purpose P",
    "Write a page key: it signs for one purpose and nothing else",
    "The key is the one that signs now, or --kid. Give the page key to the page in its\n"
    "secret store, in a file of its own, or in the environment variable AVC_PAGE_KEY.",
    run,
};
