/* SPDX-License-Identifier: Apache-2.0
 *
 * Media types: one table.
 */
#include "core/text/mediatype.h"

static const struct {
    const char *ending, *type;
} types[] = {
    {"jpg", "image/jpeg"},
    {"jpeg", "image/jpeg"},
    {"jfif", "image/jpeg"},
    {"png", "image/png"},
    {"apng", "image/apng"},
    {"gif", "image/gif"},
    {"webp", "image/webp"},
    {"avif", "image/avif"},
    {"heic", "image/heic"},
    {"heif", "image/heif"},
    {"jxl", "image/jxl"},
    {"bmp", "image/bmp"},
    {"svg", "image/svg+xml"},
    {"mp4", "video/mp4"},
    {"m4v", "video/mp4"},
    {"m4s", "video/iso.segment"},
    {"cmfv", "video/mp4"},
    {"webm", "video/webm"},
    {"ogv", "video/ogg"},
    {"mov", "video/quicktime"},
    {"mkv", "video/x-matroska"},
    {"ts", "video/mp2t"},
    {"flv", "video/x-flv"},
    {"3gp", "video/3gpp"},
    {"avi", "video/x-msvideo"},
    {"mpg", "video/mpeg"},
    {"mpeg", "video/mpeg"},
    {"mp3", "audio/mpeg"},
    {"m4a", "audio/mp4"},
    {"m4b", "audio/mp4"},
    {"cmfa", "audio/mp4"},
    {"aac", "audio/aac"},
    {"amr", "audio/amr"},
    {"ogg", "audio/ogg"},
    {"oga", "audio/ogg"},
    {"opus", "audio/ogg"},
    {"wav", "audio/wav"},
    {"flac", "audio/flac"},
    {"weba", "audio/webm"},
    {"m3u", "audio/x-mpegurl"},
    {"txt", "text/plain"},
    {"log", "text/plain"},
    {"vtt", "text/vtt"},
    {"srt", "application/x-subrip"},
    {"m3u8", "application/vnd.apple.mpegurl"},
    {"mpd", "application/dash+xml"},
    {"pdf", "application/pdf"},
    {"zip", "application/zip"},
};
#define TYPES (sizeof(types) / sizeof(types[0]))

avcsec_slice_t avcsec_mediatype_ending(avcsec_slice_t name)
{
    size_t dot = name.len;

    while (dot && name.p[dot - 1] != '.')
        dot--;
    if (dot < 2 || dot == name.len)
        return (avcsec_slice_t){NULL, 0};
    return (avcsec_slice_t){name.p + dot, name.len - dot};
}

const char *avcsec_mediatype_of(avcsec_slice_t name)
{
    avcsec_slice_t ending = avcsec_mediatype_ending(name);

    for (size_t i = 0; ending.p && i < TYPES; i++)
        if (avcsec_slice_equals_nocase(ending, avcsec_slice_of(types[i].ending)))
            return types[i].type;
    return AVCSEC_ANY_TYPE;
}

bool avcsec_mediatype_is_known(avcsec_slice_t type)
{
    for (size_t i = 0; i < TYPES; i++)
        if (avcsec_slice_equals_nocase(type, avcsec_slice_of(types[i].type)))
            return true;
    return false;
}
