/* SPDX-License-Identifier: Apache-2.0
 *
 * How messages of media servers are read.
 */
#include "core/session/dialect.h"

#include "core/text/query.h"

#include <string.h>

static bool has_control(avcsec_slice_t text)
{
    for (size_t i = 0; i < text.len; i++)
        if (avcsec_is((unsigned char)text.p[i], AVCSEC_CONTROL))
            return true;
    return false;
}

/* What reading a message needs; `room` shrinks as values are decoded into it. */
typedef struct {
    const avcsec_fields_t *fields;
    char *room;
    size_t left;
    bool is_bad;
} reader_t;

static avcsec_slice_t field(reader_t *reader, const char *name)
{
    avcsec_slice_t value = {0};

    if (name && (!reader->fields->get(reader->fields->baton, name, &value) || has_control(value)))
        reader->is_bad = true;
    return value;
}

static avcsec_slice_t decoded(reader_t *reader, avcsec_slice_t text)
{
    avcsec_slice_t value = {reader->room, 0};

    if (!text.p)
        return text;
    if (text.len > reader->left) {
        reader->is_bad = true;
        return value;
    }
    value.len = avcsec_slice_unescape(text, false, reader->room);
    reader->room += value.len;
    reader->left -= value.len;
    reader->is_bad |= has_control(value);
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

static avcsec_slice_t query_of(avcsec_slice_t text)
{
    avcsec_slice_t rest = text, before;

    avcsec_slice_cut(&rest, '?', &before);
    return rest.p ? rest : text;
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

static avcsec_slice_t token_at(reader_t *reader, avcsec_slice_t place)
{
    char last = place.p[place.len - 1], name[64] = "";
    avcsec_slice_t value, none = {0};
    avcsec_argument_t argument;
    bool is_map;

    if (place.len >= sizeof(name))
        return none;
    memcpy(name, place.p, place.len - (last == '?' || last == '~'));
    value = field(reader, name);
    if (last == '~')
        return avcsec_slice_has_prefix(value, AVCSEC_LITERAL("avc1~")) ? value : none;
    if (last != '?')
        return value;
    is_map = is_java_map(&value);
    value = is_map ? value : query_of(value);
    while (is_map ? next_of_map(&value, &argument) : avcsec_query_next(&value, &argument))
        if (avcsec_query_is_token(argument))
            return decoded(reader, argument.value.p ? argument.value : AVCSEC_LITERAL(""));
    return none;
}

static avcsec_slice_t find_token(reader_t *reader, const char *places)
{
    avcsec_slice_t rest = avcsec_slice_of(places), place, token = {0};

    while (!token.p && avcsec_slice_cut(&rest, ' ', &place))
        token = token_at(reader, place);
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
static avcsec_slice_t behind_scheme(reader_t *reader, avcsec_slice_t url)
{
    avcsec_slice_t rest = url, scheme = {0};

    avcsec_slice_cut(&rest, ':', &scheme);
    if (!scheme.len || !avcsec_slice_is_made_of(scheme, AVCSEC_WORD) ||
        !avcsec_slice_has_prefix(rest, AVCSEC_LITERAL("//")) ||
        holds(rest, AVCSEC_LITERAL("://")) || holds(rest, AVCSEC_LITERAL("@"))) {
        reader->is_bad = true;
        return (avcsec_slice_t){0};
    }
    return avcsec_slice_between(rest.p + 2, rest.p + rest.len);
}

/* A part of a path; no slash may be hidden in it. */
static avcsec_slice_t part_of(reader_t *reader, avcsec_slice_t *path)
{
    avcsec_slice_t part = {0};

    if (avcsec_slice_cut(path, '/', &part))
        part = decoded(reader, part);
    reader->is_bad |= holds(part, AVCSEC_LITERAL("/"));
    return part;
}

/* "scheme://host/app/room...?query" */
static void read_url(reader_t *reader, avcsec_slice_t url, avcsec_wish_t *wish)
{
    avcsec_slice_t rest = behind_scheme(reader, url), path = {0}, host;

    avcsec_slice_cut(&rest, '?', &path);
    avcsec_slice_cut(&path, '/', &host);
    wish->app = part_of(reader, &path);
    wish->room = part_of(reader, &path);
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

static void read_wish(reader_t *reader, const avcsec_dialect_t *dialect, avcsec_wish_t *wish)
{
    avcsec_slice_t client = field(reader, dialect->client);

    wish->app = field(reader, dialect->app);
    wish->room = field(reader, dialect->room);
    wish->page = field(reader, dialect->page);
    if (wish->page.p && !wish->page.len)
        wish->page.p = NULL;
    if (dialect->path && dialect->is_url)
        read_url(reader, field(reader, dialect->path), wish);
    else if (dialect->path)
        read_path(field(reader, dialect->path), wish);
    if (dialect->client) {
        wish->has_client = avcsec_address_parse(client, &wish->client);
        reader->is_bad |= !wish->has_client;
    }
    wish->token = find_token(reader, dialect->token);
    wish->is_asked_again = avcsec_slice_equals(wish->act, AVCSEC_LITERAL("connect"));
    /* Connecting, nginx-rtmp would take the other name for one of an application. */
    wish->is_room_of_token = dialect->renames && !wish->is_asked_again &&
                             avcsec_slice_equals(wish->token, wish->room) &&
                             avcsec_slice_has_prefix(wish->room, AVCSEC_LITERAL("avc1~"));
}

avcsec_message_t avcsec_dialect_read(const avcsec_dialect_t *dialect, const avcsec_fields_t *fields,
                                     char room[AVCSEC_DIALECT_ROOM], avcsec_wish_t *wish)
{
    reader_t reader = {.fields = fields, .left = AVCSEC_DIALECT_ROOM};
    avcsec_slice_t event = field(&reader, dialect->event), when;

    reader.room = room;
    *wish = (avcsec_wish_t){.has_client = false};
    wish->act = dialect->event ? act_of(dialect->acts, event) : avcsec_slice_of(dialect->acts);
    if (reader.is_bad)
        return AVCSEC_MESSAGE_BAD;
    if (!wish->act.p)
        return is_note(dialect->notes, event) ? AVCSEC_MESSAGE_NOTE : AVCSEC_MESSAGE_BAD;
    if (dialect->when) {
        when = field(&reader, dialect->when);
        if (!when.len || reader.is_bad)
            return AVCSEC_MESSAGE_BAD;
        if (!avcsec_slice_equals(when, avcsec_slice_of(dialect->asks)))
            return AVCSEC_MESSAGE_NOTE;
    }
    read_wish(&reader, dialect, wish);
    return reader.is_bad ? AVCSEC_MESSAGE_BAD : AVCSEC_MESSAGE_ASKS;
}
