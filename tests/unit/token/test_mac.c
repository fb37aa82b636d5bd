/* SPDX-License-Identifier: Apache-2.0
 *
 * Macs: known answers of others, contexts that are reused and replaced, wiping.
 */
#include "../vectors.h"

#include "core/token/mac.h"

#include <ctype.h>

static size_t from_hex(const char *hex, unsigned char *out)
{
    size_t n = 0;
    unsigned value;

    for (; isxdigit((unsigned char)hex[0]) && sscanf(hex, "%2x", &value) == 1; hex += 2)
        out[n++] = (unsigned char)value;
    return n;
}

/* Wycheproof's HMAC-SHA-256 with keys of 32 bytes; its tags are whole or cut. */
static void known_answers(avcsec_mac_t *mac)
{
    vectors_t vectors = vectors_open("hmac");

    while (vectors_next(&vectors)) {
        unsigned char key_bytes[64], message[1024], tag[64], out[AVCSEC_MAC_BYTES];
        avcsec_mac_key_t key;
        size_t key_len = from_hex(vectors.field[1], key_bytes),
               len = from_hex(vectors.field[2], message), tag_len = from_hex(vectors.field[3], tag);
        avcsec_slice_t s = guarded((avcsec_slice_t){(char *)message, len}, ENDS_AT_GUARD);
        avcsec_slice_t pieces[3] = {{s.p, len / 3}, {s.p + len / 3, len - len / 3}, {NULL, 0}};
        bool is_valid;

        memcpy(key.bytes, key_bytes, sizeof(key.bytes));
        is_valid = key_len == sizeof(key.bytes) && avcsec_mac_compute(mac, &key, pieces, 3, out) &&
                   avcsec_mac_equals(out, tag, tag_len);
        check(is_valid == (vectors.field[4][0] == '1'), "Wycheproof HMAC-SHA-256, %s",
              vectors.field[0]);
    }
    vectors_close(&vectors, 150);
}

/* More keys than there are places for contexts, in changing order, twice. */
static void many_keys(avcsec_mac_t *mac)
{
    avcsec_slice_t text = AVCSEC_LITERAL("the same text for each key");
    unsigned char first[40][AVCSEC_MAC_BYTES];
    size_t wrong = 0;

    for (int round = 0; round < 200; round++) {
        int k = (round * 7) % 40;
        avcsec_mac_key_t key = {{0}};
        unsigned char out[AVCSEC_MAC_BYTES];

        key.bytes[31] = (unsigned char)k;
        wrong += !avcsec_mac_compute(mac, &key, &text, 1, out);
        if (round < 40)
            memcpy(first[k], out, sizeof(out));
        else
            wrong += memcmp(first[k], out, sizeof(out)) != 0;
    }
    for (int a = 0; a < 40; a++)
        for (int b = 0; b < a; b++)
            wrong += memcmp(first[a], first[b], AVCSEC_MAC_BYTES) == 0;
    check(wrong == 0, "a context is never used for another key");
}

/* However a text is cut into pieces, short and long, its mac is the same. */
static void pieces(avcsec_mac_t *mac)
{
    static const size_t lens[] = {0, 1, 1000, 1023, 1024, 1025, 2047, 2048, 2049, 5000};
    avcsec_mac_key_t key = {{7}};
    size_t wrong = 0;

    for (size_t i = 0; i < COUNT_OF(lens); i++)
        for (size_t cut = 0; cut <= lens[i]; cut += 1 + lens[i] / 23)
            for (size_t next = cut; next <= lens[i]; next += 1 + lens[i] / 7) {
                unsigned char whole[AVCSEC_MAC_BYTES], cut_up[AVCSEC_MAC_BYTES];
                char text[5000];
                avcsec_slice_t all = {text, lens[i]};
                avcsec_slice_t three[] = {
                    {text, cut}, {text + cut, next - cut}, {text + next, lens[i] - next}};

                for (size_t k = 0; k < lens[i]; k++)
                    text[k] = (char)(k * 7 + k / 251);
                wrong += !avcsec_mac_compute(mac, &key, &all, 1, whole) ||
                         !avcsec_mac_compute(mac, &key, three, 3, cut_up) ||
                         memcmp(whole, cut_up, sizeof(whole)) != 0;
            }
    check(wrong == 0, "a text's mac does not depend on its pieces");
}

/* HKDF of token_v1.json's page keys is checked by the key ring's test; here: what
 * separates keys. */
static void derivation(void)
{
    static const struct {
        const char *label, *purpose, *realm, *other_purpose, *other_realm;
        bool same;
    } table[] = {
        {"the same", "file", "a", "file", "a", true},
        {"no realm is an empty one", "file", NULL, "file", "", true},
        {"another purpose", "file", "a", "call", "a", false},
        {"another realm", "file", "a", "file", "b", false},
        {"a realm and none", "file", "a", "file", NULL, false},
        {"a longer realm", "file", "a", "file", "ab", false},
    };
    avcsec_slice_t secret = AVCSEC_LITERAL("0123456789abcdef0123456789abcdef");

    for (size_t i = 0; i < COUNT_OF(table); i++) {
        avcsec_mac_key_t a, b;
        bool is_done = avcsec_mac_derive(secret, avcsec_slice_of(table[i].purpose),
                                         avcsec_slice_of(table[i].realm), &a) &&
                       avcsec_mac_derive(secret, avcsec_slice_of(table[i].other_purpose),
                                         avcsec_slice_of(table[i].other_realm), &b);

        check(is_done && (memcmp(&a, &b, sizeof(a)) == 0) == table[i].same, "derived keys: %s",
              table[i].label);
    }
}

static void derivation_fails(void)
{
    avcsec_mac_key_t key, zero = {{0}};
    char realm[200];

    memset(realm, 'r', sizeof(realm));
    memset(&key, 0x55, sizeof(key));
    check(!avcsec_mac_derive(AVCSEC_LITERAL("0123456789abcdef0123456789abcdef"),
                             AVCSEC_LITERAL("session"), (avcsec_slice_t){realm, sizeof(realm)},
                             &key) &&
              memcmp(&key, &zero, sizeof(key)) == 0,
          "a realm beyond its room derives nothing, and leaves zeros");
    check(avcsec_mac_derive(AVCSEC_LITERAL("0123456789abcdef0123456789abcdef"),
                            AVCSEC_LITERAL("session"), (avcsec_slice_t){realm, 64}, &key),
          "the longest realm derives a key");
}

static void comparing(void)
{
    unsigned char a[32] = {0}, b[32] = {0};
    size_t wrong = 0;

    for (size_t i = 0; i < 32 * 8; i++) {
        b[i / 8] ^= (unsigned char)(1u << i % 8);
        wrong += avcsec_mac_equals(a, b, 32);
        b[i / 8] = 0;
    }
    check(wrong == 0 && avcsec_mac_equals(a, b, 32), "equal: a difference of any bit is seen");
    avcsec_wipe(memset(a, 1, sizeof(a)), sizeof(a));
    check(memcmp(a, b, sizeof(a)) == 0, "wiped is zero");
}

int main(void)
{
    avcsec_mac_t *mac = avcsec_mac_create();

    check_start();
    if (!check(mac != NULL, "OpenSSL has HMAC"))
        return check_end();
    known_answers(mac);
    many_keys(mac);
    pieces(mac);
    derivation();
    derivation_fails();
    comparing();
    avcsec_mac_destroy(mac);
    avcsec_mac_destroy(NULL);
    return check_end();
}
