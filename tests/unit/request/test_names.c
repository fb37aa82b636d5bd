/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of scripts and folders: how they are read, where they are found, and what
 * the presets stand for.
 */
#include "../check.h"

#include "core/request/names.h"

static void reading(void)
{
    static const struct {
        const char *text, *folder, *name, *arguments;
        bool is_good;
    } table[] = {
        {"writeuserslist", NULL, "writeuserslist", NULL, true},
        {"plugin/on_publish", "plugin", "on_publish", NULL, true},
        {"avc_settings?admin=true", NULL, "avc_settings", "admin=true", true},
        {"a?b", NULL, "a", "b", true},
        {"a?b=", NULL, "a", "b=", true},
        {"f/a?b=c=d", "f", "a", "b=c=d", true},
        {"a?b=c&d=e&f", NULL, "a", "b=c&d=e&f", true},
        {"tokens/*", "tokens", "*", NULL, true},
        {"...", NULL, "...", NULL, true},
        {"", NULL, NULL, NULL, false},
        {NULL, NULL, NULL, NULL, false},
        {"/a", NULL, NULL, NULL, false},
        {"a/", NULL, NULL, NULL, false},
        {"a/b/c", NULL, NULL, NULL, false},
        {"a//b", NULL, NULL, NULL, false},
        {"../a", NULL, NULL, NULL, false},
        {"a/..", NULL, NULL, NULL, false},
        {".", NULL, NULL, NULL, false},
        {"a\\b", NULL, NULL, NULL, false},
        {"a\nb", NULL, NULL, NULL, false},
        {"?a=b", NULL, NULL, NULL, false},
        {"a?", NULL, NULL, NULL, false},
        {"a?b&", NULL, NULL, NULL, false},
        {"a?b&&c", NULL, NULL, NULL, false},
        {"a?b=c&=d", NULL, NULL, NULL, false},
        {"*.sql|except-clones", NULL, "*.sql", NULL, true},
        {"*.asp|beside-.php", NULL, "*.asp", NULL, true},
        {"report_snaps/*|but-for-admins", "report_snaps", "*", NULL, true},
        {"a|", NULL, NULL, NULL, false},
        {"a|b", NULL, NULL, NULL, false},
        {"a|except-", NULL, NULL, NULL, false},
        {"a|beside-", NULL, NULL, NULL, false},
        {"|but-for-admins", NULL, NULL, NULL, false},
        {"a?=b", NULL, NULL, NULL, false},
        {"a?b.c=d", NULL, NULL, NULL, false},
        {"a?b[]=d", NULL, NULL, NULL, false},
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
                                              is_text(name.arguments, table[i].arguments)
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
        {"w?a=b&c=d", "/w.php", "c=d&x&a=b", true},
        {"w?a=b&c", "/w.php", "a=b&c=x", true},
        {"w?a=b&c=d", "/w.php", "a=b", false},
        {"w?a=b&c=d", "/w.php", "a=b%26c=d", false},
        {"w?a=b&c=d", "/w.php", "c=d", false},
        {"w?a=b&c=d", "/w.php", NULL, false},
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

static void folders_above(void)
{
    static const struct {
        const char *name, *folder, *path;
        bool want;
    } table[] = {
        {"f/w", "f", "/w", true},       {"f/w", "F", "/w.php", true}, {"f/w", "f;x", "/w", true},
        {"f/w", "f", "/a/w", false},    {"f/w", "g", "/w", false},    {"f/w", NULL, "/w", false},
        {"f/*", "f", "/", true},        {"f/*", "f", "", true},       {"f/*", "f", "/a/b", true},
        {"f/*", "g", "/a/b", false},    {"f", "f", "/w", false},      {"f", "f", "/", false},
        {"*.d", "site.d", "/w", false}, {"f/w?a", "f", "/w", false},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
        {
            avcsec_name_t name;
            const char *error = avcsec_name_parse(guarded_text(table[i].name, side), &name);

            check(!error && avcsec_name_is_below(&name, guarded_text(table[i].folder, side),
                                                 guarded_text(table[i].path, side),
                                                 (avcsec_slice_t){NULL, 0}) == table[i].want,
                  "%s %s %s in folder %s", table[i].name,
                  table[i].want ? "is found in" : "is not in", table[i].path,
                  table[i].folder ? table[i].folder : "(none)");
        }
}

/* ---- presets ---- */

static const char *entries_of(const avcsec_preset_t *presets, const char *preset)
{
    while (presets->preset && strcmp(presets->preset, preset))
        presets++;
    return presets->entries;
}

static bool preset_holds(const char *list, const char *path, const char *query)
{
    avcsec_slice_t entries = avcsec_slice_of(list), entry;
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
        const char *preset, *path, *query;
        bool want;
    } table[] = {
        {avcsec_media_server_presets, "avchat", "/chat/writeuserslist.php", NULL, true},
        {avcsec_media_server_presets, "avchat", "/chat/TOKEN_VERIFY.aspx", NULL, true},
        {avcsec_media_server_presets, "avchat", "/chat/sendReport.php/x", NULL, true},
        {avcsec_media_server_presets, "avchat", "/chat/getRecordedVideosInfo.php", NULL, true},
        {avcsec_media_server_presets, "avchat", "/chat/index.html", NULL, false},
        {avcsec_admin_presets, "avchat", "/chat/admin.html", NULL, true},
        {avcsec_admin_presets, "avchat", "/chat/admin.swf", NULL, true},
        {avcsec_admin_presets, "avchat", "/chat/Admin2.swf", NULL, true},
        {avcsec_admin_presets, "avchat", "/chat/avc_settings.php", "admin=true", true},
        {avcsec_admin_presets, "avchat", "/chat/avc_settings.php", "x=1&ad%6din=true", true},
        {avcsec_admin_presets, "avchat", "/chat/avc_settings.php", NULL, false},
        {avcsec_admin_presets, "avchat", "/chat/avc_settings.php", "admin=false", false},
        {avcsec_admin_presets, "avchat", "/administrator/index.php", NULL, false},
        {avcsec_hidden_presets, "avchat", "/chat/tokens/abc", NULL, true},
        {avcsec_hidden_presets, "avchat", "/chat/tokens/", NULL, true},
        {avcsec_hidden_presets, "avchat", "/chat/report_snaps/1.jpg", NULL, true},
        {avcsec_hidden_presets, "avchat", "/chat/avc_settings.xml", NULL, true},
        {avcsec_hidden_presets, "avchat", "/chat/avc_settings.php", NULL, false},
        {avcsec_hidden_presets, "avchat", "/chat/file_types.xml", NULL, false},
        {avcsec_hidden_presets, "avchat", "/chat/users__definst_.xml", NULL, true},
        {avcsec_hidden_presets, "avchat", "/chat/users_siteB.xml", NULL, true},
        {avcsec_hidden_presets, "avchat", "/chat/users.xml", NULL, false},
        {avcsec_hidden_presets, "avchat", "/chat/avc_settings.asp", NULL, true},
        {avcsec_admin_presets, "avchat", "/chat/report_snaps/1_CAM.jpg", NULL, true},
        {avcsec_admin_presets, "avchat", "/chat/report_snaps/", NULL, true},
        {avcsec_admin_presets, "avchat", "/chat/report_snapshot_upload.php", NULL, false},
        {avcsec_hidden_presets, "avchat", "/chat/dataEncryption.php", NULL, true},
        {avcsec_hidden_presets, "avchat", "/chat/integration.php", NULL, true},
        {avcsec_hidden_presets, "avchat", "/chat/integration_wp.php", NULL, true},
        {avcsec_hidden_presets, "avchat", "/chat/x.aspx.cs", NULL, true},
        {avcsec_hidden_presets, "avchat", "/chat/debug.php", NULL, true},
        {avcsec_hidden_presets, "avchat", "/chat/wget.php", NULL, true},
        {avcsec_hidden_presets, "avchat", "/chat/config.php.bak", NULL, true},
        {avcsec_hidden_presets, "avchat", "/chat/config.php~", NULL, true},
        {avcsec_hidden_presets, "avchat", "/chat/index.html", NULL, false},
        {avcsec_hidden_presets, "avchat", "/chat/debug.html", NULL, false},
        {avcsec_media_server_presets, "avideo", "/plugin/Live/on_publish.php", NULL, true},
        {avcsec_media_server_presets, "avideo", "/plugin/Live/on_publish_done.php", NULL, true},
        {avcsec_media_server_presets, "avideo", "/plugin/Live/on_record_done.php", NULL, true},
        {avcsec_media_server_presets, "avideo", "/plugin/Live/on_play.php", NULL, true},
        {avcsec_media_server_presets, "avideo", "/plugin/Live/on_done.php", NULL, true},
        {avcsec_media_server_presets, "avideo", "/plugin/Live/on_connect.php", NULL, true},
        {avcsec_media_server_presets, "avideo", "/plugin/Live/on_update.php", NULL, true},
        {avcsec_media_server_presets, "avideo", "/av/plugin/Live/verifyToken.json.php", NULL, true},
        {avcsec_media_server_presets, "avideo", "/plugin/Live/standAloneFiles/control.json.php",
         NULL, true},
        {avcsec_media_server_presets, "avideo", "/plugin/Live/standAloneFiles/restreamer.json.php",
         NULL, true},
        {avcsec_media_server_presets, "avideo", "/plugin/Live/standAloneFiles/saveDVR.json.php",
         NULL, true},
        {avcsec_media_server_presets, "avideo", "/plugin/Live/control.json.php", NULL, false},
        {avcsec_media_server_presets, "avideo", "/plugin/Live/index.php", NULL, false},
        {avcsec_media_server_presets, "avideo", "/plugin/Live/m3u8.php", NULL, false},
        {avcsec_media_server_presets, "avideo", "/plugin/Live/stats.json.php", NULL, false},
        {avcsec_media_server_presets, "avideo", "/plugin/Live/isLiveRunning.json.php", NULL, false},
        {avcsec_media_server_presets, "avideo", "/plugin/Live/saveLive.php", NULL, false},
        {avcsec_media_server_presets, "avideo", "/plugin/Live/getImage.php", NULL, false},
        {avcsec_media_server_presets, "avideo", "/plugin/Live/authorizeKeyAccess.php", NULL, false},
        {avcsec_media_server_presets, "avideo", "/view/hls.php", NULL, false},
        {avcsec_media_server_presets, "avideo", "/view/xsendfile.php", NULL, false},
        {avcsec_media_server_presets, "avideo", "/plugin/API/get.json.php", NULL, false},
        {avcsec_media_server_presets, "avideo",
         "/plugin/Live/standAloneFiles/WebRTCServer/player/index.php", NULL, false},
        {avcsec_media_server_presets, "avideo", "/on_publish.php", NULL, false},
        {avcsec_media_server_presets, "avideo-encoder", "/objects/aVideoEncoder.json.php", NULL,
         true},
        {avcsec_media_server_presets, "avideo-encoder", "/objects/aVideoEncoderChunk.json.php",
         NULL, true},
        {avcsec_media_server_presets, "avideo-encoder", "/objects/aVideoEncoderLog.json.php", NULL,
         true},
        {avcsec_media_server_presets, "avideo-encoder",
         "/objects/aVideoEncoderNotifyIsDone.json.php", NULL, true},
        {avcsec_media_server_presets, "avideo-encoder",
         "/objects/aVideoEncoderReceiveImage.json.php", NULL, true},
        {avcsec_media_server_presets, "avideo-encoder", "/aVideoEncoder.json", NULL, true},
        {avcsec_media_server_presets, "avideo-encoder", "/objects/aVideoQueueEncoder.json.php",
         NULL, false},
        {avcsec_media_server_presets, "videowhisper", "/vws/rtmp_login.php", "s=x", true},
        {avcsec_media_server_presets, "videowhisper", "/vws/rtmp_logout.php", "s=x", true},
        {avcsec_media_server_presets, "videowhisper", "/wp-admin/admin-ajax.php",
         "action=vwls&task=rtmp_login&s=x", true},
        {avcsec_media_server_presets, "videowhisper", "/wp-admin/admin-ajax.php",
         "action=vwls&task=rtmp_logout&s=x", true},
        {avcsec_media_server_presets, "videowhisper", "/wp-admin/admin-ajax.php",
         "action=vwls&task=rtmp_status&s=x", true},
        {avcsec_media_server_presets, "videowhisper", "/wp-admin/admin-ajax.php", "task=rtmp_login",
         true},
        {avcsec_media_server_presets, "videowhisper", "/wp-admin/admin-ajax.php",
         "action=vwls&task=vc_chatlog", false},
        {avcsec_media_server_presets, "videowhisper", "/wp-admin/admin-ajax.php",
         "action=heartbeat", false},
        {avcsec_media_server_presets, "videowhisper", "/wp-admin/index.php", "task=rtmp_login",
         false},
        {avcsec_hidden_presets, "avideo", "/videos/configuration.php", NULL, true},
        {avcsec_hidden_presets, "avideo", "/videos/configuration.php.bak", NULL, true},
        {avcsec_hidden_presets, "avideo", "/videos/avideo.log", NULL, true},
        {avcsec_hidden_presets, "avideo", "/.git/config", NULL, true},
        {avcsec_hidden_presets, "avideo", "/.env", NULL, true},
        {avcsec_hidden_presets, "avideo", "/backup.sql", NULL, true},
        {avcsec_hidden_presets, "avideo", "/install/database.sql", NULL, true},
        {avcsec_hidden_presets, "avideo", "/videos/clones/Clone_mysqlDump_644ab.sql", NULL, false},
        {avcsec_hidden_presets, "avideo", "/clones/old/x.sql", NULL, true},
        {avcsec_hidden_presets, "avideo", "/videos/ffmpegLogs/1.log", NULL, true},
        {avcsec_hidden_presets, "avideo", "/plugin/Live/test.php", NULL, true},
        {avcsec_admin_presets, "avideo", "/plugin/Live/test.php", NULL, true},
        {avcsec_media_server_presets, "avideo", "/videos/clones/Clone_mysqlDump_644ab.sql", NULL,
         true},
        {avcsec_media_server_presets, "avideo", "/plugin/CloneSite/cloneServer.json.php", NULL,
         true},
        {avcsec_media_server_presets, "avideo", "/plugin/CloneSite/clones.json.php", NULL, false},
        {avcsec_media_server_presets, "avideo", "/plugin/API/notify.ffmpeg.json.php", NULL, true},
        {avcsec_media_server_presets, "avideo", "/plugin/API/standAlone/ffmpeg.json.php", NULL,
         true},
        {avcsec_media_server_presets, "avideo", "/plugin/API/get.json.php", NULL, false},
        {avcsec_media_server_presets, "avideo-encoder",
         "/plugin/Live/standAloneFiles/getRecordedFile.php", NULL, true},
        {avcsec_hidden_presets, "avideo", "/videos/video_1/video_1.mp4", NULL, false},
        {avcsec_hidden_presets, "avideo", "/videos/video_1/index.m3u8", NULL, false},
        {avcsec_hidden_presets, "avideo", "/view/about.php", NULL, false},
        {avcsec_hidden_presets, "avideo", "/.well-known/acme-challenge/x", NULL, false},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        check(preset_holds(entries_of(table[i].presets, table[i].preset), table[i].path,
                           table[i].query) == table[i].want,
              "preset %s %s %s?%s", table[i].preset, table[i].want ? "stands for" : "leaves open",
              table[i].path, table[i].query ? table[i].query : "");
    check(!entries_of(avcsec_media_server_presets, "x") && !entries_of(avcsec_admin_presets, "x") &&
              !entries_of(avcsec_hidden_presets, "x"),
          "each table of presets ends");
}

int main(void)
{
    check_start();
    reading();
    finding();
    folders_above();
    presets();
    return check_end();
}
