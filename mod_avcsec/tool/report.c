/* SPDX-License-Identifier: Apache-2.0
 *
 * Reports: the verdict first, then why, then everything that the token says.
 */
#include "report.h"

#include "complain.h"
#include "core/text/b64url.h"
#include "core/text/json.h"
#include "core/text/redact.h"
#include "core/token/signed_text.h"
#include "mishap.h"
#include "words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_WIDTH 76

static const struct {
    const char *word, *text;
} carriers[] = {
    [AVCSEC_NO_CARRIER] = {NULL, "Token"},
    [AVCSEC_IN_QUERY] = {"query", "Token in the query (avc)"},
    [AVCSEC_IN_PATH] = {"path", "Token in the path"},
    [AVCSEC_IN_HEADER] = {"header", "Token in the header"},
    [AVCSEC_IN_COOKIE] = {"cookie", "Token in the cookie"},
};

static const struct {
    const char *word, *text;
} signatures[] = {
    [AVCSEC_SIGNATURE_NO_KEY] = {"unchecked", "not checked: no key was given"},
    [AVCSEC_SIGNATURE_MASKED] = {"unchecked", "not checked: the log has taken the mac out"},
    [AVCSEC_SIGNATURE_NO_PATH] = {"unchecked", "not checked: give the URL that it came with"},
    [AVCSEC_SIGNATURE_LATER] = {"unchecked", "not checked"},
    [AVCSEC_SIGNATURE_RIGHT] = {"right", "right"},
    [AVCSEC_SIGNATURE_WRONG] = {"wrong", "wrong"},
};

avcsec_verdict_t avcsec_report_verdict(const avcsec_findings_t *found)
{
    for (size_t i = 0; i < found->count; i++)
        if (found->findings[i].verdict != AVCSEC_ALLOWED)
            return found->findings[i].verdict;
    return found->count ? AVCSEC_ALLOWED : AVCSEC_NO_TOKEN;
}

/* ---- Pieces of a token ---- */

/* The text without its macs, in memory that the caller frees; absent if it is. */
static avcsec_slice_t redact(avcsec_slice_t text)
{
    char *shown = text.p ? malloc(text.len + 1) : NULL;
    const avcsec_slice_t none = {NULL, 0};

    return shown ? (avcsec_slice_t){shown, avcsec_redact(text, shown)} : none;
}

/* The next "name.value" of a token, also of one that is malformed. False at the end. */
static bool next_claim(avcsec_slice_t *rest, avcsec_slice_t *name, avcsec_slice_t *value)
{
    if (!avcsec_slice_cut(rest, '~', value) ||
        (avcsec_slice_equals(*value, AVCSEC_LITERAL("avc1")) &&
         !avcsec_slice_cut(rest, '~', value)))
        return false;
    avcsec_slice_cut(value, '.', name);
    if (avcsec_slice_equals(*name, AVCSEC_LITERAL("mac")))
        *value = AVCSEC_LITERAL("*");
    return true;
}

/* ---- Text ---- */

/* Wraps text behind `lead`, two columns in. */
static void print_words(const char *lead, const char *text)
{
    int column = printf("  %s", lead);
    bool is_first = true;

    for (avcsec_slice_t rest = avcsec_slice_of(text), word; avcsec_slice_cut(&rest, ' ', &word);) {
        if (!is_first && column + 1 + (int)word.len > TEXT_WIDTH)
            column = printf("\n  ") - 1;
        else if (!is_first)
            column += printf(" ");
        avcsec_print_safely(stdout, word);
        column += (int)word.len;
        is_first = false;
    }
    putchar('\n');
}

static void print_row(avcsec_slice_t name, avcsec_slice_t value, const char *words)
{
    enum { name_width = 5, value_width = 16 };
    int indent = 2 + name_width + 1;

    printf("  %-*.*s ", name_width, (int)name.len, name.p);
    avcsec_print_safely(stdout, value);
    if (*words && value.len > value_width)
        printf("\n%*s", indent + value_width, "");
    else if (*words)
        printf("%*s", value_width - (int)value.len, "");
    if (*words)
        printf("  ");
    avcsec_print_safely(stdout, avcsec_slice_of(words));
    putchar('\n');
}

/* What holds without a claim. */
static void print_defaults(const avcsec_token_t *token)
{
    const avcsec_slice_t none = AVCSEC_LITERAL("-");

    if (!token->exp)
        print_row(AVCSEC_LITERAL("exp"), none, "never ends");
    if (!token->mth.p && token->purpose == AVCSEC_FILE)
        print_row(AVCSEC_LITERAL("mth"), none, "only for methods GET, HEAD");
    if (!token->mth.p && token->purpose == AVCSEC_UPLOAD)
        print_row(AVCSEC_LITERAL("mth"), none, "only for methods POST, PUT, PATCH, HEAD, DELETE");
    if (!token->act.p && token->purpose == AVCSEC_SESSION)
        print_row(AVCSEC_LITERAL("act"), none, "may connect, play");
}

static void print_claims(const avcsec_finding_t *finding, int64_t now)
{
    avcsec_slice_t shown = redact(finding->text), rest = shown, name, value;
    char words[AVCSEC_WORDS_CHARS];

    for (size_t i = 1; next_claim(&rest, &name, &value); i++) {
        if (avcsec_slice_equals(value, AVCSEC_LITERAL("*")))
            snprintf(words, sizeof(words), "%s",
                     finding->error ? "" : signatures[finding->signature].text);
        else if (finding->error)
            snprintf(words, sizeof(words), "%s", i == finding->bad_claim ? "<-- here" : "");
        else
            avcsec_words_for_claim(name, value, finding->scope, now, words);
        print_row(name, value.p ? value : AVCSEC_LITERAL(""), words);
    }
    free((char *)shown.p);
    if (!finding->error)
        print_defaults(&finding->token);
}

static void print_line(avcsec_slice_t line)
{
    printf("  | ");
    avcsec_print_safely(stdout, line);
    putchar('\n');
}

static void print_signed_text(const avcsec_finding_t *finding, avcsec_slice_t query)
{
    avcsec_slice_t rest = finding->token.args, name, value;

    puts("\nThe text that is signed, each line with a line feed");
    print_line(AVCSEC_LITERAL("avcsec-v1"));
    print_line(finding->scope.p ? finding->scope
                                : AVCSEC_LITERAL("(the canonical path, which is not known here)"));
    print_line(finding->token.signed_text);
    while (avcsec_slice_cut(&rest, '.', &name)) {
        bool is_there = query.p && avcsec_token_argument(query, name, &value);

        printf("  | %.*s=", (int)name.len, name.p);
        avcsec_print_safely(stdout, is_there ? value : AVCSEC_LITERAL("(not in the query)"));
        putchar('\n');
    }
}

static void print_verdict(const avcsec_finding_t *finding)
{
    if (finding->verdict == AVCSEC_ALLOWED) {
        bool is_right = finding->signature == AVCSEC_SIGNATURE_RIGHT;

        if (finding->is_passed_over)
            puts("Passed over: another token for this purpose comes first.");
        else
            printf("%s",
                   is_right ? "Right: nothing refuses it.\n" : "Nothing refuses it so far.\n");
        if (!is_right)
            printf("  Its signature was %s.\n", signatures[finding->signature].text);
        return;
    }
    printf("Refused: %s (%d)\n", avcsec_verdict_word(finding->verdict),
           avcsec_verdict_status(finding->verdict));
    print_words("", avcsec_verdict_sentence(finding->verdict));
    if (finding->detail)
        print_words("Here: ", finding->detail);
    if (finding->argument[0]) {
        printf("  The argument: ");
        avcsec_print_safely(stdout, avcsec_slice_of(finding->argument));
        putchar('\n');
    }
}

/* How long a mac is that was cut, or that something was put behind. */
static void print_mac_length(const avcsec_finding_t *finding)
{
    const avcsec_slice_t mark = AVCSEC_LITERAL("~mac.");

    for (size_t i = finding->text.len; finding->error && i-- > 0;)
        if (avcsec_slice_has_prefix((avcsec_slice_t){finding->text.p + i, finding->text.len - i},
                                    mark)) {
            size_t len = finding->text.len - i - mark.len;

            if (len != AVCSEC_B64URL_CHARS(AVCSEC_MAC_BYTES))
                printf("  Behind ~mac. stand %zu characters; a mac has %d.\n", len,
                       (int)AVCSEC_B64URL_CHARS(AVCSEC_MAC_BYTES));
            return;
        }
}

static void print_finding(const avcsec_inquiry_t *inquiry, const avcsec_finding_t *finding)
{
    const avcsec_slice_t none = {NULL, 0};

    print_verdict(finding);
    print_mac_length(finding);
    printf("\n%s\n", carriers[finding->carrier].text);
    print_claims(finding, inquiry->now);
    if (!finding->error)
        print_signed_text(finding, inquiry->judged ? inquiry->judged->request.query : none);
}

static void print_request(const avcsec_inquiry_t *inquiry)
{
    const avcsec_source_t *source = inquiry->source;
    avcsec_slice_t path = avcsec_case_path(inquiry->judged),
                   query = redact(inquiry->judged->reading.query);

    puts("\nRequest");
    if (source->method.p)
        print_row(AVCSEC_LITERAL("by"), source->method, "");
    if (source->client.p)
        print_row(AVCSEC_LITERAL("from"), source->client, "");
    if (source->target.site.len)
        print_row(AVCSEC_LITERAL("site"), source->target.site, "");
    print_row(AVCSEC_LITERAL("path"), path.p ? path : AVCSEC_LITERAL("(malformed)"), "");
    if (query.p)
        print_row(AVCSEC_LITERAL("query"), query, "");
    free((char *)query.p);
}

void avcsec_report_write_text(const avcsec_inquiry_t *inquiry, const avcsec_findings_t *found)
{
    avcsec_verdict_t verdict = avcsec_report_verdict(found);
    const char *mishap = avcsec_mishap(inquiry, verdict),
               *hint = avcsec_mishap_hint(inquiry, verdict);

    if (found->count == 0) {
        printf("Refused: %s (%d)\n", avcsec_verdict_word(verdict), avcsec_verdict_status(verdict));
        print_words("", avcsec_verdict_sentence(verdict));
    }
    for (size_t i = 0; i < found->count; i++) {
        if (i)
            putchar('\n');
        print_finding(inquiry, &found->findings[i]);
    }
    if (inquiry->judged)
        print_request(inquiry);
    if (mishap || hint)
        puts("\nIt looks as if");
    if (mishap)
        print_words("", mishap);
    if (hint)
        print_words("", hint);
}

/* ---- JSON ---- */

static void write_claims(const avcsec_finding_t *finding, int64_t now)
{
    avcsec_slice_t shown = redact(finding->text), rest = shown, name, value;
    char words[AVCSEC_WORDS_CHARS];

    avcsec_json_open("claims", '[');
    while (next_claim(&rest, &name, &value)) {
        if (avcsec_slice_equals(value, AVCSEC_LITERAL("*")))
            continue;
        words[0] = '\0';
        if (!finding->error)
            avcsec_words_for_claim(name, value, finding->scope, now, words);
        avcsec_json_open(NULL, '{');
        avcsec_json_text("name", name);
        avcsec_json_text("value", value);
        if (words[0])
            avcsec_json_text("means", avcsec_slice_of(words));
        avcsec_json_close('}');
    }
    avcsec_json_close(']');
    free((char *)shown.p);
}

static void write_signed_text(const avcsec_finding_t *finding, avcsec_slice_t query)
{
    char text[16 + 4 * AVCSEC_TOKEN_MAX];
    avcsec_slice_t rest = finding->token.args, name, value;
    int len = snprintf(text, sizeof(text), "%.*s\n", (int)finding->token.signed_text.len,
                       finding->token.signed_text.p);

    avcsec_json_open("signed_lines", '[');
    avcsec_json_text(NULL, AVCSEC_LITERAL("avcsec-v1"));
    avcsec_json_text(NULL, finding->scope);
    avcsec_json_text(NULL, (avcsec_slice_t){text, (size_t)len - 1});
    while (avcsec_slice_cut(&rest, '.', &name)) {
        value = (avcsec_slice_t){NULL, 0};
        if (query.p)
            avcsec_token_argument(query, name, &value);
        len = snprintf(text, sizeof(text), "%.*s=%.*s", (int)name.len, name.p, (int)value.len,
                       value.p ? value.p : "");
        avcsec_json_text(
            NULL,
            (avcsec_slice_t){text, (size_t)len < sizeof(text) ? (size_t)len : sizeof(text) - 1});
    }
    avcsec_json_close(']');
}

static void write_verdict(avcsec_verdict_t verdict)
{
    avcsec_json_text("verdict", avcsec_slice_of(avcsec_verdict_word(verdict)));
    avcsec_json_number("status", avcsec_verdict_status(verdict));
    if (verdict != AVCSEC_ALLOWED)
        avcsec_json_text("help", avcsec_slice_of(avcsec_verdict_sentence(verdict)));
}

static void write_finding(const avcsec_inquiry_t *inquiry, const avcsec_finding_t *finding)
{
    const avcsec_slice_t none = {NULL, 0};

    avcsec_json_open(NULL, '{');
    avcsec_json_text("carrier", avcsec_slice_of(carriers[finding->carrier].word));
    write_verdict(finding->verdict);
    avcsec_json_text("detail", avcsec_slice_of(finding->detail));
    if (finding->argument[0])
        avcsec_json_text("argument", avcsec_slice_of(finding->argument));
    avcsec_json_bool("counts", !finding->is_passed_over);
    avcsec_json_text("signature", avcsec_slice_of(signatures[finding->signature].word));
    if (finding->bad_claim)
        avcsec_json_number("bad_claim", (int64_t)finding->bad_claim);
    write_claims(finding, inquiry->now);
    if (!finding->error)
        write_signed_text(finding, inquiry->judged ? inquiry->judged->request.query : none);
    avcsec_json_close('}');
}

void avcsec_report_write_json(const avcsec_inquiry_t *inquiry, const avcsec_findings_t *found)
{
    avcsec_verdict_t verdict = avcsec_report_verdict(found);
    avcsec_slice_t query = {NULL, 0};

    avcsec_json_open(NULL, '{');
    write_verdict(verdict);
    avcsec_json_text("hint", avcsec_slice_of(avcsec_mishap_hint(inquiry, verdict)));
    if (inquiry->judged) {
        query = redact(inquiry->judged->reading.query);
        avcsec_json_text("path", avcsec_case_path(inquiry->judged));
        avcsec_json_text("query", query);
    }
    avcsec_json_open("tokens", '[');
    for (size_t i = 0; i < found->count; i++)
        write_finding(inquiry, &found->findings[i]);
    avcsec_json_close(']');
    avcsec_json_close('}');
    free((char *)query.p);
}
