/* SPDX-License-Identifier: Apache-2.0
 *
 * Uses, counted in a file that all processes map. The parent opens it; children and
 * later generations inherit the mapping. The file may be believed after a clean stop, or
 * while the server that maps it runs; after anything else a new one begins, and tokens
 * that are older than it count as used up.
 */
#include "httpd/state/store_kind.h"

#include "httpd/config/notice.h"
#include "httpd/state/keys.h"

#include "core/token/ledger.h"
#include "core/token/uses.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

APLOG_USE_MODULE(avcsec);

#define LAYOUT 2

/* The head of the file; the slots follow on the next page. */
typedef struct {
    char magic[16];
    uint32_t layout;
    uint32_t slots;
    int64_t born;              /* Unix seconds */
    int64_t rested, rested_ns; /* the file's own time when the server stopped */
    avcsec_mac_key_t seed;
    _Atomic uint32_t is_clean;      /* the server stopped and wrote all */
    _Atomic uint32_t is_superseded; /* another file counts now */
} head_t;

#define HEAD_SIZE 4096
_Static_assert(sizeof(head_t) <= HEAD_SIZE, "the head fits its page");

static const char magic[16] = "avcsec uses\n";

/* Outlives restarts; nothing in it points into this module. */
typedef struct {
    int layout;
    int fd;
    const char *path;
    uint32_t slots; /* not the head's: every child may write there */
    head_t *head;
} retained_t;

static retained_t *retained;

static retained_t *retain(void)
{
    /* Another layout may be of another size. */
    static const char name[] = "mod_avcsec store " APR_STRINGIFY(LAYOUT);

    if (!retained && !(retained = ap_retained_data_get(name)))
        retained = ap_retained_data_create(name, sizeof(*retained));
    return retained;
}

static size_t size_of(uint32_t slots)
{
    return HEAD_SIZE + slots * sizeof(avcsec_slot_t);
}

/* ---- Opening ---- */

static const char *errno_text(apr_pool_t *p, const char *what)
{
    char text[128];

    return apr_psprintf(p, "%s: %s", what, apr_strerror(errno, text, sizeof(text)));
}

/* Nobody else can have written it. */
static bool is_ours(const struct stat *st)
{
    return S_ISREG(st->st_mode) && (st->st_uid == 0 || st->st_uid == geteuid()) &&
           !(st->st_mode & 077);
}

/* It lies there as the server left it. A copy that is put back has another time, or was
 * changed later than it says: what was counted since is not in it. */
static bool is_untouched(const head_t *head, const struct stat *st)
{
    return st->st_mtim.tv_sec == head->rested && st->st_mtim.tv_nsec == head->rested_ns &&
           st->st_ctim.tv_sec - head->rested <= 1;
}

static bool is_believable(const head_t *head, uint32_t slots, const struct stat *st)
{
    return (size_t)st->st_size == size_of(slots) && !memcmp(head->magic, magic, sizeof(magic)) &&
           head->layout == LAYOUT && head->slots == slots && head->is_clean &&
           !head->is_superseded && is_untouched(head, st);
}

/* Keeps a second server from counting in the same file. */
static bool lock(int fd)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

    return fcntl(fd, F_SETLK, &whole) == 0;
}

static void *map(int fd, size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    return memory == MAP_FAILED ? NULL : memory;
}

/* An old file, if it is one that may be believed. Otherwise its counters are told to
 * refuse, for children of a server that died may still have it. */
static head_t *take_over(const char *path, uint32_t slots, int *fd, const char **busy)
{
    struct stat st;
    head_t *head;

    *busy = NULL;
    *fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (*fd < 0)
        return NULL;
    if (!lock(*fd)) {
        *busy = "is in use by another server; give each its own AvcStore";
        close(*fd);
        return NULL;
    }
    if (fstat(*fd, &st) || !is_ours(&st) || st.st_size < HEAD_SIZE ||
        !(head = map(*fd, (size_t)st.st_size))) {
        close(*fd);
        return NULL;
    }
    /* While this server counts in one file, it knows of no other what came after it. */
    if (!retained->head && is_believable(head, slots, &st))
        return head;
    head->is_superseded = 1;
    munmap(head, (size_t)st.st_size);
    close(*fd);
    return NULL;
}

/* Where something was counted before, tokens of this very second may have been used. */
static void begin(head_t *head, uint32_t slots, bool is_first)
{
    memcpy(head->magic, magic, sizeof(magic));
    head->layout = LAYOUT;
    head->slots = slots;
    head->born = apr_time_sec(apr_time_now()) + !is_first;
}

/* On a disk that is full later, a page that was never written would end the child. */
static bool reserve(int fd, size_t size)
{
    errno = posix_fallocate(fd, 0, (off_t)size);
    return errno == 0;
}

static head_t *create(apr_pool_t *p, const char *path, uint32_t slots, int *fd, const char **error)
{
    const char *fresh = apr_pstrcat(p, path, ".new", NULL);
    bool is_first = access(path, F_OK) != 0 && !retained->head;
    head_t *head = NULL;

    unlink(fresh);
    *fd = open(fresh, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (*fd < 0 || !reserve(*fd, size_of(slots)) || !lock(*fd) ||
        !(head = map(*fd, size_of(slots))) ||
        getrandom(head->seed.bytes, sizeof(head->seed.bytes), 0) != sizeof(head->seed.bytes) ||
        rename(fresh, path)) {
        *error = errno_text(p, "cannot be made");
        return NULL;
    }
    begin(head, slots, is_first);
    return head;
}

/* The file's time goes into its head, and then the file gets that time again. */
static void stamp(head_t *head, int fd)
{
    struct timespec times[2] = {{0, UTIME_OMIT}, {0, UTIME_NOW}};
    struct stat st;

    if (futimens(fd, times) || fstat(fd, &st))
        return;
    head->rested = st.st_mtim.tv_sec;
    head->rested_ns = st.st_mtim.tv_nsec;
    head->is_clean = 1;
    msync(head, HEAD_SIZE, MS_SYNC);
    times[1] = st.st_mtim;
    futimens(fd, times);
}

/* The server stops, or reads its configuration anew. */
static apr_status_t rest(void *pid)
{
    if (retained && retained->head && (pid_t)(intptr_t)pid == getpid()) {
        msync(retained->head, size_of(retained->slots), MS_SYNC);
        stamp(retained->head, retained->fd);
    }
    return APR_SUCCESS;
}

static const char *open_file(apr_pool_t *pconf, server_rec *main_server,
                             const avcsec_store_t *store)
{
    const char *error = NULL;
    int fd;

    if (!retain()->head || retained->layout != LAYOUT || strcmp(retained->path, store->path) ||
        retained->slots != store->slots) {
        head_t *head = take_over(store->path, store->slots, &fd, &error);

        if (!head && !error)
            head = create(pconf, store->path, store->slots, &fd, &error);
        if (!head)
            return apr_psprintf(pconf, "AvcStore %s %s", store->path, error);
        if (retained->head)
            retained->head->is_superseded = 1;
        *retained = (retained_t){LAYOUT, fd, apr_pstrdup(main_server->process->pool, store->path),
                                 store->slots, head};
    }
    /* On disk before anything is counted: what a crash leaves must not look clean. */
    retained->head->is_clean = 0;
    msync(retained->head, HEAD_SIZE, MS_SYNC);
    apr_pool_cleanup_register(pconf, (void *)(intptr_t)getpid(), rest, apr_pool_cleanup_null);
    return NULL;
}

void avcsec_store_file_leave(void)
{
    if (!retain()->head)
        return;
    retained->head->is_superseded = 1;
    munmap(retained->head, size_of(retained->slots));
    close(retained->fd);
    retained->head = NULL;
}

/* ---- Spending ---- */

static avcsec_uses_t uses_of(const retained_t *store)
{
    return (avcsec_uses_t){(avcsec_slot_t *)(void *)((char *)store->head + HEAD_SIZE),
                           store->slots};
}

/* 64 bits that nobody outside can choose; never 0. */
static uint64_t key_of(const server_rec *s, const avcsec_token_t *token,
                       const avcsec_address_t *client)
{
    unsigned char name[AVCSEC_MAC_BYTES];
    avcsec_mac_t *macs = avcsec_keys_mac();
    uint64_t key;

    if (!macs || !avcsec_ledger_name(token, client, avcsec_config_server(s)->realm,
                                     &retained->head->seed, macs, name))
        return 0;
    memcpy(&key, name, sizeof(key));
    return key ? key : 1;
}

/* False if nothing can be counted. */
static bool make_claim(const server_rec *s, const avcsec_token_t *token,
                       const avcsec_address_t *client, avcsec_claim_t *claim)
{
    if (!retained || !retained->head || retained->head->is_superseded)
        return false;
    claim->token = key_of(s, token, NULL);
    claim->client = client ? key_of(s, token, client) : 0;
    claim->max = (uint32_t)token->max;
    claim->until = token->exp;
    claim->grace = avcsec_config_use_grace(s);
    return claim->token && (!client || claim->client);
}

static avcsec_verdict_t spend(const server_rec *s, const avcsec_token_t *token,
                              const avcsec_address_t *client, int64_t now, bool *is_counted)
{
    avcsec_claim_t claim;
    avcsec_uses_t uses;

    *is_counted = false;
    if (!make_claim(s, token, client, &claim))
        return AVCSEC_STORE;
    if (token->iat < retained->head->born)
        return AVCSEC_USED_UP;
    uses = uses_of(retained);
    switch (avcsec_uses_claim(&uses, &claim, now)) {
    case AVCSEC_USE_GRANTED:
    case AVCSEC_USE_RUNNING:
        *is_counted = true;
        return AVCSEC_ALLOWED;
    case AVCSEC_USE_FULL:
        avcsec_log_notice(s, AVCSEC_NOTICE_STORE_FULL,
                          "AvcStore %s is full: give it more entries, or tokens shorter lives",
                          retained->path);
        return AVCSEC_STORE;
    case AVCSEC_USE_REFUSED:
        break;
    }
    return AVCSEC_USED_UP;
}

static bool is_running(const server_rec *s, const avcsec_token_t *token,
                       const avcsec_address_t *client, int64_t now)
{
    avcsec_claim_t claim;
    avcsec_uses_t uses;

    if (!make_claim(s, token, client, &claim))
        return false;
    uses = uses_of(retained);
    return avcsec_uses_is_running(&uses, &claim, now);
}

static void give_back(const server_rec *s, const avcsec_token_t *token,
                      const avcsec_address_t *client, int64_t now)
{
    avcsec_claim_t claim;
    avcsec_uses_t uses;

    if (!make_claim(s, token, client, &claim))
        return;
    uses = uses_of(retained);
    avcsec_uses_release(&uses, &claim, now);
}

/* Only AvcRevocations takes back here, and that is known already. */
static avcsec_verdict_t pass(const server_rec *s, const avcsec_token_t *token, int64_t now)
{
    (void)s, (void)token, (void)now;
    return AVCSEC_ALLOWED;
}

const avcsec_store_kind_t avcsec_store_file = {open_file, spend, is_running, give_back, pass};
