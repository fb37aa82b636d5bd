/* SPDX-License-Identifier: Apache-2.0
 *
 * avcsec status: what a running server says of refusals and keys, from its page server-status.
 */
#include "commands.h"
#include "complain.h"
#include "core/text/json.h"
#include "fetch.h"

#include <stdlib.h>
#include <string.h>

#define DEFAULT_URL "http://127.0.0.1/server-status?auto"

typedef struct {
    avcsec_common_t common;
} options_t;

/* "Name: value" of one line; false if it is none of this module's. */
static bool read_line(avcsec_slice_t line, const char *prefix, avcsec_slice_t *name,
                      avcsec_slice_t *value)
{
    avcsec_slice_t rest = line, begin = avcsec_slice_of(prefix);

    if (!avcsec_slice_has_prefix(line, begin) || !avcsec_slice_cut(&rest, ':', name) || !rest.p)
        return false;
    *name = avcsec_slice_between(line.p + begin.len, name->p + name->len);
    *value = avcsec_slice_trim(rest);
    return true;
}

/* The next word of a value; "-" for none. */
static avcsec_slice_t next(avcsec_slice_t *rest)
{
    avcsec_slice_t word = {NULL, 0};

    avcsec_slice_next_word(rest, " \r", &word);
    return word;
}

static avcsec_slice_t unless(avcsec_slice_t word, const char *none)
{
    const avcsec_slice_t absent = {NULL, 0};

    return avcsec_slice_equals(word, avcsec_slice_of(none)) ? absent : word;
}

static void print(avcsec_slice_t text)
{
    avcsec_print_safely(stdout, text);
}

/* ---- A line each ---- */

static void show_refused(avcsec_slice_t reason, avcsec_slice_t count, bool as_json)
{
    int64_t number = 0;

    avcsec_slice_to_number(avcsec_slice_trim(count), INT64_MAX / 2, &number);
    if (as_json) {
        avcsec_json_open(NULL, '{');
        avcsec_json_text("reason", reason);
        avcsec_json_number("count", number);
        avcsec_json_close('}');
        return;
    }
    printf("  ");
    print(reason);
    printf(": %lld\n", (long long)number);
}

/* AvcKeyFile: path realm read */
static void show_file(avcsec_slice_t value, bool as_json)
{
    avcsec_slice_t path = next(&value), realm = unless(next(&value), "-"),
                   read = unless(next(&value), "never");

    if (as_json) {
        avcsec_json_open(NULL, '{');
        avcsec_json_text("key_file", path);
        avcsec_json_text("realm", realm);
        avcsec_json_text("read", read);
        avcsec_json_close('}');
        return;
    }
    printf("Key file ");
    print(path);
    printf(realm.p ? ", realm " : ", no realm");
    print(realm);
    printf(", last change read ");
    print(read.p ? read : AVCSEC_LITERAL("never"));
    putchar('\n');
}

/* AvcKey-kid: kind used TIME until TIME */
static void show_key(avcsec_slice_t kid, avcsec_slice_t value, bool as_json)
{
    avcsec_slice_t kind = next(&value), used, until;

    next(&value);
    used = unless(next(&value), "never");
    next(&value);
    until = unless(next(&value), "-");
    if (as_json) {
        avcsec_json_open(NULL, '{');
        avcsec_json_text("kid", kid);
        avcsec_json_text("kind", kind);
        avcsec_json_text("used", used);
        avcsec_json_text("until", until);
        avcsec_json_close('}');
        return;
    }
    printf("  ");
    print(kid);
    printf(" (");
    print(kind);
    printf("): last used ");
    print(used.p ? used : AVCSEC_LITERAL("never"));
    printf(until.p ? ", until " : ", without an end");
    print(until);
    putchar('\n');
}

/* ---- The page ---- */

static void show_refusals(avcsec_slice_t page, bool as_json)
{
    avcsec_slice_t line, name, value;

    while (avcsec_slice_cut(&page, '\n', &line))
        if (read_line(line, "AvcRefused-", &name, &value))
            show_refused(name, value, as_json);
}

static void show_keys(avcsec_slice_t page, bool as_json)
{
    avcsec_slice_t line, name, value;

    while (avcsec_slice_cut(&page, '\n', &line))
        if (read_line(line, "AvcKeyFile", &name, &value))
            show_file(value, as_json);
        else if (read_line(line, "AvcKey-", &name, &value))
            show_key(name, value, as_json);
}

static bool find_total(avcsec_slice_t page, int64_t *total)
{
    avcsec_slice_t line, name, value;

    *total = 0;
    while (avcsec_slice_cut(&page, '\n', &line))
        if (read_line(line, "AvcRefused", &name, &value) && name.len == 0) {
            avcsec_slice_to_number(value, INT64_MAX / 2, total);
            return true;
        }
    return false;
}

static bool show(avcsec_slice_t page, bool as_json)
{
    int64_t total;

    if (!find_total(page, &total))
        return avcsec_complain(
            "that page has no line of mod_avcsec: is the module loaded, and does "
            "the address end in ?auto");
    if (!as_json) {
        printf("Refused since the start: %lld\n", (long long)total);
        show_refusals(page, false);
        show_keys(page, false);
        return true;
    }
    avcsec_json_open(NULL, '{');
    avcsec_json_number("refused", total);
    avcsec_json_open("reasons", '[');
    show_refusals(page, true);
    avcsec_json_close(']');
    avcsec_json_open("keys", '[');
    show_keys(page, true);
    avcsec_json_close(']');
    avcsec_json_close('}');
    return true;
}

static int run(int argc, char **argv)
{
    options_t options = {.common = {false}};
    const avcsec_option_group_t groups[] = {{"Options", avcsec_common_options, &options.common},
                                            {NULL, NULL, NULL}};
    avcsec_words_t words = {0};
    const char *url;
    int status;
    size_t len = 0;
    char *page;
    bool is_shown;

    if (!avcsec_command_begin(&avcsec_command_status, argc, argv, groups, &options.common, &words,
                              &status))
        return status;
    if (!avcsec_command_has_words(&words, 0, 1, "no more than one URL"))
        return AVCSEC_WRONG;
    url = words.count ? words.items[0] : DEFAULT_URL;
    page = strcmp(url, "-") ? avcsec_fetch(url, &len) : avcsec_fetch_input(&len);
    if (!page)
        return AVCSEC_WRONG;
    is_shown = show((avcsec_slice_t){page, len}, options.common.has_json);
    free(page);
    return is_shown ? AVCSEC_DONE : AVCSEC_WRONG;
}

const avcsec_command_t avcsec_command_status = {
    "status",
    "[URL|-]",
    "Show what a running server refused, and its keys",
    "It asks " DEFAULT_URL ", or the URL that is given, or reads such a\n"
    "page from standard input (-). What the configuration protects is shown by\n"
    "apachectl -t -D DUMP_AVCSEC.",
    run,
};
