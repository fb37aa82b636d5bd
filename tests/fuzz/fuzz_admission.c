/* SPDX-License-Identifier: Apache-2.0
 *
 * What a session may do, decided a second time by decoding the claims instead of encoding
 * the wish. Lines of the input: a token; act, application, room; and for what is told
 * besides a letter each: 'a' an administrator's address, 'c' asked again, 't' the token's
 * room.
 */
#include "fuzz.h"

#include "core/session/admission.h"
#include "core/text/b64url.h"

static bool has_letter(avcsec_slice_t letters, char letter)
{
    return letters.len && memchr(letters.p, letter, letters.len);
}

/* `word` stands in the list between two dots, or at its ends. */
static bool lists(avcsec_slice_t list, avcsec_slice_t word)
{
    avcsec_slice_t item;

    while (avcsec_slice_cut(&list, '.', &item))
        if (word.p && avcsec_slice_equals(item, word))
            return true;
    return false;
}

static bool is_decoded(avcsec_slice_t claim, avcsec_slice_t room)
{
    unsigned char *text = fuzz_room(AVCSEC_B64URL_BYTES(claim.len) + 1);
    size_t len = 0;
    bool is_same = avcsec_b64url_decode(claim, text, &len) && room.p && len == room.len &&
                   !memcmp(text, room.p, len);

    free(text);
    return is_same;
}

static bool is_app(avcsec_slice_t claim, avcsec_slice_t app)
{
    avcsec_slice_t first, rest = app;

    return avcsec_slice_cut(&rest, '/', &first) && avcsec_slice_equals(first, claim);
}

static avcsec_verdict_t expected(const avcsec_token_t *token, const avcsec_wish_t *wish)
{
    avcsec_slice_t acts = token->act.p ? token->act : AVCSEC_LITERAL("connect.play");
    bool opens_none =
        wish->is_asked_again && avcsec_slice_equals(wish->act, AVCSEC_LITERAL("connect"));

    if (!lists(acts, wish->act))
        return AVCSEC_ACT;
    if (token->app.p && !is_app(token->app, wish->app))
        return AVCSEC_APP;
    if (wish->is_room_of_token
            ? !token->room.p
            : token->room.p && !opens_none && !is_decoded(token->room, wish->room))
        return AVCSEC_ROOM;
    return avcsec_slice_equals(token->role, AVCSEC_LITERAL("admin")) && !wish->is_admin_address
               ? AVCSEC_ROLE
               : AVCSEC_ALLOWED;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    avcsec_slice_t rest = {(const char *)data, size}, text = fuzz_copy(fuzz_line(&rest)), told;
    avcsec_wish_t wish = {.act = fuzz_copy(fuzz_line(&rest)),
                          .app = fuzz_copy(fuzz_line(&rest)),
                          .room = fuzz_copy(fuzz_line(&rest))};
    avcsec_token_t token;

    told = fuzz_line(&rest);
    wish.is_admin_address = has_letter(told, 'a');
    wish.is_asked_again = has_letter(told, 'c');
    wish.is_room_of_token = has_letter(told, 't');
    if (text.p && !avcsec_token_parse(text, &token) && token.purpose == AVCSEC_SESSION) {
        avcsec_verdict_t verdict = avcsec_admission_allows(&token, &wish);

        PROMISE(verdict == expected(&token, &wish));
        fuzz_accepted += verdict == AVCSEC_ALLOWED;
    }
    fuzz_free(text);
    fuzz_free(wish.act);
    fuzz_free(wish.app);
    fuzz_free(wish.room);
    return 0;
}
