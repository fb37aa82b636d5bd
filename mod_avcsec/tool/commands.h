/* SPDX-License-Identifier: Apache-2.0
 *
 * The subcommands: one file each, one table of them (main.c).
 */
#ifndef AVCSEC_COMMANDS_H
#define AVCSEC_COMMANDS_H

#include "options.h"

typedef struct {
    const char *name;
    const char *synopsis;              /* what stands behind the name */
    const char *summary;               /* one line */
    const char *text;                  /* more, for its --help; may be NULL */
    int (*run)(int argc, char **argv); /* argv[0] is the name; returns the exit status */
} avcsec_command_t;

extern const avcsec_command_t avcsec_command_keygen;
extern const avcsec_command_t avcsec_command_pagekey;
extern const avcsec_command_t avcsec_command_sign;
extern const avcsec_command_t avcsec_command_token;
extern const avcsec_command_t avcsec_command_revoke;
extern const avcsec_command_t avcsec_command_verify;
extern const avcsec_command_t avcsec_command_explain;
extern const avcsec_command_t avcsec_command_status;

/* Reads the options of a subcommand and shows its help if that is asked for. True if
 * the command goes on; else *status is its exit status. */
bool avcsec_command_begin(const avcsec_command_t *command, int argc, char **argv,
                          const avcsec_option_group_t *groups, const avcsec_common_t *common,
                          avcsec_words_t *words, int *status);

/* Checks that there are from `least` to `most` words. False after a complaint. */
bool avcsec_command_has_words(const avcsec_words_t *words, size_t least, size_t most,
                              const char *what);

#endif
