/* SPDX-License-Identifier: Apache-2.0
 *
 * Revocations files, read whole and refused whole.
 */
#include "revoked.h"

#include "complain.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Its text, terminated and the caller's to free; "" if it is not there and need not be. */
static char *read_text(const char *path, bool may_be_missing, struct stat *st)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    char *text = calloc(1, AVCSEC_REVOCATIONS_FILE_MAX + 2);
    ssize_t len;

    memset(st, 0, sizeof(*st));
    if (!text || (fd < 0 && errno == ENOENT && may_be_missing))
        return text;
    len = fd < 0 || fstat(fd, st) || !S_ISREG(st->st_mode)
              ? -1
              : read(fd, text, AVCSEC_REVOCATIONS_FILE_MAX + 1);
    if (fd >= 0)
        close(fd);
    if (len >= 0)
        return text;
    avcsec_complain("%s: it is no file that can be read", path);
    free(text);
    return NULL;
}

avcsec_revocations_t *avcsec_revoked_read(const char *path, bool may_be_missing, int64_t now,
                                          struct stat *st)
{
    avcsec_revocations_t *list = malloc(sizeof(*list));
    char *text = list ? read_text(path, may_be_missing, st) : NULL;
    const char *error;
    size_t number;

    if (text && !(error = avcsec_revocations_parse(avcsec_slice_of(text), now, list, &number))) {
        free(text);
        return list;
    }
    if (text)
        avcsec_complain("%s line %zu: %s", path, number, error);
    free(text);
    free(list);
    return NULL;
}
