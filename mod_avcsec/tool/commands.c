/* SPDX-License-Identifier: Apache-2.0
 *
 * What all subcommands begin with.
 */
#include "commands.h"

#include "complain.h"

static void show_help(const avcsec_command_t *command, const avcsec_option_group_t *groups)
{
    printf("Usage: avcsec %s %s\n\n%s.\n", command->name, command->synopsis, command->summary);
    if (command->text)
        printf("\n%s\n", command->text);
    avcsec_options_help(groups);
}

bool avcsec_command_begin(const avcsec_command_t *command, int argc, char **argv,
                          const avcsec_option_group_t *groups, const avcsec_common_t *common,
                          avcsec_words_t *words, int *status)
{
    *status = AVCSEC_WRONG;
    if (!avcsec_options_read(argc, argv, groups, words))
        return false;
    if (!common->has_help)
        return true;
    show_help(command, groups);
    *status = AVCSEC_DONE;
    return false;
}

bool avcsec_command_has_words(const avcsec_words_t *words, size_t least, size_t most,
                              const char *what)
{
    if (words->count < least)
        return avcsec_complain("give %s", what);
    if (words->count > most)
        return avcsec_complain("there is one word too many: '%s'", words->items[most]);
    return true;
}
