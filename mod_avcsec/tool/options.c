/* SPDX-License-Identifier: Apache-2.0
 *
 * Options: reading the command line by tables.
 */
#include "options.h"

#include "complain.h"

#include <stdio.h>
#include <string.h>

#define JSON_AND_HELP                                                                              \
    {"json", NULL, offsetof(avcsec_common_t, has_json), AVCSEC_OPTION_FLAG,                        \
     "write the answer as one JSON object"},                                                       \
    {                                                                                              \
        "help", NULL, offsetof(avcsec_common_t, has_help), AVCSEC_OPTION_FLAG, "show this"         \
    }

const avcsec_option_t avcsec_common_options[] = {JSON_AND_HELP, {.name = NULL}};

const avcsec_option_t avcsec_clock_options[] = {
    {"now", "SECONDS", offsetof(avcsec_common_t, now), AVCSEC_OPTION_TEXT,
     "take this Unix time for now"},
    JSON_AND_HELP,
    {.name = NULL},
};

static const avcsec_option_t *find(avcsec_slice_t name, const avcsec_option_group_t *groups,
                                   void **into)
{
    for (; groups->title; groups++)
        for (const avcsec_option_t *option = groups->options; option->name; option++)
            if (avcsec_slice_equals(name, avcsec_slice_of(option->name))) {
                *into = (char *)groups->into + option->field;
                return option;
            }
    return NULL;
}

static bool add_word(const char *what, const char *word, avcsec_words_t *words)
{
    if (words->count == AVCSEC_WORDS_MAX)
        return avcsec_complain("there are more than %d %s", AVCSEC_WORDS_MAX, what);
    words->items[words->count++] = word;
    return true;
}

/* `value` is NULL if there is none. */
static bool store(const avcsec_option_t *option, const char *value, void *into)
{
    const char **text = into;

    if (option->kind == AVCSEC_OPTION_FLAG) {
        *(bool *)into = true;
        return value ? avcsec_complain("--%s has no value", option->name) : true;
    }
    if (!value)
        return avcsec_complain("--%s needs a value: %s", option->name, option->value);
    if (option->kind == AVCSEC_OPTION_WORDS)
        return add_word(option->name, value, into);
    if (*text)
        return avcsec_complain("--%s stands twice", option->name);
    *text = value;
    return true;
}

/* Reads the option at argv[*at]; *at moves to the last word that belongs to it. */
static bool read_option(int argc, char **argv, int *at, const avcsec_option_group_t *groups)
{
    const char *text = argv[*at] + 2, *value = strchr(text, '=');
    avcsec_slice_t name = avcsec_slice_between(text, value ? value : text + strlen(text));
    const avcsec_option_t *option;
    void *into = NULL;

    if (strcmp(argv[*at], "-h") == 0)
        name = AVCSEC_LITERAL("help");
    else if (argv[*at][1] != '-')
        return avcsec_complain("options are long here, as in --help; '%s' is none", argv[*at]);
    option = find(name, groups, &into);
    if (!option)
        return avcsec_complain("there is no option --%.*s; --help lists them", (int)name.len,
                               name.p);
    if (value)
        value++;
    else if (option->kind != AVCSEC_OPTION_FLAG && *at + 1 < argc)
        value = argv[++*at];
    return store(option, value, into);
}

bool avcsec_options_read(int argc, char **argv, const avcsec_option_group_t *groups,
                         avcsec_words_t *words)
{
    bool is_over = false;

    words->count = 0;
    for (int i = 1; i < argc; i++) {
        if (!is_over && strcmp(argv[i], "--") == 0)
            is_over = true;
        else if (is_over || argv[i][0] != '-' || argv[i][1] == '\0') {
            if (!add_word("words", argv[i], words))
                return false;
        } else if (!read_option(argc, argv, &i, groups))
            return false;
    }
    return true;
}

static void help_one(const avcsec_option_t *option)
{
    avcsec_slice_t rest = avcsec_slice_of(option->help), line;
    char left[64];
    int column = 26;

    snprintf(left, sizeof(left), "--%s%s%s", option->name, option->value ? " " : "",
             option->value ? option->value : "");
    printf("  %-*s", column - 2, left);
    if ((int)strlen(left) > column - 3)
        printf("\n%*s", column, "");
    avcsec_slice_cut(&rest, '\n', &line);
    printf("%.*s\n", (int)line.len, line.p);
    while (avcsec_slice_cut(&rest, '\n', &line))
        printf("%*s%.*s\n", column, "", (int)line.len, line.p);
}

void avcsec_options_help(const avcsec_option_group_t *groups)
{
    for (; groups->title; groups++) {
        printf("\n%s\n", groups->title);
        for (const avcsec_option_t *option = groups->options; option->name; option++)
            help_one(option);
    }
}
