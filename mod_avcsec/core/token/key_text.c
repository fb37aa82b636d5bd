/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys as text: reading key files and page keys.
 */
#include "core/token/key_text.h"

#include "core/text/b64url.h"
#include "core/text/utc.h"

#include <string.h>

#define SECRET_MIN 32
#define SECRET_MAX 64
#define TIME_MAX 100000000000 /* seconds; above it somebody wrote milliseconds */

static const char *read_kid(avcsec_slice_t word, avcsec_key_t *key)
{
    if (word.len > AVCSEC_KID_MAX || !avcsec_slice_is_made_of(word, AVCSEC_WORD))
        return "a key id is 1 to 16 of A-Z a-z 0-9 _ -";
    memcpy(key->kid, word.p, word.len);
    return NULL;
}

/* From the secret, but no key of any purpose: "name" is none. */
static bool print_secret(avcsec_slice_t secret, avcsec_key_t *key)
{
    const avcsec_slice_t no_realm = {NULL, 0};
    avcsec_mac_key_t whole;
    bool is_done = avcsec_mac_derive(secret, AVCSEC_LITERAL("name"), no_realm, &whole);

    memcpy(key->print, whole.bytes, sizeof(key->print));
    avcsec_wipe(&whole, sizeof(whole));
    return is_done;
}

static const char *read_secret(avcsec_slice_t word, avcsec_slice_t realm, avcsec_key_t *key)
{
    unsigned char secret[SECRET_MAX + 2];
    const char *error = NULL;
    size_t len = 0;

    if (word.len > AVCSEC_B64URL_CHARS(SECRET_MAX) || !avcsec_b64url_decode(word, secret, &len))
        error = "the secret is not base64url without padding of 32 to 64 bytes";
    else if (len < SECRET_MIN || len > SECRET_MAX)
        error = "the secret is not of 32 to 64 bytes";
    for (int p = AVCSEC_FILE; !error && p < AVCSEC_PURPOSES; p++)
        if (!avcsec_mac_derive((avcsec_slice_t){(const char *)secret, len},
                               avcsec_purpose_word((avcsec_purpose_t)p), realm, &key->u.derived[p]))
            error = "OpenSSL could not derive the keys";
    if (!error && !print_secret((avcsec_slice_t){(const char *)secret, len}, key))
        error = "OpenSSL could not derive the keys";
    if (!error) {
        key->signing.algorithm = AVCSEC_ALGORITHM_HS256;
        key->signing.secret_len = len;
        memcpy(key->signing.secret, secret, len);
    }
    avcsec_wipe(secret, sizeof(secret));
    key->purposes = ~0u;
    return error;
}

static const char *read_password(avcsec_slice_t word, avcsec_key_t *key)
{
    if (word.len < 20 || word.len > 128 || !avcsec_slice_is_made_of(word, AVCSEC_UNRESERVED))
        return "a password is 20 to 128 of A-Z a-z 0-9 - . _ ~";
    memcpy(key->u.text.bytes, word.p, word.len);
    key->u.text.len = word.len;
    return NULL;
}

static const char *read_pem_path(avcsec_slice_t word, avcsec_key_t *key)
{
    avcsec_slice_t mark = AVCSEC_LITERAL("file:");

    if (!avcsec_slice_has_prefix(word, mark) || word.len == mark.len)
        return "the private key is named as file:<path of a PEM file>";
    if (word.len - mark.len > AVCSEC_KEY_TEXT_MAX - 1)
        return "the path of the PEM file is longer than 255 characters";
    if (avcsec_slice_has_control(word))
        return "the path of the PEM file has a control character";
    key->u.text.len = word.len - mark.len;
    memcpy(key->u.text.bytes, word.p + mark.len, key->u.text.len);
    return NULL;
}

static const char *read_webhook(avcsec_slice_t word, avcsec_key_t *key)
{
    const char *error =
        avcsec_webhook_read_secret(word, (unsigned char *)key->u.text.bytes, &key->u.text.len);

    if (!error && !print_secret((avcsec_slice_t){key->u.text.bytes, key->u.text.len}, key))
        error = "OpenSSL could not derive the key's name";
    return error;
}

static const char *read_kind(avcsec_slice_t kind, avcsec_slice_t material, avcsec_slice_t realm,
                             avcsec_key_t *key)
{
    if (avcsec_slice_equals(kind, AVCSEC_LITERAL("hs256"))) {
        key->kind = AVCSEC_HS256;
        return read_secret(material, realm, key);
    }
    if (avcsec_slice_equals(kind, AVCSEC_LITERAL("password"))) {
        key->kind = AVCSEC_PASSWORD;
        return read_password(material, key);
    }
    if (avcsec_slice_equals(kind, AVCSEC_LITERAL("webhook"))) {
        key->kind = AVCSEC_WEBHOOK;
        return read_webhook(material, key);
    }
    if (avcsec_slice_equals(kind, AVCSEC_LITERAL("ed25519")))
        key->kind = AVCSEC_ED25519;
    else if (avcsec_slice_equals(kind, AVCSEC_LITERAL("es256")))
        key->kind = AVCSEC_ES256;
    else
        return "the kind of a key is hs256, ed25519, es256, password or webhook";
    return read_pem_path(material, key);
}

static const char *read_purposes(avcsec_slice_t list, avcsec_key_t *key)
{
    avcsec_slice_t word;

    if (key->kind != AVCSEC_HS256)
        return "for= limits hs256 keys only";
    key->purposes = 0;
    while (avcsec_slice_cut(&list, ',', &word)) {
        unsigned bit = 1u << avcsec_purpose_of(word);

        if (bit == 1u << AVCSEC_NO_PURPOSE)
            return "for= lists purposes, joined by commas: file, upload, call, session";
        if (key->purposes & bit)
            return "for= lists a purpose twice";
        key->purposes |= bit;
    }
    return NULL;
}

static const char *read_option(avcsec_slice_t word, avcsec_key_t *key, unsigned *seen)
{
    avcsec_slice_t value = word, name;
    unsigned bit;

    avcsec_slice_cut(&value, '=', &name);
    bit = avcsec_slice_equals(name, AVCSEC_LITERAL("for"))     ? 1u
          : avcsec_slice_equals(name, AVCSEC_LITERAL("from"))  ? 2u
          : avcsec_slice_equals(name, AVCSEC_LITERAL("until")) ? 4u
                                                               : 0u;
    if (!bit || !value.p)
        return "after the key stand for=, from= or until=, nothing else";
    if (*seen & bit)
        return "for=, from= and until= stand once";
    *seen |= bit;
    if (bit == 1u)
        return read_purposes(value, key);
    if (!avcsec_utc_parse(value, bit == 2u ? &key->from : &key->until))
        return "a time is UTC as in 2030-01-31T00:00:00Z";
    /* Zero means no limit: the first second of 1970 must not make a key eternal. */
    return bit == 4u && key->until == 0 ? "until= is at the beginning of time" : NULL;
}

static const char *read_key(avcsec_slice_t line, avcsec_slice_t kid, avcsec_slice_t realm,
                            avcsec_key_t *key)
{
    avcsec_slice_t kind, material, option;
    const char *error;
    unsigned seen = 0;

    if (avcsec_slice_has_prefix(kid, AVCSEC_LITERAL("avck1~")))
        return "this is a page key, which pages get; a key file has the lines that `avcsec keygen` "
               "writes";
    if (!avcsec_slice_next_on_line(&line, &kind) || !avcsec_slice_next_on_line(&line, &material))
        return "a line is: key id, kind, key";
    if ((error = read_kid(kid, key)) || (error = read_kind(kind, material, realm, key)))
        return error;
    while (avcsec_slice_next_on_line(&line, &option))
        if ((error = read_option(option, key, &seen)))
            return error;
    return key->until && key->until <= key->from ? "until= is not after from=" : NULL;
}

static const char *read_lines(avcsec_slice_t text, avcsec_slice_t realm, bool keeps_secrets,
                              avcsec_keyring_t *ring, size_t *number)
{
    avcsec_slice_t line, kid;
    const char *error;

    /* The text ends with a newline: the last piece is empty. */
    while (avcsec_slice_cut(&text, '\n', &line) && text.p) {
        avcsec_key_t *key = &ring->keys[ring->count];

        ++*number;
        if (line.len && line.p[line.len - 1] == '\r')
            return "the line ends as Windows writes it, with a carriage return: save the file with "
                   "Unix line ends";
        if (!avcsec_slice_next_on_line(&line, &kid))
            continue;
        if (ring->count == AVCSEC_KEYRING_MAX)
            return "too many keys";
        memset(key, 0, sizeof(*key));
        if ((error = read_key(line, kid, realm, key)))
            return error;
        if (!keeps_secrets || !avcsec_key_is_for(key, AVCSEC_SESSION))
            avcsec_wipe(&key->signing, sizeof(key->signing));
        if (avcsec_keyring_find(ring, kid))
            return "this key id stands there already";
        ring->count++;
    }
    *number = 0;
    return ring->count ? NULL : "there is no key in it";
}

static const char *parse(avcsec_slice_t text, avcsec_slice_t realm, bool keeps_secrets,
                         avcsec_keyring_t *ring, size_t *line)
{
    const char *error;

    *line = 0;
    ring->count = 0;
    if (text.len > AVCSEC_KEY_FILE_MAX)
        return "it is larger than 64 KiB";
    if (text.len == 0)
        return "there is no key in it";
    if (text.p[text.len - 1] != '\n')
        return "its last line does not end with a newline: it may have been cut";
    if ((error = read_lines(text, realm, keeps_secrets, ring, line))) {
        avcsec_wipe(ring->keys,
                    (ring->count + 1 < AVCSEC_KEYRING_MAX ? ring->count + 1 : AVCSEC_KEYRING_MAX) *
                        sizeof(avcsec_key_t));
        ring->count = 0;
    }
    return error;
}

const char *avcsec_keyring_parse(avcsec_slice_t text, avcsec_slice_t realm, avcsec_keyring_t *ring,
                                 size_t *line)
{
    return parse(text, realm, false, ring, line);
}

const char *avcsec_keyring_parse_with_secrets(avcsec_slice_t text, avcsec_slice_t realm,
                                              avcsec_keyring_t *ring, size_t *line)
{
    return parse(text, realm, true, ring, line);
}

const char *avcsec_keyring_parse_page_key(avcsec_slice_t text, avcsec_keyring_t *ring)
{
    static const char shape[] = "a page key is avck1~<key id>~<purpose>~<43 characters>[~<until>]";
    avcsec_slice_t rest = text, mark, kid = {0}, purpose = {0}, bytes = {0};
    avcsec_key_t *key = &ring->keys[0];
    avcsec_purpose_t known;
    size_t len;

    ring->count = 0;
    memset(key, 0, sizeof(*key));
    avcsec_slice_cut(&rest, '~', &mark);
    if (!rest.p || !avcsec_slice_equals(mark, AVCSEC_LITERAL("avck1")) ||
        !avcsec_slice_cut(&rest, '~', &kid) || !avcsec_slice_cut(&rest, '~', &purpose) ||
        !avcsec_slice_cut(&rest, '~', &bytes))
        return shape;
    known = avcsec_purpose_of(purpose);
    if (read_kid(kid, key) || !known || bytes.len != AVCSEC_B64URL_CHARS(AVCSEC_MAC_BYTES) ||
        !avcsec_b64url_decode(bytes, key->u.derived[known].bytes, &len) ||
        (rest.p && !avcsec_slice_to_number(rest, TIME_MAX, &key->until))) {
        avcsec_wipe(key, sizeof(*key));
        return shape;
    }
    key->kind = AVCSEC_HS256;
    key->purposes = 1u << known;
    ring->count = 1;
    return NULL;
}

static char *append(char *out, avcsec_slice_t s)
{
    memcpy(out, s.p, s.len);
    return out + s.len;
}

size_t avcsec_key_to_page_key(const avcsec_key_t *key, avcsec_purpose_t purpose,
                              char out[AVCSEC_PAGE_KEY_MAX])
{
    /* A key file may say the year 9999; no token and no page key reaches so far. */
    int64_t until = key->until > TIME_MAX ? TIME_MAX : key->until;
    char digits[20], *end = out;
    size_t n = sizeof(digits);

    end = append(end, AVCSEC_LITERAL("avck1~"));
    end = append(end, avcsec_slice_of(key->kid));
    *end++ = '~';
    end = append(end, avcsec_purpose_word(purpose));
    *end++ = '~';
    end += avcsec_b64url_encode(key->u.derived[purpose].bytes, AVCSEC_MAC_BYTES, end);
    for (int64_t t = until; t; t /= 10)
        digits[--n] = (char)('0' + t % 10);
    if (until) {
        *end++ = '~';
        end = append(end, (avcsec_slice_t){digits + n, sizeof(digits) - n});
    }
    *end = '\0';
    return (size_t)(end - out);
}
