/* SPDX-License-Identifier: Apache-2.0
 *
 * Telling a file from its copies.
 */
#include "httpd/state/store_identity.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

avcsec_file_identity_t avcsec_file_identify(int fd)
{
    avcsec_file_identity_t identity = {0};
#ifdef STATX_BTIME
    struct statx st;

    if (!statx(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME, &st) &&
        (st.stx_mask & STATX_BTIME)) {
        identity.inode = st.stx_ino;
        identity.born = st.stx_btime.tv_sec;
        identity.born_ns = st.stx_btime.tv_nsec;
        identity.is_known = 1;
    }
#elif defined(__FreeBSD__) || defined(__NetBSD__)
    struct stat st;

    if (!fstat(fd, &st)) {
        identity.inode = st.st_ino;
        identity.born = st.st_birthtim.tv_sec;
        identity.born_ns = (uint32_t)st.st_birthtim.tv_nsec;
        identity.is_known = 1;
    }
#else
    (void)fd;
#endif
    return identity;
}

bool avcsec_file_is_same(const avcsec_file_identity_t *a, const avcsec_file_identity_t *b)
{
    return a->inode == b->inode && a->born == b->born && a->born_ns == b->born_ns;
}

bool avcsec_file_lies_at(int fd, const char *path)
{
    struct stat open_one, there;

    return !fstat(fd, &open_one) && !lstat(path, &there) && open_one.st_dev == there.st_dev &&
           open_one.st_ino == there.st_ino;
}
