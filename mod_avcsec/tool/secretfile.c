/* SPDX-License-Identifier: Apache-2.0
 *
 * Files that hold secrets: who may own them, who may read them, how large they are.
 */
#include "secretfile.h"

#include "complain.h"
#include "core/token/keyring.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool check_key_file(const char *path, int fd)
{
    struct stat info;

    if (fstat(fd, &info) != 0)
        return avcsec_complain("%s: %s", path, strerror(errno));
    if (!S_ISREG(info.st_mode))
        return avcsec_complain("%s: a key file is a regular file, this is none", path);
    if (info.st_uid != 0 && info.st_uid != geteuid())
        return avcsec_complain("%s: it belongs neither to root nor to you", path);
    if (info.st_mode & 077)
        return avcsec_complain("%s: group or others have rights to it; chmod 600 it, and if others "
                               "could read it, use fresh keys",
                               path);
    if (info.st_size > AVCSEC_KEY_FILE_MAX)
        return avcsec_complain("%s: it is larger than 64 KiB", path);
    return true;
}

/* Reads to the end. */
static bool read_all(const char *path, int fd, avcsec_secret_t *secret)
{
    ssize_t n = 1;

    secret->bytes = malloc(AVCSEC_KEY_FILE_MAX + 1);
    if (!secret->bytes)
        return avcsec_complain("there is no memory");
    while (n != 0 && secret->len <= AVCSEC_KEY_FILE_MAX) {
        n = read(fd, secret->bytes + secret->len, AVCSEC_KEY_FILE_MAX + 1 - secret->len);
        if (n < 0 && errno != EINTR)
            return avcsec_complain("%s: %s", path, strerror(errno));
        if (n > 0)
            secret->len += (size_t)n;
    }
    if (secret->len > AVCSEC_KEY_FILE_MAX)
        return avcsec_complain("%s: it is larger than 64 KiB", path);
    return true;
}

static bool read_file(const char *path, int flags, bool (*check)(const char *, int),
                      avcsec_secret_t *secret)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | flags);
    bool is_read;

    *secret = (avcsec_secret_t){NULL, 0};
    if (fd < 0 && errno == ELOOP && flags & O_NOFOLLOW)
        return avcsec_complain("%s: it is a symbolic link; name the file itself", path);
    if (fd < 0)
        return avcsec_complain("%s: %s", path, strerror(errno));
    is_read = (!check || check(path, fd)) && read_all(path, fd, secret);
    close(fd);
    return is_read;
}

bool avcsec_secret_read_key_file(const char *path, avcsec_secret_t *secret)
{
    /* O_NONBLOCK: a pipe in its place must not stop us before we see what it is. */
    return read_file(path, O_NOFOLLOW | O_NONBLOCK, check_key_file, secret);
}

bool avcsec_secret_read(const char *path, avcsec_secret_t *secret)
{
    return read_file(path, 0, NULL, secret);
}

void avcsec_secret_wipe(avcsec_secret_t *secret)
{
    if (secret->bytes)
        avcsec_wipe(secret->bytes, AVCSEC_KEY_FILE_MAX + 1);
    free(secret->bytes);
    *secret = (avcsec_secret_t){NULL, 0};
}
