/* SPDX-License-Identifier: Apache-2.0
 *
 * Issued sessions: which values a token can carry, which would open more than was meant,
 * and what is written.
 */
#include "../forge.h"

#include "core/token/grant.h"
#include "core/token/signed_text.h"

#define X64 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X192 X64 X64 X64
#define X256 X192 X64

static const avcsec_slice_t kid = {"k1", 2}, id = {"abcdefghijklmnopqrstuv", 22};

static void values(void)
{
    static const struct {
        avcsec_grant_value_t which;
        const char *value;
        bool is_good;
    } table[] = {
        {AVCSEC_GRANT_SUB, NULL, true},
        {AVCSEC_GRANT_SUB, "", true},
        {AVCSEC_GRANT_SUB, "zo\xc3\xab & co", true},
        {AVCSEC_GRANT_SUB, "zo\xeb", false},
        {AVCSEC_GRANT_SUB,
         "a\x01"
         "b",
         false},
        {AVCSEC_GRANT_SUB, X192, true},
        {AVCSEC_GRANT_SUB, X192 "x", false},
        {AVCSEC_GRANT_ROLE, "", true},
        {AVCSEC_GRANT_ROLE, "admin", true},
        {AVCSEC_GRANT_ROLE, "chief admin", false},
        {AVCSEC_GRANT_ROLE, "admin~max.9", false},
        {AVCSEC_GRANT_ROLE, "a.b", false},
        {AVCSEC_GRANT_ROLE, X256, true},
        {AVCSEC_GRANT_ROLE, X256 "x", false},
        {AVCSEC_GRANT_APP, NULL, true},
        {AVCSEC_GRANT_APP, "", false},
        {AVCSEC_GRANT_APP, "avchat30", true},
        {AVCSEC_GRANT_APP, "live.v2", true},
        {AVCSEC_GRANT_APP, "avchat30/_definst_", false},
        {AVCSEC_GRANT_ACT, "", false},
        {AVCSEC_GRANT_ACT, " . ,", false},
        {AVCSEC_GRANT_ACT, "play", true},
        {AVCSEC_GRANT_ACT, "connect, play publish.upload", true},
        {AVCSEC_GRANT_ACT, "play play", false},
        {AVCSEC_GRANT_ACT, "pubish", false},
        {AVCSEC_GRANT_ACT, "Play", false},
        {AVCSEC_GRANT_ROOM, NULL, true},
        {AVCSEC_GRANT_ROOM, "", false},
        {AVCSEC_GRANT_ROOM, "the lobby~", true},
        {AVCSEC_GRANT_ROOM, "\x7f", false},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
    check(!avcsec_grant_check(table[i].which, guarded_text(table[i].value, side)) ==
              table[i].is_good,
          "value %d \"%.40s\" is %s", table[i].which, table[i].value ? table[i].value : "absent",
          table[i].is_good ? "carried" : "refused");
}

/* Writes, signs with a key of zeros and reads again. */
static const char *made(const avcsec_grant_t *grant, avcsec_token_t *token)
{
    static char text[AVCSEC_TOKEN_MAX];
    const avcsec_signed_target_t anywhere = {{0}, {0}};
    const avcsec_mac_key_t key = {{0}};
    avcsec_mac_t *mac = avcsec_mac_create();
    const char *error;
    size_t len;

    if (!(error = avcsec_grant_write(grant, kid, id, 1767225600, text, &len)))
        error = avcsec_token_sign(text, &len, &anywhere, &key, mac, token);
    avcsec_mac_destroy(mac);
    return error;
}

static void written(void)
{
    avcsec_grant_t grant = {.life = 60, .max = 1};
    avcsec_token_t token;

    check(!made(&grant, &token) &&
              is_text(token.signed_text, "avc1~for.session~kid.k1~iat.1767225600~exp.1767225660~id."
                                         "abcdefghijklmnopqrstuv~max.1"),
          "the least that is said");
    grant.max = 0;
    grant.has_client = true;
    grant.values[AVCSEC_GRANT_SUB] = AVCSEC_LITERAL("bob");
    grant.values[AVCSEC_GRANT_ROLE] = AVCSEC_LITERAL("");
    grant.values[AVCSEC_GRANT_APP] = AVCSEC_LITERAL("chat");
    grant.values[AVCSEC_GRANT_ACT] = AVCSEC_LITERAL(" play,  publish");
    grant.values[AVCSEC_GRANT_ROOM] = AVCSEC_LITERAL("lobby");
    avcsec_address_parse(AVCSEC_LITERAL("192.0.2.7"), &grant.client);
    check(!made(&grant, &token) &&
              is_text(token.signed_text, "avc1~for.session~kid.k1~iat.1767225600~exp.1767225660~id."
                                         "abcdefghijklmnopqrstuv~ip4.192.0.2.7~sub.Ym9i~app.chat~"
                                         "act.play.publish~room.bG9iYnk"),
          "all that is said");
}

static void clients(void)
{
    static const struct {
        const char *client, *claim;
    } table[] = {
        {"192.0.2.7", "~ip4.192.0.2.7"},
        {"::ffff:192.0.2.7", "~ip4.192.0.2.7"},
        {"2001:db8:1:2:3:4:5:6", "~ip6.2001_db8_1_2__-64"},
        {"2001:DB8::1", "~ip6.2001_db8__-64"},
        {"::1", "~ip6.__-64"},
        {"2001:db8:0:0:1::", "~ip6.2001_db8__-64"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "~ip6.ffff_ffff_ffff_ffff__-64"},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++) {
        avcsec_grant_t grant = {.life = 60, .has_client = true};
        avcsec_slice_t claim = avcsec_slice_of(table[i].claim), tail;
        avcsec_token_t token;
        bool is_right = avcsec_address_parse(avcsec_slice_of(table[i].client), &grant.client) &&
                        !made(&grant, &token);

        if (is_right) {
            tail = token.signed_text;
            tail.p += tail.len - claim.len;
            tail.len = claim.len;
            is_right = avcsec_slice_equals(tail, claim) &&
                       avcsec_peer_contains(token.has_ip4 ? &token.ip4 : &token.ip6, &grant.client);
        }
        check(is_right, "%s is bound as %s", table[i].client, table[i].claim);
    }
}

static void too_long(void)
{
    avcsec_grant_t grant = {.life = 60, .max = 1};
    avcsec_token_t token;

    grant.values[AVCSEC_GRANT_SUB] = avcsec_slice_of(X192);
    grant.values[AVCSEC_GRANT_ROLE] = avcsec_slice_of(X256);
    grant.values[AVCSEC_GRANT_ROOM] = avcsec_slice_of(X192);
    check(!made(&grant, &token), "much is carried");
    grant.values[AVCSEC_GRANT_APP] = avcsec_slice_of(X256);
    check(made(&grant, &token) != NULL, "too much is refused");
    grant.values[AVCSEC_GRANT_ROLE] = AVCSEC_LITERAL("admin~max.9");
    check(made(&grant, &token) != NULL, "no value ends its claim and begins another");
}

static void compared(void)
{
    avcsec_grant_t a = {.life = 60, .max = 1}, b = a;

    check(avcsec_grant_equals(&a, &b), "the same grants are equal");
    b.values[AVCSEC_GRANT_ROOM] = AVCSEC_LITERAL("lobby");
    check(!avcsec_grant_equals(&a, &b), "one room and any room differ");
    a.values[AVCSEC_GRANT_ROOM] = AVCSEC_LITERAL("lobbz");
    check(!avcsec_grant_equals(&a, &b), "two rooms differ");
    b = a;
    b.max = 2;
    check(!avcsec_grant_equals(&a, &b), "uses differ");
    b = a;
    b.has_client = true;
    check(!avcsec_grant_equals(&a, &b), "bound and unbound differ");
}

int main(void)
{
    check_start();
    values();
    written();
    clients();
    too_long();
    compared();
    return check_end();
}
