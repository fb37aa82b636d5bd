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

/* Its text, the caller's to free; nothing if it is not there and need not be. Its length is
 * not that of a string: what stands behind a zero byte would be dropped unseen. */
static char *read_text(const char *path, bool may_be_missing, struct stat *st, size_t *len)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    char *text = malloc(AVCSEC_REVOCATIONS_FILE_MAX + 1);
    ssize_t n;

    memset(st, 0, sizeof(*st));
    *len = 0;
    if (!text || (fd < 0 && errno == ENOENT && may_be_missing))
        return text;
    n = fd < 0 || fstat(fd, st) || !S_ISREG(st->st_mode)
            ? -1
            : read(fd, text, AVCSEC_REVOCATIONS_FILE_MAX + 1);
    if (fd >= 0)
        close(fd);
    if (n >= 0) {
        *len = (size_t)n;
        return text;
    }
    avcsec_complain("%s: it is no file that can be read", path);
    free(text);
    return NULL;
}

avcsec_revocations_t *avcsec_revoked_read(const char *path, bool may_be_missing, int64_t now,
                                          struct stat *st)
{
    avcsec_revocations_t *list = malloc(sizeof(*list));
    size_t number, len;
    char *text = list ? read_text(path, may_be_missing, st, &len) : NULL;
    const char *error;

    if (text &&
        !(error = avcsec_revocations_parse((avcsec_slice_t){text, len}, now, list, &number))) {
        free(text);
        return list;
    }
    if (text)
        avcsec_complain("%s line %zu: %s", path, number, error);
    free(text);
    free(list);
    return NULL;
}
