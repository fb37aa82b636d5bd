/* SPDX-License-Identifier: Apache-2.0
 *
 * Readings of a path: none is longer, none keeps dots or doubled slashes, and what was cut or
 * resolved is so for good; a line of the mount table never yields more than it holds.
 */
#include "fuzz.h"

#include "core/text/mountinfo.h"
#include "core/text/spelling.h"

static bool has(avcsec_slice_t s, const char *text)
{
    return s.len >= strlen(text) && memmem(s.p, s.len, text, strlen(text));
}

static void reading(avcsec_slice_t path, avcsec_spelling_t as)
{
    char *room = fuzz_room(path.len + 1), *again;
    avcsec_slice_t read = {room, avcsec_spelling_read(as, path, room)};

    PROMISE(read.len <= path.len && room[read.len] == '\0');
    if (read.len) {
        fuzz_accepted++;
        PROMISE(read.p[0] == '/' && !has(read, "//") && !has(read, "/./") && !has(read, "/../"));
        PROMISE((as != AVCSEC_CUT && as != AVCSEC_DECODED_CUT) || !has(read, ";"));
        again = fuzz_room(read.len + 1);
        PROMISE(avcsec_spelling_read(AVCSEC_AS_IT_STANDS, read, again) == read.len);
        PROMISE(memcmp(again, read.p, read.len) == 0);
        free(again);
    }
    free(room);
}

static void mount_line(avcsec_slice_t line)
{
    avcsec_mount_t mount;
    char *point;

    if (!avcsec_mount_parse(line, &mount))
        return;
    PROMISE(mount.point.p >= line.p && mount.point.p + mount.point.len <= line.p + line.len);
    point = fuzz_room(mount.point.len + 1);
    PROMISE(avcsec_mount_unescape(mount.point, point) <= mount.point.len && point[0] == '/');
    free(point);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    avcsec_slice_t path = fuzz_copy((avcsec_slice_t){(const char *)data, size});
    char *room = fuzz_room(size + 1);

    for (int as = 0; as < AVCSEC_SPELLINGS; as++)
        reading(path, (avcsec_spelling_t)as);
    /* What is well-formed stays below where it was when its parameters are cut. */
    if (!avcsec_spelling_is_malformed(path) && size && data[0] == '/')
        PROMISE(avcsec_spelling_read(AVCSEC_CUT, path, room) > 0);
    mount_line(path);
    free(room);
    fuzz_free(path);
    return 0;
}
