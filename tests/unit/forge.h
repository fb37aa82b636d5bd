/* SPDX-License-Identifier: Apache-2.0
 *
 * A forger who has the key: puts a right mac under any text, well-formed or not.
 * Written from SPEC, not from the core's own signing, which refuses such texts.
 */
#ifndef AVCSEC_FORGE_H
#define AVCSEC_FORGE_H

#include "check.h"

#include "core/text/b64url.h"
#include "core/token/key_text.h"

/* The key file of these tests: k1 for all, k2 limited, k3 ended, p a password. */
#define FORGE_KEY_FILE                                                                             \
    "k1 hs256 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n"                                       \
    "k2 hs256 Ly1ouluLZIcmLDPq0s-VCAjMpRuxiy1JUJzisw8J-A4 for=upload\n"                            \
    "k3 hs256 Ly1ouluLZIcmLDPq0s-VCAjMpRuxiy1JUJzisw8J-A4 until=2029-01-01T00:00:00Z\n"            \
    "p password not-a-secret-for-signing\n"

static inline const avcsec_keyring_t *forge_ring(void)
{
    static avcsec_keyring_t ring;
    size_t line;

    if (!ring.count &&
        avcsec_keyring_parse(avcsec_slice_of(FORGE_KEY_FILE), AVCSEC_LITERAL(""), &ring, &line)) {
        printf("not ok - the tests' own key file\n");
        exit(2);
    }
    return &ring;
}

/* Writes `claims` ("avc1~for...."), "~mac." and the mac that key `kid` makes of scope,
 * claims and `lines` (of signed arguments, "name=value\n" each) to `out`, terminated. */
static inline const char *forge_with(const char *kid, const char *scope, const char *claims,
                                     const char *lines, char *out, size_t room)
{
    static avcsec_mac_t *mac;
    const avcsec_key_t *key = avcsec_keyring_find(forge_ring(), avcsec_slice_of(kid));
    avcsec_slice_t rest = avcsec_slice_of(claims), purpose = {0};
    avcsec_purpose_t p;
    unsigned char bytes[AVCSEC_MAC_BYTES];
    size_t len;
    avcsec_slice_t pieces[] = {AVCSEC_LITERAL("avcsec-v1\n"), avcsec_slice_of(scope),
                               AVCSEC_LITERAL("\n"),          avcsec_slice_of(claims),
                               AVCSEC_LITERAL("\n"),          avcsec_slice_of(lines)};

    if (!mac)
        mac = avcsec_mac_create();
    if (avcsec_slice_has_prefix(rest, AVCSEC_LITERAL("avc1~for."))) {
        rest.p += 9;
        rest.len -= 9;
        avcsec_slice_cut(&rest, '~', &purpose);
    }
    p = avcsec_purpose_of(purpose);
    p = p ? p : AVCSEC_FILE;
    if (!key || !avcsec_mac_compute(mac, &key->u.derived[p], pieces, COUNT_OF(pieces), bytes)) {
        printf("not ok - the forger's own mac\n");
        exit(2);
    }
    len = (size_t)snprintf(out, room, "%s~mac.", claims);
    if (len + 44 > room) {
        printf("not ok - the forger's own room\n");
        exit(2);
    }
    len += avcsec_b64url_encode(bytes, sizeof(bytes), out + len);
    out[len] = '\0';
    return out;
}

/* The same with k1 and no signed argument. */
static inline const char *forge(const char *scope, const char *claims, char *out, size_t room)
{
    return forge_with("k1", scope, claims, "", out, room);
}

#endif
