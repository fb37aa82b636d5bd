/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory that processes share, and that one of them has written over: whoever reads it touches
 * nothing beyond it, comes to an end, and takes nothing for a key or a count that is none.
 */
#include "../check.h"

#include "core/token/keyring.h"
#include "core/token/quota.h"
#include "core/token/revocation.h"
#include "core/token/uses.h"

#define NOW INT64_C(1767225600)
#define ROUNDS 200

static const int patterns[] = {0xff, 0xfe, 0x01, 0x41, 0x7f, 0, -1};

/* Always the same, so that a failure can be looked at again. */
static uint64_t any(void)
{
    static uint64_t state = UINT64_C(0x9e3779b97f4a7c15);

    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

static void scribble(void *memory, size_t len, int pattern)
{
    unsigned char *bytes = memory;

    if (pattern >= 0)
        memset(bytes, pattern, len);
    else
        for (size_t i = 0; i < len; i++)
            bytes[i] = (unsigned char)any();
}

/* ---- keys ---- */

/* Everything that a child does with a key that it has copied. */
static void use(avcsec_key_t *key)
{
    static const avcsec_webhook_t hook = {{AVCSEC_LITERAL("a"), AVCSEC_LITERAL("1"), {0}}, 1};
    const avcsec_slice_t text = AVCSEC_LITERAL("twenty-characters-or-more");
    unsigned char signature[AVCSEC_SIGNATURE_BYTES];
    size_t len;

    if (!avcsec_key_is_sound(key))
        return;
    (void)strlen(key->kid);
    avcsec_key_is_password(key, text, NOW);
    avcsec_key_signed_webhook(key, &hook, text, NOW);
    avcsec_key_verifies_jwt(key, NOW);
    avcsec_key_is_public(key, NOW);
    for (int p = AVCSEC_FILE; p < AVCSEC_PURPOSES; p++)
        avcsec_key_verifies(key, (avcsec_purpose_t)p, NOW);
    avcsec_signing_key_sign(&key->signing, text, signature, &len);
    avcsec_signing_key_verifies(&key->signing, text, (avcsec_slice_t){(char *)signature, 64});
}

static void copy_and_use(const avcsec_key_t *found)
{
    avcsec_key_t *copy;

    if (!found)
        return;
    copy = (avcsec_key_t *)(void *)guarded_room(sizeof(*copy), ENDS_AT_GUARD);
    *copy = *found;
    use(copy);
}

static void look_for_keys(const avcsec_keyring_t *ring)
{
    char longest[AVCSEC_KID_MAX];

    memset(longest, 0xfe, sizeof(longest));
    copy_and_use(avcsec_keyring_find(ring, AVCSEC_LITERAL("k1")));
    copy_and_use(avcsec_keyring_find(ring, (avcsec_slice_t){longest, sizeof(longest)}));
    for (int p = AVCSEC_FILE; p < AVCSEC_PURPOSES; p++)
        copy_and_use(avcsec_keyring_signer(ring, (avcsec_purpose_t)p, (avcsec_slice_t){0}, NOW));
    copy_and_use(avcsec_keyring_signer(ring, AVCSEC_FILE, AVCSEC_LITERAL("k1"), NOW));
    for (int a = AVCSEC_NO_ALGORITHM; a < AVCSEC_ALGORITHMS; a++)
        copy_and_use(avcsec_keyring_jwt_signer(ring, (avcsec_algorithm_t)a, NOW));
}

static void keys(void)
{
    avcsec_keyring_t *ring = (avcsec_keyring_t *)(void *)guarded_room(sizeof(*ring), ENDS_AT_GUARD);

    for (size_t i = 0; i < COUNT_OF(patterns); i++) {
        check_begins("a ring of keys that was written over");
        scribble(ring, sizeof(*ring), patterns[i]);
        look_for_keys(ring);
        /* All of it plausible but the count. */
        ring->count = SIZE_MAX;
        for (size_t k = 0; k < AVCSEC_KEYRING_MAX; k++) {
            ring->keys[k].kind = AVCSEC_HS256;
            ring->keys[k].from = ring->keys[k].until = 0;
            ring->keys[k].signing.secret_len = AVCSEC_SECRET_MAX;
            ring->keys[k].signing.algorithm = (avcsec_algorithm_t)(k % AVCSEC_ALGORITHMS);
        }
        look_for_keys(ring);
        check(true, "keys written over with %d", patterns[i]);
    }
}

static void lengths(void)
{
    avcsec_key_t key = {.kid = "k1", .kind = AVCSEC_PASSWORD, .u.text.len = AVCSEC_KEY_TEXT_MAX};

    check(avcsec_key_is_sound(&key), "a key as long as it may be is one");
    key.u.text.len++;
    check(!avcsec_key_is_sound(&key), "a text that is too long is none");
    key.kind = AVCSEC_HS256;
    check(avcsec_key_is_sound(&key), "of another kind, these bytes are no length");
    key.signing.secret_len = AVCSEC_SECRET_MAX + 1;
    check(!avcsec_key_is_sound(&key), "nor is a secret that is too long");
    key.signing.secret_len = 0;
    key.signing.algorithm = AVCSEC_ALGORITHMS;
    check(!avcsec_key_is_sound(&key), "nor an algorithm that is none");
    key.signing.algorithm = AVCSEC_NO_ALGORITHM;
    memset(key.kid, 'k', sizeof(key.kid));
    check(!avcsec_key_is_sound(&key), "nor an id without an end");
    key = (avcsec_key_t){.kid = "k1", .kind = (avcsec_key_kind_t)(AVCSEC_WEBHOOK + 1)};
    check(!avcsec_key_is_sound(&key), "nor a kind that is none");
    key.kind = AVCSEC_NO_KIND;
    check(!avcsec_key_is_sound(&key), "nor no kind");
}

/* ---- revocations ---- */

static void revocations(void)
{
    avcsec_revocations_t *list =
        (avcsec_revocations_t *)(void *)guarded_room(sizeof(*list), ENDS_AT_GUARD);
    static char text[70000];
    avcsec_token_t token = {.kid = AVCSEC_LITERAL("k1"), .iat = NOW};

    for (size_t i = 0; i < COUNT_OF(patterns); i++) {
        check_begins("a list of revocations that was written over");
        scribble(list, sizeof(*list), patterns[i]);
        memset(text, patterns[i] & 0xff, sizeof(text));
        for (size_t len = 16; len <= sizeof(text); len *= 2) {
            /* A webhook's id, a JWT's user: longer than any entry's room. */
            token.id = token.sub = (avcsec_slice_t){text, len};
            list->count = SIZE_MAX;
            for (size_t e = 0; e < AVCSEC_REVOCATIONS_MAX; e++) {
                list->entries[e].kind = e % 4;
                list->entries[e].len = len;
                list->entries[e].until = INT64_MAX;
                list->entries[e].before = 0;
            }
            check(avcsec_revocations_include(list, &token, NOW) ==
                      (len <= AVCSEC_CLAIM_VALUE_MAX && patterns[i] >= 0),
                  "an entry of %zu bytes, written over with %d", len, patterns[i]);
        }
    }
}

/* ---- counts ---- */

static void counts(void)
{
    enum { SLOTS = AVCSEC_USES_SLOTS_MIN };
    static _Atomic int64_t overwritten;
    const avcsec_uses_t uses = {
        (avcsec_slot_t *)(void *)guarded_room(SLOTS * sizeof(avcsec_slot_t), ENDS_AT_GUARD), SLOTS,
        &overwritten};

    for (size_t i = 0; i < COUNT_OF(patterns); i++) {
        scribble(uses.slots, SLOTS * sizeof(avcsec_slot_t), patterns[i]);
        scribble(&overwritten, sizeof(overwritten), patterns[i]);
        for (int n = 0; n < ROUNDS; n++) {
            avcsec_claim_t claim = {any() | 1, n % 2 ? any() | 1 : 0, 1, NOW + 60, 600};

            check_begins("a table of uses that was written over");
            avcsec_uses_claim(&uses, &claim, NOW);
            avcsec_uses_is_running(&uses, &claim, NOW);
            avcsec_uses_release(&uses, &claim, NOW);
            avcsec_uses_counted(&uses, claim.token, NOW);
        }
        check(true, "uses written over with %d", patterns[i]);
    }
}

/* Who knows the names of what is counted can hold them for ever, not those who ask. */
static void held(void)
{
    enum { SLOTS = AVCSEC_USES_SLOTS_MIN };
    static avcsec_slot_t slots[SLOTS];
    static _Atomic int64_t overwritten;
    const avcsec_uses_t uses = {slots, SLOTS, &overwritten};
    const avcsec_claim_t claim = {77, 78, 5, NOW + 60, 600};

    for (unsigned phase = 0; phase < 4; phase++)
        for (uint64_t key = 77; key <= 78; key++) {
            for (size_t i = 0; i < SLOTS; i++) {
                atomic_store(&slots[i].key, key);
                atomic_store(&slots[i].state,
                             UINT64_MAX << 30 | (uint64_t)phase << 28 | (key & 1 ? 0 : 5));
            }
            check_begins("slots that never settle");
            avcsec_uses_claim(&uses, &claim, NOW);
            avcsec_uses_is_running(&uses, &claim, NOW);
            avcsec_uses_release(&uses, &claim, NOW);
            check(true, "the key %d in phase %u in every slot ends in an answer", (int)key, phase);
        }
}

static void quotas(void)
{
    avcsec_quota_t *quota = (avcsec_quota_t *)(void *)guarded_room(sizeof(*quota), ENDS_AT_GUARD);
    static const avcsec_quota_rate_t rate = {3, 60};

    for (size_t i = 0; i < COUNT_OF(patterns); i++) {
        check_begins("a table of quotas that was written over");
        scribble(quota, sizeof(*quota), patterns[i]);
        for (int n = 0; n < ROUNDS; n++) {
            uint64_t who = any();
            int64_t wait = 0;
            int taken = 0;

            while (taken <= 3 && avcsec_quota_take(quota, who, &rate, NOW * 1000, &wait))
                taken++;
            if (taken > 3 || wait < 1 || wait > 61)
                check(false, "%d taken of 3, wait %d", taken, (int)wait);
        }
        check(true, "quotas written over with %d", patterns[i]);
    }
}

int main(void)
{
    check_start();
    alarm(120);
    keys();
    lengths();
    revocations();
    counts();
    held();
    quotas();
    return check_end();
}
