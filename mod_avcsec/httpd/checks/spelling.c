/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of lists that are misspelt: a comma that belongs to no name, what is one letter from a
 * name of a preset, a preset of another directive. Such a list closes nothing.
 */
#include "httpd/checks/dump.h"
#include "httpd/checks/nearly.h"
#include "httpd/checks/rules.h"

#include "core/request/names.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"

APLOG_USE_MODULE(avcsec);

/* ---- Presets ---- */

static const struct {
    const char *directive;
    const avcsec_preset_t *presets;
} tables[] = {
    {"AvcMediaServerScripts", avcsec_media_server_presets},
    {"AvcAdminScripts", avcsec_admin_presets},
    {"AvcHidden", avcsec_hidden_presets},
};
#define TABLES (sizeof(tables) / sizeof(tables[0]))

static const avcsec_preset_t *presets_of(const avcsec_setting_t *setting)
{
    for (size_t i = 0; i < TABLES; i++)
        if (avcsec_tree_is(setting, tables[i].directive))
            return tables[i].presets;
    return NULL;
}

static bool has_preset(const avcsec_preset_t *presets, const char *word)
{
    for (; presets->preset; presets++)
        if (!strcasecmp(presets->preset, word))
            return true;
    return false;
}

static const char *list_presets(apr_pool_t *p, const avcsec_preset_t *presets)
{
    const char *list = "";

    for (; presets->preset; presets++)
        list = apr_pstrcat(p, list, *list ? ", " : "", presets->preset, NULL);
    return list;
}

/* It is a preset of another directive. */
static bool is_elsewhere(const avcsec_preset_t *own, const char *word)
{
    for (size_t i = 0; i < TABLES; i++)
        if (tables[i].presets != own && has_preset(tables[i].presets, word))
            return true;
    return false;
}

/* Without the ending that names need not have. */
static const char *without_ending(apr_pool_t *p, const char *word)
{
    const char *dot = strrchr(word, '.');

    return dot && dot != word ? apr_pstrmemdup(p, word, (size_t)(dot - word)) : word;
}

/* The preset, or the name of one, that the word was meant for; NULL: none. */
static const char *meant(apr_pool_t *p, const avcsec_preset_t *presets, const char *word)
{
    const char *bare = without_ending(p, word), *found = NULL;

    for (; presets->preset; presets++) {
        char *rest = apr_pstrdup(p, presets->entries);

        if (avcsec_is_nearly(word, presets->preset))
            return presets->preset;
        for (char *entry; (entry = apr_strtok(rest, " ", &rest)) != NULL;) {
            entry[strcspn(entry, "|")] = '\0'; /* a condition is no part of the name */
            if (!strcasecmp(entry, word) || !strcasecmp(entry, bare))
                return NULL;
            /* "*.old" is no word that somebody has in mind. */
            if (*entry != '*' && (avcsec_is_nearly(word, entry) || avcsec_is_nearly(bare, entry)))
                found = entry;
        }
    }
    return found;
}

/* ---- What lies on disk ---- */

typedef enum { ON_DISK_NOTHING, ON_DISK_SOMETHING, ON_DISK_UNKNOWN } on_disk_t;

static bool matches_files(const avcsec_dump_host_t *host, const avcsec_setting_t *setting,
                          const char *word)
{
    for (int i = 0; i < host->protections->nelts; i++) {
        const avcsec_dump_protection_t *told =
            &APR_ARRAY_IDX(host->protections, i, avcsec_dump_protection_t);

        for (int k = 0; told->setting == setting && told->names && k < told->names->nelts; k++) {
            const avcsec_dump_name_t *name = &APR_ARRAY_IDX(told->names, k, avcsec_dump_name_t);

            if (!strcasecmp(name->text, word) && name->files->nelts)
                return true;
        }
    }
    return false;
}

/* What the report would say of it, in every host where the line holds. */
static on_disk_t look_for(avcsec_checks_t *check, const avcsec_setting_t *setting, const char *word)
{
    avcsec_dump_t dump = {.check = check};

    dump.hosts = apr_array_make(check->p, 2, sizeof(avcsec_dump_host_t));
    dump.bare = apr_array_make(check->p, 1, sizeof(server_rec *));
    for (server_rec *s = check->main_server; s; s = s->next)
        if (setting->server == s || setting->server == check->main_server)
            avcsec_dump_host(check, s, &APR_ARRAY_PUSH(dump.hosts, avcsec_dump_host_t));
    avcsec_dump_look(&dump);
    for (int i = 0; i < dump.hosts->nelts; i++)
        if (matches_files(&APR_ARRAY_IDX(dump.hosts, i, avcsec_dump_host_t), setting, word))
            return ON_DISK_SOMETHING;
    return dump.stopped ? ON_DISK_UNKNOWN : ON_DISK_NOTHING;
}

/* ---- Words ---- */

static const char *line_with(apr_pool_t *p, const avcsec_setting_t *setting, const char *word,
                             const char *right)
{
    const char *args = setting->line->args, *line = setting->directive, *next;

    while (*(next = ap_getword_conf(p, &args)))
        line = apr_pstrcat(p, line, " ", strcmp(next, word) ? next : right, NULL);
    return line;
}

static void check_name(avcsec_checks_t *check, const avcsec_setting_t *setting, const char *word)
{
    const avcsec_preset_t *presets = presets_of(setting);
    const char *right, *text;
    on_disk_t there;

    if (!presets || !strcasecmp(word, "none") || has_preset(presets, word))
        return;
    right = meant(check->p, presets, word);
    if ((!right && !is_elsewhere(presets, word)) ||
        (there = look_for(check, setting, word)) == ON_DISK_SOMETHING)
        return;
    text = right
               ? apr_psprintf(check->p,
                              "%s %s: nothing of that name lies on disk; was it to be \"%s\"? Then "
                              "write: %s (presets: %s)",
                              setting->directive, word, right,
                              line_with(check->p, setting, word, right),
                              list_presets(check->p, presets))
               : apr_psprintf(check->p,
                              "%s %s: that is a preset of another directive, and here a name that "
                              "nothing on disk has; the presets here are: %s",
                              setting->directive, word, list_presets(check->p, presets));
    if (there == ON_DISK_UNKNOWN)
        avcsec_complain(check, AVCSEC_NOTICE_ADVICE, &setting->place, text);
    else
        avcsec_complain_in_test(check, &setting->place, text);
}

/* "a, b;": every comma and semicolon at an end of a word is a space that was meant. */
static const char *without_commas(apr_pool_t *p, const char *word)
{
    const char *begin = word + strspn(word, ",;");
    size_t len = strlen(begin);

    while (len && strchr(",;", begin[len - 1]))
        len--;
    return apr_pstrmemdup(p, begin, len);
}

/* "a,b" are two names, if no file has the one. */
static const char *split_at_commas(apr_pool_t *p, const char *word)
{
    char *split = apr_pstrdup(p, word);

    for (char *c = split; (c = strchr(c, ',')) != NULL;)
        *c = ' ';
    return split;
}

static bool check_commas(avcsec_checks_t *check, const avcsec_setting_t *setting, const char *word)
{
    const char *right = without_commas(check->p, word);

    if (!strcmp(right, word)) {
        if (!presets_of(setting) || !strchr(word, ',') || strchr(word, '?') ||
            look_for(check, setting, word) != ON_DISK_NOTHING)
            return false;
        right = split_at_commas(check->p, word);
    }
    avcsec_complain(check, AVCSEC_NOTICE_CONFIG, &setting->place,
                    apr_psprintf(check->p,
                                 "%s: what it lists stands between spaces, and \"%s\" would be "
                                 "a name with a comma or semicolon; write: %s",
                                 setting->directive, word,
                                 line_with(check->p, setting, word, right)));
    return true;
}

static bool is_list(const avcsec_setting_t *setting)
{
    static const char *const lists[] = {"AvcUnsignedArgs", "AvcInlineTypes", "AvcOrigins",
                                        "AvcRedirectHosts", NULL};

    for (int i = 0; lists[i]; i++)
        if (avcsec_tree_is(setting, lists[i]))
            return true;
    return presets_of(setting) != NULL;
}

void avcsec_check_spelling(avcsec_checks_t *check)
{
    for (int i = 0; i < avcsec_config_settings()->nelts; i++) {
        const avcsec_setting_t *setting = avcsec_tree_setting(i);
        const char *args = setting->line->args, *word;

        while (is_list(setting) && *(word = ap_getword_conf(check->p, &args)))
            if (!check_commas(check, setting, word))
                check_name(check, setting, word);
    }
}
