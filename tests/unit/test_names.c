/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of scripts and folders: how they are read, where they are found, and what
 * the presets stand for.
 */
#include "check.h"

#include "core/names.h"

static void reading(void)
{
    static const struct {
        const char *text, *folder, *name, *argument, *value;
        bool is_good;
    } table[] = {
        {"writeuserslist", NULL, "writeuserslist", NULL, NULL, true},
        {"plugin/on_publish", "plugin", "on_publish", NULL, NULL, true},
        {"avc_settings?admin=true", NULL, "avc_settings", "admin", "true", true},
        {"a?b", NULL, "a", "b", NULL, true},
        {"a?b=", NULL, "a", "b", "", true},
        {"f/a?b=c=d", "f", "a", "b", "c=d", true},
        {"tokens/*", "tokens", "*", NULL, NULL, true},
        {"...", NULL, "...", NULL, NULL, true},
        {"", NULL, NULL, NULL, NULL, false},
        {NULL, NULL, NULL, NULL, NULL, false},
        {"/a", NULL, NULL, NULL, NULL, false},
        {"a/", NULL, NULL, NULL, NULL, false},
        {"a/b/c", NULL, NULL, NULL, NULL, false},
        {"a//b", NULL, NULL, NULL, NULL, false},
        {"../a", NULL, NULL, NULL, NULL, false},
        {"a/..", NULL, NULL, NULL, NULL, false},
        {".", NULL, NULL, NULL, NULL, false},
        {"a\\b", NULL, NULL, NULL, NULL, false},
        {"a\nb", NULL, NULL, NULL, NULL, false},
        {"?a=b", NULL, NULL, NULL, NULL, false},
        {"a?", NULL, NULL, NULL, NULL, false},
        {"a?=b", NULL, NULL, NULL, NULL, false},
        {"a?b.c=d", NULL, NULL, NULL, NULL, false},
        {"a?b[]=d", NULL, NULL, NULL, NULL, false},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
        {
            avcsec_name_t name;
            const char *error;
            bool is_right;

            check_begins(table[i].text ? table[i].text : "absent");
            error = avcsec_name_parse(guarded_text(table[i].text, side), &name);
            is_right = table[i].is_good ? !error && is_text(name.folder, table[i].folder) &&
                                              is_text(name.name, table[i].name) &&
                                              is_text(name.argument, table[i].argument) &&
                                              is_text(name.value, table[i].value)
                                        : error && strlen(error) > 20;
            check(is_right, "'%s' is %s", table[i].text ? table[i].text : "(absent)",
                  table[i].is_good ? "a name" : "refused with a sentence");
        }
}

static void finding(void)
{
    static const struct {
        const char *name, *path, *query;
        bool want;
    } table[] = {
        {"w", "/w", NULL, true},
        {"w", "/chat/w.php", NULL, true},
        {"w", "/w.php/foo", NULL, true},
        {"w", "/index.php/w.php", NULL, true},
        {"w", "/W.PHP", NULL, true},
        {"w", "/w.php.bak", NULL, true},
        {"w", "/w.", NULL, true},
        {"w", "w.php", NULL, true},
        {"w", "/xw.php", NULL, false},
        {"w", "/wx.php", NULL, false},
        {"w", "/x.w", NULL, false},
        {"w", "/", NULL, false},
        {"w", "", NULL, false},
        {"w", NULL, NULL, false},
        {"w.php", "/w.php", NULL, true},
        {"w.php", "/w.php.x", NULL, true},
        {"w.php", "/w.ph", NULL, false},
        {"w.php", "/w", NULL, false},
        {"f/w", "/f/w.php", NULL, true},
        {"f/w", "/a/F/w.php", NULL, true},
        {"f/w", "/f//w.php", NULL, true},
        {"f/w", "/w.php", NULL, false},
        {"f/w", "/f/a/w.php", NULL, false},
        {"f/w", "/f.x/w.php", NULL, false},
        {"f/w", "f/w.php", NULL, true},
        {"f/*", "/f/", NULL, true},
        {"f/*", "/f/x", NULL, true},
        {"f/*", "/f/x/y", NULL, true},
        {"w", "/w;x=y", NULL, true}, /* servers behind a proxy cut that off */
        {"w", "/w.php;x/a", NULL, true},
        {"w", "/w ", NULL, true},
        {"w", "/x;w", NULL, false},
        {"*.bak", "/x;a.bak", NULL, true},
        {"*.bak", "/a.bak;x", NULL, true},
        {"f/w", "/f;x/w", NULL, true},
        {"f;x/w", "/f;x/w", NULL, true},
        {"f/*", "/f;x", NULL, true},
        {"f/*", "/f", NULL, true},
        {"f/*", "/a/F", NULL, true},
        {"f/*", "/f.d", NULL, false},
        {"f/*", "/", NULL, false},
        {"f/*?a=b", "/f", "a=b", true},
        {"f/*?a=b", "/f", "a=c", false},
        {"f/x", "/f", NULL, false},
        {"f/*", "/x/f.d/y", NULL, false},
        {"w?a=b", "/w.php", "a=b", true},
        {"w?a=b", "/w.php", "x=y&A=b&%61=B", true},
        {"w?a=b", "/w.php", "a[]=b", true},
        {"w?a=b", "/w.php", "a=c", false},
        {"w?a=b", "/w.php", "A=b", false},
        {"w?a=b", "/w.php", NULL, false},
        {"w?a", "/w.php", "a=c", true},
        {"w?a", "/w.php", "a", true},
        {"admin*.html", "/admin.html", NULL, true},
        {"admin*.html", "/admin_2.HTML", NULL, true},
        {"admin*.html", "/admin.html.x", NULL, true},
        {"admin*.html", "/xadmin.html", NULL, false},
        {"*~", "/a.php~", NULL, true},
        {"*.bak", "/a.php.bak", NULL, true},
        {"*.bak", "/a.php.bak.x", NULL, true},
        {"*.bak", "/bak", NULL, false},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
        {
            avcsec_name_t name;
            const char *error = avcsec_name_parse(guarded_text(table[i].name, side), &name);

            check(!error && avcsec_name_is_in(&name, guarded_text(table[i].path, side),
                                              guarded_text(table[i].query, side)) == table[i].want,
                  "%s %s %s?%s", table[i].name, table[i].want ? "is found in" : "is not in",
                  table[i].path ? table[i].path : "(absent)", table[i].query ? table[i].query : "");
        }
}

/* ---- presets ---- */

static bool preset_holds(const avcsec_preset_t *presets, const char *path, const char *query)
{
    avcsec_slice_t entries = avcsec_slice_of(presets[0].entries), entry;
    bool is_in = false;

    while (avcsec_slice_cut(&entries, ' ', &entry)) {
        avcsec_name_t name;

        if (avcsec_name_parse(entry, &name))
            return !check(false, "every entry of a preset can be read");
        is_in = is_in || avcsec_name_is_in(&name, avcsec_slice_of(path), avcsec_slice_of(query));
    }
    return is_in;
}

static void presets(void)
{
    static const struct {
        const avcsec_preset_t *presets;
        const char *path, *query;
        bool want;
    } table[] = {
        {avcsec_media_server_presets, "/chat/writeuserslist.php", NULL, true},
        {avcsec_media_server_presets, "/chat/TOKEN_VERIFY.aspx", NULL, true},
        {avcsec_media_server_presets, "/chat/sendReport.php/x", NULL, true},
        {avcsec_media_server_presets, "/chat/getRecordedVideosInfo.php", NULL, true},
        {avcsec_media_server_presets, "/chat/index.html", NULL, false},
        {avcsec_admin_presets, "/chat/admin.html", NULL, true},
        {avcsec_admin_presets, "/chat/admin.swf", NULL, true},
        {avcsec_admin_presets, "/chat/Admin2.swf", NULL, true},
        {avcsec_admin_presets, "/chat/avc_settings.php", "admin=true", true},
        {avcsec_admin_presets, "/chat/avc_settings.php", "x=1&ad%6din=true", true},
        {avcsec_admin_presets, "/chat/avc_settings.php", NULL, false},
        {avcsec_admin_presets, "/chat/avc_settings.php", "admin=false", false},
        {avcsec_admin_presets, "/administrator/index.php", NULL, false},
        {avcsec_hidden_presets, "/chat/tokens/abc", NULL, true},
        {avcsec_hidden_presets, "/chat/tokens/", NULL, true},
        {avcsec_hidden_presets, "/chat/report_snaps/1.jpg", NULL, true},
        {avcsec_hidden_presets, "/chat/avc_settings.xml", NULL, true},
        {avcsec_hidden_presets, "/chat/avc_settings.php", NULL, false},
        {avcsec_hidden_presets, "/chat/file_types.xml", NULL, true},
        {avcsec_hidden_presets, "/chat/dataEncryption.php", NULL, true},
        {avcsec_hidden_presets, "/chat/integration.php", NULL, true},
        {avcsec_hidden_presets, "/chat/integration_wp.php", NULL, true},
        {avcsec_hidden_presets, "/chat/x.aspx.cs", NULL, true},
        {avcsec_hidden_presets, "/chat/debug.php", NULL, true},
        {avcsec_hidden_presets, "/chat/wget.php", NULL, true},
        {avcsec_hidden_presets, "/chat/config.php.bak", NULL, true},
        {avcsec_hidden_presets, "/chat/config.php~", NULL, true},
        {avcsec_hidden_presets, "/chat/index.html", NULL, false},
        {avcsec_hidden_presets, "/chat/debug.html", NULL, false},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        check(preset_holds(table[i].presets, table[i].path, table[i].query) == table[i].want,
              "preset avchat %s %s?%s", table[i].want ? "stands for" : "leaves open", table[i].path,
              table[i].query ? table[i].query : "");
    check(!avcsec_media_server_presets[1].preset && !avcsec_admin_presets[1].preset &&
              !avcsec_hidden_presets[1].preset,
          "each table of presets ends");
}

int main(void)
{
    check_start();
    reading();
    finding();
    presets();
    return check_end();
}
