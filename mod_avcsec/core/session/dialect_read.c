/* SPDX-License-Identifier: Apache-2.0
 *
 * How messages of media servers are read.
 */
#include "core/session/dialect.h"

#include "core/text/query.h"

#include <string.h>

/* What reading a message needs; `room` shrinks as values are decoded into it. */
typedef struct {
    const avcsec_fields_t *fields;
    char *room;
    size_t left;
    avcsec_fault_t *fault; /* the first; its field is NULL as long as there is none */
} reader_t;

static void blame(reader_t *reader, const char *field, const char *is)
{
    if (!reader->fault->field)
        *reader->fault = (avcsec_fault_t){field, is};
}

static bool is_bad(const reader_t *reader)
{
    return reader->fault->field != NULL;
}

static avcsec_slice_t field(reader_t *reader, const char *name)
{
    avcsec_slice_t value = {0};

    if (name && (!reader->fields->get(reader->fields->baton, name, &value) ||
                 avcsec_slice_has_control(value)))
        blame(reader, name, "is no text, or holds a control character");
    return value;
}

/* `name` is the field that it stands in. */
static avcsec_slice_t decoded(reader_t *reader, const char *name, avcsec_slice_t text)
{
    avcsec_slice_t value = {reader->room, 0};

    if (!text.p)
        return text;
    if (text.len > reader->left) {
        blame(reader, name, "is too long");
        return value;
    }
    value.len = avcsec_slice_unescape(text, false, reader->room);
    reader->room += value.len;
    reader->left -= value.len;
    if (avcsec_slice_has_control(value))
        blame(reader, name, "holds a control character");
    return value;
}

/* The act that `value` stands for in "value=act value=act"; absent if it is none. */
static avcsec_slice_t act_of(const char *acts, avcsec_slice_t value)
{
    avcsec_slice_t rest = avcsec_slice_of(acts), pair, name, none = {0};

    while (avcsec_slice_cut(&rest, ' ', &pair)) {
        avcsec_slice_cut(&pair, '=', &name);
        if (avcsec_slice_equals(name, value))
            return pair.p ? pair : name;
    }
    return none;
}

static bool is_note(const char *patterns, avcsec_slice_t value)
{
    avcsec_slice_t rest = avcsec_slice_of(patterns), pattern;

    while (value.len && avcsec_slice_cut(&rest, ' ', &pattern))
        if (pattern.len && avcsec_slice_matches(value, pattern, false))
            return true;
    return false;
}

/* What is behind the first '?' of an address; of a query, what is behind one in front. */
static avcsec_slice_t query_of(avcsec_slice_t text, bool is_url)
{
    avcsec_slice_t rest = text, before;

    avcsec_slice_cut(&rest, '?', &before);
    return rest.p && (is_url || before.len == 0) ? rest : text;
}

/* Ant Media prints the arguments as Java does a map: "{name=value, name=value}". */
static bool is_java_map(avcsec_slice_t *text)
{
    if (text->len < 2 || text->p[0] != '{' || text->p[text->len - 1] != '}')
        return false;
    *text = avcsec_slice_between(text->p + 1, text->p + text->len - 1);
    return true;
}

static bool next_of_map(avcsec_slice_t *rest, avcsec_argument_t *argument)
{
    avcsec_slice_t pair;

    if (!avcsec_slice_cut(rest, ',', &pair))
        return false;
    argument->value = avcsec_slice_trim(pair);
    avcsec_slice_cut(&argument->value, '=', &argument->name);
    return true;
}

/* Some servers join the arguments of a connection and of its stream by another '?', or put
 * the stream's name behind those of the connection. */
static bool next_of_query(avcsec_slice_t *rest, const char *ends, avcsec_argument_t *argument)
{
    avcsec_slice_t piece;
    size_t len;

    if (!ends)
        return avcsec_query_next(rest, argument);
    while (rest->p) {
        for (len = 0; len < rest->len && rest->p[len] != '&' && !strchr(ends, rest->p[len]);)
            len++;
        piece = (avcsec_slice_t){rest->p, len};
        *rest = len < rest->len ? avcsec_slice_between(rest->p + len + 1, rest->p + rest->len)
                                : (avcsec_slice_t){0};
        if (avcsec_query_next(&piece, argument))
            return true;
    }
    return false;
}

/* The argument avc of what stands in that field, decoded. */
static avcsec_slice_t argument_of(reader_t *reader, const avcsec_dialect_t *dialect,
                                  const avcsec_token_place_t *place)
{
    avcsec_slice_t value = field(reader, place->field), none = {0};
    avcsec_argument_t argument;
    bool is_map = is_java_map(&value);

    value = is_map ? value : query_of(value, place->how == AVCSEC_AT_URL);
    while (is_map ? next_of_map(&value, &argument)
                  : next_of_query(&value, dialect->ends, &argument))
        if (avcsec_query_is_token(argument))
            return decoded(reader, place->field,
                           argument.value.p ? argument.value : AVCSEC_LITERAL(""));
    return none;
}

static bool looks_like_token(avcsec_slice_t text)
{
    return avcsec_slice_has_prefix(text, AVCSEC_LITERAL("avc1~"));
}

static avcsec_slice_t token_at(reader_t *reader, const avcsec_dialect_t *dialect,
                               const avcsec_token_place_t *place, const avcsec_wish_t *wish)
{
    avcsec_slice_t value, none = {0};

    if (place->how == AVCSEC_AT_QUERY || place->how == AVCSEC_AT_URL)
        return argument_of(reader, dialect, place);
    value = place->how == AVCSEC_AT_ROOM ? wish->room : field(reader, place->field);
    return place->how == AVCSEC_AT_FIELD || looks_like_token(value) ? value : none;
}

static avcsec_slice_t find_token(reader_t *reader, const avcsec_dialect_t *dialect,
                                 const avcsec_wish_t *wish)
{
    avcsec_slice_t token = {0};

    for (const avcsec_token_place_t *place = dialect->token; place->field && !token.p; place++)
        token = token_at(reader, dialect, place, wish);
    return token;
}

static bool holds(avcsec_slice_t text, avcsec_slice_t what)
{
    for (; text.len >= what.len; text.p++, text.len--)
        if (avcsec_slice_has_prefix(text, what))
            return true;
    return false;
}

/* What is behind "scheme://". OvenMediaEngine takes the last "://" of all its client sent,
 * and the last "@", for those of the URL: with another one it would open another room. */
static avcsec_slice_t behind_scheme(reader_t *reader, const char *name, avcsec_slice_t url)
{
    avcsec_slice_t rest = url, scheme = {0};

    avcsec_slice_cut(&rest, ':', &scheme);
    if (!scheme.len || !avcsec_slice_is_made_of(scheme, AVCSEC_WORD) ||
        !avcsec_slice_has_prefix(rest, AVCSEC_LITERAL("//")) ||
        holds(rest, AVCSEC_LITERAL("://")) || holds(rest, AVCSEC_LITERAL("@"))) {
        blame(reader, name, "is missing, or no URL that everybody reads alike");
        return (avcsec_slice_t){0};
    }
    return avcsec_slice_between(rest.p + 2, rest.p + rest.len);
}

/* A part of a path; no slash may be hidden in it. */
static avcsec_slice_t part_of(reader_t *reader, const char *name, avcsec_slice_t *path)
{
    avcsec_slice_t part = {0};

    if (avcsec_slice_cut(path, '/', &part))
        part = decoded(reader, name, part);
    if (holds(part, AVCSEC_LITERAL("/")))
        blame(reader, name, "holds an encoded slash");
    return part;
}

/* "scheme://host/app/room...?query" */
static void read_url(reader_t *reader, const char *name, avcsec_wish_t *wish)
{
    avcsec_slice_t url = field(reader, name), rest = behind_scheme(reader, name, url), path = {0},
                   host;
    const char *end = url.p ? url.p + url.len : NULL;

    avcsec_slice_cut(&rest, '?', &path);
    avcsec_slice_cut(&path, '/', &host);
    wish->app = part_of(reader, name, &path);
    if (path.p)
        wish->before = avcsec_slice_between(url.p, path.p);
    wish->room = part_of(reader, name, &path);
    if (path.p) /* a file or more stands behind the room; else a query, or nothing */
        wish->behind = avcsec_slice_between(path.p - 1, end);
    else if (rest.p)
        wish->behind = avcsec_slice_between(rest.p - 1, end);
}

/* "app/room", or a room alone. An application has no slash, a room may have some: JWTs for
 * such a media server join the two in the same way. */
static void read_path(avcsec_slice_t path, avcsec_wish_t *wish)
{
    avcsec_slice_t rest = path, first = {0};

    avcsec_slice_cut(&rest, '/', &first);
    wish->room = rest.p ? rest : path;
    if (rest.p)
        wish->app = first;
}

static bool ends_with(avcsec_slice_t *text, avcsec_slice_t end)
{
    if (text->len < end.len)
        return false;
    if (end.len && memcmp(text->p + text->len - end.len, end.p, end.len) != 0)
        return false;
    text->len -= end.len;
    return true;
}

static avcsec_slice_t without_ending(avcsec_slice_t name)
{
    for (size_t i = name.len; i > 0; i--)
        if (name.p[i - 1] == '.')
            return (avcsec_slice_t){name.p, i - 1};
    return name;
}

/* SRS files "room7.m3u8", "room7.flv" and "room7" as one stream, "[vhost]/app/room7": whoever
 * may open one opens all. What it is filed as is told in a field of its own. */
static void read_filed(reader_t *reader, const avcsec_dialect_t *dialect, avcsec_wish_t *wish)
{
    avcsec_slice_t filed = field(reader, dialect->filed), rest = filed,
                   name = wish->room.p ? wish->room : AVCSEC_LITERAL("");

    if (!filed.p)
        return;
    if (!ends_with(&rest, name)) {
        rest = filed;
        name = without_ending(name);
        if (!ends_with(&rest, name))
            name.p = NULL;
    }
    if (!name.p || !ends_with(&rest, AVCSEC_LITERAL("/")) || !ends_with(&rest, wish->app) ||
        !ends_with(&rest, AVCSEC_LITERAL("/")))
        blame(reader, dialect->filed, "is not the address of that application and stream");
    wish->room = name;
}

/* Absent where there is nothing in it. */
static avcsec_slice_t filled(avcsec_slice_t value)
{
    return value.len ? value : (avcsec_slice_t){0};
}

static void read_client(reader_t *reader, const avcsec_dialect_t *dialect, avcsec_wish_t *wish)
{
    avcsec_slice_t client = field(reader, dialect->client);

    if (!dialect->client)
        return;
    wish->client_text = client;
    wish->has_client = avcsec_address_parse(client, &wish->client);
    wish->is_claimed = dialect->believes &&
                       avcsec_token_list_has(avcsec_slice_of(dialect->believes), ' ', wish->act);
    if (!wish->has_client)
        blame(reader, dialect->client, client.p ? "is no address" : "is missing");
}

static void read_wish(reader_t *reader, const avcsec_dialect_t *dialect, avcsec_wish_t *wish)
{
    read_client(reader, dialect, wish);
    wish->app = field(reader, dialect->app);
    wish->room = field(reader, dialect->room);
    wish->page = filled(field(reader, dialect->page));
    if (dialect->path && dialect->is_url)
        read_url(reader, dialect->path, wish);
    else if (dialect->path)
        read_path(field(reader, dialect->path), wish);
    if (dialect->drops_endings)
        wish->room = without_ending(wish->room);
    if (dialect->filed)
        read_filed(reader, dialect, wish);
    wish->token = find_token(reader, dialect, wish);
    wish->is_asked_again = avcsec_slice_equals(wish->act, AVCSEC_LITERAL("connect"));
    /* Connecting, nginx-rtmp would take the other name for one of an application. */
    wish->is_room_of_token = dialect->renames && !wish->is_asked_again &&
                             looks_like_token(wish->room) &&
                             avcsec_slice_equals(wish->token, wish->room);
}

/* What kind of message it is. */
static avcsec_message_t read_kind(reader_t *reader, const avcsec_dialect_t *dialect,
                                  avcsec_wish_t *wish)
{
    avcsec_slice_t event = field(reader, dialect->event), when;

    wish->act = dialect->event ? act_of(dialect->acts, event) : avcsec_slice_of(dialect->acts);
    if (!wish->act.p && is_note(dialect->notes, event))
        return AVCSEC_MESSAGE_NOTE;
    if (!event.p && dialect->is_note_without_event) {
        if (!field(reader, dialect->room).p)
            blame(reader, dialect->room, "is missing");
        return AVCSEC_MESSAGE_NOTE;
    }
    if (!wish->act.p)
        blame(reader, dialect->event,
              event.p ? "is nothing that this media server asks or tells" : "is missing");
    if (!wish->act.p || !dialect->when)
        return AVCSEC_MESSAGE_ASKS;
    when = field(reader, dialect->when);
    if (!when.len)
        blame(reader, dialect->when, "is missing");
    return avcsec_slice_equals(when, avcsec_slice_of(dialect->asks)) ? AVCSEC_MESSAGE_ASKS
                                                                     : AVCSEC_MESSAGE_NOTE;
}

avcsec_message_t avcsec_dialect_read(const avcsec_dialect_t *dialect, const avcsec_fields_t *fields,
                                     char room[AVCSEC_DIALECT_ROOM], avcsec_wish_t *wish,
                                     avcsec_fault_t *fault)
{
    reader_t reader = {fields, NULL, AVCSEC_DIALECT_ROOM, fault};
    avcsec_message_t message;

    reader.room = room;
    *wish = (avcsec_wish_t){.has_client = false};
    *fault = (avcsec_fault_t){NULL, NULL};
    message = read_kind(&reader, dialect, wish);
    if (!is_bad(&reader) && message == AVCSEC_MESSAGE_ASKS)
        read_wish(&reader, dialect, wish);
    return is_bad(&reader) ? AVCSEC_MESSAGE_BAD : message;
}
