/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of scripts and folders, and the presets for known applications.
 */
#include "core/request/names.h"

#include "core/text/query.h"

#include <string.h>

#define NAME_MAX_LEN 255 /* of a file or folder, on all usual file systems */

/* AVideo: the callbacks of nginx-rtmp, what asks it back whether a token is right, and the
 * scripts that stand beside the media server. Live/control, which is called likewise, belongs
 * to the streamer's own page. authorizeKeyAccess is asked with the X-Forwarded-For of the
 * player, which no address can vouch for.
 *
 * What converts for it by ffmpeg and tells of that, and another site that clones this one, with
 * the dump of the database that it fetches from the folder clones: their addresses are named
 * beside the media server's. The recorded file includes saveDVR, and the encoder asks for it.
 *
 * VideoWhisper's task is read from the query alone; WordPress takes the action from a body as
 * well, so an entry that named both could be walked past. */
const avcsec_preset_t avcsec_media_server_presets[] = {
    {"avchat", "writeuserslist token_verify sendReport getRecordedVideosInfo"},
    {"avideo",
     "Live/on_* Live/verifyToken standAloneFiles/control standAloneFiles/restreamer "
     "standAloneFiles/saveDVR API/notify standAlone/ffmpeg CloneSite/cloneServer clones/*"},
    {"avideo-encoder", "aVideoEncoder aVideoEncoderChunk aVideoEncoderLog "
                       "aVideoEncoderNotifyIsDone aVideoEncoderReceiveImage "
                       "standAloneFiles/getRecordedFile"},
    {"videowhisper", "rtmp_login rtmp_logout admin-ajax?task=rtmp_login "
                     "admin-ajax?task=rtmp_logout admin-ajax?task=rtmp_status"},
    {NULL, NULL},
};

const avcsec_preset_t avcsec_admin_presets[] = {
    {"avchat", "admin*.html admin*.swf avc_settings?admin=true report_snaps/*"},
    {"avideo", "Live/test"},
    {NULL, NULL},
};

/* AVChat asks for its file_types.xml itself. Where PHP runs, its ASP is but source. */
const avcsec_preset_t avcsec_hidden_presets[] = {
    {"avchat", "tokens/* report_snaps/*|but-for-admins avc_settings.xml dataEncryption.* "
               "integration*.* *.aspx.cs *.asp|beside-.php users_*.xml debug.php wget.* "
               "*~ *.bak *.old *.orig *.save *.swp *.tmp"},
    {"avideo",
     "videos/configuration videos/*.log ffmpegLogs/* Live/test|but-for-admins .git/* .env "
     "*.sql|except-clones *~ *.bak *.old *.orig *.save *.swp"},
    {NULL, NULL},
};

static bool is_segment_text(avcsec_slice_t s)
{
    for (size_t i = 0; i < s.len; i++)
        if (avcsec_is((unsigned char)s.p[i], AVCSEC_CONTROL) || s.p[i] == '/' || s.p[i] == '\\')
            return false;
    return s.len > 0 && s.len <= NAME_MAX_LEN && !avcsec_slice_equals(s, AVCSEC_LITERAL(".")) &&
           !avcsec_slice_equals(s, AVCSEC_LITERAL(".."));
}

static bool are_arguments(avcsec_slice_t list)
{
    avcsec_slice_t value, name;

    while (avcsec_slice_cut(&list, '&', &value)) {
        avcsec_slice_cut(&value, '=', &name);
        if (!avcsec_slice_is_made_of(name, AVCSEC_WORD))
            return false;
    }
    return true;
}

static bool take_condition(avcsec_slice_t condition, avcsec_name_t *name)
{
    const avcsec_slice_t except = AVCSEC_LITERAL("except-"), beside = AVCSEC_LITERAL("beside-");
    const char *end = condition.p + condition.len;

    if (avcsec_slice_has_prefix(condition, except))
        name->except = avcsec_slice_between(condition.p + except.len, end);
    else if (avcsec_slice_has_prefix(condition, beside))
        name->beside = avcsec_slice_between(condition.p + beside.len, end);
    else
        name->is_but_for_admins = avcsec_slice_equals(condition, AVCSEC_LITERAL("but-for-admins"));
    return name->except.len || name->beside.len || name->is_but_for_admins;
}

static const char *read_name(avcsec_slice_t text, avcsec_name_t *name)
{
    avcsec_slice_t path = text, rest;

    *name = (avcsec_name_t){.arguments = text};
    avcsec_slice_cut(&name->arguments, '?', &path);
    rest = path;
    avcsec_slice_cut(&rest, '/', &name->name);
    if (rest.p) {
        name->folder = name->name;
        name->name = rest;
        if (!is_segment_text(name->folder))
            return "before the slash stands the name of one folder";
    }
    if (!is_segment_text(name->name))
        return "a name is one file or folder of up to 255 characters, at most with the folder "
               "right "
               "above it: "
               "writeuserslist, plugin/on_publish, avc_settings?admin=true";
    return are_arguments(name->arguments) ? NULL : "an argument's name is of A-Z a-z 0-9 _ -";
}

const char *avcsec_name_parse(avcsec_slice_t text, avcsec_name_t *name)
{
    avcsec_slice_t condition = text, plain = text;
    const char *error;

    avcsec_slice_cut(&condition, '|', &plain);
    if ((error = read_name(plain, name)))
        return error;
    return !condition.p || take_condition(condition, name) ? NULL : "behind a | stands a condition";
}

/* "name" or "name.*", whatever the case; as one pattern, for trying all dots of a long
 * segment took seconds. */
static bool is_named(avcsec_slice_t segment, avcsec_slice_t name)
{
    char with_ending[NAME_MAX_LEN + 2];
    avcsec_slice_t pattern = {with_ending, name.len + 2};

    if (avcsec_slice_matches(segment, name, true))
        return true;
    memcpy(with_ending, name.p, name.len);
    memcpy(with_ending + name.len, ".*", 2);
    return avcsec_slice_matches(segment, pattern, true);
}

/* What servers behind a proxy look for: some cut ";parameters" off, some drop spaces at
 * the end. */
static avcsec_slice_t as_served(avcsec_slice_t segment)
{
    avcsec_slice_t rest = segment, name = segment;

    avcsec_slice_cut(&rest, ';', &name);
    return avcsec_slice_trim(name);
}

/* The segment names it as it stands (a file "x;a.bak" is a backup copy) or as served. */
static bool is_named_either_way(avcsec_slice_t segment, avcsec_slice_t name)
{
    return is_named(segment, name) || is_named(as_served(segment), name);
}

static bool is_folder(avcsec_slice_t segment, avcsec_slice_t folder)
{
    return segment.p && (avcsec_slice_equals_nocase(segment, folder) ||
                         avcsec_slice_equals_nocase(as_served(segment), folder));
}

/* `above`: the folder that the path begins in. */
static bool path_holds(const avcsec_name_t *name, avcsec_slice_t above, avcsec_slice_t path)
{
    avcsec_slice_t segment;

    while (avcsec_slice_cut(&path, '/', &segment)) {
        bool is_below = (!name->folder.p || is_folder(above, name->folder)) &&
                        (!name->except.p || !avcsec_slice_equals(above, name->except));

        if (is_below && is_named_either_way(segment, name->name))
            return true;
        if (segment.len || !path.p)
            above = segment;
    }
    /* All that is below a folder, and the folder itself. */
    return name->folder.p && avcsec_slice_equals(name->name, AVCSEC_LITERAL("*")) &&
           is_folder(above, name->folder);
}

static bool has_arguments(avcsec_slice_t query, avcsec_slice_t list)
{
    avcsec_slice_t value, name;

    while (avcsec_slice_cut(&list, '&', &value)) {
        avcsec_slice_cut(&value, '=', &name);
        if (!avcsec_query_has(query, name, value))
            return false;
    }
    return true;
}

bool avcsec_name_is_below(const avcsec_name_t *name, avcsec_slice_t folder, avcsec_slice_t path,
                          avcsec_slice_t query)
{
    return path_holds(name, folder, path) && has_arguments(query, name->arguments);
}

bool avcsec_name_is_in(const avcsec_name_t *name, avcsec_slice_t path, avcsec_slice_t query)
{
    return avcsec_name_is_below(name, (avcsec_slice_t){NULL, 0}, path, query);
}
