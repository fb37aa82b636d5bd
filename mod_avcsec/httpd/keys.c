/* SPDX-License-Identifier: Apache-2.0
 *
 * Key files: reading, publishing, looking up.
 */
#include "keys.h"

#include "log.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"

#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

APLOG_USE_MODULE(avcsec);

/* Of what outlives a restart. A new number starts afresh: an upgraded module is loaded
 * into the old process. */
#define LAYOUT "1"

/* Tells whether a file changed. */
typedef struct {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec modified, changed;
} identity_t;

/* In shared memory: the parent writes, children read. No pointers. */
struct avcsec_ring_t {
    _Atomic unsigned sequence; /* odd: being written */
    _Atomic int64_t read_at;   /* Unix seconds; 0: never */
    _Atomic int64_t last_used[AVCSEC_KEYRING_MAX];
    avcsec_keyring_t keys;
};

typedef struct {
    _Atomic uint64_t refused[AVCSEC_VERDICTS];
} counters_t;

/* What a file and a realm published; in the parent's memory, forked to children. */
typedef struct published_t {
    const char *path, *realm;
    bool is_mounted;
    identity_t identity; /* of the file that was last read, also of one that was refused */
    avcsec_ring_t *ring;
    struct published_t *next;
} published_t;

/* Outlives restarts, unloading of this module included: nothing in it points into it. */
typedef struct {
    bool is_started; /* a server of this process has had its keys */
    published_t *first;
    counters_t *counters;
} retained_t;

static retained_t *retained;

static retained_t *retain(void)
{
    static const char name[] = "mod_avcsec keys " LAYOUT;

    if (!retained && !(retained = ap_retained_data_get(name)))
        retained = ap_retained_data_create(name, sizeof(*retained));
    return retained;
}

bool avcsec_keys_is_restart(void)
{
    return retain()->is_started;
}

/* ---- Reading a file ---- */

static const char *check_file(const struct stat *st, bool is_mounted)
{
    if (!S_ISREG(st->st_mode))
        return "is not a regular file";
    if (st->st_uid != 0 && st->st_uid != geteuid())
        return "belongs neither to root nor to the user who starts the server; change its owner";
    if (st->st_mode & (is_mounted ? 037 : 077))
        return is_mounted ? "can be written by its group or read by others; give it mode 0440"
                          : "can be read by others than its owner; give it mode 0600";
    if (st->st_size > AVCSEC_KEY_FILE_MAX)
        return "is larger than 64 KiB";
    return NULL;
}

static const char *why_not_opened(apr_pool_t *p, int error, bool *is_denied)
{
    char text[128];

    *is_denied = error == EACCES && geteuid() != 0;
    if (error == ELOOP)
        return "is a symbolic link; name the file itself, or write \"mounted\" behind a container "
               "system's secret";
    return apr_psprintf(p, "cannot be opened: %s", apr_strerror(error, text, sizeof(text)));
}

static ssize_t read_all(int fd, char *buffer, size_t room)
{
    size_t len = 0;
    ssize_t n;

    while (len < room && (n = read(fd, buffer + len, room - len)) != 0) {
        if (n < 0 && errno != EINTR)
            return -1;
        len += n > 0 ? (size_t)n : 0;
    }
    return (ssize_t)len;
}

static const char *parse_file(apr_pool_t *p, int fd, const char *realm, avcsec_keyring_t *keys)
{
    char *text = malloc(AVCSEC_KEY_FILE_MAX + 1);
    ssize_t len = text ? read_all(fd, text, AVCSEC_KEY_FILE_MAX + 1) : -1;
    const char *error = "cannot be read";
    size_t line = 0;

    if (len >= 0)
        error = avcsec_keyring_parse((avcsec_slice_t){text, (size_t)len}, avcsec_slice_of(realm),
                                     keys, &line);
    if (text)
        avcsec_wipe(text, AVCSEC_KEY_FILE_MAX + 1);
    free(text);
    if (!error)
        return NULL;
    return line ? apr_psprintf(p, "line %" APR_SIZE_T_FMT ": %s", line, error)
                : apr_psprintf(p, "cannot be used: %s", error);
}

/* Reads a key file into `keys`. NULL, or why not; *identity is of what was looked at. */
static const char *read_file(apr_pool_t *p, const char *path, bool is_mounted, const char *realm,
                             avcsec_keyring_t *keys, identity_t *identity, bool *is_denied)
{
    int fd =
        open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (is_mounted ? 0 : O_NOFOLLOW));
    const char *error;
    struct stat st;

    *is_denied = false;
    *identity = (identity_t){.size = 0};
    if (fd < 0)
        return why_not_opened(p, errno, is_denied);
    if (fstat(fd, &st)) {
        error = "cannot be examined";
    } else {
        *identity = (identity_t){st.st_dev, st.st_ino, st.st_size, st.st_mtim, st.st_ctim};
        error = check_file(&st, is_mounted);
    }
    if (!error)
        error = parse_file(p, fd, realm, keys);
    close(fd);
    return error;
}

static void discard_keys(avcsec_keyring_t *keys)
{
    if (keys)
        avcsec_wipe(keys, AVCSEC_KEYRING_SIZE(keys->count));
    free(keys);
}

static const char *realm_or_none(const char *realm)
{
    return realm ? realm : "";
}

const char *avcsec_keys_check(apr_pool_t *p, const avcsec_key_file_t *file, const char *realm,
                              bool *is_denied, bool *has_password)
{
    avcsec_keyring_t *keys = calloc(1, sizeof(*keys));
    const char *error = "cannot be read: out of memory";
    identity_t identity;

    if (keys)
        error = read_file(p, file->path, file->is_mounted, realm_or_none(realm), keys, &identity,
                          is_denied);
    *has_password = false;
    for (size_t i = 0; keys && !error && i < keys->count; i++)
        *has_password |= keys->keys[i].kind == AVCSEC_PASSWORD;
    discard_keys(keys);
    return error;
}

/* ---- Publishing ---- */

static void *map_shared(size_t size)
{
    void *memory =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (memory == MAP_FAILED)
        return NULL;
    madvise(memory, size, MADV_DONTDUMP);
    return memory;
}

/* When a key was last used is kept across a changed file. */
static void carry_last_used(avcsec_ring_t *ring, const avcsec_keyring_t *fresh)
{
    int64_t used[AVCSEC_KEYRING_MAX] = {0};

    for (size_t i = 0; i < fresh->count; i++) {
        const avcsec_key_t *old =
            avcsec_keyring_find(&ring->keys, avcsec_slice_of(fresh->keys[i].kid));

        if (old)
            used[i] = atomic_load(&ring->last_used[old - ring->keys.keys]);
    }
    for (size_t i = 0; i < fresh->count; i++)
        atomic_store(&ring->last_used[i], used[i]);
}

static void publish(avcsec_ring_t *ring, const avcsec_keyring_t *fresh)
{
    size_t old_count = ring->keys.count;

    atomic_fetch_add(&ring->sequence, 1);
    atomic_thread_fence(memory_order_seq_cst);
    carry_last_used(ring, fresh);
    memcpy(&ring->keys, fresh, AVCSEC_KEYRING_SIZE(fresh->count));
    if (old_count > fresh->count)
        avcsec_wipe(&ring->keys.keys[fresh->count],
                    (old_count - fresh->count) * sizeof(avcsec_key_t));
    atomic_store(&ring->read_at, (int64_t)apr_time_sec(apr_time_now()));
    atomic_thread_fence(memory_order_seq_cst);
    atomic_fetch_add(&ring->sequence, 1);
}

/* Reads the file and publishes it; NULL, or why the old keys stay. */
static const char *refresh(apr_pool_t *p, published_t *published)
{
    avcsec_keyring_t *keys = calloc(1, sizeof(*keys));
    const char *error = "cannot be read: out of memory";
    bool is_denied;

    if (keys)
        error = read_file(p, published->path, published->is_mounted, published->realm, keys,
                          &published->identity, &is_denied);
    if (!error)
        publish(published->ring, keys);
    discard_keys(keys);
    return error;
}

static published_t *find_published(const avcsec_key_file_t *file, const char *realm)
{
    published_t *published = retain()->first;

    while (published && (strcmp(published->path, file->path) || strcmp(published->realm, realm) ||
                         published->is_mounted != file->is_mounted))
        published = published->next;
    return published;
}

static published_t *add_published(apr_pool_t *process, const avcsec_key_file_t *file,
                                  const char *realm)
{
    published_t *published = apr_pcalloc(process, sizeof(*published));

    published->path = apr_pstrdup(process, file->path);
    published->realm = apr_pstrdup(process, realm);
    published->is_mounted = file->is_mounted;
    published->ring = map_shared(sizeof(avcsec_ring_t));
    if (!published->ring)
        return NULL;
    published->next = retained->first;
    retained->first = published;
    return published;
}

static apr_status_t load_server(server_rec *s, apr_pool_t *pconf, bool is_cold)
{
    avcsec_server_t *server = avcsec_config_server(s);
    const char *realm = realm_or_none(server->realm), *error;
    published_t *published;

    server->ring = NULL;
    if (!server->key_file)
        return APR_SUCCESS;
    if (!(published = find_published(server->key_file, realm)) &&
        !(published = add_published(s->process->pool, server->key_file, realm)))
        return APR_ENOMEM;
    server->ring = published->ring;
    if (!(error = refresh(pconf, published)))
        return APR_SUCCESS;
    if (is_cold) {
        avcsec_log_notice(s, AVCSEC_NOTICE_CONFIG, "AvcKeyFile %s %s", published->path, error);
        return APR_EGENERAL;
    }
    avcsec_log_notice(s,
                      atomic_load(&published->ring->read_at) ? AVCSEC_NOTICE_KEYS_REFUSED
                                                             : AVCSEC_NOTICE_KEYS_MISSING,
                      "AvcKeyFile %s %s", published->path, error);
    return APR_SUCCESS;
}

apr_status_t avcsec_keys_load(apr_pool_t *pconf, server_rec *main_server)
{
    bool is_cold = !avcsec_keys_is_restart();
    apr_status_t rv;

    if (!retained->counters && !(retained->counters = map_shared(sizeof(counters_t))))
        return APR_ENOMEM;
    for (server_rec *s = main_server; s; s = s->next)
        if ((rv = load_server(s, pconf, is_cold)) != APR_SUCCESS)
            return rv;
    retained->is_started = true;
    return APR_SUCCESS;
}

static bool is_unchanged(const published_t *published)
{
    struct stat st;
    identity_t now = {.size = 0};

    if ((published->is_mounted ? stat : lstat)(published->path, &st) == 0)
        now = (identity_t){st.st_dev, st.st_ino, st.st_size, st.st_mtim, st.st_ctim};
    return now.device == published->identity.device && now.inode == published->identity.inode &&
           now.size == published->identity.size &&
           !memcmp(&now.modified, &published->identity.modified, sizeof(now.modified)) &&
           !memcmp(&now.changed, &published->identity.changed, sizeof(now.changed));
}

/* A link or an unreadable file gives no identity while it is opened; what lstat sees is
 * remembered, so that it is reported once. */
static void remember_refused(published_t *published)
{
    struct stat st;

    if (!published->identity.inode && lstat(published->path, &st) == 0)
        published->identity =
            (identity_t){st.st_dev, st.st_ino, st.st_size, st.st_mtim, st.st_ctim};
}

static bool is_configured(const server_rec *s, const avcsec_ring_t *ring)
{
    while (s && avcsec_config_server(s)->ring != ring)
        s = s->next;
    return s != NULL;
}

void avcsec_keys_refresh(apr_pool_t *p, server_rec *main_server)
{
    const char *error;

    for (published_t *published = retain()->first; published; published = published->next) {
        /* A file that no configuration names any more may go without a word. */
        if (!is_configured(main_server, published->ring) || is_unchanged(published))
            continue;
        if ((error = refresh(p, published))) {
            remember_refused(published);
            avcsec_log_notice(main_server, AVCSEC_NOTICE_KEYS_REFUSED,
                              "AvcKeyFile %s %s; the keys read before stay", published->path,
                              error);
        } else
            avcsec_log_notice(main_server, AVCSEC_NOTICE_KEYS_CHANGED,
                              "AvcKeyFile %s changed and is in use", published->path);
    }
}

/* ---- Looking up, in children ---- */

/* A reader that met a writer tries again; a writer that died leaves an odd number, and
 * then there is no key: refused. */
#define TRIES 1000

static bool begin_read(const avcsec_ring_t *ring, unsigned *sequence)
{
    *sequence = atomic_load_explicit(&ring->sequence, memory_order_acquire);
    if (*sequence & 1)
        sched_yield();
    return !(*sequence & 1);
}

static bool was_steady(const avcsec_ring_t *ring, unsigned sequence)
{
    atomic_thread_fence(memory_order_acquire);
    return atomic_load_explicit(&ring->sequence, memory_order_relaxed) == sequence;
}

static bool find_key(void *baton, avcsec_slice_t kid, avcsec_key_t *key)
{
    const avcsec_ring_t *ring = baton;
    unsigned sequence;

    for (int i = 0; ring && i < TRIES; i++) {
        const avcsec_key_t *found;

        if (!begin_read(ring, &sequence))
            continue;
        if ((found = avcsec_keyring_find(&ring->keys, kid)))
            *key = *found;
        if (was_steady(ring, sequence))
            return found != NULL;
    }
    return false;
}

/* Copies the key at that place; false behind the last. */
static bool copy_key(const avcsec_ring_t *ring, size_t place, avcsec_key_t *key)
{
    unsigned sequence;

    for (int i = 0; i < TRIES; i++) {
        bool is_there;

        if (!begin_read(ring, &sequence))
            continue;
        is_there = place < AVCSEC_KEYRING_MAX && place < ring->keys.count;
        if (is_there)
            *key = ring->keys.keys[place];
        if (was_steady(ring, sequence))
            return is_there;
    }
    return false;
}

avcsec_keys_t avcsec_keys_of(const server_rec *s)
{
    return (avcsec_keys_t){find_key, avcsec_config_server(s)->ring};
}

bool avcsec_keys_has(const server_rec *s)
{
    return avcsec_config_server(s)->ring != NULL;
}

bool avcsec_keys_is_password(const server_rec *s, avcsec_slice_t text, int64_t now,
                             char kid[AVCSEC_KID_MAX + 1])
{
    const avcsec_ring_t *ring = avcsec_config_server(s)->ring;
    bool is_one = false;
    avcsec_key_t key;

    for (size_t i = 0; ring && copy_key(ring, i, &key); i++)
        if (avcsec_key_is_password(&key, text, now)) {
            memcpy(kid, key.kid, AVCSEC_KID_MAX + 1);
            is_one = true;
        }
    avcsec_wipe(&key, sizeof(key));
    return is_one;
}

void avcsec_keys_used(const server_rec *s, avcsec_slice_t kid, int64_t now)
{
    avcsec_ring_t *ring = avcsec_config_server(s)->ring;
    const avcsec_key_t *key = ring ? avcsec_keyring_find(&ring->keys, kid) : NULL;
    _Atomic int64_t *last_used = key ? &ring->last_used[key - ring->keys.keys] : NULL;

    /* Once a second: the line of memory is shared by all children. */
    if (last_used && atomic_load_explicit(last_used, memory_order_relaxed) != now)
        atomic_store_explicit(last_used, now, memory_order_relaxed);
}

avcsec_mac_t *avcsec_keys_mac(void)
{
    /* Lives as long as its thread; worker threads live as long as their process. */
    static _Thread_local avcsec_mac_t *mac;

    if (!mac)
        mac = avcsec_mac_create();
    return mac;
}

/* ---- Status ---- */

void avcsec_keys_count(avcsec_verdict_t verdict)
{
    if (retained && retained->counters)
        atomic_fetch_add_explicit(&retained->counters->refused[verdict], 1, memory_order_relaxed);
}

uint64_t avcsec_keys_counted(avcsec_verdict_t verdict)
{
    return retained && retained->counters ? atomic_load(&retained->counters->refused[verdict]) : 0;
}

void avcsec_keys_walk(const server_rec *main_server, avcsec_keys_visit_t *visit, void *baton)
{
    avcsec_key_t key;

    for (const published_t *p = retained ? retained->first : NULL; p; p = p->next) {
        int64_t read_at = atomic_load(&p->ring->read_at);

        if (!is_configured(main_server, p->ring))
            continue;
        visit(baton, p->path, p->realm, read_at, NULL, 0);
        for (size_t i = 0; copy_key(p->ring, i, &key); i++)
            visit(baton, p->path, p->realm, read_at, &key, atomic_load(&p->ring->last_used[i]));
    }
    avcsec_wipe(&key, sizeof(key));
}
