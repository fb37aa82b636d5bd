/* SPDX-License-Identifier: Apache-2.0
 *
 * Bind mounts of a directory. A part of it that is mounted elsewhere has other directories
 * above it there, so that its place cannot be told by walking up.
 */
#include "httpd/state/mounts.h"

#include "core/text/mountinfo.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LIST_STEP (64 * 1024)
#define LIST_MAX (16 * 1024 * 1024)

int avcsec_mounts_open(void)
{
    return open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
}

bool avcsec_mounts_have_changed(int list)
{
    struct pollfd asked = {.fd = list, .events = POLLPRI};

    return list >= 0 && poll(&asked, 1, 0) > 0;
}

/* The caller's to free; NULL if it cannot be read. */
static char *read_list(int list, size_t *len)
{
    size_t room = 0;
    char *text = NULL, *more;
    ssize_t n = 1;

    *len = 0;
    while (n > 0 && room < LIST_MAX) {
        if (!(more = realloc(text, room + LIST_STEP)))
            break;
        text = more;
        room += LIST_STEP;
        while (*len < room && (n = pread(list, text + *len, room - *len, (off_t)*len)) > 0)
            *len += (size_t)n;
    }
    if (n == 0 && text)
        return text;
    free(text);
    return NULL;
}

/* `path` behind the directory `base`; NULL if it does not lie in it. */
static const char *behind(const char *path, const char *base)
{
    size_t len = strcmp(base, "/") ? strlen(base) : 0;

    return !strncmp(path, base, len) && (path[len] == '/' || !path[len]) ? path + len : NULL;
}

/* What of which file system a directory is. */
typedef struct {
    avcsec_slice_t device;
    char part[2 * PATH_MAX];
} origin_t;

static bool is_room(avcsec_slice_t escaped)
{
    return escaped.len < PATH_MAX;
}

/* The mount that the directory lies on: the deepest, and of two at one point the later. */
static bool find_origin(avcsec_slice_t list, const char *real, origin_t *origin)
{
    avcsec_slice_t line;
    size_t depth = 0;

    while (avcsec_slice_cut(&list, '\n', &line)) {
        char point[PATH_MAX];
        const char *rest;
        avcsec_mount_t mount;
        size_t len;

        if (!avcsec_mount_parse(line, &mount) || !is_room(mount.part) || !is_room(mount.point))
            continue;
        len = avcsec_mount_unescape(mount.point, point);
        if (!(rest = behind(real, point)) || len < depth || strlen(rest) >= PATH_MAX)
            continue;
        depth = len;
        origin->device = mount.device;
        len = avcsec_mount_unescape(mount.part, origin->part);
        len = len == 1 ? 0 : len;
        memcpy(origin->part + len, rest, strlen(rest) + 1);
    }
    return depth > 0;
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* The mount shows something of the directory: what lies there is what lies at the same place
 * in the directory, unless another mount hides either. */
static bool shows(const avcsec_mount_t *mount, const origin_t *origin, const char *real,
                  struct stat *shown)
{
    char part[PATH_MAX], point[PATH_MAX], original[2 * PATH_MAX];
    const char *rest;
    struct stat st;

    if (!avcsec_slice_equals(mount->device, origin->device) || !is_room(mount->part) ||
        !is_room(mount->point))
        return false;
    avcsec_mount_unescape(mount->part, part);
    avcsec_mount_unescape(mount->point, point);
    if (!(rest = behind(part, origin->part)) || strlen(real) >= PATH_MAX)
        return false;
    strcpy(original, real);
    strcat(original, rest);
    return !stat(point, shown) && !stat(original, &st) && is_same_file(shown, &st);
}

void avcsec_mounts_visit(int list, const char *real,
                         void (*visit)(void *baton, const struct stat *shown), void *baton)
{
    avcsec_slice_t all, line;
    origin_t origin;
    struct stat shown;
    char *text;

    if (list < 0 || !(text = read_list(list, &all.len)))
        return;
    all.p = text;
    if (find_origin(all, real, &origin))
        while (avcsec_slice_cut(&all, '\n', &line)) {
            avcsec_mount_t mount;

            if (avcsec_mount_parse(line, &mount) && shows(&mount, &origin, real, &shown))
                visit(baton, &shown);
        }
    free(text);
}
