/* SPDX-License-Identifier: Apache-2.0
 *
 * avcsec sign: a signed URL.
 */
#include "commands.h"
#include "complain.h"
#include "core/text/json.h"
#include "issue.h"

#include <stdlib.h>

typedef struct {
    const char *carrier;
    bool has_force;
} sign_options_t;

static const avcsec_option_t sign_options[] = {
    {"carrier", "query|path", offsetof(sign_options_t, carrier), AVCSEC_OPTION_TEXT,
     "where the token stands (default: query)"},
    {"force", NULL, offsetof(sign_options_t, has_force), AVCSEC_OPTION_FLAG,
     "what names others relatively may be opened without\nthem: .m3u8 and .mpd, and .html with "
     "--carrier path"},
    {.name = NULL},
};

static bool read_carrier(const char *word, avcsec_carrier_t *carrier)
{
    avcsec_slice_t s = avcsec_slice_of(word);

    *carrier = AVCSEC_IN_QUERY;
    if (!word || avcsec_slice_equals(s, AVCSEC_LITERAL("query")))
        return true;
    *carrier = AVCSEC_IN_PATH;
    return avcsec_slice_equals(s, AVCSEC_LITERAL("path"))
               ? true
               : avcsec_complain("--carrier is query or path");
}

/* Pages and playlists name others relatively, which inherit a path token of their directory and
 * nothing else. A page that is asked for by its query opens the rest in its own way. */
static const struct {
    const char *ending;
    bool is_page;
} relative[] = {{"*.m3u8", false}, {"*.mpd", false}, {"*.html", true}, {"*.htm", true}};

/* `name` is decoded; what a server behind may read as parameters does not count. */
static bool check_name(avcsec_slice_t name, avcsec_carrier_t carrier)
{
    avcsec_slice_t rest = name;

    avcsec_slice_cut(&rest, ';', &name);
    for (size_t i = 0; i < sizeof(relative) / sizeof(relative[0]); i++)
        if ((carrier == AVCSEC_IN_PATH || !relative[i].is_page) &&
            avcsec_slice_matches(name, avcsec_slice_of(relative[i].ending), true))
            return avcsec_complain("%s names others relatively, which this token would not open: "
                                   "give --carrier path and --dir, or --force",
                                   relative[i].ending);
    return true;
}

static bool check_relative(const avcsec_target_t *target, avcsec_carrier_t carrier)
{
    char *path = malloc(target->path.len + 1);
    avcsec_slice_t name = {path, 0};
    bool is_good;

    if (!path)
        return avcsec_complain("there is no memory");
    name.len = avcsec_slice_unescape(target->path, false, path);
    for (size_t i = name.len; i-- > 0;)
        if (path[i] == '/') {
            name = (avcsec_slice_t){path + i + 1, name.len - i - 1};
            break;
        }
    is_good = check_name(name, carrier);
    free(path);
    return is_good;
}

static void write_url(avcsec_carrier_t carrier, const avcsec_issued_t *issued, const char *url,
                      bool has_json)
{
    if (!has_json) {
        puts(url);
        return;
    }
    avcsec_json_open(NULL, '{');
    avcsec_json_text("url", avcsec_slice_of(url));
    avcsec_json_text("carrier", avcsec_slice_of(carrier == AVCSEC_IN_PATH ? "path" : "query"));
    avcsec_issue_write_json(issued);
    avcsec_json_close('}');
}

static int run(int argc, char **argv)
{
    avcsec_issue_options_t options = {.common.now = NULL};
    sign_options_t own = {NULL, false};
    const avcsec_option_group_t groups[] = {
        {"KEY", avcsec_key_options, &options.key},
        {"CLAIMS", avcsec_claim_options, &options.claims},
        {"Options", sign_options, &own},
        {"Other options", avcsec_clock_options, &options.common},
        {.title = NULL},
    };
    avcsec_carrier_t carrier;
    avcsec_target_t target;
    avcsec_issued_t issued;
    avcsec_words_t words;
    char *url = NULL;
    int status;

    if (!avcsec_command_begin(&avcsec_command_sign, argc, argv, groups, &options.common, &words,
                              &status))
        return status;
    if (avcsec_command_has_words(&words, 1, 1, "the URL or path that is to be signed") &&
        read_carrier(own.carrier, &carrier) && avcsec_target_read(words.items[0], &target) &&
        ((carrier == AVCSEC_IN_PATH && options.claims.dir) || own.has_force ||
         check_relative(&target, carrier)) &&
        avcsec_issue(&options, &target, carrier, &issued))
        url = avcsec_target_with_token(&target, issued.token.text, carrier, issued.token.dir);
    if (!url)
        return AVCSEC_WRONG;
    write_url(carrier, &issued, url, options.common.has_json);
    free(url);
    return AVCSEC_DONE;
}

const avcsec_command_t avcsec_command_sign = {
    "sign",
    "KEY [CLAIMS] [--carrier query|path] URL-OR-PATH",
    "Write the signed URL and nothing else",
    "KEY is --key-file F [--kid K] [--realm R], or page keys: --page-key F, or the\n"
    "environment variable AVC_PAGE_KEY. The path is percent-encoded, as browsers send it;\n"
    "scheme, host and port stay and are not signed. Arguments of the query are signed.",
    run,
};
