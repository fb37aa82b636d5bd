/* SPDX-License-Identifier: Apache-2.0
 *
 * What a session may do, whoever asks: act, application, room, role; and limits of which
 * nobody tells anything.
 */
#include "../forge.h"

#include "core/session/admission.h"

#define SESSION "avc1~for.session~kid.k1~exp.1893456000"
#define NOW 1700000000

static const struct {
    const char *claims, *act, *app, *room, *client, *page;
    bool is_admin, is_asked_again, is_room_of_token;
    avcsec_verdict_t verdict;
} table[] = {
    {"", "connect", NULL, NULL, NULL, NULL, false, false, false, AVCSEC_ALLOWED},
    {"", "play", NULL, NULL, NULL, NULL, false, false, false, AVCSEC_ALLOWED},
    {"", "publish", NULL, NULL, NULL, NULL, false, false, false, AVCSEC_ACT},
    {"", NULL, NULL, NULL, NULL, NULL, false, false, false, AVCSEC_ACT},
    {"", "", NULL, NULL, NULL, NULL, false, false, false, AVCSEC_ACT},
    {"", "connect.play", NULL, NULL, NULL, NULL, false, false, false, AVCSEC_ACT},
    {"~act.publish", "connect", NULL, NULL, NULL, NULL, false, false, false, AVCSEC_ACT},
    {"~act.play.publish", "publish", NULL, NULL, NULL, NULL, false, false, false, AVCSEC_ALLOWED},
    {"~app.live", "play", "live", NULL, NULL, NULL, false, false, false, AVCSEC_ALLOWED},
    {"~app.live", "play", "live/_definst_", NULL, NULL, NULL, false, false, false, AVCSEC_ALLOWED},
    {"~app.live", "play", "lively", NULL, NULL, NULL, false, false, false, AVCSEC_APP},
    {"~app.live", "play", "Live", NULL, NULL, NULL, false, false, false, AVCSEC_APP},
    {"~app.live", "play", "", NULL, NULL, NULL, false, false, false, AVCSEC_APP},
    {"~app.live", "play", NULL, NULL, NULL, NULL, false, false, false, AVCSEC_APP},
    {"~room.cm9vbTc", "play", NULL, "room7", NULL, NULL, false, false, false, AVCSEC_ALLOWED},
    {"~room.cm9vbTc", "play", NULL, "room7 ", NULL, NULL, false, false, false, AVCSEC_ROOM},
    {"~room.cm9vbTc", "play", NULL, "room", NULL, NULL, false, false, false, AVCSEC_ROOM},
    {"~room.cm9vbTc", "play", NULL, "", NULL, NULL, false, false, false, AVCSEC_ROOM},
    {"~room.cm9vbTc", "play", NULL, NULL, NULL, NULL, false, true, false, AVCSEC_ROOM},
    {"~room.cm9vbTc", "connect", NULL, NULL, NULL, NULL, false, false, false, AVCSEC_ROOM},
    {"~room.cm9vbTc", "connect", NULL, NULL, NULL, NULL, false, true, false, AVCSEC_ALLOWED},
    {"~room.cm9vbTc", "play", NULL, "avc1~", NULL, NULL, false, false, true, AVCSEC_ALLOWED},
    {"", "play", NULL, "avc1~", NULL, NULL, false, false, true, AVCSEC_ROOM},
    {"~role.admin", "play", NULL, NULL, NULL, NULL, false, false, false, AVCSEC_ROLE},
    {"~role.admin", "play", NULL, NULL, NULL, NULL, true, false, false, AVCSEC_ALLOWED},
    {"~role.admins", "play", NULL, NULL, NULL, NULL, false, false, false, AVCSEC_ALLOWED},
    {"~ip4.192.0.2.0-24", "play", NULL, NULL, "192.0.2.7", NULL, false, false, false,
     AVCSEC_ALLOWED},
    {"~ip4.192.0.2.0-24", "play", NULL, NULL, "192.0.3.7", NULL, false, false, false,
     AVCSEC_ADDRESS},
    {"~ip4.192.0.2.0-24", "play", NULL, NULL, NULL, NULL, false, false, false, AVCSEC_ADDRESS},
    {"~ip6.2001_db8__-32", "play", NULL, NULL, NULL, NULL, false, false, false, AVCSEC_ADDRESS},
    {"~org.chat.example", "play", NULL, NULL, NULL, "https://chat.example/x", false, false, false,
     AVCSEC_ALLOWED},
    {"~org.chat.example", "play", NULL, NULL, NULL, "https://x.chat.example/", false, false, false,
     AVCSEC_ORIGIN},
    {"~org.chat.example", "play", NULL, NULL, NULL, NULL, false, false, false, AVCSEC_ORIGIN},
    {"~mth.GET", "play", NULL, NULL, NULL, NULL, false, false, false, AVCSEC_METHOD},
    {"~act.play~app.live~room.cm9vbTc~role.admin", "publish", "x", "x", NULL, NULL, false, false,
     false, AVCSEC_ACT},
};

static void judging(void)
{
    avcsec_keys_t keys = avcsec_keyring_keys(forge_ring());
    avcsec_policy_t policy = {.asked = AVCSEC_SESSION, .counts_uses = true};
    avcsec_mac_t *mac = avcsec_mac_create();

    for (size_t i = 0; i < COUNT_OF(table); i++) {
        char claims[256], text[AVCSEC_TOKEN_MAX];
        avcsec_wish_t wish = {.act = avcsec_slice_of(table[i].act),
                              .app = avcsec_slice_of(table[i].app),
                              .room = avcsec_slice_of(table[i].room),
                              .page = avcsec_slice_of(table[i].page),
                              .is_admin_address = table[i].is_admin,
                              .is_asked_again = table[i].is_asked_again,
                              .is_room_of_token = table[i].is_room_of_token};
        avcsec_judgement_t judgement;

        snprintf(claims, sizeof(claims), SESSION "%s", table[i].claims);
        wish.token = avcsec_slice_of(forge("*", claims, text, sizeof(text)));
        wish.has_client =
            table[i].client && avcsec_address_parse(avcsec_slice_of(table[i].client), &wish.client);
        avcsec_admission_judge(&wish, &policy, &keys, mac, NOW, &judgement);
        check(judgement.verdict == table[i].verdict, "'%s' to %s: %s, not %s", table[i].claims,
              table[i].act ? table[i].act : "(nothing)", avcsec_verdict_word(table[i].verdict),
              avcsec_verdict_word(judgement.verdict));
    }
    avcsec_mac_destroy(mac);
}

/* An address that the client may have chosen proves nothing, be it the right one. */
static void claimed_addresses(void)
{
    const avcsec_token_t admin = {.role = AVCSEC_LITERAL("admin")};
    avcsec_wish_t wish = {.act = AVCSEC_LITERAL("play"), .is_admin_address = true};

    check(avcsec_admission_allows(&admin, &wish) == AVCSEC_ALLOWED, "an administrator's address");
    wish.is_claimed = true;
    check(avcsec_admission_allows(&admin, &wish) == AVCSEC_ROLE, "one that is only claimed");
}

int main(void)
{
    check_start();
    judging();
    claimed_addresses();
    return check_end();
}
