/* SPDX-License-Identifier: Apache-2.0
 *
 * The path of a request: tokens out, dots resolved, one spelling for each path.
 */
#include "core/text/path.h"

#include <string.h>

static const avcsec_slice_t token_mark = {"~avc1~", 6};

/* A segment that would be resolved or merged away, were there no token. */
static bool is_odd(avcsec_slice_t segment, bool is_last)
{
    return (segment.len == 0 && !is_last) ||
           avcsec_slice_unescapes_to(segment, AVCSEC_LITERAL(".")) ||
           avcsec_slice_unescapes_to(segment, AVCSEC_LITERAL(".."));
}

/* Remembers a token; decodes it to *texts only when it has an escape. */
static void remember_token(avcsec_slice_t segment, char **texts, avcsec_path_tokens_t *found)
{
    avcsec_slice_t text = segment;

    if (memchr(segment.p, '%', segment.len)) {
        text = (avcsec_slice_t){*texts, avcsec_slice_unescape(segment, false, *texts)};
        *texts += text.len;
    }
    if (found->count < AVCSEC_PATH_TOKENS)
        found->token[found->count] = (avcsec_slice_t){text.p + 1, text.len - 1};
    found->count++;
}

size_t avcsec_path_cut_tokens(avcsec_slice_t raw, char *left, char *texts,
                              avcsec_path_tokens_t *found)
{
    avcsec_slice_t rest = raw, segment;
    size_t len = 0;

    *found = (avcsec_path_tokens_t){.count = 0};
    if (raw.len == 0 || raw.p[0] != '/') {
        if (raw.len)
            memcpy(left, raw.p, raw.len);
        return raw.len;
    }
    avcsec_slice_cut(&rest, '/', &segment); /* what stands before the first slash: nothing */
    while (avcsec_slice_cut(&rest, '/', &segment)) {
        if (avcsec_slice_unescapes_to_prefix(segment, token_mark)) {
            remember_token(segment, &texts, found);
            continue;
        }
        found->has_odd_segment |= is_odd(segment, rest.p == NULL);
        left[len++] = '/';
        memcpy(left + len, segment.p, segment.len);
        len += segment.len;
    }
    if (len == 0)
        left[len++] = '/';
    return len;
}

/* Decodes one segment; false on a byte that no canonical path has. */
static bool decode_segment(avcsec_slice_t segment, char *out, size_t *len)
{
    size_t n = 0;

    for (size_t i = 0; i < segment.len; i++) {
        unsigned char c = (unsigned char)segment.p[i];

        /* A server cuts the target there: what follows is no part of the path it maps,
         * and "/open#/../signed/" must not be read as "/signed/". */
        if (c == '#' || c == '?')
            return false;
        if (c == '%') {
            int escaped = avcsec_escape_at(segment.p + i, segment.len - i);

            if (escaped < 0 || escaped == '/')
                return false;
            c = (unsigned char)escaped;
            i += 2;
        }
        if (c == '\\' || avcsec_is(c, AVCSEC_CONTROL))
            return false;
        out[n++] = (char)c;
    }
    *len = n;
    return true;
}

/* Servers behind a proxy strip ";parameters" and resolve what is left. */
static bool is_dots_with_parameters(avcsec_slice_t segment)
{
    avcsec_slice_t name, rest = segment;

    avcsec_slice_cut(&rest, ';', &name);
    return rest.p && (avcsec_slice_equals(name, AVCSEC_LITERAL(".")) ||
                      avcsec_slice_equals(name, AVCSEC_LITERAL("..")));
}

/* The length of `path`, which ends in '/', without its last segment; 0 at the root. */
static size_t parent_len(const char *path, size_t len)
{
    if (len <= 1)
        return 0;
    for (len--; path[len - 1] != '/'; len--)
        ;
    return len;
}

bool avcsec_path_resolve(avcsec_slice_t raw, char *decoded, size_t *len)
{
    avcsec_slice_t rest = raw, segment;
    size_t n = 0, added;

    if (raw.len == 0 || raw.p[0] != '/')
        return false;
    avcsec_slice_cut(&rest, '/', &segment); /* what stands before the first slash: nothing */
    decoded[n++] = '/';
    while (avcsec_slice_cut(&rest, '/', &segment)) {
        if (!decode_segment(segment, decoded + n, &added))
            return false;
        segment = (avcsec_slice_t){decoded + n, added};
        if (is_dots_with_parameters(segment))
            return false;
        if (added == 0 || avcsec_slice_equals(segment, AVCSEC_LITERAL(".")))
            continue;
        if (avcsec_slice_equals(segment, AVCSEC_LITERAL(".."))) {
            n = parent_len(decoded, n);
            if (n == 0)
                return false;
            continue;
        }
        n += added;
        if (rest.p)
            decoded[n++] = '/';
    }
    *len = n;
    return true;
}

size_t avcsec_path_encode(avcsec_slice_t decoded, char *canonical)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t n = 0;

    for (size_t i = 0; i < decoded.len; i++) {
        unsigned char c = (unsigned char)decoded.p[i];

        if (c == '/' || avcsec_is(c, AVCSEC_UNRESERVED)) {
            canonical[n++] = (char)c;
        } else {
            canonical[n++] = '%';
            canonical[n++] = hex[c >> 4];
            canonical[n++] = hex[c & 15];
        }
    }
    return n;
}

bool avcsec_path_is_plain(avcsec_slice_t raw)
{
    if (raw.len == 0 || raw.p[0] != '/')
        return false;
    for (size_t i = 0; i < raw.len; i++) {
        char next = i + 1 < raw.len ? raw.p[i + 1] : '\0';

        if (raw.p[i] != '/' && !avcsec_is((unsigned char)raw.p[i], AVCSEC_UNRESERVED))
            return false;
        /* An empty segment, one that may be dots, one that may be a token. */
        if (raw.p[i] == '/' && (next == '/' || next == '.' || next == '~'))
            return false;
    }
    return true;
}

bool avcsec_path_scope(avcsec_slice_t canonical, int64_t segments, avcsec_slice_t *scope)
{
    for (size_t i = 0; i < canonical.len; i++)
        if (canonical.p[i] == '/' && segments-- == 0) {
            *scope = (avcsec_slice_t){canonical.p, i + 1};
            return true;
        }
    return false;
}
