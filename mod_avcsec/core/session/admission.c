/* SPDX-License-Identifier: Apache-2.0
 *
 * Session tokens at the door of a media server.
 */
#include "core/session/admission.h"

#include "core/text/b64url.h"

static bool may_act(const avcsec_token_t *token, avcsec_slice_t act)
{
    avcsec_slice_t acts = token->act.p ? token->act : AVCSEC_LITERAL("connect.play");

    return act.p && avcsec_token_list_has(acts, '.', act);
}

/* "live", or an instance of it, "live/_definst_". */
static bool is_within_app(avcsec_slice_t claim, avcsec_slice_t app)
{
    return app.p && avcsec_slice_has_prefix(app, claim) &&
           (app.len == claim.len || app.p[claim.len] == '/');
}

/* A claim's value has one spelling: encoding the room is as good as decoding the claim. */
static bool is_room(avcsec_slice_t claim, avcsec_slice_t room)
{
    char encoded[AVCSEC_CLAIM_VALUE_MAX];

    if (!room.p || AVCSEC_B64URL_CHARS(room.len) > sizeof(encoded))
        return false;
    return avcsec_slice_equals(
        claim, (avcsec_slice_t){encoded, avcsec_b64url_encode((const unsigned char *)room.p,
                                                              room.len, encoded)});
}

static bool may_enter(const avcsec_token_t *token, const avcsec_wish_t *wish)
{
    bool opens_none =
        wish->is_asked_again && avcsec_slice_equals(wish->act, AVCSEC_LITERAL("connect"));

    if (wish->is_room_of_token)
        return token->room.p != NULL;
    return !token->room.p || opens_none || is_room(token->room, wish->room);
}

avcsec_verdict_t avcsec_admission_allows(const avcsec_token_t *token, const avcsec_wish_t *wish)
{
    if (!may_act(token, wish->act))
        return AVCSEC_ACT;
    if (token->app.p && !is_within_app(token->app, wish->app))
        return AVCSEC_APP;
    if (!may_enter(token, wish))
        return AVCSEC_ROOM;
    if (avcsec_slice_equals(token->role, AVCSEC_LITERAL("admin")) &&
        (!wish->is_admin_address || wish->is_claimed))
        return AVCSEC_ROLE;
    return AVCSEC_ALLOWED;
}

static const char unknown[] = "the token is bound to an address, and the media server does not say "
                              "where its client calls from",
                  claimed[] = "the token is bound to an address, and the media server believes "
                              "what its client may say of it (X-Forwarded-For): if nobody reaches "
                              "its HTTP port but through a proxy that sets the address, say "
                              "AvcAdmission srs address";

void avcsec_admission_judge(const avcsec_wish_t *wish, const avcsec_policy_t *policy,
                            const avcsec_keys_t *keys, avcsec_mac_t *mac, int64_t now,
                            avcsec_judgement_t *judgement)
{
    /* A request with nothing but the token. It has no method: a token with `mth` is for
     * HTTP and refused here. */
    const avcsec_request_t request = {.path = AVCSEC_LITERAL("/"),
                                      .method = AVCSEC_LITERAL(""),
                                      .referer = wish->page,
                                      .client = wish->client};
    const avcsec_reading_t reading = {.left = AVCSEC_LITERAL("/"),
                                      .is_resolved = true,
                                      .decoded = AVCSEC_LITERAL("/"),
                                      .canonical = AVCSEC_LITERAL("/"),
                                      .query_token = wish->token,
                                      .query_tokens = wish->token.p != NULL};
    const avcsec_token_t *token = &judgement->token;

    avcsec_request_judge(&request, &reading, policy, keys, mac, now, judgement);
    if (judgement->verdict != AVCSEC_ALLOWED)
        return;
    if ((token->has_ip4 || token->has_ip6) && (!wish->has_client || wish->is_claimed)) {
        judgement->verdict = AVCSEC_ADDRESS;
        judgement->detail = wish->is_claimed ? claimed : unknown;
        return;
    }
    judgement->verdict = avcsec_admission_allows(token, wish);
}
