/* SPDX-License-Identifier: Apache-2.0
 *
 * Who may connect to a media server, play or publish there: a session token against
 * what the media server says of the client. A limit in the token that the media server
 * says nothing about refuses; it is never passed over.
 */
#ifndef AVCSEC_ADMISSION_H
#define AVCSEC_ADMISSION_H

#include "core/request/request.h"

/* What a client wants, as the media server (or the place itself) tells it. Absent slices
 * are not told. */
typedef struct {
    avcsec_slice_t token;     /* as the client sent it, decoded once */
    avcsec_slice_t act;       /* connect, play, publish, upload */
    avcsec_slice_t app, room; /* decoded */
    avcsec_slice_t page;      /* the address of the client's page: what browsers call Referer */
    bool has_client;
    avcsec_address_t client;
    avcsec_slice_t client_text; /* as it was told */
    bool is_claimed;            /* that address may be the client's own choice: it proves nothing */
    bool is_admin_address;      /* of those that AvcAdmin lists */
    bool is_asked_again;        /* at play and publish: connecting itself opens no room */
    bool is_room_of_token;      /* the client named no room but the token: it gets the token's */
    avcsec_slice_t before, behind; /* of the room in the address that was asked for, if one was */
} avcsec_wish_t;

/* Judges the token alone and then what it may do. The policy asks for a session; it,
 * keys, mac and now as in avcsec_request_judge. The caller spends. */
void avcsec_admission_judge(const avcsec_wish_t *wish, const avcsec_policy_t *policy,
                            const avcsec_keys_t *keys, avcsec_mac_t *mac, int64_t now,
                            avcsec_judgement_t *judgement);

/* A session token that is right may do that: act, app, room, role (SPEC, section 2). */
avcsec_verdict_t avcsec_admission_allows(const avcsec_token_t *token, const avcsec_wish_t *wish);

#endif
