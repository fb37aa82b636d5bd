/* SPDX-License-Identifier: Apache-2.0
 *
 * The file of the store: whose it is, whether it may be believed, what it holds.
 */
#include "httpd/state/store_disk.h"

#include "apr_strings.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define LAYOUT 4
#define TRIES 100
#define FLAGS (O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)

/* Which file it is, for as long as there is this file system. */
typedef struct {
    uint64_t inode;
    int64_t born;
    uint32_t born_ns, is_known; /* 0: the file system does not say */
} identity_t;

typedef struct {
    char magic[16];
    uint32_t layout, slots;
    int64_t born;
    avcsec_mac_key_t seed;
    identity_t identity; /* of the file that this was written to */
    uint32_t is_clean;   /* the server stopped and wrote all */
} head_t;

#define HEAD_SIZE 4096
_Static_assert(sizeof(head_t) <= HEAD_SIZE, "the head fits its page");

static const char magic[16] = "avcsec uses\n";

static size_t size_of_slots(uint32_t count)
{
    return count * sizeof(avcsec_slot_t);
}

static off_t size_of(uint32_t count)
{
    return (off_t)(HEAD_SIZE + size_of_slots(count));
}

static const char *errno_text(apr_pool_t *p, const char *what)
{
    char text[128];

    return apr_psprintf(p, "%s: %s", what, apr_strerror(errno, text, sizeof(text)));
}

/* ---- Which file it is ---- */

static identity_t identify(int fd)
{
    identity_t identity = {0};
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

static bool is_same(const identity_t *a, const identity_t *b)
{
    return a->inode == b->inode && a->born == b->born && a->born_ns == b->born_ns;
}

/* The open file lies at this path. */
static bool lies_at(int fd, const char *path)
{
    struct stat open_one, there;

    return !fstat(fd, &open_one) && !lstat(path, &there) && open_one.st_dev == there.st_dev &&
           open_one.st_ino == there.st_ino;
}

/* Keeps a second server from counting by the same file. */
static bool lock(int fd)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

    return fcntl(fd, F_SETLK, &whole) == 0;
}

/* ---- Reading and writing ---- */

static bool read_all(int fd, void *to, size_t len, off_t at)
{
    ssize_t n;

    for (char *out = to; len; out += n, at += n, len -= (size_t)n)
        if ((n = pread(fd, out, len, at)) <= 0) {
            if (n == 0 || errno != EINTR)
                return false;
            n = 0;
        }
    return true;
}

static bool write_all(int fd, const void *from, size_t len, off_t at)
{
    ssize_t n;

    for (const char *in = from; len; in += n, at += n, len -= (size_t)n)
        if ((n = pwrite(fd, in, len, at)) <= 0) {
            if (n == 0 || errno != EINTR)
                return false;
            n = 0;
        }
    return true;
}

static bool write_head(int fd, const avcsec_counts_t *counts, bool is_clean)
{
    head_t head = {.layout = LAYOUT,
                   .slots = counts->count,
                   .born = counts->born,
                   .seed = counts->seed,
                   .identity = identify(fd),
                   .is_clean = is_clean};

    memcpy(head.magic, magic, sizeof(magic));
    return write_all(fd, &head, sizeof(head), 0) && !fsync(fd);
}

/* ---- Taking over ---- */

/* Nobody else can have written it. */
static bool is_guarded(const struct stat *st)
{
    return (st->st_uid == 0 || st->st_uid == geteuid()) && !(st->st_mode & 077);
}

static const char *doubt_head(const head_t *head, const identity_t *identity, uint32_t count)
{
    if (memcmp(head->magic, magic, sizeof(magic)) || head->layout != LAYOUT)
        return "is not what this version of the module writes";
    if (!head->is_clean)
        return "was left by a server that did not come to its end";
    if (!identity->is_known)
        return "lies on a file system that keeps no birth times of files";
    if (!is_same(&head->identity, identity))
        return "is a copy: what was counted since is not in it";
    return head->slots == count ? NULL : "has another number of entries";
}

/* Reads what a clean stop left; NULL, or why it is not believed. */
static const char *read_counts(int fd, avcsec_counts_t *counts)
{
    identity_t identity = identify(fd);
    const char *doubt;
    struct stat st;
    head_t head;

    if (fstat(fd, &st) || !S_ISREG(st.st_mode))
        return "is not a regular file";
    if (!is_guarded(&st))
        return "could be written by others than who starts the server";
    if (!read_all(fd, &head, sizeof(head), 0))
        return "was cut, or cannot be read";
    if ((doubt = doubt_head(&head, &identity, counts->count)))
        return doubt;
    if (st.st_size != size_of(counts->count) ||
        !read_all(fd, counts->slots, size_of_slots(counts->count), HEAD_SIZE)) {
        memset(counts->slots, 0, size_of_slots(counts->count));
        return "was cut, or cannot be read";
    }
    counts->born = head.born;
    counts->seed = head.seed;
    return NULL;
}

/* Opens what lies there, or makes an empty one, and locks it; -1 and *error. Another server
 * that takes it at the same moment puts a new one in its place. */
static int open_locked(apr_pool_t *p, const char *path, bool *is_new, const char **error)
{
    for (int i = 0; i < TRIES; i++) {
        int fd = open(path, FLAGS | O_CREAT | O_EXCL, 0600);

        *is_new = fd >= 0;
        if (fd < 0 && errno == EEXIST)
            fd = open(path, FLAGS);
        if (fd < 0 && errno != ENOENT) {
            *error = errno_text(p, "cannot be opened");
            return -1;
        }
        if (fd >= 0 && !lock(fd)) {
            close(fd);
            *error = "is in use by another server; give each its own AvcStore";
            return -1;
        }
        if (fd >= 0 && lies_at(fd, path))
            return fd;
        if (fd >= 0)
            close(fd);
    }
    *error = "cannot be opened: its directory is missing, or others replace it all the time";
    return -1;
}

static bool sync_directory(apr_pool_t *p, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? apr_pstrmemdup(p, path, (apr_size_t)(slash - path + 1)) : ".";
    int fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_done = fd >= 0 && !fsync(fd);

    if (fd >= 0)
        close(fd);
    return is_done;
}

/* Puts a new file there, locked and not believed; -1 with errno and *error. */
static int replace(apr_pool_t *p, const char *path, const avcsec_counts_t *counts,
                   const char **error)
{
    const char *fresh = apr_pstrcat(p, path, ".new", NULL);
    int fd, failed;

    unlink(fresh);
    fd = open(fresh, FLAGS | O_CREAT | O_EXCL, 0600);
    /* On disk before anything is counted: what a crash leaves must not look clean. */
    if (fd >= 0 && lock(fd) && write_head(fd, counts, false) && !rename(fresh, path) &&
        sync_directory(p, path))
        return fd;
    failed = errno;
    *error = errno_text(p, "cannot be made");
    if (fd >= 0)
        close(fd);
    unlink(fresh);
    errno = failed;
    return -1;
}

/* There is no room for a new one: the old one stays and is not believed any more. (Should the
 * server then crash, and somebody write over it what it held before, that could not be told.) */
static bool goes_on(int old, const avcsec_counts_t *counts, bool is_believed, int failed)
{
    return (failed == ENOSPC || failed == EDQUOT) &&
           (!is_believed || write_head(old, counts, false));
}

int avcsec_store_disk_take(apr_pool_t *p, const char *path, bool is_ours, avcsec_counts_t *counts,
                           const char **doubt, const char **error)
{
    bool is_new = false;
    int old = is_ours ? -1 : open_locked(p, path, &is_new, error), fd;

    if (!is_ours && old < 0)
        return -1;
    *doubt = is_ours ? "has another number of entries" : is_new ? "" : read_counts(old, counts);
    fd = replace(p, path, counts, error);
    if (fd < 0 && old >= 0 && goes_on(old, counts, !*doubt, errno)) {
        *error = NULL;
        return old;
    }
    if (fd < 0 && is_new)
        unlink(path);
    if (old >= 0)
        close(old);
    return fd;
}

const char *avcsec_store_disk_reserve(apr_pool_t *p, int fd, uint32_t count)
{
    errno = posix_fallocate(fd, 0, size_of(count));
    return errno ? errno_text(p, "has no room for what is counted") : NULL;
}

/* ---- The end ---- */

/* Somebody took the file away while the server ran. */
static int make_again(apr_pool_t *p, const char *path, const avcsec_counts_t *counts,
                      const char **error)
{
    bool is_new;
    int empty = open_locked(p, path, &is_new, error), fd = -1;

    if (empty < 0)
        return -1;
    if (is_new)
        fd = replace(p, path, counts, error);
    else
        *error = "was replaced by another file, which stays as it is";
    close(empty);
    return fd;
}

const char *avcsec_store_disk_write(apr_pool_t *p, const char *path, int fd,
                                    const avcsec_counts_t *counts)
{
    const char *error = NULL;

    if (!lies_at(fd, path)) {
        close(fd);
        if ((fd = make_again(p, path, counts, &error)) < 0)
            return error;
    }
    if (ftruncate(fd, size_of(counts->count)) ||
        !write_all(fd, counts->slots, size_of_slots(counts->count), HEAD_SIZE) || fsync(fd) ||
        !write_head(fd, counts, true))
        error = errno_text(p, "cannot be written");
    close(fd);
    return error;
}
