/* SPDX-License-Identifier: Apache-2.0
 *
 * Key files and page keys: a file is refused as a whole and without a word of its
 * own in the complaint, or every key in it is one that SPEC allows; who signs is
 * who should; page keys come back as they went out.
 */
#include "fuzz.h"

#include "core/token/key_text.h"

static avcsec_keyring_t ring, other;

static void check_key(const avcsec_key_t *key)
{
    avcsec_slice_t kid = avcsec_slice_of(key->kid);

    PROMISE(kid.len >= 1 && kid.len <= AVCSEC_KID_MAX);
    PROMISE(avcsec_slice_is_made_of(kid, AVCSEC_WORD));
    PROMISE(avcsec_keyring_find(&ring, kid) == key);
    PROMISE(key->from >= 0 && key->until >= 0 && (!key->until || key->from < key->until));
    PROMISE(key->kind != AVCSEC_NO_KIND && key->kind <= AVCSEC_WEBHOOK);
    if (key->kind != AVCSEC_HS256) {
        PROMISE(key->u.text.len >= 1 && key->u.text.len <= AVCSEC_KEY_TEXT_MAX);
        PROMISE(key->kind == AVCSEC_WEBHOOK || !memchr(key->u.text.bytes, '\0', key->u.text.len));
    }
    if (key->kind == AVCSEC_WEBHOOK)
        PROMISE(key->u.text.len >= 24 && key->u.text.len <= AVCSEC_WEBHOOK_SECRET_MAX);
    if (key->kind == AVCSEC_PASSWORD) {
        PROMISE(key->u.text.len >= 20 && key->u.text.len <= 128);
        PROMISE(avcsec_key_is_password(key, (avcsec_slice_t){key->u.text.bytes, key->u.text.len},
                                       key->until - 1));
        PROMISE(!key->until ||
                !avcsec_key_is_password(key, (avcsec_slice_t){key->u.text.bytes, key->u.text.len},
                                        key->until));
    }
}

static void check_page_key(const avcsec_key_t *key, avcsec_purpose_t purpose)
{
    char *out = fuzz_room(AVCSEC_PAGE_KEY_MAX);
    size_t len = avcsec_key_to_page_key(key, purpose, out);

    PROMISE(len < AVCSEC_PAGE_KEY_MAX && out[len] == '\0');
    PROMISE(!avcsec_keyring_parse_page_key((avcsec_slice_t){out, len}, &other));
    PROMISE(other.count == 1 && strcmp(other.keys[0].kid, key->kid) == 0);
    PROMISE(!memcmp(&other.keys[0].u.derived[purpose], &key->u.derived[purpose],
                    sizeof(avcsec_mac_key_t)));
    PROMISE(!key->until == !other.keys[0].until && other.keys[0].until <= key->until);
    for (int p = AVCSEC_FILE; p < AVCSEC_PURPOSES; p++)
        PROMISE(avcsec_key_is_for(&other.keys[0], (avcsec_purpose_t)p) ==
                ((avcsec_purpose_t)p == purpose));
    free(out);
}

/* The signer again, by looking for one that is better. */
static void check_signer(avcsec_purpose_t purpose, int64_t now)
{
    const avcsec_key_t *best = avcsec_keyring_signer(&ring, purpose, (avcsec_slice_t){0}, now);

    if (best)
        PROMISE(avcsec_key_verifies(best, purpose, now) && best->from <= now &&
                best->kind == AVCSEC_HS256);
    for (size_t i = 0; i < ring.count; i++) {
        const avcsec_key_t *key = &ring.keys[i];

        if (avcsec_key_is_for(key, purpose) && key->from <= now &&
            (!key->until || now < key->until))
            PROMISE(best && (key == best || key->from < best->from ||
                             (key->from == best->from && key > best)));
    }
}

static void check_file(avcsec_slice_t text)
{
    size_t line = 0;
    const char *error = avcsec_keyring_parse(text, AVCSEC_LITERAL(""), &ring, &line);

    if (error) {
        PROMISE(ring.count == 0 && strlen(error) > 10);
        PROMISE(!(error >= text.p && error < text.p + text.len));
        return;
    }
    fuzz_accepted++;
    PROMISE(ring.count >= 1 && ring.count <= AVCSEC_KEYRING_MAX && line == 0);
    PROMISE(text.p[text.len - 1] == '\n' && text.len <= AVCSEC_KEY_FILE_MAX);
    for (size_t i = 0; i < ring.count; i++) {
        const avcsec_key_t *key = &ring.keys[i];

        check_key(key);
        for (int p = AVCSEC_FILE; p < AVCSEC_PURPOSES; p++)
            if (avcsec_key_is_for(key, (avcsec_purpose_t)p))
                check_page_key(key, (avcsec_purpose_t)p);
        for (int p = AVCSEC_FILE; p < AVCSEC_PURPOSES && i < 4; p++) {
            check_signer((avcsec_purpose_t)p, key->from);
            check_signer((avcsec_purpose_t)p, key->until);
        }
    }
}

/* A page key that is read goes out as the same text. */
static void check_page_key_text(avcsec_slice_t text)
{
    char out[AVCSEC_PAGE_KEY_MAX];
    avcsec_purpose_t purpose = AVCSEC_FILE;
    size_t len;

    if (avcsec_keyring_parse_page_key(text, &ring)) {
        PROMISE(ring.count == 0);
        return;
    }
    while (!avcsec_key_is_for(&ring.keys[0], purpose))
        purpose++;
    len = avcsec_key_to_page_key(&ring.keys[0], purpose, out);
    PROMISE(avcsec_slice_equals(text, (avcsec_slice_t){out, len}));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    avcsec_slice_t text = fuzz_copy((avcsec_slice_t){(const char *)data, size});

    check_page_key_text(text);
    check_file(text);
    fuzz_free(text);
    return 0;
}
