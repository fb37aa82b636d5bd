/* SPDX-License-Identifier: Apache-2.0
 *
 * Key files: reading and publishing.
 */
#include "httpd/state/keys.h"

#include "httpd/config/notice.h"
#include "httpd/config/phase.h"
#include "httpd/state/key_ring.h"
#include "httpd/state/keyfile.h"
#include "httpd/state/shared.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

APLOG_USE_MODULE(avcsec);

/* Of what outlives a restart. A new number starts afresh: an upgraded module is loaded
 * into the old process. */
#define LAYOUT "4"

typedef struct {
    _Atomic uint64_t refused[AVCSEC_VERDICTS];
} counters_t;

/* What a file and a realm published; in the parent's memory, forked to children. What the parent
 * has to know of it stands here: what children may have written it does not read. */
typedef struct published_t {
    avcsec_keyfile_t file;
    avcsec_keyfile_state_t state;
    avcsec_ring_t ring;
    avcsec_keyring_t *known; /* of its keys, ids and names of PEM files; NULL: none was read */
    unsigned sequence;
    struct published_t *next;
} published_t;

/* Outlives restarts, unloading of this module included: nothing in it points into it. */
typedef struct {
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

/* ---- Reading ---- */

static void discard_keys(avcsec_keyring_t *keys)
{
    if (keys)
        avcsec_wipe(keys, AVCSEC_KEYRING_SIZE(keys->count));
    free(keys);
}

/* Some place of this server issues JWTs: it needs the secrets that sign them. */
static bool signs_jwt(const server_rec *s)
{
    const apr_array_header_t *settings = avcsec_config_settings();

    for (int i = 0; i < settings->nelts; i++) {
        const avcsec_setting_t *setting = &APR_ARRAY_IDX(settings, i, avcsec_setting_t);
        const avcsec_token_format_t *format = setting->value;

        if (!strcmp(setting->directive, "AvcTokenFormat") && format->is_jwt &&
            (setting->server == s || !setting->server->is_virtual))
            return true;
    }
    return false;
}

avcsec_keyfile_t avcsec_keys_file_of(const server_rec *s)
{
    const avcsec_server_t *server = avcsec_config_server(s);

    return (avcsec_keyfile_t){server->key_file->path, server->realm ? server->realm : "",
                              server->key_file->is_mounted, signs_jwt(s)};
}

/* ---- Publishing ---- */

/* A copy without secrets, of the size that it takes: children that live longer than a key
 * have it, too. */
static avcsec_keyring_t *remember(const avcsec_keyring_t *fresh)
{
    avcsec_keyring_t *known = calloc(1, AVCSEC_KEYRING_SIZE(fresh->count));

    for (size_t i = 0; known && i < fresh->count; i++) {
        const avcsec_key_t *key = &fresh->keys[i];

        memcpy(known->keys[i].kid, key->kid, sizeof(key->kid));
        known->keys[i].kind = key->kind;
        if (key->kind == AVCSEC_ED25519 || key->kind == AVCSEC_ES256)
            known->keys[i].u.text = key->u.text;
        known->count = i + 1;
    }
    return known;
}

/* When a key was last used is kept across a changed file. */
static void carry_last_used(const published_t *published, const avcsec_keyring_t *fresh)
{
    _Atomic int64_t *last_used = published->ring.last_used;
    int64_t used[AVCSEC_KEYRING_MAX] = {0};

    for (size_t i = 0; published->known && i < fresh->count; i++) {
        const avcsec_key_t *old =
            avcsec_keyring_find(published->known, avcsec_slice_of(fresh->keys[i].kid));

        if (old)
            used[i] = atomic_load(&last_used[old - published->known->keys]);
    }
    for (size_t i = 0; i < fresh->count; i++)
        atomic_store(&last_used[i], used[i]);
}

/* False, and nothing is published, if there is no memory. */
static bool publish(published_t *published, const avcsec_keyring_t *fresh)
{
    avcsec_published_keys_t *shared = published->ring.published;
    size_t old_count = published->known ? published->known->count : 0;
    avcsec_keyring_t *known = remember(fresh);

    if (!known)
        return false;
    atomic_store(&shared->sequence, ++published->sequence);
    atomic_thread_fence(memory_order_seq_cst);
    carry_last_used(published, fresh);
    memcpy(&shared->keys, fresh, AVCSEC_KEYRING_SIZE(fresh->count));
    if (old_count > fresh->count)
        avcsec_wipe(&shared->keys.keys[fresh->count],
                    (old_count - fresh->count) * sizeof(avcsec_key_t));
    atomic_store(&shared->read_at, (int64_t)apr_time_sec(apr_time_now()));
    atomic_thread_fence(memory_order_seq_cst);
    atomic_store(&shared->sequence, ++published->sequence);
    free(published->known);
    published->known = known;
    return true;
}

static const avcsec_keyring_t *known_of(const published_t *published)
{
    static const avcsec_keyring_t none;

    return published->known ? published->known : &none;
}

/* Reads the file and publishes it; NULL, or why the old keys stay. */
static const char *refresh(apr_pool_t *p, published_t *published)
{
    avcsec_keyring_t *keys = calloc(1, sizeof(*keys));
    const char *error = "cannot be read: out of memory";
    bool is_denied;

    if (keys)
        error = avcsec_keyfile_read(p, &published->file, keys, &published->state, &is_denied);
    if (!error && !publish(published, keys))
        error = "cannot be used: out of memory";
    avcsec_keyfile_note(p, &published->file, known_of(published), &published->state);
    discard_keys(keys);
    return error;
}

static published_t *find_published(const avcsec_keyfile_t *file)
{
    published_t *published = retain()->first;

    while (published && (strcmp(published->file.path, file->path) ||
                         strcmp(published->file.realm, file->realm) ||
                         published->file.is_mounted != file->is_mounted ||
                         published->file.signs_jwt != file->signs_jwt))
        published = published->next;
    return published;
}

static published_t *add_published(apr_pool_t *process, const avcsec_keyfile_t *file)
{
    published_t *published = apr_pcalloc(process, sizeof(*published));

    published->file = *file;
    published->file.path = apr_pstrdup(process, file->path);
    published->file.realm = apr_pstrdup(process, file->realm);
    published->ring.published = avcsec_shared_publish(process, sizeof(avcsec_published_keys_t));
    published->ring.last_used = avcsec_shared_count(AVCSEC_KEYRING_MAX * sizeof(int64_t));
    if (!published->ring.published || !published->ring.last_used)
        return NULL;
    published->next = retained->first;
    retained->first = published;
    return published;
}

/* NULL, or why a start ends. */
static const char *load_server(server_rec *s, apr_pool_t *pconf)
{
    avcsec_server_t *server = avcsec_config_server(s);
    avcsec_keyfile_t file;
    published_t *published;
    const char *error = "cannot be used: out of memory";

    server->ring = NULL;
    if (!server->key_file)
        return NULL;
    file = avcsec_keys_file_of(s);
    if (!(published = find_published(&file)))
        published = add_published(s->process->pool, &file);
    if (published) {
        server->ring = &published->ring;
        error = refresh(pconf, published);
    }
    if (error && avcsec_phase_is_restart()) {
        avcsec_log_notice(s,
                          published && published->known ? AVCSEC_NOTICE_KEYS_REFUSED
                                                        : AVCSEC_NOTICE_KEYS_MISSING,
                          "AvcKeyFile %s %s", server->key_file->path, error);
        error = NULL;
    }
    return error ? apr_psprintf(pconf, "AvcKeyFile %s %s", server->key_file->path, error) : NULL;
}

const char *avcsec_keys_load(apr_pool_t *pconf, server_rec *main_server)
{
    const char *error = NULL;

    /* Without them nothing is counted for server-status. */
    if (!retain()->counters)
        retained->counters = avcsec_shared_count(sizeof(counters_t));
    for (server_rec *s = main_server; s && !error; s = s->next)
        error = load_server(s, pconf);
    return error;
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
        if (!is_configured(main_server, &published->ring) ||
            avcsec_keyfile_is_unchanged(p, &published->file, known_of(published),
                                        &published->state))
            continue;
        if ((error = refresh(p, published)))
            avcsec_log_notice(main_server, AVCSEC_NOTICE_KEYS_REFUSED,
                              "AvcKeyFile %s %s; the keys read before stay", published->file.path,
                              error);
        else
            avcsec_log_notice(main_server, AVCSEC_NOTICE_KEYS_CHANGED,
                              "AvcKeyFile %s changed and is in use", published->file.path);
    }
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
        int64_t read_at = atomic_load(&p->ring.published->read_at);

        if (!is_configured(main_server, &p->ring))
            continue;
        visit(baton, p->file.path, p->file.realm, read_at, NULL, 0);
        for (size_t i = 0; avcsec_ring_copy(&p->ring, i, &key); i++)
            visit(baton, p->file.path, p->file.realm, read_at, &key,
                  atomic_load(&p->ring.last_used[i]));
    }
    avcsec_wipe(&key, sizeof(key));
}
