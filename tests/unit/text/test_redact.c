/* SPDX-License-Identifier: Apache-2.0
 *
 * Text for logs: macs out of it, however they are escaped, and nothing else.
 */
#include "../check.h"

#include "core/text/redact.h"

#define MAC "9tWsa-qeO2UlO_vB68NdSATNvDETdMfvjQq0koOjgQ0"
#define TOKEN "avc1~for.file~kid.k1~exp.1893456000~mac."

#define JWT "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjF9."

static void redacting(void)
{
    static const struct {
        const char *label, *text, *want;
    } table[] = {
        {"nothing to hide", "GET /a/b?c=d HTTP/1.1", "GET /a/b?c=d HTTP/1.1"},
        {"empty", "", ""},
        {"absent", NULL, ""},
        {"a query token", "GET /a?avc=" TOKEN MAC " HTTP/1.1", "GET /a?avc=" TOKEN "* HTTP/1.1"},
        {"a path token", "GET /a/~" TOKEN MAC "/b HTTP/1.1", "GET /a/~" TOKEN "*/b HTTP/1.1"},
        {"two tokens", TOKEN MAC "&avc=" TOKEN MAC, TOKEN "*&avc=" TOKEN "*"},
        {"an escaped token", "avc1%7Efor%2Efile%7Emac%2E" MAC, "avc1%7Efor%2Efile%7Emac%2E*"},
        {"escaped letters of the mark", "%6d%61%63%2e" MAC, "%6d%61%63%2e*"},
        {"escaped twice", "%257Emac%252E" MAC, "%257Emac%252E*"},
        {"escaped three times", "%25257Emac%25252E" MAC, "%25257Emac%25252E*"},
        {"an escaped mac", "mac.%39%74%57sa-qeO2UlO_vB68NdSATN", "mac.*"},
        {"an escape in the middle of a mac", "mac.9tWsa-qeO2%55lO_vB68NdSATN x", "mac.* x"},
        {"a cut mac", "GET /?avc=" TOKEN "9tWsa-qeO2UlO_vB68NdSAT", "GET /?avc=" TOKEN "*"},
        {"a short piece is harmless", TOKEN "9tWsa-qeO2UlO_vB", TOKEN "9tWsa-qeO2UlO_vB"},
        {"one more is not", TOKEN "9tWsa-qeO2UlO_vB6", TOKEN "*"},
        {"an escape at the very end", "mac.9tWsa-qeO2UlO_vB%2536", "mac.*"},
        {"a longer one", TOKEN MAC MAC "/x", TOKEN "*/x"},
        {"no dot", "mac" MAC, "mac" MAC},
        {"marks in a row", "mac.mac.mac." MAC, "mac.mac.mac.*"},
        {"bad escapes", "%%%2%mac.%" MAC, "%%%2%mac.%" MAC},
        {"a mark at the end", "x mac.", "x mac."},
        {"half a mark at the end", "x ma", "x ma"},
        {"half an escape at the end", "x mac%2", "x mac%2"},
        {"a JWT", "GET /?jwt=" JWT MAC " HTTP/1.1", "GET /?jwt=" JWT "* HTTP/1.1"},
        {"one in front of a token", JWT MAC "/" TOKEN MAC, JWT "*/" TOKEN "*"},
        {"an escaped one", "%65yJhbGciOiJ9%2EeyJ4Ijox%2e" MAC, "%65yJhbGciOiJ9%2EeyJ4Ijox%2e*"},
        {"one behind what is none", "eyJ.eyJ.eyJ9.eyJ9." MAC, "eyJ.eyJ.eyJ9.eyJ9.*"},
        {"one in the middle of a word", "xeyJ9.a." MAC, "xeyJ9.a.*"},
        {"one without a signature", JWT, JWT},
        {"two parts", "eyJ9." MAC, "eyJ9." MAC},
        {"upper case is no mark", "MAC." MAC, "MAC." MAC},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
        {
            avcsec_slice_t text = guarded_text(table[i].text, side), got;
            char *out = guarded_room(text.len, side);

            check_begins(table[i].label);
            got = (avcsec_slice_t){out, avcsec_redact(text, out)};
            check(is_text(got, table[i].want) &&
                      avcsec_redact_is_needless(text) == avcsec_slice_equals(text, got),
                  "for logs: %s", table[i].label);
        }
}

/* What is long and full of beginnings is read a few times, not once for each of them. */
static void cost(void)
{
    enum { size = 3 << 20 };
    char *text = malloc(size), *out = malloc(size);

    for (size_t i = 0; i < size; i++)
        text[i] = "eyJ"[i % 3];
    check(avcsec_redact((avcsec_slice_t){text, size}, out) == size, "three megabytes of marks");
    free(text);
    free(out);
}

int main(void)
{
    check_start();
    redacting();
    cost();
    return check_end();
}
