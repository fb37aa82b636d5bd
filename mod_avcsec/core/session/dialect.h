/* SPDX-License-Identifier: Apache-2.0
 *
 * What media servers send when they ask whether a client may come in, and what they take
 * for yes and no: one table, a row for each. The face brings the fields (a form's, or
 * those of JSON); what they mean is decided here.
 */
#ifndef AVCSEC_DIALECT_H
#define AVCSEC_DIALECT_H

#include "core/session/admission.h"

typedef struct {
    int status;
    const char *body; /* "" for none */
} avcsec_reply_t;

typedef struct {
    const char *field;
    enum {
        AVCSEC_AT_FIELD = 0, /* all of the field */
        AVCSEC_AT_TOKEN,     /* all of it, if it starts as a token */
        AVCSEC_AT_QUERY,     /* the argument avc; a '?' may stand in front */
        AVCSEC_AT_URL,       /* the argument avc of the query of an address */
        AVCSEC_AT_ROOM       /* the room itself, if it starts as a token */
    } how;
} avcsec_token_place_t;

typedef struct {
    const char *name;
    /* Fields of the message. Those of JSON objects in objects are joined by dots. */
    const char *event; /* says what happens; NULL: the message is always about `acts` */
    const char *acts;  /* "value=act ..." that are asked; without event: the act itself */
    const char *notes; /* patterns of values that only tell what happened; they need no token */
    const char *when, *asks; /* field, and its value where the message asks; NULL: always */
    const char *app, *room, *client, *page; /* NULL: not told */
    const char *path;     /* holds application and room: "app/room", or a URL, as is_url says */
    const char *filed;    /* field with the address by which the server files the stream, which may
                             lack the ending of its name: that is the room. NULL: the room is */
    const char *believes; /* acts at which the client's address may be its own choice, since the
                             server believes what proxies may say; NULL: none */
    const char *ends;     /* characters, besides '&', that end an argument where a token is; NULL */
    avcsec_token_place_t token[5]; /* the first counts; ends with a row without a field */
    /* A room that is a token itself takes the token's room: by this header; of JSON, by the
     * whole address in this member. NULL: it does not */
    const char *renames;
    avcsec_reply_t yes, no, no_token, noted;
    const char
        *relay; /* what to do about its own clients, which have no token; NULL: it has none */
    const char *known; /* "tested against ...", or "from its documentation" */
    bool is_json;      /* else application/x-www-form-urlencoded */
    bool is_url;
    bool is_note_without_event; /* without the field it only tells something */
    bool drops_endings;         /* what differs behind its last dot is one stream; not told */
} avcsec_dialect_t;

/* Ends with a row without a name. */
extern const avcsec_dialect_t avcsec_dialects[];

/* NULL if there is none of that name. */
const avcsec_dialect_t *avcsec_dialect_find(avcsec_slice_t name);

/* The fields of one message. */
typedef struct {
    /* The text of a field, decoded; absent if it is not there. False if it is no text. */
    bool (*get)(void *baton, const char *name, avcsec_slice_t *value);
    void *baton;
} avcsec_fields_t;

typedef enum {
    AVCSEC_MESSAGE_BAD = 0, /* not of this dialect: refuse */
    AVCSEC_MESSAGE_NOTE,    /* tells something; nothing is asked */
    AVCSEC_MESSAGE_ASKS
} avcsec_message_t;

#define AVCSEC_DIALECT_ROOM 8192

/* Why a message is none of the dialect: "<field> <is>". */
typedef struct {
    const char *field, *is;
} avcsec_fault_t;

/* Reads a message into *wish, whose slices lie in the fields or in `room`; of one that is bad,
 * *fault says why. */
avcsec_message_t avcsec_dialect_read(const avcsec_dialect_t *dialect, const avcsec_fields_t *fields,
                                     char room[AVCSEC_DIALECT_ROOM], avcsec_wish_t *wish,
                                     avcsec_fault_t *fault);

#endif
