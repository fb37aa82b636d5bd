/* SPDX-License-Identifier: Apache-2.0
 *
 * The command `avcsec`: finds the subcommand. Knows nothing of keys or tokens.
 */
#include "commands.h"
#include "complain.h"
#include "core/text/json.h"

#include <string.h>

static const avcsec_command_t *const commands[] = {
    &avcsec_command_keygen,  &avcsec_command_pagekey, &avcsec_command_sign,
    &avcsec_command_token,   &avcsec_command_revoke,  &avcsec_command_verify,
    &avcsec_command_explain, &avcsec_command_status,
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int show_help(void)
{
    puts("Usage: avcsec COMMAND [OPTIONS] ...\n\n"
         "Keys, signed links and tokens for sites behind mod_avcsec.\n");
    for (size_t i = 0; i < COMMANDS; i++)
        printf("  %-10s%s\n", commands[i]->name, commands[i]->summary);
    puts("\navcsec COMMAND --help explains a command, and so does man avcsec-COMMAND.\n"
         "avcsec --version shows the version.\n\n"
         "Exit status: 0 done or valid; 1 refused; 2 wrong usage or unreadable input.");
    return AVCSEC_DONE;
}

static int show_version(void)
{
    puts("avcsec " AVCSEC_VERSION);
    return AVCSEC_DONE;
}

static int run(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "";

    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0)
        return show_help();
    if (strcmp(word, "--version") == 0)
        return show_version();
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(word, commands[i]->name) == 0) {
            avcsec_complain_as(word);
            return commands[i]->run(argc - 1, argv + 1);
        }
    if (*word)
        avcsec_complain("there is no command '%s'; avcsec --help lists them", word);
    else
        avcsec_complain("name a command; avcsec --help lists them");
    return AVCSEC_WRONG;
}

static void put(const char *text, size_t len)
{
    fwrite(text, 1, len, stdout);
}

int main(int argc, char **argv)
{
    int status;

    avcsec_json_to(put);
    status = run(argc, argv);

    if (fflush(stdout) != 0 || ferror(stdout)) {
        avcsec_complain("the output could not be written");
        return AVCSEC_WRONG;
    }
    return status;
}
