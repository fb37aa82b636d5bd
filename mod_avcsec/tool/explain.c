/* SPDX-License-Identifier: Apache-2.0
 *
 * avcsec explain: what a link or token says, and what would refuse it.
 */
#include "admission.h"
#include "commands.h"
#include "complain.h"
#include "report.h"
#include "when.h"

#include <stddef.h>
#include <stdlib.h>

static avcsec_finding_t *add(avcsec_findings_t *found, avcsec_carrier_t carrier,
                             avcsec_slice_t text)
{
    avcsec_finding_t *finding = &found->findings[found->count++];

    *finding = (avcsec_finding_t){.carrier = carrier, .text = text};
    return finding;
}

/* The tokens of the request line; headers are not pasted. */
static void collect(const avcsec_reading_t *reading, avcsec_findings_t *found)
{
    const avcsec_path_tokens_t *tokens = &reading->path_tokens;

    if (reading->query_tokens)
        add(found, AVCSEC_IN_QUERY, reading->query_token);
    for (size_t i = 0; i < tokens->count && i < AVCSEC_PATH_TOKENS; i++)
        add(found, AVCSEC_IN_PATH, tokens->token[i]);
}

static bool make_all(const avcsec_inquiry_t *inquiry, avcsec_findings_t *found)
{
    for (size_t i = 0; i < found->count; i++)
        if (!avcsec_finding_make(inquiry, &found->findings[i]))
            return false;
    return true;
}

/* A token that stands alone may have been percent-encoded, too. */
static void add_bare(avcsec_source_t *source, avcsec_findings_t *found)
{
    char *text = source->text + (source->token.p - source->text);
    size_t len = avcsec_slice_unescape(source->token, false, text);

    add(found, AVCSEC_NO_CARRIER, (avcsec_slice_t){text, len});
}

static int explain(avcsec_inquiry_t inquiry, avcsec_source_t *source, bool has_json)
{
    avcsec_findings_t *found = calloc(1, sizeof(*found));
    avcsec_case_t judged = {.room = NULL};
    int status = AVCSEC_WRONG;
    bool is_read = found != NULL;

    if (is_read && source->token.p)
        add_bare(source, found);
    else if (is_read && (is_read = avcsec_case_read(&source->target, &judged))) {
        inquiry.judged = &judged;
        collect(&judged.reading, found);
    }
    if (is_read && make_all(&inquiry, found)) {
        (has_json ? avcsec_report_write_json : avcsec_report_write_text)(&inquiry, found);
        status = avcsec_report_verdict(found) == AVCSEC_ALLOWED ? AVCSEC_DONE : AVCSEC_REFUSED;
    }
    avcsec_case_free(&judged);
    free(found);
    return status;
}

typedef struct {
    const char *server;
} admission_options_t;

static const avcsec_option_t admission_options[] = {
    {"admission", "SERVER", offsetof(admission_options_t, server), AVCSEC_OPTION_TEXT,
     "answer a question of this media server\non standard input; SERVER is a word of\n"
     "AvcAdmission; needs KEY"},
    {.name = NULL},
};

/* A question instead of a link. */
static int answer(const char *server, const avcsec_words_t *words, const avcsec_common_t *common,
                  const avcsec_key_options_t *key)
{
    avcsec_key_box_t *keys = NULL;
    int64_t now;
    int status = AVCSEC_WRONG;

    if (words->count > 0 || common->has_json)
        avcsec_complain("--admission takes the question on standard input, and no --json");
    else if (!avcsec_key_box_is_named(key))
        avcsec_complain("--admission needs the key: --key-file or --page-key");
    else if (avcsec_when_now(common->now, &now) && (keys = avcsec_key_box_open(key)))
        status = avcsec_admission_explain(server, keys, now);
    avcsec_key_box_close(keys);
    return status;
}

static int run(int argc, char **argv)
{
    admission_options_t admission = {.server = NULL};
    avcsec_common_t common = {.now = NULL};
    avcsec_key_options_t key = {.key_file = NULL};
    const avcsec_option_group_t groups[] = {
        {"KEY (without, the signature is not checked)", avcsec_key_options, &key},
        {"A media server's question", admission_options, &admission},
        {"Other options", avcsec_clock_options, &common},
        {.title = NULL},
    };
    avcsec_source_t source = {.text = NULL};
    avcsec_inquiry_t inquiry = {.source = &source};
    avcsec_words_t words;
    int status;

    if (!avcsec_command_begin(&avcsec_command_explain, argc, argv, groups, &common, &words,
                              &status))
        return status;
    if (admission.server)
        return answer(admission.server, &words, &common, &key);
    status = AVCSEC_WRONG;
    if (avcsec_command_has_words(&words, 1, 1, "the URL, path, token or log line") &&
        avcsec_when_now(common.now, &inquiry.now) && avcsec_source_read(words.items[0], &source) &&
        (!avcsec_key_box_is_named(&key) || (inquiry.keys = avcsec_key_box_open(&key))))
        status = explain(inquiry, &source, common.has_json);
    avcsec_key_box_close(inquiry.keys);
    avcsec_source_free(&source);
    return status;
}

const avcsec_command_t avcsec_command_explain = {
    "explain",
    "[KEY] URL-OR-PATH",
    "Say in words what a link or token says, and what would refuse it",
    "Takes a URL, a path, a bare token, or a line of an access log. KEY is as for verify.",
    run,
};
