/* SPDX-License-Identifier: Apache-2.0
 *
 * Private directories and what lies in them.
 */
#include "httpd/state/places.h"

#include "httpd/config/config.h"
#include "httpd/state/mounts.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LINKS_MAX 40 /* as the kernel follows */

/* Something that is private: a directory, or what a mount shows of one. */
typedef struct {
    dev_t dev;
    ino_t ino;
    const char *directory;
} place_t;

typedef struct {
    size_t count, room;
    place_t place[];
} table_t;

static const char **configured; /* directories, in pconf's memory */
static size_t configured_count;

/* What is known now. Written by one thread at a time, a second after the last at the
 * earliest; read where a directory is met for the first time in a second. */
static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_mutex_t looking = PTHREAD_MUTEX_INITIALIZER;
static table_t *known;
static bool is_new = true;      /* this process has not looked yet */
static _Atomic bool has_mounts; /* beside the directories themselves */
static _Atomic int64_t looked_at;
static int mounts = -1;

/* ---- Learning ---- */

/* A list that grows; once there was no memory for it, it stays `is_short`. */
typedef struct {
    table_t *table;
    const char *directory; /* which is being added */
    bool is_short;
} list_t;

static void add(list_t *list, dev_t dev, ino_t ino)
{
    table_t *t = list->table;

    if (t->count == t->room) {
        t = realloc(t, sizeof(*t) + (2 * t->room + 1) * sizeof(t->place[0]));
        if (!t) {
            list->is_short = true;
            return;
        }
        t->room = 2 * t->room + 1;
        list->table = t;
    }
    t->place[t->count++] = (place_t){dev, ino, list->directory};
}

static void add_shown(void *list, const struct stat *shown)
{
    add(list, shown->st_dev, shown->st_ino);
}

static void add_mounts(list_t *list)
{
    char real[PATH_MAX];

    if (realpath(list->directory, real))
        avcsec_mounts_visit(mounts, real, add_shown, list);
}

/* What was known of a directory that cannot be looked at now. */
static void add_known(list_t *list)
{
    for (size_t i = 0; known && i < known->count; i++)
        if (known->place[i].directory == list->directory)
            add(list, known->place[i].dev, known->place[i].ino);
}

/* NULL without memory. */
static table_t *learn(void)
{
    list_t list = {.table = calloc(1, sizeof(table_t))};
    struct stat st;

    for (size_t i = 0; list.table && i < configured_count && !list.is_short; i++) {
        list.directory = configured[i];
        if (stat(configured[i], &st)) {
            add_known(&list);
            continue;
        }
        add(&list, st.st_dev, st.st_ino);
        add_mounts(&list);
    }
    if (list.table && !list.is_short) {
        has_mounts = list.table->count > configured_count;
        return list.table;
    }
    free(list.table);
    return NULL;
}

static bool is_where_it_was(const char *directory, const struct stat *st)
{
    for (size_t i = 0; known && i < known->count; i++)
        if (known->place[i].directory == directory && known->place[i].dev == st->st_dev &&
            known->place[i].ino == st->st_ino)
            return true;
    return false;
}

static bool has_changed(void)
{
    bool changed = avcsec_mounts_have_changed(mounts) || is_new;
    struct stat st;

    for (size_t i = 0; i < configured_count && !changed; i++)
        changed = !stat(configured[i], &st) && !is_where_it_was(configured[i], &st);
    return changed;
}

static void look(void)
{
    table_t *table, *old;

    if (pthread_mutex_trylock(&looking))
        return;
    if (has_changed() && (table = learn())) {
        is_new = false;
        pthread_rwlock_wrlock(&lock);
        old = known;
        known = table;
        pthread_rwlock_unlock(&lock);
        free(old);
    }
    pthread_mutex_unlock(&looking);
}

static int64_t this_second(void)
{
    struct timespec now;
    int64_t last = looked_at;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    if (now.tv_sec != last && atomic_compare_exchange_strong(&looked_at, &last, now.tv_sec))
        look();
    return now.tv_sec;
}

static apr_status_t forget(void *unused)
{
    (void)unused;
    free(known);
    known = NULL;
    configured_count = 0;
    return APR_SUCCESS;
}

static apr_status_t stop_watching(void *unused)
{
    (void)unused;
    close(mounts);
    mounts = -1;
    return APR_SUCCESS;
}

static bool is_listed(const char *directory)
{
    for (size_t i = 0; i < configured_count; i++)
        if (!strcmp(configured[i], directory))
            return true;
    return false;
}

int avcsec_places_note(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s)
{
    const apr_array_header_t *settings = avcsec_config_settings();

    (void)plog, (void)ptemp, (void)s;
    forget(NULL);
    configured = apr_palloc(pconf, ((size_t)settings->nelts + 1) * sizeof(*configured));
    for (int i = 0; i < settings->nelts; i++) {
        const avcsec_setting_t *setting = &APR_ARRAY_IDX(settings, i, avcsec_setting_t);
        const avcsec_files_t *files = setting->value;

        if (!strcmp(setting->directive, "AvcFiles") && !is_listed(files->directory))
            configured[configured_count++] = files->directory;
    }
    if (!configured_count)
        return OK;
    mounts = avcsec_mounts_open();
    known = learn();
    if (mounts >= 0)
        stop_watching(NULL);
    apr_pool_cleanup_register(pconf, NULL, forget, apr_pool_cleanup_null);
    return OK;
}

/* Each process has a list of its own: what one is told of is news no more for the others. */
void avcsec_places_watch(apr_pool_t *pchild, server_rec *s)
{
    (void)s;
    is_new = true;
    if (configured_count && (mounts = avcsec_mounts_open()) >= 0)
        apr_pool_cleanup_register(pchild, NULL, stop_watching, apr_pool_cleanup_null);
}

bool avcsec_places_are_there(void)
{
    return configured_count > 0;
}

/* ---- Telling ---- */

static const char *directory_of(const struct stat *st)
{
    const char *directory = NULL;

    pthread_rwlock_rdlock(&lock);
    if (!known)
        directory = configured[0];
    for (size_t i = 0; known && i < known->count && !directory; i++)
        if (known->place[i].dev == st->st_dev && known->place[i].ino == st->st_ino)
            directory = known->place[i].directory;
    pthread_rwlock_unlock(&lock);
    return directory;
}

/* Directories that a thread found elsewhere in this second. What is private is looked at anew
 * each time: a directory that is mounted into a private one as well stays what it is. */
#define FOUND 64
static _Thread_local struct {
    dev_t dev;
    ino_t ino;
    int64_t at;
} found[FOUND];

/* A file can be mounted by itself. */
static const char *directory_of_file(const struct stat *st)
{
    return has_mounts ? directory_of(st) : NULL;
}

static avcsec_place_of_t walk_up(const char *path, const char **directory)
{
    char real[PATH_MAX];
    struct stat st;

    if (!realpath(path, real))
        return AVCSEC_PLACE_UNKNOWN;
    for (char *end = real + strlen(real); end > real; end = strrchr(real, '/')) {
        *end = '\0';
        if (stat(*real ? real : "/", &st))
            return AVCSEC_PLACE_UNKNOWN;
        if ((*directory = directory_of(&st)))
            return AVCSEC_PLACE_PRIVATE;
    }
    return AVCSEC_PLACE_ELSEWHERE;
}

static avcsec_place_of_t find_directory(const char *path, const struct stat *st,
                                        const char **directory, int64_t now)
{
    size_t slot = ((size_t)st->st_ino ^ (size_t)st->st_dev) % FOUND;
    avcsec_place_of_t place;

    if (found[slot].at == now && found[slot].dev == st->st_dev && found[slot].ino == st->st_ino)
        return AVCSEC_PLACE_ELSEWHERE;
    place = walk_up(path, directory);
    if (place == AVCSEC_PLACE_ELSEWHERE) {
        found[slot].dev = st->st_dev;
        found[slot].ino = st->st_ino;
        found[slot].at = now;
    }
    return place;
}

/* The path without its last name; false at the root. */
static bool cut(char *path)
{
    char *slash = strrchr(path, '/');

    while (slash > path && slash[1] == '\0') { /* "a/" */
        *slash = '\0';
        slash = strrchr(path, '/');
    }
    if (!slash || (slash == path && !slash[1]))
        return false;
    slash[slash == path] = '\0';
    return true;
}

/* The path with what the link says in place of its last name. */
static bool follow(char *path, const char *link, size_t len)
{
    size_t before = *link == '/' ? 0 : (size_t)(strrchr(path, '/') - path) + 1;

    if (!len || before + len >= PATH_MAX)
        return false;
    memcpy(path + before, link, len);
    path[before + len] = '\0';
    return true;
}

/* Where a name leads that is no directory: a file, a link, or nothing. */
static avcsec_place_of_t find_name(char *path, const char **directory, int64_t now)
{
    char link[PATH_MAX];
    int links = 0;
    ssize_t len;
    struct stat st;

    for (;;) {
        if ((len = readlink(path, link, sizeof(link))) >= 0) {
            if (++links > LINKS_MAX || !follow(path, link, (size_t)len))
                return AVCSEC_PLACE_UNKNOWN;
        } else if (!cut(path))
            return AVCSEC_PLACE_ELSEWHERE;
        if (stat(path, &st))
            continue;
        if (S_ISDIR(st.st_mode))
            return find_directory(path, &st, directory, now);
        if ((*directory = directory_of_file(&st)))
            return AVCSEC_PLACE_PRIVATE;
    }
}

#define IDENTITY (APR_FINFO_TYPE | APR_FINFO_IDENT)

/* What is at the path; httpd may have looked already. */
static bool look_at(const char *path, const apr_finfo_t *there, struct stat *st)
{
    if (!there || (there->valid & IDENTITY) != IDENTITY ||
        (there->filetype != APR_REG && there->filetype != APR_DIR))
        return stat(path, st) == 0;
    st->st_dev = there->device;
    st->st_ino = there->inode;
    st->st_mode = there->filetype == APR_DIR ? S_IFDIR : S_IFREG;
    return true;
}

avcsec_place_of_t avcsec_places_find(const char *path, const apr_finfo_t *there,
                                     const char **directory)
{
    char copy[PATH_MAX];
    size_t len = strlen(path);
    int64_t now = this_second();
    struct stat st;

    *directory = NULL;
    if (len >= sizeof(copy))
        return AVCSEC_PLACE_UNKNOWN;
    memcpy(copy, path, len + 1);
    if (look_at(path, there, &st)) {
        if (S_ISDIR(st.st_mode))
            return find_directory(copy, &st, directory, now);
        if ((*directory = directory_of_file(&st)))
            return AVCSEC_PLACE_PRIVATE;
    }
    return find_name(copy, directory, now);
}
