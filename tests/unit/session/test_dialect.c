/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages of media servers, each dialect's as its server writes them. Fields of JSON
 * stand here as a form does: what they mean does not depend on how they came.
 */
#include "../check.h"

#include "core/session/dialect.h"
#include "core/session/form.h"

#define T "avc1~for.session~x"
#define OME                                                                                        \
    "request.direction=outgoing&request.status=opening&client.address=192.0.2.7&request.url="

static const struct {
    const char *dialect, *text;
    avcsec_message_t message;
    const char *act, *app, *room, *token;
} table[] = {
    /* nginx-rtmp */
    {"nginx-rtmp", "app=live&addr=192.0.2.7&call=play&name=r&avc=" T, AVCSEC_MESSAGE_ASKS, "play",
     "live", "r", T},
    {"nginx-rtmp", "app=live&addr=192.0.2.7&call=publish&name=r&avc=a&avc=b&name=c&addr=x",
     AVCSEC_MESSAGE_ASKS, "publish", "live", "r", "a"},
    {"nginx-rtmp", "app=live&tcurl=rtmp://h/live%3Favc=" T "&addr=192.0.2.7&call=play&name=r",
     AVCSEC_MESSAGE_ASKS, "play", "live", "r", T},
    {"nginx-rtmp", "app=live&tcurl=rtmp://h/live%3Fx%26avc=" T "&addr=::1&call=connect",
     AVCSEC_MESSAGE_ASKS, "connect", "live", NULL, T},
    {"nginx-rtmp", "app=live&addr=192.0.2.7&call=publish&name=" T, AVCSEC_MESSAGE_ASKS, "publish",
     "live", T, T},
    {"nginx-rtmp", "app=a%26b&addr=192.0.2.7&call=play&name=a%3Fb+c", AVCSEC_MESSAGE_ASKS, "play",
     "a&b", "a?b+c", NULL},
    {"nginx-rtmp", "app=live&addr=192.0.2.7&call=play&name=r&avc", AVCSEC_MESSAGE_ASKS, "play",
     "live", "r", ""},
    {"nginx-rtmp", "app=live&call=play&name=r&avc=" T, AVCSEC_MESSAGE_BAD, NULL, NULL, NULL, NULL},
    {"nginx-rtmp", "addr=192.0.2.7&call=Play&name=r", AVCSEC_MESSAGE_BAD, NULL, NULL, NULL, NULL},
    {"nginx-rtmp", "addr=192.0.2.7&name=r", AVCSEC_MESSAGE_BAD, NULL, NULL, NULL, NULL},
    {"nginx-rtmp", "addr=192.0.2.7&call=play&name=r%0a", AVCSEC_MESSAGE_BAD, NULL, NULL, NULL,
     NULL},
    {"nginx-rtmp", "call=play_done", AVCSEC_MESSAGE_NOTE, NULL, NULL, NULL, NULL},
    {"nginx-rtmp", "call=update_play", AVCSEC_MESSAGE_NOTE, NULL, NULL, NULL, NULL},
    {"nginx-rtmp", "call=play&call=done&addr=1.2.3.4", AVCSEC_MESSAGE_ASKS, "play", NULL, NULL,
     NULL},
    {"nginx-rtmp", "", AVCSEC_MESSAGE_BAD, NULL, NULL, NULL, NULL},
    /* SRS */
    {"srs", "action=on_play&ip=192.0.2.7&app=live&stream=r&param=%3Favc=" T, AVCSEC_MESSAGE_ASKS,
     "play", "live", "r", T},
    {"srs", "action=on_connect&ip=192.0.2.7&app=live&tcUrl=rtmp://h/live?avc=" T,
     AVCSEC_MESSAGE_ASKS, "connect", "live", NULL, T},
    {"srs", "action=on_publish&ip=192.0.2.7&app=live&stream=" T, AVCSEC_MESSAGE_ASKS, "publish",
     "live", T, NULL},
    /* What SRS joins to the arguments of a stream begins with another '?', or a '#'. */
    {"srs", "action=on_play&ip=::1&app=live&stream=r&param=%3Favc=" T "%3Favc=" T,
     AVCSEC_MESSAGE_ASKS, "play", "live", "r", T},
    {"srs", "action=on_play&ip=::1&app=live&stream=r&param=%3Favc=" T "%3Fvhost=v1%3Fvhost=v1",
     AVCSEC_MESSAGE_ASKS, "play", "live", "r", T},
    {"srs", "action=on_play&ip=::1&app=live&stream=r&param=%3Fvhost=v1%3Favc=" T "%26x=1",
     AVCSEC_MESSAGE_ASKS, "play", "live", "r", T},
    {"srs", "action=on_play&ip=::1&app=live&stream=r&param=avc=" T "%3Fvhost=v1",
     AVCSEC_MESSAGE_ASKS, "play", "live", "r", T},
    {"srs", "action=on_play&ip=::1&app=live&stream=r&param=%3Fx=1%23avc=" T, AVCSEC_MESSAGE_ASKS,
     "play", "live", "r", T},
    {"srs", "action=on_play&ip=::1&app=live&stream=r&param=%3F%3F%26%3F%23%26", AVCSEC_MESSAGE_ASKS,
     "play", "live", "r", NULL},
    {"srs", "action=on_play&ip=::1&app=live&stream=r&param=%3Favc%3Favc=" T, AVCSEC_MESSAGE_ASKS,
     "play", "live", "r", ""},
    /* The room is what SRS files the stream as. */
    {"srs", "action=on_play&ip=::1&app=live&stream=r.m3u8&stream_url=/live/r", AVCSEC_MESSAGE_ASKS,
     "play", "live", "r", NULL},
    {"srs", "action=on_play&ip=::1&app=live&stream=r.x.flv&stream_url=v1/live/r.x",
     AVCSEC_MESSAGE_ASKS, "play", "live", "r.x", NULL},
    {"srs", "action=on_play&ip=::1&app=live&stream=r.x&stream_url=/live/r.x", AVCSEC_MESSAGE_ASKS,
     "play", "live", "r.x", NULL},
    {"srs", "action=on_play&ip=::1&app=a/b&stream=r&stream_url=/a/b/r", AVCSEC_MESSAGE_ASKS, "play",
     "a/b", "r", NULL},
    {"srs", "action=on_play&ip=::1&app=live&stream=c/r&stream_url=/live/c/r", AVCSEC_MESSAGE_ASKS,
     "play", "live", "c/r", NULL},
    {"srs", "action=on_play&ip=::1&app=live&stream=.m3u8&stream_url=/live/", AVCSEC_MESSAGE_ASKS,
     "play", "live", "", NULL},
    {"srs", "action=on_play&ip=::1&app=live&stream=r&stream_url=/live/s", AVCSEC_MESSAGE_BAD, NULL,
     NULL, NULL, NULL},
    {"srs", "action=on_play&ip=::1&app=live&stream=r&stream_url=/other/r", AVCSEC_MESSAGE_BAD, NULL,
     NULL, NULL, NULL},
    {"srs", "action=on_play&ip=::1&app=live&stream=r&stream_url=/live/xr", AVCSEC_MESSAGE_BAD, NULL,
     NULL, NULL, NULL},
    {"srs", "action=on_play&ip=::1&app=live&stream=r&stream_url=/xlive/r", AVCSEC_MESSAGE_BAD, NULL,
     NULL, NULL, NULL},
    {"srs", "action=on_play&ip=::1&app=live&stream=r&stream_url=", AVCSEC_MESSAGE_BAD, NULL, NULL,
     NULL, NULL},
    {"srs", "action=on_stop&ip=192.0.2.7", AVCSEC_MESSAGE_NOTE, NULL, NULL, NULL, NULL},
    {"srs", "action=on_forward&ip=192.0.2.7", AVCSEC_MESSAGE_BAD, NULL, NULL, NULL, NULL},
    /* MediaMTX */
    {"mediamtx", "action=read&ip=::ffff:192.0.2.7&path=live/r&query=a=1%26avc=" T,
     AVCSEC_MESSAGE_ASKS, "play", "live", "r", T},
    {"mediamtx", "action=publish&ip=192.0.2.7&path=r&password=" T, AVCSEC_MESSAGE_ASKS, "publish",
     NULL, "r", T},
    {"mediamtx", "action=publish&ip=192.0.2.7&path=a/b/r&token=other&password=secret",
     AVCSEC_MESSAGE_ASKS, "publish", "a", "b/r", NULL},
    {"mediamtx", "action=read&ip=::1&path=r&query=avc=" T "%26x=a%3Fb", AVCSEC_MESSAGE_ASKS, "play",
     NULL, "r", T},
    {"mediamtx", "action=playback&ip=192.0.2.7&path=", AVCSEC_MESSAGE_ASKS, "play", NULL, "", NULL},
    {"mediamtx", "action=api&ip=192.0.2.7&path=", AVCSEC_MESSAGE_BAD, NULL, NULL, NULL, NULL},
    /* OvenMediaEngine */
    {"ovenmediaengine",
     "request.direction=outgoing&request.status=opening&client.address=192.0.2.7&request.url="
     "https://h:3334/live/r%2525/llhls.m3u8%3Favc=" T,
     AVCSEC_MESSAGE_ASKS, "play", "live", "r%", T},
    {"ovenmediaengine",
     "request.direction=incoming&request.status=opening&client.address=192.0.2.7&request.url="
     "srt://[::1]:9999",
     AVCSEC_MESSAGE_ASKS, "publish", NULL, NULL, NULL},
    /* What OvenMediaEngine reads as another URL */
    {"ovenmediaengine", OME "x", AVCSEC_MESSAGE_BAD, NULL, NULL, NULL, NULL},
    {"ovenmediaengine", OME "rtmp:h/live/r", AVCSEC_MESSAGE_BAD, NULL, NULL, NULL, NULL},
    {"ovenmediaengine", OME "a/b://live/r/s", AVCSEC_MESSAGE_BAD, NULL, NULL, NULL, NULL},
    {"ovenmediaengine", OME "rtmp://h/live/r%3Fx=://h/live/s", AVCSEC_MESSAGE_BAD, NULL, NULL, NULL,
     NULL},
    {"ovenmediaengine", OME "rtmp://h/live/r%3Fx=:y@h/live/s", AVCSEC_MESSAGE_BAD, NULL, NULL, NULL,
     NULL},
    {"ovenmediaengine", OME "rtmp://h/live%252fs/r", AVCSEC_MESSAGE_BAD, NULL, NULL, NULL, NULL},
    {"ovenmediaengine", OME "rtmp://h/live/r%252fs", AVCSEC_MESSAGE_BAD, NULL, NULL, NULL, NULL},
    {"ovenmediaengine", "request.direction=incoming&request.status=closing", AVCSEC_MESSAGE_NOTE,
     NULL, NULL, NULL, NULL},
    {"ovenmediaengine", "request.direction=incoming", AVCSEC_MESSAGE_BAD, NULL, NULL, NULL, NULL},
    /* Ant Media, Red5 Pro */
    {"ant-media", "appName=live&streamId=r&queryParams=avc=" T, AVCSEC_MESSAGE_ASKS, "publish",
     "live", "r", T},
    {"ant-media", "appName=live&streamId=r&queryParams={a=b, avc=" T "}", AVCSEC_MESSAGE_ASKS,
     "publish", "live", "r", T},
    {"ant-media", "appName=live&streamId=r&queryParams={avc=" T ", avc=b}", AVCSEC_MESSAGE_ASKS,
     "publish", "live", "r", T},
    {"ant-media", "appName=live&streamId=r&queryParams={}", AVCSEC_MESSAGE_ASKS, "publish", "live",
     "r", NULL},
    {"ant-media", "appName=live&streamId=r&queryParams={", AVCSEC_MESSAGE_ASKS, "publish", "live",
     "r", NULL},
    {"red5pro", "type=subscriber&streamID=r&token=" T, AVCSEC_MESSAGE_ASKS, "play", NULL, "r", T},
    {"red5pro", "type=subscriber&streamID=r&scope=live&token=" T, AVCSEC_MESSAGE_ASKS, "play",
     "live", "r", T},
    {"red5pro", "type=publisher&streamID=r&password=" T, AVCSEC_MESSAGE_ASKS, "publish", NULL, "r",
     T},
    {"red5pro", "streamID=r&token=" T, AVCSEC_MESSAGE_NOTE, NULL, NULL, NULL, NULL},
    {"red5pro", "token=" T, AVCSEC_MESSAGE_BAD, NULL, NULL, NULL, NULL},
    {"red5pro", "type=&streamID=r&token=" T, AVCSEC_MESSAGE_BAD, NULL, NULL, NULL, NULL},
    {"red5pro", "type=owner&streamID=r&token=" T, AVCSEC_MESSAGE_BAD, NULL, NULL, NULL, NULL},
    /* Oryx */
    {"oryx", "action=on_publish&app=live&stream=r&param=%3Favc=" T "%3Favc=" T, AVCSEC_MESSAGE_ASKS,
     "publish", "live", "r", T},
    {"oryx", "action=on_publish&app=live&stream=r.x.y", AVCSEC_MESSAGE_ASKS, "publish", "live",
     "r.x", NULL},
    {"oryx", "action=on_record_begin&app=live&stream=r", AVCSEC_MESSAGE_NOTE, NULL, NULL, NULL,
     NULL},
    {"oryx", "action=on_ocr", AVCSEC_MESSAGE_NOTE, NULL, NULL, NULL, NULL},
    {"oryx", "action=on_play&app=live&stream=r", AVCSEC_MESSAGE_BAD, NULL, NULL, NULL, NULL},
    /* ZLMediaKit */
    {"zlmediakit-play", "ip=::1&app=live&stream=r&params=avc=" T "/r", AVCSEC_MESSAGE_ASKS, "play",
     "live", "r", T},
    {"zlmediakit-publish", "ip=::1&app=live&stream=a/b&params=x=1/y&params2=&params=",
     AVCSEC_MESSAGE_ASKS, "publish", "live", "a/b", NULL},
    {"zlmediakit-publish", "ip=::1&app=live&stream=r&params=x=1%26avc=" T "?z", AVCSEC_MESSAGE_ASKS,
     "publish", "live", "r", T},
    {"zlmediakit-publish", "app=live&stream=r&params=avc=" T, AVCSEC_MESSAGE_BAD, NULL, NULL, NULL,
     NULL},
    /* A key alone */
    {"ovenmediaengine", OME "rtmp://h/live/" T, AVCSEC_MESSAGE_ASKS, "play", "live", T, T},
    {"ovenmediaengine", OME "rtmp://h/live/" T "%3Favc=x", AVCSEC_MESSAGE_ASKS, "play", "live", T,
     "x"},
};

static int side_of_fields;

static bool get(void *baton, const char *name, avcsec_slice_t *value)
{
    const avcsec_slice_t *form = baton;

    avcsec_form_get(*form, avcsec_slice_of(name), guarded_room(form->len, side_of_fields), value);
    return true;
}

static void reading(void)
{
    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
        {
            const avcsec_dialect_t *dialect =
                avcsec_dialect_find(avcsec_slice_of(table[i].dialect));
            avcsec_slice_t form = guarded_text(table[i].text, side);
            const avcsec_fields_t fields = {get, &form};
            char *room = guarded_room(AVCSEC_DIALECT_ROOM, side);
            avcsec_message_t message;
            avcsec_fault_t fault;
            avcsec_wish_t wish;

            side_of_fields = side;
            check_begins(table[i].text);
            message = avcsec_dialect_read(dialect, &fields, room, &wish, &fault);
            check(message == table[i].message &&
                      (message != AVCSEC_MESSAGE_ASKS ||
                       (is_text(wish.act, table[i].act) && is_text(wish.app, table[i].app) &&
                        is_text(wish.room, table[i].room) && is_text(wish.token, table[i].token))),
                  "%s: %s", table[i].dialect, table[i].text);
        }
}

/* Says of which field it is, and whether an address proves anything. */
static const struct {
    const char *text, *field;
    bool is_claimed;
} srs[] = {
    {"action=on_connect&ip=::1", NULL, false},
    {"action=on_play&ip=::1", NULL, true},
    {"action=on_publish&ip=::1", NULL, true},
    {"action=on_play", "ip", false},
    {"action=on_play&ip=x", "ip", false},
    {"ip=::1", "action", false},
    {"action=on_forward", "action", false},
    {"action=on_play&ip=::1&stream=%01", "stream", false},
    {"action=on_play&ip=::1&param=%3Favc=%2501", "param", false},
    {"action=on_play&ip=::1&stream=r&stream_url=x", "stream_url", false},
};

static void faults(void)
{
    for (size_t i = 0; i < COUNT_OF(srs); i++) {
        avcsec_slice_t form = avcsec_slice_of(srs[i].text);
        const avcsec_fields_t fields = {get, &form};
        char room[AVCSEC_DIALECT_ROOM];
        avcsec_fault_t fault;
        avcsec_wish_t wish;

        avcsec_dialect_read(avcsec_dialect_find(AVCSEC_LITERAL("srs")), &fields, room, &wish,
                            &fault);
        check(srs[i].field ? fault.field && !strcmp(fault.field, srs[i].field)
                           : !fault.field && wish.is_claimed == srs[i].is_claimed,
              "%s: %s %s", srs[i].text, fault.field ? fault.field : "no fault",
              fault.field ? fault.is : "");
    }
}

/* What stands around the room in an address. */
static void addresses(void)
{
    static const struct {
        const char *url, *before, *behind;
    } urls[] = {
        {"rtmp://h:1935/live/" T, "rtmp://h:1935/live/", NULL},
        {"rtmp://h/live/" T "%3Fa=b/c", "rtmp://h/live/", "?a=b/c"},
        {"https://h/live/" T "/master.m3u8%3Fa", "https://h/live/", "/master.m3u8?a"},
        {"https://h/live/" T "/", "https://h/live/", "/"},
        {"rtmp://h/live", NULL, NULL},
    };

    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        char text[512], room[AVCSEC_DIALECT_ROOM];
        avcsec_slice_t form = {text,
                               (size_t)snprintf(text, sizeof(text), "%s%s", OME, urls[i].url)};
        const avcsec_fields_t fields = {get, &form};
        avcsec_fault_t fault;
        avcsec_wish_t wish;

        avcsec_dialect_read(avcsec_dialect_find(AVCSEC_LITERAL("ovenmediaengine")), &fields, room,
                            &wish, &fault);
        check(is_text(wish.before, urls[i].before) && is_text(wish.behind, urls[i].behind) &&
                  wish.is_room_of_token == (urls[i].before != NULL),
              "%s", urls[i].url);
    }
}

static bool refuses_a_field(void *baton, const char *name, avcsec_slice_t *value)
{
    (void)baton, (void)value;
    return strcmp(name, "action") != 0;
}

static void fields_that_are_no_text(void)
{
    const avcsec_fields_t fields = {refuses_a_field, NULL};
    char room[AVCSEC_DIALECT_ROOM];
    avcsec_fault_t fault;
    avcsec_wish_t wish;

    check(avcsec_dialect_read(avcsec_dialect_find(AVCSEC_LITERAL("srs")), &fields, room, &wish,
                              &fault) == AVCSEC_MESSAGE_BAD,
          "a field that is no text makes a message bad");
}

static void forms(void)
{
    static const struct {
        const char *text;
        bool is_clean;
    } cases[] = {
        {"a=b&c=%20", true}, {"", true},       {"a=%C3%A9", true},    {"a=%", true},
        {"a=%0", true},      {"a=%00", false}, {"a%0D=b", false},     {"a=\n", false},
        {"a=%7f", false},    {"\x7f", false},  {"a=%1Fb&c=d", false},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        EACH_SIDE(side)
    check(avcsec_form_is_clean(guarded_text(cases[i].text, side)) == cases[i].is_clean,
          "form %zu is %s", i, cases[i].is_clean ? "clean" : "refused");
}

static void names(void)
{
    check(avcsec_dialect_find(AVCSEC_LITERAL("NGINX-RTMP")) == &avcsec_dialects[0],
          "the name of a media server is found in any case");
    check(!avcsec_dialect_find(AVCSEC_LITERAL("nginx")), "a part of a name is none");
    check(!avcsec_dialect_find((avcsec_slice_t){0}), "nothing is no name");
    for (const avcsec_dialect_t *d = avcsec_dialects; d->name; d++)
        check(d->token[0].field && d->yes.status == 200 && d->yes.body && d->no.body &&
                  d->no_token.body && d->noted.body && d->known && d->acts &&
                  (!d->event || d->notes),
              "the row of %s is whole", d->name);
}

int main(void)
{
    check_start();
    reading();
    faults();
    addresses();
    fields_that_are_no_text();
    forms();
    names();
    return check_end();
}
