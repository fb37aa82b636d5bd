/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading mounts.
 */
#include "core/text/mountinfo.h"

bool avcsec_mount_parse(avcsec_slice_t line, avcsec_mount_t *mount)
{
    avcsec_slice_t id, parent;

    *mount = (avcsec_mount_t){.point = {NULL, 0}};
    if (!avcsec_slice_cut(&line, ' ', &id) || !avcsec_slice_cut(&line, ' ', &parent) ||
        !avcsec_slice_cut(&line, ' ', &mount->device) ||
        !avcsec_slice_cut(&line, ' ', &mount->part) || !avcsec_slice_cut(&line, ' ', &mount->point))
        return false;
    /* Namespaces and pipes show as "mnt:[4026532]", which is no path. */
    return mount->device.len && mount->part.len && mount->part.p[0] == '/' && mount->point.len &&
           mount->point.p[0] == '/';
}

static bool is_octal(char c)
{
    return c >= '0' && c <= '7';
}

/* The byte that "\134" at p stands for, or -1. */
static int escaped_at(const char *p, size_t len)
{
    if (len < 4 || p[0] != '\\' || p[1] > '3' || !is_octal(p[1]) || !is_octal(p[2]) ||
        !is_octal(p[3]))
        return -1;
    return (p[1] - '0') << 6 | (p[2] - '0') << 3 | (p[3] - '0');
}

size_t avcsec_mount_unescape(avcsec_slice_t s, char *out)
{
    size_t len = 0;

    for (size_t i = 0; i < s.len; i++) {
        int escaped = escaped_at(s.p + i, s.len - i);

        out[len++] = escaped < 0 ? s.p[i] : (char)escaped;
        i += escaped < 0 ? 0 : 3;
    }
    out[len] = '\0';
    return len;
}
