/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of dialects.
 */
#include "core/session/dialect.h"

#define NOTHING                                                                                    \
    {                                                                                              \
        200, ""                                                                                    \
    }
#define STATUS(status)                                                                             \
    {                                                                                              \
        status, ""                                                                                 \
    }
#define JSON(status, body)                                                                         \
    {                                                                                              \
        status, body                                                                               \
    }

/* What it asks does not say what it asks for: each question has its own address. It asks again
 * after any status but 200. */
#define ZLMEDIAKIT                                                                                 \
    .app = "app", .room = "stream", .client = "ip", .token = {{"params", AVCSEC_AT_QUERY}},        \
    .ends = "?/", .yes = JSON(200, "{\"code\":0}"), .no = ZLMEDIAKIT_NO,                           \
    .no_token = ZLMEDIAKIT_NO, .noted = JSON(200, "{\"code\":0}")
#define ZLMEDIAKIT_NO JSON(200, "{\"code\":-1,\"msg\":\"not allowed\"}")

const avcsec_dialect_t avcsec_dialects[] = {
    {
        .name = "nginx-rtmp",
        .event = "call",
        .acts = "connect=connect play=play publish=publish",
        .notes = "done *_done disconnect update*",
        .app = "app",
        .room = "name",
        .client = "addr",
        .page = "pageurl",
        .token = {{"avc", AVCSEC_AT_FIELD}, {"name", AVCSEC_AT_TOKEN}, {"tcurl", AVCSEC_AT_URL}},
        .renames = "Location",
        .yes = NOTHING,
        .no = STATUS(403),
        .no_token = STATUS(403),
        .noted = NOTHING,
        .relay = "its own pull, push and exec_push come without a token: if this is such a relay, "
                 "let it have an application without questions",
        .known = "tested against nginx-rtmp 1.2.2",
    },
    {
        .name = "srs",
        .is_json = true,
        .event = "action",
        .acts = "on_connect=connect on_play=play on_publish=publish",
        .notes = "on_close on_unpublish on_stop on_dvr on_hls on_hls_notify",
        .app = "app",
        .room = "stream",
        .client = "ip",
        .page = "pageUrl",
        .filed = "stream_url",
        .believes = "play publish", /* on_connect is of RTMP alone */
        .token = {{"param", AVCSEC_AT_QUERY}, {"tcUrl", AVCSEC_AT_URL}},
        .ends = "?#",
        .yes = JSON(200, "{\"code\":0}"),
        .no = JSON(403, "{\"code\":403}"),
        .no_token = JSON(403, "{\"code\":403}"),
        .noted = JSON(200, "{\"code\":0}"),
        .known = "from its source of 7.0",
    },
    {
        .name = "mediamtx",
        .is_json = true,
        .event = "action",
        .acts = "read=play playback=play publish=publish",
        .notes = "",
        .client = "ip",
        .path = "path",
        .token = {{"token", AVCSEC_AT_TOKEN},
                  {"query", AVCSEC_AT_QUERY},
                  {"password", AVCSEC_AT_TOKEN}},
        .yes = NOTHING,
        .no = STATUS(403),
        /* RTSP clients send what they have only when they are asked for it. */
        .no_token = STATUS(401),
        .noted = NOTHING,
        .known = "from its source of 2026",
    },
    {
        .name = "ovenmediaengine",
        .is_json = true,
        .event = "request.direction",
        .acts = "outgoing=play incoming=publish",
        .notes = "",
        .when = "request.status",
        .asks = "opening",
        .client = "client.address",
        .path = "request.url",
        .is_url = true,
        .token = {{"request.url", AVCSEC_AT_URL}, {"request.url", AVCSEC_AT_ROOM}},
        .renames = "new_url",
        .yes = JSON(200, "{\"allowed\":true}"),
        .no = JSON(200, "{\"allowed\":false,\"reason\":\"not allowed\"}"),
        .no_token = JSON(200, "{\"allowed\":false,\"reason\":\"not allowed\"}"),
        .noted = JSON(200, "{}"),
        .known = "from its documentation",
    },
    {
        .name = "ant-media",
        .is_json = true,
        .acts = "publish",
        .app = "appName",
        .room = "streamId",
        .token = {{"token", AVCSEC_AT_TOKEN}, {"queryParams", AVCSEC_AT_QUERY}},
        .yes = NOTHING,
        .no = STATUS(403),
        .no_token = STATUS(403),
        .noted = NOTHING,
        .known = "from its documentation",
    },
    {
        .name = "red5pro",
        .is_json = true,
        .event = "type",
        .acts = "subscriber=play publisher=publish",
        .notes = "",
        .app = "scope", /* newer versions send it */
        .room = "streamID",
        .token = {{"token", AVCSEC_AT_TOKEN}, {"password", AVCSEC_AT_TOKEN}},
        .yes = JSON(200, "{\"result\":true}"),
        .no = JSON(200, "{\"result\":false}"),
        .no_token = JSON(200, "{\"result\":false}"),
        /* invalidateCredentials */
        .is_note_without_event = true,
        .noted = JSON(200, "{\"result\":true}"),
        .known = "from its documentation",
    },
    {
        .name = "oryx",
        .is_json = true,
        .event = "action",
        .acts = "on_publish=publish",
        .notes = "on_unpublish on_record_* on_ocr",
        .app = "app",
        .room = "stream",
        .drops_endings = true, /* SRS is in it */
        .token = {{"param", AVCSEC_AT_QUERY}},
        .ends = "?#",
        .yes = JSON(200, "{\"code\":0}"),
        .no = JSON(403, "{\"code\":403}"),
        .no_token = JSON(403, "{\"code\":403}"),
        .noted = JSON(200, "{\"code\":0}"),
        .known = "from its source of 5.15",
    },
    {
        .name = "zlmediakit-publish",
        .is_json = true,
        .acts = "publish",
        ZLMEDIAKIT,
        .known = "from its source of 2026",
    },
    {
        .name = "zlmediakit-play",
        .is_json = true,
        .acts = "play",
        ZLMEDIAKIT,
        .known = "from its source of 2026",
    },
    {.name = NULL},
};

const avcsec_dialect_t *avcsec_dialect_find(avcsec_slice_t name)
{
    for (const avcsec_dialect_t *d = avcsec_dialects; d->name; d++)
        if (avcsec_slice_equals_nocase(name, avcsec_slice_of(d->name)))
            return d;
    return NULL;
}
