/* SPDX-License-Identifier: Apache-2.0
 *
 * Text for logs: whatever stands around a token and however often the token is
 * escaped, its mac does not come out. Lines of the input: what stands before, how
 * it is escaped (a digit for each character), what stands behind.
 */
#include "fuzz.h"

#include "core/text/redact.h"

#define MAC "9tWsa-qeO2UlO_vB68NdSATNvDETdMfvjQq0koOjgQ0"

/* One character, percent-encoded `depth` times. */
static size_t escape(char c, unsigned depth, char *out)
{
    size_t n = (size_t)sprintf(out, depth ? "%%" : "%c", c);

    for (unsigned i = 1; i < depth; i++)
        n += (size_t)sprintf(out + n, "25");
    if (depth)
        n += (size_t)sprintf(out + n, "%02x", (unsigned char)c);
    return n;
}

/* The longest piece of the mac that stands in s, whose escapes are all undone. */
static size_t longest_piece(avcsec_slice_t s)
{
    size_t longest = 0;

    for (size_t at = 0; at < s.len; at++)
        for (size_t from = 0; from < sizeof(MAC) - 1; from++) {
            size_t n = 0;

            while (at + n < s.len && from + n < sizeof(MAC) - 1 && s.p[at + n] == MAC[from + n])
                n++;
            longest = n > longest ? n : longest;
        }
    return longest;
}

static void unescape_all(avcsec_slice_t *s, char *room)
{
    size_t before;

    do {
        avcsec_slice_t encoded = fuzz_copy(*s);

        before = encoded.len;
        *s = (avcsec_slice_t){room, avcsec_slice_unescape(encoded, false, room)};
        fuzz_free(encoded);
    } while (s->len != before);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char token[] = "avc1~for.file~kid.k1~exp.1~mac." MAC;
    avcsec_slice_t rest = {(const char *)data, size}, before = fuzz_line(&rest),
                   depths = fuzz_line(&rest), behind = fuzz_line(&rest), text, redacted;
    char *room, *out;

    if (size > 400)
        return 0;
    room = fuzz_room(size + sizeof(token) * 24);
    text = (avcsec_slice_t){room, before.len};
    memcpy(room, before.p, before.len);
    for (size_t i = 0; i < sizeof(token) - 1; i++)
        text.len += escape(token[i], depths.len ? (unsigned char)depths.p[i % depths.len] % 8u : 0,
                           room + text.len);
    if (behind.len)
        memcpy(room + text.len, behind.p, behind.len);
    text.len += behind.len;
    text = fuzz_copy(text);
    free(room);
    out = fuzz_room(text.len);
    redacted = (avcsec_slice_t){out, avcsec_redact(text, out)};
    fuzz_accepted += redacted.len < text.len;
    PROMISE(redacted.len <= text.len);
    PROMISE(avcsec_redact_is_needless(text) == avcsec_slice_equals(text, redacted));
    if (!memchr(before.p, '%', before.len)) {
        unescape_all(&redacted, out);
        PROMISE(longest_piece(redacted) <= 16);
    }
    free(out);
    fuzz_free(text);
    return 0;
}
