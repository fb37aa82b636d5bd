/* SPDX-License-Identifier: Apache-2.0
 *
 * Options as tables: each row is read, checked and explained by --help from the one
 * place where it stands. Long options only, spelt in full; an option may stand before
 * or behind the words; "--" ends them.
 */
#ifndef AVCSEC_OPTIONS_H
#define AVCSEC_OPTIONS_H

#include "core/text/slice.h"

#define AVCSEC_WORDS_MAX 64

typedef struct {
    size_t count;
    const char *items[AVCSEC_WORDS_MAX];
} avcsec_words_t;

typedef enum {
    AVCSEC_OPTION_TEXT,  /* field is a const char *; stands once */
    AVCSEC_OPTION_WORDS, /* field is an avcsec_words_t; may be repeated */
    AVCSEC_OPTION_FLAG   /* field is a bool; has no value */
} avcsec_option_kind_t;

typedef struct {
    const char *name;  /* without "--"; NULL ends a table */
    const char *value; /* what --help calls the value; NULL for a flag */
    size_t field;      /* offset in the group's struct */
    avcsec_option_kind_t kind;
    const char *help; /* what it does; lines are split at '\n' */
} avcsec_option_t;

/* Some options and the struct that they are written to. */
typedef struct {
    const char *title; /* in --help; NULL ends a list of groups */
    const avcsec_option_t *options;
    void *into; /* zero before */
} avcsec_option_group_t;

/* Options that every subcommand has. */
typedef struct {
    bool has_json, has_help;
    const char *now;
} avcsec_common_t;

extern const avcsec_option_t avcsec_common_options[]; /* --json --help */
extern const avcsec_option_t avcsec_clock_options[];  /* those and --now */

/* Reads what follows the subcommand's name into the groups, and all that is no option
 * into *words. False after a complaint. */
bool avcsec_options_read(int argc, char **argv, const avcsec_option_group_t *groups,
                         avcsec_words_t *words);

/* Writes the help of these groups to standard output. */
void avcsec_options_help(const avcsec_option_group_t *groups);

#endif
