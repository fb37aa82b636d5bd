/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of /proc/self/mountinfo, and what is none.
 */
#include "../check.h"

#include "core/text/mountinfo.h"

static void lines(void)
{
    static const struct {
        const char *line, *device, *part, *point;
    } rows[] = {
        {"36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw", "98:0", "/mnt1",
         "/mnt2"},
        {"22 1 254:0 / / rw", "254:0", "/", "/"},
        {"22 1 0:52 /a\\040b /c\\011d", "0:52", "/a\\040b", "/c\\011d"},
        {"1 2 3:4 mnt:[4026532] /run/x rw", NULL, NULL, NULL},
        {"1 2 3:4 /x y rw", NULL, NULL, NULL},
        {"1 2 3:4 /x", NULL, NULL, NULL},
        {"1 2 3:4  /x rw", NULL, NULL, NULL},
        {"1 2", NULL, NULL, NULL},
        {"", NULL, NULL, NULL},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        EACH_SIDE(side)
        {
            avcsec_mount_t mount;
            bool is_line = avcsec_mount_parse(guarded_text(rows[i].line, side), &mount);

            check(is_line == (rows[i].device != NULL) &&
                      (!is_line ||
                       (is_text(mount.device, rows[i].device) &&
                        is_text(mount.part, rows[i].part) && is_text(mount.point, rows[i].point))),
                  "mount line \"%s\"", rows[i].line);
        }
}

static void escapes(void)
{
    static const struct {
        const char *text, *path;
    } rows[] = {
        {"/a", "/a"},
        {"/a\\040b", "/a b"},
        {"/\\134040", "/\\040"},
        {"/a\\04", "/a\\04"},
        {"/a\\", "/a\\"},
        {"/\\012\\011", "/\n\t"},
        {"/a\\400", "/a\\400"},
        {"/a\\088", "/a\\088"},
        {"/\\303\\251", "/\303\251"},
        {"", ""},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        EACH_SIDE(side)
        {
            avcsec_slice_t text = guarded_text(rows[i].text, side);
            char *out = guarded_room(text.len + 1, side);
            size_t len = avcsec_mount_unescape(text, out);

            check(len == strlen(rows[i].path) && strcmp(out, rows[i].path) == 0,
                  "escaped mount \"%s\"", rows[i].text);
        }
}

int main(void)
{
    check_start();
    lines();
    escapes();
    return check_end();
}
