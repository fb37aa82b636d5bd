/* SPDX-License-Identifier: Apache-2.0
 *
 * base64url: every length, every spelling that is not the canonical one, and room
 * to the byte.
 */
#include "../check.h"

#include "core/text/b64url.h"

/* Written once more, bit by bit, to compare with. */
static size_t slow_encode(const unsigned char *bytes, size_t len, char *out)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t n = 0;

    for (size_t bit = 0; bit < len * 8; bit += 6) {
        unsigned value = 0;

        for (size_t b = bit; b < bit + 6; b++)
            value = value * 2 + (b < len * 8 && (bytes[b / 8] & 0x80u >> b % 8));
        out[n++] = alphabet[value];
    }
    return n;
}

static void every_length(int side)
{
    for (size_t len = 0; len <= 100; len++) {
        unsigned char *bytes = (unsigned char *)guarded_room(len, side);
        unsigned char *back = (unsigned char *)guarded_room(len, side);
        char *text = guarded_room(AVCSEC_B64URL_CHARS(len), side), slow[200];
        size_t chars, n = 0;

        for (size_t i = 0; i < len; i++)
            bytes[i] = (unsigned char)(i * 151 + len * 37 + 11);
        chars = avcsec_b64url_encode(bytes, len, text);
        check(chars == AVCSEC_B64URL_CHARS(len) && chars == slow_encode(bytes, len, slow) &&
                  memcmp(text, slow, chars) == 0 && AVCSEC_B64URL_BYTES(chars) == len &&
                  avcsec_b64url_decode((avcsec_slice_t){text, chars}, back, &n) && n == len &&
                  memcmp(bytes, back, len) == 0,
              "%zu bytes there and back", len);
    }
}

/* Of the 64 last characters only those with zero unused bits are canonical. */
static void every_last_character(int side)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    for (size_t len = 1; len <= 100; len++) {
        char bytes[100] = {0};
        char *text = guarded_room(AVCSEC_B64URL_CHARS(len), side);
        size_t chars = avcsec_b64url_encode((unsigned char *)bytes, len, text), accepted = 0;
        unsigned char *out = (unsigned char *)guarded_room(len, side);

        for (size_t k = 0; k < 64; k++) {
            size_t n;

            text[chars - 1] = alphabet[k];
            accepted += avcsec_b64url_decode((avcsec_slice_t){text, chars}, out, &n);
        }
        check(accepted == (len % 3 == 0   ? 64u
                           : len % 3 == 1 ? 4u
                                          : 16u),
              "canonical endings only, %zu bytes", len);
    }
}

static void every_byte_in_every_place(void)
{
    size_t wrong = 0;

    for (size_t at = 0; at < 8; at++)
        for (int c = 0; c < 256; c++) {
            char text[9] = "AAAAAAAA";
            unsigned char out[6];
            size_t n;
            bool is_in = avcsec_is((unsigned char)c, AVCSEC_WORD);

            text[at] = (char)c;
            wrong += avcsec_b64url_decode((avcsec_slice_t){text, 8}, out, &n) != is_in;
        }
    check(wrong == 0, "the alphabet is A-Z a-z 0-9 - _, in every place");
}

static void refused(void)
{
    static const struct {
        const char *label, *text;
    } table[] = {
        {"one character", "A"},
        {"five characters", "AAAAA"},
        {"padding", "AA=="},
        {"the other alphabet", "+/+/"},
        {"a space", "AA AA"},
        {"a line feed at the end", "AAAA\n"},
        {"unused bits of two characters", "AB"},
        {"unused bits of three characters", "AAB"},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
        {
            avcsec_slice_t text = guarded_text(table[i].text, side);
            unsigned char *out = (unsigned char *)guarded_room(AVCSEC_B64URL_BYTES(text.len), side);
            size_t n;

            check(!avcsec_b64url_decode(text, out, &n), "refused: %s", table[i].label);
        }
}

static void text(void)
{
    char long_text[257];

    for (size_t i = 0; i < sizeof(long_text); i++)
        long_text[i] = "YWFh"[i % 4]; /* "aaa" */
    EACH_SIDE(side)
    {
        check(avcsec_b64url_is_text(guarded((avcsec_slice_t){long_text, 256}, side)),
              "text of 256 characters");
        check(!avcsec_b64url_is_text(guarded((avcsec_slice_t){long_text, 257}, side)),
              "text of 257 characters is too long");
        check(!avcsec_b64url_is_text(guarded_text("", side)), "no text is no text");
        check(!avcsec_b64url_is_text(guarded_text("YQpi", side)), "a line feed is no text");
        check(!avcsec_b64url_is_text(guarded_text("wyg", side)), "bad UTF-8 is no text");
        check(!avcsec_b64url_is_text(guarded_text("YR", side)), "not canonical is no text");
        check(avcsec_b64url_is_text(guarded_text("WsO8cmljaC5qcGc", side)), "a name with umlaut");
    }
}

int main(void)
{
    check_start();
    EACH_SIDE(side)
    {
        every_length(side);
        every_last_character(side);
    }
    every_byte_in_every_place();
    refused();
    text();
    return check_end();
}
