/* SPDX-License-Identifier: Apache-2.0
 *
 * The file of the store: whose it is, whether it may be believed, what it holds.
 */
#include "httpd/state/store_disk.h"

#include "httpd/state/state_dir.h"
#include "httpd/state/store_found.h"
#include "httpd/state/store_identity.h"

#include "apr_strings.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define LAYOUT 5
#define TRIES 100

typedef struct {
    char mark[AVCSEC_STORE_MARK];
    uint32_t layout, slots;
    int64_t born, leeway, seen, overwritten; /* as avcsec_counts_t and avcsec_uses_t */
    avcsec_mac_key_t seed;
    avcsec_file_identity_t identity; /* of the file that this was written to */
    uint32_t follows;
    uint32_t is_clean; /* the server stopped and wrote all */
} head_t;

_Static_assert(sizeof(head_t) <= AVCSEC_STORE_HEAD, "the head fits its page");

static size_t size_of_slots(size_t count)
{
    return count * sizeof(avcsec_slot_t);
}

static const char *errno_text(apr_pool_t *p, const char *what)
{
    char text[128];

    return apr_psprintf(p, "%s: %s", what, apr_strerror(errno, text, sizeof(text)));
}

/* ---- Whose it is ---- */

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
                   .slots = (uint32_t)counts->uses.count,
                   .born = counts->born,
                   .leeway = counts->leeway,
                   .seen = counts->seen,
                   .overwritten = atomic_load(counts->uses.overwritten),
                   .seed = counts->seed,
                   .identity = avcsec_file_identify(fd),
                   .follows = counts->follows,
                   .is_clean = is_clean};

    memcpy(head.mark, avcsec_store_mark, sizeof(head.mark));
    return write_all(fd, &head, sizeof(head), 0) && !fsync(fd);
}

/* ---- Taking over ---- */

/* Nobody else can have written it. */
static bool is_guarded(const struct stat *st)
{
    return (st->st_uid == 0 || st->st_uid == geteuid()) && !(st->st_mode & 077);
}

static const char *doubt_head(const head_t *head, const avcsec_file_identity_t *identity,
                              size_t count)
{
    if (head->layout != LAYOUT)
        return "is not as this version of the module writes it";
    if (!head->is_clean)
        return "was left by a server that did not come to its end (it crashed, or was killed)";
    if (!identity->is_known)
        return "lies on a file system that keeps no birth times of files";
    if (!avcsec_file_is_same(&head->identity, identity))
        return "is a copy: what was counted since is not in it";
    return head->slots == count ? NULL : "has another number of entries";
}

static void take_head(const head_t *head, avcsec_counts_t *counts)
{
    counts->born = head->born;
    counts->leeway = head->leeway;
    counts->follows = head->follows != 0;
    counts->seed = head->seed;
    atomic_store(counts->uses.overwritten, head->overwritten);
}

/* Reads what a clean stop left; NULL, or why it is not believed. */
static const char *read_counts(int fd, avcsec_counts_t *counts)
{
    const size_t count = counts->uses.count;
    avcsec_file_identity_t identity = avcsec_file_identify(fd);
    const char *doubt;
    struct stat st;
    head_t head;

    if (fstat(fd, &st))
        return "cannot be looked at";
    if (!is_guarded(&st))
        return "belongs to somebody else than who starts the server, or could be written by others";
    if (!read_all(fd, &head, sizeof(head), 0))
        return "was cut short, or cannot be read";
    if (head.layout == LAYOUT)
        counts->seen = head.seen;
    if ((doubt = doubt_head(&head, &identity, count)))
        return doubt;
    if (st.st_size != avcsec_store_size(count) ||
        !read_all(fd, counts->uses.slots, size_of_slots(count), AVCSEC_STORE_HEAD)) {
        memset(counts->uses.slots, 0, size_of_slots(count));
        return "was cut short, or cannot be read";
    }
    take_head(&head, counts);
    return NULL;
}

/* Opens and locks a store that lies there; -1: there is none, or *error. Another server that
 * takes it at the same moment puts a new one in its place. */
static int open_locked(apr_pool_t *p, const char *path, const char **error)
{
    for (int i = 0; i < TRIES; i++) {
        int fd;

        if ((*error = avcsec_store_find(p, path, &fd)) || fd < 0)
            return -1;
        if (!lock(fd)) {
            close(fd);
            *error = "is in use by another server; give each its own AvcStore";
            return -1;
        }
        if (avcsec_file_lies_at(fd, path))
            return fd;
        close(fd);
    }
    *error = "cannot be taken: others replace it all the time";
    return -1;
}

static bool sync_directory(apr_pool_t *p, const char *path)
{
    int fd = open(avcsec_parent_of(p, path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_done = fd >= 0 && !fsync(fd);

    if (fd >= 0)
        close(fd);
    return is_done;
}

/* Under its name, which nobody else has: in the place of a store that this process has locked, or
 * of nothing. */
static bool put(const char *fresh, const char *path, bool is_first)
{
    struct stat st;

    if (is_first && !link(fresh, path)) {
        unlink(fresh);
        return true;
    }
    /* Some file systems have no links. */
    if (is_first && ((errno != EPERM && errno != EOPNOTSUPP) || !lstat(path, &st)))
        return false;
    return !rename(fresh, path);
}

/* Puts a new file there, locked and not believed; -1 with errno and *error. */
static int place(apr_pool_t *p, const char *path, const avcsec_counts_t *counts, bool is_first,
                 const char **error)
{
    char *fresh = apr_pstrcat(p, path, ".XXXXXX", NULL);
    int fd = -1, failed;

    if ((*error = avcsec_store_check_limit(p, AVCSEC_STORE_HEAD))) {
        errno = EFBIG;
        return -1;
    }
    fd = mkostemp(fresh, O_CLOEXEC);
    /* On disk before anything is counted: what a crash leaves must not look clean. */
    if (fd >= 0 && lock(fd) && write_head(fd, counts, false) && put(fresh, path, is_first) &&
        sync_directory(p, path))
        return fd;
    failed = errno;
    *error = errno_text(p, "cannot be made");
    if (fd >= 0) {
        close(fd);
        unlink(fresh);
    }
    errno = failed;
    return -1;
}

/* There is no room for a new one: the old one, if there is one, stays and is not believed any
 * more. (Should the server then crash, and somebody write over it what it held before, that
 * could not be told.) */
static bool goes_on(int old, const avcsec_counts_t *counts, bool is_believed, int failed)
{
    return (failed == ENOSPC || failed == EDQUOT) &&
           (!is_believed || write_head(old, counts, false));
}

/* Where not even a first page has room, an empty file remembers that something was counted
 * which is in no store. */
static const char *lost(apr_pool_t *p, const char *path)
{
    return apr_pstrcat(p, path, ".lost", NULL);
}

static void note_loss(apr_pool_t *p, const char *path)
{
    int fd = open(lost(p, path), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd >= 0)
        close(fd);
}

static bool was_lost(apr_pool_t *p, const char *path)
{
    struct stat st;

    return !lstat(lost(p, path), &st) && S_ISREG(st.st_mode) && st.st_size == 0 &&
           is_guarded(&st) && !unlink(lost(p, path));
}

/* One attempt; errno EEXIST: another server was faster. */
static int take(apr_pool_t *p, const char *path, int own, avcsec_counts_t *counts,
                const char **doubt, const char **error)
{
    bool is_own = own >= 0 && avcsec_file_lies_at(own, path);
    int old = is_own ? -1 : open_locked(p, path, error), fd;

    errno = 0;
    if (*error)
        return -1;
    *doubt = is_own ? "has another number of entries" : old < 0 ? "" : read_counts(old, counts);
    if ((!*doubt || !**doubt) && was_lost(p, path))
        *doubt = "does not have what was counted while there was no room for it";
    fd = place(p, path, counts, !is_own && old < 0, error);
    if (fd < 0 && !is_own && goes_on(old, counts, !*doubt, errno)) {
        *error = NULL;
        if (old < 0)
            note_loss(p, path);
        return old;
    }
    if (old >= 0)
        close(old);
    return fd;
}

int avcsec_store_disk_take(apr_pool_t *p, const char *path, int own, avcsec_counts_t *counts,
                           const char **doubt, const char **error)
{
    int fd = -1;

    for (int i = 0; i < TRIES && fd < 0; i++) {
        *error = NULL;
        fd = take(p, path, own, counts, doubt, error);
        if (fd < 0 && (!*error || errno != EEXIST))
            break;
    }
    return fd;
}

bool avcsec_store_disk_remove(apr_pool_t *p, const char *path)
{
    const char *error;
    int fd = open_locked(p, path, &error);
    bool is_removed = fd >= 0 && !unlink(path);

    if (fd >= 0)
        close(fd);
    return is_removed;
}

const char *avcsec_store_disk_reserve(apr_pool_t *p, int fd, size_t slots)
{
    const char *error = avcsec_store_check_limit(p, avcsec_store_size(slots));

    if (fd < 0)
        return "has no room for what is counted: the disk is full";
    errno = error ? 0 : posix_fallocate(fd, 0, avcsec_store_size(slots));
    return errno ? errno_text(p, "has no room for what is counted") : error;
}

void avcsec_store_disk_note(int fd, const avcsec_counts_t *counts)
{
    write_all(fd, &counts->seen, sizeof(counts->seen), offsetof(head_t, seen));
}

/* ---- The end ---- */

/* Somebody took the file away while the server ran. */
static int make_again(apr_pool_t *p, const char *path, const avcsec_counts_t *counts,
                      const char **error)
{
    int fd = place(p, path, counts, true, error);

    if (fd < 0 && errno == EEXIST)
        *error = "was replaced by another file, which stays as it is";
    return fd;
}

const char *avcsec_store_disk_write(apr_pool_t *p, const char *path, int fd,
                                    const avcsec_counts_t *counts)
{
    const size_t count = counts->uses.count;
    const char *error = avcsec_store_check_limit(p, avcsec_store_size(count));

    if (!error && !avcsec_file_lies_at(fd, path)) {
        if (fd >= 0)
            close(fd);
        if ((fd = make_again(p, path, counts, &error)) < 0)
            return error;
    }
    if (!error && (ftruncate(fd, avcsec_store_size(count)) ||
                   !write_all(fd, counts->uses.slots, size_of_slots(count), AVCSEC_STORE_HEAD) ||
                   fsync(fd) || !write_head(fd, counts, true)))
        error = errno_text(p, "cannot be written");
    if (fd >= 0)
        close(fd);
    return error;
}
