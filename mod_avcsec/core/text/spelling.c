/* SPDX-License-Identifier: Apache-2.0
 *
 * Other readings of a path. Each step works where the text stands, for none makes it longer.
 */
#include "core/text/spelling.h"

#include <string.h>

static bool is_dots(avcsec_slice_t segment)
{
    return avcsec_slice_equals(segment, AVCSEC_LITERAL(".")) ||
           avcsec_slice_equals(segment, AVCSEC_LITERAL(".."));
}

static avcsec_slice_t without_parameters(avcsec_slice_t segment)
{
    avcsec_slice_t name;

    avcsec_slice_cut(&segment, ';', &name);
    return name;
}

bool avcsec_spelling_is_malformed(avcsec_slice_t path)
{
    avcsec_slice_t segment;

    if (path.len && memchr(path.p, '\\', path.len))
        return true;
    while (avcsec_slice_cut(&path, '/', &segment))
        if (is_dots(without_parameters(segment)))
            return true;
    return false;
}

static size_t cut(char *path, size_t len)
{
    avcsec_slice_t rest = {path, len}, segment;
    size_t n = 0;

    while (avcsec_slice_cut(&rest, '/', &segment)) {
        segment = without_parameters(segment);
        if (segment.len)
            memmove(path + n, segment.p, segment.len);
        n += segment.len;
        if (rest.p)
            path[n++] = '/';
    }
    return n;
}

static size_t decode(char *path, size_t len)
{
    return memchr(path, '%', len) ? avcsec_slice_unescape((avcsec_slice_t){path, len}, false, path)
                                  : len;
}

/* Slashes merged, dot segments resolved; 0 above the root. */
static size_t flatten(char *path, size_t len)
{
    avcsec_slice_t rest = {path, len}, segment;
    size_t n = 0;

    if (!len || path[0] != '/')
        return 0;
    avcsec_slice_cut(&rest, '/', &segment); /* what stands before the first slash: nothing */
    path[n++] = '/';
    while (avcsec_slice_cut(&rest, '/', &segment)) {
        if (segment.len == 0 || avcsec_slice_equals(segment, AVCSEC_LITERAL(".")))
            continue;
        if (avcsec_slice_equals(segment, AVCSEC_LITERAL(".."))) {
            if (n == 1)
                return 0;
            for (n--; path[n - 1] != '/'; n--)
                ;
            continue;
        }
        memmove(path + n, segment.p, segment.len);
        n += segment.len;
        if (rest.p)
            path[n++] = '/';
    }
    return n;
}

size_t avcsec_spelling_read(avcsec_spelling_t as, avcsec_slice_t path, char *out)
{
    bool is_cut_first = as == AVCSEC_CUT || as == AVCSEC_CUT_DECODED || as == AVCSEC_CUT_AS_IT_CAME;
    size_t len = path.len;

    if (len)
        memcpy(out, path.p, len);
    if (is_cut_first)
        len = cut(out, len);
    if (as != AVCSEC_AS_IT_STANDS && as != AVCSEC_CUT)
        len = decode(out, len);
    if (as == AVCSEC_DECODED_CUT)
        len = cut(out, len);
    len = flatten(out, len);
    out[len] = '\0';
    return len;
}
