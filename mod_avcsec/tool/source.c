/* SPDX-License-Identifier: Apache-2.0
 *
 * Pasted text.
 */
#include "source.h"

#include "complain.h"

#include <stdlib.h>
#include <string.h>

#define MASK "mac.*"
/* What 32 zero bytes are in base64url: well-formed, and no key's mac. */
#define ZEROS "mac.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

/* Copies the text, each mask replaced. */
static bool unmask(const char *pasted, avcsec_source_t *source)
{
    size_t masks = 0;
    char *end;

    for (const char *p = pasted; (p = strstr(p, MASK)); p++)
        masks++;
    source->has_mask = masks > 0;
    source->text = end = calloc(strlen(pasted) + masks * sizeof(ZEROS) + 1, 1);
    if (!end)
        return avcsec_complain("there is no memory");
    while (*pasted) {
        if (strncmp(pasted, MASK, sizeof(MASK) - 1) == 0) {
            memcpy(end, ZEROS, sizeof(ZEROS) - 1);
            end += sizeof(ZEROS) - 1;
            pasted += sizeof(MASK) - 1;
        } else
            *end++ = *pasted++;
    }
    *end = '\0';
    return true;
}

/* Without what stands around something that was pasted. */
static avcsec_slice_t strip(avcsec_slice_t s)
{
    static const char around[] = " \t\r\n\"'<>";

    while (s.len && strchr(around, s.p[0])) {
        s.p++;
        s.len--;
    }
    while (s.len && strchr(around, s.p[s.len - 1]))
        s.len--;
    return s;
}

/* "GET /path HTTP/1.1", alone or somewhere in a line, behind a quote. */
static bool read_log_line(avcsec_slice_t line, avcsec_source_t *source)
{
    avcsec_slice_t rest = line, word, next, target;
    avcsec_address_t address;

    avcsec_slice_cut(&rest, ' ', &word);
    if (rest.p && avcsec_address_parse(word, &address))
        source->client = word;
    for (rest = line; avcsec_slice_cut(&rest, ' ', &word) && rest.p;) {
        word = strip(word);
        next = rest;
        avcsec_slice_cut(&next, ' ', &target);
        if (word.len < 2 || !avcsec_slice_is_made_of(word, AVCSEC_UPPER) ||
            !avcsec_target_split(strip(target), &source->target))
            continue;
        source->method = word;
        return true;
    }
    return false;
}

static bool read_text(avcsec_slice_t text, avcsec_source_t *source)
{
    avcsec_slice_t inner = text;

    if (avcsec_slice_unescapes_to_prefix(text, AVCSEC_LITERAL("avck1~")))
        return avcsec_complain(
            "this is a page key, a secret, and not a token: keep it to yourself");
    if (inner.len && inner.p[0] == '~')
        inner = (avcsec_slice_t){text.p + 1, text.len - 1};
    if (avcsec_slice_unescapes_to_prefix(inner, AVCSEC_LITERAL("avc1~"))) {
        source->token = inner;
        return true;
    }
    if (text.len && memchr(text.p, ' ', text.len) ? read_log_line(text, source)
                                                  : avcsec_target_split(text, &source->target))
        return true;
    return avcsec_complain("give a URL, a path that starts with '/', a token, or a line of an "
                           "access log");
}

bool avcsec_source_read(const char *pasted, avcsec_source_t *source)
{
    *source = (avcsec_source_t){.text = NULL};
    return unmask(pasted, source) && read_text(strip(avcsec_slice_of(source->text)), source);
}

void avcsec_source_free(avcsec_source_t *source)
{
    free(source->text);
}
