/* SPDX-License-Identifier: Apache-2.0
 *
 * base64url: any bytes there and back; any text either refused, or the one spelling
 * of what it decodes to.
 */
#include "fuzz.h"

#include "core/text/b64url.h"

static void there_and_back(const uint8_t *data, size_t size)
{
    char *text = fuzz_room(AVCSEC_B64URL_CHARS(size));
    size_t chars = avcsec_b64url_encode(data, size, text), len = 0;
    unsigned char *back = fuzz_room(AVCSEC_B64URL_BYTES(chars));

    PROMISE(chars == AVCSEC_B64URL_CHARS(size));
    PROMISE(avcsec_b64url_decode((avcsec_slice_t){text, chars}, back, &len));
    PROMISE(len == size && (size == 0 || memcmp(back, data, size) == 0));
    free(text);
    free(back);
}

static void back_and_there(avcsec_slice_t text)
{
    unsigned char *bytes = fuzz_room(AVCSEC_B64URL_BYTES(text.len));
    size_t len = 0;

    if (avcsec_b64url_decode(text, bytes, &len)) {
        char *again = fuzz_room(AVCSEC_B64URL_CHARS(len));

        fuzz_accepted++;
        PROMISE(len <= AVCSEC_B64URL_BYTES(text.len));
        PROMISE(avcsec_b64url_encode(bytes, len, again) == text.len);
        PROMISE(text.len == 0 || memcmp(again, text.p, text.len) == 0);
        PROMISE(avcsec_b64url_is_text(text) ==
                (text.len <= 256 && avcsec_slice_is_text((avcsec_slice_t){(char *)bytes, len})));
        free(again);
    } else {
        PROMISE(!avcsec_b64url_is_text(text));
    }
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    avcsec_slice_t text = fuzz_copy((avcsec_slice_t){(const char *)data, size});

    there_and_back(data, size);
    back_and_there(text);
    fuzz_free(text);
    return 0;
}
